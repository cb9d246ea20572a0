"""What the plan says of the calls, of times and places, in the few lines that leave room for the question."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from batch_dialer.job import Job
from batch_dialer.ledger.ledger import SANDBOX
from batch_dialer.plan.calling_hours import city_of
from batch_dialer.plan.examples import Example
from batch_dialer.plan.flight_plan import CallsOf, FlightPlan, Zone, local_time
from batch_dialer.plan.timetable import Miss
from batch_dialer.terminal.text import filled, printable

_FEWEST_TO_ROUND = 10  # a minute: a slower pace is said with a fraction
_WORTH_A_WORD = 10
"""Seconds from which on it is worth a line of the screen that it may be over sooner."""
_MOST_LINES = 2
_LONGEST_LINE = 150
_NAMED = 3
_MOST_AGENTS = 8


def plan_sentence(flight: FlightPlan, job: Job) -> str:
    """Say how many calls there are to place, through whom, how fast, and when."""
    now = flight.plan.dial.height
    later = f" now, and {more:,} when their hours begin," if (more := flight.calls - now) else ""
    where = " in the sandbox, where no phone rings" if job.ledger.through == SANDBOX else ""
    test = ", as test calls" if job.caller.testing else ""
    sentence = f"{calls_words(now)} to place{later} through {_through(flight)}{where}{test}, {forecast(flight, job)}."
    if job.pilot:
        first = f"{job.pilot:,} of them go first" if job.pilot < now else "It waits for their ends"
        sentence += f" {first}, as a pilot."
    if redialed := more_words(flight):
        sentence += f" {redialed}"
    return sentence


def calls_words(count: int) -> str:
    """Return so many calls, in words."""
    return "1 call" if count == 1 else f"{count:,} calls"


def _through(flight: FlightPlan) -> str:
    """Name the agent or the campaign; of several, each with the number of its calls."""
    counts = {target: calls.leave + calls.missed for target, calls in flight.by_agent.items()}
    if len(counts) == 1:
        return str(next(iter(counts)))
    named = ", ".join(f"{target.id} ({count:,})" for target, count in list(counts.items())[:_MOST_AGENTS])
    others = list(counts.values())[_MOST_AGENTS:]
    more = f" and {len(others):,} more ({sum(others):,})" if others else ""
    return f"{len(counts):,} agents, {named}{more}"


def forecast(flight: FlightPlan, job: Job) -> str:
    """Say how fast the calls of *flight* are placed, and when the first and the last phone rings by our clock.

    A pace that follows the API's limit begins with the Standard plan's, and is faster where the API allows more.
    """
    calls, begins = flight.all, flight.hours.begins
    said = f"at {_pace(flight.spacing.per_second)}: {_rings(calls, begins)}"
    took = (calls.last - calls.first).total_seconds() if calls.first and calls.last else 0
    if job.rate.adaptive and job.ledger.through != SANDBOX and took >= _WORTH_A_WORD:
        said += "; sooner if the API allows more"
    if flight.missed:
        said += f"; for {calls.missed:,} there is no time left ({missed_words(flight, job)})"
    return said


def _rings(calls: CallsOf, begins: datetime) -> str:
    if calls.first is None or calls.last is None:
        return "nobody can be called in time"
    first, last = local_time(calls.first, begins), local_time(calls.last, begins)
    if calls.leave == 1:
        return f"it rings at {first}"
    if first == last:
        return f"all ring at {first}"
    return f"first ring at {first}, last at {last}, about {duration((calls.last - calls.first).total_seconds())}"


def missed_words(flight: FlightPlan, job: Job) -> str:
    """Say how many calls have no time left for which reason."""
    words = {
        Miss.END: _end(flight, job),
        Miss.HOURS: "outside calling hours when it is their turn",
        Miss.EXPIRED: "expired by then",
    }
    parts = [f"{len(rows):,} {words[miss]}" for miss, rows in flight.missed.items()]
    return ", ".join(parts) if len(parts) > 1 else words[next(iter(flight.missed))]


def _end(flight: FlightPlan, job: Job) -> str:
    ends = flight.hours.ends
    if ends is None:
        return "not for months"
    option = "--until" if job.until == ends else "--max-duration"
    return f"{option} ends it at {local_time(ends, flight.hours.begins)}"


def zone_lines(flight: FlightPlan, room: int | None) -> str:
    """Return when phones ring by the clocks where they are, the most calls first; empty where that tells nothing."""
    if not flight.all.leave or (len(flight.by_zone) == 1 and not flight.all.missed):
        return ""
    items = [_of_zone(zone, calls) for zone, calls in flight.by_zone.items()]
    return filled("  rings there: ", items, room, _MOST_LINES, of="zones")


def _of_zone(zone: Zone, calls: CallsOf) -> str:
    name = f"{zone_name(zone)} {calls.leave + calls.missed:,}"
    if calls.first is None or calls.last is None:
        return f"{name} (none in time)"
    first, last = zone.clocks(calls.first)[0], zone.clocks(calls.last)[0]
    form = "%H:%M" if first.date() == last.date() else "%a %H:%M"
    times = dict.fromkeys((f"{first:{form}}", f"{last:{form}}"))
    return f"{name} ({'-'.join(times)})"


def zone_name(zone: Zone) -> str:
    """Return the city by whose clock *zone* is known."""
    name = city_of(zone.name) if zone.name else "place not known"
    return f"{name} or elsewhere" if zone.others else name


def opening_lines(examples: Sequence[Example]) -> list[str]:
    """Return what the agent says first to the one with the longest values, and what others have nothing for."""
    known = [example for example in examples if example.opening]
    said = [f'First words to row {example.row}: "{_opening(example)}"' for example in known[:1]]
    lacking = [example for example in known if example.missing]
    for example in lacking[:1]:
        names = ", ".join(printable(name, 40) for name in example.missing[:_NAMED])
        said.append(f"Row {example.row} has no value there for {names}.")
    return said


def _opening(example: Example) -> str:
    return printable("".join(part.text for part in example.opening), _LONGEST_LINE)


def more_words(flight: FlightPlan) -> str:
    """Say how many calls redialing may add; empty where it adds none."""
    more = flight.more
    if more is None or not more.most:
        return ""
    first = f", from {local_time(more.first, flight.hours.begins)} on" if more.first else ""
    return f"Redialing may add up to {more.most:,} more{first}."


def flight_facts(flight: FlightPlan) -> Mapping[str, object]:
    """Return what a program is told of the times."""
    return {
        "calls_in_time": flight.all.leave,
        "first_ring": _iso(flight.all.first),
        "last_ring": _iso(flight.all.last),
        "no_time_left": {miss.name.lower(): len(rows) for miss, rows in flight.missed.items()},
        "zones": {
            zone.name: {"calls": calls.leave, "first_ring": _iso(calls.first), "last_ring": _iso(calls.last)}
            for zone, calls in flight.by_zone.items()
        },
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def duration(seconds: float) -> str:
    """Return *seconds* as a person says it."""
    if seconds < 90:  # noqa: PLR2004  (where minutes begin to say more)
        return f"{max(seconds, 1):.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"  # noqa: PLR2004  (likewise for hours)


def _pace(per_second: float) -> str:
    each = per_second * 60
    if each < 1:
        return f"{per_second * 3600:.3g} an hour"
    return f"{each:,.0f} a minute" if each >= _FEWEST_TO_ROUND else f"{each:.2g} a minute"
