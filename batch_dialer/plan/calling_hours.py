"""Whether a phone may ring at a moment, by the clock where it is; and if not, when it may. Pure.

A phone of which it is not certain where it is may be in any of several zones: it rings when all of them allow it. What
is not known to be allowed is not done.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import polars as pl

from batch_dialer.contacts.zones import zones_of
from batch_dialer.model import Ending
from batch_dialer.plan.places import Places, find_places
from batch_dialer.plan.redial import Next
from batch_dialer.schema.schema import CallingHours
from batch_dialer.schema.time_zones import time_zone
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Code, Exit, Status

USUAL = CallingHours()
"""The hours that hold where nobody says otherwise."""

_MOST_DAYS = 370
_MINUTE = timedelta(minutes=1)
_NOT_KNOWN = (
    "It is not known where this phone is, so it is called at no hour. Say it in the schema file ([calling_hours]"
    " timezone or timezone_column), or give --any-hour."
)


def hours_of(told: CallingHours | None, *, any_hour: bool, testing: bool, sandbox: bool) -> CallingHours | None:
    """Return the hours that a run keeps, None where it calls at any hour; *told* are those of the schema file.

    Test calls go to one's own phone, and no phone rings in the sandbox: there, only hours that somebody wrote down are
    kept, so that a night can be rehearsed.
    """
    if any_hour or testing:
        return None
    return told if sandbox else told or USUAL


def why_outside(hours: CallingHours, number: str, zone: str, now: datetime, delay_seconds: int = 0) -> str:
    """Return why the phone with *number* may not ring *delay_seconds* after *now*; empty where it may.

    *zone*: where the sheet says that it is; empty where it does not.
    """
    told = zone or hours.zone
    return _why_not(hours, (told,) if told else zones_of(number), now, delay_seconds)


def defer_outside(
    rows: pl.DataFrame, hours: CallingHours | None, now: datetime, among: frozenset[str] | None = None
) -> tuple[pl.DataFrame, datetime | None, Places | None]:
    """Return *rows* with those deferred that were to be dialed and whose phones may not ring *now*.

    Where any is, the column `opens` says from when it may be dialed. Also returned is the moment from which the first
    of them may be dialed, of those whose key is *among* the given ones; None where there is none. And where the phones
    of all rows are that were to be dialed; None where that was not asked.
    """
    due = rows.filter(pl.col("next") == Next.DIAL.value)
    if hours is None or due.is_empty():
        return rows, None, None
    places = find_places(due, hours.zone)
    alike = places.facts.select("zones", "delay").unique()
    words: list[str] = []
    opens: list[datetime | None] = []
    for index, seconds in alike.iter_rows():
        zones = places.zones[index]
        words.append(_why_not(hours, zones, now, seconds))
        then = next_opening(hours, zones, _ring(now, seconds)) if words[-1] else None
        opens.append(then and then - timedelta(seconds=seconds))
    why = alike.with_columns(
        pl.Series("outside", words, pl.String), pl.Series("opens", opens, pl.Datetime("us", "UTC"))
    ).filter(pl.col("outside") != "")
    closed = places.facts.join(why, on=["zones", "delay"], how="inner").select("row", "outside", "opens")
    wanted = due if among is None else due.filter(pl.col("key").is_in(sorted(among)))
    first = closed.join(wanted, on="row", how="semi")["opens"].min()
    deferred = _defer(rows.join(closed, on="row", how="left", maintain_order="left"))
    return deferred.drop("outside"), first if isinstance(first, datetime) else None, places


def _defer(rows: pl.DataFrame) -> pl.DataFrame:
    """Whoever has a call keeps the word on it, and is called again later; whoever may have one stays in doubt."""
    if "due" not in rows.columns:
        rows = rows.with_columns(due=pl.lit(None, pl.Datetime("us", "UTC")))
    outside = pl.col("outside").is_not_null()
    called = outside & pl.col("known").is_in([status.value for status in CALL_EXISTS]).fill_null(value=False)
    in_doubt = outside & pl.col("known").is_in([status.value for status in CALL_MAY_EXIST]).fill_null(value=False)
    deferred = outside & ~called & ~in_doubt
    again = called & pl.col("opens").is_not_null()
    step = pl.when(again).then(pl.lit(Next.LATER.value)).when(outside).then(pl.lit(Next.LEAVE.value)).otherwise("next")
    return rows.with_columns(
        pl.when(deferred).then(pl.lit(Status.DEFERRED.value)).otherwise("status").alias("status"),
        pl.when(deferred).then(pl.lit(Code.OUTSIDE_CALLING_HOURS.value)).otherwise("error_code").alias("error_code"),
        pl.when(deferred).then("outside").otherwise("error_message").alias("error_message"),
        pl.when(again).then("opens").otherwise("due").alias("due"),
        step.alias("next"),
    )


def end_outside(rows: int, opens: datetime | None) -> Ending:
    """Return how a run ends that left so many *rows* outside their hours, of which the first *opens* at that moment."""
    left = "1 row is" if rows == 1 else f"{rows:,} rows are"
    first = f" The first may be called from {opens:%Y-%m-%d %H:%M} UTC." if opens else ""
    remedy = (
        "Run the same command again then, or call at any hour with --any-hour. error_message says why for each row."
    )
    return Ending(Exit.ROWS_LEFT, f"{left} outside calling hours.{first}", remedy)


def may_ring(hours: CallingHours, zones: Sequence[str], at: datetime) -> bool:
    """Return whether all *zones* are in their *hours* at the moment *at*; false where there are none."""
    return bool(zones) and all(_is_open(hours, zone, at) for zone in zones)


def next_opening(hours: CallingHours, zones: Sequence[str], now: datetime) -> datetime | None:
    """Return the first moment, *now* or later, at which all *zones* are in their *hours*; None within a year.

    A zone opens where its clock comes to the hour, at the start of a day, or where its clock is set: so only these
    moments are tried.
    """
    return _next_opening(hours, tuple(sorted(zones)), now)


def windows(
    hours: CallingHours, zones: Sequence[str], since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return from when and until before when all *zones* are in their *hours*, from *since* to *until* (UTC)."""
    ordered, at = tuple(sorted(zones)), since.replace(second=0, microsecond=0)
    found: list[tuple[datetime, datetime]] = []
    while at <= until and (opens := _next_opening(hours, ordered, at)) and opens <= until:
        at = _next_closing(hours, ordered, opens, until)
        found.append((opens, at))
    return found


def _next_closing(hours: CallingHours, zones: tuple[str, ...], opens: datetime, until: datetime) -> datetime:
    """Return the first moment after *opens* at which not all *zones* are in their *hours*; one after *until* if none.

    A zone closes where its clock comes to the hour, at the end of a day, or where its clock is set.
    """
    day = opens.astimezone(UTC).date()
    while day <= until.astimezone(UTC).date():
        turns = sorted({at for zone in zones for at in _turns(hours.end, zone, day) if at > opens})
        if closed := next((at for at in turns if not may_ring(hours, zones, at)), None):
            return closed
        day += timedelta(days=1)
    return max(opens, until) + _MINUTE


def _ring(now: datetime, delay_seconds: int) -> datetime:
    """Return the minute in which a phone rings: hours, offsets and the setting of clocks know no seconds."""
    return (now + timedelta(seconds=delay_seconds)).replace(second=0, microsecond=0)


def _why_not(hours: CallingHours, zones: tuple[str, ...], now: datetime, delay_seconds: int) -> str:
    """Return why a phone in *zones* may not ring *delay_seconds* after *now*; empty where it may."""
    began = "It would ring at" if delay_seconds else "It is"
    return _why_closed(hours, zones, _ring(now, delay_seconds), began)


def _is_open(hours: CallingHours, zone: str, at: datetime) -> bool:
    local = at.astimezone(time_zone(zone))
    if local.weekday() not in hours.days or not hours.start <= local.hour * 60 + local.minute < hours.end:
        return False
    return not (hours.holidays and _is_holiday(hours.holidays, local.date()))


@lru_cache(maxsize=4096)
def _is_holiday(place: str, day: date) -> bool:
    import holidays  # noqa: PLC0415  (it takes a third of a second, and few files name holidays)

    country, _, part = place.partition("-")
    return day in holidays.country_holidays(country, subdiv=part or None, years=day.year)


@lru_cache(maxsize=4096)
def _next_opening(hours: CallingHours, zones: tuple[str, ...], now: datetime) -> datetime | None:
    if may_ring(hours, zones, now):
        return now
    if not zones:
        return None
    first = now.astimezone(UTC).date()
    for day in (first + timedelta(days=n) for n in range(_MOST_DAYS)):
        found = sorted({at for zone in zones for at in _turns(hours.start, zone, day) if at > now})
        opened = next((at for at in found if may_ring(hours, zones, at)), None)
        if opened:
            return opened
    return None


def _turns(start: int, zone: str, day: date) -> list[datetime]:
    """Return the moments of *day* in UTC at which *zone* may open, or close; its own days begin half a day apart.

    *start*: the minute after midnight at which its hours begin, or end.
    """
    days = (day + timedelta(days=n) for n in (-1, 0, 1))
    return [at for each in days for at in _local_turns(start, zone, each) if at.date() == day]


@lru_cache(maxsize=4096)
def _local_turns(start: int, zone: str, day: date) -> tuple[datetime, ...]:
    """Return when it is midnight, and *start* minutes later, on the *day* of *zone*, and when its clock is set."""
    midnight = datetime.combine(day, time(), time_zone(zone))
    began, ended = midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)
    # An hour that the clock shows twice, or not at all, has two moments.
    hours = [(midnight + minute * _MINUTE).replace(fold=fold) for minute in (0, start) for fold in (0, 1)]
    is_set = [] if _offset(zone, began) == _offset(zone, ended) else [_clock_is_set(zone, began, ended)]
    return (*(hour.astimezone(UTC) for hour in hours), *is_set)


def _clock_is_set(zone: str, before: datetime, after: datetime) -> datetime:
    """Return the moment, to the minute, at which the clock of *zone* is set between *before* and *after*."""
    while after - before > _MINUTE:
        middle = before + (after - before) // (2 * _MINUTE) * _MINUTE
        before, after = (middle, after) if _offset(zone, middle) == _offset(zone, before) else (before, middle)
    return after


def _offset(zone: str, at: datetime) -> timedelta | None:
    return at.astimezone(time_zone(zone)).utcoffset()


@lru_cache(maxsize=65536)
def _why_closed(hours: CallingHours, zones: tuple[str, ...], at: datetime, began: str) -> str:
    if not zones:
        return _NOT_KNOWN
    closed = [zone for zone in zones if not _is_open(hours, zone, at)]
    if not closed:
        return ""
    opens = next_opening(hours, zones, at)
    if opens is None:
        clocks = " and ".join(city_of(zone) for zone in closed[:2])
        return f"It may be in {clocks} or elsewhere, and no hour of the year is a calling hour in all of these places."
    waited_for = [zone for zone in zones if not _is_open(hours, zone, opens - _MINUTE)]
    here = next((zone for zone in closed if zone in waited_for), closed[0])
    there = here if here in waited_for else waited_for[0]
    local, then, later = (at.astimezone(time_zone(here)), opens.astimezone(time_zone(there)), f"{opens:%H:%M} UTC")
    same_day = then.date() == local.date()
    clock = f"{local:%H:%M}" if same_day else f"{local:%a %H:%M}"
    hour = f"{then:%H:%M}" if same_day else f"{then:%a %d %b %H:%M}"
    may_be = ", where the phone may be" if len({_offset(zone, at) for zone in zones}) > 1 else ""
    where = "there" if there == here else f"in {city_of(there)}, where it may also be"
    return f"{began} {clock} in {city_of(here)}{may_be}; may be called from {hour} {where} ({later})."


def city_of(zone: str) -> str:
    """Return the city by which *zone* (IANA) is known."""
    return zone.rpartition("/")[2].replace("_", " ")
