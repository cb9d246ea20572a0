"""Workbooks of the rarer kinds (.xls, .ods): the same cells, the same hidden rows, the same refusals."""

import datetime as dt
import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.sheets.reading import read_sheet
from batch_dialer.sheets.workbook import package

Table = list[tuple[int, list[str | None]]]

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODF = "urn:oasis:names:tc:opendocument:xmlns"


def rows(sheet: Sheet) -> Table:
    return [(row[0], list(row[1:])) for row in sheet.cells.rows()]


def refusal(path: Path) -> BadSheet:
    with pytest.raises(BadSheet) as caught:
        read_sheet(path)
    assert caught.value.what.startswith(path.name)
    return caught.value


def xls(
    table: list[list[Any]],
    hidden: tuple[int, ...] = (),
    *,
    errors: dict[tuple[int, int], str] | None = None,
    more: bool = False,
) -> bytes:
    book = xlwt.Workbook()
    if more:
        book.add_sheet("Old").visibility = 1
    sheet = book.add_sheet("People")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for y, line in enumerate(table):
        for x, value in enumerate(line):
            if value is not None:
                sheet.write(y, x, value, *([day] if isinstance(value, dt.date) else []))
    for (y, x), error in (errors or {}).items():
        sheet.row(y).set_cell_error(x, error)
    for row in hidden:
        sheet.row(row - 1).hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(body: str, *, styles: str = "", manifest: str = "<m/>") -> bytes:
    names = " ".join(f'xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "table", "text", "style"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", manifest)
        book.writestr(
            "content.xml",
            f"<office:document-content {names}>{styles}<office:body><office:spreadsheet>{body}</office:spreadsheet>"
            "</office:body></office:document-content>",
        )
    return out.getvalue()


def test_an_xls_is_read_with_its_hidden_rows_dates_and_errors(tmp_path: Path) -> None:
    table: list[list[Any]] = [
        [None, "phone", "name", "day"],
        [None, 14155550101, "Zoë\n😀", dt.date(2026, 12, 1)],
        [None, "+1415", None, True],
        [None, None, "end"],
    ]
    path = tmp_path / "people.xls"
    path.write_bytes(xls(table, hidden=(3,), errors={(2, 2): "#DIV/0!"}, more=True))
    sheet = read_sheet(path)
    assert sheet.headers[-3:] == ("phone", "name", "day")
    assert [line[-3:] for _, line in rows(sheet)][:2] == [
        ["14155550101", "Zoë\n😀", "2026-12-01"],
        ["+1415", "#DIV/0!", "TRUE"],
    ]
    assert ([row for row, _ in rows(sheet)], sheet.hidden) == ([2, 3, 4], frozenset({3}))
    assert 'worksheet "People", the only one that is visible and filled' in sheet.notes


def test_rows_of_an_xls_that_say_nothing_are_hidden_where_the_worksheet_says_so(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("People")
    for y in range(4):
        sheet.write(y, 0, str(y))
    sheet.row_default_hidden = True
    out = io.BytesIO()
    book.save(out)
    row = struct.pack("<HHH", 0x208, 16, 2)
    assert out.getvalue().count(row) == 1
    nameless = struct.pack("<HHH", 0x2FF, 16, 2)
    (tmp_path / "a.xls").write_bytes(out.getvalue().replace(row, nameless))
    assert read_sheet(tmp_path / "a.xls").hidden == frozenset({3})


def test_the_rows_of_a_folded_group_are_hidden(tmp_path: Path) -> None:
    row = "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"
    group = '<table:table-row-group table:display="{}">{}</table:table-row-group>'
    folded = group.format("false", row + group.format("true", row) + row)
    body = f'<table:table table:name="A">{row}{folded}{row}{group.format("true", row)}</table:table>'
    (tmp_path / "a.ods").write_bytes(ods(body))
    assert read_sheet(tmp_path / "a.ods").hidden == frozenset({2, 3, 4})


def test_an_ods_is_read_as_it_is_shown(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="{}" {}><text:p>{}</text:p></table:table-cell>'
    body = "".join([
        '<table:table table:name="Old" table:style-name="ta2"><table:table-row>',
        cell.format("string", "", "x"), "</table:table-row></table:table>",
        '<table:table table:name="People"><table:table-row>',
        *(cell.format("string", "", name) for name in ("phone", "when", "share", "note")), "</table:table-row>",
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row><table:table-row>',
        cell.format("float", 'office:value="14155550101"', "1.4E+10"),
        cell.format("date", 'office:date-value="2026-12-01T09:30:00"', "1 Dec, 9:30 AM"),
        cell.format("percentage", 'office:value="0.15"', "15%"),
        cell.format("string", "", 'a<text:s text:c="2"/>b</text:p><text:p>c'), "</table:table-row>",
        '<table:table-row table:visibility="filter">', cell.format("string", "", "#N/A"),
        ('<table:table-cell office:value-type="string"><office:annotation><text:p>no</text:p></office:annotation>'
        "<text:p>yes</text:p></table:table-cell>"), "</table:table-row>",
        ('<table:table-row table:number-rows-repeated="1048000"><table:table-cell'
        ' table:number-columns-repeated="16384"/></table:table-row></table:table>'),
    ])  # fmt: skip
    hide = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    (tmp_path / "people.ods").write_bytes(ods(body, styles=hide))
    sheet = read_sheet(tmp_path / "people.ods")
    assert sheet.headers == ("phone", "when", "share", "note")
    assert rows(sheet) == [
        (4, ["14155550101", "2026-12-01 09:30", "15%", "a  b\nc"]),
        (5, ["#N/A", "yes", None, None]),
    ]
    assert sheet.hidden == frozenset({5})


@pytest.mark.parametrize(
    ("kind", "value", "shown", "text"),
    [
        ("float", 'value="1250.4567"', "1,250.46", "1,250.46"),
        ("float", 'value="1250.4567"', "1.250,46", "1,250.46"),
        ("float", 'value="1250.4567"', "1\u202f250,5", "1,250.5"),
        ("float", 'value="1.234"', "1,234", "1.234"),
        ("float", 'value="1234"', "1.234", "1,234"),
        ("float", 'value="2134"', "02134", "02134"),
        ("float", 'value="21341234"', "02134-1234", "02134-1234"),
        ("float", 'value="4155550101"', "(415) 555-0101", "(415) 555-0101"),
        ("float", 'value="14155550101"', "1.42E+10", "14155550101"),
        ("float", 'value="0.5"', "0,50", "0.50"),
        ("float", 'value="5"', "5 kg", "5 kg"),
        ("float", 'value="-1250.5"', "(1.250,50)", "(1,250.50)"),
        ("float", 'value="1.375"', "1  3/8 ", "1 3/8"),
        ("float", 'value="1234.5"', "1.234,50 kr", "1,234.50 kr"),
        ("percentage", 'value="0.155"', "15,50 %", "15.50 %"),
        ("percentage", 'value="-0.005"', "-0.50%", "-0.50%"),
        ("float", 'value="0.150000000000000000005"', "15%", "15%"),
        ("currency", 'value="-1250.5"', "-1.250,50 €", "-1,250.50"),
        ("date", 'date-value="2026-12-01T09:30:00"', "01.12.26", "2026-12-01"),
        ("date", 'date-value="2026-12-01T09:30:59"', "01.12.26 09:30", "2026-12-01 09:30"),
        ("date", 'date-value="2026-12-01"', "01.12.26", "2026-12-01"),
        ("time", 'time-value="PT26H30M00S"', "26:30", "26:30"),
        ("time", 'time-value="PT00H30M15S"', "30:15", "00:30:15"),
    ],
)
def test_a_cell_of_an_ods_is_as_shown_in_one_notation(
    tmp_path: Path, kind: str, value: str, shown: str, text: str
) -> None:
    cell = f'<table:table-cell office:value-type="{kind}" office:{value}><text:p>{shown}</text:p></table:table-cell>'
    head = "<table:table-row><table:table-cell><text:p>h</text:p></table:table-cell></table:table-row>"
    body = f'<table:table table:name="A">{head}<table:table-row>{cell}</table:table-row></table:table>'
    (tmp_path / "a.ods").write_bytes(ods(body))
    assert rows(read_sheet(tmp_path / "a.ods")) == [(2, [text])]


def test_an_xlsb_is_refused_with_the_way_out(tmp_path: Path) -> None:
    """f11: a workbook of which a reader that understood half would have given one column of nine."""
    path = tmp_path / "people.xlsb"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("xl/workbook.bin", b"\x83\x01\x00")
    said = refusal(path)
    assert "an Excel binary workbook (.xlsb)" in said.what
    assert "save it as an Excel workbook (.xlsx)" in said.remedy


HEADERS = ["phone", "day", "moment", "time", "share", "rate", "price", "number", "great", "truth", "area"]
FORMATS = [
    "0",
    "yyyy-mm-dd",
    "yyyy-mm-dd hh:mm",
    "hh:mm",
    "0%",
    "0.00%",
    "[$€-2] #,##0.00",
    "#,##0.00",
    None,
    None,
    None,
]
FIRST: list[Any] = [14155550101, dt.date(2026, 12, 1), dt.datetime(2026, 12, 1, 9, 30), dt.time(9, 30)]  # noqa: DTZ001  (a cell's)
FIRST += [0.15, 0.0725, 12.5, 1234.5, 98765432.1, True, "North"]
SECOND: list[Any] = [14155550102, dt.date(2026, 1, 31), dt.datetime(2026, 1, 31, 23, 59, 59), dt.time(0, 0, 1)]  # noqa: DTZ001
SECOND += [1, -0.005, 0, 0.1, 1e15, False, None]
SHOWN = [
    (2, ["14155550101", "2026-12-01", "2026-12-01 09:30", "09:30", "15%", "7.25%", "12.50", "1,234.50", "98765432.1",
         "TRUE", "North"]),
    (3, ["14155550102", "2026-01-31", "2026-01-31 23:59", "00:00", "100%", "-0.50%", "0.00", "0.10",
         "1000000000000000", "FALSE", None]),
]  # fmt: skip
MERGED = "1 merged over several rows: only the first of these rows has the value"


def table_in_xlsx() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in (HEADERS, FIRST, SECOND):
        sheet.append(line)
    for x, form in enumerate(FORMATS, start=1):
        for y in (2, 3):
            if form:
                sheet.cell(y, x).number_format = form
    sheet.merge_cells("K2:K3")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table_in_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("People")
    for x, (header, first, second, form) in enumerate(zip(HEADERS, FIRST, SECOND, FORMATS, strict=True)):
        style = xlwt.easyxf(num_format_str=form or "General")
        sheet.write(0, x, header)
        if second is None:
            sheet.write_merge(1, 2, x, x, first, style)
        else:
            sheet.write(1, x, first, style)
            sheet.write(2, x, second, style)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsx", table_in_xlsx()),
        ("a.xls", table_in_xls()),
        ("a.ods", (Path(__file__).parent / "table.ods").read_bytes()),  # the .xlsx, saved by LibreOffice
    ],
    ids=["xlsx", "xls", "ods"],
)
def test_a_table_is_the_same_in_every_kind_of_workbook(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    sheet = read_sheet(tmp_path / name)
    assert (sheet.headers, rows(sheet)) == (tuple(HEADERS), SHOWN)
    assert MERGED in sheet.notes


@pytest.mark.parametrize("at_once", [60, 700])
def test_an_ods_is_the_same_in_however_many_pieces_it_is_read(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(package, "_CHUNK", at_once)
    sheet = read_sheet(Path(__file__).parent / "table.ods")
    assert (sheet.headers, rows(sheet)) == (tuple(HEADERS), SHOWN)


def test_a_row_of_an_ods_with_more_parts_than_memory_takes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "MOST_INSIDE", 9)
    row = "<table:table-row>" + 9 * "<table:table-cell/>" + "{}</table:table-row>"
    body = '<table:table table:name="A">' + 2 * row + "</table:table>"
    (tmp_path / "a.ods").write_bytes(ods(body.format("", "")))
    assert "holds no text" in refusal(tmp_path / "a.ods").what
    (tmp_path / "a.ods").write_bytes(ods(body.format("", "<table:table-cell/>")))
    assert "more than a million parts" in refusal(tmp_path / "a.ods").what


def test_a_table_in_a_cell_of_an_ods_is_no_part_of_the_worksheet(tmp_path: Path) -> None:
    cell = "<table:table-cell>{}<text:p>{}</text:p></table:table-cell>"
    inner = f'<table:table table:name="B"><table:table-row>{cell.format("", "b")}</table:table-row></table:table>'
    line = f"<table:table-row>{cell.format(inner, 'a')}{cell.format('', 'c')}</table:table-row>"
    (tmp_path / "a.ods").write_bytes(ods(f'<table:table table:name="A">{2 * line}</table:table>'))
    sheet = read_sheet(tmp_path / "a.ods")
    assert (sheet.headers, rows(sheet)) == (("a", "c"), [(2, ["a", "c"])])


def test_an_ods_that_declares_a_document_type_is_refused(tmp_path: Path) -> None:
    whole = ods('<table:table table:name="A"/>')
    with zipfile.ZipFile(io.BytesIO(whole)) as book:
        content = book.read("content.xml").decode()
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as book:
        book.writestr("content.xml", f'<!DOCTYPE x [<!ENTITY a "a">]>{content}')
    assert "DOCTYPE" in refusal(tmp_path / "a.ods").what


def test_many_numbers_in_one_record_of_an_xls_have_each_its_format(tmp_path: Path) -> None:
    """Excel writes neighbours so; a formula's number has a format, too, and its text has none."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("People")
    shares = [xlwt.easyxf(num_format_str=form) for form in ("0%", "General", "0.0%")]
    for x in range(3):
        sheet.write(0, x, f"c{x}")
        sheet.write(1, x, 5, shares[x])
    sheet.write(2, 0, xlwt.Formula("5"), shares[0])
    out = io.BytesIO()
    book.save(out)
    (tmp_path / "a.xls").write_bytes(out.getvalue())
    assert struct.pack("<4H", 0xBD, 24, 1, 0) in out.getvalue(), "it is one record"
    assert rows(read_sheet(tmp_path / "a.xls"))[0] == (2, ["500%", "5", "500.0%"])


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        pytest.param("a.xls", xls([["x"]])[:900], "damaged", id="half an xls"),
        pytest.param("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9000), "damaged", id="an xls of zeros"),
        pytest.param(
            "a.ods",
            ods('<table:table table:name="A"><table:table-row table:number-rows-repeated="99999999"><table:table-cell'
                ' table:number-columns-repeated="16000"><text:p>x</text:p></table:table-cell></table:table-row>'
                "</table:table>"),
            "cannot be read safely", id="a cell that stands for all",
        ),
        pytest.param("a.ods", ods('<table:table table:name="A"/>'), "holds no text", id="an empty ods"),
        pytest.param("a.ods", ods(""), "no worksheet", id="no worksheet"),
        pytest.param("a.ods", ods("<table:table>"), "damaged", id="not XML"),
        pytest.param("a.ods", ods("", manifest="<m><encryption-data/></m>"), "password", id="an ods with a password"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_words(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert says in refusal(tmp_path / name).what


@settings(max_examples=15, deadline=None)
@given(
    data=st.sampled_from([
        ("a.xls", xls([["phone", "name"], ["+1", "x"]])),
        ("a.ods", ods('<table:table table:name="A"><table:table-row><table:table-cell><text:p>x</text:p>'
                      "</table:table-cell></table:table-row></table:table>")),
    ]),
    position=st.floats(0, 0.999), junk=st.binary(min_size=1, max_size=8), cut=st.booleans(),
)  # fmt: skip
def test_damaged_ones_are_a_sheet_or_bad_in_words(
    tmp_path_factory: pytest.TempPathFactory, data: tuple[str, bytes], position: float, junk: bytes, *, cut: bool
) -> None:
    name, whole = data
    at = int(position * len(whole))
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(whole[:at] if cut else whole[:at] + junk + whole[at + len(junk) :])
    try:
        sheet = read_sheet(path)
    except BadSheet as bad:
        assert bad.remedy  # noqa: PT017  (a sheet is as good an end)
    else:
        assert sheet.headers
