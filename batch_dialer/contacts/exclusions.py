"""Rows that a column of the sheet keeps from being called: by a rule of the schema, or by a header that opts out."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from batch_dialer.contacts.exclusion_columns import Exclusion
from batch_dialer.contacts.mapping import ColumnMapping
from batch_dialer.contacts.opt_outs import is_clear, is_set
from batch_dialer.contacts.phone_choice import list_numbers
from batch_dialer.contacts.sheet_errors import SHEET_ERRORS
from batch_dialer.model import Rows
from batch_dialer.schema.schema import Place, SkipRule

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Excluded:
    """What a column keeps from being called: the number of *rows*, and the *unclear* ones that it may have meant."""

    exclusion: Exclusion
    rows: int
    unclear: tuple[int, ...] = ()


def exclude(rows: Rows, cells: pl.DataFrame, mapping: ColumnMapping) -> tuple[Rows, tuple[Excluded, ...]]:
    """Return *rows* with the column `excluded`, why each is not called (null: it may be), and what each column did.

    *cells* are those of the sheet, in the order of *rows*. Who opted out is not called by another row, either, at
    whichever number: such a row says why, too.
    """
    exclusions = mapping.exclusions
    if not exclusions:
        return rows, ()
    texts = cells.select("row", *(_trimmed(rule.index).alias(f"x{nth}") for nth, rule in enumerate(exclusions)))
    found = texts.select(
        "row",
        *(_hit(rule, pl.col(f"x{nth}")).alias(f"hit{nth}") for nth, rule in enumerate(exclusions)),
        *(_why(rule, pl.col(f"x{nth}")).alias(f"why{nth}") for nth, rule in enumerate(exclusions)),
        *(_is_unclear(rule, pl.col(f"x{nth}")).alias(f"unclear{nth}") for nth, rule in enumerate(exclusions)),
    )
    why = pl.coalesce([pl.when(f"hit{nth}").then(f"why{nth}") for nth in range(len(exclusions))])
    counted = tuple(
        Excluded(
            rule,
            int(found[f"hit{nth}"].sum()),
            tuple(found.filter(pl.col(f"hit{nth}") & pl.col(f"unclear{nth}"))["row"]),
        )
        for nth, rule in enumerate(exclusions)
    )
    opted_out = [f"hit{nth}" for nth, rule in enumerate(exclusions) if rule.opts_out]
    by_person = pl.any_horizontal(opted_out) if opted_out else pl.lit(value=False)
    marked = rows.hstack(found.select(why.alias("excluded"), by_person.alias("opted_out")))
    numbers = _list_opted_out(marked, cells, mapping)
    return Rows(_with_same_number(marked.drop("opted_out"), numbers)), counted


def _list_opted_out(rows: pl.DataFrame, cells: pl.DataFrame, mapping: ColumnMapping) -> pl.DataFrame:
    """Return `row` and `to` of each number of the people that opted out, of which a row may have several."""
    phone = mapping.fields_of(Place.TO)[0]
    if phone.fallbacks:
        return list_numbers(cells.filter(rows["opted_out"]), phone)
    return rows.filter(pl.col("opted_out") & pl.col("to").is_not_null()).select("row", "to")


def _with_same_number(rows: pl.DataFrame, opted_out: pl.DataFrame) -> pl.DataFrame:
    """Opting out is a person's, and not a row's: whoever has the number of a person that opted out is not called."""
    by_number = opted_out.unique("to", keep="first", maintain_order=True).select(
        "to", pl.format("Row {} with the same number says not to call it.", "row").alias("elsewhere")
    )
    joined = rows.join(by_number, on="to", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("excluded", "elsewhere").alias("excluded")).drop("elsewhere")


def _trimmed(index: int) -> pl.Expr:
    text = pl.col(f"c{index}").str.strip_chars()
    return pl.when(text != "").then(text)


def _hit(exclusion: Exclusion, text: pl.Expr) -> pl.Expr:
    rule = exclusion.rule
    if rule is None:
        return is_set(text)
    known = text.fill_null("").str.to_lowercase()
    if rule.is_any_of:
        return known.is_in(_folded(rule.is_any_of)) | _is_error(text)
    if rule.is_none_of:
        return ~known.is_in(_folded(rule.is_none_of))
    return text.is_not_null()


def _folded(texts: tuple[str, ...]) -> list[str]:
    return [text.strip().lower() for text in texts]


def _is_error(text: pl.Expr) -> pl.Expr:
    """A formula that failed tells nothing: the row is not called until it does."""
    return text.is_in(SHEET_ERRORS).fill_null(value=False)


def _is_unclear(exclusion: Exclusion, text: pl.Expr) -> pl.Expr:
    clear = is_clear(text) if exclusion.rule is None else ~_is_error(text)
    return ~clear.fill_null(value=True)


def _why(exclusion: Exclusion, text: pl.Expr) -> pl.Expr:
    shown = pl.when(text.str.len_chars() > _SHOWN).then(pl.format("{}…", text.str.head(_SHOWN - 1))).otherwise(text)
    column = exclusion.header.replace("{", "").replace("}", "")  # they would be places to fill in
    unclear = pl.format(
        f'Column "{column}" has "{{}}", which does not clearly say yes or no: not called. Write yes or no.', shown
    )
    return pl.when(_is_unclear(exclusion, text)).then(unclear).otherwise(_plain_reason(exclusion, column, shown))


def _plain_reason(exclusion: Exclusion, column: str, shown: pl.Expr) -> pl.Expr:
    rule: SkipRule | None = exclusion.rule
    if rule and rule.reason:
        return pl.lit(rule.reason)
    has = pl.when(shown.is_null()).then(pl.lit("is empty")).otherwise(pl.format('has "{}"', shown))
    return pl.format(f'Column "{column}" {{}}: not called.', has)


def exclusion_warnings(mapping: ColumnMapping, excluded: Sequence[Excluded]) -> list[str]:
    """Say which cells of opt-out columns cannot be understood, and which of these columns are sent to the agent."""
    said = []
    for each in excluded:
        if count := len(each.unclear):
            rows = f"row {each.unclear[0]}" if count == 1 else f"{count:,} rows, the first is row {each.unclear[0]}"
            column = f'Column "{each.exclusion.header}"'
            said.append(f"{column} does not clearly say yes or no in {rows}. To be safe, these rows are not called.")
    said.extend(
        f'Column "{header}" reads as an opt-out, but the schema sends it to the agent, and rows in which it is set are'
        " called. To leave these out, add [[skip]] with this column to the schema."
        for header in mapping.sent_opt_outs
    )
    return said
