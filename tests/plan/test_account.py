"""Every row of the sheet is in the account of the plan, once."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.model import Rows
from batch_dialer.plan.account import TO_CALL, account
from batch_dialer.plan.redial import Next
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Code, Status

_SCHEMA = {"row": pl.UInt32, "status": pl.String, "error_code": pl.String, "known": pl.String, "next": pl.String}
_ROW: dict[str, str | None] = {"status": None, "error_code": None, "known": None, "next": Next.LEAVE.value}
_SKIPPED = {"status": Status.SKIPPED.value}


def _rows(*rows: Mapping[str, object]) -> pl.DataFrame:
    return pl.DataFrame([{"row": n, **_ROW, **row} for n, row in enumerate(rows, start=2)], schema=_SCHEMA)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"next": "dial"}, "left for later"),
        ({"status": "rejected"}, "not valid"),
        ({"status": "deferred", "error_code": "OUTSIDE_CALLING_HOURS"}, "outside calling hours"),
        ({**_SKIPPED, "error_code": "DUPLICATE_NUMBER", "known": "completed"}, "same number"),
        ({**_SKIPPED, "error_code": "SUPPRESSED"}, "not to be called"),
        ({**_SKIPPED, "error_code": "HIDDEN_ROW"}, "hidden"),
        ({**_SKIPPED, "error_code": "NUMBER_CHANGED", "known": "busy"}, "number changed"),
        ({**_SKIPPED, "error_code": "EXPIRED"}, "expired"),
        ({**_SKIPPED, "error_code": "DUPLICATE_ID"}, "duplicate id"),
        *(({"known": status.value}, "already called") for status in CALL_EXISTS),
        *(({"known": status.value}, "in doubt") for status in CALL_MAY_EXIST),
        ({"known": "refused"}, "refused before"),
    ],
)
def test_a_row_that_is_not_called_is_counted_by_its_reason(row: dict[str, str], word: str) -> None:
    rows = _rows(row, {"next": "dial"})
    now, other = account(rows, Rows(rows[1:]))
    assert (TO_CALL, 1) == (now.word, now.rows)
    assert (word, 1) == (other.word, other.rows)


_ends = st.fixed_dictionaries(
    {
        "status": st.sampled_from([None, Status.REJECTED.value, Status.SKIPPED.value, Status.DEFERRED.value]),
        "error_code": st.sampled_from([code.value for code in Code]),
        "known": st.sampled_from([None, *(status.value for status in Status)]),
        "next": st.sampled_from([Next.DIAL.value, Next.LEAVE.value]),
    }
)


@given(ends=st.lists(_ends, max_size=12), limit=st.integers(0, 12))
def test_law_the_shares_add_up_to_the_rows_of_the_sheet(ends: list[dict[str, Any]], limit: int) -> None:
    rows = _rows(*ends)
    dial = rows.filter(pl.col("next") == Next.DIAL.value).head(limit)
    shares = account(rows, Rows(dial))
    assert (TO_CALL, dial.height) == (shares[0].word, shares[0].rows)
    assert rows.height == sum(share.rows for share in shares)
    assert len(shares) == len({share.word for share in shares})
