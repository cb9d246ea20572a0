"""Who is dialed again: the contract's table, and what `--retry` changes in it."""

import polars as pl
import pytest

from batch_dialer.plan.redial import next_step
from batch_dialer.words import CALL_EXISTS, Retry, Status

_CONTRACT = """
| last status | next run |
|---|---|
| none, `deferred` | dialed when due |
| any API status, `skipped` | never (`skipped` is judged afresh) |
| `rejected` | validated afresh: dialed if the sheet now holds a good value |
| `refused` | only if its row changed, or `--retry refused` |
| `dialing`, `unknown` | reconciled first. A call found: its ID is written. Proven absent (`--settle-after`, 15m unless told, has passed, and the proof of `reliability.md` 2.5 is whole): dialed. Not provable: stays `unknown`, and only `--retry unknown` dials it |
"""  # noqa: E501  (as it stands in the contract)
_STEPS = {
    "dialed when due": "dial",
    "never": "leave",
    "validated afresh": "dial",
    "only if its row changed": "if changed",
    "reconciled first": "leave",
}
_AFRESH = {"skipped"}
_WORDS = [None, *(status.value for status in Status)]


def _table() -> dict[str | None, str]:
    expected: dict[str | None, str] = {}
    for line in _CONTRACT.strip().splitlines()[2:]:
        statuses, then = (cell.strip() for cell in line.strip("|").split("|", 1))
        step = next(step for words, step in _STEPS.items() if then.startswith(words))
        for name in statuses.replace("`", "").split(", "):
            known = [s.value for s in CALL_EXISTS] if name == "any API status" else [None if name == "none" else name]
            expected |= dict.fromkeys(known, "dial" if name in _AFRESH else step)
    return expected


def _steps(*retry: Retry, words: list[str | None] | None = None) -> dict[str | None, str]:
    frame = pl.DataFrame({"status": words or _WORDS}, schema={"status": pl.String})
    return dict(zip(words or _WORDS, frame.select(next_step(pl.col("status"), retry)).to_series(), strict=True))


@pytest.mark.parametrize("status", _WORDS)
def test_the_contract_s_table(status: str | None) -> None:
    assert _table()[status] == _steps()[status]


def test_the_contract_s_table_has_every_status() -> None:
    assert set(_WORDS) == set(_table())


def test_retry_refused_dials_the_refused_and_nobody_else() -> None:
    assert _table() | {"refused": "dial"} == _steps(Retry.REFUSED)


def test_retry_unknown_dials_the_doubtful_and_nobody_else() -> None:
    assert _table() | {"unknown": "dial", "dialing": "dial"} == _steps(Retry.UNKNOWN)


def test_both() -> None:
    assert _steps(Retry.UNKNOWN) | {"refused": "dial"} == _steps(*Retry)


@pytest.mark.parametrize("retry", [(), (Retry.REFUSED,), (Retry.UNKNOWN,), tuple(Retry)])
def test_whoever_has_a_call_is_never_dialed(retry: tuple[Retry, ...]) -> None:
    assert {"leave"} == {_steps(*retry)[status] for status in CALL_EXISTS}


def test_a_word_that_nobody_knows_dials_nobody() -> None:
    strange = ["", "INITIATED", "canceled", "dial", "7"]

    assert dict.fromkeys(strange, "leave") == _steps(*Retry, words=list(strange))
