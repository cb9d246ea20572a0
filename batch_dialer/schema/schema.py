"""The parsed form of a schema file: which columns of a sheet mean what, and which values are valid."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from batch_dialer.model import JsonScalar

ID_FORM = r"^[A-Za-z0-9_-]{1,64}$"
"""The pattern of the ID of an agent or a campaign. IDs become part of a URL path, so nothing else is let in."""

Bound = int | float | date | datetime


class Place(Enum):
    """Where a value goes: into the request, or into a decision of this program. Each names a table of the file."""

    ID = "id"
    TO = "to"
    PAYLOAD = "payload"
    CONTEXT = "context"
    DELAY = "delay_seconds"
    TESTING = "is_testing"
    AGENT = "agent_id"
    EXPIRES = "expires"
    ZONE = "calling_hours"


class Type(Enum):
    """The type of a cell's value."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


class Unmapped(Enum):
    """What to do with columns that no table of the schema names."""

    PAYLOAD = "payload"
    IGNORE = "ignore"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a row: where it goes, the column or the constant that it comes from, and which values are valid.

    Exactly one of *column* (a header) and *value* is set. Of the number to call alone: *fallbacks* are the headers of
    the columns that are read, in their order, where *column* has no good number, and *region_column* the header of the
    column with the country of each row's numbers.
    """

    place: Place
    name: str = ""
    column: str | None = None
    value: JsonScalar | None = None
    default: JsonScalar | None = None
    required: bool = False
    type: Type = Type.STRING
    format: str | None = None
    pattern: str | None = None
    one_of: tuple[str, ...] = ()
    min: Bound | None = None
    max: Bound | None = None
    min_length: int | None = None
    max_length: int | None = None
    unique: bool = False
    hint: str | None = None
    region: str | None = None
    fallbacks: tuple[str, ...] = ()
    region_column: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The headers of the columns that the value may come from, in the order in which they are read."""
        return () if self.column is None else (self.column, *self.fallbacks)

    @property
    def label(self) -> str:
        """The field as the schema file names it: `payload.customer_name`, `to`."""
        return f"{self.place.value}.{self.name}" if self.name else self.place.value


@dataclass(frozen=True, slots=True)
class SkipRule:
    """Which rows are not dialed, by the text in *column*, a header: those with one of the texts *is_any_of*.

    Or those with a text that *is_none_of* the given; without either, those whose cell is filled. *reason* is what
    people are told; empty where the cell says enough.
    """

    column: str
    is_any_of: tuple[str, ...] = ()
    is_none_of: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallingHours:
    """When a phone may ring, by the clock where it is: from *start* until before *end*, in minutes after midnight.

    *days* are the days of the week, Monday is 0. *zone* is the IANA name of the zone in which the phones are; where it
    is empty, the number tells. *holidays* names the country or a part of it on whose holidays no phone rings, as the
    library `holidays` does (`US-CA`, `DE`); empty: none are kept.
    """

    start: int = 8 * 60
    end: int = 21 * 60
    days: frozenset[int] = frozenset(range(7))
    zone: str = ""
    holidays: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema file. *fields* are ordered by place, and within a place as in the file.

    *skips* say which rows are not dialed, *keep* which columns of the sheet the results show. *calling_hours* is None
    where the file says nothing of them.
    """

    fields: tuple[Field, ...]
    agent_id: str | None = None
    campaign_id: str | None = None
    unmapped: Unmapped = Unmapped.ERROR
    skips: tuple[SkipRule, ...] = ()
    keep: tuple[str, ...] = ()
    calling_hours: CallingHours | None = None


def condition(rule: SkipRule | None) -> str:
    """Say which rows *rule* means; None stands for a column whose header reads as an opt-out."""
    if rule is None:
        return "rows in which it is set"
    if rule.is_any_of:
        return f"rows in which it is {_list(rule.is_any_of, 'or')}"
    if rule.is_none_of:
        return f"rows in which it is not {_list(rule.is_none_of, 'and not')}"
    return "rows in which it is filled"


def _list(texts: tuple[str, ...], between: str) -> str:
    return f" {between} ".join(f'"{text}"' if text.strip() else "empty" for text in texts)
