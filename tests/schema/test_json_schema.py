"""The JSON Schema for editors accepts what the program accepts, and the shipped file is up to date."""

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.errors import UsageError
from batch_dialer.schema.json_schema import TABLES, json_schema
from batch_dialer.schema.parse import KEYS, parse_schema
from batch_dialer.schema.schema import Place, Type, Unmapped

_SCHEMAS = Path(__file__).parent.parent.parent / "schemas"
_SHIPPED = _SCHEMAS / "batch_dialer.schema.json"
_VALIDATOR = jsonschema.Draft7Validator(json.loads(json_schema()))


def _as_json(value: Any) -> Any:
    """Return the file as editors check it: with dates as text."""
    if isinstance(value, dict):
        return {key: _as_json(inner) for key, inner in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def _faults(text: str) -> list[str]:
    return [fault.message for fault in _VALIDATOR.iter_errors(_as_json(tomllib.loads(text)))]


def test_the_file_that_is_shipped_is_this_one() -> None:
    """When this fails: `batch-dialer schema json > schemas/batch_dialer.schema.json`."""
    assert json_schema() == _SHIPPED.read_text(encoding="utf-8")


def test_it_is_a_json_schema() -> None:
    jsonschema.Draft7Validator.check_schema(json.loads(json_schema()))


@pytest.mark.parametrize("path", sorted(_SCHEMAS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_schema_names_it_and_fits_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text.startswith(f"#:schema ./{_SHIPPED.name}\n")
    assert [] == _faults(text)


def test_every_table_and_every_key_is_described() -> None:
    known = json.loads(json_schema())

    assert set(TABLES) == {place for place in Place if place is not Place.AGENT}
    assert set(KEYS) == set(known["definitions"]["field"]["properties"])
    assert all(node["description"] for node in known["definitions"]["field"]["properties"].values())
    assert all(node["description"] for node in known["properties"].values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[to]",
        '[to]\nvalue = "+14155550101"',
        '[to]\ncolum = "Phone"',
        'agentid = "x"\n[to]\ncolumn = "P"',
        'unmapped = "drop"\n[to]\ncolumn = "P"',
        '[to]\ncolumn = "P"\nregion = "us"',
        '[to]\ncolumn = "P"\n[payload]\nname = "Name"',
        '[to]\ncolumn = "P"\n[payload.x]\ncolumn = "X"\nvalue = 5',
        '[to]\ncolumn = "P"\n[payload.x]\ncolumn = "X"\ntype = "int"',
        '[to]\ncolumn = "P"\n[payload.x]\ncolumn = "X"\nrequired = "yes"',
        '[to]\ncolumn = "P"\n[payload.x]\ncolumn = "X"\nmax_length = true',
        '[to]\ncolumn = "P"\n[[skip]]\ncolumn = "X"',
        '[to]\ncolumn = "P"\n[[skip]]\ncolumn = "X"\nis = []',
        'keep = "Name"\n[to]\ncolumn = "P"',
        '[to]\ncolumn = "P"\n[calling_hours]\nfrom = "9:00"',
        '[to]\ncolumn = "P"\n[calling_hours]\nfrom = 9',
        '[to]\ncolumn = "P"\n[calling_hours]\ndays = []',
        '[to]\ncolumn = "P"\n[calling_hours]\ndays = ["monday"]',
        '[to]\ncolumn = "P"\n[calling_hours]\nuntil = "20:00"',
    ],
)
def test_what_the_program_refuses_is_marked_while_it_is_written(text: str) -> None:
    assert _faults(text)
    with pytest.raises(UsageError):
        parse_schema(tomllib.loads(text), "s.toml")


_scalars = st.one_of(st.integers(-5, 5), st.booleans(), st.sampled_from(["a", "US", "%d"]), st.just(1.5))
_values = {
    "type": st.sampled_from([kind.value for kind in Type]),
    "region": st.sampled_from(["US", "DE", "us"]),
    "one_of": st.lists(_scalars, max_size=2),
    "min": st.integers() | st.dates(),
}
_fields = st.dictionaries(st.sampled_from([*KEYS, "column"]), st.none(), max_size=4).flatmap(
    lambda keys: st.fixed_dictionaries({key: _values.get(key, _scalars) | _scalars for key in keys})
)
_rules = st.fixed_dictionaries(
    {"column": st.just("X") | _scalars},
    optional={
        "is": st.lists(_scalars, max_size=2),
        "is_not": st.lists(_scalars, max_size=2),
        "filled": st.booleans(),
        "reason": st.just("No.") | _scalars,
    },
)


_hours = st.fixed_dictionaries(
    {},
    optional={
        "from": st.sampled_from(["00:00", "09:30", "9:30", "24:00"]) | _scalars,
        "to": st.sampled_from(["09:31", "24:00", "24:01"]) | _scalars,
        "days": st.lists(st.sampled_from(["mon", "sun", "Mon"]) | _scalars, max_size=3),
        "timezone": st.sampled_from(["recipient", "Europe/Berlin", "CET/Berlin"]) | _scalars,
        "timezone_column": _scalars,
        "holidays": st.sampled_from(["US-CA", "DE", "DE-CA", "EU"]),
    },
)


@given(
    st.fixed_dictionaries(
        {"to": st.just({"column": "P"}) | _fields},
        optional={
            "id": _fields,
            "payload": st.dictionaries(st.sampled_from(["x", "y"]), _fields, max_size=2),
            "expires": _fields,
            "skip": st.lists(_rules, max_size=2),
            "keep": st.lists(_scalars, max_size=2),
            "calling_hours": _hours,
            "unmapped": st.sampled_from([*(word.value for word in Unmapped), "drop"]),
        },
    )
)
def test_law_what_the_program_accepts_is_never_marked(tables: dict[str, Any]) -> None:
    try:
        parse_schema(tables, "s.toml")
    except UsageError:
        return
    assert [] == [fault.message for fault in _VALIDATOR.iter_errors(_as_json(tables))]
