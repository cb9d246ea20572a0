"""The names of time zones, as the zone database has them (IANA)."""

from functools import cache
from zoneinfo import available_timezones

ZONE_REMEDY = "Write it as in America/New_York or Europe/Berlin."
_NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})


@cache
def known_zones() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones() - _NO_PLACES)
