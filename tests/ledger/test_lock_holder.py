"""Who is told to stop: the process that holds the lock, and never one that only has its number."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from batch_dialer.errors import ResultsInUse
from batch_dialer.ledger.lock import lock_path, own_host
from batch_dialer.ledger.lock_holder import find_holder

_HOLD = """
import pathlib, sys
from batch_dialer.ledger.lock import lock_results
with lock_results(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def _process(program: str, results: Path) -> Iterator["subprocess.Popen[str]"]:
    arguments = [sys.executable, "-c", program, str(results)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline()
        yield process
        process.kill()


def test_the_holder_is_found_and_told(tmp_path: Path) -> None:
    results = tmp_path / "s.results.csv"
    with _process(_HOLD, results) as process:
        holder = find_holder(results)
        assert holder
        assert process.pid == holder.number
        holder.stop()
        assert -signal.SIGTERM == process.wait(timeout=30)
        process.kill()
        holder.stop()  # which is nothing by now
    assert find_holder(results) is None


@pytest.mark.parametrize("note", ["{number}\n", "{number} {host}\n"])
def test_a_process_that_only_has_the_number_is_not_the_holder(tmp_path: Path, note: str) -> None:
    """A number is used again when its process has ended."""
    results = tmp_path / "s.results.csv"
    other = "import sys; print('here', flush=True); sys.stdin.read()"
    with _process(_HOLD, results), _process(other, results) as process:
        lock_path(results).write_text(note.format(number=process.pid, host=own_host()))
        assert find_holder(results) is None
        assert process.poll() is None


@pytest.mark.parametrize("note", ["", "a b c", "99999999\n", "9999999999\n", "0\n"])
def test_a_lock_that_names_no_process_of_now_tells_of_nobody(tmp_path: Path, note: str) -> None:
    lock_path(tmp_path / "r.csv").write_text(note)
    assert find_holder(tmp_path / "r.csv") is None
    assert find_holder(tmp_path / "none.csv") is None


def test_the_file_of_another_name_that_a_process_has_open_is_no_lock_of_ours(tmp_path: Path) -> None:
    with _process(_HOLD, tmp_path / "a.csv") as process:
        lock_path(tmp_path / "b.csv").write_text(f"{process.pid} {own_host()}\n")
        assert find_holder(tmp_path / "b.csv") is None


def test_a_process_of_another_machine_is_named_and_let_alone(tmp_path: Path) -> None:
    """Its number may be anybody's here: this very process's, as in this test."""
    lock_path(tmp_path / "r.csv").write_text(f"{os.getpid()} dialer-2\n")
    with pytest.raises(ResultsInUse, match=rf"machine dialer-2 \(process {os.getpid()}\)") as refusal:
        find_holder(tmp_path / "r.csv")
    assert "On dialer-2 run the same command" in refusal.value.remedy
    assert 5 == refusal.value.exit
