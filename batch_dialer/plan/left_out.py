"""Rows that the sheet itself leaves out: hidden ones, and those that a column keeps from being called. Pure.

Nobody has to mend anything in them, whatever is wrong with them.
"""

from dataclasses import replace

import polars as pl

from batch_dialer.contacts.validate import Checked
from batch_dialer.model import Problems, Rows
from batch_dialer.plan.skipping import skip
from batch_dialer.words import Code, Hidden

_HIDDEN = "The row is hidden or filtered out in the sheet. To dial such rows, too: --hidden dial."


def is_hidden(rows: pl.DataFrame, hidden: Hidden) -> pl.Expr:
    """People filter a sheet and take it that the rest is not called, whatever is wrong with the rest."""
    is_left = "hidden" in rows.columns and hidden is Hidden.SKIP
    return pl.col("hidden") if is_left else pl.lit(value=False)


def is_excluded(rows: pl.DataFrame) -> pl.Expr:
    """Return of which *rows* a column says that they are not to be called."""
    return pl.col("excluded").is_not_null() if "excluded" in rows.columns else pl.lit(value=False)


def skip_left_out(rows: pl.DataFrame, hidden: Hidden) -> pl.DataFrame:
    """Return *rows* with those skipped that are left out; the reason of a hidden row is that it is hidden."""
    rows = skip(rows, is_hidden(rows, hidden), Code.HIDDEN_ROW, pl.lit(_HIDDEN))
    why = pl.col("excluded") if "excluded" in rows.columns else pl.lit("")
    return skip(rows, is_excluded(rows), Code.EXCLUDED, why)


def without_hidden(checked: Checked, hidden: Hidden) -> Checked:
    """Return *checked* without the rows that are left out for being hidden, and without their problems."""
    return _filtered(checked, ~is_hidden(checked.rows, hidden))


def without_excluded(checked: Checked) -> Checked:
    """Return *checked* without the rows that a column keeps from being called: nothing in them has to be mended."""
    return _filtered(checked, ~is_excluded(checked.rows))


def _filtered(checked: Checked, which: pl.Expr) -> Checked:
    rows = checked.rows.filter(which)
    if rows.height == checked.rows.height:
        return checked
    problems = checked.problems.filter(pl.col("row").is_in(rows["row"].implode()))
    return replace(checked, rows=Rows(rows), problems=Problems(problems))
