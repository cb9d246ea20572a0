"""The options for rehearsing: nothing is sent, or the calls go to the sandbox, or they are marked as tests."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from batch_dialer.commands.options.grouping import Body, Heading, gathered, option
from batch_dialer.errors import UsageError
from batch_dialer.talkover.token import Token

if TYPE_CHECKING:
    from batch_dialer.sandbox.serve import Sandbox

SANDBOX_TOKEN = Token("talq_sandbox_rehearsal")

_dry_run = option(
    Heading.REHEARSAL, "--dry-run", is_flag=True, help="Send nothing: show the plan and the first requests."
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


@dataclass(frozen=True, slots=True)
class RehearsalOptions:
    """Which of the ways to rehearse are chosen."""

    dry_run: bool
    sandbox: bool
    testing: bool


def rehearsal_options(body: Body) -> Body:
    """Add the options of this group; *body* is given them as `rehearsal`."""
    return gathered(body, "rehearsal", RehearsalOptions, (_dry_run, sandbox_option, _testing))


@contextlib.contextmanager
def sandbox_extra() -> Iterator[None]:
    """Turn an ImportError of the sandbox's packages, which are an extra, into a `UsageError`."""
    try:
        yield
    except ImportError:
        remedy = "Install it with: pip install 'batch-dialer[sandbox]'"
        raise UsageError("The sandbox is not installed.", remedy) from None


@contextlib.contextmanager
def serving_sandbox() -> "Iterator[Sandbox]":
    """Serve a sandbox; raise `UsageError` where it is not installed."""
    with sandbox_extra():
        from batch_dialer.sandbox.serve import Sandbox  # noqa: PLC0415  (an extra: it may not be installed)
    with Sandbox() as sandbox:
        yield sandbox
