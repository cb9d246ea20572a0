"""The journal: what was durable is believed or refused as a whole, and what was torn was never acted upon."""

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import anyio
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import entry, history

from batch_dialer import disk
from batch_dialer.clock import SystemClock
from batch_dialer.entry import ENTRY_SCHEMA, Entry, History, Lines
from batch_dialer.errors import UsageError
from batch_dialer.ledger.history import reduce_to_last, to_lines
from batch_dialer.ledger.journal import Journal, read_journal
from batch_dialer.ledger.journal_lines import BLOCK_ROWS
from batch_dialer.ledger.origins import Origin
from batch_dialer.words import Status

_ORIGIN = Origin("https://api.example/v1", testing=False)
_NOTHING = History(pl.DataFrame(schema=ENTRY_SCHEMA))


def _written(path: Path, *entries: Entry, history: History = _NOTHING, ending: tuple[Lines, str] | None = None) -> Path:
    async def write() -> None:
        journal = Journal(path, _ORIGIN, history, SystemClock())
        for each in entries:
            await journal.write(each)
        if ending:
            journal.conclude(*ending)
        journal.close()

    anyio.run(write)
    return path


def _calls(path: Path) -> list[str]:
    return read_journal(path).history["call_id"].to_list()


def _numbered(count: int) -> list[Entry]:
    return [entry(row=n, key=f"tel:{n}", call_id=f"call_{n}") for n in range(count)]


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(key=_TEXT, message=_TEXT, call_id=_TEXT)
def test_any_text_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, key: str, message: str, call_id: str
) -> None:
    path = tmp_path_factory.mktemp("journal") / "j"
    kept = entry(key=key, error_message=message, call_id=call_id)
    _written(path, kept)
    row = read_journal(path).history.row(0, named=True)
    assert (key, message, call_id) == (row["key"], row["error_message"], row["call_id"])


@given(st.lists(st.tuples(_TEXT, _TEXT), max_size=5, unique_by=lambda texts: texts[0]))
def test_any_history_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]]
) -> None:
    known = history(*[entry(key=key, error_message=message, http_status=None) for key, message in texts])
    path = _written(tmp_path_factory.mktemp("journal") / "j", history=known)
    assert known.equals(read_journal(path).history)


def test_a_long_history_comes_back_as_it_was(tmp_path: Path) -> None:
    """It is read in pieces, several at a time: a line end inside a cell is not taken for the end of a row."""
    odd = ['"', "\n", '\n"\n', ",", '","', "\r\n", "'", "é\n\n1,2"]
    known = history(*(entry(row=n, key=f"id:{n}", id=odd[n % 8] * (n % 50), call_id=f"c{n}") for n in range(20_000)))
    assert known.equals(read_journal(_written(tmp_path / "j", history=known)).history)


def test_a_history_of_several_blocks_comes_back_as_it_was(tmp_path: Path) -> None:
    names = pl.DataFrame({"key": [f"id:{n}" for n in range(2 * BLOCK_ROWS + 1)]})
    known = History(to_lines([entry(key="")]).drop("key").join(names, how="cross").select(list(ENTRY_SCHEMA)))
    path = _written(tmp_path / "j", history=known)
    assert known.equals(read_journal(path).history)

    data = path.read_bytes()
    path.write_bytes(data.replace(f"id:{BLOCK_ROWS},".encode(), f"id:{BLOCK_ROWS + 1},".encode()))
    with pytest.raises(UsageError, match="line 3 is missing or altered"):
        read_journal(path)


def _cuts(whole: bytes, start: int = 0) -> Iterator[int]:
    """Yield where to cut: at each byte about the ends of lines, else at each seventh, as one is like the next."""
    ends = {at for at, byte in enumerate(whole) if byte in b"\n{}"}
    yield from (cut for cut in range(start, len(whole)) if not cut % 7 or ends.intersection(range(cut - 2, cut + 3)))


def test_a_file_cut_at_any_byte_of_its_undurable_tail_reads_as_what_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "j"
    _written(path, *_numbered(3))
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    start = len(b"".join(lines[:-2]))  # the last entry, and the line that closes the file
    for cut in _cuts(whole, start):
        path.write_bytes(whole[:cut])
        assert _calls(path)[:2] == ["call_0", "call_1"]


@pytest.mark.parametrize("tail", [b"\0" * 500, b"garbage", b"\xff\xfe\n\n", b'deadbeef {"s":9,"d":0,"t":"entry"}\n'])
def test_a_torn_tail_of_any_kind_is_left_out(tmp_path: Path, tail: bytes) -> None:
    path = _written(tmp_path / "j", *_numbered(3))
    with path.open("ab") as file:
        file.write(tail)
    assert _calls(path) == ["call_0", "call_1", "call_2"]


_CLOSED = (to_lines([entry(row=8, key="tel:8", call_id="call_8")]), "a fingerprint")


def test_every_bit_of_what_was_durable_is_guarded(tmp_path: Path) -> None:
    """One bit, anywhere in a line that a later one calls durable or in its block, and the journal is refused.

    The short form changes each third byte.
    """
    path = _written(tmp_path / "j", *_numbered(2), history=history(*_numbered(2)))
    whole = path.read_bytes()
    durable = len(b"".join(whole.splitlines(keepends=True)[:-1])) - 1  # not its line end: two lines would only join
    for at in range(0, durable, 1 if os.environ.get("BATCH_DIALER_KILLS") else 3):
        hurt = bytearray(whole)
        hurt[at] ^= 1 << (at % 8)
        path.write_bytes(hurt)
        with pytest.raises(UsageError):
            read_journal(path)


def test_a_line_missing_from_the_middle_is_refused(tmp_path: Path) -> None:
    path = _written(tmp_path / "j", *_numbered(3), history=history(*_numbered(3)))
    lines = path.read_bytes().splitlines(keepends=True)
    for gone in range(len(lines) - 1):
        path.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
        with pytest.raises(UsageError, match="cannot be trusted"):
            read_journal(path)


def test_a_journal_cut_in_its_first_lines_is_refused_and_behind_them_reads_as_what_was_there_before(
    tmp_path: Path,
) -> None:
    """They were durable before the file had its name: the lines that open it, and the block between them."""
    known, more = [entry(row=9, key="tel:9", call_id="call_9")], _numbered(2)
    path = _written(tmp_path / "j", *more, history=history(*known), ending=_CLOSED)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    opening = len(b"".join(lines[:5])) - 1  # the line end adds nothing
    for cut in _cuts(whole):
        path.write_bytes(whole[:cut])
        if cut < opening:
            with pytest.raises(UsageError, match="first lines"):
                read_journal(path)
        else:
            assert _calls(path) == ["call_9", "call_0", "call_1", "call_8"][: len(_calls(path))]
    assert ["call_9", "call_0", "call_1", "call_8"] == _calls(path)


def test_what_a_journal_says_of_the_results_holds_only_where_all_of_it_is_there(tmp_path: Path) -> None:
    """A results file is left unread for this word: whatever it alone knew has to stand in the block before."""
    path = _written(tmp_path / "j", *_numbered(2), ending=_CLOSED)
    assert "a fingerprint" == read_journal(path).results
    assert "call_8" in _calls(path)
    whole = path.read_bytes()
    start = whole.index(b"row,id,to")
    stop = len(whole) - len(whole.splitlines(keepends=True)[-1])
    for at in range(start, stop):
        path.write_bytes(whole[:at] + b"\0" * (stop - at) + whole[stop:])  # the page before the last was not written
        assert "" == read_journal(path).results
    path.write_bytes(whole[:-1] + b" \n")
    assert "" == read_journal(path).results


def test_a_journal_of_the_first_format_is_read(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(_FIRST_FORMAT)
    past = read_journal(path)
    assert Origin("https://api.example/v1", testing=False) == past.origin
    assert [("tel:+14155550101", "initiated", 200), ("id:ä", "dialing", None)] == past.history.select(
        "key", "status", "http_status"
    ).rows()


_FIRST_FORMAT = rb"""d12dca65 {"s":1,"d":0,"t":"open","format":1,"version":"0.1.0","pid":4711,"at":"2026-11-23T00:06:26.284+00:00","base_url":"https://api.example/v1","testing":false,"silent_since":""}
45090bd7 {"s":2,"d":0,"t":"entry","row":2,"id":"","to":"+14155550101","status":"initiated","call_id":"call_1","error_code":"","error_message":"","http_status":200,"attempts":1,"agent_id":"agent_1","sent_at":"2026-11-22T10:00:00.000+00:00","created_at":"2026-11-22T10:00:01Z","key":"tel:+14155550101","delay_seconds":0,"fingerprint":"f0"}
920873d6 {"s":3,"d":2,"t":"open","format":1,"version":"0.1.0","pid":4711,"at":"2026-11-23T00:06:26.284+00:00","base_url":"https://api.example/v1","testing":false,"silent_since":""}
98e1028a {"s":4,"d":3,"t":"entry","row":3,"id":"\u00e4","to":"+14155550101","status":"dialing","call_id":"","error_code":"","error_message":"","http_status":null,"attempts":1,"agent_id":"agent_1","sent_at":"2026-11-22T10:00:00.000+00:00","created_at":"2026-11-22T10:00:01Z","key":"id:\u00e4","delay_seconds":0,"fingerprint":"f0"}
2e104770 {"s":5,"d":4,"t":"close","at":"2026-11-23T00:06:26.303+00:00"}
"""  # noqa: E501  (as they were written)


@pytest.mark.parametrize("content", [b"", b"\n", b"hello\n", b"\0\0\0"])
def test_a_file_that_is_no_journal_is_refused_rather_than_taken_for_an_empty_one(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "j"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="cannot be trusted"):
        read_journal(path)


def test_lines_in_another_order_are_the_same_lines(tmp_path: Path) -> None:
    path = _written(tmp_path / "j", *_numbered(3))
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(keepends=True))))
    assert sorted(_calls(path)) == ["call_0", "call_1", "call_2"]


def test_a_journal_of_a_later_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_dialer.ledger.journal._FORMAT", 4)
    path = _written(tmp_path / "j")
    monkeypatch.undo()
    with pytest.raises(UsageError, match="later version"):
        read_journal(path)


def test_no_later_word_takes_a_call_back(tmp_path: Path) -> None:
    path = _written(tmp_path / "j", entry(), entry(status=Status.DIALING, call_id=""))
    assert _calls(path) == ["call_1"]


@pytest.mark.parametrize("at_a_time", [1, 2, 3])
def test_law_the_last_words_are_the_same_in_however_many_parts_the_lines_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    statuses = [Status.DIALING, Status.INITIATED, Status.DIALING, Status.DEFERRED, Status.UNKNOWN, Status.DIALING]
    told = [entry(row=n, key=f"tel:{n % 2 + n % 3}", status=status) for n, status in enumerate(statuses * 2)]
    path = _written(tmp_path / "j", *told[3:], history=reduce_to_last(to_lines(told[:3])))
    monkeypatch.setattr("batch_dialer.ledger.journal_lines._AT_A_TIME", at_a_time)
    assert reduce_to_last(to_lines(told)).sort("key").equals(read_journal(path).history.sort("key"))


def test_opening_keeps_all_that_was_known(tmp_path: Path) -> None:
    path = _written(tmp_path / "j", *_numbered(3))
    _written(path, entry(key="tel:9", call_id="call_9"), history=read_journal(path).history)
    assert _calls(path) == ["call_0", "call_1", "call_2", "call_9"]
    origin = read_journal(path).origin
    assert origin is not None
    assert _ORIGIN == replace(origin, runs=())
    assert 1 == len(origin.runs)


def test_each_look_knows_all_that_was_written_by_then(tmp_path: Path) -> None:
    """Also behind a piece of a line, which is no line yet, and where the rest of it comes after the look."""
    statuses = [Status.DIALING, Status.INITIATED, Status.DIALING, Status.UNKNOWN]
    told = [entry(row=n, key=f"tel:{n % 3}", status=status) for n, status in enumerate(statuses * 3)]

    async def look() -> None:
        journal = Journal(tmp_path / "j", _ORIGIN, reduce_to_last(to_lines(told[:2])), SystemClock())
        for n, each in enumerate(told[2:], start=3):
            await journal.write(each)
            assert reduce_to_last(to_lines(told[:n])).sort("key").equals(journal.history().sort("key"))
        line = (tmp_path / "j").read_bytes().splitlines(keepends=True)[-1]
        await journal.write(entry(key="tel:9"))
        whole = (tmp_path / "j").read_bytes()
        os.truncate(tmp_path / "j", len(whole) - len(line) // 2)
        assert 3 == journal.history().height
        (tmp_path / "j").write_bytes(whole)
        assert 4 == journal.history().height == journal.history().height
        journal.close()

    anyio.run(look)


def test_two_may_look_at_once(tmp_path: Path) -> None:
    """The results file is written in a thread of its own, and the list may be asked about lost answers meanwhile."""

    async def look() -> None:
        journal = Journal(tmp_path / "j", _ORIGIN, _NOTHING, SystemClock())
        await journal.write_many(_numbered(2000))
        seen: list[int] = []

        def count() -> None:
            seen.append(journal.history().height)

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(anyio.to_thread.run_sync, count)
        journal.close()
        assert [2000] * 4 == seen

    anyio.run(look)


def test_many_writers_share_a_sync_and_none_returns_before_its_line_is_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs: list[int] = []
    sync = disk.sync

    def counted(descriptor: int) -> None:
        size = os.fstat(descriptor).st_size
        sync(descriptor)
        syncs.append(size)

    path = tmp_path / "j"
    monkeypatch.setattr(disk, "sync", counted)

    async def write_all() -> None:
        journal = Journal(path, _ORIGIN, _NOTHING, SystemClock())

        async def write(each: Entry) -> None:
            await journal.write(each)
            text = path.read_bytes()
            assert text.index(each.call_id.encode()) < max(syncs), "it returned before its line was durable"

        async with anyio.create_task_group() as group:
            for n in range(200):
                group.start_soon(write, entry(key=f"tel:{n}", call_id=f"call_{n:03}_"))
        journal.close()

    anyio.run(write_all)
    assert len(syncs) < 100, "each line had a sync of its own"


def test_a_failed_sync_is_never_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next sync would succeed without the data: the kernel has marked the pages clean."""
    tried: list[int] = []

    def failing(descriptor: int) -> None:
        tried.append(descriptor)
        if len(tried) == 1:
            raise OSError(errno.EIO, "Input/output error")

    async def write() -> None:
        journal = Journal(tmp_path / "j", _ORIGIN, _NOTHING, SystemClock())
        monkeypatch.setattr(disk, "sync", failing)
        for _ in range(3):
            with pytest.raises(OSError, match="Input/output"):
                await journal.write(entry())
        journal.close()

    anyio.run(write)
    assert len(tried) == 1


def test_after_a_line_that_was_cut_short_nothing_more_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "j"
    write = os.write

    async def fill() -> None:
        journal = Journal(path, _ORIGIN, _NOTHING, SystemClock())
        await journal.write(entry())
        monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:20]))
        with pytest.raises(OSError, match="only a part"):
            await journal.write(entry(key="tel:2", call_id="call_2"))
        monkeypatch.undo()
        with pytest.raises(OSError, match="only a part"):
            await journal.write(entry(key="tel:3", call_id="call_3"))
        journal.close()

    anyio.run(fill)
    assert _calls(path) == ["call_1"]
