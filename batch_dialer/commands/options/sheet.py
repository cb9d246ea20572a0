"""The options that say which sheet is read, and how it is to be understood."""

from dataclasses import dataclass
from pathlib import Path

import click

from batch_dialer.commands.checks_file import read_checks
from batch_dialer.commands.options.grouping import Body, Heading, argument, gathered, option
from batch_dialer.commands.settings import local_zone, read_encoding, read_region
from batch_dialer.contacts.choice import Choice
from batch_dialer.job import Source
from batch_dialer.schema.file import read_schema
from batch_dialer.words import Hidden

_PATH = click.Path(path_type=Path, allow_dash=True)
sheet_argument = argument("path", metavar="SHEET", type=_PATH)
optional_sheet = argument("path", metavar="[SHEET]", type=_PATH, required=False)
schema = option(
    Heading.SHEET,
    "--schema",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="What each column means and which values are valid. Without it, the headers decide.",
)
worksheet = option(
    Heading.SHEET,
    "--sheet",
    "worksheet",
    metavar="NAME",
    help="The worksheet to read, if the workbook has more than one.",
)
_header_row = option(
    Heading.SHEET,
    "--header-row",
    type=click.IntRange(1, 1_048_576),
    metavar="N",
    help="The row that holds the headers, as the spreadsheet program numbers its rows.",
)
_encoding = option(
    Heading.SHEET,
    "--encoding",
    read=read_encoding,
    metavar="NAME",
    help="The encoding of a text file that is not UTF-8 or UTF-16, such as windows-1252.",
)
_hidden = option(
    Heading.SHEET,
    "--hidden",
    read=Hidden,
    default=Hidden.SKIP.value,
    show_default=True,
    type=click.Choice([word.value for word in Hidden]),
    help="What to do with rows that are hidden or filtered out in the sheet.",
)
_region = option(
    Heading.SHEET,
    "--region",
    read=read_region,
    metavar="US",
    help="The country of numbers that are written without a country code. Overrides the schema file.",
)
_phone = option(
    Heading.SHEET,
    "--phone",
    metavar="HEADER",
    help="The header of the column with the numbers to call. Overrides the schema file and what the headers say.",
)
_payload = option(
    Heading.SHEET,
    "--payload",
    multiple=True,
    metavar="COLUMN",
    help="Send this column as a prompt variable, and only the columns named in this way. May be given several times.",
)
_checks = option(
    Heading.SHEET,
    "--checks",
    metavar="FILE.py:NAME",
    help="Rules of your own across columns: a DataFrameModel or DataFrameSchema of pandera.polars in a Python file.",
)


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """The schema file, and what the options say of the sheet; None where they say nothing."""

    schema: Path | None
    worksheet: str | None
    header_row: int | None
    encoding: str | None
    hidden: Hidden
    region: str | None
    phone: str | None
    payload: tuple[str, ...]
    checks: str | None

    def source_of(self, path: Path) -> Source:
        """Read the schema file and the checks; return *path* and how it is to be understood. Raises `UsageError`."""
        return Source(
            path,
            self.worksheet,
            read_schema(self.schema),
            local_zone(),
            encoding=self.encoding,
            header_row=self.header_row,
            region=self.region,
            choice=Choice(self.phone, self.payload),
            checks=read_checks(self.checks),
        )


@dataclass(frozen=True, slots=True)
class SheetOptions(ReadingOptions):
    """The file *path*, too."""

    path: Path

    def source(self) -> Source:
        """Read the schema file; return the sheet and how it is to be understood. Raises `UsageError`."""
        return self.source_of(self.path)


_READING = (schema, worksheet, _header_row, _encoding, _hidden, _region, _phone, _payload, _checks)


def reading_options(body: Body) -> Body:
    """Add the options of this group without SHEET; *body* is given them as `sheet`."""
    return gathered(body, "sheet", ReadingOptions, _READING)


def sheet_options(body: Body) -> Body:
    """Add SHEET and the options of this group; *body* is given them as `sheet`."""
    return gathered(body, "sheet", SheetOptions, (sheet_argument, *_READING))
