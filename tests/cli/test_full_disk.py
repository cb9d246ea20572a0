"""A disk that takes no byte: it is said in words, nobody is called, and no part of a file passes for the whole."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import TOKEN, environment
from makers import UNHURRIED, contacts, number, write_csv

from batch_dialer.sandbox.serve import Sandbox

_FAILPOINTS = Path(__file__).parents[1] / "support" / "failpoints.py"
_FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
_ALL_FULL = f"{_FULL} from batch_dialer.__main__ import main; main()"
_ALL_BUT_THE_TEMPORARY_FOLDER = f"import tempfile; tempfile.gettempdir(); {_ALL_FULL}"
"""Its folder is found before; what is written into it fails all the same."""


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def _run(program: str, *arguments: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=cwd, env=environment(PYTHONDONTWRITEBYTECODE="1"), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    print(done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    return done


@pytest.mark.parametrize("program", [_ALL_FULL, _ALL_BUT_THE_TEMPORARY_FOLDER])
def test_a_first_run_calls_nobody(tmp_path: Path, api: Sandbox, program: str) -> None:
    sheet = contacts(tmp_path / "some.csv", 2)
    done = _run(program, "run", sheet, "--agent", "a", "--base-url", api.base_url, "--yes", cwd=tmp_path)
    assert 2 == done.returncode
    assert "Nobody was called." in done.stderr
    assert [] == api.app.seen
    assert {"some.csv", "some.results.csv.lock"} >= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        (_ALL_FULL, ("template", "--out", "new.csv")),
        (_ALL_FULL, ("template", "--out", "new.xlsx")),
        (_ALL_FULL, ("validate", "some.csv", "--report", "new.xlsx")),
        (_ALL_BUT_THE_TEMPORARY_FOLDER, ("schema", "new", "some.csv", "--out", "new.toml")),
        (_ALL_BUT_THE_TEMPORARY_FOLDER, ("template", "--out", "new.xlsx")),
        (_ALL_BUT_THE_TEMPORARY_FOLDER, ("validate", "some.csv", "--report", "new.csv")),
        (_ALL_BUT_THE_TEMPORARY_FOLDER, ("validate", "some.csv", "--report", "new.xlsx")),
        (_ALL_BUT_THE_TEMPORARY_FOLDER, ("validate", "some.csv", "--rejects", "new.csv")),
    ],
)
def test_a_file_that_cannot_be_written_is_named_and_no_part_of_it_is_left(
    tmp_path: Path, program: str, arguments: tuple[str, ...]
) -> None:
    write_csv(tmp_path / "some.csv", [("Ann", "12"), ("Bob", number(1))])
    done = _run(program, *arguments, cwd=tmp_path)
    assert 2 == done.returncode
    assert f"{arguments[-1]} cannot be written: " in done.stderr
    assert ["some.csv"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("taken", [False, True])
def test_a_bug_is_told_without_any_data_of_the_sheet_where_its_details_cannot_be_kept(
    tmp_path: Path, *, taken: bool
) -> None:
    contacts(tmp_path / "some.csv", 2)
    where = tmp_path / "temporary"
    where.mkdir()
    done = subprocess.run(
        [sys.executable, str(_FAILPOINTS), "a bug", str(int(taken)), "ENOSPC", "run", "some.csv", "--sandbox"],
        cwd=tmp_path, env=environment(TMPDIR=str(where)), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert 70 == done.returncode
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stderr
    assert number(0) not in done.stderr
    kept = list(where.iterdir())
    if taken:
        assert "KeyError at " in done.stderr
        assert "failpoints.py:" in done.stderr
        assert "The details could not be written to a file (No space left on device)." in done.stderr
        assert [] == kept
    else:
        assert number(0) in kept[0].read_text()
        assert str(kept[0]) in done.stderr
