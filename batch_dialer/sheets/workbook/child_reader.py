"""The reader of .xls and .xlsb: fastexcel can end the whole process on such a file, so it runs in a child process.

`xls.py` and `xlsb.py` look through the records of the file first, for what fastexcel leaves out and what is unsafe.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.workbook.cell_text import as_displayed, merged_note, number_rows, put_marks
from batch_dialer.sheets.workbook.findings import Findings
from batch_dialer.sheets.worksheets import Worksheet

_SECONDS = 120


class ChildReader:
    """A `Reader` of the workbook *data*; *known* are its worksheets, *damage_error* is raised where the child fails."""

    def __init__(self, data: bytes, known: Sequence[tuple[Worksheet, Findings]], damage_error: BadSheet) -> None:
        self._data = data
        self._known = dict(known)
        self._damage_error = damage_error

    def worksheets(self) -> Sequence[Worksheet]:
        """Return the worksheets in the order of their tabs."""
        return tuple(self._known)

    def has_cells(self, worksheet: Worksheet) -> bool:
        """Whether any cell of *worksheet* holds anything."""
        return self._known[worksheet].has_cells

    def cells(self, worksheet: Worksheet) -> Grid:
        """Read *worksheet*."""
        found = self._known[worksheet]
        if not found.has_cells:
            return Grid(pl.DataFrame(schema={"row": pl.UInt32, "c0": pl.String}), worksheet=worksheet.name)
        read = _read_in_child(self._data, worksheet.name)
        if read is None:
            raise self._damage_error
        return Grid(
            number_rows(put_marks(as_displayed(read, found), found)),
            notes=merged_note(found.merged),
            worksheet=worksheet.name,
            hidden=frozenset(found.hidden_rows),
        )


def _read_in_child(data: bytes, worksheet: str) -> pl.DataFrame | None:
    """Return the cells as the library gives them; None where the child fails or takes longer than `_SECONDS`."""
    command = [sys.executable, "-P", "-m", "batch_dialer.sheets.workbook.child", worksheet]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TALKOVER_")}
    try:
        child = subprocess.run(  # noqa: S603  (our own program)
            command, input=data, capture_output=True, env=kept, timeout=_SECONDS, check=False
        )
        return pl.read_ipc(child.stdout) if child.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired, pl.exceptions.PolarsError):
        return None
