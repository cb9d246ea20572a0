"""`validate --report` marks every bad cell in a copy of the workbook; corrected, that is used like the original."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from catalogue import strict, workbook
from harness import run_here
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from makers import lines, number, write_csv
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName

from batch_dialer.contacts.mapping import map_columns
from batch_dialer.contacts.validate import validate
from batch_dialer.model import Sheet, SheetOrigin
from batch_dialer.reports import copy_limits, many_rows, marking
from batch_dialer.reports.copy_limits import is_safe_to_load
from batch_dialer.reports.marked_workbook import write_marked
from batch_dialer.reports.workbook_writing import RED
from batch_dialer.sheets.own_marks import VERDICT
from batch_dialer.sheets.reading import read_sheet

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "schemas" / "appointment_reminder.toml"
EXCHANGE_ERRORS = ROOT / "sample_data" / "with_faults.xlsx"
STRICT = (
    'unmapped = "error"\n[to]\ncolumn = "Phone"\n[payload.name]\ncolumn = "Name"\nmin_length = 3\npattern = "[A-Z].*"\n'
)
ROWS = [("Ann", number(0)), ("ed", "12"), ('=cmd("x")', "+1415555CALL"), ("Dee", "")]


def load(path: Path, **options: bool) -> Any:
    return openpyxl.load_workbook(path, **options)


def people(path: Path, rows: list[tuple[object, ...]], header: tuple[str, ...] = ("Name", "Phone")) -> Any:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "People"
    for row in (header, *rows):
        sheet.append(row)
    book.save(path)
    return book


def report(folder: Path, sheet: object, *options: object, out: str = "out.xlsx", expect: int = 1) -> Any:
    run_here("validate", sheet, "--report", out, *options, cwd=folder, expect=expect)
    return load(folder / out)


def red(cell: Any) -> bool:
    return bool(cell.fill.fgColor.rgb == RED.fgColor.rgb)


@pytest.fixture(name="strict")
def _strict(tmp_path: Path) -> Path:
    (tmp_path / "strict.toml").write_text(STRICT)
    return tmp_path / "strict.toml"


def test_every_bad_cell_is_coloured_and_says_what_to_do(tmp_path: Path, strict: Path) -> None:
    write_csv(tmp_path / "people.csv", ROWS)
    book = report(tmp_path, "people.csv", "--schema", strict)
    rows = book["people"]
    assert ["A3", "A4", "B3", "B4", "B5"] == sorted(
        cell.coordinate for row in rows["A2:B5"] for cell in row if red(cell) and cell.comment
    )
    assert "is shorter than 3 characters" in rows["A3"].comment.text
    assert "does not have the form [A-Z].*" in rows["A3"].comment.text, "every fault of the cell"
    assert "Fill in the number to call." in rows["B5"].comment.text
    assert [VERDICT, "OK"] == [rows["C1"].value, rows["C2"].value]
    assert "Phone has letters in it" in rows["C4"].value
    assert ("A2", "A1:C5") == (rows.freeze_panes, rows.auto_filter.ref)


def test_the_first_page_counts_and_lists_the_faults_each_with_a_link(tmp_path: Path) -> None:
    book = report(tmp_path, EXCHANGE_ERRORS, "--schema", SCHEMA)
    page = book.worksheets[0]
    assert ["Problems", "Appointments"] == book.sheetnames
    assert "29 rows: 8 can be dialed, 21 cannot (26 faults)." == page["A2"].value
    header = next(row for row in page.iter_rows() if row[0].value == "row")
    assert ["row", "column", "value", "code", "what is wrong", "what to do"] == [cell.value for cell in header]
    first = page.cell(header[0].row + 1, 1)
    assert (3, "'Appointments'!C3") == (first.value, first.hyperlink.location)
    assert first.coordinate == first.hyperlink.ref
    assert 26 == page.max_row - header[0].row
    assert f"A{header[0].row + 1}" == page.freeze_panes
    assert "landscape" == page.page_setup.orientation
    assert [True, False] == [sheet.sheet_view.tabSelected for sheet in book.worksheets], "typing goes into one"


def test_the_users_formats_and_other_worksheets_stay(tmp_path: Path) -> None:
    book = people(tmp_path / "p.xlsx", [("Ann", number(0), dt.date(2046, 3, 1), 12.5), ("Bob", "12", None, None)],
                  ("Name", "Phone", "Day", "Sum"))  # fmt: skip
    sheet = book["People"]
    sheet["A2"].font = Font(italic=True)
    sheet["D2"].number_format = "#,##0.00 €"
    sheet["D2"].fill = PatternFill("solid", fgColor="FF00FF00")
    sheet["B3"].comment = Comment("call back on Monday", "Eve")
    sheet.column_dimensions["A"].width = 33
    sheet.freeze_panes = "B2"
    other = book.create_sheet("Problems")
    other["A1"] = "=1+1"
    other.sheet_state = "hidden"
    book.save(tmp_path / "p.xlsx")
    marked = report(tmp_path, "p.xlsx")
    rows = marked["People"]
    assert ["Problems (2)", "People", "Problems"] == marked.sheetnames
    assert rows["A2"].font.i
    assert ("#,##0.00 €", "FF00FF00") == (rows["D2"].number_format, rows["D2"].fill.fgColor.rgb)
    assert (33, "B2") == (rows.column_dimensions["A"].width, rows.freeze_panes)
    assert dt.datetime(2046, 3, 1) == rows["C2"].value  # noqa: DTZ001  (a cell has no time zone)
    assert "call back on Monday" in rows["B3"].comment.text
    assert "digits" in rows["B3"].comment.text
    assert "=1+1" == marked["Problems"]["A1"].value
    run_here("validate", "out.xlsx", cwd=tmp_path, expect=1)


def mend(path: Path, cells: dict[str, object], sheet: str) -> None:
    book = load(path, rich_text=True)
    for place, value in cells.items():
        book[sheet][place] = value
    book.save(path)


@pytest.mark.parametrize("source", ["people.csv", "people.xlsx"])
def test_the_mended_workbook_dials_what_the_mended_original_would(tmp_path: Path, strict: Path, source: str) -> None:
    table = [("Ann", number(0)), ("ed", "12"), ("Cleo", number(2))]
    if source == "people.csv":
        write_csv(tmp_path / source, table)
    else:
        people(tmp_path / source, [*table])
    report(tmp_path, source, "--schema", strict, out="marked.xlsx")
    mend(tmp_path / "marked.xlsx", {"A3": "Eddy", "B3": number(1)}, "people" if source == "people.csv" else "People")
    write_csv(tmp_path / "good.csv", [("Ann", number(0)), ("Eddy", number(1)), ("Cleo", number(2))])
    for name in ("marked.xlsx", "good.csv"):
        run_here("validate", name, "--schema", strict, "--strict", cwd=tmp_path)
        options = ("--agent", "a", "--schema", strict, "--sandbox", "--yes", "--results", f"{name}.results.csv")
        run_here("run", name, *options, cwd=tmp_path)
    known = ("row", "id", "to", "status", "key")
    marked, good = (
        [{word: line[word] for word in known} for line in lines(tmp_path / f"{name}.results.csv")]
        for name in ("marked.xlsx", "good.csv")
    )
    assert marked == good
    shown = run_here("run", "marked.xlsx", "--agent", "a", "--dry-run", "--results", "x.csv", cwd=tmp_path)
    assert VERDICT not in shown.stdout


def test_marking_again_takes_the_old_marks_away(tmp_path: Path) -> None:
    people(tmp_path / "p.xlsx", [("Ann", "12"), ("Bob", "13"), ("Cem", number(1))])
    book = load(tmp_path / "p.xlsx")
    book["People"]["B2"].comment = Comment("mine", "Eve")
    book.save(tmp_path / "p.xlsx")
    report(tmp_path, "p.xlsx", out="one.xlsx")
    mend(tmp_path / "one.xlsx", {"B2": number(0)}, "People")
    book = report(tmp_path, "one.xlsx", out="two.xlsx")
    rows = book["People"]
    assert ["Problems", "People"] == book.sheetnames
    assert not red(rows["B2"])
    assert "mine" == rows["B2"].comment.text
    assert red(rows["B3"])
    assert [VERDICT, None] == [rows["C1"].value, rows["D1"].value]
    assert ("OK", False) == (rows["C2"].value, red(rows["C2"]))


def test_a_row_that_was_emptied_is_blank_whatever_its_verdict(tmp_path: Path) -> None:
    people(tmp_path / "p.xlsx", [("Ann", number(0)), ("Total", None), ("Bob", number(1))])
    report(tmp_path, "p.xlsx")
    mend(tmp_path / "out.xlsx", {"A3": None}, "People")
    assert "2 rows" in run_here("validate", "out.xlsx", cwd=tmp_path).stdout


def test_our_page_is_known_again_when_it_is_renamed_and_never_data(tmp_path: Path) -> None:
    people(tmp_path / "p.xlsx", [("Ann", "12")])
    book = report(tmp_path, "p.xlsx")
    book["Problems"].title = "Bob's list"
    book.defined_names["batch_dialer_page_problems"].attr_text = "'Bob''s list'!$A$1"  # as Excel does by itself
    book.save(tmp_path / "out.xlsx")
    assert 'worksheet "People"' in run_here("validate", "out.xlsx", cwd=tmp_path, expect=1).stdout
    said = run_here("validate", "out.xlsx", "--sheet", "1", cwd=tmp_path, expect=3).stderr
    assert '--sheet "People"' in said


def test_a_worksheet_of_that_name_that_is_not_ours_is_data(tmp_path: Path) -> None:
    book = people(tmp_path / "p.xlsx", [("Ann", number(0))])
    book["People"].title = "Problems"
    book.defined_names["Print_Titles_X"] = DefinedName("Print_Titles_X", attr_text="Problems!$A$1")
    book.save(tmp_path / "p.xlsx")
    assert 'worksheet "Problems"' in run_here("validate", "p.xlsx", cwd=tmp_path).stdout


@pytest.mark.parametrize("option", ["--report", "--rejects"])
def test_the_sheet_itself_is_never_written_to(tmp_path: Path, option: str) -> None:
    people(tmp_path / "p.xlsx", [("Ann", "12")])
    (tmp_path / "link.xlsx").hardlink_to(tmp_path / "p.xlsx")
    before = (tmp_path / "p.xlsx").read_bytes()
    for name in ("p.xlsx", "./p.xlsx", "link.xlsx"):
        assert "the sheet itself" in run_here("validate", "p.xlsx", option, name, cwd=tmp_path, expect=2).stderr
    assert before == (tmp_path / "p.xlsx").read_bytes()


MAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
VBA = b'<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'


def with_macros(plain: Path, path: Path) -> None:
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(MAIN, MACROS).replace(b"</Types>", VBA))
        new.writestr("xl/vbaProject.bin", b"macros")


def test_macros_stay_where_the_report_can_hold_them(tmp_path: Path) -> None:
    book = people(tmp_path / "plain.xlsx", [("Ann", "12")])
    book["People"]["A2"].comment = Comment("mine", "Eve")
    book.save(tmp_path / "plain.xlsx")
    with_macros(tmp_path / "plain.xlsx", tmp_path / "p.xlsm")
    run_here("validate", "p.xlsm", "--report", "out.xlsm", cwd=tmp_path, expect=1)
    with zipfile.ZipFile(tmp_path / "out.xlsm") as package:
        assert b"macros" == package.read("xl/vbaProject.bin")
    marked = load(tmp_path / "out.xlsm")["People"]
    assert red(marked["B2"])
    assert "digits" in marked["B2"].comment.text
    assert "mine" == marked["A2"].comment.text
    page = report(tmp_path, "p.xlsm", out="out.xlsx").worksheets[0]
    assert any("its macros" in str(row[0].value) for row in page["A1:A9"])
    assert "no" in run_here("validate", "plain.xlsx", "--report", "x.xlsm", cwd=tmp_path, expect=2).stderr


def test_what_cannot_be_kept_and_what_formulas_need_is_said(tmp_path: Path) -> None:
    people(tmp_path / "p.xlsx", [("Ann", "12"), ("=1+1", number(1))])
    with zipfile.ZipFile(tmp_path / "p.xlsx", "a") as package:
        package.writestr("xl/media/image1.png", b"x")
    page = report(tmp_path, "p.xlsx").worksheets[0]
    top = " ".join(str(row[0].value) for row in page["A1:A9"])
    assert "pictures" in top
    assert "formulas" in top


def test_a_fault_in_a_merged_cell_is_marked_where_it_can_be_seen(tmp_path: Path) -> None:
    book = people(tmp_path / "p.xlsx", [("Ann", number(0)), ("Bob", None)])
    book["People"].merge_cells("B2:B3")
    book.save(tmp_path / "p.xlsx")
    cell = report(tmp_path, "p.xlsx")["People"]["B2"]
    assert red(cell)
    assert cell.comment.text.startswith("Row 3: ")


def test_a_ragged_row_is_marked_at_its_verdict(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(f"Name,Phone\nAnn,{number(0)},x\n")
    cell = report(tmp_path, "p.csv")["p"]["C2"]
    assert red(cell)
    assert "delimiter" in cell.comment.text


def test_rows_keep_their_numbers_and_columns_their_letters(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet["C4"], sheet["D4"] = "Name", "Phone"
    sheet["C5"], sheet["D5"] = "Ann", number(0)
    sheet["C8"], sheet["D8"] = "Bob", "12"
    book.save(tmp_path / "p.xlsx")
    rows = report(tmp_path, "p.xlsx")["Sheet"]
    assert red(rows["D8"])
    assert (VERDICT, "OK") == (rows["E4"].value, rows["E5"].value)
    (tmp_path / "p.csv").write_text(f"\n\nName,Phone\n\nAnn,{number(0)}\n\n\nBob,12\n")
    rows = report(tmp_path, "p.csv")["p"]
    assert red(rows["B8"])
    assert (VERDICT, "OK") == (rows["C3"].value, rows["C5"].value)


def test_a_workbook_that_would_not_end_is_copied_as_text(tmp_path: Path) -> None:
    people(tmp_path / "p.xlsx", [("Ann", "12")])
    with zipfile.ZipFile(tmp_path / "p.xlsx") as old, zipfile.ZipFile(tmp_path / "q.xlsx", "w") as new:
        for name in old.namelist():
            merged = b'</sheetData><mergeCells count="1"><mergeCell ref="F1:XFD1048576"/></mergeCells>'
            new.writestr(name, old.read(name).replace(b"</sheetData>", merged))
    assert not is_safe_to_load(tmp_path / "q.xlsx")
    book = report(tmp_path, "q.xlsx")
    assert red(book["People"]["B2"])
    assert any("copy of the rows" in str(row[0].value) for row in book.worksheets[0]["A1:A9"])
    run_here("validate", "out.xlsx", cwd=tmp_path, expect=1)


def test_of_very_many_faults_the_first_are_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "MOST_COMMENTS", 3)
    write_csv(tmp_path / "p.csv", [("Ann", "12")] * 8)
    mark(tmp_path / "p.csv", tmp_path / "out.xlsx")
    book = load(tmp_path / "out.xlsx")
    assert [True] * 8 == [red(cell) for (cell,) in book["p"]["B2:B9"]]
    assert 3 == sum(cell.comment is not None for (cell,) in book["p"]["B2:B9"])
    page = book.worksheets[0]
    assert any("only the first 3" in str(row[0].value) for row in page["A1:A9"])
    faults = [cell for (cell,) in page.iter_rows(page.max_row - 7, max_col=1)]
    assert [*range(2, 10)] == [cell.value for cell in faults]
    assert [f"'p'!B{row}" for row in (2, 3, 4)] == [cell.hyperlink.location for cell in faults if cell.hyperlink]


def test_however_many_rows_are_written_at_a_time_each_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_rows, "_ROWS_AT_A_TIME", 2)
    write_csv(tmp_path / "p.csv", [(f"Ann <{n}> & co", number(n) if n % 3 else "12") for n in range(7)])
    mark(tmp_path / "p.csv", tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as package:
        pages = [package.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2)]
    faults, people = ([int(row) for row in re.findall('<row r="([0-9]+)"', page)] for page in pages)
    assert faults == sorted(set(faults))
    assert [*range(1, 9)] == people
    assert [f"Ann <{n}> & co" for n in range(7)] == [cell.value for cell in load(tmp_path / "out.xlsx")["p"]["A"][1:]]


def test_a_good_sheet_is_said_to_be_good(tmp_path: Path) -> None:
    write_csv(tmp_path / "p.csv", ROWS[:1])
    page = report(tmp_path, "p.csv", expect=0).worksheets[0]
    assert "Nothing is wrong with this sheet." == page["A3"].value


def mark(source: Path, out: Path) -> Sheet:
    sheet = read_sheet(source)
    write_marked(out, source, sheet, validate(sheet, map_columns(None, sheet.headers), "UTC"), _ORIGIN)
    return sheet


_ORIGIN = SheetOrigin("p.csv", "p.results.csv")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["=1+2", "+1", "-1", "@x", "#N/A", "1e5", "007", "_x0041_", "a\r\nb", " x ", "\ufffe", "TRUE", "2026-01-01"]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4))
@example([("x" * 40_000, "=" * 40_000)])
@example([("\x00\x01\x1f\x7f\x85\u2028", "\ufffe\uffff")])
@example([("a\rb", "_x000D_")])
def test_whatever_text_is_in_a_cell_it_stays_text(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    clean = [(name.replace("\0", ""), phone.replace("\0", "")) for name, phone in rows]
    write_csv(tmp_path / "p.csv", [(name, phone) for name, phone in clean if (name + phone).strip()] or [("a", "b")])
    sheet = mark(tmp_path / "p.csv", tmp_path / "out.xlsx")
    book = load(tmp_path / "out.xlsx")
    assert {"s", "n"} >= {cell.data_type for page in book.worksheets for row in page.iter_rows() for cell in row}
    again = read_sheet(tmp_path / "out.xlsx")
    assert sheet.cells["row"].to_list() == again.cells["row"].to_list()
    assert (*sheet.headers, VERDICT) == again.headers
    for column in ("c0", "c1"):
        for old, new in zip(sheet.cells[column], again.cells[column], strict=True):
            kept = str(old or "").replace("\r\n", "\n").replace("\r", "\n")
            if kept.isprintable() or kept.replace("\n", "").isprintable():
                assert kept[:32_767].strip() == (new or "").strip()


def test_a_value_that_begins_like_a_formula_is_none_on_any_page(tmp_path: Path) -> None:
    write_csv(tmp_path / "p.csv", [("Ann", "=1+2")])
    book = report(tmp_path, "p.csv")
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row if cell.value == "=1+2"]
    assert [("s", "@")] * 2 == [(cell.data_type, cell.number_format) for cell in cells]


@pytest.mark.parametrize("kind", ["ods", "xls", "strict", "another ending", "large"])
def test_any_kind_of_workbook_has_a_marked_copy(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As text where openpyxl cannot copy it, which is said; it can be mended and dialed like any other."""
    source = tmp_path / KINDS[kind]
    source.write_bytes(workbook_of(kind))
    if kind == "large":
        monkeypatch.setattr(copy_limits, "_MOST_XML", 100)
    sheet = read_sheet(source)
    write_marked(
        tmp_path / "out.xlsx", source, sheet, validate(sheet, map_columns(None, sheet.headers), "UTC"), _ORIGIN
    )
    book = load(tmp_path / "out.xlsx")
    rows = book[sheet.worksheet]
    assert ["phone", "name", VERDICT] == [cell.value for cell in rows[1]]
    assert ["+1415", "Ann"] == [cell.value for cell in rows[2][:2]]
    assert red(rows["A2"])
    assert rows["A2"].comment
    is_text = any("as text" in str(row[0].value) for row in book["Problems"])
    assert is_text is (kind != "another ending")
    rows["A2"].value = number(0)
    book.save(tmp_path / "out.xlsx")
    assert number(0) == read_sheet(tmp_path / "out.xlsx").cells["c0"][0]


KINDS = {"ods": "a.ods", "xls": "a.xls", "strict": "a.xlsx", "another ending": "a.data", "large": "a.xlsx"}


def workbook_of(kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "xls":
        old = xlwt.Workbook()
        page = old.add_sheet("People")
        for row, texts in enumerate((("phone", "name"), ("+1415", "Ann"))):
            for column, text in enumerate(texts):
                page.write(row, column, text)
        old.save(out)
        return out.getvalue()
    data = workbook(["phone", "name"], ["+1415", "Ann"])
    if kind == "strict":
        return strict(data)
    return ods_of(("phone", "name"), ("+1415", "Ann")) if kind == "ods" else data


def ods_of(*table: tuple[str, ...]) -> bytes:
    spaces = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(f'xmlns:{name}="{spaces}:{name}:1.0"' for name in ("office", "table", "text"))
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    lines = "".join(f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in table)
    body = f'<office:body><office:spreadsheet><table:table table:name="People">{lines}</table:table>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        end = "</office:spreadsheet></office:body></office:document-content>"
        package.writestr("content.xml", f"<office:document-content {names}>{body}{end}")
    return out.getvalue()
