"""An error names the right line; where the line is not certain, it names none."""

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.errors import UsageError
from batch_dialer.schema.parse import parse_schema
from batch_dialer.schema.toml_lines import find_key_lines


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ('[to]\ncolumn = "Phone"', ("to", "column"), 2),
        ("# [to]\n\n[to]", ("to",), 3),
        ("[ to ]  # why\n  region='US'", ("to", "region"), 2),
        ("[payload.x]\n[payload.y]\ntype = 1", ("payload", "y", "type"), 3),
        ('[payload."a.b"]\ntype = 1', ("payload", "a.b", "type"), 2),
        ("[payload.'a b']\n\n\"ty\\u0070e\" = 1", ("payload", "a b", "type"), 3),
        ("\npayload.x.type = 1", ("payload", "x"), 2),
        ('to = {column = "P", region = "US"}', ("to", "region"), 1),
        ('[to]\na = [\n  "x", # ]\n  "[y]",\n]\nb = 1', ("to", "b"), 6),
        ("[to]\na = [[1, 2], [{b = 1}]]\nb = 1", ("to", "b"), 3),
        ('[to]\na = """\nb = 1\n"""\nb = 1', ("to", "b"), 5),
        ("[to]\na = '''\n[x]\n''''\nb = 1", ("to", "b"), 5),
        ('[to]\na = "\\"#"\nb = 1', ("to", "b"), 3),
        ("[to]\na = 2026-01-01 10:00:00Z\nb = 1_000", ("to", "b"), 3),
        ("[to]\r\na = 1\r\nb = 1", ("to", "b"), 3),
        ("[[x]]\na = 1\n[[x]]\n[to]\nb = 1", ("to", "b"), 5),
        ("[[x]]\na = 1\n[[x]]\na = 2", ("x", "2", "a"), 4),
    ],
)
def test_a_key_is_found_however_it_is_written(text: str, path: tuple[str, ...], line: int) -> None:
    assert line == find_key_lines(text)[path]


@pytest.mark.parametrize("text", ["[to\na = 1", "a = ", "a 1", "= 1", '"a = 1', "a = [1 2]", "a = {b = 1 c = 2}"])
def test_where_the_text_is_not_understood_no_line_is_named(text: str) -> None:
    assert {} == find_key_lines(text)


def test_what_stands_in_an_array_is_not_taken_for_a_key_of_the_file() -> None:
    assert {("a",)} == set(find_key_lines("a = [{to = 1}, {to = 2}]"))


_names = st.sampled_from(["to", "x", "a b", "é", 'q"', "=", "#", "[to]", "a.b", "", "'"])
_values = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.text("ab\"'#[]{}=,\n\\ ", max_size=8)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=8,
)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_inline(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",\n".join(map(_inline, value)) + "]"
    return json.dumps(value)


def _paths(value: Any) -> set[tuple[str, ...]]:
    inner = value.items() if isinstance(value, dict) else ()
    return {path for name, below in inner for path in ((name,), *((name, *rest) for rest in _paths(below)))}


@given(st.dictionaries(_names, st.dictionaries(_names, _values, max_size=3), max_size=4))
def test_law_every_key_has_the_line_on_which_it_is_written(tables: dict[str, Any]) -> None:
    lines: list[str] = []
    expected: dict[tuple[str, ...], int] = {}
    for name, table in tables.items():
        expected[(name,)] = "\n".join([*lines, ""]).count("\n") + 1
        lines += [f"[{json.dumps(name)}]  # {name}"]
        for key, value in table.items():
            expected[name, key] = "\n".join([*lines, ""]).count("\n") + 1
            lines += [f"{json.dumps(key)} = {_inline(value)}"]
    text = "\n".join(lines)

    found = find_key_lines(text)

    assert tables == tomllib.loads(text)
    assert _paths(tables) == set(found)
    assert expected == {path: found[path] for path in expected}


@given(st.text("ab =[]{}\"'#\n.,\\1", max_size=40))
def test_law_any_text_is_borne(text: str) -> None:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        find_key_lines(text)
    else:
        assert _paths(tables) <= set(find_key_lines(text))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("agentid = 'x'", 1),
        ("\nagent_id = 5\n[to]\ncolumn = 'P'", 2),
        ("unmapped = 'drop'\n[to]\ncolumn = 'P'", 1),
        ("\nto = 'Phone'", 2),
        ("\n[to]\nvalue = '+14155550101'", 2),
        ("[to]\ncolumn = 'P'\n[payload]\nname = 'Name'", 4),
        ("[to]\ncolumn = 'P'\nregion = 'USA'", 3),
        ("[to]\ncolumn = 'P'\n[payload.x]\ncolumn = 'X'\n\ncolum = 'X'", 6),
        ("[to]\ncolumn = 'P'\n[payload.x]\ncolumn = 'X'\nrequired = 'yes'", 5),
        ("[to]\ncolumn = 'P'\n[payload.x]\nrequired = true", 3),
        ("[to]\ncolumn = 'P'\n[payload.x]\ncolumn = 'X'\ntype = 'int'", 5),
        ("[to]\ncolumn = 'P'\n[payload.x]\ncolumn = 'X'\npattern = '('", 5),
        ("[to]\ncolumn = 'P'\n[payload.x]\ncolumn = 'X'\nmax = 5", 5),
    ],
)
def test_every_error_of_a_schema_names_its_line(text: str, line: int) -> None:
    with pytest.raises(UsageError) as caught:
        parse_schema(tomllib.loads(text), "s.toml", text)
    assert f"The schema file s.toml, line {line}, cannot be used:" in caught.value.what


def test_what_is_not_there_has_no_line() -> None:
    with pytest.raises(UsageError, match=r"s\.toml cannot be used: \[to\] names no column"):
        parse_schema({}, "s.toml", "")
