"""A disk that takes no byte: it is said in words, nobody is called, and no part of a file passes for the whole."""

import gc
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from failpoints import prepared
from harness import run_here
from makers import UNHURRIED, contacts, number, write_csv

from batch_dialer import cli
from batch_dialer.sandbox.serve import Sandbox

_main = cli.main


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def _on_a_full_disk() -> None:
    """Run the command while no file takes a byte, whoever in this process writes it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        _main()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _run(*arguments: object, cwd: Path, has_temporary_folder: bool) -> "subprocess.CompletedProcess[str]":
    """Run the command on a full disk; where the temporary folder was found before, it takes no byte all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", tempfile.gettempdir() if has_temporary_folder else None)
        patch.setattr(cli, "main", _on_a_full_disk)
        done = run_here(*arguments, cwd=cwd, expect=2)
    gc.collect()  # what openpyxl leaves of a workbook that could not be written complains here, and in no later test
    assert "bug" not in done.stderr
    return done


@pytest.mark.parametrize("has_temporary_folder", [False, True])
def test_a_first_run_calls_nobody(tmp_path: Path, api: Sandbox, *, has_temporary_folder: bool) -> None:
    sheet = contacts(tmp_path / "some.csv", 2)
    arguments = ("run", sheet, "--agent", "a", "--base-url", api.base_url, "--yes")
    done = _run(*arguments, cwd=tmp_path, has_temporary_folder=has_temporary_folder)
    assert "Nobody was called." in done.stderr
    assert [] == api.app.seen
    assert {"some.csv", "some.results.csv.lock"} >= {path.name for path in tmp_path.iterdir()}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("has_temporary_folder", "arguments"),
    [
        (False, ("template", "--out", "new.csv")),
        (False, ("template", "--out", "new.xlsx")),
        (False, ("validate", "some.csv", "--report", "new.xlsx")),
        (True, ("schema", "new", "some.csv", "--out", "new.toml")),
        (True, ("template", "--out", "new.xlsx")),
        (True, ("validate", "some.csv", "--report", "new.csv")),
        (True, ("validate", "some.csv", "--report", "new.xlsx")),
        (True, ("validate", "some.csv", "--rejects", "new.csv")),
    ],
)
def test_a_file_that_cannot_be_written_is_named_and_no_part_of_it_is_left(
    tmp_path: Path, arguments: tuple[str, ...], *, has_temporary_folder: bool
) -> None:
    write_csv(tmp_path / "some.csv", [("Ann", "12"), ("Bob", number(1))])
    done = _run(*arguments, cwd=tmp_path, has_temporary_folder=has_temporary_folder)
    assert f"{arguments[-1]} cannot be written: " in done.stderr
    assert ["some.csv"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("taken", [False, True])
def test_a_bug_is_told_without_any_data_of_the_sheet_where_its_details_cannot_be_kept(
    tmp_path: Path, *, taken: bool
) -> None:
    contacts(tmp_path / "some.csv", 2)
    where = tmp_path / "temporary"
    where.mkdir()
    with pytest.MonkeyPatch.context() as patch, prepared("a bug", int(taken), "ENOSPC"):
        patch.setattr(tempfile, "tempdir", str(where))
        done = run_here("run", "some.csv", "--sandbox", cwd=tmp_path, expect=70)
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
