"""What the second model may answer otherwise than documented, as frozen settings that hold for every answer.

Each field's default is what api.md says or, where it says nothing, the plainest reading of it. What happens to single
requests is in `second_accidents`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from second_formats import NumberFormat, TimeFormat

ErrorShape = Literal["documented", "error", "success_error", "fields", "fields_code"]
"""`documented`: by endpoint. `fields` is the third shape without a code, `fields_code` the same with one."""

Cut = Literal["none", "before", "in_head", "after_head", "in_body"]
"""Where an answer is broken off: before its first byte, inside its head, after its head, inside its body."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one answer is put on the wire.

    `delay` (seconds) comes before the first byte. `hang` never answers and holds the connection until the client
    leaves. `cut` closes the connection early, with a TCP reset instead of an orderly end if `reset`. `twice` sends
    the whole answer two times. `announce_close` sends `Connection: close` and closes. `drop_after_ms` closes an idle
    connection, unannounced, a drawn number of milliseconds (from, to) after each answer. `pad_bytes` adds one header
    of that size, and `extra_headers` that many small ones.
    """

    delay: float = 0.0
    hang: bool = False
    cut: Cut = "none"
    reset: bool = False
    twice: bool = False
    chunked: bool = False
    announce_close: bool = False
    drop_after_ms: tuple[float, float] | None = None
    pad_bytes: int = 0
    extra_headers: int = 0

    @property
    def says_nothing(self) -> bool:
        """Whether not one byte of the answer reaches the client."""
        return self.hang or self.cut == "before"


@dataclass(frozen=True, slots=True)
class ListLies:
    """How the two lists of calls, and the active calls, are untrue or written otherwise.

    `number_formats` goes before `number_format` for the numbers that it names. `ignored_filters` names the query
    parameters that have no effect, e.g. `date_from`. `page_stuck` answers page 1 to every page. `total_says` and
    `last_page_says` replace those numbers. Every page after the first begins `page_shift` items too early (repeats)
    or, negative, too late (leaves some out). `arrivals_per_reading` calls by somebody else come in after each
    reading, so that pages shift in truth. A page has at most `per_page_cap` items. Calls of the last `lag` seconds
    are hidden, and so are delayed calls until their delay is over with `delayed_hidden`. `dialed_id` is the ID by
    which a dialed campaign call is listed: the same, or one of its own.
    """

    number_format: NumberFormat = "e164"
    number_formats: Mapping[str, NumberFormat] = field(default_factory=dict)
    ignored_filters: frozenset[str] = frozenset()
    page_stuck: bool = False
    total_says: int | None = None
    last_page_says: int | None = None
    page_shift: int = 0
    arrivals_per_reading: int = 0
    order: Literal["newest", "oldest", "shuffled"] = "newest"
    per_page_cap: int = 100
    lag: float = 0.0
    time_format: TimeFormat = "z"
    date_zone_hours: float = 0.0
    items_key: Literal["data", "calls", "nested"] = "data"
    dialed_id: Literal["same", "own"] = "same"
    delayed_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Lies:
    """Everything that is untrue, or not stated in api.md and so may vary, in all answers alike.

    `answer_number_format` and `answer_time_format` are about the call in an answer to a call, and about
    `existing_call`. `zone_hours` is the server's distance from UTC wherever it writes local times. `flat_answer` is
    the older shape of the vendor's tutorial. `existing_place` is where `existing_call` stands in the error; `none`
    leaves it out. `invalid_numbers` look right and are refused all the same.
    """

    lists: ListLies = field(default_factory=ListLies)
    delivery: Delivery = field(default_factory=Delivery)
    error_shape: ErrorShape = "documented"
    answer_number_format: NumberFormat = "e164"
    answer_time_format: TimeFormat = "z"
    zone_hours: float = 0.0
    flat_answer: bool = False
    campaign_in_data: bool = False
    campaign_status: Literal["queued", "scheduled"] = "queued"
    existing_place: Literal["top", "details", "none"] = "top"
    invalid_numbers: frozenset[str] = frozenset()
    date_header: bool = True
