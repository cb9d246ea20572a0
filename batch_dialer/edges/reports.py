"""What `validate` leaves behind: the faults, a line each, and the bad rows as they were."""

import os
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from batch_dialer.edges import disk
from batch_dialer.errors import UsageError
from batch_dialer.model import Sheet
from batch_dialer.rules.formulas import harmless
from batch_dialer.rules.mapping import REASON
from batch_dialer.rules.validation import Checked

_WIDTHS = {"row": 8, "column": 20, "value": 24, "code": 26, "what is wrong": 44, "what to do": 60}


def write_problems(path: Path, problems: pl.DataFrame) -> None:
    """Write a line for each of *problems*, as a workbook or a CSV by the ending of *path*; raise `UsageError`."""
    lines = problems.rename({"why": "what is wrong", "remedy": "what to do"}).select(_WIDTHS.keys())
    if path.suffix.lower() == ".csv":
        _write(path, lines)
        return
    book = openpyxl.Workbook(write_only=True)
    sheet: Any = book.create_sheet("Problems")  # the type stubs do not know all of a write-only sheet
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:F{lines.height + 1}"
    for letter, width in zip("ABCDEF", _WIDTHS.values(), strict=True):
        sheet.column_dimensions[letter].width = width
    heading = [WriteOnlyCell(sheet, value=name) for name in lines.columns]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    for line in lines.iter_rows():
        sheet.append([_cell(sheet, value) for value in line])
    try:
        with disk.replacing(path) as new, os.fdopen(os.dup(new), "wb") as file:
            book.save(file)
    except OSError as error:
        raise _unwritable(path, error) from None


def _cell(sheet: Any, value: str | int) -> Cell:  # noqa: ANN401  (as above)
    """Text stays text: a value that begins with = must not become a formula."""
    shown = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value) if isinstance(value, str) else value
    cell = WriteOnlyCell(sheet, value=shown)
    if isinstance(value, str):
        cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def write_rejects(path: Path, sheet: Sheet, checked: Checked) -> None:
    """Write the bad rows with their cells as they were, and why; mended, they can be fed in again."""
    reasons = checked.rows.filter(pl.col("code").is_not_null()).select("row", "message")
    rows = sheet.cells.join(reasons, on="row", how="inner", maintain_order="left").drop("row")
    _write(path, rows, (*sheet.headers, REASON))


def _write(path: Path, lines: pl.DataFrame, headers: tuple[str, ...] | None = None) -> None:
    texts = [name for name, kind in lines.schema.items() if kind == pl.String]
    safe = lines.with_columns(harmless(pl.col(name)).alias(name) for name in texts)
    names = pl.DataFrame([headers or lines.columns], orient="row", schema=[f"c{n}" for n in range(lines.width)])
    content = names.write_csv(include_header=False) + safe.write_csv(include_header=False)
    try:
        with disk.replacing(path) as new:
            disk.write_all(new, content.encode())
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be written: {error.strerror or error}.", "Close it where it is open, or name another."
    )
