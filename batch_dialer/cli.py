"""The commands' names, each loaded when it is used; errors become words and an exit status. The only sys.exit."""

import contextlib
import gc
import importlib
import os
import sys
import tempfile
import traceback
from typing import cast

import click

from batch_dialer import __version__
from batch_dialer.errors import DialerError
from batch_dialer.terminal.text import fitted
from batch_dialer.words import Exit

COMMANDS = {
    "run": "Dial every row of a sheet that is not yet dialed.",
    "validate": "Check a sheet without dialing anybody.",
    "schema": "Propose a schema file from a sheet, or check one.",
    "template": "Make a sheet to begin with.",
    "reconcile": "Ask the API what became of calls whose answer was lost.",
    "sandbox": "Serve the API on this machine, to rehearse against.",
}
"""Each command with its sentence: `--help` lists them without loading any."""


class _Commands(click.Group):
    """A group that imports a command's module when the command is asked for, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (as above)
        if cmd_name not in COMMANDS:
            return None
        return cast("click.Command", importlib.import_module(f"batch_dialer.commands.{cmd_name}").command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (as above)
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, package_name="batch-dialer", message="batch-dialer %(version)s")
def program() -> None:
    """Dial a spreadsheet: one voice-agent call for each row, nobody twice, nothing lost.

    \b
    Try it without an account:
      batch-dialer run contacts.csv --sandbox
    """  # noqa: D301  (\b keeps click from joining the lines)


def main() -> None:
    """Run the command line and leave with the exit status of the contract."""
    status = _main()
    gc.freeze()  # else all that was loaded is searched for garbage on the way out: a fifth of a short command's time
    sys.exit(status)


def _main() -> int:
    try:
        return int(program.main(prog_name="batch-dialer", standalone_mode=False) or Exit.DONE)
    except DialerError as error:
        _say(f"{error.what}\n{error.remedy}")
        return error.exit
    except click.ClickException as error:
        _say(error.format_message())
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            return Exit.USAGE
        _say(f"See `{_command_path(error)} --help`.")
        return Exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        _say("\nInterrupted. Nothing that was done is lost: run the same command again to go on.")
        return Exit.INTERRUPTED
    except Exception:  # noqa: BLE001  (a bug: whoever runs this is told so in words)
        _say(f"This is a bug in batch-dialer; what the journal holds is safe. Details: {_details()}")
        return Exit.BUG


def _command_path(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context else "batch-dialer"


def _details() -> str:
    """Keep the traceback where only this user can read it: it may name what is in the sheet."""
    descriptor, path = tempfile.mkstemp(prefix="batch-dialer-", suffix=".txt")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(traceback.format_exc())
    return path


def _say(text: str) -> None:
    with contextlib.suppress(OSError):  # nobody may be listening; the exit status still tells
        click.echo(fitted(text), err=True)
