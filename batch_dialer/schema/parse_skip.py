"""Turn the tables `[[skip]]` and the list `keep` of a schema file into rules; errors name table, key and line."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import cast

from batch_dialer.schema.schema import SkipRule
from batch_dialer.schema.toml_lines import SchemaSource, suggest

SKIP_KEYS: Mapping[str, tuple[type, str]] = {
    "column": (str, "the header of the column that is looked at"),
    "is": (list, 'the texts with which a row is not dialed; case does not matter, `""` is an empty cell'),
    "is_not": (list, "the only texts with which a row is dialed; with any other text, or an empty cell, it is not"),
    "filled": (bool, "`true`: a row is not dialed if the cell holds anything"),
    "reason": (str, "what `error_message` says of such a row"),
}
"""Every key of `[[skip]]`: the type of its value, and the sentence that the schema reference shows."""

CONDITIONS = ("is", "is_not", "filled")
"""The keys of which a rule has exactly one."""

_TYPE_WORDS = {str: "text", list: 'a list of texts, as in ["TRUE", "yes"]', bool: "true"}
_EXAMPLE = 'Write:\n[[skip]]\ncolumn = "…"\nis = ["TRUE", "yes"]'


def parse_skips(tables: object, file: SchemaSource) -> tuple[SkipRule, ...]:
    """Return the rules of `[[skip]]`, in the order of the file; raise `UsageError` where one is not valid."""
    if not isinstance(tables, list):
        raise file.error("skip must be a list of tables", _EXAMPLE, "skip")
    return tuple(_parse_rule(str(nth), table, file) for nth, table in enumerate(tables, start=1))


def _parse_rule(nth: str, table: object, file: SchemaSource) -> SkipRule:
    where = "[[skip]]" if nth == "1" else f"[[skip]] number {nth}"
    if not isinstance(table, dict):
        raise file.error(f"{where} must be a table", _EXAMPLE, "skip", nth)
    for key, value in table.items():
        if key not in SKIP_KEYS:
            raise file.error(f"{where} has the unknown key {key!r}", suggest(key, tuple(SKIP_KEYS)), "skip", nth, key)
        kind, meaning = SKIP_KEYS[key]
        if not isinstance(value, kind) or value in ([], False):
            what = f"{where} {key} = {value!r} cannot be used"
            raise file.error(what, f"It must be {_TYPE_WORDS[kind]}: {meaning}.", "skip", nth, key)
    if not table.get("column"):
        raise file.error(f"{where} names no column", 'Add column = "…", the header in the sheet.', "skip", nth)
    given = [key for key in CONDITIONS if key in table]
    if len(given) != 1:
        remedy = 'Give one of is = ["…"], is_not = ["…"] and filled = true.'
        raise file.error(f"{where} has {'no condition' if not given else 'several conditions'}", remedy, "skip", nth)
    return SkipRule(
        column=str(table["column"]),
        is_any_of=_parse_texts(table.get("is", []), f"{where} is", file, "skip", nth, "is"),
        is_none_of=_parse_texts(table.get("is_not", []), f"{where} is_not", file, "skip", nth, "is_not"),
        reason=str(table.get("reason", "")),
    )


def parse_keep(names: object, file: SchemaSource) -> tuple[str, ...]:
    """Return the headers that `keep` lists, each once; raise `UsageError` where it is no list of texts."""
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise file.error(f"keep = {names!r} is not a list of headers", 'Write keep = ["…", "…"].', "keep")
    return tuple(dict.fromkeys(cast("list[str]", names)))


def _parse_texts(values: object, where: str, file: SchemaSource, *at: str) -> tuple[str, ...]:
    """Numbers and truth values are what their cells show: `true` is TRUE of a workbook."""
    for value in cast("list[object]", values):
        if not isinstance(value, str | int | float | date | datetime | time):
            raise file.error(f"{where} has {value!r}, which no cell can hold", "Write texts in quotation marks.", *at)
    return tuple(str(value) for value in cast("list[object]", values))
