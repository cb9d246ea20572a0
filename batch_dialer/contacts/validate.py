"""Validate the cells of a sheet.

Each field of the mapping becomes a column of trimmed text. `pandera.polars` schemas compiled from the fields check the
columns, and each failure case becomes a line of `Checked.problems`. So does each of a person's checks.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData
from pandera.errors import SchemaErrors

from batch_dialer.contacts.cells import Rule, is_first, parse_cell, rules
from batch_dialer.contacts.cut_short import refuse_cut
from batch_dialer.contacts.exclusions import Excluded, exclude
from batch_dialer.contacts.mapping import ColumnMapping, MappedField
from batch_dialer.contacts.own_checks import OwnChecks, find_own_problems
from batch_dialer.contacts.pandera_settings import in_full
from batch_dialer.contacts.phone_choice import read_numbers
from batch_dialer.contacts.placeholders import LeftOut, find_placeholders
from batch_dialer.contacts.texts import read_texts
from batch_dialer.errors import BadSheet
from batch_dialer.model import PROBLEM_SCHEMA, Problems, Rows, Sheet
from batch_dialer.schema.schema import Place, Type
from batch_dialer.words import Code

_COLUMNS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of validating a sheet.

    *rows* has every row in the sheet's order, with the columns `row`, `id`, `to` (E.164; null where it is not valid),
    `code` and `message` (null where the row is valid), the other fields under their labels; `hidden` if any row is,
    `excluded` (why, or null) if a column can exclude rows, and `kept 0`, … if the results show columns of the sheet.
    *problems* has a line for every fault, with the columns of `PROBLEM_SCHEMA`; *excluded* one for each such column,
    *left_out* one for each with cells that hold nothing but `nan` and the like.
    """

    rows: Rows
    problems: Problems
    mapping: ColumnMapping
    excluded: tuple[Excluded, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def good(self) -> int:
        """How many rows can be dialed."""
        return self.rows["code"].null_count()

    @property
    def testing(self) -> bool:
        """Whether the calls of the sheet are test calls; `validate` makes sure that all are or none is."""
        return bool(_flag_tests(self.rows)["test"].any())


def validate(sheet: Sheet, mapping: ColumnMapping, zone: str, checks: OwnChecks | None = None) -> Checked:
    """Validate every row of *sheet* and find all faults. *zone* (IANA) is the time zone of times without an offset.

    Raises `BadSheet` where the file looks cut short, and where some rows are test calls and others are not: their calls
    would share a results file. And for what *checks*, which a person wrote, say of the sheet as a whole; `UsageError`
    where they cannot be made.
    """
    refuse_cut(sheet, {index for mapped in mapping.fields_of(Place.TO) for index in mapped.indices})
    text = read_texts(sheet, mapping)
    numbers = read_numbers(sheet.cells, text["to"], mapping.fields_of(Place.TO)[0])
    # Each cell is parsed once, for the checks and for the values of the rows.
    typed = [
        parse_cell(mapped.field, pl.col(mapped.field.label), zone).alias(_typed_name(mapped.field.label))
        for mapped in mapping.fields
    ]
    text = text.with_columns(numbers.text.alias("to"), numbers.e164.alias("to_e164"), *typed)
    found = _find_problems(text, mapping, zone, numbers.faults)
    problems = pl.concat([_ragged_problems(sheet), numbers.problems, *found])
    if checks is not None:
        own = find_own_problems(checks, text, {each: _typed_name(each.field.label) for each in mapping.fields}, zone)
        problems = pl.concat([problems, own.join(problems, on=["row", "column"], how="anti", maintain_order="left")])
    problems = problems.sort("row", maintain_order=True)
    first = problems.group_by("row", maintain_order=True).agg(
        pl.col("code").first(),
        pl.format("{} {}. {}", _subject("column"), "why", "remedy").str.join(" ").alias("message"),
    )
    values = [_row_value(mapped, zone) for mapped in mapping.fields if mapped.field.place is not Place.TO]
    # Joining the row numbers alone avoids a copy of all other columns.
    words = text.select("row").join(first, on="row", how="left", maintain_order="left").drop("row")
    rows = text.select("row", pl.col("to_e164").alias("to"), *values).hstack(words)
    if "id" not in rows.columns:
        rows = rows.with_columns(pl.lit("").alias("id"))
    _refuse_mixed_tests(rows)
    if sheet.hidden:
        rows = rows.with_columns(pl.col("row").is_in(sorted(sheet.hidden)).alias("hidden"))
    rows = rows.with_columns(sheet.cells[f"c{index}"].alias(f"kept {n}") for n, (_, index) in enumerate(mapping.kept))
    marked, excluded = exclude(Rows(rows), sheet.cells, mapping)
    return Checked(marked, Problems(problems), mapping, excluded, find_placeholders(sheet.cells, text, mapping))


def _flag_tests(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `row` and `test` (Boolean) of each valid row; the others are not dialed, so they do not matter."""
    said = pl.col("is_testing").fill_null(value=False) if "is_testing" in rows.columns else pl.lit(value=False)
    return rows.filter(pl.col("code").is_null()).select("row", said.alias("test"))


def _refuse_mixed_tests(rows: pl.DataFrame) -> None:
    good = _flag_tests(rows)
    tests, real = good.filter("test")["row"], good.filter(~pl.col("test"))["row"]
    if tests.len() and real.len():
        raise BadSheet(
            f"Some rows are tests (row {tests[0]}), others are real calls (row {real[0]}).",
            "Put the tests into a sheet of their own: real calls and rehearsed ones never share a results file.",
        )


def _subject(column: str) -> pl.Expr:
    return pl.when(pl.col(column) == "").then(pl.lit("The row")).otherwise(pl.col(column))


def _typed_name(label: str) -> str:
    return f"typed {label}"


def _row_value(mapped: MappedField, zone: str) -> pl.Expr:
    """Return the value as it is sent: dates as ISO 8601 text. Only the expiry, which is not sent, keeps its type."""
    typed = pl.col(_typed_name(mapped.field.label))
    if mapped.field.place is Place.EXPIRES:
        return typed.alias(mapped.field.label)
    if mapped.field.type is Type.DATE:
        typed = typed.dt.strftime("%Y-%m-%d")
    if mapped.field.type is Type.DATETIME:
        typed = typed.dt.convert_time_zone(zone).dt.strftime("%Y-%m-%dT%H:%M:%S%:z")
    return typed.alias(mapped.field.label)


def _find_problems(
    text: pl.DataFrame, mapping: ColumnMapping, zone: str, no_numbers: pl.DataFrame
) -> list[pl.DataFrame]:
    """Compile the fields to a pandera schema, run it on *text*, and return the failures as frames of `PROBLEM_SCHEMA`.

    *no_numbers* is `ParsedPhones.faults`: why each number cannot be dialed.
    """
    demands = {
        mapped.field.label: _rules(mapped, zone)
        for mapped in mapping.fields
        if not _is_checked_already(mapped, mapping)
    }
    columns = {
        label: pa.Column(pl.String, [_make_check(rule, str(n)) for n, rule in enumerate(known)], nullable=True)
        for label, known in demands.items()
    }
    headers = {mapped.field.label: mapped.name for mapped in mapping.fields}
    found = []
    for label, check, places in _failures(columns, text):
        rule = demands[label][int(check)]
        at = text.select("row", pl.col(label).alias("value"))[places]
        if rule is _DIALABLE:
            at = at.join(no_numbers, on="value", how="left", nulls_equal=True, maintain_order="left")
        else:
            at = at.with_columns(code=pl.lit(rule.code.value), why=pl.lit(rule.why), remedy=pl.lit(rule.remedy))
        named = at.with_columns(pl.col("value").fill_null(""), column=pl.lit(headers[label]))
        found.append(named.select(*PROBLEM_SCHEMA))
    return found


def _failures(columns: Mapping[str, pa.Column], text: pl.DataFrame) -> Iterator[tuple[str, str, pl.Series]]:
    """Validate *columns*, and yield a column's label, a check's name and the places of the rows that fail it.

    Some columns at a time, as pandera's time grows with the square of how many there are.
    """
    labels = list(columns)
    for start in range(0, len(labels), _COLUMNS_AT_ONCE):
        some = labels[start : start + _COLUMNS_AT_ONCE]
        read = text.select("to_e164", *some, *map(_typed_name, some))
        try:
            with in_full():
                pa.DataFrameSchema({label: columns[label] for label in some}).validate(read, lazy=True)
        except SchemaErrors as errors:
            cases = errors.failure_cases
            if cases["index"].null_count():  # a check that could not be made, and rejected nobody
                raise RuntimeError(cases["failure_case"].to_list()) from None
            for (label, check), part in cases.group_by("column", "check", maintain_order=True):
                yield str(label), str(check), part["index"].cast(pl.UInt32)


_DIALABLE = Rule(Code.INVALID_PHONE_NUMBER, "", "", pl.col("to_e164").is_not_null())
"""Stands for the check of the number: code, reason and remedy differ from number to number."""


def _is_checked_already(mapped: MappedField, mapping: ColumnMapping) -> bool:
    """Return whether another field checks the same cell as a date already: a bad expiry is then reported once."""
    if mapped.field.place is not Place.EXPIRES:
        return False
    dates = (Type.DATE, Type.DATETIME)
    return any(
        other.index == mapped.index and other.field.type in dates for other in mapping.fields if other is not mapped
    )


def _rules(mapped: MappedField, zone: str) -> list[Rule]:
    field = mapped.field
    text = pl.col(field.label)
    known = list(rules(field, text, pl.col(_typed_name(field.label)), zone))
    if field.place is Place.TO:
        # Without the first, on spreadsheet errors: the check of the number covers it.
        return known[1:] if mapped.needs_choice else [_DIALABLE, *known[1:]]
    if field.place is Place.ID:
        known.append(
            Rule(Code.DUPLICATE_ID, "is also in a row above", "Give each row an ID of its own.", is_first(text))
        )
    if field.required or field.place is Place.ID:
        known.append(Rule(Code.MISSING_VALUE, "is empty", "Fill it in.", text.is_not_null()))
    return known


def _make_check(rule: Rule, name: str) -> pa.Check:
    """Return the check of *rule*, called *name*."""

    def good(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(rule.good.fill_null(value=True))

    run: Callable[[PolarsData], pl.LazyFrame] = good
    return pa.Check(run, name=name, ignore_na=False)


def _ragged_problems(sheet: Sheet) -> pl.DataFrame:
    """Return a problem for each row with too few or too many fields: its cells may stand under the wrong headers."""
    lines = [
        {
            "row": row,
            "column": "",
            "value": "",
            "code": Code.INVALID_VALUE.value,
            "why": f"has {count} fields where the header has {len(sheet.headers)}",
            "remedy": "Look for a delimiter or a line break inside a cell: such a cell needs quotation marks.",
        }
        for row, count in sheet.ragged.items()
    ]
    return pl.DataFrame(lines, schema=PROBLEM_SCHEMA)
