"""One test call with the values of a row, to the phone of whoever asks for it. No ledger is opened for it."""

from dataclasses import replace
from typing import Protocol

import polars as pl

from batch_dialer.contacts.validate import Checked
from batch_dialer.dialing.taken_ids import TakenIds
from batch_dialer.dialing.verdict import judge
from batch_dialer.errors import BadSheet
from batch_dialer.flows.checking import check_sheet
from batch_dialer.job import Source
from batch_dialer.ledger.keys import with_keys
from batch_dialer.model import Call, Reply, Rows, Verdict
from batch_dialer.plan.agents import check_agents
from batch_dialer.plan.left_out import without_hidden
from batch_dialer.plan.planning import Policy
from batch_dialer.talkover.payload import Caller, calls


class Placer(Protocol):
    """Whatever can place a call."""

    async def place(self, call: Call) -> Reply:
        """Send the request for *call* once."""
        ...


def rehearsal_call(source: Source, row: int, to: str, caller: Caller, policy: Policy) -> Call:
    """Return the test call to *to* with the values of *row*, which is made at once, whatever delay the row has.

    Raises `BadSheet` where the sheet has no such row to call, and `UsageError` where nobody is named who calls.
    """
    _, checked = check_sheet(source)
    chosen = _only(row, checked, policy)
    check_agents(chosen, caller)
    rows = with_keys(chosen.rows)
    unneeded = [name for name in ("delay_seconds", "expires") if name in rows.columns]
    (call,) = calls(rows.with_columns(pl.lit(to).alias("to")).drop(unneeded), replace(caller, testing=True))
    return call


async def place_once(call: Call, api: Placer) -> Verdict:
    """Place *call*; return what the answer means. It is sent once, whatever the answer."""
    return judge(await api.place(call), call, 1, TakenIds())


def _only(row: int, checked: Checked, policy: Policy) -> Checked:
    """Return *checked* with *row* alone; raise `BadSheet` where it cannot be called."""
    found = checked.rows.filter(pl.col("row") == row)
    if found.is_empty():
        rows = checked.rows["row"]
        which = f"Its rows are {rows[0]} to {rows[-1]}" if rows.len() else "It has none"
        raise BadSheet(f"The sheet has no row {row} with anything in it.", f"{which}, as the spreadsheet numbers them.")
    chosen = replace(checked, rows=Rows(found))
    if without_hidden(chosen, policy.hidden).rows.is_empty():
        raise BadSheet(f"Row {row} is hidden or filtered out in the sheet.", "Name another row, or give --hidden dial.")
    if found["code"][0] is not None:
        raise BadSheet(f"Row {row} is not valid. {found['message'][0]}", "Correct it, or name another row.")
    return chosen
