"""Map the columns that are looked at or shown instead of sent: by exclusions, or in the results."""

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
    """Return the columns of each [[skip]] of *schema*; raise `BadSheet` where one is missing or there twice."""
    found = [(rule, find_column(rule.column, "the schema's [[skip]]", headers)) for rule in schema.skips]
    return tuple(Exclusion(headers[n], n, rule, is_opt_out_header(headers[n])) for rule, n in found)


def map_opt_outs(headers: tuple[str, ...], taken: set[int | None]) -> tuple[Exclusion, ...]:
    """Return the columns whose headers opt out, but for those *taken*, of which the schema says what they are for.

    Whoever leaves such a column to us did not mean that people who opted out are called, or their flag sent.
    """
    others = ((n, header) for n, header in enumerate(headers) if n not in taken)
    return tuple(Exclusion(header, n, None, opts_out=True) for n, header in others if is_opt_out_header(header))


def map_kept(names: Iterable[str], headers: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Return header and index of the columns that the schema's keep *names*; raise `BadSheet` as `find_column` does."""
    found = [find_column(name, "the schema's keep", headers) for name in names]
    return tuple((headers[index], index) for index in dict.fromkeys(found))


def skip_hint(headers: Iterable[str]) -> str:
    """Return the sentence that says how to keep rows from being called by the first of *headers* that opts out."""
    found = next(filter(is_opt_out_header, headers), None)
    if found is None:
        return ""
    return f' Rows that "{found}" keeps from being called: [[skip]] column = "{found}" and is = ["TRUE", "yes"].'
