"""Workbooks as people and programs make them; and those that would bring the reader down."""

import datetime as dt
import struct
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.sheets.columns import letters
from batch_dialer.sheets.reading import read_sheet
from batch_dialer.sheets.workbook import package
from batch_dialer.sheets.workbook.cell_marks import UNCALCULATED

Table = list[tuple[int, list[str | None]]]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def raw(
    path: Path,
    cells: str,
    *,
    whole: str | bytes | None = None,
    strings: str = "",
    more: str = "",
    state: str = "visible",
) -> Path:
    """Write a workbook whose worksheet's XML is as given: its rows, or the *whole* of it; *more* are styles."""
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Kunden" sheetId="1"'
        f' state="{state}" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1"'
        f' Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": whole
        or f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>',
    }
    if strings:
        parts["xl/sharedStrings.xml"] = strings
    if more:
        parts["xl/styles.xml"] = more
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return path


def made(path: Path, sheets: dict[str, list[list[object]]], *, hidden: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, table in sheets.items():
        worksheet = book.create_sheet(name)
        for row, cells in enumerate(table, start=1):
            for column, value in enumerate(cells, start=1):
                worksheet.cell(row=row, column=column, value=value)
        worksheet.sheet_state = "hidden" if name in hidden else "visible"
    book.save(path)
    return path


def rows(sheet: Sheet) -> Table:
    return [(row[0], list(row[1:])) for row in sheet.cells.rows()]


def refusal(path: Path, worksheet: str | None = None) -> BadSheet:
    with pytest.raises(BadSheet) as caught:
        read_sheet(path, worksheet)
    assert caught.value.what.startswith(path.name)
    assert caught.value.remedy.endswith((".", "?"))
    return caught.value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (14155550123, "14155550123"),
        (14155550123.0, "14155550123"),
        (123456789012345, "123456789012345"),
        (1234567890123456, "1234567890123456"),
        ("0049 30", "0049 30"),
        ("1.41556E+10", "1.41556E+10"),
        (0.1, "0.1"),
        (98765432.1, "98765432.1"),
        (1234567890.12, "1234567890.12"),
        (-3, "-3"),
        (dt.date(2026, 12, 1), "2026-12-01"),
        (dt.datetime(2026, 12, 1, 9, 30), "2026-12-01 09:30"),  # noqa: DTZ001  (a spreadsheet knows no zones)
        (dt.datetime(2026, 12, 1, 9, 30, 15), "2026-12-01 09:30:15"),  # noqa: DTZ001
        (dt.time(9, 30), "09:30"),
        (dt.time(9, 30, 5), "09:30:05"),
        (dt.time(0, 0), "00:00"),
        ("09:30:00", "09:30:00"),
        (True, "TRUE"),
        (False, "FALSE"),
        ("true", "true"),
        (" x ", " x "),
        ("a\nb", "a\nb"),
        ("   ", None),
        ("#N/A", "#N/A"),
        ("#REF!", "#REF!"),
        ("=1+1", UNCALCULATED),
        ("A & B <c>", "A & B <c>"),
    ],
)
def test_a_cell_is_the_text_that_a_person_sees(tmp_path: Path, value: object, text: str | None) -> None:
    path = made(tmp_path / "people.xlsx", {"People": [["name", "value"], ["Ann", value]]})
    assert rows(read_sheet(path, None)) == [(2, ["Ann", text])]


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.15, "0%", "15%"),
        (0.07, "0.0%", "7.0%"),
        (1, "0.00%", "100.00%"),
        (-0.125, '0%;"-"0%', "-13%"),
        ("n/a", "0%", "n/a"),
        ("0.15", "0%", "0.15"),
        (0.15, '0.00"%"', "0.15%"),
        (1250.5, '"$"#,##0.00', "1,250.50"),
        (14155550123, "[$-409]0", "14155550123"),
    ],
)
@pytest.mark.parametrize("epoch", [CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900])
def test_a_share_is_a_percentage_where_it_is_shown_as_one(
    tmp_path: Path, value: object, form: str, text: str, epoch: dt.datetime
) -> None:
    """And dates are the same days, whichever of its two calendars the workbook counts by."""
    book = openpyxl.Workbook()
    book.epoch = epoch
    page = book.create_sheet("A", 0)
    page.append(["share", "day"])
    page.append([value, dt.datetime(2026, 12, 1, 9, 30)])  # noqa: DTZ001  (a spreadsheet knows no zones)
    page["A2"].number_format = form
    book.save(tmp_path / "a.xlsx")
    assert rows(read_sheet(tmp_path / "a.xlsx")) == [(2, [text, "2026-12-01 09:30"])]


def test_every_minute_of_a_day_is_that_minute(tmp_path: Path) -> None:
    """Times are fractions of a day, which no minute but a few hits exactly."""
    times = [dt.time(minute // 60, minute % 60) for minute in range(24 * 60)]
    table: list[list[object]] = [["time"]]
    table.extend([time] for time in times)
    sheet = read_sheet(made(tmp_path / "a.xlsx", {"A": table}), None)
    assert sheet.cells["c0"].to_list() == [f"{time:%H:%M}" for time in times]


def test_rows_have_the_numbers_people_see(tmp_path: Path) -> None:
    table: list[list[object]] = [
        [],
        [],
        [None, "phone", "name", None],
        [],
        [None, "1", "Ann"],
        [None, " "],
        [None, "2"],
    ]
    sheet = read_sheet(made(tmp_path / "people.xlsm", {"A&B": table}), None)
    assert (sheet.name, sheet.headers) == ("people.xlsm", ("phone", "name"))
    assert rows(sheet) == [(5, ["1", "Ann"]), (7, ["2", None])]
    assert sheet.notes == ('worksheet "A&B"', "headers in row 3", "2 blank rows left out")


def test_header_only_is_a_sheet_without_rows(tmp_path: Path) -> None:
    sheet = read_sheet(made(tmp_path / "a.xlsx", {"A": [["phone"]]}), None)
    assert (sheet.headers, rows(sheet)) == (("phone",), [])


CELL = '<c r="{}" t="n"><v>1</v></c>'
LAST_ROWS = range(1_047_990, 1_048_577)
ROW = '<row r="1"><c r="B1" t="str"><v>h</v></c><c r="C1" t="str"><v>i</v></c></row>'


@pytest.mark.parametrize("written", ["plainly", "with a prefix", "with a comment", "in another order"])
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ('<c r="B2" t="e"><v>#N/A</v></c><c r="C2"><v>7</v></c>', [(2, ["#N/A", "7"])]),
        ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C2"><v>7</v></c>', [(2, ["#DIV/0!", "7"])]),
        ('<c r="B2" s="1"/><c r="C2" t="e"><v>#REF!</v></c>', [(2, [None, "#REF!"])]),
        ('<c r="B2"><f>1</f></c>', [(2, [UNCALCULATED, None])]),
        ('<c r="B2"><f>1</f><v/></c><c r="C2"><f>1</f><v></v></c>', [(2, [UNCALCULATED, UNCALCULATED])]),
        ('<c r="B2" t="str"><f>1</f></c><c r="C2"><f t="shared" si="0"/></c>', [(2, [UNCALCULATED, UNCALCULATED])]),
        ('<c r="B2" t="str"><f>""</f><v></v></c><c r="C2"><v>7</v></c>', [(2, [None, "7"])]),
        (
            '<c r="B2" t="str"><f>"+"&amp;A1</f><v>+1</v></c><c r="C2"><f>7</f><v>14155550123.0</v></c>',
            [(2, ["+1", "14155550123"])],
        ),
        ('<c r="B2"><f t="shared" si="0"/><v>1.4155550123E10</v></c>', [(2, ["14155550123", None])]),
        ('<c r="B2" t="b"><v>1</v></c><c r="C2" t="str"><v>true</v></c>', [(2, ["TRUE", "true"])]),
        ('<c r="B2" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', [(2, ["ab", None])]),
        ('<c r="B4"><v>4</v></c></row><row r="3"><c r="B3"><v>3</v></c>', [(3, ["3", None]), (4, ["4", None])]),
        (
            '<c r="C2"><v>7</v></c></row><row r="9"><c r="B9"><f>1</f></c>',
            [(2, [None, "7"]), (9, [UNCALCULATED, None])],
        ),
    ],
)
def test_errors_and_formulas_are_never_blank(tmp_path: Path, cells: str, expected: Table, written: str) -> None:
    """And the same by search and by parsing, which are for worksheets written as usual and in any other way."""
    body = f'{ROW}<row r="2">{cells}</row>'
    whole = f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
    if written == "with a prefix":
        whole = whole.replace("</", "\0").replace("<", "<x:").replace("\0", "</x:").replace("xmlns=", "xmlns:x=")
    if written == "with a comment":
        whole = whole.replace("<sheetData>", '<!-- <c r="A1" t="e"><v>#N/A</v></c> --><sheetData>')
    if written == "in another order":
        whole = whole.replace('<c r="C1" t="str">', '<c t="str" r="C1">')
    sheet = read_sheet(raw(tmp_path / "a.xlsx", "", whole=whole), None)
    assert (sheet.headers, rows(sheet)) == (("h", "i"), expected)


def test_marks_outside_of_what_is_read_keep_their_places(tmp_path: Path) -> None:
    uncalculated = '<c r="{}"><f>1</f></c>'
    body = f'{ROW}<row r="3">{uncalculated.format("A3")}{CELL.format("B3")}{uncalculated.format("E3")}</row>'
    sheet = read_sheet(raw(tmp_path / "a.xlsx", body), None)
    assert (sheet.headers, rows(sheet)) == (
        ("", "h", "i", "", ""),
        [(3, [UNCALCULATED, "1", None, None, UNCALCULATED])],
    )


def test_formulas_alone_are_seen(tmp_path: Path) -> None:
    sheet = read_sheet(raw(tmp_path / "a.xlsx", '<row r="2"><c r="C2"><f>1</f></c><c r="D2"><f>1</f></c></row>'), None)
    assert sheet.headers == (UNCALCULATED, UNCALCULATED)


@pytest.mark.parametrize(("name", "text"), [("#SPILL!", "#SPILL!"), ("#KONFUS!", "#VALUE!")])
def test_an_error_is_an_error_whatever_its_name(tmp_path: Path, name: str, text: str) -> None:
    path = raw(tmp_path / "a.xlsx", f'{ROW}<row r="7"><c r="C7" t="e"><v>{name}</v></c></row>')
    assert rows(read_sheet(path)) == [(7, [None, text])]


@pytest.mark.parametrize(
    "row",
    [
        '<row r="2" hidden="1">',
        '<row hidden="true">',
        "<row hidden='1' r='2'>",
        '<row r="2" ht="0" customHeight="1">',
        "<row customHeight='true' ht='0.00E+00'>",
    ],
)
def test_hidden_rows_are_read_and_told_apart(tmp_path: Path, row: str) -> None:
    path = raw(tmp_path / "a.xlsx", f'{ROW}{row}{CELL.format("B2")}</row><row r="3">{CELL.format("B3")}</row>')
    sheet = read_sheet(path)
    assert (rows(sheet), sheet.hidden) == ([(2, ["1", None]), (3, ["1", None])], frozenset({2}))


@pytest.mark.parametrize("way", ["", "<!-- parsed -->"])
@pytest.mark.parametrize(
    "row",
    [
        '<row r="2">',  # zeroHeight hides only rows without cells: Excel writes it when all below the table are hidden
        '<row r="2" hidden="0" ht="15">',
        '<row r="2" ht="0">',
        '<row r="2" ht="0.5" customHeight="1">',
        '<row r="2" ht="0x" customHeight="1">',
    ],
)
def test_rows_that_are_shown_are_not_taken_for_hidden(tmp_path: Path, row: str, way: str) -> None:
    table = f'<row r="1">{CELL.format("A1")}</row>{row}{CELL.format("A2")}</row>{way}'
    default = '<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>'
    whole = f'<worksheet xmlns="{MAIN}">{default}<sheetData>{table}</sheetData></worksheet>'
    assert read_sheet(raw(tmp_path / "a.xlsx", "", whole=whole)).hidden == frozenset()


TWO: list[list[object]] = [["phone"], ["1"]]


@pytest.mark.parametrize(
    ("sheets", "hidden", "wanted", "note"),
    [
        ({"Kunden": TWO}, (), None, 'worksheet "Kunden"'),
        ({"Leer": [], "Kunden": TWO}, (), None, 'worksheet "Kunden", the only one that is visible and filled'),
        ({"Alt": TWO, "Kunden": TWO}, ("Alt",), None, 'worksheet "Kunden", the only one that is visible and filled'),
        ({"Alt": [["x"]], "Kunden": TWO}, (), "Kunden", 'worksheet "Kunden"'),
        ({"Alt": [["x"]], "Kunden": TWO}, (), " kunden", 'worksheet "Kunden"'),
        ({"Alt": [["x"]], "Kunden": TWO}, (), "2", 'worksheet "Kunden"'),
        ({"1": [["x"]], "Alt": [["x"]], "Kunden": TWO}, ("1",), "2", 'worksheet "Kunden"'),
        ({"Alt": [["x"]], "Kunden": TWO}, ("Kunden",), "Kunden", 'worksheet "Kunden" (hidden)'),
        ({"1": TWO, "Alt": [["x"]]}, (), "1", 'worksheet "1"'),
    ],
)
def test_the_worksheet_meant_is_read(
    tmp_path: Path, sheets: dict[str, list[list[object]]], hidden: tuple[str, ...], wanted: str | None, note: str
) -> None:
    sheet = read_sheet(made(tmp_path / "a.xlsx", sheets, hidden=hidden), wanted)
    assert (sheet.headers, rows(sheet), sheet.notes) == (("phone",), [(2, ["1"])], (note,))


def test_a_worksheet_that_is_not_clear_is_asked_for(tmp_path: Path) -> None:
    path = made(tmp_path / "a.xlsx", {"Kunden": TWO, "Alt": TWO, "Leer": []})
    assert refusal(path).what.endswith('several worksheets: "Kunden", "Alt".')
    assert '--sheet "Kunden"' in refusal(path).remedy
    assert 'no worksheet "Kundne"; it has "Kunden", "Alt", "Leer"' in refusal(path, "Kundne").what
    assert 'Did you mean --sheet "Kunden"?' in refusal(path, "Kundne").remedy
    for wanted in ("4", "0", "", "²", "9" * 5000):
        assert "no worksheet" in refusal(path, wanted).what
    assert "holds no text" in refusal(path, "Leer").what
    assert "every visible worksheet is empty" in refusal(made(tmp_path / "b.xlsx", {"A": [], "B": []})).what


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_worksheet_is_read_only_by_its_name(tmp_path: Path, state: str) -> None:
    path = raw(tmp_path / "a.xlsx", ROW + f'<row r="2">{CELL.format("A2")}</row>', state=state)
    assert "every visible worksheet is empty" in refusal(path).what
    assert "--sheet" in refusal(path).remedy
    assert read_sheet(path, "Kunden").notes[0] == 'worksheet "Kunden" (hidden)'


FAR = f'{ROW}<row r="1048576">{CELL}</row>'
STRINGS = f'<sst xmlns="{MAIN}" uniqueCount="{{}}"><si><t>x</t></si></sst>'
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "b">]>'
TEXT_0 = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'


@pytest.mark.parametrize(
    ("cells", "strings", "says"),
    [
        pytest.param(FAR.format("XFD1048576"), "", "column XFD", id="the last cell of all"),
        pytest.param(FAR.format("BH1048576"), "", "column BH", id="sixty columns"),
        pytest.param(FAR.format("T1048576"), "", "row 1,048,576 and out to column T", id="twenty, and hardly a cell"),
        pytest.param(f'{ROW}<row r="1">{CELL.format("A4000000000")}</row>', "", "where a worksheet has none", id="far"),
        pytest.param(f'{ROW}<row r="1">{CELL.format("A1048577")}</row>', "", "where a worksheet has none", id="row"),
        pytest.param(f'{ROW}<row r="1">{CELL.format("XFE1")}</row>', "", "where a worksheet has none", id="column"),
        pytest.param('<row r="4000000000"><c><v>1</v></c></row>', "", "where a worksheet has none", id="no reference"),
        pytest.param("<row>" + "<c><v>1</v></c>" * 16_385 + "</row>", "", "where a worksheet has none", id="long row"),
        pytest.param(f'{ROW}<row r="2">{CELL.format("2A")}</row>', "", "damaged", id="no cell's name"),
        pytest.param(f'{ROW}<row r="x"><c><v>1</v></c></row>', "", "damaged", id="no row's number"),
        pytest.param(f"{ROW}<row r='2'><c>", "", "damaged", id="not XML"),
        pytest.param(TEXT_0, STRINGS.format(4294967295), "far more texts", id="four billion texts"),
        pytest.param(TEXT_0, "<!-- -->" + STRINGS.format(10**30), "far more texts", id="more than can be counted"),
        pytest.param(TEXT_0, "<sst", "damaged", id="no texts"),
        pytest.param('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', STRINGS.format(1), "damaged", id="no such text"),
        pytest.param(TEXT_0, DOCTYPE + STRINGS.format(1), "DOCTYPE", id="entities in the texts"),
        pytest.param("", "", "holds no text", id="no cell"),
    ],
)
def test_a_hostile_or_broken_worksheet_is_refused(tmp_path: Path, cells: str, strings: str, says: str) -> None:
    assert says in refusal(raw(tmp_path / "a.xlsx", cells, strings=strings)).what


def test_rows_where_none_belong_are_not_passed_over(tmp_path: Path) -> None:
    row = f'<row r="2">{CELL.format("A2")}</row>'
    whole = (
        f'<worksheet xmlns="{MAIN}"><sheetData>{ROW}</sheetData><other><sheetData>{row}</sheetData></other></worksheet>'
    )
    assert "damaged" in refusal(raw(tmp_path / "a.xlsx", "", whole=whole)).what


def test_the_number_of_a_row_may_have_a_decimal_point(tmp_path: Path) -> None:
    path = raw(tmp_path / "a.xlsx", f'{ROW}<row r="5.0"><c><v>1</v></c></row>')
    assert rows(read_sheet(path, None)) == [(5, ["1", None, None])]


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    whole = f'<?xml version="1.0"?>{DOCTYPE}<worksheet xmlns="{MAIN}"><sheetData>{ROW}</sheetData></worksheet>'
    assert "DOCTYPE" in refusal(raw(tmp_path / "a.xlsx", "", whole=whole)).what


def test_a_stray_cell_far_below_is_read(tmp_path: Path) -> None:
    sheet = read_sheet(raw(tmp_path / "a.xlsx", FAR.format("C1048576")), None)
    assert rows(sheet) == [(1_048_576, [None, "1"])]


def test_cells_without_text_far_away_do_no_harm(tmp_path: Path) -> None:
    for empty in ('<c r="XFD1048576" s="0"/>', '<c r="XFD1048576" s="0"></c>', '<c r="XFD1048576"><v></v></c>'):
        sheet = read_sheet(raw(tmp_path / "a.xlsx", f'{ROW}<row r="1048576">{empty}</row>'), None)
        assert (sheet.headers, rows(sheet)) == (("h", "i"), [])


def test_letters_of_another_encoding_are_read(tmp_path: Path) -> None:
    body = f'<row r="1">{CELL.format("A1")}</row><row r="2"><c r="A2" t="str"><v>Zoë</v></c></row>'
    xml = '<?xml version="1.0" encoding="ISO-8859-1"?>'
    whole = f'{xml}<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
    path = raw(tmp_path / "a.xlsx", "", whole=whole.encode("latin-1"))
    assert rows(read_sheet(path, None)) == [(2, ["Zoë"])]


def test_wide_worksheets_are_read(tmp_path: Path) -> None:
    for width in (52, 53, 702, 703, 16_384):
        header = "".join(CELL.format(f"{letters(column)}1") for column in range(width))
        row = f'<row r="2">{CELL.format("A2")}<c r="{letters(width - 1)}2" t="e"><v>#N/A</v></c></row>'
        sheet = read_sheet(raw(tmp_path / "a.xlsx", f'<row r="1">{header}</row>{row}'), None)
        assert len(sheet.headers) == width
        assert sheet.cells.row(0)[-1] == "#N/A"


def test_bombs_are_refused(tmp_path: Path) -> None:
    assert "unpacks to a size" in refusal(raw(tmp_path / "a.xlsx", " " * (32 << 20))).what
    assert "unpacks to a size" in refusal(raw(tmp_path / "b.xlsx", "", strings=" " * (32 << 20))).what


def test_a_part_that_is_longer_than_declared_is_refused(tmp_path: Path) -> None:
    """The zip directory is its author's word, and the reader of workbooks reads on to the true end."""
    for part in (b"xl/styles.xml", b"xl/worksheets/sheet1.xml"):
        path = raw(tmp_path / "a.xlsx", ROW + " " * 4096, more="<styleSheet>" + " " * 4096 + "</styleSheet>")
        book = bytearray(path.read_bytes())
        entry = book.rindex(part) - 46
        book[entry + 24 : entry + 28] = struct.pack("<I", 500)
        path.write_bytes(book)
        assert "damaged" in refusal(path).what


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("Index/Document.iwa", "Numbers"),
        ("word/document.xml", "Word"),
        ("people.csv", "an archive"),
    ],
)
def test_other_archives_are_named(tmp_path: Path, part: str, says: str) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    assert says in refusal(path).what


def test_archives_as_no_spreadsheet_program_writes_them_are_refused(tmp_path: Path) -> None:
    path = raw(tmp_path / "a.xlsx", ROW)
    whole = path.read_bytes()
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as book:
        book.writestr("xl/theme.xml", "<a/>")
    assert "compressed" in refusal(path).what
    path.write_bytes(whole)
    with zipfile.ZipFile(path, "a") as book:
        for number in range(5_000):
            book.writestr(f"xl/media/{number}", "")
    assert "5,000 parts" in refusal(path).what
    path.write_bytes(whole)
    with zipfile.ZipFile(path, "a") as book, pytest.warns(UserWarning, match="Duplicate"):
        book.writestr("xl/workbook.xml", "<workbook/>")
    assert "same name" in refusal(path).what
    locked = bytearray(whole)
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(locked)
    assert "password" in refusal(path).what


CELL_KINDS = st.sampled_from(
    [
        ('<c r="{}"><v>7</v></c>', "7"),
        ('<c r="{}" s="0"/>', None),
        ('<c r="{}" t="str"><f>1</f><v></v></c>', None),
        ('<c r="{}"><v></v></c>', None),
        ('<c r="{}" t="inlineStr"><is><t></t></is></c>', None),
        ('<c r="{}" t="inlineStr"><is><t>&lt;c r="A1" t="e"&gt;&lt;f/&gt;</t></is></c>', '<c r="A1" t="e"><f/>'),
        ('<c r="{}" t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c r="{}"><f>1</f></c>', UNCALCULATED),
        ('<c r="{}" t="b"><v>0</v></c>', "FALSE"),
    ]
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.dictionaries(st.tuples(st.integers(1, 6), st.integers(0, 4)), CELL_KINDS, min_size=1),
    at_once=st.sampled_from([150, 1 << 21]),
)
def test_every_cell_stays_in_its_place(
    tmp_path: Path, cells: dict[tuple[int, int], tuple[str, str | None]], at_once: int
) -> None:
    """Whatever lies around it, and however many bytes of the worksheet are read at once."""
    lines = []
    for row in sorted({row for row, _ in cells}):
        inside = (xml.format(f"{letters(at[1])}{row}") for at, (xml, _) in sorted(cells.items()) if at[0] == row)
        lines.append(f'<row r="{row}">{"".join(inside)}</row>')
    path = raw(tmp_path / "a.xlsx", "".join(lines))
    texts = {at: text for at, (_, text) in cells.items() if text is not None}
    if not texts:
        assert "holds no text" in refusal(path).what
        return
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(package, "_CHUNK", at_once)
        sheet = read_sheet(path, None)
    top, left = min(row for row, _ in texts), min(column for _, column in texts)
    shown: Table = [(top, list(sheet.headers)), *rows(sheet)]
    # Columns before the first text are there or not, as the program that wrote the file left them.
    extra = len(sheet.headers) - (max(column for _, column in texts) - left + 1)
    found = {(row, column + left - extra): text for row, line in shown for column, text in enumerate(line) if text}
    assert found == texts


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.floats(0, 0.999), junk=st.binary(min_size=1, max_size=8), cut=st.booleans())
def test_a_damaged_workbook_is_a_sheet_or_bad_in_words(
    tmp_path: Path, position: float, junk: bytes, *, cut: bool
) -> None:
    path = raw(tmp_path / "a.xlsx", ROW + escape("x"), strings=STRINGS.format(1))
    whole = path.read_bytes()
    at = int(position * len(whole))
    path.write_bytes(whole[:at] if cut else whole[:at] + junk + whole[at + len(junk) :])
    try:
        sheet = read_sheet(path, None)
    except BadSheet as bad:
        assert bad.remedy  # noqa: PT017  (a sheet is as good an end)
    else:
        assert sheet.headers
