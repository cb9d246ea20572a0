"""A format gets in by its reader and one line in the table."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from batch_dialer.errors import BadSheet
from batch_dialer.sheets import formats
from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.formats import READERS, Format
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.reading import read_sheet
from batch_dialer.sheets.worksheets import Worksheet


class PairsReader:
    """Reads `PAIR` and then, of each worksheet, its name and its two cells in column B."""

    def __init__(self, file: SheetFile) -> None:
        self._lines = file.data.decode().splitlines()[1:]

    def worksheets(self) -> Sequence[Worksheet]:
        return [Worksheet(line.split()[0], line, visible=True) for line in self._lines]

    def has_cells(self, worksheet: Worksheet, /) -> bool:
        return len(worksheet.part.split()) > 1

    def cells(self, worksheet: Worksheet, /) -> Grid:
        rows = pl.Series("row", [2, 3], dtype=pl.UInt32)
        cells = pl.DataFrame([rows, pl.Series("c1", worksheet.part.split()[1:])])
        return Grid(cells, notes=("pairs",), worksheet=worksheet.name, hidden=frozenset({3}))


@pytest.fixture(autouse=True)
def _with_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = Format(frozenset({".pairs"}), lambda file: file.data.startswith(b"PAIR"), PairsReader)
    monkeypatch.setattr(formats, "READERS", (pairs, *READERS))


def test_a_new_format_is_read_like_every_other(tmp_path: Path) -> None:
    path = tmp_path / "a.pairs"
    path.write_bytes(b"PAIR\nempty\nkunden phone +14155552671\n")
    sheet = read_sheet(path)
    assert ("phone",) == sheet.headers
    assert [(3, "+14155552671")] == sheet.cells.rows()
    assert ("kunden", 2, 1, frozenset({3})) == (sheet.worksheet, sheet.header_row, sheet.left, sheet.hidden)
    assert ('worksheet "kunden", the only one that is visible and filled', "pairs", "headers in row 2") == sheet.notes
    assert ((2, ("phone",)), (3, ("+14155552671",))) == sheet.top


def test_a_new_format_needs_no_encoding_and_its_name_is_not_for_text(tmp_path: Path) -> None:
    path = tmp_path / "a.pairs"
    path.write_bytes(b"PAIR\nkunden phone +14155552671\n")
    with pytest.raises(BadSheet, match="says itself how it is written"):
        read_sheet(path, encoding="utf-8")
    path.write_bytes(b"phone\n+14155552671\n")
    with pytest.raises(BadSheet, match="named like a workbook but holds plain text"):
        read_sheet(path)
