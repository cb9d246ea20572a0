"""Write the CSV files of `validate`: one with a line for each fault, one with the bad rows as they were."""

from pathlib import Path

import polars as pl

from batch_dialer.contacts.validate import Checked
from batch_dialer.model import Sheet, SheetOrigin
from batch_dialer.reports.saving import write_file
from batch_dialer.sheets.csv_safety import escaped
from batch_dialer.sheets.own_marks import ORIGIN, OWN_HEADERS, REASON, origin_text


def write_problems(path: Path, problems: pl.DataFrame) -> None:
    """Write *problems* (`Checked.problems`) to the CSV file *path*; raise `UsageError` where it cannot be written."""
    lines = problems.rename({"why": "what is wrong", "remedy": "what to do"})
    _write(path, lines.select("row", "column", "value", "code", "what is wrong", "what to do"))


def write_rejects(path: Path, sheet: Sheet, checked: Checked, origin: SheetOrigin) -> None:
    """Write the bad rows of *sheet* to the CSV file *path*, with all of their cells, why they are bad, and *origin*.

    Corrected, the file can be used as a sheet. Raises `UsageError` where it cannot be written.
    """
    reasons = checked.rows.filter(pl.col("code").is_not_null()).select("row", "message")
    rows = sheet.cells.join(reasons, on="row", how="inner", maintain_order="left")
    theirs = [n for n, header in enumerate(sheet.headers) if header not in OWN_HEADERS]
    cells = rows.select(*(f"c{n}" for n in theirs), "message", pl.lit(origin_text(origin)).alias("origin"))
    _write(path, cells, (*(sheet.headers[n] for n in theirs), REASON, ORIGIN))


def _write(path: Path, lines: pl.DataFrame, headers: tuple[str, ...] | None = None) -> None:
    texts = [name for name, kind in lines.schema.items() if kind == pl.String]
    safe = lines.with_columns(escaped(pl.col(name)).alias(name) for name in texts)
    names = pl.DataFrame([headers or lines.columns], orient="row", schema=[f"c{n}" for n in range(lines.width)])
    content = names.write_csv(include_header=False) + safe.write_csv(include_header=False)
    write_file(path, content.encode())
