"""When each call of a plan leaves and rings, and which calls have no time left. Pure.

It does in advance what the run does: calls leave in the order of the sheet, spaced by the pace; each is judged by the
hours at its recipient's when it is its turn. A run that waits begins anew when the first of those who are left may be
called.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import polars as pl

from batch_dialer.plan.calling_hours import next_opening, windows
from batch_dialer.plan.forecast import Spacing
from batch_dialer.plan.places import Places
from batch_dialer.schema.schema import CallingHours

_MOST_ROUNDS = 200
_MOMENT = pl.Datetime("us", "UTC")


class Miss(Enum):
    """Why a call has no time left."""

    END = "the run has ended by then"
    HOURS = "outside calling hours by then"
    EXPIRED = "expired by then"


@dataclass(frozen=True, slots=True)
class Hours:
    """What bounds the calls of a run: it *begins*, and from *ends* on none leaves. *kept*: when phones may ring.

    *waits*: whether it stays for those who may be called later.
    """

    begins: datetime
    ends: datetime | None = None
    kept: CallingHours | None = None
    waits: bool = False


def make_timetable(rows: pl.DataFrame, places: Places, spacing: Spacing, hours: Hours) -> pl.DataFrame:
    """Return `row`, `zones`, `leaves`, `rings` and `miss` for each of *rows*.

    *rows* have `row`, `expires` if any expires, and `opens` where their phones may not ring yet: null where they may.
    `zones` is their place in *places*. Each row has either the moments or a `Miss`, by its name.
    """
    expires = pl.col("expires") if "expires" in rows.columns else pl.lit(None, _MOMENT)
    opens = pl.col("opens") if "opens" in rows.columns else pl.lit(None, _MOMENT)
    facts = rows.select("row", expires.alias("expires"), opens.cast(_MOMENT).alias("opens"))
    facts = facts.join(places.facts, on="row", how="left", maintain_order="left")
    parts = list(_rounds(facts, places, spacing, hours))
    columns = ("row", "zones", "leaves", "rings", "miss")
    if not parts:
        empty = facts.select("row", "zones").clear()
        return empty.with_columns(
            leaves=pl.lit(None, _MOMENT), rings=pl.lit(None, _MOMENT), miss=pl.lit(None, pl.String)
        ).select(columns)
    return pl.concat([part.select(columns) for part in parts])


def _rounds(facts: pl.DataFrame, places: Places, spacing: Spacing, hours: Hours) -> Iterator[pl.DataFrame]:
    """Yield the rows of *facts*, each once, with what becomes of them."""
    now = hours.begins
    left = facts.filter(pl.col("opens").is_not_null())
    queue = facts.filter(pl.col("opens").is_null())
    for _ in range(_MOST_ROUNDS):
        turns = _give_turns(queue, places, spacing, hours, now)
        again = turns["miss"].eq_missing(Miss.HOURS.name) & hours.waits
        yield turns.filter(~again)
        missed = turns.filter(again).select(facts.columns)
        over = turns["miss"].eq(Miss.END.name).any()
        now = now if turns.is_empty() else max(now, turns["turn"][-1])
        left = _with_openings(pl.concat([left, missed]), places, hours, now).sort("row")
        first = left["opens"].min()
        if over or not isinstance(first, datetime) or (hours.ends and max(now, first) >= hours.ends):
            break
        now = max(now, first)
        queue = left.filter(pl.col("opens") <= now)
        left = left.filter(pl.col("opens").is_null() | (pl.col("opens") > now))
    why = pl.when(pl.col("opens").is_null()).then(pl.lit(Miss.HOURS.name)).otherwise(pl.lit(Miss.END.name))
    yield left.with_columns(leaves=pl.lit(None, _MOMENT), rings=pl.lit(None, _MOMENT), miss=why)


def _give_turns(queue: pl.DataFrame, places: Places, spacing: Spacing, hours: Hours, now: datetime) -> pl.DataFrame:
    """Return *queue* with the `turn` of each row from *now* on, and `leaves` and `rings`, or its `miss`."""
    spaces = queue.with_columns((spacing.seconds(queue.height) * 1_000_000).round().cast(pl.Int64).alias("space"))
    turn = pl.lit(now) + pl.duration(microseconds=pl.col("space"))
    turns = spaces.with_columns(turn.cast(_MOMENT).alias("turn"))
    turns = turns.with_columns(ring=pl.col("turn") + pl.duration(seconds=pl.col("delay")))
    turns = turns.with_columns(open=_are_open(turns, places, hours.kept))
    late = pl.col("turn") >= pl.lit(hours.ends) if hours.ends else pl.lit(value=False)
    miss = (
        pl.when(late)
        .then(pl.lit(Miss.END.name))
        .when((pl.col("expires") <= pl.col("ring")).fill_null(value=False))
        .then(pl.lit(Miss.EXPIRED.name))
        .when(~pl.col("open"))
        .then(pl.lit(Miss.HOURS.name))
    )
    turns = turns.with_columns(miss=miss)
    leaves = pl.col("miss").is_null()
    return turns.with_columns(leaves=pl.when(leaves).then("turn"), rings=pl.when(leaves).then("ring"))


def _are_open(turns: pl.DataFrame, places: Places, kept: CallingHours | None) -> pl.Series:
    """Return whether the phone of each of *turns* may ring when it would."""
    since, until = turns["ring"].min(), turns["ring"].max()
    if kept is None or not isinstance(since, datetime) or not isinstance(until, datetime):
        return pl.repeat(value=True, n=turns.height, eager=True)
    spans: dict[tuple[str, ...], list[tuple[datetime, datetime]]] = {}
    lines = []
    for index in turns["zones"].unique():
        alike = tuple(sorted(places.zones[index]))  # the area codes of a country differ only in which is first
        if alike not in spans:
            spans[alike] = windows(kept, alike, since, until)
        lines += [(index, opens, closes) for opens, closes in spans[alike]]
    kinds: dict[str, pl.DataType | type[pl.DataType]] = {"zones": pl.UInt32, "from": _MOMENT, "to": _MOMENT}
    spells = pl.DataFrame(lines, schema=kinds, orient="row").sort("from")
    asked = turns.select("zones", "ring").with_row_index("place").sort("ring")
    found = asked.join_asof(spells, left_on="ring", right_on="from", by="zones", check_sortedness=False)
    return found.sort("place").select((pl.col("ring") < pl.col("to")).fill_null(value=False))["ring"]


def _with_openings(left: pl.DataFrame, places: Places, hours: Hours, now: datetime) -> pl.DataFrame:
    """Return *left* with when the first call to each may leave, *now* or later."""
    if hours.kept is None or left.is_empty():
        return left
    kinds = left.select("zones", "delay").unique()
    opens = [_may_leave(hours.kept, places.zones[index], delay, now) for index, delay in kinds.iter_rows()]
    known = kinds.with_columns(pl.Series("opens", opens, _MOMENT))
    return left.drop("opens").join(known, on=["zones", "delay"], how="left", maintain_order="left").select(left.columns)


def _may_leave(kept: CallingHours, zones: tuple[str, ...], delay: int, now: datetime) -> datetime | None:
    late = timedelta(seconds=delay)
    opens = next_opening(kept, zones, (now + late).replace(second=0, microsecond=0))
    return max(now, opens - late) if opens else None
