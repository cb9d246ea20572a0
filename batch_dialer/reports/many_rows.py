"""Rows of which there may be very many, written into a worksheet as XML that is made by column.

openpyxl takes some 40 µs for each cell, half a minute for 100,000 rows. It writes all else: what cells look like,
comments, links, filters.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import polars as pl

_ROWS_AT_A_TIME = 20_000
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_END = b"</sheetData>"


def text_cell(column: str, text: pl.Expr, style: pl.Expr) -> pl.Expr:
    """Return the XML of cells with a *text* that XML can hold, null for none; *column* is in letters.

    *style* is what openpyxl knows as `style_id`.
    """
    start = pl.format('<c r="{}{}" s="{}"', pl.lit(column), "row", style)
    escaped = text.str.replace_many(_ESCAPED)
    shown = pl.format('{} t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>', start, escaped)
    return pl.when(text.is_null()).then(pl.format("{}/>", start)).otherwise(shown)


def number_cell(column: str, number: pl.Expr, style: pl.Expr) -> pl.Expr:
    """Return the XML of cells with a whole *number*."""
    return pl.format('<c r="{}{}" s="{}"><v>{}</v></c>', pl.lit(column), "row", style, number)


@dataclass(frozen=True, slots=True)
class ManyRows:
    """The rows *lines* of the worksheet *sheet*, in place of those that openpyxl would write from the first of them on.

    `row` of *lines* has their numbers, ascending; *cells* are expressions of XML, as above; *height* is in points.
    """

    sheet: Any
    lines: pl.DataFrame
    cells: Sequence[pl.Expr]
    height: pl.Expr | None = None

    def put_into(self, part: Path) -> None:
        """Put the rows into *part*, the XML of the worksheet."""
        written = part.read_bytes()
        first = written.find(b'<row r="%d"' % self.lines["row"][0])
        end = written.rindex(_END)
        with part.open("wb") as file:
            file.write(written[: first if first >= 0 else end])
            file.writelines(self._xml())
            file.write(written[end:])

    def _xml(self) -> Iterator[bytes]:
        tall = pl.lit("") if self.height is None else pl.format(' ht="{}" customHeight="1"', self.height)
        row = pl.format('<row r="{}"{}>{}</row>', "row", tall, pl.concat_str(*self.cells))
        for lines in self.lines.iter_slices(_ROWS_AT_A_TIME):
            yield "".join(lines.select(row).to_series()).encode()


class RowsArchive(ZipFile):
    """The archive of a workbook to which worksheets are written with *many* rows."""

    many: Iterable[ManyRows] = ()

    def write(self, filename: Any, arcname: Any = None, *args: Any, **options: Any) -> None:  # noqa: ANN401  (as `ZipFile` has it)
        """Write the file *filename* as *arcname*, with the rows that belong into it."""
        for rows in self.many:
            if rows.sheet.path.lstrip("/") == arcname and rows.lines.height:
                rows.put_into(Path(filename))
        super().write(filename, arcname, *args, **options)
