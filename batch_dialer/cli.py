"""The program: finds the command, and turns every error into a message and an exit status. The only sys.exit."""

import gc
import importlib
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import click

from batch_dialer import __version__
from batch_dialer.errors import DialerError, UsageError
from batch_dialer.terminal.interrupts import INTERRUPTED, LeavingAtOnce
from batch_dialer.terminal.text import fitted, log, log_dated, log_event, printable
from batch_dialer.words import EXIT_MEANINGS, Exit

_LONGEST = 10_000
_PLACES = 3

COMMANDS = {
    "run": "Dial every row of a sheet that is not dialed yet.",
    "validate": "Check a sheet without dialing anybody.",
    "check": "Ask the API whether the calls of a sheet can be placed.",
    "rehearse": "Place one call to your own phone, with the values of one row.",
    "schema": "Propose a schema file for a sheet, or check one.",
    "template": "Write a starter sheet.",
    "track": "Write into the results how the calls ended.",
    "reconcile": "Look up what became of calls whose answer was lost.",
    "stop": "Hang up the calls of a job that are under way.",
    "sandbox": "Run a stand-in for the API on this machine, to rehearse with.",
}
"""Each command with its sentence in the help."""


class _Commands(click.Group):
    """Commands that are known by name and sentence; the module of one is imported when that one is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Return the names in the order in which people need them."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that *args* begin with, from its module, and the arguments that are left."""
        name, known, left = super().resolve_command(ctx, args)
        return name, known and load(name or ""), left


def load(name: str) -> click.Command:
    """Import the module of the command *name*, and return the command; raise `UsageError` where the disk forbids it."""
    for setting in [name for name in os.environ if name.startswith("PANDERA_")]:
        del os.environ[setting]  # pandera reads it as it is imported, and fails at one that it does not know
    try:
        with LeavingAtOnce():
            return cast("click.Command", importlib.import_module(f"batch_dialer.commands.{name}").command)
    except OSError as error:  # one of the libraries looks for a folder that it can write to
        remedy = "Make room on the disk, or set TMPDIR to a folder that has some. Nobody was called."
        raise UsageError(f"The program cannot be loaded: {error.strerror or error}.", remedy) from None


@click.group(
    cls=_Commands,
    commands={name: click.Command(name, help=sentence) for name, sentence in COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, package_name="batch-dialer", message="batch-dialer %(version)s")
def program() -> None:
    """Dial a spreadsheet: one voice-agent call for each row, and nobody is called twice.

    \b
    Try it without an account:
      batch-dialer run contacts.csv --sandbox
    """  # noqa: D301  (\b keeps click from joining the lines)


def main() -> None:
    """Run the command line and leave with the exit status of the contract."""
    status = _main()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # all is done: no traceback of what is still being closed
    gc.freeze()  # else all that was loaded is searched for garbage on the way out: a fifth of a short command's time
    sys.exit(status)


def _main() -> int:
    try:
        return int(program.main(prog_name="batch-dialer", standalone_mode=False) or Exit.DONE)
    except DialerError as error:
        return _refuse(error.exit, f"{error.what}\n{error.remedy}")
    except click.exceptions.NoArgsIsHelpError as error:
        log(error.format_message())
        return Exit.USAGE
    except click.ClickException as error:
        return _refuse(Exit.USAGE, f"{error.format_message()}\nSee `{_command_path(error)} --help`.")
    except (KeyboardInterrupt, click.Abort):
        log(INTERRUPTED)
        return Exit.INTERRUPTED
    except (Exception, SystemExit) as error:  # noqa: BLE001  (a bug; click turns a broken connection into a SystemExit)
        details = _keep_details(error)
        what = "This is a bug in batch-dialer. What the journal holds is safe."
        return _refuse(Exit.BUG, f"{what} Please report it with {details}")


def _refuse(status: Exit, sentences: str) -> Exit:
    """Say why the command ends with *status*, and return it. A log, which no terminal shows, has the status, too."""
    from batch_dialer.clock import SystemClock  # noqa: PLC0415  (it loads what waits, which --help need not)

    now = SystemClock().now()
    printable_lines = "\n".join(printable(line, _LONGEST) for line in sentences.split("\n"))
    if _wants_json(sys.argv):
        log_event("error", printable_lines, now, {"exit": status})
        return status
    log_dated(fitted(printable_lines), now)
    if not sys.stderr.isatty():
        log_dated(f"Exit status {status:d}: {EXIT_MEANINGS[status]}.", now)
    return status


def _wants_json(arguments: Sequence[str]) -> bool:
    """Return whether *arguments*, which may be those of no command, ask for a log that a program reads."""
    return "--log-format=json" in arguments or ("--log-format", "json") in pairwise(arguments)


def _command_path(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context else "batch-dialer"


def _keep_details(error: BaseException) -> str:
    """Keep the traceback where only this user can read it, since it may name what is in the sheet; return where.

    Where it cannot be kept, return what tells nothing of the sheet.
    """
    try:
        descriptor, path = tempfile.mkstemp(prefix="batch-dialer-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write("".join(traceback.format_exception(error)))
    except OSError as fault:
        places = reversed(traceback.extract_tb(error.__traceback__)[-_PLACES:])
        where = ", ".join(f"{place.filename}:{place.lineno}" for place in places)
        why = fault.strerror or fault
        return f"this line: {type(error).__name__} at {where}. The details could not be written to a file ({why})."
    return path
