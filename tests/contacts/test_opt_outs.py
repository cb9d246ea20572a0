"""Which headers opt out, which texts say so, and whom a rule of the schema keeps from being called."""

import tomllib

import polars as pl
import pytest

from batch_dialer.contacts.choice import Choice
from batch_dialer.contacts.exclusions import exclusion_warnings
from batch_dialer.contacts.find_column import snake_case
from batch_dialer.contacts.map_sheet import map_sheet
from batch_dialer.contacts.opt_outs import is_opt_out
from batch_dialer.contacts.validate import Checked, validate
from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.schema.parse import parse_schema
from batch_dialer.schema.schema import Place


@pytest.mark.parametrize(
    "header",
    [
        *("do not call", "Do Not Call", "DO-NOT-CALL", "do_not_call", "DoNotCall", "DONOTCALL"),
        *("Don't call", "Do not call?"),
        *("dnc", "DNC", "DNC flag", "DNC Status", "is_dnc", "On DNC list", "National DNC", "do_not_contact", "DND"),
        *("opt out", "Opt-Out", "optout", "opted out", "Opted_Out", "hasOptedOut", "Opt-out (Y/N)", "Opted out at"),
        *("Phone Opt Out", "Opt out of calls", "Opt out from phone calls", "opt_out_date", "No calls", "no call list"),
        *("unsubscribed", "Unsubscribe", "Unsubscribed on", "blocked", "Is blocked", "Blacklisted", "Blocklist"),
        "Suppressed",
        *("Exclude", "excluded", "Skip", "\ufeffDo Not Call", "hs_do_not_call", "Nicht anrufen", "Gesperrt"),
        "No llamar",
    ],
)  # fmt: skip
def test_a_header_that_reads_as_an_opt_out(header: str) -> None:
    assert is_opt_out(snake_case(header))


@pytest.mark.parametrize(
    "header",
    [
        *("", "Name", "Call", "Calls", "Phone", "Status", "Call status", "Contact", "Contact date", "Opt in"),
        *("Email Opt Out", "Opted out of email", "SMS opt out", "Unsubscribed from all email", "Fax opt out"),
        *("Do not call before", "Do not call after 18:00", "Blocked amount", "Call me", "Skipped payments"),
    ],
)  # fmt: skip
def test_a_header_that_does_not(header: str) -> None:
    assert not is_opt_out(snake_case(header))


def _sheet(header: str, *texts: str | None, numbers: tuple[str, ...] = ()) -> Sheet:
    phones = [*numbers, *(f"+121255501{n:02d}" for n in range(len(numbers), len(texts)))]
    cells = {"row": range(2, len(texts) + 2), "c0": phones, "c1": list(texts)}
    types: dict[str, type[pl.DataType]] = {"row": pl.UInt32, "c0": pl.String, "c1": pl.String}
    return Sheet("s.csv", ("Phone", header), pl.DataFrame(cells, schema=types))


def _checked(sheet: Sheet, schema: str = "") -> Checked:
    parsed = parse_schema(tomllib.loads(schema), "s.toml") if schema else None
    return validate(sheet, map_sheet(parsed, sheet), "UTC")


def _called(checked: Checked) -> list[bool]:
    if "excluded" not in checked.rows.columns:
        return [True] * checked.rows.height
    return checked.rows["excluded"].is_null().to_list()


_SET = (
    *("TRUE", "true", "yes", "YES", "Y", "y", "1", "x", "X", " yes ", "ja", "oui", "sí", "si", "WAHR", "checked", "✓"),
    *("2026-01-02", "2/3/2026", "02.03.26", "2026-01-02 09:30", "2026-01-02T09:30:00Z"),
)  # fmt: skip
_NOT_SET = ("FALSE", "False", "no", "No", "N", "0", "0.0", "nein", "non", "FALSCH", "", "  ", None, "null", "n/a", "-")
_UNCLEAR = ("maybe", "2", "asked on the phone", "#N/A", "?", "call later")


@pytest.mark.parametrize("text", _SET)
def test_a_row_in_which_it_is_set_is_not_called(text: str) -> None:
    checked = _checked(_sheet("Do Not Call", text, None))
    assert [False, True] == _called(checked)
    assert () == checked.excluded[0].unclear
    assert f'Column "Do Not Call" has "{text.strip()}": not called.' == checked.rows["excluded"][0]


@pytest.mark.parametrize("text", _NOT_SET)
def test_a_row_in_which_it_is_not_set_is_called(text: str | None) -> None:
    assert [True] == _called(_checked(_sheet("Do Not Call", text)))


@pytest.mark.parametrize("text", _UNCLEAR)
def test_where_it_cannot_be_told_nobody_is_called_and_a_warning_says_so(text: str) -> None:
    checked = _checked(_sheet("DNC", None, text))
    assert [True, False] == _called(checked)
    assert "does not clearly say yes or no" in checked.rows["excluded"][1]
    [warning] = exclusion_warnings(checked.mapping, checked.excluded)
    assert "row 3" in warning
    assert text not in warning


def test_who_opted_out_is_not_called_by_another_row() -> None:
    checked = _checked(_sheet("DNC", None, "yes", None, numbers=("+12125550109", "+12125550109")))
    assert [False, False, True] == _called(checked)
    assert "Row 3 with the same number says not to call it." == checked.rows["excluded"][0]
    assert [1] == [each.rows for each in checked.excluded]


_TO = '[to]\ncolumn = "Phone"\n'


@pytest.mark.parametrize(
    ("condition", "called"),
    [
        ('is = ["Done", "lost"]', [False, False, True, True, False]),
        ('is = ["", "done"]', [False, True, False, True, False]),
        ('is_not = ["open"]', [False, False, False, True, False]),
        ('is_not = ["", "open", "done"]', [True, False, True, True, False]),
        ("filled = true", [False, False, True, False, False]),
    ],
)
def test_rules_of_the_schema(condition: str, called: list[bool]) -> None:
    sheet = _sheet("State", "DONE", " lost ", None, "open", "#REF!")
    assert called == _called(_checked(sheet, f'{_TO}[[skip]]\ncolumn = "state"\n{condition}\n'))


def test_a_truth_value_is_what_its_cell_shows() -> None:
    schema = f'{_TO}[[skip]]\ncolumn = "Hold"\nis = [true, 1]\n'
    assert [False, False, True] == _called(_checked(_sheet("Hold", "TRUE", "1", "FALSE"), schema))


def test_a_reason_is_what_people_are_told() -> None:
    schema = f'{_TO}[[skip]]\ncolumn = "State"\nfilled = true\nreason = "Was dealt with."\n'
    assert ["Was dealt with."] == _checked(_sheet("State", "x"), schema).rows["excluded"].to_list()


def test_a_rule_about_rows_does_not_reach_other_rows_of_the_number() -> None:
    schema = f'{_TO}[[skip]]\ncolumn = "State"\nis = ["done"]\n'
    sheet = _sheet("State", "done", "open", numbers=("+12125550109", "+12125550109"))
    assert [False, True] == _called(_checked(sheet, schema))


@pytest.mark.parametrize("unmapped", ["payload", "ignore"])
def test_with_a_schema_that_does_not_name_it_an_opt_out_is_one(unmapped: str) -> None:
    checked = _checked(_sheet("Do Not Call", "yes", "no"), f'unmapped = "{unmapped}"\n{_TO}')
    assert [False, True] == _called(checked)
    assert ["to"] == [mapped.field.label for mapped in checked.mapping.fields]
    assert () == checked.mapping.ignored


def test_with_a_schema_that_allows_no_other_columns_the_way_out_is_a_rule() -> None:
    with pytest.raises(BadSheet) as refusal:
        _checked(_sheet("Do Not Call", "yes"), _TO)
    assert '[[skip]] with column = "Do Not Call"' in refusal.value.remedy


def test_a_schema_that_sends_it_is_warned_of_and_a_rule_ends_the_warning() -> None:
    sent = f'{_TO}[payload.flag]\ncolumn = "Do Not Call"\n'
    checked = _checked(_sheet("Do Not Call", "yes"), sent)
    [warning] = exclusion_warnings(checked.mapping, checked.excluded)
    assert "reads as an opt-out" in warning
    ruled = _checked(_sheet("Do Not Call", "yes"), f'{sent}[[skip]]\ncolumn = "Do Not Call"\nis = ["yes"]\n')
    assert [] == exclusion_warnings(ruled.mapping, ruled.excluded)


def test_a_rule_whose_column_is_not_there_refuses_the_sheet() -> None:
    with pytest.raises(BadSheet, match=r"no column 'DNC', which the schema's \[\[skip\]\] needs"):
        _checked(_sheet("State", "x"), f'unmapped = "ignore"\n{_TO}[[skip]]\ncolumn = "DNC"\nfilled = true\n')


def _wide(headers: tuple[str, ...], *rows: tuple[str | None, ...]) -> Sheet:
    columns = {f"c{n}": [row[n] for row in rows] for n, _ in enumerate(headers)}
    types: dict[str, type[pl.DataType]] = {"row": pl.UInt32} | dict.fromkeys(columns, pl.String)
    return Sheet("s.csv", headers, pl.DataFrame({"row": range(2, len(rows) + 2), **columns}, schema=types))


def test_who_opted_out_is_called_at_none_of_several_numbers() -> None:
    sheet = _wide(
        ("Mobile", "Phone", "DNC"),
        ("+12125550101", "+12125550102", "yes"),
        ("+12125550102", None, None),
        ("+12125550103", "+12125550102", None),
    )
    checked = _checked(sheet, 'unmapped = "ignore"\n[to]\ncolumn = ["Mobile", "Phone"]\n')
    assert [False, False, True] == _called(checked)


def test_the_columns_of_the_number_are_no_opt_outs_whatever_they_are_headed() -> None:
    sheet = _wide(("Phone", "DNC phone", "DNC list"), ("12", "+12125550102", "US"))
    checked = _checked(sheet, '[to]\ncolumn = ["Phone", "DNC phone"]\nregion_column = "DNC list"\n')
    assert [True] == _called(checked)
    assert [] == exclusion_warnings(checked.mapping, checked.excluded)


@pytest.mark.parametrize(
    ("schema", "payload", "called", "sent"),
    [
        ("", ("Name",), [False, True], ["name"]),
        ("", ("Name", "DNC"), [False, True], ["name", "dnc"]),  # its flag is sent for those who are called
        (_TO, ("Name",), [False, True], ["name"]),
        (_TO, ("DNC",), [False, True], ["dnc"]),
        (f'{_TO}[payload.flag]\ncolumn = "DNC"\n', ("Name",), [False, True], ["name"]),
        (f'{_TO}[payload.flag]\ncolumn = "DNC"\n', ("DNC",), [True, True], ["flag"]),  # the schema says what it is for
    ],
)
def test_chosen_variables_let_nobody_be_called_who_opted_out(
    schema: str, payload: tuple[str, ...], called: list[bool], sent: list[str]
) -> None:
    sheet = _wide(("Phone", "Name", "DNC"), ("+12125550101", "Ann", "yes"), ("+12125550102", "Bob", "no"))
    parsed = parse_schema(tomllib.loads(schema), "s.toml") if schema else None
    checked = validate(sheet, map_sheet(parsed, sheet, choice=Choice(payload=payload)), "UTC")
    assert called == _called(checked)
    assert sent == [mapped.field.name for mapped in checked.mapping.fields_of(Place.PAYLOAD)]
    assert "DNC" not in checked.mapping.ignored


def test_columns_that_the_results_show_are_not_listed_as_unused() -> None:
    sheet = _wide(("Mobile", "Phone", "Name", "Note"), ("+12125550101", None, "Ann", "n"))
    schema = 'keep = ["phone", "Name"]\n[to]\ncolumn = ["Mobile", "Phone"]\n'
    mapping = map_sheet(
        parse_schema(tomllib.loads(schema), "s.toml"), sheet, choice=Choice(phone="Mobile", payload=("Note",))
    )
    assert (("Phone", 1), ("Name", 2)) == mapping.kept
    assert () == mapping.ignored
