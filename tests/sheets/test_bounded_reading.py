"""A large or odd workbook is read in another process, from wherever the program was started."""

import shutil
import subprocess
import sys
import zipapp
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from catalogue import ANN, HEADER, row, text, workbook, written
from harness import environment

import batch_dialer
from batch_dialer.errors import BadSheet
from batch_dialer.sheets.reading import read_sheet
from batch_dialer.sheets.workbook import child_reader

PEOPLE = (["phone", "name"], [ANN, "Zoë"], [None, "b"])


@pytest.fixture
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_reader, "_LARGE", 1)


def hide_row_3(page: object) -> None:
    page.row_dimensions[3].hidden = True  # type: ignore[attr-defined]
    page.merge_cells("A2:A3")  # type: ignore[attr-defined]


def test_the_child_gives_what_is_read_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(*PEOPLE, change=hide_row_3))
    here = read_sheet(path)
    monkeypatch.setattr(child_reader, "_LARGE", 1)
    there = read_sheet(path)
    assert here.cells.equals(there.cells)
    assert (here.headers, here.notes, here.hidden, here.worksheet) == (
        there.headers,
        there.notes,
        there.hidden,
        there.worksheet,
    )
    assert frozenset({3}) == there.hidden


@pytest.mark.usefixtures("_small_is_large")
@pytest.mark.parametrize(
    ("data", "says"),
    [
        (written(HEADER + row(2, text("A2", ANN), text("A2", ANN))), "A2 twice"),
        (written(HEADER + "<row r='x'/>"), "damaged"),
    ],
)
def test_what_the_child_refuses_is_refused_in_its_words(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(data)
    with pytest.raises(BadSheet, match=says):
        read_sheet(tmp_path / "a.xlsx")


@pytest.mark.usefixtures("_small_is_large")
@pytest.mark.parametrize("program", ["import sys; sys.exit(1)", "print('x')", "import time; time.sleep(60)"])
def test_a_child_that_fails_or_does_not_end_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(child_reader, "_PROGRAM", program)
    monkeypatch.setattr(child_reader, "_SECONDS", 2)
    (tmp_path / "a.xlsx").write_bytes(workbook(*PEOPLE))
    with pytest.raises(BadSheet, match="too much memory or time"):
        read_sheet(tmp_path / "a.xlsx")


def test_a_part_that_unpacks_to_much_is_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_reader, "_LARGE_PART", 100)
    monkeypatch.setattr(child_reader, "_PROGRAM", "import sys; sys.exit(1)")
    (tmp_path / "a.xlsx").write_bytes(workbook(*PEOPLE))
    with pytest.raises(BadSheet, match="too much memory or time"):
        read_sheet(tmp_path / "a.xlsx")


def long_xlsx(path: Path, rows: int = 2_500) -> bytes:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for row in range(rows):
            page.write(row, 0, row)
    return path.read_bytes()


@pytest.mark.parametrize("large", [1, 5 << 20], ids=["in the child", "here"])
def test_whoever_waits_is_told_how_many_rows_were_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr(child_reader, "_LARGE", large)
    long_xlsx(tmp_path / "a.xlsx", rows=60_000)
    told: list[int] = []
    read_sheet(tmp_path / "a.xlsx", progress=told.append)
    *before, last = told
    assert before == sorted(before)
    assert any(0 < count < 60_000 for count in before)
    assert last == 60_000


def test_the_rows_of_an_old_workbook_are_told_too(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("People")
    for place in range(1_500):
        page.write(place, 0, place)
    book.save(str(tmp_path / "a.xls"))
    told: list[int] = []
    read_sheet(tmp_path / "a.xls", progress=told.append)
    assert [0, 1_000] == told


def test_a_child_whose_parent_is_gone_ends(tmp_path: Path) -> None:
    """Ctrl-C may end the parent alone."""
    data = long_xlsx(tmp_path / "a.xlsx", rows=30_000)
    program = "from batch_dialer.sheets.workbook.child import main; main()"
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", program, "xlsx", "a.xlsx", "xl/worksheets/sheet1.xml"]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment()) as child:
        assert child.stdin
        assert child.stdout
        assert child.stderr
        child.stderr.close()
        child.stdin.write(data)
        child.stdin.close()
        written = child.stdout.read()
    assert b"ARROW" not in written, "the reading was cut short"


def test_the_child_is_found_from_an_archive_of_python(tmp_path: Path) -> None:
    """As `python -m zipapp` makes one, with the libraries installed beside it."""
    home = Path(batch_dialer.__file__).parent
    shutil.copytree(home, tmp_path / "app" / "batch_dialer", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "app" / "__main__.py").write_text(
        "from batch_dialer.sheets.workbook import child_reader\n"
        "child_reader._LARGE = 1\n"
        "from batch_dialer.cli import main\n"
        "main()\n"
    )
    zipapp.create_archive(tmp_path / "app", tmp_path / "dialer.pyz")
    (tmp_path / "a.xlsx").write_bytes(workbook(*PEOPLE[:2]))
    (tmp_path / "empty").mkdir()
    found = environment() | {"PYTHONPATH": ""}
    command = [sys.executable, "dialer.pyz", "validate", "a.xlsx"]
    done = subprocess.run(command, cwd=tmp_path, env=found, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    assert "1 can be dialed" in done.stdout
