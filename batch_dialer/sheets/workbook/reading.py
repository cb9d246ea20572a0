"""A workbook of any kind becomes the cells of one worksheet; what it is, its content says and not its name."""

import os
import subprocess
import sys

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.workbook import ods
from batch_dialer.sheets.workbook.cell_text import marked, merged_note, numbered, shown
from batch_dialer.sheets.workbook.package import BINARY, EXCEL, Package
from batch_dialer.sheets.workbook.xls_scan import OldWorkbook
from batch_dialer.sheets.workbook.xlsb_scan import scan_binary
from batch_dialer.sheets.workbook.xlsx import Cells, read_excel, relations
from batch_dialer.sheets.workbook.xlsx_scan import Findings
from batch_dialer.sheets.worksheets import Worksheet, choose

_SECONDS = 120
_BINARY_RELATIONS = "xl/_rels/workbook.bin.rels"


def read_workbook(data: bytes, name: str, wanted: str | None) -> Cells:
    """Read the worksheet *wanted* of an .xlsx, .xlsm, .xlsb or .ods, or the only one with any cells."""
    package = Package(data, name)
    if EXCEL in package:
        return read_excel(package, data, wanted)
    if BINARY in package:
        known = relations(package, _BINARY_RELATIONS)
        return _read_elsewhere(data, name, wanted, scan_binary(package, known), package.damaged())
    return _read_open_document(package, wanted)


def read_old_workbook(data: bytes, name: str, wanted: str | None) -> Cells:
    """Read the worksheet *wanted* of an .xls, or the only one with any cells."""
    workbook = OldWorkbook(data, name)
    return _read_elsewhere(data, name, wanted, workbook.sheets(), workbook.damaged())


def _read_open_document(package: Package, wanted: str | None) -> Cells:
    if ods.is_encrypted(package):
        raise BadSheet(f"{package.name} is protected with a password.", "Save a copy of it without a password.")
    tables = ods.tables(package)
    sheets = [Worksheet(table.name, str(number), table.visible) for number, table in enumerate(tables)]
    sheet, notes = choose(package.name, sheets, wanted, lambda sheet: bool(tables[int(sheet.part)].rows))
    table = tables[int(sheet.part)]
    width = max(map(len, table.rows.values()), default=1)
    padded = [line + [None] * (width - len(line)) for line in table.rows.values()]
    schema = {f"c{column}": pl.String for column in range(width)}
    cells = pl.DataFrame(padded, schema=schema, orient="row")
    rows = pl.Series("row", list(table.rows), dtype=pl.UInt32)
    notes += merged_note(table.merged)
    return cells.select(rows, pl.all()), sheet.name, notes, frozenset(table.hidden)


def _read_elsewhere(
    data: bytes, name: str, wanted: str | None, known: list[tuple[Worksheet, Findings]], damaged: BadSheet
) -> Cells:
    findings = dict(known)
    sheet, notes = choose(name, list(findings), wanted, lambda sheet: _is_filled(findings[sheet]))
    found = findings[sheet]
    if not _is_filled(found):
        return pl.DataFrame(schema={"row": pl.UInt32, "c0": pl.String}), sheet.name, notes, frozenset()
    command = [sys.executable, "-P", "-m", "batch_dialer.sheets.workbook.child", sheet.name]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TALKOVER_")}
    try:
        child = subprocess.run(  # noqa: S603  (our own program)
            command, input=data, capture_output=True, env=kept, timeout=_SECONDS, check=False
        )
        cells = pl.read_ipc(child.stdout) if child.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired, pl.exceptions.PolarsError):
        cells = None
    if cells is None:
        raise damaged
    notes += merged_note(found.merged)
    return numbered(marked(shown(cells, found), found)), sheet.name, notes, frozenset(found.hidden_rows)


def _is_filled(found: Findings) -> bool:
    return found.left < Findings().left
