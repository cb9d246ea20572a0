"""The rows of an .xlsx worksheet: what is written in its cells, which rows are hidden, and what is merged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

import polars as pl

from batch_dialer.sheets.columns import LETTERS, MAX_COLUMNS, MAX_ROWS, column_of
from batch_dialer.sheets.workbook.part_stream import MAIN, PartStream

INLINE, FORMULA = "inlineStr", "f"
"""The kinds of cells that hold a text themselves, and of those whose formula was never calculated (ours)."""
_CELL, _VALUE, _FORMULA, _INLINE = f"{MAIN}c", f"{MAIN}v", f"{MAIN}f", f"{MAIN}is"
_RUN, _TEXT = f"{MAIN}r", f"{MAIN}t"
_MERGED_AREAS = f"*/{MAIN}mergeCells/*"
_DIGITS = "0123456789"
TRUE = ("1", "true")
_SCHEMA = {"row": pl.UInt32, "column": pl.UInt16, "kind": pl.String, "style": pl.String, "value": pl.String}


@dataclass(slots=True)
class _Cells:
    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    style: list[str] = field(default_factory=list)
    value: list[str | None] = field(default_factory=list)

    def frame(self) -> pl.DataFrame:
        columns = [self.row, self.column, self.kind, self.style, self.value]
        return pl.DataFrame(columns, schema=_SCHEMA, orient="col")


class RowReader:
    """Reads the rows of the worksheet *source*: iterate over `cells`, then see what it found.

    *count* is how many rows were read so far, *hidden* are the numbers of the hidden ones, and *merged* counts the
    cells over several rows.
    """

    def __init__(self, source: PartStream) -> None:
        self._source = source
        self._row = 0
        self._columns = _Columns()
        self.count = 0
        self.hidden: set[int] = set()
        self.merged = 0

    def cells(self) -> Iterator[pl.DataFrame]:
        """Yield the cells in the order in which they stand, some at a time; raise `ValueError` where one has no place.

        Each has its `row` (from 1), its `column` (from 0), and its `kind`, its `style` and its `value` as written. All
        else of a worksheet is passed over: it does not matter here and may be invalid (print settings, rules).
        """
        for rows in self._source.units():
            self.count += len(rows)
            cells = self._read(rows)
            rows.clear()  # before the next ones are parsed: they take its memory, which is in the processor's cache
            yield cells
        self.merged = sum(_spans_rows(area.get("ref", "")) for area in self._source.rest.iterfind(_MERGED_AREAS))

    def _read(self, rows: "Sequence[Element[str]]") -> pl.DataFrame:
        cells = _Cells()
        for row in rows:
            self._add(row, cells)
        return cells.frame()

    def _add(self, row: "Element[str]", to: _Cells) -> None:
        self._row = _to_number(row.get("r"), self._row + 1)
        if _is_hidden(row):
            self.hidden.add(self._row)
        cells = row.findall(_CELL)
        digits, known = str(self._row), self._columns
        try:  # nearly every cell has a name, and stands in its own row
            to.column += [known[cell.get("r", "").removesuffix(digits)] for cell in cells]
            to.row += [self._row] * len(cells)
        except ValueError:
            for number, column in self._place(cells):
                to.row.append(number)
                to.column.append(column)
        kinds = [cell.get("t", "n") for cell in cells]
        values = [cell.findtext(_VALUE) for cell in cells]
        if INLINE in kinds:
            for place, cell in enumerate(cells):
                if kinds[place] == INLINE:
                    values[place] = _read_inline(cell)
        if not all(values):
            kinds = [FORMULA if _waits(*cell) else cell[1] for cell in zip(cells, kinds, values, strict=True)]
        to.kind += kinds
        to.style += [cell.get("s", "0") for cell in cells]
        to.value += values

    def _place(self, cells: "Sequence[Element[str]]") -> Iterator[tuple[int, int]]:
        """Yield row and column of each of *cells*; one without a name stands right of the one before."""
        column = -1
        for cell in cells:
            name = cell.get("r")
            if name is None:
                column += 1
                yield self._row, column
            else:
                above = name.rstrip(_DIGITS)
                column = self._columns[above]
                yield _to_number(name[len(above) :]), column


class _Columns(dict[str, int]):
    """The columns, from 0, that letters name; `ValueError` where they name none."""

    def __missing__(self, name: str) -> int:
        self[name] = min(column_of(name), MAX_COLUMNS)  # so far, it is refused where it holds anything
        return self[name]


def read_text(element: "Element[str]") -> str:
    """Return the text of all runs; how it is pronounced, which stands beside them, is no part of it."""
    text = element.findtext(_TEXT)  # nearly every text is in one piece
    return "".join(run.findtext(_TEXT, "") for run in element.iterfind(_RUN)) if text is None else text


def _read_inline(cell: "Element[str]") -> str | None:
    inline = cell.find(_INLINE)
    return None if inline is None else read_text(inline)


def _waits(cell: "Element[str]", kind: str, value: str | None) -> bool:
    """Whether *cell* has a formula and no result; an empty text is one."""
    return (value is None or (kind != "str" and not value)) and cell.find(_FORMULA) is not None


def _to_number(text: str | None, default: int = 0) -> int:
    """Return the number of a row, which some programs write with a decimal point; raise `ValueError` for none."""
    return default if text is None else min(int(text.removesuffix(".0")), MAX_ROWS + 1)


def _spans_rows(area: str) -> bool:
    first, _, last = area.partition(":")
    return bool(last) and first.lstrip(f"${LETTERS}") != last.lstrip(f"${LETTERS}")


def _is_hidden(row: "Element[str]") -> bool:
    """Whether *row* is hidden, or has a height of 0, which looks the same."""
    if row.get("hidden") in TRUE:
        return True
    try:
        # A height that is not the user's is ignored: the spreadsheet program finds one.
        return row.get("customHeight") in TRUE and float(row.get("ht", "1")) == 0
    except ValueError:
        return False
