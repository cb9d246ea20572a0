"""`schema`: a first schema for a sheet, and what is wrong with one."""

from pathlib import Path

from harness import run_here
from makers import contacts, write_csv

_GOOD = 'agent_id = "agent_1"\n[to]\ncolumn = "Phone"\n[payload.name]\ncolumn = "Name"\nrequired = true\n'


def test_a_proposal_is_printed_and_calls_nobody_by_name(tmp_path: Path) -> None:
    shown = run_here("schema", "new", contacts(tmp_path / "people.csv", 5), cwd=tmp_path).stdout

    assert "[payload.name]" in shown
    assert "Person" not in shown
    assert "+1" not in shown


def test_a_proposal_can_be_used_as_it_is_written(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "people.csv", 5)
    run_here("schema", "new", sheet, "--out", "people.toml", cwd=tmp_path)
    run_here("schema", "check", "people.toml", cwd=tmp_path)

    assert "5 can be dialed, 0 cannot" in run_here("validate", sheet, "--schema", "people.toml", cwd=tmp_path).stdout


def test_a_schema_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(_GOOD)
    shown = run_here(
        "schema", "new", contacts(tmp_path / "a.csv", 1), "--out", "mine.toml", cwd=tmp_path, expect=2
    ).stderr

    assert "already exists" in shown
    assert _GOOD == (tmp_path / "mine.toml").read_text()


def test_a_place_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "a.csv", 1)

    assert "cannot be written" in run_here("schema", "new", sheet, "--out", "no/x.toml", cwd=tmp_path, expect=2).stderr


def test_which_column_is_called_is_asked_for(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "a.csv", [("Ann", "+12125550100")], ("Name", "Ring"))

    assert '--phone "HEADER"' in run_here("schema", "new", sheet, cwd=tmp_path, expect=3).stderr
    assert 'column = "Ring"' in run_here("schema", "new", sheet, "--phone", "Ring", cwd=tmp_path).stdout


def test_a_good_schema_is_said_to_be_good_and_shown(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(_GOOD)
    shown = run_here("schema", "check", "s.toml", cwd=tmp_path).stdout

    assert "s.toml is valid." in shown
    assert 'column "Name"' in shown
    assert "required" in shown


def test_a_wrong_key_is_named_with_its_file_its_line_and_what_was_meant(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(_GOOD + "max_lenght = 5\n")
    shown = run_here("schema", "check", "s.toml", cwd=tmp_path, expect=2).stderr

    assert "s.toml, line 7," in shown
    assert "[payload.name]" in shown
    assert "Did you mean 'max_length'?" in shown


def test_what_is_no_toml_or_no_text_or_not_there_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("[to]\ncolumn = Phone\n")
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe[to]")

    shown = run_here("schema", "check", "s.toml", cwd=tmp_path, expect=2).stderr
    assert "line 2" in shown
    assert "quotation marks" in shown
    assert "not UTF-8" in run_here("schema", "check", "b.toml", cwd=tmp_path, expect=2).stderr
    assert "cannot be read" in run_here("schema", "check", "none.toml", cwd=tmp_path, expect=2).stderr


def test_the_format_is_printed_for_editors(tmp_path: Path) -> None:
    shipped = Path(__file__).parent.parent.parent / "schemas" / "batch_dialer.schema.json"

    assert shipped.read_text(encoding="utf-8") == run_here("schema", "json", cwd=tmp_path).stdout


def test_a_mark_before_the_text_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(_GOOD, encoding="utf-8-sig")

    run_here("schema", "check", "s.toml", cwd=tmp_path)
