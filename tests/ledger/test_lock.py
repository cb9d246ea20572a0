"""One run at a time on one results file: held by a process, freed with it, and refused in words."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from batch_dialer.errors import ResultsInUse, UsageError
from batch_dialer.ledger.lock import lock_results, own_host

_HOLD = """
import pathlib, sys
from batch_dialer.ledger.lock import lock_results
with lock_results(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
_NOBODY = 65534


@contextmanager
def _held_elsewhere(results: Path) -> Iterator["subprocess.Popen[str]"]:
    """Have another process hold the lock until its input ends."""
    arguments = [sys.executable, "-c", _HOLD, str(results)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert "held\n" == holder.stdout.readline()
        yield holder


def _lock_file(results: Path) -> Path:
    return results.with_name(f"{results.name}.lock")


def _acquire(results: Path) -> None:
    with lock_results(results):
        assert f"{os.getpid()} {own_host()}\n" == _lock_file(results).read_text()


def test_what_another_process_holds_is_refused_and_the_process_named(tmp_path: Path) -> None:
    results = tmp_path / "s.results.csv"
    with _held_elsewhere(results) as holder:
        with pytest.raises(ResultsInUse, match=rf"\(process {holder.pid}\).*s\.results\.csv") as refusal:
            _acquire(results)
        with pytest.raises(ResultsInUse, match=str(holder.pid)):  # to be refused took nothing from the holder
            _acquire(results)
    assert "Nobody was called" in refusal.value.remedy
    assert 5 == refusal.value.exit


def test_it_is_free_once_its_holder_has_ended(tmp_path: Path) -> None:
    results = tmp_path / "s.results.csv"
    with _held_elsewhere(results):
        pass
    _acquire(results)


def test_the_kernel_frees_it_when_its_holder_is_killed(tmp_path: Path) -> None:
    results = tmp_path / "s.results.csv"
    with _held_elsewhere(results) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert f"{holder.pid} {own_host()}\n" == _lock_file(results).read_text(), "as the dead process left it"
    _acquire(results)


def test_it_is_free_again_when_what_was_done_under_it_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock_results(tmp_path / "r.csv"):
        raise ZeroDivisionError
    _acquire(tmp_path / "r.csv")


def test_one_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    with lock_results(tmp_path / "r.csv"), pytest.raises(ResultsInUse):
        _acquire(tmp_path / "r.csv")


def test_another_results_file_is_no_matter(tmp_path: Path) -> None:
    with _held_elsewhere(tmp_path / "a.results.csv"):
        _acquire(tmp_path / "b.results.csv")


def test_the_file_stays_for_a_second_run_must_not_lock_one_that_the_first_no_longer_looks_at(tmp_path: Path) -> None:
    _acquire(tmp_path / "r.csv")
    before = _lock_file(tmp_path / "r.csv").stat().st_ino
    _acquire(tmp_path / "r.csv")
    assert before == _lock_file(tmp_path / "r.csv").stat().st_ino


def test_a_longer_note_of_an_earlier_holder_leaves_nothing_behind(tmp_path: Path) -> None:
    _lock_file(tmp_path / "r.csv").write_bytes(b"1234567890123 \xff and more")
    _acquire(tmp_path / "r.csv")


@pytest.mark.parametrize(
    ("note", "named"),
    [
        ("4711\n", "(process 4711) is"),  # as earlier versions write it
        (f"4711 {own_host()}\n", "(process 4711) is"),
        ("4711 dialer-2.example\n", "(process 4711 on dialer-2.example) is"),
        ("4711 \x1b[2J\n", "Another run is"),
    ],
)
def test_the_process_is_named_with_its_machine_where_that_is_another(tmp_path: Path, note: str, named: str) -> None:
    with lock_results(tmp_path / "r.csv"):
        _lock_file(tmp_path / "r.csv").write_text(note)
        with pytest.raises(ResultsInUse) as refusal:
            _acquire(tmp_path / "r.csv")
    assert named in refusal.value.what


def test_a_holder_that_left_no_number_is_not_given_one(tmp_path: Path) -> None:
    with lock_results(tmp_path / "r.csv"):
        _lock_file(tmp_path / "r.csv").write_text("\x1b[2J somebody")
        with pytest.raises(ResultsInUse, match=r"^Another run is dialing into"):
            _acquire(tmp_path / "r.csv")


def test_it_is_for_this_user_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        _acquire(tmp_path / "r.csv")
    finally:
        os.umask(before)
    assert 0o600 == stat.S_IMODE(_lock_file(tmp_path / "r.csv").stat().st_mode)


def test_a_link_is_not_followed_and_its_target_stays_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "precious.txt"
    target.write_text("as it was")
    _lock_file(tmp_path / "r.csv").symlink_to(target)
    with pytest.raises(UsageError, match=r"cannot be written beside .*r\.csv: .*symbolic link"):
        _acquire(tmp_path / "r.csv")
    assert "as it was" == target.read_text()


@contextmanager
def _unprivileged() -> Iterator[None]:
    """Root may write anywhere: for a while be somebody else."""
    user = os.geteuid()
    os.seteuid(user or _NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_folder_without_permission_is_said_in_words(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with _unprivileged(), pytest.raises(UsageError, match=r"cannot be written beside .*: Permission denied") as refusal:
        _acquire(tmp_path / "r.csv")
    assert "make the folder writable" in refusal.value.remedy
    assert 2 == refusal.value.exit


def test_a_folder_that_is_gone_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be written beside .*: No such file"):
        _acquire(tmp_path / "gone" / "r.csv")
