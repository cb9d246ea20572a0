"""`template`: a sheet to begin with."""

import csv
import io
from pathlib import Path

import click

from batch_dialer import disk
from batch_dialer.commands import options, settings
from batch_dialer.errors import UsageError
from batch_dialer.scaffold.sheet_columns import StarterColumn, starter_columns
from batch_dialer.schema.file import read_schema
from batch_dialer.terminal.text import printable, say
from batch_dialer.words import Exit


@click.command(epilog=options.example("batch-dialer template --schema reminder.toml --out starter.xlsx"))
@options.schema
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="The sheet to make (.xlsx or .csv); it must not exist yet.",
)
def command(schema: Path | None, out: Path) -> Exit:
    """Make a sheet to begin with: the columns that the schema asks for, and a row that shows how to fill them in.

    Without a schema it has the columns that need none. The example's phone number rings nobody.
    """
    if out.suffix.lower() not in {".xlsx", ".csv"}:
        raise UsageError(f"--out {out} is neither .xlsx nor .csv.", "Give it one of these endings.")
    if out.exists() or out.is_symlink():
        raise UsageError(f"{out} is there already.", "Name another file: nothing is written over.")
    if not out.parent.is_dir():
        raise UsageError(f"The folder {out.parent} does not exist.", "Make it, or give --out another place.")
    columns = starter_columns(read_schema(schema), settings.local_zone())
    if out.suffix.lower() == ".csv":
        _write_text(out, columns)
    else:
        _write_workbook(out, columns)
    say(f"{len(columns)} columns and an example row: {out}", err=False)
    for column in columns:
        if not column.example:
            say(f'Column "{printable(column.header, 40)}": no example was found that is allowed; write one.', err=False)
    with_schema = f" --schema {schema}" if schema else ""
    say(f"Write your rows over the example, then:\n  batch-dialer validate {out}{with_schema}", err=False)
    return Exit.DONE


def _write_workbook(out: Path, columns: tuple[StarterColumn, ...]) -> None:
    from batch_dialer.reports.starter_workbook import write_starter  # noqa: PLC0415  (openpyxl takes long to load)

    write_starter(out, columns)


def _write_text(out: Path, columns: tuple[StarterColumn, ...]) -> None:
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow([column.header for column in columns])
    writer.writerow([column.example for column in columns])
    try:
        with disk.replacing(out) as new:
            disk.write_all(new, b"\xef\xbb\xbf" + lines.getvalue().encode())  # the mark tells Excel that it is UTF-8
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}.", "Name another place.") from None
