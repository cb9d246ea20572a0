"""How the second model writes phone numbers and points in time: as documented, or in one of the other ways."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal, get_args

NumberFormat = Literal[
    "e164",
    "double_zero",
    "national",
    "trunk_zero",
    "masked_tail",
    "masked_head",
    "sip",
    "tel",
    "null",
    "no_plus",
    "spaced",
    "brackets",
]
"""A way to write a phone number; `e164` is the documented one."""

NUMBER_FORMATS: tuple[NumberFormat, ...] = get_args(NumberFormat)

TimeFormat = Literal[
    "z",
    "millis",
    "offset",
    "naive",
    "spaced",
    "epoch",
    "epoch_millis",
    "null",
    "absent",
    "unreadable",
]
"""A way to write a point in time; `z` (whole seconds, UTC) is the one of the vendor's page."""

TIME_FORMATS: tuple[TimeFormat, ...] = get_args(TimeFormat)

_MASK = "•"
# Country calling codes of one and of two digits; all others have three.
_SHORT_COUNTRY_CODE = re.compile(r"[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")


def format_number(number: str, how: NumberFormat) -> str | None:
    """Write the E.164 *number* the given way; None stands for JSON null."""
    digits = number.removeprefix("+")
    country, rest = split_country_code(digits)
    ways: dict[NumberFormat, str | None] = {
        "e164": number,
        "double_zero": "00" + digits,
        "national": rest,
        "trunk_zero": "0" + rest,
        "masked_tail": "+" + digits[:-4] + _MASK * 4,
        "masked_head": "***" + digits[-4:],
        "sip": f"sip:+{digits}@carrier.example",
        "tel": f"tel:+{digits}",
        "null": None,
        "no_plus": digits,
        "spaced": " ".join(("+" + country, *_groups(rest))),
        "brackets": f"+{country} ({rest[:3]}) {'-'.join(_groups(rest[3:]))}",
    }
    return ways[how]


def split_country_code(digits: str) -> tuple[str, str]:
    """Split the digits of an E.164 number into its country calling code and its national number."""
    short = _SHORT_COUNTRY_CODE.match(digits)
    length = short.end() if short else 3
    return digits[:length], digits[length:]


def _groups(digits: str) -> list[str]:
    """Cut digits into threes; the last group has the three to five that are left."""
    groups: list[str] = []
    while len(digits) > 5:
        groups.append(digits[:3])
        digits = digits[3:]
    return [*groups, digits] if digits else groups


_TIMES: dict[TimeFormat, Callable[[datetime], object]] = {
    "z": lambda local: local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "millis": lambda local: local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")[:-4] + "Z",
    "offset": lambda local: local.isoformat(timespec="seconds"),
    "naive": lambda local: local.strftime("%Y-%m-%dT%H:%M:%S"),
    "spaced": lambda local: local.strftime("%Y-%m-%d %H:%M:%S"),
    "epoch": lambda local: int(local.timestamp()),
    "epoch_millis": lambda local: int(local.timestamp() * 1000),
    "null": lambda _: None,
    "unreadable": lambda _: "a moment ago",
}


def time_field(key: str, moment: datetime, how: TimeFormat, zone_hours: float = 0.0) -> dict[str, object]:
    """Return the field *key* of a JSON object with *moment* written the given way; nothing for `absent`.

    *zone_hours* is the server's distance from UTC, for the formats that write local time.
    """
    if how == "absent":
        return {}
    return {key: _TIMES[how](moment.astimezone(timezone(timedelta(hours=zone_hours))))}
