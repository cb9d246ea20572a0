"""Propose the fields of a schema from the cells of a sheet.

A field demands only what every cell of its column meets today. The type of a column is inferred with the parsers of
`contacts/cells.py`, so that a proposal and validation cannot read a cell in different ways.
"""

import re
from collections.abc import Iterator

import polars as pl

from batch_dialer.contacts.cells import parse_cell
from batch_dialer.contacts.exclusion_columns import is_opt_out_header
from batch_dialer.contacts.find_column import find_told_column, snake_case
from batch_dialer.contacts.mapping import map_columns
from batch_dialer.contacts.phone_headers import find_phone_columns
from batch_dialer.contacts.placeholders import PLACEHOLDERS
from batch_dialer.contacts.sheet_errors import SHEET_ERRORS
from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.scaffold.column_cells import SheetColumn
from batch_dialer.scaffold.ids import find_id
from batch_dialer.schema.schema import Field, Place, Schema, Type, Unmapped
from batch_dialer.sheets.own_marks import OWN_HEADERS

_DATE_FORMATS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d", "%d.%m.%y")
_BOOLEAN = r"(?i)^(?:true|false|yes|no)$"
_WHOLE = r"^(?:0|-?[1-9][0-9]{0,8})$"  # not 01234: a leading zero would be lost; and ten digits are an identifier
_DECIMAL = r"^-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?$"
_NUMBER_FORMATS = ("1,234.56", "1.234,56", "1 234,56", "1'234.56")
_AMOUNT = r"^-?(?:0|[1-9][0-9.,' \u00a0\u202f]*)(?:[.,][0-9]{2,})?$"
_MARKED_AMOUNT = r"[0-9][.,' \u00a0\u202f][0-9]{3}[.,][0-9]{2}$"  # only both marks tell what each means
_LIKE_A_PHONE = r"^\+?[0-9 ().\-/]{7,22}$"
_YEARS = (1900, 2199)
_MOST_DELAY = 3600  # seconds, as the API has it
_USUAL_LENGTHS = (20, 40, 80, 160, 320, 640, 1280, 2560)
_MOST_CHOICES = 8
_LEAST_REPEATS = 3  # how often each choice must occur on average before the list counts as complete


def propose_fields(
    sheet: Sheet, phone: str | None = None, only: tuple[str, ...] = ()
) -> tuple[tuple[Field, SheetColumn], ...]:
    """Return the fields of a schema for *sheet*, each with its column.

    *phone* is the header of the column of numbers to call; None where the headers tell which it is. *only* are the
    headers of the other columns that get a field; empty for all. Raises `BadSheet` where a column is not there or not
    certain, a header occurs twice, or the sheet is a results file.
    """
    columns = _unique_columns(sheet)
    to = columns[_find_phone(sheet, phone)]
    wanted = {find_told_column(header, sheet.headers, "--columns") for header in only}
    others = [column for n, column in enumerate(columns) if column is not to and (not only or n in wanted)]
    others = [column for column in others if not is_opt_out_header(column.header)]
    own = find_id(others)
    fields = [(Field(Place.ID, column=own.header), own)] if own else []
    fields.append((Field(Place.TO, column=to.header), to))
    taken: set[str] = set()
    for column in others:
        if column is not own and column.header not in {"", *OWN_HEADERS}:
            field = _propose_field(column, taken)
            fields.append((field, column))
            taken.add(field.label)
    schema = Schema(tuple(field for field, _ in fields), unmapped=Unmapped.IGNORE)
    map_columns(schema, sheet.headers)  # raises `BadSheet` for a results file
    return tuple(fields)


def find_opt_outs(sheet: Sheet) -> tuple[str, ...]:
    """Return the headers that read as opt-outs, for which `propose_fields` proposes no field."""
    return tuple(header for header in sheet.headers if is_opt_out_header(header))


def needs_region(to: SheetColumn) -> bool:
    """Whether some of the numbers have no country code, so that the schema has to say which country they are of."""
    return bool(to.good.str.contains(r"^[^0-9+]*[0-9]").any())


def _unique_columns(sheet: Sheet) -> list[SheetColumn]:
    names = [header for header in sheet.headers if header]
    if twice := sorted({header for header in names if names.count(header) > 1}):
        raise BadSheet(
            f'Several columns of {sheet.name} have the header "{twice[0]}".', "Give each column a header of its own."
        )
    return list(_read_columns(sheet))


def _read_columns(sheet: Sheet) -> Iterator[SheetColumn]:
    for index, header in enumerate(sheet.headers):
        trimmed = pl.col(f"c{index}").str.strip_chars()
        texts = sheet.cells.select(pl.when(trimmed != "").then(trimmed).alias("cell"))["cell"]
        cells = texts.to_frame().select(pl.when(~pl.col("cell").is_in(sorted(PLACEHOLDERS))).then("cell").alias("cell"))
        known = texts.drop_nulls()
        yield SheetColumn(header, cells["cell"], known.filter(~known.is_in(SHEET_ERRORS)))


def _find_phone(sheet: Sheet, wanted: str | None) -> int:
    """Return the index of the column *wanted*, or of the only phone header. Whom to call is not guessed from cells."""
    if wanted is not None and wanted in sheet.headers:
        return sheet.headers.index(wanted)
    found = find_phone_columns(sheet.headers) if wanted is None else []
    if len(found) == 1:
        return found[0]
    columns = ", ".join(f'"{header}"' for header in sheet.headers if header)
    if wanted is not None:
        raise BadSheet(f'{sheet.name} has no column "{wanted}".', f"Its columns are: {columns}.")
    why = "Several columns may hold" if found else "No column's header says that it holds"
    raise BadSheet(f"{why} the numbers to call.", f'Say which: --phone "HEADER". The columns are: {columns}.')


def _propose_field(column: SheetColumn, taken: set[str]) -> Field:
    place, name = _choose_place(column, taken)
    kind, form = _infer_type(column)
    if place is Place.DELAY:
        return Field(place, column=column.header, type=Type.INTEGER)
    if place is Place.TESTING:
        return Field(place, column=column.header, type=Type.BOOLEAN)
    choices = _infer_choices(column) if kind is Type.STRING else ()
    longest = max(column.cells.drop_nulls().str.len_chars(), default=0)
    room = next((length for length in _USUAL_LENGTHS if length >= longest * 3 // 2), None)
    return Field(
        place,
        name,
        column=column.header,
        required=column.filled,
        type=kind,
        format=form,
        one_of=choices,
        max_length=room if kind is Type.STRING and longest and not choices else None,
    )


def _choose_place(column: SheetColumn, taken: set[str]) -> tuple[Place, str]:
    own = snake_case(column.header)
    if own not in taken:
        delays = _parse_column(column, Type.INTEGER).is_between(0, _MOST_DELAY)
        if own == Place.DELAY.value and _all_cells_fit(column, delays):
            return Place.DELAY, ""
        if own == Place.TESTING.value and _all_cells_fit(column, _parse_column(column, Type.BOOLEAN).is_not_null()):
            return Place.TESTING, ""
    place = Place.CONTEXT if column.header.lower().startswith("context.") else Place.PAYLOAD
    wanted = column.header.partition(".")[2].strip() if place is Place.CONTEXT else own
    name, nth = wanted or "column", 2
    while f"{place.value}.{name}" in taken:
        name, nth = f"{wanted or 'column'}_{nth}", nth + 1
    return place, name


def _infer_type(column: SheetColumn) -> tuple[Type, str | None]:
    """Return the type that all cells fit, and their format. Where more than one may be meant, it is text."""
    text = column.good
    if not len(text):
        return Type.STRING, None
    for kind, form in ((Type.BOOLEAN, _BOOLEAN), (Type.INTEGER, _WHOLE), (Type.DECIMAL, _DECIMAL)):
        if text.str.contains(form).all() and _parse_column(column, kind).is_not_null().all():
            return kind, None
    for kind in (Type.DATE, Type.DATETIME):
        if _are_plausible_dates(_parse_column(column, kind)):
            return kind, None
    if written := _infer_number_format(column):
        return Type.DECIMAL, written
    fitting = _fitting_date_formats(column)
    return (Type.DATE, fitting[0]) if len(fitting) == 1 else (Type.STRING, None)


def _infer_number_format(column: SheetColumn) -> str | None:
    """Return how the amounts are written; None where they are none, or where no cell has both marks."""
    if not (column.good.str.contains(_AMOUNT).all() and column.good.str.contains(_MARKED_AMOUNT).any()):
        return None
    fitting = [form for form in _NUMBER_FORMATS if _parse_column(column, Type.DECIMAL, form).is_not_null().all()]
    return fitting[0] if len({form[-3] for form in fitting}) == 1 else None


def _fitting_date_formats(column: SheetColumn) -> list[str]:
    """Return every format in which all cells are dates; more than one where day and month cannot be told apart."""
    return [form for form in _DATE_FORMATS if _are_plausible_dates(_parse_column(column, Type.DATE, form))]


def _are_plausible_dates(read: pl.Series) -> bool:
    """Return whether all dates have a likely year; with %Y, the year 26 is read as one of the first century."""
    return bool(read.dt.year().is_between(*_YEARS).fill_null(value=False).all())


def has_ambiguous_dates(column: SheetColumn) -> bool:
    """Whether the cells are dates whose day and month cannot be told apart."""
    return bool(len(column.good)) and len(_fitting_date_formats(column)) > 1


def _parse_column(column: SheetColumn, kind: Type, form: str | None = None) -> pl.Series:
    field = Field(Place.PAYLOAD, "x", column="x", type=kind, format=form)
    return pl.DataFrame({"x": column.good}).select(parse_cell(field, pl.col("x"), "UTC").alias("x"))["x"]


def _all_cells_fit(column: SheetColumn, good: pl.Series) -> bool:
    return bool(good.fill_null(value=False).all()) and len(column.good) == len(column.cells.drop_nulls())


def _infer_choices(column: SheetColumn) -> tuple[str, ...]:
    """Return the texts of a column that has few, often repeated ones; empty for any other column.

    The choices are written into the schema file, so a text that looks like a phone number is never among them.
    """
    good = column.good.filter(~column.good.is_in(sorted(PLACEHOLDERS)))
    distinct = good.unique().sort()
    if not 1 < len(distinct) <= _MOST_CHOICES or len(good) < len(distinct) * _LEAST_REPEATS:
        return ()
    plain = (
        text.isprintable() and len(text) <= _USUAL_LENGTHS[1] and not re.match(_LIKE_A_PHONE, text) for text in distinct
    )
    return tuple(distinct) if all(plain) else ()
