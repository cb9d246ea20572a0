"""Find the line of each key in a schema file: tomllib parses TOML but does not report lines, and tree-sitter does.

Where the two do not understand the text alike, no lines are given at all: a line that is reported is never wrong.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from batch_dialer.errors import UsageError

KeyPath = tuple[str, ...]
"""The names that lead to a table or a key: `("payload", "customer_name", "column")`.

Of an array of tables each has a number from 1: `("skip", "2", "column")`.
"""

_TABLES = {"table", "table_array_element"}


@dataclass(frozen=True, slots=True)
class SchemaSource:
    """The *name* of a schema file, and the line (from 1) of each of its tables and keys as far as it is known."""

    name: str
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def error(self, what: str, remedy: str, *at: str) -> UsageError:
        """Return an error which says *what* is wrong, names the line of the table or key *at*, and gives *remedy*."""
        line = f", line {self.lines[at]}," if at in self.lines else ""
        return UsageError(f"The schema file {self.name}{line} cannot be used: {what}.", remedy)


def suggest(word: str, known: tuple[str, ...]) -> str:
    """Return a sentence that lists the *known* words, and one before it if one of them is close to *word*."""
    close = get_close_matches(word, known, n=1)
    guess = f"Did you mean {close[0]!r}? " if close else ""
    return f"{guess}Known are: {', '.join(known)}."


def find_key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) on which each table and key of *text* is first named; empty if any is uncertain."""
    root = Parser(Language(tree_sitter_toml.language())).parse(text.encode()).root_node
    lines: dict[KeyPath, int] = {}
    if root.has_error:
        return lines
    _record_pairs(lines, (), root)
    for node in root.named_children:
        if node.type in _TABLES:
            table = _names(node.named_children[0])
            if node.type == "table_array_element":
                table = _numbered(table, lines)
            _record(lines, (), table, node)
            _record_pairs(lines, table, node)
    return lines


def _record_pairs(lines: dict[KeyPath, int], table: KeyPath, node: Node) -> None:
    """Note the line of each key in *node*, a table or an inline one; what stands in an array has no path of its own."""
    for pair in node.named_children:
        if pair.type == "pair":
            key, value = (child for child in pair.named_children if child.type != "comment")
            path = table + _names(key)
            _record(lines, table, path, pair)
            if value.type == "inline_table":
                _record_pairs(lines, path, value)


def _record(lines: dict[KeyPath, int], table: KeyPath, path: KeyPath, node: Node) -> None:
    """Note where *path* and the tables that a dotted key implies are named, unless an earlier place is known."""
    for length in range(len(table) + 1, len(path) + 1):
        lines.setdefault(path[:length], node.start_point.row + 1)


def _names(key: Node) -> KeyPath:
    return tuple(_parts(key))


def _parts(key: Node) -> Iterator[str]:
    written = (key.text or b"").decode()
    match key.type:
        case "dotted_key":
            for part in key.named_children:
                yield from _parts(part)
        case "quoted_key":
            yield str(tomllib.loads(f"key = {written}")["key"])
        case _:
            yield written


def _numbered(table: KeyPath, lines: Mapping[KeyPath, int]) -> KeyPath:
    """Return the path of the next table of the array *table*: `("skip", "2")` for the second `[[skip]]`."""
    nth = 1
    while (*table, str(nth)) in lines:
        nth += 1
    return (*table, str(nth))
