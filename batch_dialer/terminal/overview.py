"""What a person looks at before agreeing: what the columns mean, what becomes of each row, and when it will be over.

It leaves room for the question: what decides about a call has a line of its own, all else is put together.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from batch_dialer.contacts.find_column import snake_case
from batch_dialer.contacts.mapping import ColumnMapping, MappedField
from batch_dialer.contacts.validate import Checked
from batch_dialer.plan.account import Share
from batch_dialer.schema.schema import Place, condition
from batch_dialer.terminal.tables import columns
from batch_dialer.terminal.text import filled, printable, quoted_headers

_NAMED = {Place.PAYLOAD: "prompt variables", Place.CONTEXT: "context"}
_FIRST = (Place.TO, Place.ID)
_LONGEST = 40
_MOST_LINES = 5


def mapping_lines(checked: Checked, room: int | None) -> str:
    """Return what the columns mean: the phone and what decides about a call first, the unused ones in one line.

    *room*: the width of the terminal, in which long lists are cut; None for a log, which has them whole.
    """
    mapping = checked.mapping
    parts = [columns([*_deciding_lines(mapping), *_exclusion_lines(checked)])]
    for place, title in _NAMED.items():
        if named := [_named(mapped) for mapped in mapping.fields_of(place)]:
            parts.append(filled(f"  {title}: ", named, room, _MOST_LINES))
    if unused := [_quoted(header) for header in mapping.ignored]:
        parts.append(filled("  not used: ", unused, room, 1))
    return "\n".join(parts)


def _deciding_lines(mapping: ColumnMapping) -> list[tuple[str, str, str]]:
    fields = [mapped for mapped in mapping.fields if mapped.field.place not in _NAMED]
    fields.sort(key=lambda mapped: _FIRST.index(mapped.field.place) if mapped.field.place in _FIRST else len(_FIRST))
    lines = [(f"  {_source(mapped)}", "->", mapped.field.label) for mapped in fields]
    countries = [mapped.field.region_column for mapped in fields if mapped.field.region_column is not None]
    return lines + [(f"  column {_quoted(header)}", "->", "country of the number") for header in countries]


def _exclusion_lines(checked: Checked) -> list[tuple[str, str, str]]:
    """Return a line for each column that keeps rows from being called, and for each that the results show."""
    lines = [
        (
            f"  column {_quoted(excluded.exclusion.header)}",
            "->",
            f"{printable(condition(excluded.exclusion.rule), 60)} are not called: {excluded.rows:,}",
        )
        for excluded in checked.excluded
    ]
    return lines + [(f"  column {_quoted(header)}", "->", "shown in the results") for header, _ in checked.mapping.kept]


def _source(mapped: MappedField) -> str:
    field = mapped.field
    return (
        f"{json.dumps(field.value)} in every row" if field.column is None else f"column {quoted_headers(field.columns)}"
    )


def _named(mapped: MappedField) -> str:
    """Name a variable, and its column where that is not told by the name."""
    field = mapped.field
    if field.column is None:
        return f"{field.name} = {printable(json.dumps(field.value, ensure_ascii=False), _LONGEST)}"
    told = snake_case(field.column) in {field.name, f"{field.place.value}_{field.name}"}
    return printable(field.name, _LONGEST) + ("" if told else f" ({_quoted(field.column)})")


def _quoted(header: str) -> str:
    return f'"{printable(header, _LONGEST)}"'


def account_lines(shares: Iterable[Share]) -> str:
    """Return a line for each share of the rows."""
    table = [(f"  {share.word}", f"{share.rows:,}", share.meaning) for share in shares]
    return columns(table, ("left", "right", "left"))


_GOING_ON = {
    "queued": "queued",
    "scheduled": "scheduled",
    "initiated": "dialing",
    "ringing": "ringing",
    "answered": "talking",
    "completed": "reached",
    "no-answer": "no answer",
    "busy": "busy",
    "failed": "failed",
    "unknown": "in doubt",
}
"""The word of the view while calls go on, for each status, in the order in which they are shown."""


def going_on(calls: Mapping[str, int]) -> str:
    """Say how the *calls*, counted by status, go on."""
    return ", ".join(f"{calls[status]:,} {word}" for status, word in _GOING_ON.items() if calls.get(status))


def again_at(moment: datetime | None) -> str:
    """Say when the next call goes out, by this machine's clock."""
    return f"; next call at {moment.astimezone():%H:%M:%S}" if moment else ""
