"""`template`: write a starter sheet."""

import csv
import io
from pathlib import Path

import click

from batch_dialer.commands.options.grouping import GroupedCommand, Heading, example, option
from batch_dialer.commands.options.sheet import schema as schema_option
from batch_dialer.commands.settings import local_zone
from batch_dialer.errors import UsageError
from batch_dialer.reports.saving import write_file
from batch_dialer.scaffold.sheet_columns import StarterColumn, starter_columns
from batch_dialer.schema.file import read_schema
from batch_dialer.terminal.text import printable, printable_path, say
from batch_dialer.words import Exit


@click.command(cls=GroupedCommand, epilog=example("batch-dialer template --schema reminder.toml --out starter.xlsx"))
@schema_option
@option(
    Heading.OUTPUT,
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="The file to write, .xlsx or .csv. It must not exist yet.",
)
def command(schema: Path | None, out: Path) -> Exit:
    """Write a starter sheet: the columns that the schema file describes, and an example row.

    Without --schema it has the columns that `run` understands without one. The phone number in the example is nobody's.
    """
    if out.suffix.lower() not in {".xlsx", ".csv"}:
        raise UsageError(f"--out {out} ends in neither .xlsx nor .csv.", "Name a .xlsx or a .csv file.")
    if out.exists() or out.is_symlink():
        raise UsageError(f"{out} already exists.", "Name another file: no file is overwritten.")
    if not out.parent.is_dir():
        raise UsageError(f"--out: the folder {out.parent} does not exist.", "Make it, or name another folder.")
    columns = starter_columns(read_schema(schema), local_zone() or "UTC")
    if out.suffix.lower() == ".csv":
        _write_text(out, columns)
    else:
        _write_workbook(out, columns)
    say(f"{printable_path(out)} has {len(columns)} columns and an example row.")
    for column in columns:
        if column.fields and not column.example:
            say(f'Column "{printable(column.header, 40)}" has no example: no valid one was found.')
    with_schema = f" --schema {printable_path(schema)}" if schema else ""
    say("Replace the example with your rows, then check the sheet:")
    say(f"  batch-dialer validate {printable_path(out)}{with_schema}")
    return Exit.DONE


def _write_workbook(out: Path, columns: tuple[StarterColumn, ...]) -> None:
    from batch_dialer.reports.starter_workbook import write_starter  # noqa: PLC0415  (openpyxl takes long to load)

    write_starter(out, columns)


def _write_text(out: Path, columns: tuple[StarterColumn, ...]) -> None:
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow([column.header for column in columns])
    writer.writerow([column.example for column in columns])
    write_file(out, b"\xef\xbb\xbf" + lines.getvalue().encode())  # the mark tells Excel that it is UTF-8
