"""A look through the records of .xls and .xlsb workbooks: worksheets, hidden rows and errors, and whether it is safe.

Both formats are long runs of records, a kind and a length before each; only a handful of kinds matters here.
"""

import io
import struct
from collections.abc import Iterator

import olefile

from batch_dialer.edges.extent import MAX_ROWS, Extent
from batch_dialer.edges.workbook_guard import Package
from batch_dialer.edges.worksheet_scan import Findings
from batch_dialer.edges.worksheets import Worksheet
from batch_dialer.errors import BadSheet

_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#N/A",
}
_BINARY_WORKBOOK, _BINARY_RELATIONS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
_SHEET, _ROW = 156, 0
_VALUES = frozenset(range(2, 12)) | {62}
_CELL_ERRORS = frozenset({3, 11})
_FORMULA_BOOLEANS = frozenset({4, 10})

_XLS_SHEET, _XLS_ROW, _XLS_ROWS, _XLS_LOCKED, _XLS_BEGIN, _XLS_END = 0x85, 0x208, 0x225, 0x2F, 0x809, 0x0A
_XLS_TEXTS, _XLS_MANY, _XLS_FORMULA, _XLS_BOOLEAN_OR_ERROR = 0xFC, 0xBD, 0x06, 0x205
_XLS_VALUES = frozenset({0x203, 0x204, 0x27E, 0xFD, 0xD6, _XLS_MANY, _XLS_FORMULA, _XLS_BOOLEAN_OR_ERROR})
_XLS_MOST_COLUMNS = 256

Sheets = list[tuple[Worksheet, Findings]]


def scan_binary(package: Package, relations: dict[str, str]) -> Sheets:
    """Look through an .xlsb, whose parts are named by *relations*."""
    sheets: Sheets = []
    with package.damage_in_words():
        for kind, data in _records(b"".join(package.chunks(_BINARY_WORKBOOK))):
            if kind == _SHEET:
                hidden, _, length = struct.unpack_from("<III", data)
                relation = data[12 : 12 + 2 * length].decode("utf-16-le")
                at = 12 + 2 * length
                name = data[at + 4 : at + 4 + 2 * struct.unpack_from("<I", data, at)[0]].decode("utf-16-le")
                part = relations.get(relation, "")
                if part in package:
                    sheets.append((Worksheet(name, part, hidden == 0), _scan_part(package, part)))
    return sheets


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, at = data[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (data[at] << 7), at + 1
        size = shift = 0
        while True:
            byte, at = data[at], at + 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift > 21:  # noqa: PLR2004  (four bytes of seven bits)
                break
        if at + size > len(data):
            raise EOFError
        yield kind, data[at : at + size]
        at += size


def _scan_part(package: Package, part: str) -> Findings:
    found, extent, row = Findings(), Extent(package.suspicious), 0
    for kind, data in _records(b"".join(package.chunks(part))):
        if kind == _ROW:
            row = struct.unpack_from("<I", data)[0] + 1
            if row > MAX_ROWS:
                raise package.damaged()
            if data[11] & 0x10:
                found.hidden_rows.add(row)
        elif kind in _VALUES:
            column = struct.unpack_from("<I", data)[0]
            extent.reach(row, column)
            found.left = min(found.left, column)
            if kind in _CELL_ERRORS:
                found.marks[row, column] = _ERRORS.get(data[8], "#VALUE!")
            elif kind in _FORMULA_BOOLEANS:
                found.booleans.add(column)
    extent.check()
    return found


class OldWorkbook:
    """An .xls, whose records lie in one stream of an OLE file."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        try:
            with olefile.OleFileIO(io.BytesIO(data)) as file:
                if file.exists("EncryptedPackage"):
                    raise self._locked()
                if not file.exists("Workbook"):
                    raise self._other(file.exists("Book"))
                self._stream: bytes = file.openstream("Workbook").read()
        except (OSError, ValueError, IndexError, struct.error, TypeError, AttributeError, MemoryError):
            raise self.damaged() from None

    def sheets(self) -> Sheets:
        """Look through every worksheet."""
        try:
            return list(self._sheets())
        except (struct.error, IndexError, EOFError, UnicodeDecodeError):
            raise self.damaged() from None

    def damaged(self) -> BadSheet:
        """Say that the file is not as a spreadsheet program would have written it."""
        return BadSheet(
            f"{self._name} is damaged or incomplete, and cannot be read as an Excel workbook (.xls).",
            "Open it in a spreadsheet program and save it as an Excel workbook (.xlsx).",
        )

    def _suspicious(self, why: str) -> BadSheet:
        return BadSheet(f"{self._name} cannot be read safely: {why}.", "Save it as an Excel workbook (.xlsx).")

    def _locked(self) -> BadSheet:
        return BadSheet(f"{self._name} is protected with a password.", "Save a copy of it without a password.")

    def _other(self, is_ancient: bool) -> BadSheet:  # noqa: FBT001  (private, and named where it is called)
        kind = "in a format of Excel 95 or older" if is_ancient else "an Office document, but not an Excel workbook"
        return BadSheet(f"{self._name} is {kind}.", "Save it as an Excel workbook (.xlsx) or as 'CSV UTF-8'.")

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        while at + 4 <= len(self._stream):
            kind, size = struct.unpack_from("<HH", self._stream, at)
            at += 4
            if at + size > len(self._stream):
                raise EOFError
            yield kind, self._stream[at : at + size]
            at += size

    def _sheets(self) -> Iterator[tuple[Worksheet, Findings]]:
        for kind, data in self._records(0):
            if kind == _XLS_LOCKED:
                raise self._locked()
            if kind == _XLS_TEXTS and struct.unpack_from("<I", data, 4)[0] > len(self._stream):
                raise self._suspicious("it claims to hold far more texts than it does")
            if kind == _XLS_SHEET and data[5] == 0:
                is_wide = data[7] & 1
                text = data[8 : 8 + data[6] * (2 if is_wide else 1)]
                name = text.decode("utf-16-le" if is_wide else "latin-1")
                start = struct.unpack_from("<I", data)[0]
                yield Worksheet(name, str(start), visible=not data[4] & 3), self._scan(start)
            if kind == _XLS_END:
                return

    def _scan(self, start: int) -> Findings:
        found, extent, depth = Findings(), Extent(self._suspicious), 0
        described, filled, are_hidden = set[int](), set[int](), False
        for kind, data in self._records(start):
            depth += (kind == _XLS_BEGIN) - (kind == _XLS_END)
            if depth == 0:
                break
            if kind == _XLS_ROWS:
                are_hidden = bool(data[0] & 2)
            elif kind == _XLS_ROW:
                described.add(row := struct.unpack_from("<H", data)[0] + 1)
                if data[12] & 0x20:
                    found.hidden_rows.add(row)
            elif kind in _XLS_VALUES:
                row, column = struct.unpack_from("<HH", data)
                if column >= _XLS_MOST_COLUMNS:
                    raise self.damaged()
                found.left = min(found.left, column)
                filled.add(row + 1)
                extent.reach(row + 1, column)
                _take_down(kind, data, found, (row + 1, column))
        extent.check()
        if are_hidden:  # but for those that say otherwise
            found.hidden_rows |= filled - described
        return found


def _take_down(kind: int, data: bytes, found: Findings, place: tuple[int, int]) -> None:
    if kind == _XLS_BOOLEAN_OR_ERROR:
        if data[7]:
            found.marks[place] = _ERRORS.get(data[6], "#VALUE!")
        else:
            found.booleans.add(place[1])
    elif kind == _XLS_FORMULA and data[12:14] == b"\xff\xff":
        if data[6] == 2:  # noqa: PLR2004  (an error; 1 is a truth value)
            found.marks[place] = _ERRORS.get(data[8], "#VALUE!")
        elif data[6] == 1:
            found.booleans.add(place[1])
