"""Write a proposed schema as TOML, with comments for people who have never seen a schema file.

The comments have counts but no contents of cells, since a schema file is shared more freely than a sheet.
"""

import json
import re
from collections.abc import Iterator

from batch_dialer.model import Sheet
from batch_dialer.scaffold.column_cells import SheetColumn
from batch_dialer.scaffold.ids import is_id_header, is_running_number
from batch_dialer.scaffold.schema_fields import find_opt_outs, has_ambiguous_dates, needs_region, propose_fields
from batch_dialer.schema.schema import Field, Place, Type

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_TYPE_NAMES = {
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
# Each table below is one value of a call. The agent knows [payload.NAME] as
# {{{{NAME}}}} in its prompt: write the names that your prompt uses.
# [context.NAME] instead is kept with the call and not spoken. To leave a column
# out, delete its table and write unmapped = "ignore". `column` is the header in
# your sheet, and must stay as it is.

# Your agent's ID; without it, give --agent ID with every run.
# agent_id = "agent_…"
# A column without a table stops the run; "ignore" leaves it out, "payload"
# sends it.
unmapped = "{others}"
"""
_TAIL = """
# [expires]                    # a date after which a row is not called any more
# column = "…"
"""
_SKIP = """\
[[skip]]
# Rows that are not called: all but those with one of these texts; "" is an empty cell.
column = {column}
is_not = ["", "FALSE", "no", "0"]"""


def propose_schema(sheet: Sheet, phone: str | None = None, only: tuple[str, ...] = ()) -> str:
    """Return the text of a schema file for *sheet*; *phone*, *only* and errors as in `propose_fields`."""
    count = sheet.cells.height
    rows = "1 row" if count == 1 else f"{count:,} rows"
    tables = ["\n".join(_table_lines(field, column)) for field, column in propose_fields(sheet, phone, only)]
    tables += [_SKIP.format(column=_toml_string(header)) for header in find_opt_outs(sheet)]
    others = "ignore" if only else "error"
    head = _HEAD.format(name=_replace_unprintable(sheet.name), rows=rows, others=others)
    return "\n".join([head, "\n\n".join(tables), _TAIL])


def _table_lines(field: Field, column: SheetColumn) -> Iterator[str]:
    names = [field.place.value, *([field.name] if field.name else [])]
    yield f"[{'.'.join(map(_toml_key, names))}]"
    yield from _comment_lines(field, column)
    yield f"column = {_toml_string(field.column or '')}"
    if field.place is Place.TO and needs_region(column):
        yield _append_note(
            '# region = "US"', "FILL IN the country of the numbers (US, GB, DE, …), and take away the first #"
        )
    if field.place in {Place.PAYLOAD, Place.CONTEXT}:
        yield from _constraint_lines(field)


def _constraint_lines(field: Field) -> Iterator[str]:
    if field.type is not Type.STRING:
        yield f"type = {_toml_string(field.type.value)}"
    if field.format:
        dates = "%d is the day, %m the month, %Y or %y the year"
        meaning = "how the column writes 1234.56" if field.type is Type.DECIMAL else dates
        yield _append_note(f"format = {_toml_string(field.format)}", meaning)
    if field.required:
        yield _append_note("required = true", "an empty cell is a fault; today none is empty")
    if field.one_of:
        yield _append_note(f"one_of = [{', '.join(map(_toml_string, field.one_of))}]", "anything else is a fault")
    if field.max_length:
        yield _append_note(f"max_length = {field.max_length}", "longer text is a fault")


def _comment_lines(field: Field, column: SheetColumn) -> Iterator[str]:
    """Yield comments on a column. They have no sample of its cells: it would be somebody's name or number."""
    if field.place is Place.ID:
        yield "# Names a row in the results, however the sheet is sorted or edited. No two rows may have the same."
    if field.place is Place.TO:
        yield "# The number to call."
        if needs_region(column):
            yield "# Some have no + and no country code: until you say of which country they are, they are not valid."
    if field.place is Place.PAYLOAD and field.name == "agent_id":
        yield "# With a schema, one agent calls all rows. Without one, this header names the agent of each row."
    if field.place is Place.PAYLOAD and is_id_header(column.header) and is_running_number(column):
        yield "# A running number names a row only until the sheet is sorted or a row is deleted. If it is the"
        yield "# person's own number instead, write [id] here: no two rows may then have the same."
    facts = [
        _TYPE_NAMES[field.type],
        f"{len(column.cells) - column.cells.null_count():,} of {len(column.cells):,} filled",
    ]
    facts.append(f"{column.cells.drop_nulls().n_unique():,} different")
    if field.type is Type.STRING and column.cells.null_count() < len(column.cells):
        facts.append(f"up to {max(column.cells.drop_nulls().str.len_chars())} characters")
    yield f"# In the sheet: {', '.join(facts)}."
    if errors := len(column.cells.drop_nulls()) - len(column.good):
        yield f"# {errors:,} of the cells are error values, such as #N/A: correct them in the sheet."
    if field.place in {Place.PAYLOAD, Place.CONTEXT} and field.type is Type.STRING and has_ambiguous_dates(column):
        yield "# These may be dates, but day and month cannot be told apart. If they are, add:"
        yield '#   type = "date"   and   format = "%d/%m/%Y"   (day first) or   format = "%m/%d/%Y"   (month first)'


def _append_note(line: str, note: str) -> str:
    return f"{line:<30} # {note}"


def _toml_key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _toml_string(name)


def _toml_string(text: str) -> str:
    """Return *text* as a TOML string: as in JSON, but DEL must be escaped, too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _replace_unprintable(text: str) -> str:
    """Return *text* without line breaks and control characters, which a TOML comment must not have."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
