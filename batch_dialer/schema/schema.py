"""A schema file's TOML, as a dictionary, becomes a `Schema`, or an error that names the table and the key."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from batch_dialer.model import JsonScalar

ID_FORM = r"^[A-Za-z0-9_-]{1,64}$"
"""What the ID of an agent or a campaign looks like; anything else has no business in a path."""

Bound = int | float | date | datetime


class Place(Enum):
    """Where a value goes: into the request, or into our own decisions. The values are the schema file's table names."""

    ID = "id"
    TO = "to"
    PAYLOAD = "payload"
    CONTEXT = "context"
    DELAY = "delay_seconds"
    TESTING = "is_testing"
    AGENT = "agent_id"
    EXPIRES = "expires"


class Type(Enum):
    """What a cell holds."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


class Unmapped(Enum):
    """What becomes of columns that the schema does not name."""

    PAYLOAD = "payload"
    IGNORE = "ignore"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a row: where it goes, the column (or the constant) it comes from, and what is good."""

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
    region: str | None = None

    @property
    def label(self) -> str:
        """The field as the schema file names it: `payload.customer_name`, `to`."""
        return f"{self.place.value}.{self.name}" if self.name else self.place.value


@dataclass(frozen=True, slots=True)
class Schema:
    """Which columns mean what. *fields* are in the order of the file."""

    fields: tuple[Field, ...]
    agent_id: str | None = None
    campaign_id: str | None = None
    unmapped: Unmapped = Unmapped.ERROR
