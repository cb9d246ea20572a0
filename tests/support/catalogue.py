"""Files as in the catalogue of bad input, and what becomes of them."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from batch_dialer.contacts.map_sheet import map_sheet
from batch_dialer.contacts.validate import validate
from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.sheets.reading import read_sheet

ANN, BOB = "+14155550101", "+14155550102"
HEAD = "phone,name\n"
TWO = f"{HEAD}{ANN},Ann\n{BOB},Bob\n"
Judged = dict[int, str]
"""Each row with its number in E.164, or the code of what is wrong."""
GOOD: Judged = {2: ANN, 3: BOB}
BAD, MISSING, VALUE = "INVALID_PHONE_NUMBER", "MISSING_PHONE_NUMBER", "INVALID_VALUE"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
WORKSHEET = "xl/worksheets/sheet1.xml"


def judged(path: Path, region: str | None = None, **how: Any) -> Judged:
    sheet = read_sheet(path, **how)
    checked = validate(sheet, map_sheet(None, sheet, region), "UTC")
    return {line["row"]: line["code"] or line["to"] for line in checked.rows.iter_rows(named=True)}


def refusal(path: Path, **how: Any) -> str:
    """Return the words in which the file is refused, the remedy included."""
    with pytest.raises(BadSheet) as caught:
        judged(path, **how)
    assert caught.value.remedy
    return f"{caught.value.what} {caught.value.remedy}"


def assert_sheet_or_words(read: Callable[[], Sheet]) -> None:
    """Whatever the bytes are, they end as a sheet, or are refused with what and what to do."""
    try:
        sheet = read()
    except BadSheet as bad:
        assert all((bad.what, bad.remedy))  # noqa: PT017  (a sheet is as good an end)
    else:
        assert sheet.cells.width == len(sheet.headers) + 1


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(*rows: list[Any], change: Callable[[Any], None] = lambda _: None) -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append(row)
    change(page)
    return saved(book)


def cell(value: object, form: str = "General") -> bytes:
    """Return a workbook with a row whose number is *value*, formatted as *form*."""

    def formatted(page: Any) -> None:
        page["A2"].number_format = form

    return workbook(["phone", "name"], [value, "Ann"], change=formatted)


def text(place: str, words: str) -> str:
    """Return a cell of text as a worksheet's XML has it."""
    return f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>'


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


HEADER = row(1, text("A1", "phone"), text("B1", "name"))


def written(rows: str, *, above: str = "") -> bytes:
    """Return a workbook whose worksheet has these *rows* of XML, whatever they say, and *above* at its very top."""
    book = workbook(["phone", "name"])
    start, _, rest = _parts(book)[WORKSHEET].decode().partition("<sheetData>")
    _, _, end = rest.partition("</sheetData>")
    return having(book, **{WORKSHEET: f"{above}{start}<sheetData>{rows}</sheetData>{end}".encode()})


def having(book: bytes, **parts: bytes) -> bytes:
    """Return the workbook with more *parts* in it, whatever their names."""
    return _zipped(_parts(book) | parts)


def _parts(book: bytes) -> dict[str, bytes]:
    if not book:
        return {}
    with zipfile.ZipFile(io.BytesIO(book)) as package:
        return {name: package.read(name) for name in package.namelist()}


def _zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


def strict(book: bytes) -> bytes:
    """Return the workbook in the strict form of the format, as Excel can save it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name).replace(MAIN.encode(), STRICT.encode())
            data = data.replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )
            new.writestr(name, data)
    return out.getvalue()
