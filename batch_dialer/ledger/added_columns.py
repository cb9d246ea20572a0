"""RESULTS.added: the columns beside ours while a run is under way, so that none is lost with it.

The results file of a run that is under way has no line for a row that is yet to be dialed, and so no place for what a
person wrote beside it. This file has it all, from before the first call until the results are whole again.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from batch_dialer import disk
from batch_dialer.ledger.extra_columns import ExtraColumn, ExtraColumns, join_extra
from batch_dialer.sheets import csv_safety

_OF_SHEET, _ADDED = "sheet:", "added:"


def added_path(results: Path) -> Path:
    """Return where the columns lie beside *results*."""
    return results.with_name(f"{results.name}.added")


def write_added(results: Path, extra: ExtraColumns) -> None:
    """Write the columns *extra* beside *results*, where there are any; raises OSError."""
    if extra.columns:
        headers = [f"{_OF_SHEET if column.of_sheet else _ADDED}{column.header}" for column in extra.columns]
        _write(added_path(results), headers, extra)


def read_added(results: Path) -> ExtraColumns:
    """Return the columns that a run which was cut short left beside *results*; none where there are none."""
    try:
        found = pl.read_csv(added_path(results), has_header=False, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError):
        return ExtraColumns()
    headers = [header or "" for header in found.row(0)[1:]]
    columns = tuple(
        ExtraColumn(header.removeprefix(_OF_SHEET).removeprefix(_ADDED), of_sheet=header.startswith(_OF_SHEET))
        for header in headers
    )
    text = (csv_safety.unescaped(pl.col(name)).alias(f"x{nth}") for nth, name in enumerate(found.columns[1:]))
    return ExtraColumns(columns, found[1:].select(pl.col(found.columns[0]).alias("key"), *text))


def remove_added(results: Path) -> None:
    """Remove the columns beside *results*: its lines have them all."""
    with contextlib.suppress(OSError):
        added_path(results).unlink()


def write_lost(results: Path, extra: ExtraColumns, now: datetime) -> Path:
    """Write what people wrote beside rows that have no line in *results* any more, and return the path of that file."""
    path = results.with_name(f"{results.stem}.notes-{now:%Y%m%dT%H%M%S}{results.suffix}")
    _write(path, [csv_safety.escape(column.header) for column in extra.columns], extra)
    return path


def _write(path: Path, headers: Sequence[str], extra: ExtraColumns) -> None:
    head = pl.DataFrame({f"c{nth}": [header] for nth, header in enumerate(("key", *headers))})
    cells = join_extra(extra.cells.select("key"), extra)
    with disk.replacing(path) as new:
        disk.write_all(new, (head.write_csv(include_header=False) + cells.write_csv(include_header=False)).encode())
