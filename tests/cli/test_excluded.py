"""Whoever opted out in the sheet itself is not rung, and the flag is sent to nobody."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from harness import run_here
from makers import UNHURRIED, lines, number, write_csv

from batch_dialer.sandbox.serve import Sandbox

_HEADER = ("Name", "Phone", "Do Not Call")
_ROWS = [
    ("Ann", number(0), "TRUE"),
    ("Bob", number(1), "FALSE"),
    ("Carl", number(2), "maybe"),
    ("Dora", number(3), ""),
    ("Ann again", number(0), ""),
    ("Eve", "12", "x"),
]


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def _dial(sheet: Path, api: Sandbox, *more: object, expect: int = 0) -> str:
    through = ("--agent", "agent_1", "--base-url", api.base_url, "--rate", "1000/s", "--yes")
    return run_here("run", sheet, *through, *more, cwd=sheet.parent, expect=expect).stderr


def _rung(api: Sandbox) -> list[str]:
    return sorted(call.to for call in api.exchange.calls)


def _workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(_HEADER)
    for name, phone, flag in _ROWS:
        page.append((name, phone, {"TRUE": True, "FALSE": False}.get(flag, flag or None)))
    book.save(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_who_opted_out_is_not_rung_and_the_mapping_says_so_before(tmp_path: Path, api: Sandbox, kind: str) -> None:
    path = tmp_path / f"people.{kind}"
    sheet = _workbook(path) if kind == "xlsx" else write_csv(path, _ROWS, header=_HEADER)

    shown = _dial(sheet, api, "--strict")

    assert [number(1), number(3)] == _rung(api)
    assert 'column "Do Not Call"  ->  rows in which it is set are not called: 3' in shown
    assert "payload.do_not_call" not in shown
    assert shown.index("are not called: 3") < shown.index("to place through")
    assert "not clearly say yes or no in row 4" in shown
    results = lines(tmp_path / "people.results.csv")
    assert ["EXCLUDED", "", "EXCLUDED", "", "EXCLUDED", "EXCLUDED"] == [line["error_code"] for line in results]
    assert 'Column "Do Not Call" has "TRUE": not called.' == results[0]["error_message"]


def test_who_takes_it_back_is_rung_and_who_opts_out_later_keeps_the_call(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(tmp_path / "people.csv", _ROWS[:2], header=_HEADER)
    _dial(sheet, api)
    write_csv(sheet, [("Ann", number(0), "no"), ("Bob", number(1), "yes")], header=_HEADER)
    _dial(sheet, api)

    assert [number(0), number(1)] == _rung(api)
    assert ["initiated", "initiated"] == [line["status"] for line in lines(tmp_path / "people.results.csv")]


def test_asked_for_by_name_who_opted_out_is_not_rung_at_a_new_number(tmp_path: Path, api: Sandbox) -> None:
    header = ("id", "Phone", "DNC")
    sheet = write_csv(tmp_path / "people.csv", [("C-1", number(0), "")], header=header)
    _dial(sheet, api)
    write_csv(sheet, [("C-1", number(1), "yes")], header=header)
    for more in ((), ("--only", "C-1"), ("--retry", "changed")):
        _dial(sheet, api, *more)
        assert ["EXCLUDED"] == [line["error_code"] for line in lines(tmp_path / "people.results.csv")]

    assert [number(0)] == _rung(api)


def test_rules_of_a_schema(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(tmp_path / "people.csv", [*_ROWS[:2], ("Fay", number(5), "")], header=_HEADER)
    rule = '[[skip]]\ncolumn = "Do Not Call"\nis_not = ["FALSE"]\nreason = "No consent."\n'
    (tmp_path / "s.toml").write_text(f'unmapped = "ignore"\n[to]\ncolumn = "Phone"\n{rule}')
    shown = _dial(sheet, api, "--schema", "s.toml")

    assert [number(1)] == _rung(api)
    assert 'rows in which it is not "FALSE" are not called: 2' in shown
    assert ["No consent.", "", "No consent."] == [
        line["error_message"] for line in lines(tmp_path / "people.results.csv")
    ]


def test_validate_counts_them_and_a_proposed_schema_has_a_rule(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "people.csv", _ROWS, header=_HEADER)
    shown = run_here("validate", sheet, cwd=tmp_path)

    assert "2 rows (comma-separated): 2 can be dialed, 0 cannot." in shown.stdout
    assert 'Column "Do Not Call": rows in which it is set are not called: 3.' in shown.stdout
    assert "4 rows" in shown.stdout
    assert "not clearly say yes or no in row 4" in shown.stderr

    run_here("schema", "new", sheet, "--out", "s.toml", cwd=tmp_path)
    assert "payload.do_not_call" not in (tmp_path / "s.toml").read_text()
    assert "are not called" in run_here("schema", "check", "s.toml", cwd=tmp_path).stdout
    again = run_here("validate", sheet, "--schema", "s.toml", cwd=tmp_path, expect=0).stdout
    assert "are not called: 3." in again
    run_here("template", "--schema", "s.toml", "--out", "t.csv", cwd=tmp_path)
    assert "1 can be dialed" in run_here("validate", "t.csv", "--schema", "s.toml", cwd=tmp_path).stdout


@pytest.mark.parametrize("schema", [None, "payload", "ignore"])
def test_the_flag_is_never_sent(tmp_path: Path, schema: str | None) -> None:
    sheet = write_csv(tmp_path / "people.csv", _ROWS, header=_HEADER)
    (tmp_path / "s.toml").write_text(f'unmapped = "{schema}"\n[to]\ncolumn = "Phone"\n')
    more = ("--schema", "s.toml") if schema else ()
    shown = run_here("run", sheet, "--agent", "agent_1", "--dry-run", *more, cwd=tmp_path)

    assert number(1) in shown.stdout
    assert number(0) not in shown.stdout
    assert "do_not_call" not in shown.stdout


def test_a_marked_copy_has_those_who_opted_out_and_no_word_on_them(tmp_path: Path) -> None:
    write_csv(tmp_path / "people.csv", _ROWS, header=_HEADER)
    run_here("validate", "people.csv", "--report", "problems.xlsx", cwd=tmp_path, expect=None)
    rows = openpyxl.load_workbook(tmp_path / "problems.xlsx").worksheets[1].iter_rows(min_row=2, values_only=True)
    words = {str(row[0]): row[-1] for row in rows}
    assert {"Ann", "Bob", "Carl", "Dora", "Ann again", "Eve"} == set(words)
    assert words["Ann"] is None
    assert words["Eve"] is None
    assert words["Bob"] is not None
