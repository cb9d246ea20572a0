"""Which of two words on a row is believed, and what is in doubt."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import entry, history

from batch_dialer.entry import ENTRY_SCHEMA, Entry, History, Lines
from batch_dialer.ledger.doubts import doubt_silent_rows, in_doubt, mark_interrupted, placed_since_doubt
from batch_dialer.ledger.history import merge, reduce_to_last, to_lines
from batch_dialer.ledger.results_lines import update_lines
from batch_dialer.model import Rows
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Status

# Two files, one history


def _merged(journal: Entry | None, results: Entry | None) -> dict[str, Any]:
    merged = merge(history(*filter(None, [journal])), history(*filter(None, [results])))
    assert 1 == merged.height
    return merged.row(0, named=True)


def _known(status: str, attempts: int = 1, call_id: str = "") -> Entry:
    return entry(status=Status(status), attempts=attempts, call_id=call_id)


@pytest.mark.parametrize("exists", sorted(CALL_EXISTS))
@pytest.mark.parametrize("other", sorted(set(Status) - CALL_EXISTS))
@pytest.mark.parametrize("attempts", [0, 1, 2])
def test_a_call_that_either_knows_is_a_call(exists: Status, other: Status, attempts: int) -> None:
    call = _known(exists, call_id="call_1")

    assert (exists, "call_1") == _word(_merged(call, _known(other, attempts)))
    assert (exists, "call_1") == _word(_merged(_known(other, attempts), call))


def _word(line: dict[str, Any]) -> tuple[str, str]:
    return line["status"], line["call_id"]


@pytest.mark.parametrize("status", Status)
def test_what_only_one_knows_stands(status: Status) -> None:
    assert status == _merged(_known(status), None)["status"]
    assert status == _merged(None, _known(status))["status"]


@pytest.mark.parametrize(
    ("journal", "results", "expected"),
    [
        (("deferred", 1), ("unknown", 2), "unknown"),
        (("refused", 1), ("dialing", 2), "dialing"),
        (("deferred", 1), ("unknown", 1), "deferred"),
        (("deferred", 2), ("unknown", 1), "deferred"),
        (("unknown", 1), ("deferred", 9), "unknown"),
        (("dialing", 1), ("skipped", 9), "dialing"),
        (("unknown", 1), ("unknown", 2), "unknown"),
        (("refused", 1), ("deferred", 2), "refused"),
        (("deferred", 1), ("refused", 2), "deferred"),
    ],
)
def test_the_journal_s_word_stands_but_for_a_later_doubt(
    journal: tuple[str, int], results: tuple[str, int], expected: str
) -> None:
    """What a person wrote into the results file takes no doubt away."""
    assert expected == _merged(_known(*journal), _known(*results))["status"]


def test_two_calls_are_the_journal_s() -> None:
    journal, results = _known("completed", call_id="call_1"), _known("initiated", call_id="call_2")

    assert ("completed", "call_1") == _word(_merged(journal, results))


def test_a_line_without_its_counts_does_not_undo_the_journal() -> None:
    nothing = History(history(_known("unknown")).with_columns(pl.lit(None, pl.Int64).alias("attempts")))

    assert ["deferred"] == merge(history(_known("deferred")), nothing)["status"].to_list()


def test_a_line_that_the_journal_does_not_know_is_kept() -> None:
    """Better a line too many than a call forgotten."""
    other = entry(key="id:2", call_id="call_2", to="")

    assert {"id:1", "id:2"} == set(merge(history(entry(key="id:1")), history(other))["key"])


_entries = st.lists(
    st.builds(
        lambda status, key, attempts: entry(
            status=status, key=key, attempts=attempts, call_id=f"call_{key}" if status in CALL_EXISTS else ""
        ),
        st.sampled_from(Status),
        st.sampled_from(["id:1", "id:2", "tel:+1", "tel:+1#2"]),
        st.integers(0, 3),
    ),
    max_size=6,
)
_files = _entries.map(lambda entries: list({known.key: known for known in entries}.values()))


def _keys(frame: pl.DataFrame, statuses: frozenset[Status]) -> set[str]:
    return set(frame.filter(pl.col("status").is_in([status.value for status in statuses]))["key"])


@given(journal=_files, results=_files)
def test_law_a_merge_forgets_nobody_and_no_call_in_whichever_order(journal: list[Entry], results: list[Entry]) -> None:
    mine, theirs = history(*journal), history(*results)
    merged, reversed_ = merge(mine, theirs), merge(theirs, mine)

    assert {*mine["key"], *theirs["key"]} == set(merged["key"]) == set(reversed_["key"])
    assert merged.height == merged["key"].n_unique()
    calls = _keys(mine, CALL_EXISTS) | _keys(theirs, CALL_EXISTS)
    assert calls == _keys(merged, CALL_EXISTS) == _keys(reversed_, CALL_EXISTS)
    assert _keys(mine, CALL_MAY_EXIST) <= _keys(merged, CALL_MAY_EXIST | CALL_EXISTS)


@given(journal=_files, results=_files)
def test_law_a_merge_repeated_changes_nothing(journal: list[Entry], results: list[Entry]) -> None:
    once = merge(history(*journal), history(*results))

    assert once.sort("key").equals(merge(once, history(*results)).sort("key"))
    assert once.sort("key").equals(merge(once, once).sort("key"))


# The last word


def _lasts(*statuses: str) -> str:
    entries = [_known(status, number, f"call_{number}") for number, status in enumerate(statuses)]
    return str(reduce_to_last(to_lines(entries))["call_id"].item()).removeprefix("call_")


@pytest.mark.parametrize("later", sorted(set(Status) - CALL_EXISTS))
@pytest.mark.parametrize("call", sorted(CALL_EXISTS))
def test_no_later_word_takes_a_call_back(call: Status, later: Status) -> None:
    assert "1" == _lasts("dialing", call, later)
    assert "1" == _lasts("dialing", call, later, "dialing", later)


@pytest.mark.parametrize(
    ("statuses", "last"),
    [
        (["dialing"], "0"),
        (["dialing", "initiated"], "1"),
        (["dialing", "unknown", "deferred"], "2"),
        (["dialing", "deferred", "dialing"], "2"),
        (["initiated", "ringing", "completed"], "2"),
        (["refused", "dialing", "initiated", "busy"], "3"),
    ],
)
def test_else_the_last_word_is_the_last(statuses: list[str], last: str) -> None:
    assert last == _lasts(*statuses)


@given(entries=_entries)
def test_law_one_word_for_each_key_and_every_call_among_them(entries: list[Entry]) -> None:
    words = reduce_to_last(to_lines(entries))

    assert {known.key for known in entries} == set(words["key"])
    assert words.height == words["key"].n_unique()
    assert _keys(history(*entries), CALL_EXISTS) == _keys(words, CALL_EXISTS)
    assert list(ENTRY_SCHEMA) == words.columns
    assert words.equals(reduce_to_last(Lines(words)))


# Runs that were cut short


def test_what_was_being_sent_may_have_rung() -> None:
    lines = mark_interrupted(history(*(_known(status.value) for status in Status)))
    changed = {before: after for before, after in zip(Status, lines["status"], strict=True) if before != after}

    assert {Status.DIALING: "unknown"} == changed
    assert ["INTERRUPTED"] == [line["error_code"] for line in lines.to_dicts() if line["error_code"]]


def test_when_the_journal_is_gone_every_row_without_a_word_may_have_been_called() -> None:
    since, now = datetime(2026, 11, 22, 10, tzinfo=UTC), datetime(2026, 11, 22, 12, tzinfo=UTC)
    known = history(entry(key="tel:+14155550101", status=Status.INITIATED))
    rows = pl.DataFrame(
        {
            "row": [2, 3, 4],
            "id": ["", None, ""],
            "to": ["+14155550101", "+14155550102", None],
            "key": ["tel:+14155550101", "tel:+14155550102", "row:4"],
        }
    )
    lines = doubt_silent_rows(Rows(rows), known, "agent_1", since, now, attempted=True)

    assert {"tel:+14155550101": "initiated", "tel:+14155550102": "unknown"} == dict(
        lines.select("key", "status").iter_rows()
    )
    doubt = lines.filter(pl.col("status") == "unknown").to_dicts()[0]
    assert (3, "", "+14155550102", "INTERRUPTED", 1, "agent_1") == tuple(
        doubt[name] for name in ("row", "id", "to", "error_code", "attempts", "agent_id")
    )
    assert since == datetime.fromisoformat(doubt["sent_at"])
    assert 2 * 3600 + 3600 == doubt["delay_seconds"], "from then until now, and as long as a call can be delayed"
    assert dict(ENTRY_SCHEMA) == dict(lines.schema)


# What reconciliation needs


def test_what_is_in_doubt() -> None:
    assert {"dialing", "unknown"} == set(in_doubt(history(*(_known(status.value) for status in Status)))["status"])


def _since(*sent_at: str, doubt: str | None) -> list[str]:
    calls = [entry(key=f"id:{at}", sent_at=at) for at in sent_at]
    doubts = [] if doubt is None else [entry(status=Status.UNKNOWN, call_id="", sent_at=doubt, key="id:doubt")]
    return placed_since_doubt(history(*calls, *doubts))["sent_at"].to_list()


def test_the_calls_since_the_day_of_the_oldest_doubt() -> None:
    days = ("2026-11-21T23:59:59.000+00:00", "2026-11-22T00:00:00.000+00:00", "2026-11-23T10:00:00.000+00:00")

    assert list(days[1:]) == _since(*days, doubt="2026-11-22T10:00:00.000+00:00")
    assert list(days) == _since(*days, doubt=""), "a doubt of an unknown time may be older than all of them"
    assert [] == _since(*days, doubt=None)


@given(lines=_files, words_of=_files)
def test_law_updated_lines_keep_their_order_and_lose_nobody(lines: list[Entry], words_of: list[Entry]) -> None:
    shown, known = to_lines(lines), history(*words_of)
    brought = update_lines(shown, known)
    words = {fact.key: fact.status.value for fact in (*lines, *words_of)}

    assert shown["key"].to_list() == brought["key"].to_list()[: len(lines)]
    assert words == dict(brought.select("key", "status").iter_rows())
    assert brought.height == brought["key"].n_unique()
