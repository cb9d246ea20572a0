"""The same row as thirty programs and libraries write it, each in its own way: it is read as it is shown.

The files in `others/` were written in November 2026 by the programs whose names they have: SheetJS, ExcelJS,
LibreOffice 7.4, Gnumeric 1.12, Apache POI 4.0, pandas 3.1, polars 2.1, excelize and so on. LibreOffice shows what is
expected here, but that dates are in ISO form here, and truth values of an .xls words. The others are built here, as
programs write them that are not at hand.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from batch_dialer.sheets.reading import read_sheet

HEADERS = ("phone", "name", "zip", "day", "amount", "share", "ok", "count")
SHOWN = {
    "phone": "+14155550101",
    "name": "Zoë & <Co>",
    "zip": "02134",
    "day": "2026-12-01",
    "amount": "1,250.50",
    "share": "15%",
    "ok": "TRUE",
    "count": "14155550101",
}
UNFORMATTED = {"zip": "2134", "amount": "1250.5", "share": "0.15"}
SERIAL = UNFORMATTED | {"day": "46357"}
OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "aspose_cells_foss.xlsx": SERIAL,
    "excel_export.xlsx": UNFORMATTED | {"name": "Zoe"},
    "fastxlsx.xlsx": UNFORMATTED,
    "odswriter.ods": UNFORMATTED,
    "pandas_odfpy.ods": UNFORMATTED,
    "pandas_openpyxl.xlsx": UNFORMATTED,
    "pandas_xlsxwriter.xlsx": UNFORMATTED,
    "polars.xlsx": {"count": "14,155,550,101"},
    "pyexcel_ezodf.ods": UNFORMATTED,
    "rust_xlsxwriter.xlsx": UNFORMATTED,
    "sheetjs.ods": SERIAL,
    "xlsx_js_style.xlsx": {"zip": "2134"},  # it takes 00000 for the number of a format, which is that of General
    "xlsx_stream_writer.xlsx": UNFORMATTED | {"ok": "yes"},
    "xlsxlite.xlsx": UNFORMATTED,
}
"""What a program shows otherwise, mostly as it writes no number formats."""
OTHERS = sorted((Path(__file__).parent / "others").iterdir())
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="00000"/><numFmt numFmtId="165"'
    ' formatCode="yyyy\\-mm\\-dd;@"/></numFmts><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="164"/><xf'
    ' numFmtId="165"/><xf numFmtId="4"/><xf numFmtId="9"/></cellXfs></styleSheet>'
)
NUMBERS = '<c s="1"><v>2134</v></c><c s="2"><v>46357</v></c><c s="3"><v>1250.5</v></c><c s="4"><v>0.15</v></c>'
LAST = '<c t="b"><v>1</v></c><c><v>14155550101</v></c>'
HEAD = "".join(f'<c t="inlineStr"><is><t>{header}</t></is></c>' for header in HEADERS)
NAME = "Zoë &amp; &lt;Co&gt;"


class _Pipe(io.BytesIO):
    """What cannot be gone back in, as where an archive is sent while it is written."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError

    def seek(self, *_: int) -> int:
        raise OSError


def archive(sheet: str, *, target: str = "worksheets/sheet1.xml", strings: str = "", styles: str = STYLES) -> bytes:
    """Return the workbook, in an archive that says how long each part is only after it."""
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="People" sheetId="1"'
        ' r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type='
        f'"{OFFICE}/worksheet" Target="{target}"/><Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target='
        f'"/xl/sharedStrings.xml"/><Relationship Id="rId3" Type="{OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": sheet,
    }  # fmt: skip
    parts |= {"xl/styles.xml": styles} if styles else {}
    parts |= {"xl/sharedStrings.xml": strings} if strings else {}
    out = _Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return out.getvalue()


def worksheet(*rows: str, before: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{"".join(rows)}</sheetData></worksheet>'


def built() -> Iterator[tuple[str, bytes]]:
    texts = f'<c t="inlineStr"><is><t>+14155550101</t></is></c><c t="str"><v>{NAME}</v></c>'
    body = texts + NUMBERS + LAST
    yield "without places of rows and cells", archive(worksheet(f"<row>{HEAD}</row>", f"<row>{body}</row>"))
    yield (
        "with an absolute target",
        archive(worksheet(f"<row>{HEAD}</row>", f"<row>{body}</row>"), target="/xl/worksheets/sheet1.xml"),
    )
    yield "with a wrong dimension and rows that say how far they reach", archive(
        worksheet(f'<row r="1" spans="1:3">{HEAD}</row>', f'<row r="2" spans="1:1">{body}</row>',
                  before='<dimension ref="A1"/>')
    )  # fmt: skip
    prefixed = worksheet(f"<row>{HEAD}</row>", f"<row>{body}</row>").replace("xmlns=", "xmlns:x=")
    for tag in ("worksheet", "sheetData", "row", "c", "v", "is", "t"):
        prefixed = prefixed.replace(f"<{tag}>", f"<x:{tag}>").replace(f"<{tag} ", f"<x:{tag} ")
        prefixed = prefixed.replace(f"</{tag}>", f"</x:{tag}>")
    yield "with a prefix, as the SDK of Open XML", archive("\ufeff" + prefixed)
    rich = (
        "<si><t>+14155550101</t></si><si><r><rPr><b/></rPr><t>Zoë</t></r><r><t xml:space='preserve"
        "'> &amp; &lt;Co&gt;</t></r><rPh sb='0' eb='1'><t>ゾエ</t></rPh><phoneticPr fontId='1'/></si>"
    )
    cells = f'<c t="s"><v>0</v></c><c t="s"><v>1</v></c>{NUMBERS}{LAST}'
    yield (
        "with shared texts in runs and their pronunciation",
        archive(worksheet(f"<row>{HEAD}</row>", f"<row>{cells}</row>"), strings=f'<sst xmlns="{MAIN}">{rich}</sst>'),
    )
    iso = NUMBERS.replace('<c s="2"><v>46357</v>', '<c s="2" t="d"><v>2026-12-01</v>')
    yield "with a date in ISO form", archive(worksheet(f"<row>{HEAD}</row>", f"<row>{texts}{iso}{LAST}</row>"))
    formulas = texts + NUMBERS + '<c t="b"><f>TRUE()</f><v>1</v></c><c><f>A1*1</f><v>14155550101</v></c>'
    yield "with formulas and their last results", archive(worksheet(f"<row>{HEAD}</row>", f"<row>{formulas}</row>"))


def test_thirty_programs_are_at_hand() -> None:
    assert 30 <= len(OTHERS)
    assert {path.name for path in OTHERS} >= OTHERWISE.keys()


def check(path: Path, otherwise: Mapping[str, str]) -> None:
    sheet = read_sheet(path)
    assert HEADERS == sheet.headers
    assert [(2, *{**SHOWN, **otherwise}.values())] == sheet.cells.rows()


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_what_another_program_wrote_is_read_as_shown(path: Path) -> None:
    check(path, OTHERWISE.get(path.name, {}))


@pytest.mark.parametrize("book", [pytest.param(data, id=name) for name, data in built()])
def test_what_is_built_as_other_programs_build_it_is_read_as_shown(tmp_path: Path, book: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(book)
    check(tmp_path / "a.xlsx", {})


def test_a_workbook_without_styles_shows_its_numbers_as_they_are(tmp_path: Path) -> None:
    sheet = worksheet(f"<row>{HEAD}</row>", f"<row>{HEAD[: HEAD.index('<c', 2)] * 2}{NUMBERS}{LAST}</row>")
    (tmp_path / "a.xlsx").write_bytes(archive(sheet.replace(" s=", " x="), styles=""))
    assert ["2134", "46357", "1250.5", "0.15"] == list(read_sheet(tmp_path / "a.xlsx").cells.row(0)[3:7])
