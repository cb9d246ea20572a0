"""Times without an offset where the machine's zone has no name, through the real command."""

import json
from pathlib import Path

import pytest
from harness import run
from makers import number, write_csv

_TIMES = '[to]\ncolumn = "Phone"\n[payload.at]\ncolumn = "At"\ntype = "datetime"\n'


@pytest.mark.parametrize("variable", ["JST-9", "CET-1CEST,M3.5.0,M10.5.0/3"])
def test_times_in_a_zone_without_a_name_are_refused_in_words(tmp_path: Path, variable: str) -> None:
    sheet = write_csv(tmp_path / "some.csv", [("2026-07-01 09:30", number(0))], header=("At", "Phone"))
    (tmp_path / "some.toml").write_text(_TIMES)
    refused = run("validate", sheet, "--schema", "some.toml", cwd=tmp_path, expect=2, TZ=variable).stderr
    assert 'Column "At" holds times, and the time zone of this machine has no name that could be found.' in refused
    assert "as in TZ=Europe/Berlin" in refused


def test_a_sheet_without_times_needs_no_zone(tmp_path: Path) -> None:
    run("validate", write_csv(tmp_path / "some.csv", [("Ann", number(0))]), cwd=tmp_path, TZ="JST-9")


def test_a_zone_of_an_old_name_is_that_zone(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "some.csv", [("2026-07-01 09:30", number(0))], header=("At", "Phone"))
    (tmp_path / "some.toml").write_text(_TIMES)
    words = ("run", sheet, "--schema", "some.toml", "--agent", "a", "--dry-run")
    assert "2026-07-01T09:30:00-04:00" in run(*words, cwd=tmp_path, TZ="EST5EDT").stdout


def test_no_line_of_a_library_is_in_a_log_of_json(tmp_path: Path) -> None:
    """A zone that tzlocal warns of, letters that are not UTF-8, and a file that may be cut."""
    sheet = tmp_path / "some.csv"
    sheet.write_bytes(f"Phone,Name\n{number(0)},Zoë Müller".encode("cp1252"))
    words = ("run", sheet, "--agent", "a", "--dry-run", "--log-format", "json")
    said = run(*words, cwd=tmp_path, TZ="JST-9", PYTHONWARNINGS="default")
    assert all("event" in json.loads(line) for line in said.stderr.splitlines())
    assert said.stderr
