"""Which column means what, by the schema or by the headers alone; where that is not certain, the sheet is refused."""

import tomllib

import pytest

from batch_dialer.contacts.headers import snake_case
from batch_dialer.contacts.mapping import PHONE_HEADERS, ColumnMapping, map_columns
from batch_dialer.errors import BadSheet
from batch_dialer.schema.parse import parse_schema
from batch_dialer.schema.schema import Place, Type
from batch_dialer.words import Exit

_CONTRACT = (
    *("phone_number", "phone", "phone number", "number", "to", "to_number", "to_phone_number", "contact_number"),
    *("mobile", "mobile_number", "cell", "telephone", "phone_primary", "msisdn"),
)


def _by_headers(*headers: str) -> ColumnMapping:
    return map_columns(None, headers)


def _by_schema(text: str, *headers: str) -> ColumnMapping:
    return map_columns(parse_schema(tomllib.loads(text), "s.toml"), headers)


def _shown(mapping: ColumnMapping) -> dict[str, int | None]:
    return {entry.field.label: entry.index for entry in mapping.fields}


def _refused(text: str | None, *headers: str) -> BadSheet:
    with pytest.raises(BadSheet) as caught:
        _by_schema(text, *headers) if text else _by_headers(*headers)
    assert Exit.BAD_SHEET is caught.value.exit
    return caught.value


# Without a schema


@pytest.mark.parametrize("header", _CONTRACT)
def test_every_header_of_the_contract(header: str) -> None:
    folded = {"to": 1, "payload.name": 0}
    words = header.replace("_", " ").split()
    for written in (
        header,
        header.upper(),
        header.title(),
        f"\ufeff{header}",
        " ".join(words),
        "  ".join(words),
        "-".join(words),
        "_".join(words).upper(),
        "".join(words),
        "".join(words).upper(),
        "".join(word.title() for word in words),
        f" {header} ",
    ):
        assert folded == _shown(_by_headers("Name", written)), written


def test_no_other_header_is_one() -> None:
    assert {header.replace(" ", "_") for header in _CONTRACT} == set(PHONE_HEADERS)


@pytest.mark.parametrize(
    "header", ["fax", "phone_2", "phone 2", "home_phone", "caller", "numbers", "phone type", "from"]
)
def test_what_is_not_in_the_list_is_not_dialed(header: str) -> None:
    error = _refused(None, "Name", header)

    assert "phone" in error.what
    assert f'"{header}"' in error.remedy


@pytest.mark.parametrize(
    "pair", [("phone", "mobile"), ("Phone", "phone "), ("phone", "Phone"), ("to", "MSISDN", "cell")]
)
def test_several_candidates_are_named(pair: tuple[str, ...]) -> None:
    error = _refused(None, "Name", *pair)

    assert all(f'"{header}"' in error.what for header in pair)


@pytest.mark.parametrize("near", ["phne", "phone_numbr", "mobil", "Telefone"])
def test_the_nearest_header_is_suggested(near: str) -> None:
    assert f"Is it {near!r}?" in _refused(None, "Name", near).remedy


def test_no_headers_at_all() -> None:
    assert "Is it" not in _refused(None).remedy


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("id", "id"),
        ("ID", "id"),
        ("Id", "id"),
        ("delay_seconds", "delay_seconds"),
        ("Delay Seconds", "delay_seconds"),
        ("DELAY-SECONDS", "delay_seconds"),
        ("is_testing", "is_testing"),
        ("Is testing", "is_testing"),
        ("agent_id", "agent_id"),
        ("Agent ID", "agent_id"),
        ("context.crm_id", "context.crm_id"),
        ("Context.CRM ID", "context.CRM ID"),
        ("context.a.b", "context.a.b"),
        ("Customer ID", "payload.customer_id"),
        ("Amount due (EUR)", "payload.amount_due_eur"),
        ("firstName", "payload.first_name"),
        ("Größe", "payload.größe"),
        ("payload", "payload.payload"),
        ("status", "payload.status"),
    ],
)
def test_what_a_header_means(header: str, label: str) -> None:
    assert {"to": 0, label: 1} == _shown(_by_headers("phone", header))


def test_our_own_columns_have_their_types() -> None:
    mapping = _by_headers("phone", "delay_seconds", "is_testing", "id")

    assert [Type.STRING, Type.INTEGER, Type.BOOLEAN, Type.STRING] == [entry.field.type for entry in mapping.fields]
    assert ("delay_seconds", "") == (mapping.header(Place.DELAY), mapping.header(Place.EXPIRES))


@pytest.mark.parametrize("header", ["", "#", "%", "...", "?!"])
def test_a_header_without_a_letter_is_no_variable(header: str) -> None:
    mapping = _by_headers("phone", header, "Name")

    assert {"to": 0, "payload.name": 2} == _shown(mapping)
    assert ((header,) if header else ()) == mapping.ignored


@pytest.mark.parametrize(
    "pair",
    [("Name", "Name"), ("Name", "name"), ("First name", "first_name"), ("id", "ID"), ("context.a", "Context.a")],
)
def test_two_columns_for_one_meaning_are_refused(pair: tuple[str, str]) -> None:
    """Only one of the two could be sent."""
    error = _refused(None, "phone", *pair)

    assert all(f'"{header}"' in error.what for header in pair)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Amount due (EUR)", "amount_due_eur"),
        ("  Name  ", "name"),
        ("\ufeffName", "name"),
        ("a--b__c", "a_b_c"),
        ("firstName", "first_name"),
        ("CRMId", "crmid"),
        ("Zip/Postal", "zip_postal"),
        ("#", ""),
        ("2nd line", "2nd_line"),
    ],
)
def test_snake_case(header: str, name: str) -> None:
    assert name == snake_case(header)


# With a schema

_SCHEMA = '[to]\ncolumn = "Phone"\n[payload.name]\ncolumn = "Full Name"\n[payload.company]\nvalue = "Acme"\n'


@pytest.mark.parametrize("headers", [("Phone", "Full Name"), ("\ufeffPHONE", " full  name "), ("phone", "FULL NAME")])
def test_a_column_is_found_in_any_case_and_spacing(headers: tuple[str, str]) -> None:
    assert {"to": 0, "payload.name": 1, "payload.company": None} == _shown(_by_schema(_SCHEMA, *headers))


def test_the_exact_header_goes_before_a_similar_one() -> None:
    mapping = _by_schema(f'unmapped = "ignore"\n{_SCHEMA}', "PHONE", "Phone", "Full Name")

    assert 1 == _shown(mapping)["to"]
    assert ("PHONE",) == mapping.ignored


@pytest.mark.parametrize("headers", [("Phone", "Phone", "Full Name"), ("PHONE", "phone", "Full Name")])
def test_two_columns_of_that_name_are_refused(headers: tuple[str, ...]) -> None:
    error = _refused(_SCHEMA, *headers)

    assert "2 columns" in error.what
    assert "[to]" in error.what


def test_a_column_that_is_not_there_is_named_and_the_nearest_suggested() -> None:
    error = _refused(_SCHEMA, "Phone", "Full Nme")

    assert '"Full Name"' in error.what.replace("'", '"')
    assert "[payload.name]" in error.what
    assert "Did you mean 'Full Nme'?" in error.remedy
    assert '"Phone"' in error.remedy


def test_other_columns_are_an_error_unless_the_schema_says_otherwise() -> None:
    error = _refused(_SCHEMA, "Phone", "Full Name", "Notes", "", "Due")

    assert '"Notes", "Due"' in error.what
    assert "unmapped" in error.remedy


def test_other_columns_ignored() -> None:
    mapping = _by_schema(f'unmapped = "ignore"\n{_SCHEMA}', "Notes", "Phone", "Full Name", "")

    assert ("Notes",) == mapping.ignored
    assert {"to": 1, "payload.name": 2, "payload.company": None} == _shown(mapping)


def test_other_columns_as_variables() -> None:
    mapping = _by_schema(f'unmapped = "payload"\n{_SCHEMA}', "Amount Due", "Phone", "Full Name", "", "#")

    assert {"to": 1, "payload.name": 2, "payload.company": None, "payload.amount_due": 0} == _shown(mapping)
    assert ("#",) == mapping.ignored


def test_another_column_does_not_replace_a_variable_of_the_schema() -> None:
    error = _refused(f'unmapped = "payload"\n{_SCHEMA}', "Phone", "Full Name", "Name")

    assert '"Full Name", "Name"' in error.what
    assert "payload.name" in error.what


def test_one_column_may_be_used_twice() -> None:
    text = '[to]\ncolumn = "Phone"\n[id]\ncolumn = "ID"\n[context.customer]\ncolumn = "ID"\n'

    assert {"id": 1, "to": 0, "context.customer": 1} == _shown(_by_schema(text, "Phone", "ID"))


def test_a_file_of_rejects_can_be_fed_in_again() -> None:
    """Its last column, with the reasons, is not sent to the agent."""
    mapping = _by_headers("Name", "Phone", "rejected_reason")

    assert {"payload.name": 0, "to": 1} == _shown(mapping)
    assert ("rejected_reason",) == mapping.ignored
    for unmapped in ("payload", "ignore", "error"):
        mapping = _by_schema(f'unmapped = "{unmapped}"\n{_SCHEMA}', "Phone", "Full Name", "rejected_reason")
        assert {"to": 0, "payload.name": 1, "payload.company": None} == _shown(mapping)
