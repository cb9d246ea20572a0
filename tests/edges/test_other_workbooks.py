"""Workbooks of the rarer kinds (.xls, .xlsb, .ods): the same cells, the same hidden rows, the same refusals."""

import datetime as dt
import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_dialer.edges.sheet import read_sheet
from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet

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


def record(kind: int, data: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = bytes([len(data)]) if len(data) < 0x80 else bytes([len(data) & 0x7F | 0x80, len(data) >> 7])
    return number + size + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def row_of(number: int, cells: list[tuple[int, bytes]], *, hidden: bool = False) -> bytes:
    head = struct.pack("<IIHBB", number - 1, 0, 300, 0, 0x10 if hidden else 0) + bytes(5)
    parts = [record(kind, struct.pack("<II", x, 0) + data) for x, (kind, data) in enumerate(cells)]
    return record(0, head) + b"".join(parts)


def xlsb(lines: bytes) -> bytes:
    sheet = (
        record(129) + record(148, struct.pack("<IIII", 0, 9, 0, 1)) + record(145) + lines + record(146) + record(130)
    )
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("People"))
    book += record(144) + record(132)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.bin", book)
        package.writestr("xl/worksheets/sheet1.bin", sheet)
        package.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/worksheet"'
            ' Target="worksheets/sheet1.bin"/></Relationships>',
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
        cell.format("date", 'office:date-value="2026-12-01T09:30:00"', "1 Dec"),
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


def test_an_xlsb_is_read_with_its_hidden_rows_and_errors(tmp_path: Path) -> None:
    lines = row_of(1, [(6, wide("phone")), (6, wide("name"))])
    lines += row_of(2, [(5, struct.pack("<d", 14155550101)), (6, wide("Zoë"))])
    lines += row_of(3, [(6, wide("+1415")), (3, b"\x2a")], hidden=True)
    (tmp_path / "people.xlsb").write_bytes(xlsb(lines))
    sheet = read_sheet(tmp_path / "people.xlsb")
    assert (sheet.headers, rows(sheet)) == (("phone", "name"), [(2, ["14155550101", "Zoë"]), (3, ["+1415", "#N/A"])])
    assert sheet.hidden == frozenset({3})


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        pytest.param("a.xls", xls([["x"]])[:900], "damaged", id="half an xls"),
        pytest.param("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9000), "damaged", id="an xls of zeros"),
        pytest.param("a.xlsb", xlsb(row_of(2_000_000_000, [(6, wide("x"))])), "damaged", id="row two billion"),
        pytest.param("a.xlsb", xlsb(b"\x06\xff\xff\xff\x7f"), "damaged", id="a record without an end"),
        pytest.param(
            "a.xlsb",
            xlsb(row_of(1, [(6, wide("x"))]) + record(0, struct.pack("<IIHBB", 1_048_575, 0, 0, 0, 0) + bytes(5))
                 + record(6, struct.pack("<II", 16_383, 0) + wide("x"))),
            "column XFD", id="the last cell of all",
        ),
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
        ("a.xlsb", xlsb(row_of(1, [(6, wide("phone"))]) + row_of(2, [(6, wide("1"))]))),
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
