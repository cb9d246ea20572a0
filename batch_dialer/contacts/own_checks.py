"""Checks of a person's own: a schema of pandera, run over the columns as the schema file types them.

pandera is asked for the columns, their types, gaps and repetitions; the checks are made one by one. So it is known of
each whether it said something of every row, and where the person's code has a fault.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from batch_dialer.contacts.mapping import MappedField
from batch_dialer.contacts.own_file import OwnFile
from batch_dialer.contacts.pandera_settings import in_full
from batch_dialer.errors import BadSheet, UsageError
from batch_dialer.model import PROBLEM_SCHEMA
from batch_dialer.schema.schema import Place, Type
from batch_dialer.words import Code

_UNNAMED = "<lambda>"
_OF_ROWS = {
    SchemaErrorReason.SERIES_CONTAINS_NULLS: (Code.MISSING_VALUE, "is empty"),
    SchemaErrorReason.SERIES_CONTAINS_DUPLICATES: (Code.INVALID_VALUE, "is in more than one row"),
    SchemaErrorReason.DUPLICATES: (Code.INVALID_VALUE, "has the same as another row in columns that are unique"),
}
"""What pandera itself finds in rows; all else that it finds is about the columns."""


@dataclass(frozen=True, slots=True)
class OwnChecks:
    """The checks of the pandera *schema* that a person wrote in *file*."""

    schema: pa.DataFrameSchema
    file: OwnFile


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a check failed: *passed* has a truth value for each row; *column* is empty for a check of rows."""

    passed: pl.Series
    column: str
    code: Code
    why: str


def is_schema(found: object) -> bool:
    """Whether *found* can be used: a schema of pandera for polars, or a model of one."""
    return isinstance(found, pa.DataFrameSchema) or (
        isinstance(found, type) and issubclass(found, pa.DataFrameModel) and found is not pa.DataFrameModel
    )


def to_checks(found: object, file: OwnFile) -> OwnChecks:
    """Return the checks of *found*, which `is_schema`; raise `UsageError` where pandera refuses it."""
    try:
        schema = found if isinstance(found, pa.DataFrameSchema) else found.to_schema()  # type: ignore[attr-defined]  # it is a model
    except Exception as fault:  # noqa: BLE001  (pandera raises whatever its author's mistake leads to)
        raise file.code_error(fault, file.name) from None
    if any(check.raise_warning for _, check in _checks(schema, [])):
        remedy = "Delete raise_warning from the check, or the check."
        raise UsageError(f"{file.at(file.name)}: a check only warns, which keeps nobody from being called.", remedy)
    return OwnChecks(schema, file)


def find_own_problems(
    checks: OwnChecks, text: pl.DataFrame, fields: Mapping[MappedField, str], zone: str
) -> pl.DataFrame:
    """Return the failures of *checks* as problems, with the columns of `PROBLEM_SCHEMA`.

    *text* has a line for each row: the text of each of *fields* under its label, and its value under the name that the
    field maps to. Raise `BadSheet` for a check of the whole sheet that fails, `UsageError` where one cannot be made.
    """
    by_name = {_name(mapped, fields): mapped for mapped in fields}
    table = text.select(_value(mapped, fields[mapped], zone).alias(name) for name, mapped in by_name.items())
    with in_full():
        found = [*_find_in_columns(checks, table), *_make_checks(checks, table)]
    return pl.concat(
        [pl.DataFrame(schema=PROBLEM_SCHEMA)]
        + [_problems(each, text, by_name.get(each.column), checks.file) for each in found]
    )


def _name(mapped: MappedField, fields: Mapping[MappedField, str]) -> str:
    """Return the name that checks know a field by: a variable's own, unless `to`, `id` or the like has it."""
    others = {other.field.label for other in fields}
    own = mapped.field.place is Place.PAYLOAD and mapped.field.name not in others
    return mapped.field.name if own else mapped.field.label


def _value(mapped: MappedField, typed: str, zone: str) -> pl.Expr:
    """Return the value as Python has it: an amount as a number, a date with its time as the clocks of *zone* show."""
    if mapped.field.place is Place.TO:
        return pl.col("to_e164")
    if mapped.field.type is Type.DECIMAL:
        return pl.col(typed).cast(pl.Float64)
    if mapped.field.type is Type.DATETIME:
        return pl.col(typed).dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return pl.col(typed)


def _find_in_columns(checks: OwnChecks, table: pl.DataFrame) -> Iterator[_Found]:
    """Yield the gaps and repetitions; raise `UsageError` where *table* has not the columns that are asked for."""
    schema, file = _without_checks(checks.schema), checks.file
    try:
        schema.validate(table, lazy=True)
    except SchemaErrors as errors:
        found = errors.schema_errors
    except Exception as fault:  # noqa: BLE001  (as in `to_checks`)
        raise file.code_error(fault, file.name) from None
    else:
        return
    for each in found:
        if each.reason_code not in _OF_ROWS:
            raise _column_error(each, table, file)
        code, why = _OF_ROWS[each.reason_code]
        column = "" if each.reason_code is SchemaErrorReason.DUPLICATES else each.failure_cases.columns[0]
        yield _Found(each.check_output["check_output"], column, code, why)


def _without_checks(schema: pa.DataFrameSchema) -> pa.DataFrameSchema:
    """Return *schema* as far as columns are concerned. It drops no row: that would pass for a sheet without faults."""
    bare = pa.DataFrameSchema(
        {name: column.set_checks([]) for name, column in schema.columns.items()},
        dtype=schema.dtype, strict=schema.strict, unique=schema.unique, ordered=schema.ordered,  # type: ignore[arg-type]  # a bool or "filter"
    )  # fmt: skip
    for column in bare.columns.values():
        column.drop_invalid_rows = column.coerce = False
    return bare


def _checks(schema: pa.DataFrameSchema, columns: list[str]) -> Iterator[tuple[str, pa.Check]]:
    """Yield each check of *schema* with the one of *columns* that it is about; "" for a check of rows."""
    for name, column in schema.columns.items():
        named = [known for known in columns if re.search(name, known)] if column.regex else [name]
        yield from ((known, check) for known in named for check in column.checks)
    yield from (("", check) for check in schema.checks)


def _make_checks(checks: OwnChecks, table: pl.DataFrame) -> Iterator[_Found]:
    """Make each check; raise `BadSheet` for all that fail for the whole sheet, `UsageError` for one that cannot be."""
    of_the_sheet = []
    for number, (column, check) in enumerate(_checks(checks.schema, table.columns), start=1):
        if column and column not in table.columns:  # one that need not be there
            continue
        said = " ".join(str(check.error or check.description or check.name).split()).rstrip(".")
        said = f"no. {number}" if said == _UNNAMED else said
        try:
            passed = check(table.lazy(), column or None).check_output.collect().to_series()
        except Exception as fault:  # noqa: BLE001  (whatever a person's code raises)
            raise checks.file.code_error(fault, str(check.name), f' in the check "{said}"') from None
        if len(passed) == table.height:
            yield _Found(passed, column, Code.INVALID_VALUE, f'fails the check "{said}"')
        elif len(passed) != 1:
            what = f'{checks.file.at(str(check.name))}: the check "{said}" says {len(passed):,} times whether it passes'
            raise UsageError(f"{what}; there are {table.height:,} rows.", "Let it say so once for each row, or once.")
        elif not passed[0]:
            of_the_sheet.append(f'"{said}"')
    if of_the_sheet:
        remedy = f"Change the sheet, or the check in {checks.file.path}: until it passes, nobody is called."
        raise BadSheet(f"The sheet as a whole fails the check {', and the check '.join(of_the_sheet)}.", remedy)


def _column_error(fault: SchemaError, table: pl.DataFrame, file: OwnFile) -> UsageError:
    given = ", ".join(f"{name} ({_PYTHON.get(dtype, dtype)})" for name, dtype in table.schema.items())
    match fault.reason_code:
        case SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME:
            name = str(fault.failure_cases)
            what = f'{file.at(name)}: it asks for a column "{name}", which there is not.'
        case SchemaErrorReason.WRONG_DATATYPE:
            name = str(fault.schema.name)
            what = f'{file.at(name)}: it asks for "{name}" as {fault.schema.dtype}, which it is not.'
        case _:
            what = f"{file.at(file.name)}: {' '.join(str(fault).split())}."
    return UsageError(what, f"There are these columns: {given}. A schema file says which, and of what type.")


_PYTHON = {
    pl.String(): "str",
    pl.Int64(): "int",
    pl.Float64(): "float",
    pl.Boolean(): "bool",
    pl.Date(): "datetime.date",
    pl.Datetime("us"): "datetime.datetime",
}
"""What a person writes in a model for a type."""


def _problems(found: _Found, text: pl.DataFrame, mapped: MappedField | None, file: OwnFile) -> pl.DataFrame:
    # Which of several columns has the number that is called is not known here: then the row is meant.
    known = mapped if mapped and not mapped.needs_choice else None
    value = pl.col(known.field.label).fill_null("") if known else pl.lit("")
    remedy = f"The check is in {file.path}: correct the row, or ask whoever wrote it."
    return text.filter(~found.passed.fill_null(value=False)).select(
        "row",
        pl.lit(known.name if known else "").alias("column"),
        value.alias("value"),
        pl.lit(found.code.value).alias("code"),
        pl.lit(found.why).alias("why"),
        pl.lit((known and known.field.hint) or remedy).alias("remedy"),
    )
