"""The journal: what was durable is believed or refused as a whole, and what was torn was never acted upon."""

import errno
import os
from pathlib import Path

import anyio
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import entry

from batch_dialer.edges import disk
from batch_dialer.edges.journal import Journal, Origin, read_journal
from batch_dialer.errors import UsageError
from batch_dialer.model import Entry
from batch_dialer.rules.resume import HISTORY_SCHEMA
from batch_dialer.words import Status

_ORIGIN = Origin("https://api.example/v1", testing=False)
_NOTHING = pl.DataFrame(schema=HISTORY_SCHEMA)


def _written(path: Path, *entries: Entry, history: pl.DataFrame = _NOTHING) -> Path:
    async def write() -> None:
        journal = Journal(path, _ORIGIN, history)
        for each in entries:
            await journal.write(each)
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


def test_a_file_cut_at_any_byte_of_its_undurable_tail_reads_as_what_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "j"
    _written(path, *_numbered(3))
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    start = len(b"".join(lines[:-2]))  # the last entry, and the line that closes the file
    for cut in range(start, len(whole)):
        path.write_bytes(whole[:cut])
        assert _calls(path)[:2] == ["call_0", "call_1"]


@pytest.mark.parametrize("tail", [b"\0" * 500, b"garbage", b"\xff\xfe\n\n", b'deadbeef {"s":9,"d":0,"t":"entry"}\n'])
def test_a_torn_tail_of_any_kind_is_left_out(tmp_path: Path, tail: bytes) -> None:
    path = _written(tmp_path / "j", *_numbered(3))
    with path.open("ab") as file:
        file.write(tail)
    assert _calls(path) == ["call_0", "call_1", "call_2"]


def test_every_bit_of_what_was_durable_is_guarded(tmp_path: Path) -> None:
    """One bit, anywhere in a line that a later one calls durable, and the journal is refused."""
    path = _written(tmp_path / "j", *_numbered(2))
    whole = path.read_bytes()
    durable = len(b"".join(whole.splitlines(keepends=True)[:-1])) - 1  # not its line end: two lines would only join
    for at in range(durable):
        hurt = bytearray(whole)
        hurt[at] ^= 1 << (at % 8)
        path.write_bytes(hurt)
        with pytest.raises(UsageError):
            read_journal(path)


def test_a_line_missing_from_the_middle_is_refused(tmp_path: Path) -> None:
    path = _written(tmp_path / "j", *_numbered(3))
    lines = path.read_bytes().splitlines(keepends=True)
    for gone in range(len(lines) - 1):
        path.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
        with pytest.raises(UsageError, match="cannot be trusted"):
            read_journal(path)


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
    monkeypatch.setattr("batch_dialer.edges.journal._FORMAT", 2)
    path = _written(tmp_path / "j")
    monkeypatch.undo()
    with pytest.raises(UsageError, match="later version"):
        read_journal(path)


def test_no_later_word_takes_a_call_back(tmp_path: Path) -> None:
    path = _written(tmp_path / "j", entry(), entry(status=Status.DIALING, call_id=""))
    assert _calls(path) == ["call_1"]


def test_opening_keeps_all_that_was_known(tmp_path: Path) -> None:
    path = _written(tmp_path / "j", *_numbered(3))
    _written(path, entry(key="tel:9", call_id="call_9"), history=read_journal(path).history)
    assert _calls(path) == ["call_0", "call_1", "call_2", "call_9"]
    assert read_journal(path).origin == _ORIGIN


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
        journal = Journal(path, _ORIGIN, _NOTHING)

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
        journal = Journal(tmp_path / "j", _ORIGIN, _NOTHING)
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
        journal = Journal(path, _ORIGIN, _NOTHING)
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
