"""Ctrl-C at any moment ends in one line and status 130, and a signal that is ignored at the start stays ignored."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import command, environment, start, through_shell
from makers import UNHURRIED, contacts, lines

from batch_dialer.sandbox.serve import Sandbox

_STARTED = """
import os, sys
from batch_dialer.__main__ import main
class Started:
    def find_spec(self, *_):
        sys.meta_path.remove(self)
        os.write(1, b"+")
sys.meta_path.insert(0, Started())
main()
"""
"""What the installed program does, with a sign when it first imports anything: from there on it answers Ctrl-C."""
_INTERRUPTED_AT_AN_IMPORT = """
import signal, sys
from batch_dialer.__main__ import main
left = int(sys.argv.pop(1))
class Counting:
    def find_spec(self, *_):
        global left
        left -= 1
        if left == 0:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Counting())
main()
"""


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def _check_end(process: "subprocess.Popen[str]", *normal: int) -> None:
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert process.returncode in {130, *normal}, out + err
    if process.returncode == 130:
        assert 1 == err.count("Interrupted. Nothing is lost: run the same command again to continue.\n")


def _start(program: str, *arguments: object, cwd: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 20, 50, 100, 200, 400, 1000])
def test_ctrl_c_at_an_import_is_one_line(tmp_path: Path, count: int) -> None:
    contacts(tmp_path / "some.csv", 2)
    arguments = ("run", "some.csv", "--agent", "a", "--dry-run")
    with _start(_INTERRUPTED_AT_AN_IMPORT, count, *arguments, cwd=tmp_path) as process:
        _check_end(process)


@pytest.mark.parametrize("milliseconds", [2, 5, 10, 15, 20, 30, 40, 60, 100, 200, 400, 800])
def test_ctrl_c_at_any_moment_of_the_start_is_one_line(tmp_path: Path, milliseconds: int) -> None:
    contacts(tmp_path / "some.csv", 2)
    with _start(_STARTED, "run", "some.csv", "--agent", "a", "--dry-run", cwd=tmp_path) as process:
        assert process.stdout
        assert "+" == process.stdout.read(1)
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGINT)
        _check_end(process, 0)


@pytest.mark.parametrize(
    "arguments", [("run", "-", "--agent", "a", "--yes"), ("validate", "-"), ("schema", "new", "-")]
)
def test_ctrl_c_while_the_sheet_is_read_ends_at_once(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The sheet never comes to its end."""
    with subprocess.Popen(
        command(*arguments),
        cwd=tmp_path, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        assert process.stdin
        process.stdin.write("Name,Phone\n" * 20_000)  # more than a pipe holds: now it is being read
        process.stdin.flush()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert 130 == process.wait(timeout=10)
        _check_end(process)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("ignored", "sent"),
    [("HUP", signal.SIGHUP), ("INT", signal.SIGINT), ("TERM", signal.SIGTERM)],
)
def test_a_signal_that_is_ignored_at_the_start_stays_ignored(
    tmp_path: Path, api: Sandbox, ignored: str, sent: signal.Signals
) -> None:
    """As nohup(1) has SIGHUP ignored, and a shell SIGINT behind `&`."""
    sheet = contacts(tmp_path / "some.csv", 40)
    through = ("--agent", "agent_1", "--base-url", api.base_url, "--yes", "--rate", "40/s")
    with subprocess.Popen(
        through_shell(f"trap '' {ignored}; exec \"$@\"", "run", sheet, *through),
        cwd=tmp_path, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        for moment in (0.1, 0.3, 0.6):  # while it starts
            time.sleep(moment)
            process.send_signal(sent)
        end = time.monotonic() + 30
        while len(api.exchange.rings) < 5:
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(sent)
        _, err = process.communicate(timeout=60)
    assert 0 == process.returncode, err
    assert 40 == len(lines(tmp_path / "some.results.csv")) == len(api.exchange.rings)


def test_a_hangup_that_is_not_ignored_stops_the_dialing(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 100)
    through = ("--agent", "agent_1", "--base-url", api.base_url, "--yes", "--rate", "40/s")
    with start("run", sheet, *through, cwd=tmp_path) as process:
        end = time.monotonic() + 30
        while len(api.exchange.rings) < 5:
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=60)
    assert 143 == process.returncode
    assert {"initiated", "deferred"} == {line["status"] for line in lines(tmp_path / "some.results.csv")}
