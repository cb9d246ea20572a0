"""`--suppress`: the lists of numbers that must not be called."""

from pathlib import Path

import click

from batch_dialer.commands.options.grouping import Heading, option
from batch_dialer.errors import BadSheet
from batch_dialer.job import Source
from batch_dialer.plan import suppression
from batch_dialer.plan.suppression import Suppressed
from batch_dialer.schema.schema import Place
from batch_dialer.sheets.reading import read_sheet

suppress = option(
    Heading.WHO,
    "--suppress",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A sheet of numbers that must not be called. May be given more than once.",
)


def read_lists(paths: tuple[Path, ...], source: Source) -> tuple[Suppressed, ...]:
    """Read the lists of numbers not to call, by the region of *source*; raise `BadSheet` for one that is unusable."""
    schema = source.schema
    to = next((field for field in schema.fields if field.place is Place.TO), None) if schema else None
    return tuple(_read_list(path, source.region or (to.region if to else None)) for path in paths)


def _read_list(path: Path, region: str | None) -> Suppressed:
    try:
        return suppression.suppressed(read_sheet(path), region)
    except BadSheet as error:
        remedy = error.remedy
        if "--sheet" in remedy:  # that option is for the sheet to dial
            remedy = "Save the worksheet that has the numbers as a file of its own, and give that file."
        raise BadSheet(f"--suppress: {error.what}", remedy) from None


def list_note(listed: Suppressed) -> str:
    """Say how many numbers a list has: one without any may be the wrong file."""
    if not listed.numbers:
        return f"--suppress: {listed.name} has no numbers, so it keeps nobody from being called. Is it the right file?"
    count = "1 number" if len(listed.numbers) == 1 else f"{len(listed.numbers):,} numbers"
    empty = f" ({listed.empty:,} of its cells are empty)" if listed.empty else ""
    return f"{listed.name}: {count} not to call{empty}"
