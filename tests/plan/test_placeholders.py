"""Which placeholders an agent's texts have, and which of them no call has a variable for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.plan.placeholders import Variables, compare

_WRITTEN = {
    "{{name}}": ["{{name}}"],
    "Hello {{ customer name }}!": ["{{ customer name }}"],
    "Hello {name}, {Amount due}.": ["{name}", "{Amount due}"],
    "{{{name}}}": ["{{name}}"],
    '{{ name | default: "you" }}': ['{{ name | default: "you" }}'],
    "{{customer.name}} {{customer-name}} {{CustomerName}}": ["{{customer.name}}"],
    "{{\n  name\n}}": ["{{ name }}"],
    "{{größe}}": ["{{größe}}"],
    "{{#if name}} {{/if}} {{!}} {{ }} {} { }": [],
    'Answer as {"name": "Ann"}, match \\d{4} or [a-z]{2,3}.': [],
    "{name {name}": ["{name}"],
    "no placeholder": [],
    "": [],
}


@pytest.mark.parametrize("text", _WRITTEN)
def test_a_placeholder_is_found_as_people_write_it(text: str) -> None:
    assert tuple(_WRITTEN[text]) == compare([text], Variables(())).missing


@pytest.mark.parametrize("name", ["customer_name", "customerName", "Customer Name", "CUSTOMER_NAME"])
@pytest.mark.parametrize("text", ["{{customer_name}}", "{Customer name}", "{{ customerName }}"])
def test_a_name_is_the_same_in_any_spelling_of_its_words(name: str, text: str) -> None:
    fit = compare([text], Variables((name,)))
    assert ((), ()) == (fit.missing, fit.unused)


def test_what_no_text_asks_for_is_unused_but_not_where_the_texts_show_nothing() -> None:
    assert ("note",) == compare(["{{name}}"], Variables(("name", "note"))).unused
    assert () == compare(["Hello."], Variables(("name", "note"))).unused


@given(st.text(alphabet="{} |#/a1_é\n", max_size=300))
def test_law_any_text_is_read_and_what_is_missing_stands_in_it(text: str) -> None:
    squeezed = " ".join(text.split())
    assert all(each in squeezed for each in compare([text], Variables(())).missing)
