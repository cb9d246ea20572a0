"""Which column of a sheet names its rows. A running number does not: people number the rows anew when they sort."""

from collections.abc import Iterable

import polars as pl

from batch_dialer.contacts.find_column import snake_case
from batch_dialer.contacts.phone_headers import find_phone_columns
from batch_dialer.scaffold.column_cells import SheetColumn

_ID_WORDS = frozenset({"id", "uuid", "guid", "nr", "no", "number", "ref", "reference", "invoice", "key"})
_WHOLE = r"^[0-9]{1,18}(?:\.0+)?$"
_SPARSE = 2


def find_id(columns: Iterable[SheetColumn]) -> SheetColumn | None:
    """Return the column that most likely names each row; None where none is certain to."""
    return min(filter(_is_id, columns), key=_rank, default=None)


def is_id_header(header: str) -> bool:
    """Return whether *header* reads as that of an ID."""
    words = snake_case(header).split("_")
    return not _ID_WORDS.isdisjoint((words[0], words[-1])) and not find_phone_columns((header,))


def is_running_number(column: SheetColumn) -> bool:
    """Return whether the cells are whole numbers one after the other, in whatever order, at most half of them left out.

    Numbers that a system gives to people leave larger gaps, since a sheet seldom holds all of its people.
    """
    if not len(column.good) or not column.good.str.contains(_WHOLE).all():
        return False
    numbers = column.good.str.replace(r"\.0+$", "").cast(pl.Int64)
    low, high = int(numbers.min() or 0), int(numbers.max() or 0)  # type: ignore[arg-type]  # of an integer column
    return high - low < _SPARSE * len(numbers)


def _is_id(column: SheetColumn) -> bool:
    whole = column.filled and len(column.good) == len(column.cells) == column.cells.n_unique()
    return whole and is_id_header(column.header) and not is_running_number(column)


def _rank(column: SheetColumn) -> tuple[bool, bool]:
    words = snake_case(column.header).split("_")
    return words != ["id"], words[-1] != "id"
