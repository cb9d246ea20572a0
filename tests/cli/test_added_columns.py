"""What people write into the results stays with its row: across runs, while one is under way, and after a kill."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from harness import run_here
from makers import UNHURRIED, contacts, dial, lines, number, write_csv
from switchboard import Silent, Switchboard

from batch_dialer.entry import Entry
from batch_dialer.ledger.results_csv import COLUMNS
from batch_dialer.model import Verdict
from batch_dialer.plan.planning import Policy
from batch_dialer.sandbox.serve import Sandbox

_NOTE = 'told "no", =SUM(A1)\nsecond line; ünï'


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def _annotate(path: Path, header: str, *notes: str) -> None:
    """Add a column, as a person does in a spreadsheet program."""
    rows = _rows(path)
    full = [*notes, *([""] * len(rows))]
    _write(path, [[*row, text] for row, text in zip(rows, [header, *full], strict=False)])


def _extra(path: Path) -> list[list[str]]:
    """Return what stands behind our columns, the headers first."""
    return [row[len(COLUMNS) :] for row in _rows(path)]


@pytest.fixture(name="sheet")
def _sheet(tmp_path: Path) -> Path:
    return contacts(tmp_path / "s.csv", 4)


@pytest.fixture(name="results")
def _results(tmp_path: Path) -> Path:
    return tmp_path / "s.results.csv"


def test_a_column_of_notes_stays_across_runs(sheet: Path, results: Path) -> None:
    dial(sheet, Switchboard(), policy=Policy(limit=2))
    _annotate(results, "Notes", _NOTE, "", "=1+2", "'x")
    wanted = [["Notes"], [_NOTE], [""], ["'=1+2"], ["'x"]]  # a formula is made harmless, as in our own columns
    for limit, rung in ((1, 1), (None, 1), (None, 0)):
        board = Switchboard()
        dial(sheet, board, policy=Policy(limit=limit))
        assert wanted == _extra(results)
        assert rung == board.rings.total()


def test_two_columns_of_one_name_and_one_of_ours_are_all_kept(sheet: Path, results: Path) -> None:
    dial(sheet, Switchboard(), policy=Policy(limit=1))
    for header in ("Notes", "Notes", "status", ""):
        _annotate(results, header, f"{header} a", "", f"{header} c")
    before = _extra(results)
    assert ["Notes", "Notes", "status", ""] == before[0]
    for _ in range(2):
        dial(sheet, Switchboard())
        assert before == _extra(results)


def test_notes_follow_their_row_when_the_sheet_is_sorted_and_stay_when_it_is_gone(sheet: Path, results: Path) -> None:
    dial(sheet, Switchboard())
    _annotate(results, "Notes", "of 0", "of 1", "of 2", "of 3")
    write_csv(sheet, [("Person 3", number(3)), ("New", number(9)), ("Person 0", number(0))])
    for _ in range(2):
        dial(sheet, Switchboard())
        noted = {row["to"]: row["Notes"] for row in lines(results)}
        wanted = {number(3): "of 3", number(9): "", number(0): "of 0", number(1): "of 1", number(2): "of 2"}
        assert wanted == noted


def test_a_note_that_is_deleted_is_deleted(sheet: Path, results: Path) -> None:
    dial(sheet, Switchboard())
    _annotate(results, "Notes", "a", "b")
    dial(sheet, Switchboard())
    _write(results, [[*row[:-1], row[-1].replace("b", "")] for row in _rows(results)])
    dial(sheet, Switchboard())
    assert [["Notes"], ["a"], [""], [""], [""]] == _extra(results)
    _write(results, [row[:-1] for row in _rows(results)])
    dial(sheet, Switchboard())
    assert [[]] * 5 == _extra(results)


class _Person(Silent):
    """Somebody who has the results file open while calls are placed."""

    def __init__(self, work: Callable[[], None], after: int) -> None:
        super().__init__()
        self._work = work
        self._after = after

    def attempted(self, entry: Entry, verdict: Verdict) -> None:  # noqa: ARG002  (a watcher's signature)
        self._after -= 1
        if self._after == 0:
            self._work()


@pytest.mark.parametrize("after", [1, 3, 8])
def test_what_is_written_while_a_run_is_under_way_stays(tmp_path: Path, results: Path, after: int) -> None:
    sheet = contacts(tmp_path / "s.csv", 8)
    dial(sheet, Switchboard(), policy=Policy(limit=2))
    _annotate(results, "Notes", "before")

    def work() -> None:
        rows = _rows(results)
        rows[2][-2] = "meanwhile"  # the last column says that the run is under way
        _write(results, rows)

    dial(sheet, Switchboard(), _Person(work, after - 2 if after > 2 else after))
    assert ["before", "meanwhile"] == [line["Notes"] for line in lines(results)][:2]


def test_what_is_written_while_the_question_is_asked_stays(sheet: Path, results: Path) -> None:
    class Slow(Silent):
        def confirm(self) -> bool:
            _annotate(results, "Notes", "meanwhile")
            return True

    dial(sheet, Switchboard(), policy=Policy(limit=2))
    dial(sheet, Switchboard(), Slow())
    assert [["Notes"], ["meanwhile"], [""], [""], [""]] == _extra(results)


def test_a_row_that_is_mended_keeps_its_note_and_what_has_no_row_is_kept_apart(tmp_path: Path, results: Path) -> None:
    sheet = write_csv(tmp_path / "s.csv", [("Ann", number(0)), ("Bob", "12"), ("Carl", "34")])
    dial(sheet, Switchboard())
    _annotate(results, "Notes", "a", "of Bob", "of Carl")
    write_csv(sheet, [("Ann", number(0)), ("Bob", number(1))])
    watcher = Silent()
    dial(sheet, Switchboard(), watcher)
    assert [["Notes"], ["a"], ["of Bob"]] == _extra(results)
    [kept] = tmp_path.glob("s.results.notes-*.csv")
    assert [["key", "Notes"], ["row:4", "of Carl"]] == _rows(kept)
    assert kept.name in " ".join(watcher.sentences)


def test_keep_columns_of_the_sheet_stand_behind_ours_and_follow_it(tmp_path: Path, results: Path) -> None:
    with Sandbox(UNHURRIED) as api:
        through = ("--agent", "agent_1", "--base-url", api.base_url, "--rate", "1000/s", "--yes", "--schema", "s.toml")
        header = ("Name", "Phone", "City", "x")
        people = [("Ann", number(0), "Rome", ""), ("Bob", number(1), "Oslo", ""), ("Bad", "12", "Bonn", "")]
        sheet = write_csv(tmp_path / "s.csv", people, header=header)
        (tmp_path / "s.toml").write_text('keep = ["City"]\nunmapped = "ignore"\n[to]\ncolumn = "Phone"\n')
        command = ("run", sheet, *through, "--keep-column", "name")
        shown = run_here(*command, cwd=tmp_path, expect=1).stderr
        assert 'column "Name"   ->  shown in the results' in shown
        assert [["City", "Name"], ["Rome", "Ann"], ["Oslo", "Bob"], ["Bonn", "Bad"]] == _extra(results)

        _annotate(results, "Name", "my own", "", "z")
        people = [("Bobby", number(1), "Bergen", "")]
        write_csv(sheet, people, header=header)
        for _ in range(2):
            run_here(*command, cwd=tmp_path, expect=None)
            wanted = [["City", "Name", "Name"], ["Bergen", "Bobby", ""], ["Rome", "Ann", "my own"]]
            assert wanted == _extra(results)
        run_here(*command[:-2], cwd=tmp_path)
        assert [["City", "Name", "Name"], ["Bergen", "Bobby", ""], ["Rome", "Ann", "my own"]] == _extra(results)


def test_an_own_column_is_not_overwritten_by_one_of_the_sheet(tmp_path: Path, results: Path) -> None:
    with Sandbox(UNHURRIED) as api:
        through = ("--agent", "agent_1", "--base-url", api.base_url, "--rate", "1000/s", "--yes")
        sheet = contacts(tmp_path / "s.csv", 2)
        run_here("run", sheet, *through, cwd=tmp_path)
        _annotate(results, "Name", "a note")
        for _ in range(2):
            run_here("run", sheet, *through, "--keep-column", "Name", cwd=tmp_path)
            assert [["Name", "Name"], ["Person 0", "a note"], ["Person 1", ""]] == _extra(results)


def test_a_column_to_keep_that_is_not_there_is_named(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 1)
    shown = run_here("run", sheet, "--sandbox", "--yes", "--keep-column", "Nmae", cwd=tmp_path, expect=3).stderr
    assert "--keep-column 'Nmae': the sheet has no such column" in shown
    assert "Did you mean 'Name'?" in shown


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def test_reconcile_keeps_them_too(tmp_path: Path, results: Path, api: Sandbox) -> None:
    through = ("--agent", "agent_1", "--base-url", api.base_url, "--rate", "1000/s", "--yes")
    sheet = write_csv(tmp_path / "s.csv", [("Ann", "+14155550197"), ("Bob", number(1)), ("Bad", "12")])
    run_here("run", sheet, *through, cwd=tmp_path, expect=1)
    _annotate(results, "Notes", "a", "b", "c")
    run_here("reconcile", results, "--base-url", api.base_url, cwd=tmp_path, expect=None)
    assert [["Notes"], ["a"], ["b"], ["c"]] == _extra(results)
    assert "initiated" == lines(results)[0]["status"]
