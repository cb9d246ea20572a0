"""Cells as fastexcel gives them become the text that a person sees, errors included."""

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.columns import letters
from batch_dialer.sheets.workbook.findings import UNCALCULATED, Findings
from batch_dialer.sheets.workbook.number_formats import as_percent

# The errors that fastexcel knows; at any other it gives up the whole worksheet.
_KNOWN_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})

# How fastexcel writes a date and time, a time alone (the day before the first one), and a number of more digits than
# a spreadsheet program keeps: 98765432.1 comes as 98765432.099999994.
_MOMENT = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$"
_NO_DAY, _MIDNIGHT, _NO_SECONDS = "1899-12-31 ", " 00:00:00", ":00"
_LONG_NUMBER = r"^-?\d{7,}\.\d{7,9}$"


def check_errors(name: str, found: Findings) -> None:
    """Raise `BadSheet` for a cell with an error that fastexcel does not know."""
    for (row, column), text in found.marks.items():
        if text not in _KNOWN_ERRORS and text != UNCALCULATED:
            raise BadSheet(
                f"{name}, cell {letters(column)}{row}: it shows the error {text[:40]}.",
                "Mend its formula, or put a value in its place, and save the workbook again.",
            )


def as_displayed(cells: pl.DataFrame, found: Findings) -> pl.DataFrame:
    """Return *cells* with dates, times, numbers and truth values as a person sees them, columns named by place."""
    cells = cells.rename({old: f"c{index}" for index, old in enumerate(cells.columns, start=found.left)})
    text = pl.all()
    columns = cells.select(text.str.contains(f"{_MOMENT}|{_LONG_NUMBER}").any())
    changes = [_displayed(column) for column in columns.columns if columns[column][0]]
    cells = cells.with_columns(changes)
    # fastexcel's words for a truth value. A column without any keeps such words as its author wrote them.
    truths = [pl.col(f"c{column}") for column in found.booleans if f"c{column}" in cells.columns]
    cells = _with_percents(cells, found)
    return cells.with_columns(
        pl.when(column.is_in(["true", "false"])).then(column.str.to_uppercase()).otherwise(column) for column in truths
    )


def _with_percents(cells: pl.DataFrame, found: Findings) -> pl.DataFrame:
    by_format: dict[tuple[int, int], list[int]] = {}
    for (row, column), decimals in found.percents.items():
        if row <= cells.height and f"c{column}" in cells.columns:
            by_format.setdefault((column, decimals), []).append(row - 1)
    for (column, decimals), places in by_format.items():
        texts = cells[f"c{column}"].gather(places)
        shares = {text: as_percent(text, decimals) for text in texts.drop_nulls().unique()}
        cells = cells.with_columns(cells[f"c{column}"].scatter(places, texts.replace(shares)))
    return cells


def _displayed(column: str) -> pl.Expr:
    text = pl.col(column)
    moment = text.str.strip_prefix(_NO_DAY).str.strip_suffix(_MIDNIGHT).str.strip_suffix(_NO_SECONDS)
    shortest = text.cast(pl.Float64, strict=False).cast(pl.String)
    return (
        pl.when(text.str.contains(_MOMENT))
        .then(moment)
        .when(text.str.contains(_LONG_NUMBER))
        .then(shortest)
        .otherwise(text)
        .alias(column)
    )


def put_marks(cells: pl.DataFrame, found: Findings) -> pl.DataFrame:
    """Return *cells* with the marks in their places, enlarged where these lie outside."""
    if not found.marks:
        return cells
    by_column: dict[int, dict[int, str]] = {}
    for (row, column), text in found.marks.items():
        by_column.setdefault(column, {})[row - 1] = text
    height = max(cells.height, *(row for row, _ in found.marks))
    read = dict(enumerate(cells.iter_columns(), start=found.left))
    series: list[pl.Series] = []
    for column in range(min([*read, *by_column]), max([*read, *by_column]) + 1):
        old = read.get(column, pl.Series(f"c{column}", [], dtype=pl.String))
        new = old.extend_constant(None, height - len(old))
        marks = by_column.get(column, {})
        series.append(new.scatter(list(marks), list(marks.values())) if marks else new)
    return pl.DataFrame(series)


def merged_note(merged: int) -> tuple[str, ...]:
    """Return the note that *merged* cells reach over several rows; empty where none does."""
    return (f"{merged:,} merged over several rows: only the first of these rows has the value",) if merged else ()


def number_rows(cells: pl.DataFrame) -> pl.DataFrame:
    """Return *cells*, which begin with row 1, with a column `row` of row numbers."""
    return cells.select(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("row"), pl.all())
