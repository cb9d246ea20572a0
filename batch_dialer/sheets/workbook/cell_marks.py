"""The texts that stand in cells which show no value: errors, formulas without a result, and what cannot be shown."""

import polars as pl

from batch_dialer.sheets.columns import letters
from batch_dialer.sheets.workbook.display import OUT_OF_RANGE, UNKNOWN_FORMAT

UNCALCULATED = "#UNCALCULATED!"
"""Stands in a cell whose formula was never calculated."""
ERRORS = frozenset(
    {
        *("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"),
        *("#CALC!", "#GETTING_DATA", "#SPILL!"),
    }
)
_OTHER_ERROR = "#VALUE!"
_WHY = {
    OUT_OF_RANGE: "outside of the calendar, shown as ####",
    UNKNOWN_FORMAT: "in a number format that is not understood",
}


def error_text(name: str) -> str:
    """Return the error as cells have it: *name* if it is known, else one that says as much."""
    return name if name in ERRORS else _OTHER_ERROR


def merged_note(merged: int) -> tuple[str, ...]:
    """Return the note that *merged* cells reach over several rows; empty where none does."""
    return (f"{merged:,} merged over several rows: only the first of these rows has the value",) if merged else ()


def unreadable_notes(cells: pl.DataFrame) -> tuple[str, ...]:
    """Return a note for each kind of cells of a grid that cannot be shown, with the place of the first."""
    return tuple(note for mark, why in _WHY.items() if (note := _count(cells, mark, why)))


def _count(cells: pl.DataFrame, mark: str, why: str) -> str:
    counts = cells.select((pl.exclude("row") == mark).sum()).row(0, named=True)
    count = sum(counts.values())
    if not count:
        return ""
    firsts = ((cells["row"].filter(cells[name] == mark)[0], name) for name, found in counts.items() if found)
    row, place = min((row, int(name.removeprefix("c"))) for row, name in firsts)
    first = f"{letters(place)}{row}"
    return f"{count:,} {'cell' if count == 1 else 'cells'} {why}, the first in {first}: rejected where used"
