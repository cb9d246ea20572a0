"""Find the columns that keep rows from being called: by the rules of the schema, or by headers that opt out."""

from collections.abc import Iterable
from dataclasses import dataclass

from batch_dialer.contacts.find_column import find_column, snake_case
from batch_dialer.contacts.opt_outs import is_opt_out
from batch_dialer.schema.schema import Schema, SkipRule


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A column that keeps rows from being called: by a *rule* of the schema, or (None) as its *header* opts out.

    *opts_out*: whether the header reads as an opt-out, which holds for a person's number and not for one row alone.
    """

    header: str
    index: int
    rule: SkipRule | None
    opts_out: bool


def is_opt_out_header(header: str) -> bool:
    """Return whether *header* reads as an opt-out from calls."""
    return is_opt_out(snake_case(header))


def map_rules(schema: Schema, headers: tuple[str, ...]) -> tuple[Exclusion, ...]:
    """Find the column of every `[[skip]]`; raise `BadSheet` where there is none, or several."""
    found = [(rule, find_column(rule.column, "the schema's [[skip]]", headers)) for rule in schema.skips]
    return tuple(Exclusion(headers[n], n, rule, is_opt_out_header(headers[n])) for rule, n in found)


def map_opt_outs(headers: tuple[str, ...], taken: set[int | None]) -> tuple[Exclusion, ...]:
    """Return the columns whose headers opt out, but for those *taken*, of which the schema says what they are for.

    Whoever leaves such a column to us did not mean that people who opted out are called, or their flag sent.
    """
    others = ((n, header) for n, header in enumerate(headers) if n not in taken)
    return tuple(Exclusion(header, n, None, opts_out=True) for n, header in others if is_opt_out_header(header))


def find_sent_opt_outs(sent: Iterable[tuple[str, int | None]], exclusions: Iterable[Exclusion]) -> tuple[str, ...]:
    """Return which of the columns *sent* to the agent read as opt-outs, without a rule that keeps their rows back."""
    ruled = {rule.index for rule in exclusions}
    return tuple(dict.fromkeys(header for header, n in sent if n not in ruled and is_opt_out_header(header)))


def skip_hint(headers: Iterable[str]) -> str:
    """Return what to write into the schema for the first of *headers* that reads as an opt-out; "" without one."""
    found = next(filter(is_opt_out_header, headers), None)
    if found is None:
        return ""
    table = f'[[skip]] with column = "{found}" and is = ["TRUE", "yes"]'
    return f' To leave out the rows in which "{found}" is set, add {table}.'
