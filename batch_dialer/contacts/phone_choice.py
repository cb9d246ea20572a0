"""Find the number to call where several columns may hold it, or a column says of which country each row's number is.

The first column with a good number counts. A row without one gets the faults of all its filled columns, each under its
own header, so that nobody has to guess which cell to correct.
"""

from dataclasses import dataclass, field

import polars as pl

from batch_dialer.contacts.mapping import MappedField
from batch_dialer.contacts.phone import NO_COUNTRY_CODE
from batch_dialer.contacts.phone_column import NO_FAULTS, parse_phones
from batch_dialer.schema.countries import find_country, suggest_country
from batch_dialer.words import Code

_NO_COUNTRY = "is not the name or the code of a country"
_OR_PLUS = "Or write the number with + and its country code."
_READ = ("e164", "code", "why", "remedy")
_PROBLEM = ("row", "column", "value", "code", "why", "remedy")
_NO_PROBLEMS = pl.DataFrame(schema={name: pl.UInt32 if name == "row" else pl.String for name in _PROBLEM})


@dataclass(frozen=True, slots=True)
class ChosenPhones:
    """The cell of each row that is called, as *text* and *e164*; the first filled one where no number is good.

    *problems* has the faults of the rows without a good number: `row`, `column`, `value`, `code`, `why`, `remedy`.
    *faults* is `ParsedPhones.faults`, where a single column was read and its rows' problems are still to be made of it.
    """

    text: pl.Series
    e164: pl.Series
    problems: pl.DataFrame
    faults: pl.DataFrame = field(default_factory=NO_FAULTS.clone)


def read_numbers(cells: pl.DataFrame, text: pl.Series, phone: MappedField) -> ChosenPhones:
    """Return the number of each row of *cells*; *text* is the trimmed column of numbers, where it is a single one."""
    if phone.needs_choice:
        return choose_phones(cells, phone)
    read = parse_phones(text, phone.field.region)
    return ChosenPhones(text, read.e164, _NO_PROBLEMS, read.faults)


def choose_phones(cells: pl.DataFrame, phone: MappedField) -> ChosenPhones:
    """Choose the number of each row of *cells*, a sheet's cells, from the columns of the field *phone*."""
    tried = _read_columns(cells, phone).sort("row", pl.col("e164").is_null(), _is_missing(), "rank")
    best = tried.unique("row", keep="first", maintain_order=True)
    bad = tried.join(best.filter(pl.col("e164").is_null()), on="row", how="semi", maintain_order="left")
    return ChosenPhones(best["value"], best["e164"], _problems(bad, phone))


def list_numbers(cells: pl.DataFrame, phone: MappedField) -> pl.DataFrame:
    """Return every good number of the rows of *cells*, whichever is called: `row` and `to`, the number in E.164."""
    read = _read_columns(cells, phone).filter(pl.col("e164").is_not_null())
    return read.select("row", pl.col("e164").alias("to")).sort("row")


def _read_columns(cells: pl.DataFrame, phone: MappedField) -> pl.DataFrame:
    """Return a line for each row and column of the field *phone*; `rank` is the column's place in the field."""
    rows = _with_regions(cells, phone)
    columns = zip(phone.field.columns, phone.indices, strict=True)
    return pl.concat(
        _read_column(rows.with_columns(_trimmed(cells, index).alias("value"))).with_columns(
            pl.lit(header).alias("column"), pl.lit(rank).alias("rank")
        )
        for rank, (header, index) in enumerate(columns)
    )


def _trimmed(cells: pl.DataFrame, index: int) -> pl.Series:
    text = pl.col(f"c{index}").str.strip_chars()
    return cells.select(pl.when(text != "").then(text)).to_series()


def _is_missing() -> pl.Expr:
    return (pl.col("code") == Code.MISSING_PHONE_NUMBER.value).fill_null(value=False)


def _with_regions(cells: pl.DataFrame, phone: MappedField) -> pl.DataFrame:
    """Return `row`, `country` (the cell) and `region` (its code; the field's own region where the cell is empty)."""
    own = pl.lit(phone.field.region, pl.String)
    if phone.region_index is None:
        return cells.select("row", pl.lit(None, pl.String).alias("country"), own.alias("region"))
    country = _trimmed(cells, phone.region_index).alias("country")
    written = country.drop_nulls().unique()
    codes = pl.Series("code", [find_country(name) for name in written], dtype=pl.String)
    known = written.to_frame().with_columns(codes)
    joined = cells.select("row", country).join(known, on="country", how="left", maintain_order="left")
    region = pl.when(pl.col("country").is_null()).then(own).otherwise("code")
    return joined.select("row", "country", region.alias("region"))


def _read_column(cells: pl.DataFrame) -> pl.DataFrame:
    """Return *cells* (`row`, `country`, `region`, `value`) with `e164` and, where that is null, why it is."""
    parts = [cells.clear().with_columns(pl.lit(None, pl.String).alias(name) for name in _READ)]
    for region in cells["region"].unique():
        part = cells.filter(pl.col("region").eq_missing(pl.lit(region, pl.String)))
        read = parse_phones(part["value"], region)
        numbered = part.with_columns(read.e164.alias("e164"))
        parts.append(numbered.join(read.faults, on="value", how="left", nulls_equal=True))
    return pl.concat(parts)


def _problems(bad: pl.DataFrame, phone: MappedField) -> pl.DataFrame:
    """Return the problems of the rows without a good number; *bad* has a line for each column of such a row."""
    filled = bad.filter(~_is_missing())
    empty = bad.join(filled, on="row", how="anti").unique("row", keep="first", maintain_order=True)
    others = phone.field.fallbacks
    if others:
        also = f"is empty, and so {'is' if len(others) == 1 else 'are'} {', '.join(others)}"
        empty = empty.with_columns(pl.lit(also).alias("why"))
    unread = pl.col("country").is_not_null() & pl.col("region").is_null() & (pl.col("why") == NO_COUNTRY_CODE)
    lines = [empty, filled.filter(~unread), _of_countries(filled.filter(unread), phone)]
    return pl.concat(frame.select(*_PROBLEM) for frame in lines).sort("row", maintain_order=True)


def _of_countries(rows: pl.DataFrame, phone: MappedField) -> pl.DataFrame:
    """Return *rows* with the fault of their country's cell instead of the number's, once for each row."""
    once = rows.unique("row", keep="first", maintain_order=True)
    remedies = [f"{suggest_country(name)} {_OR_PLUS}" for name in once["country"]]
    return once.with_columns(
        pl.lit(phone.field.region_column, pl.String).alias("column"),
        pl.col("country").alias("value"),
        pl.lit(Code.INVALID_VALUE.value).alias("code"),
        pl.lit(_NO_COUNTRY).alias("why"),
        pl.Series("remedy", remedies, dtype=pl.String),
    )
