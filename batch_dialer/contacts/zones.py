"""Where a phone may be: the time zones of its number. A mobile phone may be anywhere in its country.

libphonenumber knows zones by the first digits of a number. That is where a line ends, and no more than where a mobile
number was first given out: +1 850 is New York alone to it, and Chicago lies in it, too. So only a number that is
certainly a fixed line's has the zones of its digits; all others have these and those of their country in the zone
database. The tables of both come with the libraries, and are read once.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from batch_dialer.schema.time_zones import known_zones, time_zone

TELLING = 5
"""The + and the first four digits of a number: a country code, and in North America the area code. They tell the zones
of most numbers, see `counts_whole`."""

_TABLES = ("zone.tab", "zone1970.tab")  # the first has each country's own names, the second zones that it shares
_NORTH_AMERICA = 1
_BORROWED = (_NORTH_AMERICA, 7)
"""Country codes that countries share which lie far apart: of the others with several, all are taken for one."""
_OTHER_KINDS = ("mobile", "voip", "personal_number", "toll_free")
_COMPARED = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=10 * n) for n in range(370)]


def zones_of(number: str) -> tuple[str, ...]:
    """Return the zones (IANA) in which the phone with *number* (E.164) may be; empty where that is not known."""
    start = number[:TELLING]
    if counts_whole(start) and _is_fixed(number):
        return _of_digits(number[1:]) or _everywhere(start)
    return _everywhere(start)


@cache
def counts_whole(start: str) -> bool:
    """Return whether the zones of numbers that begin with *start* also depend on their other digits."""
    code = _country_code(start)
    return code is not None and code != _NORTH_AMERICA and _differ(_everywhere(start))


@cache
def _everywhere(start: str) -> tuple[str, ...]:
    """Return all zones of the countries of *start*, and all that libphonenumber gives to numbers that begin so."""
    code = _country_code(start)
    if code is None:
        return ()
    digits = start[1:]
    below = (zone for begin, zones in TIMEZONE_DATA.items() if begin.startswith(digits) for zone in zones)
    countries = (zone for region in _regions(start, code) for zone in _zones_by_country().get(region, ()))
    found = tuple(dict.fromkeys((*_of_digits(digits), *countries, *below)))
    return found if known_zones().issuperset(found) else ()


def _of_digits(digits: str) -> tuple[str, ...]:
    """Return the zones that libphonenumber gives to the longest beginning of *digits* that it knows."""
    begins = (digits[:length] for length in range(TIMEZONE_LONGEST_PREFIX, 0, -1))
    return next((tuple(TIMEZONE_DATA[begin]) for begin in begins if begin in TIMEZONE_DATA), ())


def _country_code(start: str) -> int | None:
    codes = (int(start[1 : 1 + length]) for length in (1, 2, 3) if start[1 : 1 + length].isdigit())
    return next((code for code in codes if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), None)


def _regions(start: str, code: int) -> Iterable[str]:
    """Return the countries of numbers that begin with *start*."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
    if code not in _BORROWED:
        return regions
    example = phonenumbers.parse(f"{start}5550123")  # what follows the area code tells no country
    own = phonenumbers.region_code_for_number(example)
    return (own,) if own else regions


def _is_fixed(number: str) -> bool:
    """Return whether *number* can be a fixed line's and nothing else."""
    code = _country_code(number)
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code] if code is not None else ()
    known = [metadata for region in regions if (metadata := PhoneMetadata.metadata_for_region(region))]
    national = number[1 + len(str(code)) :]
    is_mobile = any(_fits(national, metadata, kind) for metadata in known for kind in _OTHER_KINDS)
    return not is_mobile and any(_fits(national, metadata, "fixed_line") for metadata in known)


def _fits(national: str, metadata: PhoneMetadata, kind: str) -> bool:
    described = getattr(metadata, kind)
    pattern = described and described.national_number_pattern
    return bool(pattern) and _compiled(pattern).fullmatch(national) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _zones_by_country() -> dict[str, tuple[str, ...]]:
    """Return the zones of each country, by its two letters."""
    found: dict[str, list[str]] = {}
    for table in _TABLES:
        text = files("tzdata.zoneinfo").joinpath(table).read_text(encoding="utf-8")
        for line in text.splitlines():
            if line and not line.startswith("#"):
                countries, _, zone, *_ = line.split("\t")
                for country in countries.split(","):
                    found.setdefault(country, []).append(zone)
    return {country: tuple(dict.fromkeys(zones)) for country, zones in found.items()}


def _differ(zones: tuple[str, ...]) -> bool:
    """Return whether the clocks of *zones* ever show different times, as far as a few years tell."""
    return len({tuple(at.astimezone(time_zone(zone)).utcoffset() for at in _COMPARED) for zone in zones}) > 1
