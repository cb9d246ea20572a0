"""`schema`: propose a schema file from a sheet, check one, and the description of the format for editors."""

from pathlib import Path

import click

from batch_dialer.commands import options, settings
from batch_dialer.errors import UsageError
from batch_dialer.schema.file import read_schema
from batch_dialer.schema.schema import Field, Schema
from batch_dialer.sheets.reading import read_sheet
from batch_dialer.terminal.tables import plain
from batch_dialer.terminal.text import printable, say
from batch_dialer.words import Exit


@click.group(
    epilog=options.example(
        "batch-dialer schema new contacts.xlsx --out contacts.toml",
        "batch-dialer schema check contacts.toml",
    )
)
def command() -> None:
    """Make and check schema files, which say what the columns of a sheet mean. Nobody is dialed."""


@command.command(
    epilog=options.example(
        "batch-dialer schema new contacts.xlsx --out contacts.toml",
        'batch-dialer schema new contacts.csv --phone "Call me at"',
    )
)
@options.sheet
@options.worksheet
@click.option("--phone", metavar="HEADER", help="The column of the numbers to call, where its header does not say so.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE.toml", help="Write it there; a file is never overwritten."
)
def new(sheet: Path, worksheet: str | None, phone: str | None, out: Path | None) -> Exit:
    """Propose a schema for SHEET from what its columns hold, with a comment on everything, to read and correct."""
    from batch_dialer.scaffold.schema_file import propose_schema  # noqa: PLC0415  (the other commands need none of it)

    text = propose_schema(read_sheet(sheet, worksheet), phone)
    if out is None:
        say(text, err=False)
        return Exit.DONE
    try:
        with out.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{out} is there already.", "Give another name: it may hold your own work.") from None
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}.", "Name another place.") from None
    say(f"Proposed: {out}. Read and correct it, then: batch-dialer validate {sheet} --schema {out}", err=False)
    return Exit.DONE


@command.command(epilog=options.example("batch-dialer schema check contacts.toml"))
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> Exit:
    """Check the schema FILE by itself, and show what it says. Whether a sheet fits it, `validate` tells."""
    schema = read_schema(file)
    if schema is None:  # only where no file is named
        raise UsageError("No schema file is named.", "Name one.")
    settings.read_target(None, None, schema)
    say(f"{printable(file.name)} is right.", err=False)
    say(plain([_line(field) for field in schema.fields]), err=False)
    say(_others(schema), err=False)
    return Exit.DONE


@command.command(name="json", epilog=options.example("batch-dialer schema json > batch_dialer.schema.json"))
def as_json() -> Exit:
    """Print the format as a JSON Schema, by which an editor completes and checks a schema file while you write it.

    The file's first line then reads: #:schema ./batch_dialer.schema.json
    """
    from batch_dialer.schema.json_schema import json_schema  # noqa: PLC0415  (as above)

    say(json_schema().removesuffix("\n"), err=False)
    return Exit.DONE


def _line(field: Field) -> tuple[str, ...]:
    source = f'column "{printable(field.column, 40)}"' if field.column is not None else "the same in every row"
    return f"  {source}", "->", field.label, field.type.value, "required" if field.required else ""


def _others(schema: Schema) -> str:
    return {
        "error": "A column that it does not name stops the run.",
        "ignore": "Columns that it does not name are left out.",
        "payload": "Columns that it does not name are prompt variables.",
    }[schema.unmapped.value]
