"""The page of `run --dry-run --report`: the whole of what a run would do, for those who have to agree to it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from batch_dialer.plan.examples import Example, Kind
from batch_dialer.plan.flight_plan import CallsOf, FlightPlan, MoreCalls, Zone, local_time
from batch_dialer.plan.timetable import Miss
from batch_dialer.reports.page import bars, table, text, write_page

_SPANS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 1440))
_MOST_BARS = 26
_MOST_SPELLS = 60
_MISSED = {
    Miss.END: "The run has ended before its turn (--until, --max-duration)",
    Miss.HOURS: "Outside calling hours when it is its turn",
    Miss.EXPIRED: "Expired before its turn",
}
_OPENING_LATER = (
    "A dry run asks the API nothing, so it is not known here what the agent says first. The run itself shows it, with"
    " these values, before it asks whether to call. These are the variables that the agent is given:"
)


def write_flight_page(path: Path, sheet: str, flight: FlightPlan, *, sandbox: bool = False) -> None:
    """Write the page of *flight*, the plan for *sheet*, to *path*; raise `UsageError` where it cannot be written."""
    write_page(path, f"Plan of the calls to {sheet}", _parts(sheet, flight, sandbox=sandbox))


def _parts(sheet: str, flight: FlightPlan, *, sandbox: bool) -> Iterator[str]:
    zone = f"{flight.hours.begins.astimezone():%Z}"
    yield f"<h1>Plan of the calls to {text(sheet)}</h1>"
    where = " The calls go to the sandbox: no phone rings." if sandbox else ""
    yield (
        f'<p class="soft">If it begins at {local_time(flight.hours.begins)}. Times are by the clock of the machine that'
        f" calls ({text(zone)}) unless it says otherwise.{where}</p>"
    )
    yield _facts(flight)
    if flight.missed:
        count = "1 call has" if flight.all.missed == 1 else f"{flight.all.missed:,} calls have"
        yield f'<p class="bad">{count} no time left. See <a href="#missed">which, and why</a>.</p>'
    yield "<h2>Every row of the sheet</h2>"
    shares = flight.plan.shares
    yield table(
        ("what becomes of it", "rows", ""), [(text(s.word), f"{s.rows:,}", _with_code(s.meaning)) for s in shares], (1,)
    )
    total = sum(share.rows for share in shares)
    yield f'<p class="soft">{total:,} rows in all.{_opens(flight)}</p>'
    if flight.calls:
        yield from _times(flight)
    yield from _misses(flight)
    if flight.more and flight.more.most:
        yield _more(flight.more)
    yield from _examples(flight)


def _with_code(words: str) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", text(words))


def _facts(flight: FlightPlan) -> str:
    calls = flight.all
    facts = [(f"{calls.leave:,}", "calls in time" if calls.missed else "calls")]
    if calls.first and calls.last:
        facts += [
            (local_time(at, flight.hours.begins), name)
            for at, name in ((calls.first, "first ring"), (calls.last, "last ring"))
        ]
    facts.append((_pace(flight.spacing.per_second), "calls a minute at most"))
    lines = "".join(f"<li><b>{text(fact)}</b><span>{text(name)}</span></li>" for fact, name in facts)
    return f'<ul class="facts">{lines}</ul>'


def _opens(flight: FlightPlan) -> str:
    if flight.plan.opens is None:
        return ""
    who = "are called in this run" if flight.hours.waits else "may be called"
    return f" Those outside calling hours {who} from {local_time(flight.plan.opens)} on."


def _times(flight: FlightPlan) -> Iterator[str]:
    yield "<h2>By agent</h2>"
    agents = [
        (text(target), *_counts(calls, flight), *_rings(calls, flight.hours.begins))
        for target, calls in flight.by_agent.items()
    ]
    lost = ("no time left",) if flight.missed else ()
    numbers = (1, 2) if lost else (1,)
    yield table(("", "calls", *lost, "first ring", "last ring"), agents, numbers)
    yield "<h2>By the clock of those who are called</h2>"
    zones = [
        (_place(zone), *_counts(calls, flight), *_there(zone, calls), *_rings(calls, flight.hours.begins))
        for zone, calls in flight.by_zone.items()
    ]
    heads = ("where the phone is", "calls", *lost, "first ring there", "last there", "first by ours", "last")
    yield table(heads, zones, numbers)
    if any(zone.others for zone in flight.by_zone):
        yield (
            '<p class="soft">Where it says “or elsewhere”, the number may have been taken to another part of its'
            " country: the small times are the earliest and the latest that its clock may show.</p>"
        )
    if counts := _by_span(flight):
        yield "<h2>When the phones ring</h2>"
        yield bars(counts)


def _counts(calls: CallsOf, flight: FlightPlan) -> tuple[str, ...]:
    return (f"{calls.leave:,}", f"{calls.missed:,}") if flight.missed else (f"{calls.leave:,}",)


def _rings(calls: CallsOf, began: datetime) -> Iterator[str]:
    for at in (calls.first, calls.last):
        yield text(local_time(at, began)) if at else ""


def _place(zone: Zone) -> str:
    if not zone.name:
        return "not known"
    name = text(zone.name.replace("_", " "))
    return f"{name}<small>or elsewhere in its country</small>" if zone.others else name


def _there(zone: Zone, calls: CallsOf) -> Iterator[str]:
    for at in (calls.first, calls.last):
        if at is None or not zone.name:
            yield ""
            continue
        own, earliest, latest = zone.clocks(at)
        span = f"<small>{earliest:%H:%M} to {latest:%H:%M}</small>" if zone.others else ""
        yield f"{own:%a %H:%M}{span}"


def _by_span(flight: FlightPlan) -> list[tuple[str, int]]:
    """Return how many phones ring in each span of time by our clock, in spans that make a few bars."""
    if flight.all.first is None or flight.all.last is None or flight.minutes.height < 2:  # noqa: PLR2004  (one bar)
        return []
    took = flight.all.last - flight.all.first
    span = next((each for each in _SPANS if took / each <= _MOST_BARS), _SPANS[-1])
    counts: dict[datetime, int] = {}
    for minute, count in flight.minutes.iter_rows():
        begin = _floor(minute.astimezone(), span)
        counts[begin] = counts.get(begin, 0) + count
    form = "%a %d %b" if span >= _SPANS[-1] else "%a %H:%M" if took > timedelta(hours=12) else "%H:%M"
    return [(f"{begin:{form}}", count) for begin, count in sorted(counts.items())]


def _floor(local: datetime, span: timedelta) -> datetime:
    midnight = local.replace(hour=0, minute=0)
    return midnight + (local - midnight) // span * span


def _misses(flight: FlightPlan) -> Iterator[str]:
    if not flight.missed:
        return
    yield '<h2 id="missed">No time left</h2>'
    yield "<p>These rows are not called in this run. Run the same command again later to call them.</p>"
    lines = [(text(_MISSED[miss]), f"{len(rows):,}", _listed(rows)) for miss, rows in flight.missed.items()]
    yield table(("why", "rows", "which"), lines, (1,))


def _listed(rows: pl.Series) -> str:
    """Return the numbers of *rows*, which are in their order, those that follow each other as one."""
    spell = (rows.cast(pl.Int64).diff().fill_null(1) != 1).cum_sum()
    spells = pl.DataFrame({"row": rows, "spell": spell}).group_by("spell", maintain_order=True)
    ends = spells.agg(pl.col("row").first().alias("first"), pl.col("row").last().alias("last")).drop("spell")
    shown = [
        f"{first:,}" if first == last else f"{first:,} to {last:,}" for first, last in ends.head(_MOST_SPELLS).rows()
    ]
    more = " and others" if ends.height > _MOST_SPELLS else ""
    return "; ".join(shown) + more


def _more(more: MoreCalls) -> str:
    first = f", the first not before {local_time(more.first)}" if more.first else ""
    return (
        f"<h2>Calling again</h2><p>Redialing may add up to {more.most:,} calls{first}: whoever is not reached is called"
        f" again {_hours(more.after)} after the end of the last call, until there were {more.most_calls} calls. The"
        " times above are those of the first calls.</p>"
    )


def _examples(flight: FlightPlan) -> Iterator[str]:
    if not flight.examples:
        return
    known = any(example.opening for example in flight.examples)
    yield f"<h2>{'What the agent says first' if known else 'What the agent is told'}</h2>"
    if not known:
        yield f"<p>{text(_OPENING_LATER)}</p>"
    for example in flight.examples:
        yield _figure(example)


def _figure(example: Example) -> str:
    said = "".join(_part(kind, part) for kind, part in ((each.kind, each.text) for each in example.opening))
    lines = "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in example.values.items())
    missing = f'<p class="bad">There is no value for {text(", ".join(example.missing))}.</p>' if example.missing else ""
    return (
        f"<figure><figcaption>Row {example.row:,}: {text(example.why)}</figcaption>"
        f"{f'<blockquote>{said}</blockquote>' if said else ''}{missing}"
        f"{f'<dl>{lines}</dl>' if lines else '<p>It has no variables.</p>'}</figure>"
    )


def _part(kind: Kind, words: str) -> str:
    if kind is Kind.TEXT:
        return text(words)
    return f"<mark{' class=missing' if kind is Kind.MISSING else ''}>{text(words)}</mark>"


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.3g} h"


def _pace(per_second: float) -> str:
    return f"{per_second * 60:,.3g}" if per_second < 1 / 6 else f"{per_second * 60:,.0f}"
