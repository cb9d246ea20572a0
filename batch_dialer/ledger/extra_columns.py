"""The columns of a results file beside ours: those of the sheet that it shows, and then what people have added.

They are known by the key of their line, as everything about a row is. Its law: what a person wrote stays.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from batch_dialer.entry import ENTRY_SCHEMA, Lines
from batch_dialer.ledger.keys import is_key
from batch_dialer.model import Rows, Sheet
from batch_dialer.sheets import csv_safety

UNDER_WAY = "under_way_since_"
"""How the last header of a results file begins while its run is under way; the moment at which it began follows."""


@dataclass(frozen=True, slots=True)
class ExtraColumn:
    """A column beside ours. *of_sheet*: whether it holds what the sheet has; else a person added it."""

    header: str
    of_sheet: bool = False


@dataclass(frozen=True, slots=True)
class ExtraColumns:
    """The *columns* in their order, of which several may have one header, and their *cells*.

    *cells* has a line for each key: `key`, and then `x0`, `x1`, …, the text of each column, null where it is empty.
    """

    columns: tuple[ExtraColumn, ...] = ()
    cells: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"key": pl.String}))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns in *cells*."""
        return tuple(f"x{nth}" for nth, _ in enumerate(self.columns))

    @property
    def of_sheet(self) -> tuple[str, ...]:
        """The headers of the columns that hold what the sheet has."""
        return tuple(column.header for column in self.columns if column.of_sheet)


def read_extra(sheet: Sheet, of_sheet: Sequence[str] = ()) -> ExtraColumns:
    """Return the columns of a results file, read as *sheet*, that are not ours.

    The first column of each header in *of_sheet* holds what the sheet has.
    """
    ours = {sheet.headers.index(name) for name in ENTRY_SCHEMA if name in sheet.headers}
    others = [n for n, header in enumerate(sheet.headers) if n not in ours and not header.startswith(UNDER_WAY)]
    others = [n for n in others if sheet.headers[n] or sheet.cells[f"c{n}"].null_count() < sheet.cells.height]
    if not others or "key" not in sheet.headers:
        return ExtraColumns()
    headers = [csv_safety.unescape(sheet.headers[n]) for n in others]
    first = {headers.index(header) for header in of_sheet if header in headers}
    key = pl.col(f"c{sheet.headers.index('key')}").str.strip_chars()
    cells = sheet.cells.select(
        key.alias("key"),
        *(csv_safety.unescaped(pl.col(f"c{n}")).alias(f"x{nth}") for nth, n in enumerate(others)),
    ).filter(is_key(pl.col("key")).fill_null(value=False))
    if cells["key"].is_duplicated().any():
        cells = cells.group_by("key", maintain_order=True).agg(pl.all().drop_nulls().last())
    columns = tuple(ExtraColumn(header, of_sheet=nth in first) for nth, header in enumerate(headers))
    return ExtraColumns(columns, cells)


def sheet_columns(headers: Sequence[str], rows: Rows) -> ExtraColumns:
    """Return the columns *headers* of the sheet, which *rows* (with their keys) have as `kept 0`, `kept 1`, …."""
    cells = rows.select("key", *(pl.col(f"kept {nth}").alias(f"x{nth}") for nth, _ in enumerate(headers)))
    return ExtraColumns(tuple(ExtraColumn(header, of_sheet=True) for header in headers), cells)


def update_extra(older: ExtraColumns, newer: ExtraColumns) -> ExtraColumns:
    """Return *older* with what *newer* has: of each key that it knows all, and the columns that are only in it.

    Columns are the same if they are the n-th of one header in both.
    """
    if not newer.columns:
        return older
    if not older.columns:
        return newer
    place = {name: nth for nth, name in enumerate(_numbered(older.columns))}
    added: list[ExtraColumn] = []
    renamed: dict[str, str] = {}
    for nth, (column, name) in enumerate(zip(newer.columns, _numbered(newer.columns), strict=True)):
        if name not in place:
            place[name] = len(older.columns) + len(added)
            added.append(column)
        renamed[f"x{nth}"] = f"new x{place[name]}"
    columns = (*older.columns, *added)
    keys = pl.concat([older.cells.select("key"), newer.cells.select("key")]).unique("key", maintain_order=True)
    theirs = newer.cells.rename(renamed).with_columns(pl.lit(value=True).alias("is newer"))
    both = keys.join(older.cells, on="key", how="left", maintain_order="left")
    both = both.join(theirs, on="key", how="left", maintain_order="left")
    merged = (_newer_first(f"x{nth}", both) for nth, _ in enumerate(columns))
    return ExtraColumns(columns, both.select("key", *merged))


def _newer_first(name: str, both: pl.DataFrame) -> pl.Expr:
    if f"new {name}" not in both.columns:
        return pl.col(name)
    old = pl.col(name) if name in both.columns else pl.lit(None, pl.String)
    return pl.when("is newer").then(f"new {name}").otherwise(old).alias(name)


def _numbered(columns: Iterable[ExtraColumn]) -> list[tuple[str, int]]:
    seen: Counter[str] = Counter()
    names = []
    for column in columns:
        seen[column.header] += 1
        names.append((column.header, seen[column.header]))
    return names


def put_sheet_columns(extra: ExtraColumns, kept: ExtraColumns) -> ExtraColumns:
    """Return *extra* with the columns *kept* of the sheet before all others, in place of what they were before.

    Rows that are no longer in the sheet keep what they had.
    """
    if not kept.columns:
        return extra
    before = {column.header: nth for nth, column in enumerate(extra.columns) if column.of_sheet}
    replaced = [before.get(column.header) for column in kept.columns]
    order = [nth for nth, _ in enumerate(extra.columns) if nth not in replaced]
    old = extra.cells.select(
        "key",
        *(
            (pl.lit(None, pl.String) if nth is None else pl.col(f"x{nth}")).alias(f"x{place}")
            for place, nth in enumerate(replaced)
        ),
        *(pl.col(f"x{nth}").alias(f"x{place}") for place, nth in enumerate(order, start=len(replaced))),
    )
    columns = (*kept.columns, *(extra.columns[nth] for nth in order))
    return replace(update_extra(ExtraColumns(columns, old), kept), columns=columns)


def follow_mended(extra: ExtraColumns, rows: Rows, known: pl.Series) -> ExtraColumns:
    """Return *extra* with what was known by its place alone, as its row had no number, at the key that it has now.

    *rows* are those of the sheet; the row in that place is taken for the same if its key is none of the *known*.
    """
    if not extra.columns:
        return extra
    place = pl.col("key").str.extract(r"^row:(\d+)$").cast(pl.Int64, strict=False)
    left = extra.cells.select("key", place.alias("row")).drop_nulls("row").join(rows, on="key", how="anti")
    if left.is_empty():
        return extra
    new = rows.filter(~pl.col("key").is_in(known.implode()) & ~pl.col("key").is_in(extra.cells["key"].implode()))
    moved = left.join(new.select(pl.col("row").cast(pl.Int64), pl.col("key").alias("now")), on="row", how="inner")
    return replace(extra, cells=extra.cells.with_columns(pl.col("key").replace(moved["key"], moved["now"])))


def without_line(extra: ExtraColumns, lines: Lines) -> ExtraColumns:
    """Return of *extra* what people wrote beside rows that have no line among *lines*."""
    theirs = [f"x{nth}" for nth, column in enumerate(extra.columns) if not column.of_sheet]
    if not theirs:
        return ExtraColumns()
    written = pl.any_horizontal(pl.col(theirs).is_not_null())
    return replace(extra, cells=extra.cells.join(lines, on="key", how="anti").filter(written))


def join_extra(lines: pl.DataFrame, extra: ExtraColumns) -> pl.DataFrame:
    """Return *lines* with the cells of *extra*, as they are safe in a file that people open."""
    if not extra.columns:
        return lines
    joined = lines.join(extra.cells, on="key", how="left", maintain_order="left")
    return joined.with_columns(
        csv_safety.escaped(pl.col(name).str.replace_all(r"\r\n?", "\n")).alias(name) for name in extra.names
    )
