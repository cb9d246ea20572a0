"""The reader of OpenDocument spreadsheets (.ods)."""

from collections.abc import Sequence

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.workbook.cell_marks import merged_note
from batch_dialer.sheets.workbook.ods_content import Table, is_encrypted, read_tables
from batch_dialer.sheets.worksheets import Worksheet


class OdsReader:
    """A `Reader` of .ods, which reads every worksheet when it is opened; their parts are their places."""

    def __init__(self, file: SheetFile) -> None:
        if is_encrypted(file.package):
            raise BadSheet(f"{file.name} is protected with a password.", "Save a copy of it without a password.")
        self._tables = read_tables(file.package, file.progress)

    def worksheets(self) -> Sequence[Worksheet]:
        """Return the worksheets in the order of their tabs."""
        return [
            Worksheet(table.name, str(place), table.visible, table.ours) for place, table in enumerate(self._tables)
        ]

    def has_cells(self, worksheet: Worksheet) -> bool:
        """Whether any cell of *worksheet* holds anything."""
        return bool(self._table(worksheet).rows)

    def cells(self, worksheet: Worksheet) -> Grid:
        """Return the cells of *worksheet*."""
        table = self._table(worksheet)
        width = max(map(len, table.rows.values()), default=1)
        padded = [line + [None] * (width - len(line)) for line in table.rows.values()]
        cells = pl.DataFrame(padded, schema={f"c{column}": pl.String for column in range(width)}, orient="row")
        rows = pl.Series("row", list(table.rows), dtype=pl.UInt32)
        return Grid(
            cells.select(rows, pl.all()),
            notes=merged_note(table.merged),
            worksheet=worksheet.name,
            hidden=frozenset(table.hidden),
            grouped=table.commas.grouped,
        )

    def _table(self, worksheet: Worksheet) -> Table:
        return self._tables[int(worksheet.part)]
