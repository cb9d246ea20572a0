"""The calls in the other results files of a folder: of the same kind, however the files were saved or cut short."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from makers import SetClock, entry, history, number

from batch_dialer.entry import Entry
from batch_dialer.ledger import other_results
from batch_dialer.ledger.extra_columns import UNDER_WAY
from batch_dialer.ledger.history import to_lines
from batch_dialer.ledger.journal import Journal
from batch_dialer.ledger.ledger import SANDBOX, Ledger
from batch_dialer.ledger.origins import Origin
from batch_dialer.ledger.other_results import Elsewhere, find_calls
from batch_dialer.ledger.results import write_results
from batch_dialer.ledger.results_csv import to_csv
from batch_dialer.words import Status

_API = "https://api.example"
_CLOCK = SetClock(datetime(2026, 11, 22, 12, tzinfo=UTC))


def _entry(index: int, **changes: object) -> Entry:
    return entry(**({"to": number(index), "key": f"tel:{number(index)}", "call_id": f"call_{index}"} | changes))


def _write(path: Path, *entries: Entry, since: str = "") -> Path:
    write_results(path, to_lines(entries), since)
    return path


def _find(folder: Path, *, name: str = "own.results.csv", through: str = _API, testing: bool = False) -> Elsewhere:
    numbers = pl.Series([number(n) for n in range(6)] + [None])
    return find_calls(Ledger(folder / name, through, testing), numbers)


def _found(elsewhere: Elsewhere) -> list[tuple[str, str, str]]:
    return sorted(elsewhere.calls.select("to", "call_id", "file").rows())


_REHEARSED = {"testing": True}


@pytest.mark.parametrize(
    ("name", "known", "through", "testing", "counts"),
    [
        ("a.results.csv", _entry(1), _API, False, True),
        ("a.results.csv", _entry(1, status=Status.COMPLETED), _API, False, True),
        ("a.results.csv", _entry(1, status=Status.UNKNOWN, call_id=""), _API, False, True),
        ("a.results.csv", _entry(1, status=Status.DIALING, call_id=""), _API, False, True),
        ("a.results.csv", _entry(1, status=Status.REFUSED, call_id=""), _API, False, False),
        ("a.results.csv", _entry(1, status=Status.SKIPPED, call_id=""), _API, False, False),
        ("a.results.csv", _entry(1, status=Status.DEFERRED, call_id=""), _API, False, False),
        ("a.results.csv", _entry(1, status=Status.SKIPPED, call_id="call_9"), _API, False, True),
        ("a.results.csv", _entry(9), _API, False, False),
        ("a.results.csv", _entry(1, **_REHEARSED), _API, False, False),
        ("a.testing.results.csv", _entry(1, **_REHEARSED), _API, False, False),
        ("a.testing.results.csv", _entry(1, **_REHEARSED), _API, True, True),
        ("a.results.csv", _entry(1, **_REHEARSED), _API, True, True),
        ("a.results.csv", _entry(1), _API, True, False),
        ("a.sandbox.results.csv", _entry(1, **_REHEARSED), _API, False, False),
        ("a.sandbox.results.csv", _entry(1, **_REHEARSED), _API, True, False),
        ("a.sandbox.results.csv", _entry(1, **_REHEARSED), SANDBOX, False, True),
        ("a.testing.results.csv", _entry(1, **_REHEARSED), SANDBOX, False, False),
        ("a-2026-11-22.csv", _entry(1), _API, False, False),
        ("own.results.csv", _entry(1), _API, False, False),
        (".~lock.results.csv", _entry(1), _API, False, False),
    ],
)
def test_calls_of_the_same_kind_count(
    tmp_path: Path, *, name: str, known: Entry, through: str, testing: bool, counts: bool
) -> None:
    _write(tmp_path / name, known)
    found = _find(tmp_path, through=through, testing=testing)
    assert () == found.unread
    assert ([(number(1), known.call_id, name)] if counts else []) == _found(found)


def _as_excel_saves(content: bytes) -> bytes:
    return content.decode().replace(",", ";").replace("+1212", "1212").encode("utf-16")


def _without_testing(content: bytes) -> bytes:
    return b"\n".join(line.rpartition(b",")[0] for line in content.splitlines())


@pytest.mark.parametrize("save", [_as_excel_saves, _without_testing, lambda content: b"\xef\xbb\xbf" + content])
def test_a_file_that_was_saved_otherwise_is_read(tmp_path: Path, save: Callable[[bytes], bytes]) -> None:
    (tmp_path / "a.results.csv").write_bytes(save(to_csv(to_lines([_entry(1), _entry(2)]))))
    assert [number(1), number(2)] == [to for to, _, _ in _found(_find(tmp_path))]


def _journal(path: Path, *entries: Entry) -> None:
    Journal(path.with_name(f"{path.name}.journal"), Origin(_API, testing=False), history(*entries), _CLOCK).close()


@pytest.mark.parametrize(
    "lies",
    ["there is no results file", "its run is under way", "a number was lost", "a line was deleted", "it was emptied"],
)
def test_a_call_that_the_journal_alone_knows_of_is_a_call(tmp_path: Path, lies: str) -> None:
    path = tmp_path / "a.results.csv"
    _journal(path, _entry(1), _entry(2))
    if lies == "a line was deleted":
        _write(path, _entry(1))
    elif lies == "it was emptied":
        path.write_text("")
    elif lies == "its run is under way":
        _write(path, _entry(1), since="2026-11-22T10:00:00+00:00")
    elif lies == "a number was lost":
        _write(path, _entry(1, key="id:1", to="1.21256E+10"))
    found = _find(tmp_path)
    assert ([number(1), number(2)], ()) == ([to for to, _, _ in _found(found)], found.unread)


@pytest.mark.parametrize(
    "content",
    [
        to_csv(to_lines([_entry(1, key="id:1", to="1.21256E+10")])),
        to_csv(to_lines([_entry(1)]), "2026-11-22T10:00:00+00:00"),
        b'call_id,status,key,to\n"',
        b"call_id;status\n",
    ],
)
def test_a_results_file_that_does_not_tell_who_was_called_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.results.csv").write_bytes(content)
    found = _find(tmp_path)
    assert ("a.results.csv",) == found.unread
    assert _found(found) == ([(number(1), "call_1", "a.results.csv")] if UNDER_WAY.encode() in content else [])


@pytest.mark.parametrize("content", [b"", b"Name,Phone\nAnn,+12125550101\n", b"\xff\xfe\x00", b"PK\x03\x04"])
def test_what_is_no_results_file_of_ours_is_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.results.csv").write_bytes(content)
    assert ([], ()) == (_found(_find(tmp_path)), _find(tmp_path).unread)


def test_a_link_to_the_own_file_is_the_own_file(tmp_path: Path) -> None:
    _write(tmp_path / "own.results.csv", _entry(1))
    (tmp_path / "link.results.csv").symlink_to(tmp_path / "own.results.csv")
    assert [] == _found(_find(tmp_path))


@pytest.mark.parametrize(("bound", "value"), [("_MOST_BYTES", 1_000), ("_MOST_SECONDS", -1.0)])
def test_reading_ends_in_time_and_says_what_it_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, value: float
) -> None:
    monkeypatch.setattr(other_results, bound, value)
    _write(tmp_path / "a.results.csv", *(_entry(n) for n in range(50)))
    assert ("a.results.csv",) == _find(tmp_path).unread


def test_the_newest_file_is_named_where_several_have_a_call(tmp_path: Path) -> None:
    for moment, name in enumerate(("old.results.csv", "new.results.csv")):
        path = _write(tmp_path / name, _entry(1, call_id=f"call_{name}"))
        os.utime(path, (moment, moment))
    assert [(number(1), "call_new.results.csv", "new.results.csv")] == _found(_find(tmp_path))


@pytest.mark.parametrize(
    ("ledger", "counts"),
    [
        (Ledger(Path("own.results.csv"), _API, named=False), True),
        (Ledger(Path("own-2026-11-26.csv"), _API), False),
        (Ledger(Path("own.testing.results.csv"), _API, testing=True, named=False), False),
        (Ledger(Path("own.sandbox.results.csv"), SANDBOX, named=False), False),
    ],
    ids=["the sheet's own results", "those of another day", "test calls", "the sandbox"],
)
def test_results_of_another_name_are_known_by_their_journal(tmp_path: Path, ledger: Ledger, *, counts: bool) -> None:
    path = _write(tmp_path / "own-2026-11-25.csv", _entry(1))
    _write(tmp_path / "without_a_journal.csv", _entry(2))
    Journal(path.with_name(f"{path.name}.journal"), Origin(_API, testing=False), history(_entry(1)), _CLOCK).close()
    numbers = pl.Series([number(n) for n in range(6)])
    found = _found(find_calls(replace(ledger, results=tmp_path / ledger.results), numbers))
    assert found == ([(number(1), "call_1", path.name)] if counts else [])
