"""The real command: in a process of its own, as cron would start it, or here, where the process is not the point."""

import gc
import io
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hurried import MOMENTS

from batch_dialer import cli
from batch_dialer.clock import Clock, SystemClock

TOKEN = "talq_rehearsal_0123456789"  # noqa: S105  (the sandbox takes any)
_AS_INSTALLED = str(Path(__file__).with_name("as_installed"))


def command(*arguments: object, hurried: bool = False, any_hour: bool = True) -> list[str]:
    """Return the command line; *hurried* cuts the minutes that it waits to be sure, see `hurried.py`.

    The tests run by day and by night, so a run calls at *any_hour* unless a test is about the hours.
    """
    program = [str(Path(__file__).with_name("hurried.py"))] if hurried else ["-m", "batch_dialer"]
    return [sys.executable, *program, *map(str, arguments), *_unguarded(arguments, any_hour=any_hour)]


def _unguarded(arguments: Sequence[object], *, any_hour: bool) -> list[str]:
    return ["--any-hour"] if any_hour and arguments[:1] == ("run",) else []


def through_shell(script: str, *arguments: object) -> list[str]:
    """Return the command line with which a shell runs *script*, in which "$@" is the command."""
    return ["sh", "-c", script, "sh", *command(*arguments)]


def environment(**changes: str) -> dict[str, str]:
    """Return an environment in which the program is as a user has it: compiled, and without what is for development."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TALKOVER_")}
    imports = os.pathsep.join(filter(None, [_AS_INSTALLED, kept.get("PYTHONPATH")]))
    ours = {"PYTHONPATH": imports, "PYTHONDONTWRITEBYTECODE": "", "PYTHONUNBUFFERED": "1", "TALKOVER_TOKEN": TOKEN}
    return kept | ours | changes


def start(
    *arguments: object, cwd: Path, hurried: bool = False, any_hour: bool = True, **changes: str
) -> subprocess.Popen[str]:
    """Start the command without waiting for it; its two streams are pipes."""
    return subprocess.Popen(
        command(*arguments, hurried=hurried, any_hour=any_hour),
        cwd=cwd,
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(
    *arguments: object,
    cwd: Path,
    expect: int | None = 0,
    hurried: bool = False,
    any_hour: bool = True,
    **changes: str,
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, and hold it to the exit status *expect*, if one is."""
    with start(*arguments, cwd=cwd, hurried=hurried, any_hour=any_hour, **changes) as process:
        out, err = process.communicate(timeout=120)
    print(out, err)  # shown by pytest where the test fails
    assert expect in {None, process.returncode}
    assert "Traceback" not in out + err
    assert TOKEN not in out + err
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def run_here(
    *arguments: object,
    cwd: Path,
    expect: int | None = 0,
    hurried: bool = False,
    clock: Clock | None = None,
    any_hour: bool = True,
    **changes: str,
) -> subprocess.CompletedProcess[str]:
    """Do as `run` does, in this process: it takes a tenth of the time, and *clock* may tell it another day.

    What belongs to a process needs one of its own: signals, streams, memory, locks between two runs.
    """
    out, err = io.StringIO(), io.StringIO()
    before = signal.getsignal(signal.SIGINT)
    with pytest.MonkeyPatch.context() as patch, Path(os.devnull).open(encoding="utf-8") as nothing:
        for name in [name for name in os.environ if name.startswith("TALKOVER_")]:
            patch.delenv(name)
        for name, value in environment(**changes).items():
            patch.setenv(name, value)
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["batch-dialer", *map(str, arguments), *_unguarded(arguments, any_hour=any_hour)])
        for name, stream in (("stdin", nothing), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        for module, name, seconds in MOMENTS if hurried else ():
            patch.setattr(module, name, seconds)
        if clock:
            patch.setattr(SystemClock, "now", lambda _: clock.now())
        with pytest.raises(SystemExit) as ended:
            cli.main()
    signal.signal(signal.SIGINT, before)
    gc.unfreeze()
    print(out.getvalue(), err.getvalue())  # shown by pytest where the test fails
    status = ended.value.code
    assert isinstance(status, int)
    assert expect in {None, status}
    assert "Traceback" not in out.getvalue() + err.getvalue()
    assert TOKEN not in out.getvalue() + err.getvalue()
    return subprocess.CompletedProcess(sys.argv, status, out.getvalue(), err.getvalue())
