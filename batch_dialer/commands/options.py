"""Options that several commands share, and what their values stand for."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click

from batch_dialer.clock import SystemClock
from batch_dialer.commands.settings import local_zone, read_encoding, read_region
from batch_dialer.errors import BadSheet, UsageError
from batch_dialer.job import Source
from batch_dialer.ledger.results import default_path
from batch_dialer.plan import suppression
from batch_dialer.plan.suppression import Suppressed
from batch_dialer.schema.schema import Place, Schema
from batch_dialer.sheets.files import stem
from batch_dialer.sheets.reading import read_sheet
from batch_dialer.words import Hidden

sheet = click.argument("sheet", type=click.Path(path_type=Path, allow_dash=True))
schema = click.option("--schema", type=click.Path(path_type=Path), metavar="FILE.toml", help="What the columns mean.")
worksheet = click.option("--sheet", "worksheet", metavar="NAME", help="The worksheet of a workbook that has several.")
encoding = click.option("--encoding", metavar="NAME", help="What a text file is written in, as in windows-1252.")
header_row = click.option(
    "--header-row", type=click.IntRange(1, 1_048_576), metavar="N", help="The row with the headers, as numbered there."
)
region = click.option("--region", metavar="US", help="The country of numbers without a country code. Beats the schema.")
hidden = click.option(
    "--hidden",
    default=Hidden.SKIP.value,
    show_default=True,
    type=click.Choice([word.value for word in Hidden]),
    help="What becomes of hidden and filtered rows.",
)
settle_after = click.option(
    "--settle-after", default="15m", show_default=True, metavar="15m", help="How long the API's list of calls may lag."
)
base_url = click.option("--base-url", metavar="URL", help="The API's address. Beats TALKOVER_BASE_URL.")
allow_insecure = click.option(
    "--allow-insecure", is_flag=True, help="Let the address begin with http://: all is sent in the clear."
)
token_file = click.option(
    "--token-file", type=click.Path(path_type=Path), metavar="FILE", help="Read the token from this file."
)
suppress = click.option(
    "--suppress",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Never dial the numbers in this sheet. May be given several times.",
)
quiet = click.option("--quiet", "-q", is_flag=True, help="Print the closing summary only.")
log_format = click.option(
    "--log-format",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json"]),
    help="For people or for programs.",
)


def example(*lines: str) -> str:
    """Return *lines* as the example at the end of a command's help."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def source(
    path: Path,
    schema: Schema | None,
    *,
    worksheet: str | None,
    encoding: str | None,
    header_row: int | None,
    region: str | None,
) -> Source:
    """Return the sheet and how it is to be understood; raise `UsageError`."""
    return Source(
        path,
        worksheet,
        schema,
        local_zone(),
        encoding=encoding and read_encoding(encoding),
        header_row=header_row,
        region=region and read_region(region),
    )


def suppressed(paths: tuple[Path, ...], schema: Schema | None, region: str | None) -> tuple[Suppressed, ...]:
    """Read the lists of numbers not to call; raise `BadSheet` for one that cannot be gone by."""
    to = next((field for field in schema.fields if field.place is Place.TO), None) if schema else None
    return tuple(_listed(path, region or (to.region if to else None)) for path in paths)


def _listed(path: Path, region: str | None) -> Suppressed:
    try:
        return suppression.suppressed(read_sheet(path), region)
    except BadSheet as error:
        remedy = error.remedy
        if "--sheet" in remedy:  # which is for the sheet to dial
            remedy = "Save the worksheet with the numbers as a file of its own, and give that."
        raise BadSheet(f"--suppress: {error.what}", remedy) from None


def described(listed: Suppressed) -> str:
    """Say what was understood of a list: one that holds nobody may be the wrong file."""
    if not listed.numbers:
        return f"--suppress: {listed.name} has no number in it, so it keeps nobody from being called. Is it the file?"
    count = "1 number" if len(listed.numbers) == 1 else f"{len(listed.numbers):,} numbers"
    empty = f" ({listed.empty:,} of its cells are empty)" if listed.empty else ""
    return f"{listed.name}: {count} not to call{empty}"


def results_path(template: str | None, sheet: Path) -> Path:
    """Return --results with `{sheet}` and `{date:%Y-%m-%d}` filled in, or the default; raise `UsageError`.

    A link is followed: under whatever name, it is one results file with one journal and one lock.
    """
    try:
        filled = (
            default_path(sheet)
            if template is None
            else Path(template.format(sheet=stem(sheet), date=SystemClock().now().astimezone()))
        )
    except (KeyError, IndexError, ValueError, AttributeError):
        remedy = "Only {sheet} and {date:%Y-%m-%d} may stand in it."
        raise UsageError(f"--results {template!r} cannot be filled in.", remedy) from None
    if filled.absolute() == sheet.absolute() or (filled.exists() and sheet.exists() and filled.samefile(sheet)):
        raise UsageError("--results is the sheet itself.", "Give another file: the sheet is never written to.")
    if not filled.parent.is_dir():
        raise UsageError(f"The folder {filled.parent} does not exist.", "Make it, or give --results another place.")
    return filled.resolve() if filled.is_symlink() else filled


@contextlib.contextmanager
def sandbox_extra() -> Iterator[None]:
    """Turn a missing extra into words."""
    try:
        yield
    except ImportError:
        remedy = "Install it with: pip install 'batch-dialer[sandbox]'"
        raise UsageError("The sandbox is not installed.", remedy) from None
