"""The one door to the ledger: it is locked, believed or refused as a whole, and nothing of a person's is lost."""

import errno
import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import anyio
import polars as pl
import pytest
from makers import SetClock, entry, history, lines

from batch_dialer import disk
from batch_dialer.entry import Entry
from batch_dialer.errors import ResultsInUse, UsageError
from batch_dialer.ledger.extra_columns import UNDER_WAY
from batch_dialer.ledger.history import to_lines
from batch_dialer.ledger.journal import Journal, read_journal
from batch_dialer.ledger.ledger import Ledger
from batch_dialer.ledger.opening import OpenLedger, SheetRows, open_ledger, read_ledger
from batch_dialer.ledger.origins import Origin
from batch_dialer.ledger.results_csv import to_csv
from batch_dialer.model import Rows
from batch_dialer.words import Status

_API = "https://api.example/v1"
_CLOCK = SetClock(datetime(2026, 11, 22, 9, 30, 15, 250_000, tzinfo=UTC))
_PLACED = entry(row=2)
_UNDER_WAY = entry(row=3, key="tel:+14155550102", to="+14155550102", status=Status.DIALING, call_id="")


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "s.results.csv", _API, testing=False)


@pytest.fixture(name="warnings")
def _warnings() -> list[str]:
    return []


def _leave_journal(ledger: Ledger, *entries: Entry, silent_since: str = "") -> None:
    origin = Origin(ledger.through, bool(ledger.testing), silent_since)
    Journal(ledger.journal, origin, history(*entries), _CLOCK).close()


def _folder(ledger: Ledger) -> dict[str, bytes]:
    """Return all files beside the results with their content, but for the lock, which names a process."""
    return {path.name: path.read_bytes() for path in ledger.results.parent.iterdir() if path.suffix != ".lock"}


def _words(opened: OpenLedger) -> list[tuple[str, str]]:
    return opened.history().select("key", "status").rows()


def test_where_nothing_is_nothing_is_known_and_reading_makes_no_file(ledger: Ledger) -> None:
    past = read_ledger(ledger, _CLOCK)
    assert 0 == past.history.height
    assert Origin(_API, testing=False) == past.origin
    assert {} == _folder(ledger)


def test_reading_changes_nothing_even_where_the_results_were_edited(ledger: Ledger) -> None:
    _leave_journal(ledger, _PLACED)
    ledger.results.write_text("somebody's notes\n")
    before = _folder(ledger)
    assert read_ledger(ledger, _CLOCK).damage
    assert before == _folder(ledger)


def test_the_journal_says_when_it_was_opened_by_the_clock_that_was_given(ledger: Ledger, warnings: list[str]) -> None:
    with open_ledger(ledger, _CLOCK, warnings.append):
        first = json.loads(ledger.journal.read_bytes().splitlines()[0][9:])
    assert ("open", "2026-11-22T09:30:15.250+00:00") == (first["t"], first["at"])
    assert {"base_url": _API, "testing": False}.items() <= first.items()


def test_what_was_being_sent_is_in_doubt_when_it_is_opened_again(ledger: Ledger, warnings: list[str]) -> None:
    _leave_journal(ledger, _PLACED, _UNDER_WAY)
    with open_ledger(ledger, _CLOCK, warnings.append) as opened:
        assert [(_PLACED.key, "initiated"), (_UNDER_WAY.key, "unknown")] == _words(opened)
    assert ["", "INTERRUPTED"] == read_journal(ledger.journal).history["error_code"].to_list(), "written anew"


def test_what_is_written_to_it_is_known_to_it_and_to_the_next(ledger: Ledger, warnings: list[str]) -> None:
    with open_ledger(ledger, _CLOCK, warnings.append) as opened:
        anyio.run(opened.write, _UNDER_WAY)
        anyio.run(opened.write_many, [_PLACED])
        assert [(_UNDER_WAY.key, "dialing"), (_PLACED.key, "initiated")] == _words(opened)
    with open_ledger(ledger, _CLOCK, warnings.append) as opened:
        assert [(_UNDER_WAY.key, "unknown"), (_PLACED.key, "initiated")] == _words(opened)


def test_results_that_were_edited_beyond_belief_are_kept_under_another_name(
    ledger: Ledger, warnings: list[str]
) -> None:
    _leave_journal(ledger, _PLACED)
    ledger.results.write_text("somebody's notes\n")
    with open_ledger(ledger, _CLOCK, warnings.append) as opened:
        assert [(_PLACED.key, "initiated")] == _words(opened)
    kept = "s.results.edited-20261122T093015.csv"
    assert b"somebody's notes\n" == _folder(ledger)[kept]
    [warning] = warnings
    assert kept in warning
    assert "s.results.csv was changed" in warning


def test_a_second_run_is_refused_before_it_renames_or_writes_anything(ledger: Ledger, warnings: list[str]) -> None:
    with open_ledger(ledger, _CLOCK, warnings.append):
        ledger.results.write_text("somebody's notes\n")
        before = _folder(ledger)
        with pytest.raises(ResultsInUse), open_ledger(ledger, _CLOCK, warnings.append):
            pass
        assert before == _folder(ledger)
    assert [] == warnings


def _damage_journal(ledger: Ledger) -> None:
    _leave_journal(ledger, _PLACED)
    ledger.journal.write_bytes(ledger.journal.read_bytes().replace(b"call_1", b"call_2"))


def _edit_results_alone(ledger: Ledger) -> None:
    ledger.results.write_bytes(to_csv(to_lines([_PLACED])).replace(b"tel:", b""))


def _rehearse(ledger: Ledger) -> None:
    _leave_journal(Ledger(ledger.results, ledger.through, testing=True), _PLACED)


def _dial_elsewhere(ledger: Ledger) -> None:
    _leave_journal(Ledger(ledger.results, "the sandbox", testing=False), _PLACED)


def _cut_short_at_no_time(ledger: Ledger) -> None:
    ledger.results.write_bytes(to_csv(to_lines([_PLACED]), "yesterday"))


@pytest.mark.parametrize(
    ("leave", "says", "remedy"),
    [
        (_damage_journal, "journal .* cannot be trusted", "Do not delete it"),
        (_edit_results_alone, "cannot be trusted: its line 2 .*, and its journal is not there", "Put .* back"),
        (_cut_short_at_no_time, "when it began cannot be read", "Put .* back"),
        (_rehearse, "were made as tests", "another --results file"),
        (_dial_elsewhere, f"through the sandbox, not {_API}", "another --results file"),
    ],
)
def test_what_cannot_be_gone_by_is_refused_in_words_and_left_as_it_is(
    ledger: Ledger, warnings: list[str], leave: Callable[[Ledger], None], says: str, remedy: str
) -> None:
    leave(ledger)
    before = _folder(ledger)
    with pytest.raises(UsageError, match=says) as refusal, open_ledger(ledger, _CLOCK, warnings.append):
        pass
    assert re.search(remedy, refusal.value.remedy)
    assert before == _folder(ledger)


def test_what_the_journal_says_of_tests_holds_where_nothing_else_does(ledger: Ledger) -> None:
    _rehearse(ledger)
    assert read_ledger(Ledger(ledger.results, _API, testing=None), _CLOCK).origin.testing


def test_a_journal_that_cannot_be_written_is_said_in_words_and_the_lock_is_free_again(
    ledger: Ledger, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    _leave_journal(ledger, _PLACED)
    before = _folder(ledger)
    with monkeypatch.context() as patch:
        patch.setattr(disk, "sync", full)
        with pytest.raises(UsageError, match="No space left") as refusal, open_ledger(ledger, _CLOCK, warnings.append):
            pass
    assert "Nobody was called" in refusal.value.remedy
    assert before == _folder(ledger)
    with open_ledger(ledger, _CLOCK, warnings.append) as opened:
        assert [(_PLACED.key, "initiated")] == _words(opened)


def test_a_journal_that_cannot_be_written_later_is_said_in_words_too(
    ledger: Ledger, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `reconcile` and `track` learn while nobody is dialed."""

    def full(_: int, __: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def learn() -> None:
        with open_ledger(ledger, _CLOCK, warnings.append) as opened, monkeypatch.context() as patch:
            patch.setattr(disk, "write_whole", full)
            anyio.run(opened.write_many, [_PLACED])

    with pytest.raises(UsageError, match="The journal cannot be written: No space left") as refusal:
        learn()
    assert "Free some space" in refusal.value.remedy
    with open_ledger(ledger, _CLOCK, warnings.append) as opened:
        assert [] == _words(opened)


_SHEET = SheetRows(
    Rows(pl.DataFrame({"row": [2, 3], "id": [None, ""], "to": [_PLACED.to, _UNDER_WAY.to],
                       "key": [_PLACED.key, _UNDER_WAY.key]}, schema_overrides={"id": pl.String})),
    "agent_1",
)  # fmt: skip


def test_where_a_run_was_cut_short_and_its_journal_is_gone_each_row_without_a_word_is_in_doubt_for_good(
    ledger: Ledger, warnings: list[str]
) -> None:
    """Also for a second run, which finds a journal again: the sheet may have rows by then that the first had not."""
    since = "2026-11-22T08:00:00+00:00"
    ledger.results.write_bytes(to_csv(to_lines([_PLACED]), since))
    words = [(_PLACED.key, "initiated"), (_UNDER_WAY.key, "unknown")]
    for _ in range(2):
        with open_ledger(ledger, _CLOCK, warnings.append, _SHEET) as opened:
            assert words == _words(opened)
            doubt = opened.history().row(1, named=True)
            assert (since, "INTERRUPTED") == (doubt["sent_at"], doubt["error_code"])
    origin = read_journal(ledger.journal).origin
    assert origin is not None
    assert (_API, False, since) == (origin.base_url, origin.testing, origin.silent_since)
    assert [] == warnings


def test_a_file_that_grows_while_calls_are_placed_says_since_when(ledger: Ledger, warnings: list[str]) -> None:
    with open_ledger(ledger, _CLOCK, warnings.append) as opened:
        opened.results_writer().begin(opened.history()["key"], _CLOCK.now())
        assert f"{UNDER_WAY}2026-11-22T09:30:15.250+00:00" in ledger.results.read_text()
        opened.finish(to_lines([_PLACED]), of_sheet=True)
    assert UNDER_WAY not in ledger.results.read_text()
    assert ["call_1"] == [line["call_id"] for line in lines(ledger.results)]


def test_finished_results_need_not_be_read_again_until_somebody_touches_them(
    ledger: Ledger, warnings: list[str]
) -> None:
    with open_ledger(ledger, _CLOCK, warnings.append) as opened:
        opened.finish(to_lines([_PLACED]), of_sheet=True)
    assert 0 == read_ledger(ledger, _CLOCK, _SHEET).lines.height, "not read"
    with ledger.results.open("ab") as file:
        file.write(b"\n")
    assert 1 == read_ledger(ledger, _CLOCK, _SHEET).lines.height


def test_results_that_cannot_be_written_at_the_end_are_a_warning_and_the_journal_has_it_all(
    ledger: Ledger, warnings: list[str]
) -> None:
    with open_ledger(ledger, _CLOCK, warnings.append) as opened:
        anyio.run(opened.write, _PLACED)
        ledger.results.mkdir()  # a file cannot take the place of a folder
        opened.finish(to_lines([_PLACED]), of_sheet=True)
    [warning] = warnings
    assert f"{ledger.results} could not be written" in warning
    assert "nobody is called twice" in warning
    ledger.results.rmdir()
    assert ["call_1"] == read_ledger(ledger, _CLOCK).history["call_id"].to_list()
