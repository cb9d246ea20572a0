"""`schema`: propose a schema file from a sheet, check one, and the description of the format for editors."""

import csv
from pathlib import Path

import click

from batch_dialer import disk
from batch_dialer.commands.options.grouping import GroupedCommand, Heading, argument, example, option
from batch_dialer.commands.options.sheet import sheet_argument
from batch_dialer.commands.options.sheet import worksheet as worksheet_option
from batch_dialer.commands.settings import read_target
from batch_dialer.errors import UsageError
from batch_dialer.reports.saving import failing_as_unwritable
from batch_dialer.schema.file import read_schema
from batch_dialer.schema.schema import Field, Schema, condition
from batch_dialer.sheets.reading import read_sheet
from batch_dialer.terminal.streams import check_output
from batch_dialer.terminal.tables import columns
from batch_dialer.terminal.text import printable, printable_path, quoted_headers, say, say_fitted
from batch_dialer.words import Exit


@click.group(
    epilog=example(
        "batch-dialer schema new contacts.xlsx --out contacts.toml",
        "batch-dialer schema check contacts.toml",
    )
)
def command() -> None:
    """Propose or check a schema file, which says what the columns of a sheet mean. Nobody is dialed."""


@command.command(
    cls=GroupedCommand,
    short_help="Propose a schema file for a sheet.",
    epilog=example(
        "batch-dialer schema new contacts.xlsx --out contacts.toml",
        'batch-dialer schema new contacts.csv --phone "Call me at"',
    ),
)
@sheet_argument
@worksheet_option
@option(
    Heading.SHEET,
    "--phone",
    metavar="HEADER",
    help="The header of the column with the numbers to call, if the headers do not say which it is.",
)
@option(
    Heading.SHEET,
    "--columns",
    multiple=True,
    metavar="A,B",
    help="Propose only these columns besides the numbers to call; the others are not sent. May be given several times.",
)
@option(
    Heading.OUTPUT,
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="Write the schema to this file instead of printing it. It must not exist yet.",
)
def new(path: Path, worksheet: str | None, phone: str | None, columns: tuple[str, ...], out: Path | None) -> Exit:
    """Propose a schema file for SHEET from what is in its columns. Read it and correct it: every part has a comment."""
    from batch_dialer.scaffold.schema_file import propose_schema  # noqa: PLC0415  (the other commands need none of it)

    text = propose_schema(read_sheet(path, worksheet), phone, _split_headers(columns))
    if out is None:
        say(text)
        check_output()
        return Exit.DONE
    _write_new(out, text)
    file, sheet = printable_path(out), printable_path(path)
    say_fitted(
        f"The proposed schema is in {file}. Read and correct it, then: batch-dialer validate {sheet} --schema {file}"
    )
    return Exit.DONE


def _write_new(out: Path, text: str) -> None:
    with failing_as_unwritable(out):
        try:
            with out.open("xb", buffering=0) as file:
                _write_or_remove(out, file.fileno(), text.encode())
        except FileExistsError:
            raise UsageError(f"{out} already exists.", "Name another file: no file is overwritten.") from None


def _write_or_remove(out: Path, descriptor: int, data: bytes) -> None:
    try:
        disk.write_all(descriptor, data)
    except OSError:
        out.unlink(missing_ok=True)  # a part would pass for the whole, and be in the way of the next try
        raise


def _split_headers(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the headers in the values of --columns, split at commas; a header with one is quoted as in CSV."""
    headers = [header.strip() for line in csv.reader(columns, skipinitialspace=True) for header in line]
    if columns and not all(headers):
        raise UsageError("--columns has an empty header.", 'Name columns of the sheet, as in --columns "Name,City".')
    return tuple(headers)


@command.command(short_help="Check a schema file.", epilog=example("batch-dialer schema check contacts.toml"))
@argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> Exit:
    """Check the schema FILE and show what it says. To check a sheet against it, use `validate --schema FILE`."""
    schema = read_schema(file)
    if schema is None:  # only where no file is named
        raise UsageError("No schema file is given.", "Name one after `schema check`.")
    read_target(None, None, schema)
    say(f"{printable(file.name)} is valid.")
    say(columns([_line(field) for field in schema.fields]))
    for rule in schema.skips:
        say(f'Column "{printable(rule.column, 40)}": {printable(condition(rule), 60)} are not called.')
    for header in schema.keep:
        say(f'Column "{printable(header, 40)}": shown in the results.')
    say(_others(schema))
    return Exit.DONE


@command.command(
    name="json",
    short_help="Print the JSON Schema of schema files.",
    epilog=example("batch-dialer schema json > batch_dialer.schema.json"),
)
def as_json() -> Exit:
    """Print the JSON Schema of schema files, with which an editor completes and checks them as you write.

    \b
    For that, the first line of your schema file must be:
      #:schema ./batch_dialer.schema.json
    """  # noqa: D301  (\b keeps click from joining the lines)
    from batch_dialer.schema.json_schema import json_schema  # noqa: PLC0415  (as above)

    say(json_schema().removesuffix("\n"))
    check_output()
    return Exit.DONE


def _line(field: Field) -> tuple[str, ...]:
    source = f"column {quoted_headers(field.columns)}" if field.columns else "the same in every row"
    return f"  {source}", "->", field.label, field.type.value, "required" if field.required else ""


def _others(schema: Schema) -> str:
    return {
        "error": "Other columns are an error: nobody is dialed.",
        "ignore": "Other columns are ignored.",
        "payload": "Other columns are prompt variables.",
    }[schema.unmapped.value]
