"""A good row becomes a `Call`, and a `Call` the body of its request. What the API is told is decided here."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from batch_dialer.errors import UsageError
from batch_dialer.model import Call, JsonScalar, Target, Via
from batch_dialer.schema.schema import Place
from batch_dialer.words import CALL_MAY_EXIST

_AT_A_TIME = 4096
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom the run dials through, whether its calls are marked as tests, whether a number may have several.

    *target*: for rows that name no agent of their own; its ID is empty where all do. *sandbox*: whether the calls go to
    the sandbox, so that they are rehearsed whatever they are marked as.
    """

    target: Target
    testing: bool = False
    allow_duplicates: bool = False
    sandbox: bool = False


def calls(rows: pl.DataFrame, caller: Caller, held: Collection[Target] = ()) -> Iterator[Call]:
    """Yield a `Call` for each of *rows*, made only when asked for: a sheet of a million rows is no million objects.

    Targets may be added to *held* meanwhile: their rows are left out of what is not yet made.
    """
    variables = {place: _names(rows, place) for place in (Place.PAYLOAD, Place.CONTEXT)}
    for part in rows.iter_slices(_AT_A_TIME):
        left = part.filter(~target_id(part, caller).is_in([target.id for target in held])) if held else part
        for row in left.iter_rows(named=True):
            yield _call(row, caller, variables)


def target_id(rows: pl.DataFrame, caller: Caller) -> pl.Expr:
    """Return the ID of the agent or the campaign that calls each of *rows*: the row's own, or the caller's."""
    own = pl.col("agent_id").replace("", None) if "agent_id" in rows.columns else pl.lit(None, pl.String)
    return own.fill_null(caller.target.id)


def count_by_target(rows: pl.DataFrame, caller: Caller) -> dict[Target, int]:
    """Return how many of *rows* each agent or campaign calls, in the order in which they come."""
    counts = rows.group_by(target_id(rows, caller).alias("id"), maintain_order=True).len()
    return {target_named(own, caller): count for own, count in counts.rows()}


def body(call: Call) -> dict[str, Any]:
    """Return the JSON body that places *call*, as Make a Call and Make a Campaign Call document it."""
    shared = {"to": call.to, "payload": dict(call.payload), "context": dict(call.context)}
    if call.target.via is Via.CAMPAIGN:
        # Else the campaign says so, with a 409 that names the call: which an attempt that may be the second one needs.
        twice = {"allow_duplicates": True} if call.allow_duplicates and call.attempt == 1 else {}
        return shared | {"is_testing": call.is_testing} | twice
    return shared | {"delay_seconds": call.delay_seconds, "is_testing": call.is_testing}


def check_delays(rows: pl.DataFrame, caller: Caller) -> None:
    """Raise `UsageError` if any of *rows* asks a campaign for a delay: it would be called at once, and nobody told."""
    if caller.target.via is not Via.CAMPAIGN or "delay_seconds" not in rows.columns:
        return
    own_agent = pl.col("agent_id").fill_null("") != "" if "agent_id" in rows.columns else pl.lit(value=False)
    delayed = rows.filter((pl.col("delay_seconds") > 0) & ~own_agent)
    if delayed.is_empty():
        return
    ask = "1 row asks" if delayed.height == 1 else f"{delayed.height:,} rows ask"
    raise UsageError(
        f"{ask} for a delay (delay_seconds); the first is row {delayed['row'][0]}. Calls through a campaign cannot"
        " have one: the campaign's own schedule says when they are made.",
        "Empty the column or leave delay_seconds out of the schema file, or call through an agent: --agent ID.",
    )


def _names(rows: pl.DataFrame, place: Place) -> dict[str, str]:
    prefix = f"{place.value}."
    return {column: column.removeprefix(prefix) for column in rows.columns if column.startswith(prefix)}


def _call(row: Mapping[str, Any], caller: Caller, variables: Mapping[Place, Mapping[str, str]]) -> Call:
    is_testing = caller.testing or bool(row.get("is_testing"))
    in_doubt = row.get("known") in CALL_MAY_EXIST
    expires: datetime | None = row.get("expires")
    call = Call(
        row=row["row"],
        id=row["id"] or "",
        key=row["key"],
        to=row["to"],
        payload=_filled(row, variables[Place.PAYLOAD]),
        context=_filled(row, variables[Place.CONTEXT]),
        delay_seconds=row.get("delay_seconds") or 0,
        is_testing=is_testing,
        target=target_named(row.get("agent_id") or caller.target.id, caller),
        attempt=(row.get("attempts") or 0) + 1,
        fingerprint="",
        expires=expires,
        allow_duplicates=caller.allow_duplicates,
        calls=row.get("calls") or 0,
        earlier_calls=row.get("earlier_calls") or "",
        doubt_since=(row.get("doubt_since") or "") if in_doubt else "",
        doubt_seconds=(row.get("doubt_seconds") or 0) if in_doubt else 0,
        rehearsed=is_testing or caller.sandbox,
        zone=row.get("calling_hours") or "",
    )
    return _fingerprinted(call)


def target_named(name: str, caller: Caller) -> Target:
    """Return the agent or the campaign whose ID is *name*: the caller's, or the agent of a row."""
    return caller.target if name == caller.target.id else Target(Via.AGENT, name)


def _filled(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, JsonScalar]:
    """An empty cell leaves its variable out."""
    return {name: row[column] for column, name in names.items() if row[column] is not None}


def _fingerprinted(call: Call) -> Call:
    """It begins with a letter, so that no spreadsheet program takes it for a number."""
    content = _CANONICAL([str(call.target), body(replace(call, attempt=1))])
    return replace(call, fingerprint=f"f{hashlib.sha256(content.encode('utf-8', 'surrogatepass')).hexdigest()[:15]}")
