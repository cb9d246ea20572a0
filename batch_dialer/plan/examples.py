"""What the agent says first to three people of the sheet, and the values that their calls have. Pure.

Two of them are where it goes wrong: the one with the longest values, and one with an empty cell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

import polars as pl

from batch_dialer.contacts.find_column import snake_case
from batch_dialer.model import JsonScalar, Rows, Target
from batch_dialer.plan.placeholders import find_placeholders
from batch_dialer.schema.schema import Place
from batch_dialer.talkover.payload import Caller, calls

_PREFIX = f"{Place.PAYLOAD.value}."


class Kind(Enum):
    """Where a part of an opening line is from."""

    TEXT = "text"
    VALUE = "value"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an opening line. One that is `MISSING` is a placeholder, as it is written, for which there is nothing.

    What the agent says there is not known: the placeholder, or nothing.
    """

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    """A row that is called, and why it is shown. *opening* is empty where it is not known what the agent says first."""

    row: int
    why: str
    values: Mapping[str, str]
    opening: tuple[Part, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The placeholders for which the row has nothing."""
        return tuple(dict.fromkeys(part.text for part in self.opening if part.kind is Kind.MISSING))


def choose_examples(dial: Rows, caller: Caller, openings: Mapping[Target, str]) -> tuple[Example, ...]:
    """Return the row of *dial* with the longest values, one with an empty one if there is any, and another one.

    *openings*: what the agents say first, as far as that is known; of it, only what they ask for counts.
    """
    columns = [column for column in dial.columns if column.startswith(_PREFIX)]
    asked = {found.name for text in openings.values() for found in find_placeholders(text)}
    counted = [column for column in columns if snake_case(column.removeprefix(_PREFIX)) in asked] or columns
    if dial.is_empty():
        return ()
    if not counted:
        return tuple(_examples({0: "the first row"}, dial, caller, openings))
    sizes = dial.select(
        pl.sum_horizontal(pl.col(counted).cast(pl.String).str.len_chars().fill_null(0)).alias("length"),
        pl.sum_horizontal(pl.col(counted).is_null()).alias("empty"),
    )
    places = {sizes["length"].arg_max() or 0: "the longest values"}
    if sizes["empty"].max():
        places.setdefault(sizes["empty"].arg_max() or 0, "an empty value")
    usual = next((place for place in range(min(dial.height, len(places) + 1)) if place not in places), None)
    if usual is not None:
        places[usual] = "another row"
    return tuple(_examples(places, dial, caller, openings))


def _examples(
    places: Mapping[int, str], dial: Rows, caller: Caller, openings: Mapping[Target, str]
) -> Iterator[Example]:
    for call, why in zip(calls(dial[list(places)], caller), places.values(), strict=True):
        opening = fill_in(openings.get(call.target, ""), call.payload)
        yield Example(call.row, why, {name: _spoken(value) for name, value in call.payload.items()}, opening)


def fill_in(text: str, payload: Mapping[str, JsonScalar]) -> tuple[Part, ...]:
    """Return *text* with the values of *payload* for its placeholders; a name is the same in any spelling."""
    values = {snake_case(name): _spoken(value) for name, value in payload.items()}
    return tuple(part for part in _parts(text, values) if part.text)


def _parts(text: str, values: Mapping[str, str]) -> Iterator[Part]:
    at = 0
    for found in find_placeholders(text):
        value = values.get(found.name)
        yield Part(Kind.TEXT, text[at : found.start])
        yield Part(Kind.MISSING, found.written) if value is None else Part(Kind.VALUE, value)
        at = found.end
    yield Part(Kind.TEXT, text[at:])


def _spoken(value: JsonScalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
