"""Standard streams that are closed, broken, full or of another encoding: the work is done, and the status is true."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import TOKEN, command, environment, run_here, through_shell
from makers import UNHURRIED, contacts, lines, number, write_csv

from batch_dialer.sandbox.serve import Sandbox

_FULL = Path("/dev/full")


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def _through(api: Sandbox) -> tuple[str, ...]:
    return ("--agent", "agent_1", "--base-url", api.base_url, "--rate", "1000/s")


def _in_shell(script: str, *arguments: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        through_shell(script, *arguments),
        cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    print(done.stdout, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception ignored" not in done.stderr
    return done


@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&-", "<&- >&- 2>&-"])
def test_a_run_with_closed_streams_calls_everybody_and_prints_into_no_file_of_its_own(
    tmp_path: Path, api: Sandbox, closed: str
) -> None:
    sheet = contacts(tmp_path / "some.csv", 5)
    done = _in_shell(f'exec "$@" {closed}', "run", sheet, *_through(api), "--yes", "--verbose", cwd=tmp_path)

    assert 0 == done.returncode
    assert [number(n) for n in range(5)] == [line["to"] for line in lines(tmp_path / "some.results.csv")]
    assert {"initiated"} == {line["status"] for line in lines(tmp_path / "some.results.csv")}
    run_here("run", sheet, *_through(api), "--yes", cwd=tmp_path)  # which refuses a journal that holds anything else
    assert 5 == len(api.exchange.rings)


@pytest.mark.parametrize(
    ("closed", "arguments", "status"),
    [
        ("<&- >&- 2>&-", ("validate", "bad.csv"), 1),
        ("<&- >&- 2>&-", ("dance",), 2),
        ("<&- >&- 2>&-", ("run", "bad.csv", "--yes"), 2),
        ("<&- >&- 2>&-", ("run", "none.csv", "--agent", "a", "--yes"), 3),
        (">&-", ("validate", "bad.csv"), 1),
        (">&-", ("dance",), 2),
        ("2>&-", ("validate", "bad.csv", "--strict"), 3),
        ("2>&-", ("dance",), 2),
    ],
)
def test_an_error_that_nobody_can_read_has_its_status(
    tmp_path: Path, closed: str, arguments: tuple[str, ...], status: int
) -> None:
    write_csv(tmp_path / "bad.csv", [("Ann", "12")])
    assert status == _in_shell(f'exec "$@" {closed}', *arguments, cwd=tmp_path).returncode


@pytest.mark.parametrize("closed", ["", "<&-", "2>&-", "<&- >&- 2>&-"])
def test_without_a_terminal_nobody_is_called_unless_yes_is_given(tmp_path: Path, api: Sandbox, closed: str) -> None:
    sheet = contacts(tmp_path / "some.csv", 2)
    done = _in_shell(f'exec "$@" {closed}', "run", sheet, *_through(api), cwd=tmp_path)
    assert 2 == done.returncode
    assert [] == api.app.seen
    assert ["some.csv"] == [path.name for path in tmp_path.iterdir()]
    assert not done.stderr or "give --yes" in done.stderr


def test_a_sheet_from_standard_input_needs_yes(tmp_path: Path, api: Sandbox) -> None:
    contacts(tmp_path / "some.csv", 2)
    for more, status in ((), 2), (("--yes",), 0):
        done = _in_shell('exec "$@" < some.csv', "run", "-", *_through(api), *more, cwd=tmp_path)
        assert status == done.returncode
    assert 2 == len(api.exchange.rings)


@pytest.mark.parametrize(("rehearsed", "closed"), [("--sandbox", ""), ("--sandbox", "<&-"), ("--dry-run", "<&-")])
def test_what_rings_no_phone_needs_no_yes(tmp_path: Path, rehearsed: str, closed: str) -> None:
    sheet = contacts(tmp_path / "some.csv", 2)
    assert 0 == _in_shell(f'exec "$@" {closed}', "run", sheet, "--agent", "a", rehearsed, cwd=tmp_path).returncode


def _with_broken(*arguments: object, cwd: Path, out: bool, err: bool) -> "subprocess.CompletedProcess[bytes]":
    """Run the command with pipes that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(
            command(*arguments),
            cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, stdout=writer if out else subprocess.PIPE,
            stderr=writer if err else subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(writer)


@pytest.mark.parametrize(("out", "err"), [(True, False), (False, True), (True, True)])
def test_a_reader_who_is_gone_changes_neither_the_results_nor_the_status(
    tmp_path: Path, api: Sandbox, *, out: bool, err: bool
) -> None:
    sheet = contacts(tmp_path / "some.csv", 20)
    done = _with_broken("run", sheet, *_through(api), "--yes", "--verbose", cwd=tmp_path, out=out, err=err)
    assert 0 == done.returncode
    assert b"Exception" not in (done.stderr or b"")
    assert 20 == len(lines(tmp_path / "some.results.csv")) == len(api.exchange.rings)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("run", "--help"), 0),
        (("--version",), 0),
        (("schema", "new", "some.csv"), 0),
        (("schema", "json"), 0),
        (("validate", "some.csv"), 0),
        (("run", "some.csv", "--agent", "a", "--dry-run"), 0),
        (("dance",), 2),
    ],
)
def test_a_reader_who_is_gone_is_no_error(tmp_path: Path, arguments: tuple[str, ...], status: int) -> None:
    contacts(tmp_path / "some.csv", 2)
    assert status == _with_broken(*arguments, cwd=tmp_path, out=True, err=True).returncode


def test_only_the_first_line_of_a_run_may_be_read(tmp_path: Path, api: Sandbox) -> None:
    sheet = contacts(tmp_path / "some.csv", 20)
    script = '{ "$@"; echo $? > status; } 2>&1 | head -1'
    done = _in_shell(script, "run", sheet, *_through(api), "--yes", cwd=tmp_path)
    assert 1 == len(done.stdout.splitlines())
    assert "0\n" == (tmp_path / "status").read_text()
    assert {"initiated"} == {line["status"] for line in lines(tmp_path / "some.results.csv")}
    assert 20 == len(api.exchange.rings)


@pytest.mark.skipif(not _FULL.exists(), reason="only Linux has /dev/full")
def test_a_full_disk_under_the_log_is_no_error_of_the_run_but_a_schema_that_is_lost_is(
    tmp_path: Path, api: Sandbox
) -> None:
    sheet = contacts(tmp_path / "some.csv", 3)
    done = _in_shell('exec "$@" >/dev/full 2>&1', "run", sheet, *_through(api), "--yes", cwd=tmp_path)
    assert (0, 3) == (done.returncode, len(lines(tmp_path / "some.results.csv")))
    for arguments in ("new", sheet), ("json",):
        lost = _in_shell('exec "$@" >/dev/full', "schema", *arguments, cwd=tmp_path)
        assert 2 == lost.returncode
        assert "Standard output could not be written: No space left on device." in lost.stderr
    assert 2 == _in_shell('exec "$@" >&-', "schema", "json", cwd=tmp_path).returncode


_TO_A_PIPE = '"$@" | tee schema.toml'
_TO_A_FILE = '"$@" > schema.toml && cat schema.toml'


@pytest.mark.parametrize(
    ("script", "changes"),
    [
        (_TO_A_PIPE, {"PYTHONIOENCODING": "ascii"}),
        (_TO_A_FILE, {"PYTHONIOENCODING": "cp1252"}),
        (_TO_A_PIPE, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        (_TO_A_FILE, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        (_TO_A_PIPE, {"LC_ALL": "POSIX"}),
    ],
)
def test_what_goes_to_a_pipe_or_a_file_is_utf_8(tmp_path: Path, script: str, changes: dict[str, str]) -> None:
    write_csv(tmp_path / "some.csv", [("Łukasz", number(0))], header=("Imię", "Phone"))
    done = subprocess.run(
        through_shell(script, "schema", "new", "some.csv"),
        cwd=tmp_path, env=environment(**changes), stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert 0 == done.returncode
    assert 'column = "Imię"' in done.stdout.decode()
    run_here("schema", "check", "schema.toml", cwd=tmp_path)


def test_no_name_of_a_file_is_printed_as_the_terminal_would_obey_it(tmp_path: Path) -> None:
    evil = "a\x1b[2J\u202eb"
    contacts(tmp_path / f"{evil}.csv", 1)
    write_csv(tmp_path / "bad.csv", [("Ann", "12")])
    said = [
        run_here("schema", "new", f"{evil}.csv", "--out", f"{evil}.toml", cwd=tmp_path),
        run_here("schema", "new", f"{evil}.csv", "--out", f"{evil}.toml", cwd=tmp_path, expect=2),
        run_here("template", "--schema", f"{evil}.toml", "--out", f"{evil}.xlsx", cwd=tmp_path),
        run_here(
            "validate", "bad.csv", "--report", f"{evil}.r.csv", "--rejects", f"{evil}.s.csv", cwd=tmp_path, expect=1
        ),
        run_here("validate", "bad.csv", "--report", f"{evil}.r.xlsx", cwd=tmp_path, expect=1),
        run_here("validate", f"{evil}.none", cwd=tmp_path, expect=3),
        run_here("validate", "bad.csv", "--report", evil, cwd=tmp_path, expect=2),
        run_here(evil, cwd=tmp_path, expect=2),
    ]
    for done in said:
        assert [] == [char for char in done.stdout + done.stderr if not char.isprintable() and char != "\n"]
        assert TOKEN not in done.stdout
