"""May this phone ring now, by the clock where it is? Held to the zone database itself, which is read here anew."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.plan.calling_hours import USUAL, end_outside, hours_of, may_ring, next_opening, why_outside
from batch_dialer.schema.schema import CallingHours
from batch_dialer.words import Exit

_COUNTRIES = (
    *("AR", "AT", "AU CC CX", "BE", "BR", "CA", "CD", "CH", "CL", "CN", "CO", "DE", "DK", "EC", "EG", "ES", "FM", "FR"),
    *("GB", "GR", "ID", "IE", "IL", "IN", "IR", "IT", "JP", "KE", "KI", "KZ", "MN", "MX", "NG", "NL", "PK", "NO SJ"),
    *("NP", "NZ", "PE", "PF", "PG", "PL", "PT", "RE YT", "RU", "SE", "TR", "US", "ZA"),
)
"""Countries, and with each the others that have its country code and may have its numbers."""

_CHANGES = (date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 9, 27), date(2026, 11, 1))
"""Days on which clocks are set in North America, Europe, Australia and Chile."""


def _zones(countries: str) -> set[str]:
    table = files("tzdata.zoneinfo").joinpath("zone1970.tab").read_text(encoding="utf-8").splitlines()
    known = [line.split("\t") for line in table if not line.startswith("#")]
    return {fields[2] for fields in known if set(fields[0].split(",")) & set(countries.split())}


def _is_open(hours: CallingHours, zones: set[str], at: datetime) -> bool:
    local = [at.astimezone(ZoneInfo(zone)) for zone in zones]
    return all(
        hours.start <= each.hour * 60 + each.minute < hours.end and each.weekday() in hours.days for each in local
    )


def _mobile(country: str) -> str:
    known = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    assert known
    return phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize("countries", _COUNTRIES)
def test_a_mobile_phone_rings_when_every_zone_of_its_country_allows_it(countries: str) -> None:
    """Each half hour of the days on which clocks are set, and of the day before and after."""
    phone, zones = _mobile(countries[:2]), _zones(countries)
    begins = [datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1) for day in _CHANGES]
    moments = [begin + timedelta(minutes=30 * n) for begin in begins for n in range(3 * 48)]
    wrong = [at for at in moments if (not why_outside(USUAL, phone, "", at)) != _is_open(USUAL, zones, at)]
    assert [] == wrong


@pytest.mark.parametrize(
    ("phone", "zone", "hour"),
    [
        ("+4930123456", "Europe/Berlin", 20),  # a fixed line
        ("+61893212345", "Australia/Perth", 17),  # of Western Australia, which lies in two zones
        ("+551131234567", "America/Sao_Paulo", 20),
        ("+34912345678", "Europe/Madrid", 20),
        ("+62211234567", "Asia/Jakarta", 20),
    ],
)
def test_a_fixed_line_has_the_hours_of_its_area(phone: str, zone: str, hour: int) -> None:
    late = datetime(2026, 6, 3, hour, 59, tzinfo=ZoneInfo(zone))
    assert why_outside(USUAL, phone, "", late) == ""
    night = datetime(2026, 6, 3, 21, tzinfo=ZoneInfo(zone))
    assert why_outside(USUAL, phone, "", night) != ""


def test_who_is_nowhere_known_is_called_at_no_hour_and_told_how_to_say_it() -> None:
    said = {why_outside(USUAL, "+80012345678", "", datetime(2026, 6, 3, hour, tzinfo=UTC)) for hour in range(24)}
    (why,) = said
    assert all(word in why for word in ("not known", "timezone", "timezone_column", "--any-hour"))


_MORNING = datetime(2026, 11, 30, 6, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phone", "changes", "says"),
    [
        ("+51987654321", {}, "It is 01:12 in Lima; may be called from 08:00 there (13:00 UTC)."),
        (
            "+12125550123", {},
            (
                "It is 01:12 in New York, where the phone may be; may be called from 08:00 in Adak, where it may also"
                " be (18:00 UTC)."
            ),
        ),
        (
            "+81312345678", {"end": 900},
            "It is Mon 15:12 in Tokyo; may be called from Tue 01 Dec 08:00 there (23:00 UTC).",
        ),
        (
            "+4930123456", {"days": frozenset({2})},
            "It is Mon 07:12 in Berlin; may be called from Wed 02 Dec 08:00 there (07:00 UTC).",
        ),
        (
            "+12125550123", {"start": 600, "end": 660},
            (
                "It may be in New York and Detroit or elsewhere, and no hour of the year is a calling hour in all of"
                " these places."
            ),
        ),
    ],
)  # fmt: skip
def test_a_person_is_told_what_hour_it_is_there_and_from_when_to_call(
    phone: str, changes: dict[str, object], says: str
) -> None:
    assert says == why_outside(CallingHours(**changes), phone, "", _MORNING)  # type: ignore[arg-type]  # a table of any


def test_the_delay_counts_and_the_zone_of_the_row_goes_before_that_of_the_schema() -> None:
    hours = CallingHours(zone="Europe/Berlin")
    evening = datetime(2026, 11, 30, 19, 30, tzinfo=UTC)
    assert "" == why_outside(hours, "+12125550123", "", evening, 1799)
    assert why_outside(hours, "+12125550123", "", evening, 1800).startswith("It would ring at Mon 21:00 in Berlin;")
    assert "" == why_outside(hours, "+12125550123", "Europe/Lisbon", evening, 1800)


@pytest.mark.parametrize(
    ("holidays", "day", "rings"),
    [("DE", 25, False), ("DE", 28, True), ("US", 25, False), ("GB", 28, False), ("US-TX", 24, False), ("US", 24, True)],
)
def test_no_phone_rings_on_a_holiday_of_the_place(holidays: str, day: int, rings: bool) -> None:  # noqa: FBT001  (a table)
    """In December 2026, Boxing Day is a Saturday and is kept on the 28th; Texas alone has Christmas Eve."""
    noon = datetime(2026, 12, day, 12, tzinfo=UTC)
    hours = CallingHours(holidays=holidays, zone="Europe/London")
    assert rings == (not why_outside(hours, "+442071234567", "", noon))


def test_no_phone_rings_where_nobody_knows_a_zone() -> None:
    assert not may_ring(CallingHours(end=1440), (), _MORNING)
    assert next_opening(USUAL, (), _MORNING) is None


@pytest.mark.parametrize(
    ("zone", "start", "end", "now", "opens"),
    [
        ("America/New_York", 150, 300, "2026-03-08T06:00", "2026-03-08T07:00"),  # 02:30 is not there: 03:00 is next
        ("America/New_York", 90, 105, "2026-11-01T05:00", "2026-11-01T05:30"),  # 01:30 for the first time
        ("America/New_York", 90, 105, "2026-11-01T05:45", "2026-11-01T06:30"),  # and again
        ("America/New_York", 60, 90, "2026-11-01T05:30", "2026-11-01T06:00"),  # where the clock is set back to it
        ("America/Santiago", 0, 60, "2026-09-06T03:30", "2026-09-07T03:00"),  # a day without its first hour
        ("Australia/Lord_Howe", 120, 180, "2026-10-03T15:00", "2026-10-03T15:30"),  # set by half an hour
        ("Pacific/Apia", 480, 1260, "2026-11-29T09:00", "2026-11-29T19:00"),
    ],
)
def test_the_next_hour_is_right_where_clocks_are_set(zone: str, start: int, end: int, now: str, opens: str) -> None:
    at, then = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, opens))
    assert then == next_opening(CallingHours(start=start, end=end), (zone,), at)


_SOME_ZONES = st.sampled_from(
    ["America/New_York", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Beirut", "Asia/Kathmandu",
     "America/St_Johns", "Pacific/Apia", "Pacific/Chatham", "Africa/Casablanca", "Pacific/Honolulu"]
)  # fmt: skip
_QUARTERS = st.integers(0, 95)
_NEAR_A_CHANGE = st.builds(
    lambda day, quarter: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=15 * quarter),
    st.sampled_from([*_CHANGES, date(2026, 9, 6), date(2026, 3, 28), date(2026, 10, 4), date(2026, 10, 25)]),
    st.integers(-96, 96),
)


@given(
    zones=st.sets(_SOME_ZONES, min_size=1, max_size=3),
    span=st.tuples(_QUARTERS, _QUARTERS),
    days=st.sets(st.integers(0, 6), min_size=1),
    now=_NEAR_A_CHANGE,
)
def test_law_the_next_hour_is_the_first_quarter_at_which_all_zones_allow_it(
    zones: set[str], span: tuple[int, int], days: set[int], now: datetime
) -> None:
    hours = CallingHours(start=15 * min(span), end=15 * max(span) + 15, days=frozenset(days))

    def quarters() -> Iterator[datetime]:
        yield from (now + timedelta(minutes=15 * n) for n in range(4 * 24 * 8))

    first = next((at for at in quarters() if _is_open(hours, zones, at)), None)
    found = next_opening(hours, tuple(zones), now)
    assert first == found if first else found is None or found >= now + timedelta(days=8)


_WRITTEN = CallingHours(start=0)


@pytest.mark.parametrize(
    ("told", "given", "kept"),
    [
        (None, set(), USUAL),
        (_WRITTEN, set(), _WRITTEN),
        (_WRITTEN, {"any_hour"}, None),
        (None, {"sandbox"}, None),
        (_WRITTEN, {"sandbox"}, _WRITTEN),
        (_WRITTEN, {"any_hour", "sandbox"}, None),
        (_WRITTEN, {"testing"}, None),
        (None, {"testing"}, None),
    ],
)
def test_which_hours_a_run_keeps(told: CallingHours | None, given: set[str], kept: CallingHours | None) -> None:
    options = {name: name in given for name in ("any_hour", "testing", "sandbox")}
    assert kept == hours_of(told, **options)


def test_it_ends_with_the_status_of_rows_that_are_left() -> None:
    ending = end_outside(1200, _MORNING)
    assert Exit.ROWS_LEFT is ending.exit
    assert "1,200 rows are outside calling hours. The first may be called from 2026-11-30 06:12 UTC." == ending.reason
    assert "1 row is outside calling hours." == end_outside(1, None).reason
