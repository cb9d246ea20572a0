"""Lists of numbers that must not be called: a sheet becomes the set of its numbers, or a refusal.

Its law: whoever is on a list is not dialed. A number on a list that cannot be read may be anybody's in the sheet, so a
list with such a number is refused whole, and nobody is dialed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from batch_dialer.contacts.cut_short import refuse_cut
from batch_dialer.contacts.phone import COUNTRY_REMEDY, TWO_READINGS, NotDialable, is_missing
from batch_dialer.contacts.phone_column import parse_phones
from batch_dialer.contacts.phone_headers import find_phone_columns
from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet

_SHOWN = 5
_SAFER = "A number that cannot be read may belong to somebody who must not be called, so the whole list is refused."


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The numbers (E.164) of the list called *name*, and how many of its cells hold none.

    *of_results*: whether it is a results file, of which *left_out* rows without a call are not on the list.
    """

    name: str
    numbers: frozenset[str]
    empty: int = 0
    of_results: bool = False
    left_out: int = 0


def suppressed(sheet: Sheet, region: str | None) -> Suppressed:
    """Return every number of the list *sheet*; raise `BadSheet` for a list that may keep back whom it means.

    *region* is the schema's: a number is read here as it is read in the sheet that is dialed, or they would not meet.
    """
    if sheet.ragged:
        rows = _places(f"row {row}" for row in sorted(sheet.ragged))
        raise BadSheet(
            f"{sheet.name}, a list of numbers not to call, has rows with more or fewer cells than its header: {rows}.",
            f"Correct them, or keep only the column of numbers. {_SAFER}",
        )
    refuse_cut(sheet, find_phone_columns(sheet.headers) or range(len(sheet.headers)))
    cells = list(_cells(sheet))
    read = parse_phones(pl.Series([text for _, text in cells], dtype=pl.String), region)
    faulty = {
        text: NotDialable(why, remedy)
        for text, why, remedy in read.faults.select("value", "why", "remedy").iter_rows()
        if not is_missing(text)
    }
    faults = [(place, faulty[text]) for place, text in cells if text in faulty]
    if faults:
        raise _unreadable(sheet.name, faults)
    return Suppressed(sheet.name, frozenset(read.e164.drop_nulls()), sum(is_missing(text) for _, text in cells))


def _cells(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Yield where each number stands, and its text."""
    index = _column(sheet)
    if len(sheet.headers) == 1 and any(char.isdigit() for char in sheet.headers[0]):
        yield "its first row", sheet.headers[0]  # a bare list has no header: what looks like one is a number, too
    for row, text in sheet.cells.select("row", pl.col(f"c{index}").fill_null("")).iter_rows():
        yield f"row {row}", text


def _column(sheet: Sheet) -> int:
    """A single column is the list, whatever its header; of several, one is headed as phone numbers are."""
    if len(sheet.headers) == 1:
        return 0
    found = find_phone_columns(sheet.headers)
    if len(found) == 1:
        return found[0]
    why = "several columns may hold the numbers" if found else "no header says which column holds the phone numbers"
    raise BadSheet(
        f"{sheet.name} cannot be used as a list of numbers not to call: {why}.",
        'Give the column of numbers, and no other, the header "phone"; or delete all other columns.',
    )


def _unreadable(name: str, faults: list[tuple[str, NotDialable]]) -> BadSheet:
    count = "a number" if len(faults) == 1 else f"{len(faults):,} numbers"
    where = _places(f"{place} ({fault.why})" for place, fault in faults)
    first = faults[0][1]
    # The remedy for two readings has the numbers in it, and this is printed.
    remedy = COUNTRY_REMEDY if first.why == TWO_READINGS else first.remedy
    return BadSheet(
        f"{name}, a list of numbers not to call, has {count} that cannot be read: {where}.",
        f"{remedy} Or delete it if it is not a number. {_SAFER}",
    )


def _places(places: Iterator[str]) -> str:
    known = list(places)
    more = f" and {len(known) - _SHOWN:,} more" if len(known) > _SHOWN else ""
    return ", ".join(known[:_SHOWN]) + more


def on_list(listed: Suppressed) -> pl.Expr:
    """Return whether a row's number is one of those *listed*."""
    return pl.col("to").is_in(pl.Series(sorted(listed.numbers), dtype=pl.String).implode()).fill_null(value=False)
