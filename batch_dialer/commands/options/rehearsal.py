"""The options for rehearsing: nothing is sent, or the calls go to the sandbox, or they are marked as tests."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from batch_dialer.clock import Clock, SystemClock
from batch_dialer.commands.options.grouping import Body, Decorator, Heading, gathered, option
from batch_dialer.errors import UsageError
from batch_dialer.rehearsal_clock import RehearsalClock
from batch_dialer.sandbox.outcomes import Outcomes, parse_outcomes
from batch_dialer.talkover.token import Token

if TYPE_CHECKING:
    from batch_dialer.sandbox.serve import Sandbox

SANDBOX_TOKEN = Token("talq_sandbox_rehearsal")
_EXAMPLE = "reached 55%, no-answer 30%, busy 10%, failed 5%"


def read_outcomes(text: str) -> Outcomes:
    """Read the share of calls that end in each way; raise `UsageError`."""
    try:
        return parse_outcomes(text)
    except ValueError as error:
        raise UsageError(f"--outcomes: {error}.", f'Write it as in "{_EXAMPLE}".') from None


def outcomes_option(heading: Heading) -> Decorator:
    """Return the option for how the sandbox's calls end, under *heading*."""
    return option(
        heading,
        "--outcomes",
        read=read_outcomes,
        metavar="SHARES",
        help=f'How the calls of the sandbox end, as in "{_EXAMPLE}". Else all are answered.',
    )


_dry_run = option(
    Heading.REHEARSAL, "--dry-run", is_flag=True, help="Send nothing: show the plan and the first requests."
)
_report = option(
    Heading.REHEARSAL,
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="With --dry-run: write the whole plan as a page for a browser.",
)
sandbox_option = option(
    Heading.REHEARSAL,
    "--sandbox",
    is_flag=True,
    help="Dial a sandbox on this machine instead of the API. Needs no token, and no phone rings.",
)
_testing = option(
    Heading.REHEARSAL, "--testing", is_flag=True, help="Mark every call as a test: no credits, no analytics."
)
_speed = option(
    Heading.REHEARSAL,
    "--speed",
    type=click.FloatRange(1, 1000),
    metavar="N",
    help="With --sandbox: let time pass N times as fast wherever the run and the calls only wait.",
)


@dataclass(frozen=True, slots=True)
class RehearsalOptions:
    """Which of the ways to rehearse are chosen. *speed* and *outcomes* are of the sandbox that serves the run."""

    dry_run: bool
    report: Path | None
    sandbox: bool
    testing: bool
    speed: float | None
    outcomes: Outcomes | None

    def __post_init__(self) -> None:
        """Raise `UsageError` for what only the run's own sandbox or a dry run can do."""
        if self.report and not self.dry_run:
            remedy = "Add --dry-run, or leave it out: a run shows the plan before anybody is called."
            raise UsageError("--report is given without --dry-run.", remedy)
        if self.report and self.report.suffix.lower() != ".html":
            raise UsageError(f"--report {self.report} does not end in .html.", "Name a file such as plan.html.")
        if not self.sandbox and (self.speed is not None or self.outcomes is not None):
            name = "--outcomes" if self.speed is None else "--speed"
            raise UsageError(f"{name} is given without --sandbox.", "Give --sandbox, too, or leave it out.")

    def clock(self) -> Clock:
        """Return the clock that the run goes by."""
        now = SystemClock()
        return now if self.speed is None else RehearsalClock(self.speed, now.now())


def rehearsal_options(body: Body) -> Body:
    """Add the options of this group; *body* is given them as `rehearsal`."""
    added = (_dry_run, _report, sandbox_option, _testing, _speed, outcomes_option(Heading.REHEARSAL))
    return gathered(body, "rehearsal", RehearsalOptions, added)


@contextlib.contextmanager
def sandbox_extra() -> Iterator[None]:
    """Turn an ImportError of the sandbox's packages, which are an extra, into a `UsageError`."""
    try:
        yield
    except ImportError:
        remedy = "Install it with: pip install 'batch-dialer[sandbox]'"
        raise UsageError("The sandbox is not installed.", remedy) from None


@contextlib.contextmanager
def serving_sandbox(outcomes: Outcomes | None = None, clock: Clock | None = None) -> "Iterator[Sandbox]":
    """Serve a sandbox that goes by *clock* where that rehearses; raise `UsageError` where it is not installed."""
    with sandbox_extra():
        from batch_dialer.sandbox.serve import Sandbox  # noqa: PLC0415  (an extra: it may not be installed)
        from batch_dialer.sandbox.settings import Settings  # noqa: PLC0415  (as above)
    settings = Settings(outcomes=outcomes)
    if isinstance(clock, RehearsalClock):
        sandbox = Sandbox(settings, clock=clock.timestamp, hold_back=clock.hold_back)
    else:
        sandbox = Sandbox(settings)
    with sandbox:
        yield sandbox
