"""The options that say where the results go, what a command prints, and whether it asks."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from batch_dialer.clock import Clock
from batch_dialer.commands.options.grouping import Body, Heading, gathered, option
from batch_dialer.errors import UsageError
from batch_dialer.ledger.belonging import default_path
from batch_dialer.sheets.files import stem
from batch_dialer.terminal.console import Console

_ENDING = ".csv"

_results = option(
    Heading.OUTPUT,
    "--results",
    type=click.Path(),
    metavar="FILE.csv",
    help="The results file, ending in .csv. {sheet} and {date:%Y-%m-%d} may stand in its name.  "
    "[default: SHEETNAME.results.csv, beside the sheet]",
)
_keep_column = option(
    Heading.OUTPUT,
    "--keep-column",
    multiple=True,
    metavar="NAME",
    help="Show this column of the sheet in the results, too. May be given several times.",
)
_yes = option(
    Heading.OUTPUT,
    "--yes",
    "-y",
    is_flag=True,
    help="Do not ask before dialing. Needed for real calls where nobody can be asked, as in cron.",
)
_quiet = option(Heading.OUTPUT, "--quiet", "-q", is_flag=True, help="Print only warnings and the closing summary.")
_verbose = option(
    Heading.OUTPUT, "--verbose", "-v", is_flag=True, help="Print a line for every attempt, with its number."
)
_log_format = option(
    Heading.OUTPUT,
    "--log-format",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json"]),
    help="Print sentences for people, or one JSON object a line for programs.",
)


@dataclass(frozen=True, slots=True)
class MessageOptions:
    """What a command prints that asks nothing."""

    quiet: bool
    log_format: str

    def console(self, clock: Clock) -> Console:
        """Return the console that prints so."""
        return Console(clock, quiet=self.quiet, verbose=False, as_json=self.log_format == "json", asks=False)


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """Where the results go and what they show, what is printed, and whether to ask before dialing."""

    results: str | None
    keep_column: tuple[str, ...]
    yes: bool
    quiet: bool
    verbose: bool
    log_format: str

    def console(self, clock: Clock) -> Console:
        """Return the console that prints and asks so."""
        return Console(
            clock, quiet=self.quiet, verbose=self.verbose, as_json=self.log_format == "json", asks=not self.yes
        )

    def results_path(self, sheet: Path, now: datetime) -> Path:
        """Return --results with `{sheet}` and `{date:%Y-%m-%d}` filled in, or the default; raise `UsageError`.

        A link is followed: under whatever name, it is one results file with one journal and one lock.
        """
        path = self._filled(sheet, now)
        if path.suffix.lower() != _ENDING:
            raise _ending_error(path)
        if path.absolute() == sheet.absolute() or (path.exists() and sheet.exists() and path.samefile(sheet)):
            raise UsageError("--results names the sheet itself.", "Name another file: the sheet is never written to.")
        if not path.parent.is_dir():
            remedy = "Make the folder, or name a file in another one."
            raise UsageError(f"--results: the folder {path.parent} does not exist.", remedy)
        return path.resolve() if path.is_symlink() else path

    def _filled(self, sheet: Path, now: datetime) -> Path:
        if self.results is None:
            return default_path(sheet)
        try:
            return Path(self.results.format(sheet=stem(sheet), date=now.astimezone()))
        except (KeyError, IndexError, ValueError, AttributeError):
            remedy = "Only {sheet} and {date:%Y-%m-%d} may stand in braces."
            raise UsageError(f"--results {self.results!r} has something in braces that is not known.", remedy) from None


def _ending_error(path: Path) -> UsageError:
    """Say how to go on with results that have another name: under a new name everybody would be called again."""
    what = f"--results {path} does not end in {_ENDING}."
    journal = path.with_name(f"{path.name}.journal")
    if not (path.is_file() or journal.is_file()):
        return UsageError(what, f"Name a file such as {path}{_ENDING}.")
    new = path.with_name(f"{path.name}{_ENDING}")
    files = ", ".join(f"{old.name} as {name}" for old, name in _renamed(path, journal, new) if old.is_file())
    return UsageError(what, f"Rename {files}, then give --results {new}. Without them, everybody is called again.")


def _renamed(path: Path, journal: Path, new: Path) -> tuple[tuple[Path, str], ...]:
    return (path, new.name), (journal, f"{new.name}.journal")


def output_options(body: Body) -> Body:
    """Add the options of this group; *body* is given them as `output`."""
    return gathered(body, "output", OutputOptions, (_results, _keep_column, _yes, _quiet, _verbose, _log_format))


def message_options(body: Body) -> Body:
    """Add only the options that say what is printed; *body* is given them as `messages`."""
    return gathered(body, "messages", MessageOptions, (_quiet, _log_format))
