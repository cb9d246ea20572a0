"""Compose the texts of a marked workbook: a comment for each bad cell, a verdict for each row, and a summary."""

from dataclasses import dataclass

import polars as pl

from batch_dialer.contacts.validate import Checked

GOOD = "OK"
MOST_COMMENTS = 10_000
MOST_LINES = 200_000
_KINDS_SHOWN = 4
_NARROWEST, _WIDEST = 24, 80


@dataclass(frozen=True, slots=True)
class Marking:
    """The faults of a sheet by line, by cell and by row.

    *lines* has a line for each fault: the columns of `Checked.problems`, and `place`, the index of the column (from 0)
    or null for a fault of the whole row. *cells* has a line for each bad cell (`row`, `place`, `comment`), *verdicts* a
    line for each row (`row`, `verdict`). *explained* is the number of cells, from the top, that get a comment, and the
    number of lines that get a link to their cell.
    """

    lines: pl.DataFrame
    cells: pl.DataFrame
    verdicts: pl.DataFrame
    explained: int

    @property
    def width(self) -> int:
        """The width of the column of verdicts, in characters."""
        longest = self.verdicts["verdict"].str.len_chars().max()
        return min(max(longest if isinstance(longest, int) else 0, _NARROWEST), _WIDEST)


def mark(checked: Checked) -> Marking:
    """Return the texts for each bad cell and each row of a validated sheet."""
    place = pl.col("column").replace_strict(checked.mapping.places(), default=None, return_dtype=pl.UInt32)
    where = pl.when(pl.col("column") == "").then(pl.lit("The row")).otherwise(pl.col("column"))
    lines = checked.problems.with_columns(
        place.alias("place"),
        pl.format("{} {}", where, "why").alias("short"),
        pl.format("{} {}.\n{}", where, "why", "remedy").alias("full"),
    )
    cells = lines.group_by("row", "place", maintain_order=True).agg(
        pl.col("full").unique(maintain_order=True).str.join("\n\n").alias("comment")
    )
    bad = lines.group_by("row", maintain_order=True).agg(
        pl.col("short").unique(maintain_order=True).str.join("; ").alias("verdict")
    )
    verdicts = checked.rows.select("row").join(bad, on="row", how="left", maintain_order="left")
    return Marking(
        lines=lines,
        cells=cells,
        verdicts=verdicts.with_columns(pl.col("verdict").fill_null(GOOD)),
        explained=min(lines.height, MOST_COMMENTS),
    )


def summary_sentences(checked: Checked, marking: Marking) -> list[str]:
    """Return the sentences at the top of the page of problems: counts, how to use the page, and what was left out."""
    rows, good, faults = checked.rows.height, checked.good, marking.lines.height
    counts = f"{rows:,} {'row' if rows == 1 else 'rows'}: {good:,} can be dialed, {rows - good:,} cannot"
    if not faults:
        return [f"{counts}.", "Nothing is wrong with this sheet."]
    kinds = marking.lines.group_by("short", maintain_order=True).len().sort("len", descending=True, maintain_order=True)
    shown = ", ".join(f"{short} ({count:,})" for short, count in kinds.head(_KINDS_SHOWN).iter_rows())
    said = [
        f"{counts} ({faults:,} {'fault' if faults == 1 else 'faults'}).",
        f"Most often: {shown}{', …' if kinds.height > _KINDS_SHOWN else '.'}",
        "Every bad cell of the sheet is coloured, and its comment says what to do. Click a row's number to go there.",
        "Correct the cells, save, and run this workbook as it is: this page and the sheet's last column are not read.",
    ]
    if marking.explained < faults:
        said.append(f"There are so many faults that only the first {marking.explained:,} have a comment and a link.")
    if faults > MOST_LINES:
        said.append(f"Below are the first {MOST_LINES:,} faults; --report FILE.csv lists all of them.")
    return said
