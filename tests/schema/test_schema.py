"""A schema file is parsed completely, or refused with the table, the key and a remedy."""

import tomllib
from typing import Any

import pytest

from batch_dialer.errors import UsageError
from batch_dialer.schema.parse import KEYS, parse_schema
from batch_dialer.schema.schema import Field, Place, Schema, SkipRule, Type, Unmapped
from batch_dialer.words import Exit

_TO = '[to]\ncolumn = "Phone"\n'

_OF_THE_CONTRACT = """
agent_id = "agent_123456"
unmapped = "payload"

[id]
column = "Customer ID"

[to]
column = "Phone"
region = "US"

[payload.customer_name]
column = "Name"
required = true
max_length = 80

[payload.amount_due]
column = "Amount due"
type = "decimal"
min = 0

[payload.company]
value = "Acme Dental"

[context.customer_id]
column = "Customer ID"

[delay_seconds]
column = "Delay"

[is_testing]
value = false

[expires]
column = "Appointment"
"""


def _parsed(text: str) -> Schema:
    return parse_schema(tomllib.loads(text), "clinic.toml")


def _field(text: str) -> Field:
    return _parsed(f'{_TO}[payload.x]\ncolumn = "X"\n{text}').fields[-1]


def _refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        _parsed(text)
    assert Exit.USAGE is caught.value.exit
    assert "clinic.toml" in caught.value.what
    assert caught.value.remedy
    return caught.value


def test_the_contract_s_example() -> None:
    schema = _parsed(_OF_THE_CONTRACT)

    assert ("agent_123456", None, Unmapped.PAYLOAD) == (schema.agent_id, schema.campaign_id, schema.unmapped)
    assert (
        Field(Place.ID, column="Customer ID"),
        Field(Place.TO, column="Phone", region="US"),
        Field(Place.PAYLOAD, "customer_name", column="Name", required=True, max_length=80),
        Field(Place.PAYLOAD, "amount_due", column="Amount due", type=Type.DECIMAL, min=0),
        Field(Place.PAYLOAD, "company", value="Acme Dental"),
        Field(Place.CONTEXT, "customer_id", column="Customer ID"),
        Field(Place.DELAY, column="Delay", type=Type.INTEGER),
        Field(Place.TESTING, value=False, type=Type.BOOLEAN),
        Field(Place.EXPIRES, column="Appointment", type=Type.DATETIME),
    ) == schema.fields


def test_the_least_that_a_schema_says() -> None:
    assert Schema((Field(Place.TO, column="Phone"),), None, None, Unmapped.ERROR) == _parsed(_TO)


def test_a_field_is_named_as_in_the_file() -> None:
    labels = [field.label for field in _parsed(_OF_THE_CONTRACT).fields]

    assert ["id", "to", "payload.customer_name"] == labels[:3]
    assert "context.customer_id" in labels


@pytest.mark.parametrize("word", Unmapped)
def test_every_word_for_other_columns(word: Unmapped) -> None:
    assert word is _parsed(f'unmapped = "{word.value}"\n{_TO}').unmapped


@pytest.mark.parametrize("word", Type)
def test_every_type(word: Type) -> None:
    assert word is _field(f'type = "{word.value}"').type


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("default = 5", {"default": 5}),
        ('default = "none"', {"default": "none"}),
        ("required = true", {"required": True}),
        ('type = "date"\nformat = "%d/%m/%Y"', {"type": Type.DATE, "format": "%d/%m/%Y"}),
        ('pattern = "[A-Z]{2}"', {"pattern": "[A-Z]{2}"}),
        ('one_of = ["a", "b"]', {"one_of": ("a", "b")}),
        ("one_of = [1, 2]", {"one_of": ("1", "2")}),
        ('type = "integer"\nmin = 1\nmax = 2.5', {"type": Type.INTEGER, "min": 1, "max": 2.5}),
        ("min_length = 1\nmax_length = 2", {"min_length": 1, "max_length": 2}),
        ("unique = true", {"unique": True}),
    ],
)
def test_every_key_of_a_field(line: str, expected: dict[str, Any]) -> None:
    assert Field(Place.PAYLOAD, "x", column="X", **expected) == _field(line)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [('"a"', "a", Type.STRING), ("5", 5, Type.INTEGER), ("true", True, Type.BOOLEAN), ("12.5", "12.5", Type.STRING)],
)
def test_a_constant_has_its_own_type(text: str, value: object, kind: Type) -> None:
    field = _parsed(f"{_TO}[payload.x]\nvalue = {text}").fields[-1]

    assert (value, kind) == (field.value, field.type)


def test_what_our_own_fields_hold_is_not_the_schema_s_to_say() -> None:
    schema = _parsed(_TO + '[id]\ncolumn = "ID"\ntype = "integer"\n[delay_seconds]\ncolumn = "D"\ntype = "string"\n')

    assert {"id": Type.STRING, "to": Type.STRING, "delay_seconds": Type.INTEGER} == {
        field.label: field.type for field in schema.fields
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["[to] names no column"]),
        ('[to]\nvalue = "+14155550101"', ["[to] names no column"]),
        ("[to]", ["[to]", "either column or value"]),
        (_TO + "[too]", ["'too'"]),
        (f"agentid = 'x'\n{_TO}", ["'agentid'"]),
        (f"agent_id = 5\n{_TO}", ["agent_id must be text"]),
        (f"campaign_id = ['x']\n{_TO}", ["campaign_id must be text"]),
        (f"unmapped = 'drop'\n{_TO}", ["unmapped", "'drop'"]),
        (f"unmapped = 5\n{_TO}", ["unmapped", "5"]),
        ('to = "Phone"', ["to must be a table"]),
        (f"payload = 5\n{_TO}", ["payload must be a table"]),
        (f'[payload]\nname = "Name"\n{_TO}', ["payload.name must be a table"]),
        (f"{_TO}columns = 5", ["[to]", "'columns'"]),
        (f"{_TO}[payload.x]", ["[payload.x]", "either column or value"]),
        (f'{_TO}[payload.x]\ncolumn = "X"\nvalue = 5', ["[payload.x]", "either column or value"]),
        (f"{_TO}[payload.x]\ncolumn = 5", ["[payload.x] column = 5"]),
        (f"{_TO}[payload.x]\nvalue = [1]", ["[payload.x] value"]),
        (f"{_TO}[payload.x]\nvalue = 2026-11-22", ["[payload.x] value"]),
        (f'{_TO}[payload.x]\ncolumn = "X"\nrequired = "yes"', ["[payload.x] required"]),
        (f'{_TO}[payload.x]\ncolumn = "X"\nmax_length = true', ["[payload.x] max_length"]),
        (f'{_TO}[payload.x]\ncolumn = "X"\nmax_length = 1.5', ["[payload.x] max_length"]),
        (f'{_TO}[payload.x]\ncolumn = "X"\none_of = "a"', ["[payload.x] one_of"]),
        (f'{_TO}[payload.x]\ncolumn = "X"\ntype = "number"', ["[payload.x] type", "'number'"]),
        (f'{_TO}[payload.x]\ncolumn = "X"\ntype = "text"', ["[payload.x] type", "'text'"]),
        (f'{_TO}region = "USA"', ["[to] region", "'USA'"]),
        (f'{_TO}region = "us"', ["[to] region", "'us'"]),
        (f'{_TO}[payload.x]\ncolumn = "X"\npattern = "("', ["[payload.x] pattern", "regular expression"]),
        (f'{_TO}[payload.x]\ncolumn = "X"\npattern = "(?=a)a"', ["[payload.x] pattern", "look-around"]),
        (f"{_TO}[payload.x]\ncolumn = 'X'\npattern = '(a)\\1'", ["[payload.x] pattern", "backreferences"]),
    ],
)
def test_what_is_wrong_is_named(text: str, words: list[str]) -> None:
    what = _refused(text).what

    assert all(word in what for word in words), what


@pytest.mark.parametrize(
    ("kind", "bound"),
    [
        ("string", "0"),
        ("string", "2026-01-01"),
        ("boolean", "0"),
        ("integer", "2026-01-01"),
        ("decimal", "2026-01-01"),
        ("date", "0"),
        ("date", "2026-01-01T00:00:00"),
        ("datetime", "5"),
    ],
)
@pytest.mark.parametrize("key", ["min", "max"])
def test_a_bound_fits_its_type(key: str, kind: str, bound: str) -> None:
    """No cell could be compared with another type of bound, and the check would silently be skipped."""
    error = _refused(f'{_TO}[payload.x]\ncolumn = "X"\ntype = "{kind}"\n{key} = {bound}')

    assert f"[payload.x] {key}" in error.what
    assert kind in error.what


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        (f"agentid = 'x'\n{_TO}", "agent_id"),
        (f"unmaped = 'error'\n{_TO}", "unmapped"),
        (f"unmapped = 'errors'\n{_TO}", "error"),
        (f"{_TO}regon = 'US'", "region"),
        (f'{_TO}[payload.x]\ncolumn = "X"\ntype = "int"', "integer"),
        (f'{_TO}[payload.x]\ncolum = "X"', "column"),
        (f'{_TO}[delay_second]\ncolumn = "X"', "delay_seconds"),
    ],
)
def test_the_nearest_word_is_suggested(text: str, guess: str) -> None:
    remedy = _refused(text).remedy

    assert f"Did you mean {guess!r}?" in remedy
    assert "Known are:" in remedy


def test_every_key_has_its_sentence() -> None:
    assert set(KEYS) == {name for name in Field.__dataclass_fields__ if name not in {"place", "name", "fallbacks"}}
    assert all(sentence for _, sentence in KEYS.values())


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("[to]\ncolumn = 3", f"It must be text, a list of texts: {KEYS['column'][1]}."),
        (f"{_TO}required = 1", "It must be true or false: an empty cell makes the row `rejected`."),
        (f"{_TO}max_length = true", "It must be a whole number: the most characters."),
    ],
)
def test_a_value_of_the_wrong_type_is_told_which_one_it_must_have(text: str, remedy: str) -> None:
    error = _refused(text)

    assert "is of the wrong type" in error.what
    assert remedy == error.remedy


# Rows that are not called, and columns that the results show


def test_rules_and_kept_columns() -> None:
    rules = (
        '[[skip]]\ncolumn = "DNC"\nis = ["x", true]\n[[skip]]\ncolumn = "Stage"\nis_not = ["open"]\nreason = "Done."\n'
    )
    schema = _parsed(f'keep = ["Name", "Name", "City"]\n{_TO}{rules}[[skip]]\ncolumn = "Left"\nfilled = true\n')

    assert ("Name", "City") == schema.keep
    assert (
        SkipRule("DNC", is_any_of=("x", "True")),
        SkipRule("Stage", is_none_of=("open",), reason="Done."),
        SkipRule("Left"),
    ) == schema.skips


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ('[skip]\ncolumn = "X"', "list of tables", 3),
        ("[[skip]]\nfilled = true", "names no column", 3),
        ('[[skip]]\ncolumn = "X"', "has no condition", 3),
        ('[[skip]]\ncolumn = "X"\nis = ["a"]\nfilled = true', "several conditions", 3),
        ('[[skip]]\ncolumn = "X"\nis = "a"', "is = 'a' cannot be used", 5),
        ('[[skip]]\ncolumn = "X"\nis = []', "cannot be used", 5),
        ('[[skip]]\ncolumn = "X"\nis = [["a"]]', "no cell can hold", 5),
        ('[[skip]]\ncolumn = "X"\nfilled = false', "cannot be used", 5),
        ('[[skip]]\ncolumn = "X"\nfilled = true\n[[skip]]\ncolumn = "Y"\nresaon = "a"', "2 has the unknown key", 8),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_used_is_refused_with_its_line(text: str, says: str, line: int) -> None:
    tables = f"{_TO}{text}\n"
    with pytest.raises(UsageError) as refusal:
        parse_schema(tomllib.loads(tables), "clinic.toml", tables)

    assert says in refusal.value.what
    assert f"line {line}," in refusal.value.what


@pytest.mark.parametrize("keep", ['"Name"', "[1]", '[" "]'])
def test_a_list_of_columns_to_keep_is_a_list_of_headers(keep: str) -> None:
    assert "keep" in _refused(f"keep = {keep}\n{_TO}").what
