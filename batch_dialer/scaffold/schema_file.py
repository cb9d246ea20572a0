"""The proposal of a schema as a TOML file, with comments for people who never saw one."""

import json
import re
from collections.abc import Iterator

from batch_dialer.model import Sheet
from batch_dialer.scaffold.schema_fields import Column, is_ambiguous, needs_region, propose
from batch_dialer.schema.schema import Field, Place, Type

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TYPES = {
    Type.STRING: "text",
    Type.INTEGER: "whole numbers",
    Type.DECIMAL: "numbers",
    Type.BOOLEAN: "yes or no",
    Type.DATE: "dates",
    Type.DATETIME: "dates with a time",
}
_HEAD = """\
# A proposal for {name}, made from its {rows}.
# Read it, correct it, and check it with:
#   batch-dialer schema check FILE.toml
#   batch-dialer validate SHEET --schema FILE.toml
#
# What follows a # is a comment: it is for you, and changes nothing. Take the #
# away, and the line counts.
# Each table below is one value of a call. [payload.NAME] is what the agent knows
# as {{{{NAME}}}} in its prompt: write the names that your prompt uses.
# [context.NAME] instead is kept with the call and not spoken. To leave a column
# out, delete its table and write unmapped = "ignore". `column` is the header in
# your sheet, and must stay as it is.

# Your agent's ID; without it, give --agent ID with every run.
# agent_id = "agent_…"
# A column without a table stops the run; "ignore" leaves it out, "payload" sends it.
unmapped = "error"
"""
_TAIL = """
# [expires]                    # a date after which a row is not called any more
# column = "…"
"""


def written(sheet: Sheet, phone: str | None = None) -> str:
    """Return the file that `schema new` proposes for *sheet*; raise `BadSheet` where it cannot be dialed."""
    count = sheet.cells.height
    rows = "1 row" if count == 1 else f"{count:,} rows"
    tables = ["\n".join(_table(field, column)) for field, column in propose(sheet, phone)]
    head = _HEAD.format(name=_comment(sheet.name), rows=rows)
    return "\n".join([head, "\n\n".join(tables), _TAIL])


def _table(field: Field, column: Column) -> Iterator[str]:
    names = [field.place.value, *([field.name] if field.name else [])]
    yield f"[{'.'.join(map(_key, names))}]"
    yield from _about(field, column)
    yield f"column = {_quoted(field.column or '')}"
    if field.place is Place.TO and needs_region(column):
        yield _noted('# region = "US"', "FILL IN the country of the numbers (US, GB, DE, …), and take away the first #")
    if field.place in {Place.PAYLOAD, Place.CONTEXT}:
        yield from _demands(field)


def _demands(field: Field) -> Iterator[str]:
    if field.type is not Type.STRING:
        yield f"type = {_quoted(field.type.value)}"
    if field.format:
        yield _noted(f"format = {_quoted(field.format)}", "%d is the day, %m the month, %Y or %y the year")
    if field.required:
        yield _noted("required = true", "an empty cell is a fault; today none is empty")
    if field.one_of:
        yield _noted(f"one_of = [{', '.join(map(_quoted, field.one_of))}]", "anything else is a fault")
    if field.max_length:
        yield _noted(f"max_length = {field.max_length}", "longer text is a fault")


def _about(field: Field, column: Column) -> Iterator[str]:
    """Counts only: a sample would be somebody's name or number."""
    if field.place is Place.ID:
        yield "# Names a row in the results, however the sheet is sorted or edited. No two rows may have the same."
    if field.place is Place.TO:
        yield "# The number to call."
        if needs_region(column):
            yield "# Some have no + and no country code: until you say of which country they are, they are not valid."
    if field.place is Place.PAYLOAD and field.name == "agent_id":
        yield "# With a schema, one agent calls all rows. Without one, this header names the agent of each row."
    facts = [_TYPES[field.type], f"{len(column.cells) - column.cells.null_count():,} of {len(column.cells):,} filled"]
    facts.append(f"{column.cells.drop_nulls().n_unique():,} different")
    if field.type is Type.STRING and column.cells.null_count() < len(column.cells):
        facts.append(f"up to {max(column.cells.drop_nulls().str.len_chars())} characters")
    yield f"# In the sheet: {', '.join(facts)}."
    if errors := len(column.cells.drop_nulls()) - len(column.good):
        yield f"# {errors:,} of the cells are errors of the spreadsheet, as #N/A: mend them in the sheet."
    if field.place in {Place.PAYLOAD, Place.CONTEXT} and field.type is Type.STRING and is_ambiguous(column):
        yield "# These may be dates, but day and month cannot be told apart. If they are, add:"
        yield '#   type = "date"   and   format = "%d/%m/%Y"   (day first) or   format = "%m/%d/%Y"   (month first)'


def _noted(line: str, note: str) -> str:
    return f"{line:<30} # {note}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """Write *text* as a TOML string: as JSON does, and one character more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """Return *text* fit for a comment, which ends with its line."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
