"""`--suppress`: the lists of numbers that must not be called."""

from pathlib import Path

import click

from batch_dialer.commands.options.grouping import Heading, option
from batch_dialer.contacts.mapping import is_results_file
from batch_dialer.entry import History
from batch_dialer.errors import BadSheet, UsageError
from batch_dialer.job import Source
from batch_dialer.ledger.extra_columns import UNDER_WAY
from batch_dialer.model import Sheet
from batch_dialer.plan import suppression
from batch_dialer.plan.called_numbers import called_numbers
from batch_dialer.plan.suppression import Suppressed
from batch_dialer.schema.schema import Place
from batch_dialer.sheets.files import STDIN
from batch_dialer.sheets.reading import read_sheet

suppress = option(
    Heading.WHO,
    "--suppress",
    multiple=True,
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="A sheet of numbers that must not be called; of a results file, the numbers that have a call. May be given"
    " several times.",
)


def read_lists(paths: tuple[Path, ...], source: Source) -> tuple[Suppressed, ...]:
    """Read the lists of numbers not to call, by the region of *source*; raise `BadSheet` for one that is unusable."""
    if (*paths, source.path).count(STDIN) > 1:
        raise UsageError("Standard input can be read only once, and - is given twice.", "Name a file for one of them.")
    for path in paths:
        if path != STDIN and not path.exists():
            raise BadSheet(
                f"There is no file {path}, which --suppress names.",
                "Check its name and its folder. Nobody was called, because the people in it must not be.",
            )
    schema = source.schema
    to = next((field for field in schema.fields if field.place is Place.TO), None) if schema else None
    return tuple(_read_list(path, source.region or (to.region if to else None)) for path in paths)


def _read_list(path: Path, region: str | None) -> Suppressed:
    try:
        sheet = read_sheet(path)
        if is_results_file(sheet.headers):
            return called_numbers(sheet, region, _under_way(path, sheet))
        return suppression.suppressed(sheet, region)
    except BadSheet as error:
        remedy = error.remedy
        if "--sheet" in remedy:  # that option is for the sheet to dial
            remedy = "Save the worksheet that has the numbers as a file of its own, and give that file."
        raise BadSheet(f"--suppress: {error.what}", remedy) from None


def _under_way(path: Path, sheet: Sheet) -> History | None:
    """Return what the journal beside results knows whose run has not ended; None where it has."""
    if not any(header.startswith(UNDER_WAY) for header in sheet.headers):
        return None
    from batch_dialer.ledger.journal import read_journal  # noqa: PLC0415  (`validate` seldom needs what it loads)

    journal = read_journal(path.with_name(f"{path.name}.journal"))
    if journal.origin is None:
        raise BadSheet(
            f"{sheet.name} is of a run that has not ended, and its journal is not beside it. It is not known who was"
            " called.",
            "Put the journal back, or run that sheet again to its end.",
        )
    return journal.history


def list_note(listed: Suppressed) -> str:
    """Say how many numbers a list has: one without any may be the wrong file."""
    if listed.of_results:
        return _results_note(listed)
    if not listed.numbers:
        return f"--suppress: {listed.name} has no numbers, so it keeps nobody from being called. Is it the right file?"
    empty = f" ({listed.empty:,} of its cells are empty)" if listed.empty else ""
    return f"{listed.name}: {_counted(len(listed.numbers))} not to call{empty}"


def _results_note(listed: Suppressed) -> str:
    taken = f"{_counted(len(listed.numbers))} not to call, which {'has' if len(listed.numbers) == 1 else 'have'}"
    return (
        f"{listed.name}: {taken} a call or may have one; rows without a call, which may be called: {listed.left_out:,}"
    )


def _counted(numbers: int) -> str:
    return "1 number" if numbers == 1 else f"{numbers:,} numbers"
