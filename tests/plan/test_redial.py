"""Who is dialed again: the contract's table, and what `--retry` changes in it."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from batch_dialer.plan.redial import Redial, next_step, redial_missed
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


# Who was not reached

_ENDED = datetime(2026, 11, 22, 12, tzinfo=UTC)
_REDIAL = Redial(frozenset({Status.BUSY}), shorter_than=8)


def _next(now: datetime, ahead: timedelta = timedelta(), redial: Redial = _REDIAL, **changes: object) -> str:
    row = {
        "known": "busy", "calls": 1, "duration_seconds": None, "updated_at": _ENDED.isoformat(), "doubt_seconds": 0,
        "doubt_since": (_ENDED - timedelta(minutes=1)).isoformat(), "next": "leave",
    } | changes  # fmt: skip
    types = {"calls": pl.Int64, "duration_seconds": pl.Int64, "doubt_seconds": pl.Int64}
    frame = pl.DataFrame([row], schema={name: types.get(name, pl.String) for name in row})
    return str(redial_missed(frame, redial, now, ahead)["next"][0])


@pytest.mark.parametrize(
    ("ahead", "minutes", "step"),
    [
        (0, 119, "later"),
        (0, 121, "dial"),
        (60, 59, "later"),
        (60, 61, "later"),
        (-60, 179, "later"),
        (-60, 181, "dial"),
    ],
)
def test_the_pause_is_kept_by_the_server_s_clock_and_by_ours(ahead: int, minutes: int, step: str) -> None:
    """The server said 12:00; where its clock is ahead of ours, our own request may still be the later one."""
    assert step == _next(_ENDED + timedelta(minutes=minutes), timedelta(minutes=ahead))


def test_a_moment_without_its_fraction_may_be_a_second_later() -> None:
    assert "later" == _next(_ENDED + timedelta(hours=2))
    assert "dial" == _next(_ENDED + timedelta(hours=2, seconds=1))


@pytest.mark.parametrize("updated_at", ["", "soon", "2020-01-01T00:00:00+00:00"])
@pytest.mark.parametrize("talked", [None, 0, -99999])
def test_where_the_end_is_not_told_or_not_to_be_believed_our_request_counts(
    updated_at: str, talked: int | None
) -> None:
    due = _ENDED - timedelta(minutes=1) + timedelta(hours=2)
    assert "later" == _next(due - timedelta(seconds=1), updated_at=updated_at, duration_seconds=talked)
    assert "dial" == _next(due, updated_at=updated_at, duration_seconds=talked)


def test_what_was_talked_and_the_delay_come_before_the_pause() -> None:
    due = _ENDED + timedelta(hours=2, minutes=9)
    assert "later" == _next(due - timedelta(seconds=1), duration_seconds=300, doubt_seconds=300)
    assert "dial" == _next(due, duration_seconds=300, doubt_seconds=300)


def test_without_any_time_nobody_is_called_again() -> None:
    assert "leave" == _next(_ENDED + timedelta(days=9), updated_at="", doubt_since="")


@pytest.mark.parametrize(("calls", "step"), [(1, "dial"), (2, "dial"), (3, "leave"), (9, "leave")])
def test_nobody_has_more_than_the_most_calls(calls: int, step: str) -> None:
    assert step == _next(_ENDED + timedelta(days=1), calls=calls)


@pytest.mark.parametrize(
    ("known", "seconds", "step"),
    [
        ("busy", None, "dial"),
        ("no-answer", None, "leave"),
        ("completed", 7, "dial"),
        ("completed", 8, "leave"),
        ("completed", None, "leave"),  # of unknown length
        *((status.value, 1, "leave") for status in Status if status not in {Status.BUSY, Status.COMPLETED}),
    ],
)
def test_only_who_was_not_reached_is_called_again(known: str, seconds: int | None, step: str) -> None:
    assert step == _next(_ENDED + timedelta(days=1), known=known, duration_seconds=seconds)
