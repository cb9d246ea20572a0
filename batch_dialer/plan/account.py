"""The plan accounts for every row of the sheet: how many are called now, and why each of the others is not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from batch_dialer.model import Rows
from batch_dialer.plan.redial import Next
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, CODE_MEANINGS, Code, Status

TO_CALL = "to call now"
_LEFT, _CALLED, _DOUBT, _AGAIN = "left for later", "already called", "in doubt", "to call again"
_INVALID, _REFUSED, _OUTSIDE = "not valid", "refused before", "outside calling hours"

_MEANINGS: Mapping[str, str] = {
    TO_CALL: "",
    _LEFT: "--limit or --only leaves them out this time",
    _OUTSIDE: "at night, or by [calling_hours]; run again later, or --any-hour",
    _AGAIN: "when the pause of --redial-after is over",
    _CALLED: "",
    _DOUBT: "may have been called; --retry unknown calls them again",
    _INVALID: "`batch-dialer validate` shows why",
    _REFUSED: "by the API; a changed row is called, or --retry refused",
}
"""Each word for rows that are not skipped, in the order of the account, with what there is to say of it."""

_SKIPPED: Mapping[str, tuple[str, str]] = {
    Code.DUPLICATE_NUMBER: ("same number", "as another row, which has the call or gets it"),
    Code.SUPPRESSED: ("not to be called", "by a list of --suppress"),
    Code.HIDDEN_ROW: ("hidden", "or filtered out in the sheet; --hidden dial calls them"),
    Code.NUMBER_CHANGED: ("number changed", "since their call; --retry changed calls the new one"),
    Code.EXCLUDED: ("opted out", "or left out by a rule of the schema: see error_message"),
    Code.RECENTLY_CALLED: ("called lately", "by the agent, from elsewhere; --not-called-within 0 calls them again"),
    Code.EXPIRED: ("expired", "their date or time has passed"),
}
"""The word for rows that are skipped with this code, and what there is to say of it."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many *rows* of the sheet have the same end in the plan, which *word* names and *meaning* explains."""

    word: str
    rows: int
    meaning: str


def account(rows: pl.DataFrame, dial: Rows) -> tuple[Share, ...]:
    """Return how many of the planned *rows* have each end; *dial* are those that are called now.

    Each row is counted once, and the first share is that of the rows to call, also where there are none.
    """
    known = pl.col("known")
    word = (
        pl.when(pl.col("row").is_in(dial["row"].implode()))
        .then(pl.lit(TO_CALL))
        .when(pl.col("next") == Next.DIAL.value)
        .then(pl.lit(_LEFT))
        .when(pl.col("next") == Next.LATER.value)
        .then(pl.lit(_AGAIN))
        .when(pl.col("status") == Status.REJECTED.value)
        .then(pl.lit(_INVALID))
        .when(pl.col("status") == Status.DEFERRED.value)
        .then(pl.lit(_OUTSIDE))
        .when(pl.col("status") == Status.SKIPPED.value)
        .then("error_code")
        .when(known.is_in([status.value for status in CALL_EXISTS]))
        .then(pl.lit(_CALLED))
        .when(known.is_in([status.value for status in CALL_MAY_EXIST]))
        .then(pl.lit(_DOUBT))
        .otherwise(pl.lit(_REFUSED))
    )
    counts: dict[str, int] = {TO_CALL: 0} | dict(rows.select(word.alias("word")).group_by("word").len().rows())
    plain = [Share(word, counts.pop(word), meaning) for word, meaning in _MEANINGS.items() if word in counts]
    skipped = [_skipped(code, number) for code, number in sorted(counts.items(), key=lambda each: -each[1])]
    return (*plain, *skipped)


def _skipped(code: str, rows: int) -> Share:
    """Return the share of the rows that are skipped with *code*; one without a word of its own has the manual's."""
    word, meaning = _SKIPPED.get(code) or (code.lower().replace("_", " "), CODE_MEANINGS[Code(code)])
    return Share(word, rows, meaning)
