"""The names of time zones, as the zone database has them (IANA)."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

ZONE_REMEDY = "Write it as in America/New_York or Europe/Berlin."
_NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})


@cache
def known_zones() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones() - _NO_PLACES)


@cache
def time_zone(name: str) -> ZoneInfo:
    """Return the zone of this *name*. It is kept: zoneinfo itself keeps eight, and a country may have thirty."""
    return ZoneInfo(name)
