"""The reader of .xlsb: its records tell the worksheets, hidden rows, errors, and whether it is safe to read.

The parts are sequences of records, each with its kind and its length before it. Most kinds do not matter here.
"""

import struct
from collections.abc import Iterator, Mapping

from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.workbook.cell_errors import error_name
from batch_dialer.sheets.workbook.child_reader import ChildReader
from batch_dialer.sheets.workbook.extent import MAX_ROWS, Extent
from batch_dialer.sheets.workbook.findings import Findings
from batch_dialer.sheets.workbook.number_formats import CellStyles
from batch_dialer.sheets.workbook.package import Package
from batch_dialer.sheets.workbook.relations import worksheet_parts
from batch_dialer.sheets.worksheets import Worksheet

WORKBOOK = "xl/workbook.bin"
"""The part that every .xlsb has."""
_RELATIONS, _STYLES = "xl/_rels/workbook.bin.rels", "xl/styles.bin"
_SHEET, _ROW, _MERGED = 156, 0, 176
_FORMAT, _STYLE, _CELL_STYLES, _CELL_STYLES_END = 44, 47, 617, 618
_VALUES = frozenset(range(2, 12)) | {62}
_CELL_ERRORS = frozenset({3, 11})
_FORMULA_BOOLEANS = frozenset({4, 10})
_NUMBERS = frozenset({2, 5, 9})
_STYLE_BITS = 0xFFFFFF


def open_xlsb(file: SheetFile) -> ChildReader:
    """Open an .xlsb; raise `BadSheet` where it is damaged or unsafe to read."""
    parts = worksheet_parts(file.package, _RELATIONS)
    return ChildReader(file.data, _scan(file.package, parts), file.package.damage_error())


def _scan(package: Package, parts: dict[str, str]) -> list[tuple[Worksheet, Findings]]:
    """Return what was found in every worksheet; *parts* has the part for each relation ID."""
    sheets: list[tuple[Worksheet, Findings]] = []
    with package.damage_as_error():
        percents = _percents(package)
        for kind, data in _records(b"".join(package.chunks(WORKBOOK))):
            if kind == _SHEET:
                hidden, _, length = struct.unpack_from("<III", data)
                part = parts.get(_text(data, 8), "")
                name = _text(data, 12 + 2 * length)
                if part in package:
                    sheets.append((Worksheet(name, part, hidden == 0), _scan_part(package, part, percents)))
    return sheets


def _text(data: bytes, at: int) -> str:
    return data[at + 4 : at + 4 + 2 * struct.unpack_from("<I", data, at)[0]].decode("utf-16-le")


def _percents(package: Package) -> Mapping[int, int]:
    styles, inside = CellStyles(), False
    if _STYLES not in package:
        return styles.percents
    for kind, data in _records(b"".join(package.chunks(_STYLES))):
        if kind == _FORMAT:
            styles.add_format(str(struct.unpack_from("<H", data)[0]), _text(data, 2))
        elif kind in {_CELL_STYLES, _CELL_STYLES_END}:
            inside = kind == _CELL_STYLES
        elif kind == _STYLE and inside:
            styles.add_style(str(struct.unpack_from("<H", data, 2)[0]))
    return styles.percents


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


def _scan_part(package: Package, part: str, percents: Mapping[int, int]) -> Findings:
    found, extent, row = Findings(), Extent(package.unsafe_error), 0
    for kind, data in _records(b"".join(package.chunks(part))):
        if kind == _ROW:
            row = struct.unpack_from("<I", data)[0] + 1
            if row > MAX_ROWS:
                raise package.damage_error()
            if data[11] & 0x10:
                found.hidden_rows.add(row)
        elif kind in _VALUES:
            column, style = struct.unpack_from("<II", data)
            extent.reach(row, column)
            found.left = min(found.left, column)
            if kind in _CELL_ERRORS:
                found.marks[row, column] = error_name(data[8])
            elif kind in _FORMULA_BOOLEANS:
                found.booleans.add(column)
            elif kind in _NUMBERS and style & _STYLE_BITS in percents:
                found.percents[row, column] = percents[style & _STYLE_BITS]
        elif kind == _MERGED:
            top, bottom = struct.unpack_from("<II", data)
            found.merged += top != bottom
    extent.check()
    return found
