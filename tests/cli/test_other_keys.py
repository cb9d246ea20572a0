"""A schema that is forgotten once names everybody otherwise: such a run is refused, and leaves no lines behind."""

from pathlib import Path

import pytest
from makers import dial, job, lines, number, write_csv
from switchboard import Silent, Switchboard

from batch_dialer.clock import SystemClock
from batch_dialer.errors import UsageError
from batch_dialer.flows.run import preview
from batch_dialer.plan.planning import Policy

_HEADERS = {"ids": "id", "numbers": "Customer"}


def _sheet(path: Path, kind: str, count: int, first: int = 0) -> Path:
    rows = [(f"C-{n}", number(n)) for n in range(first, first + count)]
    return write_csv(path, rows, header=(_HEADERS[kind], "Phone"))


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}


@pytest.mark.parametrize(("before", "now", "question"), [
    ("ids", "numbers", "Was --schema left out"),
    ("numbers", "ids", "Is the column of IDs new"),
])  # fmt: skip
@pytest.mark.parametrize("count", [1, 2, 6])
@pytest.mark.parametrize("limit", [1, None])
@pytest.mark.parametrize("touched", [False, True])
def test_keys_of_another_kind_are_refused_before_anything_is_written(
    tmp_path: Path, before: str, now: str, question: str, count: int, limit: int | None, *, touched: bool
) -> None:
    sheet = _sheet(tmp_path / "s.csv", before, count)
    dial(sheet, Switchboard(), policy=Policy(limit=limit))
    if touched:
        with (tmp_path / "s.results.csv").open("ab") as file:
            file.write(b"\n")
    _sheet(sheet, now, count)
    files = _files(tmp_path)
    board = Switchboard()
    for attempt in (lambda: dial(sheet, board), lambda: preview(job(sheet), Silent(), SystemClock())):
        with pytest.raises(UsageError) as refusal:
            attempt()
        assert "s.results.csv" in refusal.value.what
        assert question in refusal.value.remedy
        assert "--suppress" in refusal.value.remedy
        assert number(0) not in refusal.value.what + refusal.value.remedy
    assert [] == list(board.rings)
    assert files == _files(tmp_path)


def test_a_few_rows_of_another_kind_are_no_reason(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path / "s.csv", "ids", 2)
    dial(sheet, Switchboard())
    _sheet(sheet, "numbers", 6)
    board = Switchboard()
    dial(sheet, board)
    assert [number(n) for n in range(2, 6)] == sorted(board.rings)
    found = lines(tmp_path / "s.results.csv")
    assert "This number was called for ID C-0, which is no longer in the sheet." == found[0]["error_message"]


def test_other_people_under_other_keys_are_no_reason(tmp_path: Path) -> None:
    sheet, board = _sheet(tmp_path / "s.csv", "ids", 4), Switchboard()
    dial(sheet, board)
    _sheet(sheet, "numbers", 4, first=10)
    dial(sheet, board)
    assert [number(n) for n in (*range(4), *range(10, 14))] == sorted(board.rings)


def test_lines_of_a_schema_that_was_forgotten_once_do_not_stay(tmp_path: Path) -> None:
    """Two people who were dialed under other keys: the lines that said so go with the keys."""
    sheet, board = _sheet(tmp_path / "s.csv", "ids", 2), Switchboard()
    dial(sheet, board)
    _sheet(sheet, "numbers", 6)
    dial(sheet, board)
    _sheet(sheet, "ids", 2)
    dial(sheet, board)
    found = lines(tmp_path / "s.results.csv")
    assert ["id:C-0", "id:C-1"] == [line["key"] for line in found][:2]
    assert [number(n) for n in range(6)] == sorted(line["to"] for line in found)
    assert {"initiated"} == {line["status"] for line in found}


def test_what_is_said_of_rows_that_left_the_sheet_is_true(tmp_path: Path) -> None:
    rows = [("A", number(0)), ("B", number(1)), ("C", "12"), ("D", number(1)), ("E", number(2))]
    sheet = write_csv(tmp_path / "s.csv", rows, header=("id", "Phone"))
    dial(sheet, Switchboard(), policy=Policy(limit=2))
    write_csv(sheet, [("A", number(0))], header=("id", "Phone"))
    for _ in range(3):
        dial(sheet, Switchboard())
        found = {line["id"]: (line["status"], line["error_message"]) for line in lines(tmp_path / "s.results.csv")}
        assert ("initiated", "") == found["B"]
        assert "rejected" == found["C"][0]
        assert found["C"][1].startswith("No longer in the sheet, and not called: Phone has 2 digits")
        assert ("skipped", "No longer in the sheet, and not called.") == found["D"]
        assert ("skipped", "No longer in the sheet, and not called.") == found["E"]
    board = Switchboard()
    write_csv(sheet, rows, header=("id", "Phone"))
    dial(sheet, board)
    assert [number(2)] == list(board.rings)
