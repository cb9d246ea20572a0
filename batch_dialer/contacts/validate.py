"""Cells become contacts and problems. The only file that knows pandera.

Each field of the mapping is a column of trimmed text; a `pandera.polars` schema compiled from the fields checks all of
them lazily, in one pass; its failure cases become lines of `Checked.problems`, and its vocabulary ends here.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData
from pandera.errors import SchemaErrors

from batch_dialer.contacts.cells import Rule, first, rules, value
from batch_dialer.contacts.mapping import Mapped, Mapping
from batch_dialer.contacts.phone_column import read_numbers
from batch_dialer.errors import BadSheet
from batch_dialer.model import Problems, Rows, Sheet
from batch_dialer.schema.schema import Place, Type
from batch_dialer.words import Code

PROBLEM_SCHEMA = {
    "row": pl.UInt32,
    "column": pl.String,
    "value": pl.String,
    "code": pl.String,
    "why": pl.String,
    "remedy": pl.String,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """The sheet, judged. *rows* has every row, in the sheet's order; *problems* a line for every fault found.

    Columns of *rows*: `row`, `id`, `to` (E.164; null where there is none), `code` and `message` (null where the row
    is good), the value of each field under its label, and `hidden` where the spreadsheet program hides any row.
    """

    rows: Rows
    problems: Problems
    mapping: Mapping

    @property
    def good(self) -> int:
        """How many rows can be dialed."""
        return self.rows["code"].null_count()

    @property
    def testing(self) -> bool:
        """Whether the sheet says that its calls are tests: all of them, or none is."""
        return bool(_tests(self.rows)["test"].any())


def validate(sheet: Sheet, mapping: Mapping, zone: str) -> Checked:
    """Judge every row of *sheet*, all faults in one pass. *zone* (IANA) is where times without an offset are meant.

    Raises `BadSheet` where some rows are tests and others are not: their calls would share a results file.
    """
    mapped_to = {f"c{mapped.index}" for mapped in mapping.fields if mapped.index is not None}
    loose = _loose(sheet.cells.select(sorted(mapped_to)))
    text = sheet.cells.select("row", *(_text(mapped, loose) for mapped in mapping.fields))
    phone = next(mapped for mapped in mapping.fields if mapped.field.place is Place.TO)
    numbers = read_numbers(text["to"], phone.field.region)
    # Each cell is read once, for the checks and for what is said.
    typed = [value(mapped.field, pl.col(mapped.field.label), zone).alias(_typed(mapped)) for mapped in mapping.fields]
    text = text.with_columns(numbers.e164.alias("to_e164"), *typed)
    found = _failures(text, mapping, zone, numbers.faults)
    problems = pl.concat([_ragged(sheet), *found]).sort("row", maintain_order=True)
    first = problems.group_by("row", maintain_order=True).agg(
        pl.col("code").first(),
        pl.format("{} {}. {}", _where("column"), "why", "remedy").str.join(" ").alias("message"),
    )
    values = [_value(mapped, zone) for mapped in mapping.fields if mapped.field.place is not Place.TO]
    # Joined by itself, and not to all the columns, which would be copied.
    words = text.select("row").join(first, on="row", how="left", maintain_order="left").drop("row")
    rows = text.select("row", pl.col("to_e164").alias("to"), *values).hstack(words)
    if "id" not in rows.columns:
        rows = rows.with_columns(pl.lit("").alias("id"))
    _all_or_none_is_a_test(rows)
    if sheet.hidden:
        rows = rows.with_columns(pl.col("row").is_in(sorted(sheet.hidden)).alias("hidden"))
    return Checked(Rows(rows), Problems(problems), mapping)


def _tests(rows: pl.DataFrame) -> pl.DataFrame:
    """Return each row that can be dialed, and whether it is a test: what the others say makes no call one."""
    said = pl.col("is_testing").fill_null(value=False) if "is_testing" in rows.columns else pl.lit(value=False)
    return rows.filter(pl.col("code").is_null()).select("row", said.alias("test"))


def _all_or_none_is_a_test(rows: pl.DataFrame) -> None:
    good = _tests(rows)
    tests, real = good.filter("test")["row"], good.filter(~pl.col("test"))["row"]
    if tests.len() and real.len():
        raise BadSheet(
            f"Some rows are tests (row {tests[0]}), others are real calls (row {real[0]}).",
            "Make a sheet of its own for the tests: real calls and rehearsed ones never share a results file.",
        )


def _where(column: str) -> pl.Expr:
    return pl.when(pl.col(column) == "").then(pl.lit("The row")).otherwise(pl.col(column))


def _loose(cells: pl.DataFrame) -> set[str]:
    """Return the columns with a cell that has to be trimmed: mostly there is none, and no text is copied."""
    texts = cells.select(pl.col(pl.String).cast(pl.Binary))
    # White space is below "!" or not ASCII, and where a cell is empty there is no byte at all.
    edges = [pl.all().bin.get(at, null_on_oob=True).is_between(ord("!"), ord("~")) for at in (0, -1)]
    tight = texts.select(pl.all().is_null() | (edges[0] & edges[1]).fill_null(value=False)).select(pl.all().all())
    return {column.name for column in tight.iter_columns() if not column[0]}


def _text(mapped: Mapped, loose: Collection[str]) -> pl.Expr:
    field = mapped.field
    if mapped.index is None:
        return pl.lit(_written(field.value)).alias(field.label)
    name = f"c{mapped.index}"
    trimmed = pl.col(name).str.strip_chars()
    filled = pl.when(trimmed != "").then(trimmed) if name in loose else pl.col(name)
    default = field.default if field.default is not None else {Place.DELAY: 0, Place.TESTING: False}.get(field.place)
    return (filled if default is None else filled.fill_null(_written(default))).alias(field.label)


def _written(constant: object) -> str:
    return str(constant).lower() if isinstance(constant, bool) else str(constant)


def _typed(mapped: Mapped) -> str:
    return f"typed {mapped.field.label}"


def _value(mapped: Mapped, zone: str) -> pl.Expr:
    """Dates go into a prompt as ISO 8601 text; only what we decide by keeps its type."""
    typed = pl.col(_typed(mapped))
    if mapped.field.place is Place.EXPIRES:
        return typed.alias(mapped.field.label)
    if mapped.field.type is Type.DATE:
        typed = typed.dt.strftime("%Y-%m-%d")
    if mapped.field.type is Type.DATETIME:
        typed = typed.dt.convert_time_zone(zone).dt.strftime("%Y-%m-%dT%H:%M:%S%:z")
    return typed.alias(mapped.field.label)


def _failures(text: pl.DataFrame, mapping: Mapping, zone: str, no_numbers: pl.DataFrame) -> list[pl.DataFrame]:
    """Compile the fields to a pandera schema, run it, and translate what it found; *no_numbers* says of each why."""
    demands = {
        mapped.field.label: _demands(mapped, zone)
        for mapped in mapping.fields
        if not _is_judged_already(mapped, mapping)
    }
    # pandera takes one check after the other: it finds each computed, side by side with the others.
    met = {
        f"{n} {label}": rule.good.fill_null(value=True)
        for label, known in demands.items()
        for n, rule in enumerate(known)
    }
    columns = {
        label: pa.Column(pl.String, [_check(f"{n} {label}", str(n)) for n, _ in enumerate(known)], nullable=True)
        for label, known in demands.items()
    }
    try:
        pa.DataFrameSchema(columns).validate(text.with_columns(**met), lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return []
    headers = {mapped.field.label: mapped.field.column or mapped.field.label for mapped in mapping.fields}
    found = []
    for (label, check), part in cases.group_by("column", "check", maintain_order=True):
        rule = demands[str(label)][int(str(check))]
        at = text.select("row", pl.col(str(label)).alias("value"))[part["index"].cast(pl.UInt32)]
        if rule is _DIALABLE:
            at = at.join(no_numbers, on="value", how="left", nulls_equal=True, maintain_order="left")
        else:
            at = at.with_columns(code=pl.lit(rule.code.value), why=pl.lit(rule.why), remedy=pl.lit(rule.remedy))
        named = at.with_columns(pl.col("value").fill_null(""), column=pl.lit(headers[str(label)]))
        found.append(named.select(*PROBLEM_SCHEMA))
    return found


_DIALABLE = Rule(Code.INVALID_PHONE_NUMBER, "", "", pl.col("to_e164").is_not_null())
"""Each number has its own code, reason and remedy."""


def _is_judged_already(mapped: Mapped, mapping: Mapping) -> bool:
    """A date that is spoken and expires, too, is bad only once."""
    if mapped.field.place is not Place.EXPIRES:
        return False
    dates = (Type.DATE, Type.DATETIME)
    return any(
        other.index == mapped.index and other.field.type in dates for other in mapping.fields if other is not mapped
    )


def _demands(mapped: Mapped, zone: str) -> list[Rule]:
    field = mapped.field
    text = pl.col(field.label)
    known = list(rules(field, text, pl.col(_typed(mapped)), zone))
    if field.place is Place.TO:
        return [_DIALABLE, *known[1:]]  # the first is in `_DIALABLE`: #N/A is no number
    if field.place is Place.ID:
        known.append(Rule(Code.DUPLICATE_ID, "is also in a row above", "Give each row an ID of its own.", first(text)))
    if field.required or field.place is Place.ID:
        known.append(Rule(Code.MISSING_VALUE, "is empty", "Fill it in.", text.is_not_null()))
    return known


def _check(met: str, name: str) -> pa.Check:
    """Return the check that asks for what stands in the column *met*."""

    def good(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(met)

    run: Callable[[PolarsData], pl.LazyFrame] = good
    return pa.Check(run, name=name, ignore_na=False)


def _ragged(sheet: Sheet) -> pl.DataFrame:
    """A row with too few or too many fields may have its cells under the wrong headers: none of it can be trusted."""
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
