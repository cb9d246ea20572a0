"""What all stages measure with: a figure is of a fresh process, and a ratio of runs that took turns.

This process loads nothing large: the kernel counts what a parent held towards the peak of its children.
"""

import contextlib
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from harness import environment

T = TypeVar("T")

MB = 1_000_000
_HERE = Path(__file__).parent
IMPORTS = os.pathsep.join(str(path) for path in (_HERE.parents[1], _HERE, _HERE.with_name("support")))
"""Where a process that we start finds what it imports: pytest and the command line know it by themselves."""
# What is for development is not there for users; pandera and httpx load it where it is, which takes 0.3 s.
_FOR_DEVELOPMENT = ("hypothesis", "rich")
_AS_INSTALLED = (
    f"import sys; sys.modules.update(dict.fromkeys({_FOR_DEVELOPMENT})); from batch_dialer.__main__ import main; main()"
)
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage(2) counts in bytes there, in KiB elsewhere


class Wrong(Exception):  # noqa: N818  (it names what was found)
    """What was measured did not do its work: its time says nothing."""


class Absent(Exception):  # noqa: N818  (as above)
    """What would be measured is not on this machine."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run took: *seconds* by the clock, *cpu* seconds in all threads, *peak* bytes; *found* is its result."""

    seconds: float
    cpu: float
    peak: int
    found: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table. *reached* is None where there is nothing to reach."""

    what: str
    measured: str
    ratio: str = ""
    goal: str = ""
    reached: bool | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the picture: what *rows* rows took in *series*."""

    series: str
    rows: int
    seconds: float
    peak: int


@dataclass(frozen=True, slots=True)
class Bench:
    """Where and how much to measure; *quick* only sees that every stage works, *long* takes real minutes."""

    folder: Path
    quick: bool = False
    long: bool = False

    def size(self, rows: int) -> int:
        """Return how many rows to take where *rows* are taken in full."""
        return max(400, rows // 50) if self.quick else rows

    def sizes(self, all_rows: Sequence[int]) -> Sequence[int]:
        """Return which of *all_rows*, the least first, to take."""
        return all_rows[:1] if self.quick else all_rows

    def times(self, count: int) -> range:
        """Return how often to repeat what is repeated *count* times in full."""
        return range(1 if self.quick else count)


Job = Callable[..., Callable[[], float]]
"""Prepares (imports, opens), and returns what is to be timed; that returns its result as a number."""


def at_most(what: str, measured: str, ratio: float, limit: float | None, than: str) -> Line:
    """Return the line for a *ratio* that is to stay within *limit*, if there is one."""
    goal = "" if limit is None else f"≤ {limit:g} x"
    return Line(what, measured, f"{ratio:.3g} x {than}", goal, None if limit is None else ratio <= limit)


def at_least(what: str, measured: str, ratio: float, limit: float | None, than: str) -> Line:
    """Return the line for a *ratio* that is to reach *limit*, if there is one."""
    goal = "" if limit is None else f"≥ {limit:g} x"
    return Line(what, measured, f"{ratio:.3g} x {than}", goal, None if limit is None else ratio >= limit)


def spent(usage: Usage) -> str:
    """Return what a run took, for a person."""
    return f"{usage.seconds:.2f} s, {usage.cpu:.2f} s of CPU"


def within(what: str, usage: Usage, limit: float | None, beside: str = "") -> Line:
    """Return the line for a time that is to stay within *limit* seconds, if there is a limit."""
    goal = "" if limit is None else f"≤ {limit:g} s"
    return Line(what, spent(usage), beside, goal, None if limit is None else usage.seconds <= limit)


def peak_line(what: str, usage: Usage, limit: int) -> Line:
    """Return the line for a peak of memory that is to stay within *limit* bytes."""
    return Line(
        f"{what}, peak of memory", f"{usage.peak / MB:,.0f} MB", "", f"≤ {limit / MB:,.0f} MB", usage.peak <= limit
    )


def check(what: str, expected: float, found: float) -> None:
    """Raise `Wrong` where *found* is not what was *expected*."""
    if found != expected:
        raise Wrong(f"{what}: {found:,g} instead of {expected:,g}")


def in_turn(runs: Mapping[str, Callable[[], Usage]], times: range) -> dict[str, Usage]:
    """Run each in turn, *times* over; return the run of median time of each."""
    taken: dict[str, list[Usage]] = {name: [] for name in runs}
    for _ in times:
        for name, run in runs.items():
            taken[name].append(run())
    return {name: middle(usages) for name, usages in taken.items()}


def middle(usages: Sequence[Usage]) -> Usage:
    """Return the run of median time: a real one, so that its peak and its CPU time go with it."""
    seconds = statistics.median_low(usage.seconds for usage in usages)
    return next(usage for usage in usages if usage.seconds == seconds)


def elsewhere(function: Callable[..., T], *arguments: object) -> T:
    """Return what *function* returns in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(function, *arguments).result()


def fresh(job: Job, *arguments: object) -> Usage:
    """Run *job* in a process of its own; what it prepares is not timed, but is in the peak."""
    return elsewhere(_timed, job, arguments)


def _timed(job: Job, arguments: Sequence[object]) -> Usage:
    sys.modules.update(dict.fromkeys(_FOR_DEVELOPMENT))  # type: ignore[arg-type]  # Python's own way to have none
    try:
        run = job(*arguments)
        cpu = time.process_time()
        begun = time.perf_counter()
        found = run()
    except Exception as error:  # noqa: BLE001  (whatever went wrong, there is no figure)
        raise Wrong(f"{job.__name__}: {error!r}") from None
    seconds = time.perf_counter() - begun
    used = time.process_time() - cpu
    return Usage(seconds, used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT, found)


def command(*words: object, cwd: Path, expect: int = 0) -> Usage:
    """Run a whole command with its children, from its start to its end; *found* is how long its output is."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in words],
            cwd=cwd, env=environment(PYTHONPATH=IMPORTS), stdin=subprocess.DEVNULL, stdout=said, stderr=said,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    if process.returncode != expect:
        raise Wrong(f"{words[0]} ended with {process.returncode} instead of {expect}: {text[-500:].strip()}")
    return Usage(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * _PEAK_UNIT, len(text))


def dialer(*words: object, cwd: Path, expect: int = 0) -> Usage:
    """Run batch_dialer's own command, as users have it."""
    return command(sys.executable, "-c", _AS_INSTALLED, *words, cwd=cwd, expect=expect)


@contextlib.contextmanager
def pinned(core: int) -> Iterator[None]:
    """Let what is started meanwhile have only the *core*-th of our cores, where a process can be kept to one."""
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) <= core:
        yield
        return
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(ours)[core]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)
