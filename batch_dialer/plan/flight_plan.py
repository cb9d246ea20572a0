"""The plan as a person looks at it before the first phone rings: when, where, and what may go wrong. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from batch_dialer.model import Target
from batch_dialer.plan.examples import Example, choose_examples
from batch_dialer.plan.forecast import Spacing
from batch_dialer.plan.pilot import choose_pilot, without
from batch_dialer.plan.places import Places, find_places
from batch_dialer.plan.planning import Plan, Policy
from batch_dialer.plan.redial import Redial
from batch_dialer.plan.timetable import Hours, Miss, make_timetable
from batch_dialer.schema.time_zones import time_zone
from batch_dialer.talkover.payload import Caller, target_id, target_named


@dataclass(frozen=True, slots=True)
class CallsOf:
    """The calls of one agent, or to one place: so many leave, the *first* rings then, the *last* then (UTC).

    The moments are None where no call leaves. *missed*: how many others have no time left.
    """

    leave: int
    missed: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Zone:
    """Where phones are: in the zone *name* (IANA; empty: not known), or in one of the *others*.

    The first is that of the numbers' area; a mobile phone may be anywhere in its country.
    """

    name: str
    others: tuple[str, ...]

    def clocks(self, at: datetime) -> tuple[datetime, datetime, datetime]:
        """Return what the clock of the zone shows at the moment *at*, and the earliest and latest of all its clocks."""
        own, *others = [at.astimezone(time_zone(name)) for name in (self.name or "UTC", *self.others)]
        every = sorted((own, *others), key=lambda local: local.replace(tzinfo=None))
        return own, every[0], every[-1]


@dataclass(frozen=True, slots=True)
class MoreCalls:
    """What redialing may add: *most* calls, none before *first*; *last*: when the last of them could be due at once."""

    most: int
    most_calls: int
    after: timedelta
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class FlightPlan:
    """When the calls of *plan* leave and ring, by agent and by place, and what their agents say first.

    *all*: the calls together. *missed*: the rows for which there is no time left, by the reason. *minutes*: how many
    phones ring in each minute (`minute`, UTC, and `calls`).
    """

    plan: Plan
    spacing: Spacing
    hours: Hours
    all: CallsOf
    missed: Mapping[Miss, pl.Series]
    by_agent: Mapping[Target, CallsOf]
    by_zone: Mapping[Zone, CallsOf]
    minutes: pl.DataFrame
    examples: tuple[Example, ...]
    more: MoreCalls | None = None

    @property
    def calls(self) -> int:
        """How many calls there are, with those that are made when their calling hours begin."""
        return self.all.leave + self.all.missed


_CALLS = (
    pl.col("miss").is_null().sum().alias("leave"),
    pl.col("miss").is_not_null().sum().alias("missed"),
    pl.col("rings").min().alias("first"),
    pl.col("rings").max().alias("last"),
)


def draw_up(
    plan: Plan,
    policy: Policy,
    caller: Caller,
    spacing: Spacing,
    hours: Hours,
    openings: Mapping[Target, str],
    pilot: int | None = None,
) -> FlightPlan:
    """Return the flight plan of *plan*. *pilot*: so many rows are called first."""
    rows = _in_turn(plan, pilot, waits=hours.waits)
    places = plan.places or find_places(rows, hours.kept.zone if hours.kept else "")
    table = make_timetable(rows, places, spacing, hours)
    agents = rows.select("row", target_id(rows, caller).alias("agent"))
    table = table.join(agents, on="row", how="left", maintain_order="left")
    missed = table.filter(pl.col("miss").is_not_null())
    rings = table.filter(pl.col("miss").is_null()).select(pl.col("rings").dt.truncate("1m").alias("minute"))
    overall = _calls_of(table)
    return FlightPlan(
        plan,
        spacing,
        hours,
        overall,
        {Miss[str(name)]: part["row"].sort() for (name,), part in missed.group_by("miss", maintain_order=True)},
        {
            target_named(str(name), caller): _calls_of(part)
            for (name,), part in table.group_by("agent", maintain_order=True)
        },
        _by_zone(table, places, hours.begins),
        rings.group_by("minute").agg(pl.len().alias("calls")).sort("minute"),
        choose_examples(plan.dial, caller, openings),
        _count_more(plan, policy.redial, overall),
    )


def _in_turn(plan: Plan, pilot: int | None, *, waits: bool) -> pl.DataFrame:
    """Return the rows of *plan* in the order of their calls, with those that are called when their hours begin."""
    rows: pl.DataFrame = plan.dial
    if pilot:
        first = choose_pilot(plan.dial, pilot)
        rows = pl.concat([first, without(plan.dial, first)])
    if not waits or plan.closed.is_empty():
        return rows
    return pl.concat([rows, plan.closed], how="diagonal_relaxed")


def _calls_of(table: pl.DataFrame) -> CallsOf:
    (known,) = table.select(*_CALLS).iter_rows(named=True)
    return CallsOf(**known)


def _by_zone(table: pl.DataFrame, places: Places, begins: datetime) -> dict[Zone, CallsOf]:
    """Return the calls to each place, the most first. Zones with the same time when it *begins* are one."""
    alike: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for index in table["zones"].unique():  # more rows may have been due than are called
        zones = places.zones[index]
        alike[zones[0] if zones else "", len(zones) > 1].append(index)
    found = {}
    for (name, _), indices in alike.items():
        others = {zone for index in indices for zone in places.zones[index]} - {name}
        calls = _calls_of(table.filter(pl.col("zones").is_in(indices)))
        away = [zone for zone in sorted(others) if _offset(zone, begins) != _offset(name, begins)]
        found[Zone(name, tuple(away))] = calls
    return dict(sorted(found.items(), key=lambda each: (-each[1].leave - each[1].missed, each[0].name)))


def _offset(zone: str, at: datetime) -> timedelta | None:
    return at.astimezone(time_zone(zone)).utcoffset()


def _count_more(plan: Plan, redial: Redial | None, overall: CallsOf) -> MoreCalls | None:
    """Return the most calls that *redial* may add: to those who are called now and to those whose pause is not over."""
    if redial is None:
        return None
    had = plan.dial["calls"].fill_null(0) if "calls" in plan.dial.columns else pl.Series([0] * plan.dial.height)
    now = (redial.most_calls - 1 - had).clip(0).sum()
    others = (plan.later + plan.under_way) * (redial.most_calls - 1)
    starts = [moment for moment in (overall.first and overall.first + redial.after, plan.next_due) if moment]
    last = overall.last and overall.last + (redial.most_calls - 1) * redial.after
    return MoreCalls(int(now) + others, redial.most_calls, redial.after, min(starts, default=None), last)


def local_time(at: datetime, began: datetime | None = None) -> str:
    """Return what our clock shows at the moment *at*, without the date where that is the one of *began*."""
    local = at.astimezone()
    same_day = began is not None and local.date() == began.astimezone().date()
    return f"{local:%H:%M}" if same_day else f"{local:%a %d %b %H:%M}"
