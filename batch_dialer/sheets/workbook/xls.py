"""The reader of .xls: its records tell the worksheets, hidden rows, errors, and whether it is safe to read.

The stream is a sequence of records, each with its kind and its length before it. Most kinds do not matter here.
"""

import io
import struct
from collections.abc import Iterator, Mapping

import olefile

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.workbook.cell_errors import error_name
from batch_dialer.sheets.workbook.child_reader import ChildReader
from batch_dialer.sheets.workbook.extent import Extent
from batch_dialer.sheets.workbook.findings import UNCALCULATED, Findings
from batch_dialer.sheets.workbook.number_formats import CellStyles
from batch_dialer.sheets.worksheets import Worksheet

_SHEET, _ROW, _ROWS, _LOCKED, _BEGIN, _END = 0x85, 0x208, 0x225, 0x2F, 0x809, 0x0A
_TEXTS, _NUMBER, _SHORT_NUMBER, _MANY, _FORMULA, _BOOLEAN_OR_ERROR = 0xFC, 0x203, 0x27E, 0xBD, 0x06, 0x205
_FORMAT, _STYLE, _MERGED = 0x41E, 0xE0, 0xE5
_VALUES = frozenset({0x204, 0xFD, 0xD6, _NUMBER, _SHORT_NUMBER, _MANY, _FORMULA, _BOOLEAN_OR_ERROR})
_TRUTH, _ERROR = 1, 2  # what a formula may come to, besides numbers and texts
_JOINED = 0x08  # the operator &, where it is the last that a formula does
_MOST_COLUMNS = 256


def open_xls(file: SheetFile) -> ChildReader:
    """Open an .xls; raise `BadSheet` where it is locked, damaged, unsafe to read, or another kind of document."""
    records = _Records(file.data, file.name)
    return ChildReader(file.data, records.sheets(), records.damage_error())


class _Records:
    """The records of an .xls, which lie in one stream of an OLE file."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        try:
            with olefile.OleFileIO(io.BytesIO(data)) as file:
                if file.exists("EncryptedPackage"):
                    raise self._password_error()
                if not file.exists("Workbook"):
                    raise self._format_error(file.exists("Book"))
                self._stream: bytes = file.openstream("Workbook").read()
        except (OSError, ValueError, IndexError, struct.error, TypeError, AttributeError, MemoryError):
            raise self.damage_error() from None

    def sheets(self) -> list[tuple[Worksheet, Findings]]:
        """Return what was found in every worksheet, in the order of their tabs."""
        try:
            return list(self._sheets())
        except (struct.error, IndexError, EOFError, UnicodeDecodeError):
            raise self.damage_error() from None

    def damage_error(self) -> BadSheet:
        """Return the error for a file that no spreadsheet program would have written so."""
        return BadSheet(
            f"{self._name} is damaged or incomplete, and cannot be read as an Excel workbook (.xls).",
            "Open it in a spreadsheet program and save it as an Excel workbook (.xlsx).",
        )

    def _unsafe_error(self, why: str) -> BadSheet:
        return BadSheet(f"{self._name} cannot be read safely: {why}.", "Save it as an Excel workbook (.xlsx).")

    def _password_error(self) -> BadSheet:
        return BadSheet(f"{self._name} is protected with a password.", "Save a copy of it without a password.")

    def _format_error(self, is_ancient: bool) -> BadSheet:  # noqa: FBT001  (private, and named where it is called)
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
        styles = CellStyles()
        for kind, data in self._records(0):
            if kind == _LOCKED:
                raise self._password_error()
            if kind == _TEXTS and struct.unpack_from("<I", data, 4)[0] > len(self._stream):
                raise self._unsafe_error("it claims to hold far more texts than it does")
            if kind == _FORMAT:
                number, length = struct.unpack_from("<HH", data)
                styles.add_format(str(number), _text(data, length, 4))
            elif kind == _STYLE:
                styles.add_style(str(struct.unpack_from("<H", data, 2)[0]))
            elif kind == _SHEET and data[5] == 0:
                start = struct.unpack_from("<I", data)[0]
                sheet = Worksheet(_text(data, data[6], 7), str(start), visible=not data[4] & 3)
                yield sheet, self._scan(start, styles.percents)
            elif kind == _END:
                return

    def _scan(self, start: int, percents: Mapping[int, int]) -> Findings:
        look, depth = _Look(Extent(self._unsafe_error), percents), 0
        for kind, data in self._records(start):
            depth += (kind == _BEGIN) - (kind == _END)
            if depth == 0:
                break
            if kind in _VALUES:
                row, column = struct.unpack_from("<HH", data)
                if column >= _MOST_COLUMNS:
                    raise self.damage_error()
                look.at_value(kind, data, row + 1, column)
            else:
                look.at_other(kind, data)
        return look.findings()


def _text(data: bytes, length: int, at: int) -> str:
    is_wide = data[at] & 1
    text = data[at + 1 : at + 1 + length * (2 if is_wide else 1)]
    return text.decode("utf-16-le" if is_wide else "latin-1", errors="replace")


class _Look:
    """What the records of one worksheet tell; they are added one by one."""

    def __init__(self, extent: Extent, percents: Mapping[int, int]) -> None:
        self._found = Findings()
        self._extent = extent
        self._percents = percents
        self._filled: set[int] = set()
        self._described: set[int] = set()
        self._hides_others = False

    def findings(self) -> Findings:
        self._extent.check()
        if self._hides_others:
            self._found.hidden_rows |= self._filled - self._described
        return self._found

    def at_other(self, kind: int, data: bytes) -> None:
        if kind == _ROWS:
            self._hides_others = bool(data[0] & 2)
        elif kind == _ROW:
            row = struct.unpack_from("<H", data)[0] + 1
            self._described.add(row)
            if data[12] & 0x20:
                self._found.hidden_rows.add(row)
        elif kind == _MERGED:
            corners = struct.iter_unpack("<4H", data[2 : 2 + 8 * struct.unpack_from("<H", data)[0]])
            self._found.merged += sum(top != bottom for top, bottom, _, _ in corners)

    def at_value(self, kind: int, data: bytes, row: int, column: int) -> None:
        self._found.left = min(self._found.left, column)
        self._filled.add(row)
        self._extent.reach(row, column)
        if kind in {_NUMBER, _SHORT_NUMBER}:
            self._style(row, column, data, 4)
        elif kind == _MANY:
            for place in range((len(data) - 6) // 6):
                self._style(row, column + place, data, 4 + 6 * place)
        elif kind == _BOOLEAN_OR_ERROR:
            self._take_down(row, column, is_error=bool(data[7]), value=data[6])
        elif kind == _FORMULA and _joins_texts_to_zero(data):
            self._found.marks[row, column] = UNCALCULATED
        elif kind == _FORMULA and data[12:14] != b"\xff\xff":
            self._style(row, column, data, 4)
        elif kind == _FORMULA and data[6] in {_TRUTH, _ERROR}:
            self._take_down(row, column, is_error=data[6] == _ERROR, value=data[8])

    def _style(self, row: int, column: int, data: bytes, at: int) -> None:
        style = struct.unpack_from("<H", data, at)[0]
        if style in self._percents:
            self._found.percents[row, column] = self._percents[style]

    def _take_down(self, row: int, column: int, *, is_error: bool, value: int) -> None:
        if is_error:
            self._found.marks[row, column] = error_name(value)
        else:
            self._found.booleans.add(column)


def _joins_texts_to_zero(formula: bytes) -> bool:
    """Whether a formula that joins texts, such as =A2&" "&B2, came to 0: LibreOffice writes that if not calculated."""
    (length,) = struct.unpack_from("<H", formula, 20)
    return length > 0 and formula[6:14] == bytes(8) and formula[21 + length] == _JOINED
