"""The reader of delimited text, such as CSV and TSV.

Plain files are read by polars (`_read_fast`), all others row by row by the standard library (`_read_carefully`). The
fast way returns cells only where it can show that the careful way would return the same.
Row numbers are those that a spreadsheet program shows: a line break in a quoted field starts no row, and a blank line
counts as a row.
"""

import contextlib
import csv
import itertools
import re
from collections.abc import Sequence

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.columns import MAX_COLUMNS
from batch_dialer.sheets.delimiters import (
    DELIMITERS,
    HEAD_BYTES,
    find_delimiter,
    read_records,
    row_at,
    rows_by_delimiter,
)
from batch_dialer.sheets.encodings import as_utf8
from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.worksheets import ONLY_TABLE, Worksheet

_SEP_LINE = re.compile(rb'"?sep=([^\r\n"])"?(?:\r\n|\r|\n|$)', re.IGNORECASE)
_LONE_CR = re.compile(rb"\r(?!\n)")
_BOM = b"\xef\xbb\xbf"
_MAX_FIELD = csv.field_size_limit()  # characters; four times what a cell of a workbook holds
_ROWS_AT_A_TIME = 50_000
_UNENDED = "no line end after the last row: look whether the file is whole"


class DelimitedReader:
    """A `Reader` of delimited text."""

    def __init__(self, file: SheetFile) -> None:
        self._file = file

    def worksheets(self) -> Sequence[Worksheet]:
        """Return the only table."""
        return (ONLY_TABLE,)

    def has_cells(self, _: Worksheet) -> bool:
        """Whether the file holds anything."""
        return bool(self._file.data)

    def cells(self, _: Worksheet) -> Grid:
        """Read the text; rows above the header row that a person names are left out."""
        name, hints = self._file.name, self._file.hints
        data, notes = as_utf8(self._file.data, name, hints.encoding, certain=hints.certain)
        _check_nul(data, name)
        sep = _SEP_LINE.match(data)
        # Spreadsheet programs take this line as an instruction and do not show it: the header below it is row 1.
        data = data[sep.end() :] if sep else data
        head = data[:HEAD_BYTES].decode(errors="replace")
        header_row = hints.header_row or 1
        delimiter = sep[1].decode(errors="replace") if sep else find_delimiter(head, header_row)
        cells = _read_fast(data, delimiter) if header_row == 1 else None
        ragged: dict[int, int] = {}
        if cells is None:
            cells, ragged = _read_carefully(data.decode(), name, delimiter, header_row)
        one_column = cells.width == 2  # noqa: PLR2004  (`row` and c0)
        shape = "one column" if one_column else DELIMITERS.get(delimiter, f"separated by {delimiter}")
        unended = cells.height > 1 and not data.endswith((b"\n", b"\r"))
        notes = (shape, *notes, *([_UNENDED] if unended else []))
        return Grid(cells, notes=notes, ragged=ragged, top=tuple(rows_by_delimiter(head)), unended=unended)


def _check_nul(data: bytes, name: str) -> None:
    nul = data.find(b"\0")
    if nul >= 0:
        raise BadSheet(
            f"{name}, row {row_at(data[:nul])}: there is a character that text never holds (NUL).",
            "The file is damaged or not text. Save it again as 'CSV UTF-8'.",
        )


def _read_fast(data: bytes, delimiter: str) -> pl.DataFrame | None:
    """Read a plain file, or return None where that is not certain to be what `_read_carefully` returns."""
    header = data[:HEAD_BYTES].partition(b"\n")[0]
    # polars drops a second byte order mark, and an empty field too many where the file ends with it.
    if not header.strip() or data.startswith(_BOM) or data.endswith(delimiter.encode()):
        return None
    if not delimiter.isascii() or b'"' in data or (b"\r" in data and _LONE_CR.search(data)):
        return None
    width = header.count(delimiter.encode()) + 1
    if width > MAX_COLUMNS:
        return None
    try:
        cells = pl.read_csv(
            data,
            has_header=False,
            separator=delimiter,
            quote_char=None,
            schema={f"c{index}": pl.String for index in range(width)},
        )
    except pl.exceptions.PolarsError:  # a row with too many fields, or bytes that are no UTF-8
        return None
    # No row has too many fields, or polars had refused. With a gap in the last column, some row may have too few.
    gaps = cells[cells.columns[-1]].null_count() > 0
    too_long = any((text.str.len_bytes() > _MAX_FIELD).any() for text in cells.iter_columns())
    if too_long or (gaps and data.count(delimiter.encode()) != cells.height * (width - 1)):
        return None
    return cells.select(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("row"), pl.all())


def _read_carefully(text: str, name: str, delimiter: str, above: int = 1) -> tuple[pl.DataFrame, dict[int, int]]:
    """Return the cells from the header on, the first row with any text from row *above* down, and the ragged rows.

    The ragged rows map to the number of fields that they have. Raise `BadSheet` for a row that is no record.
    """
    records = read_records(text, delimiter, strict=True)
    try:
        header_row, header = next(
            ((row, fields) for row, fields in enumerate(records, start=1) if row >= above and _has_text(fields)),
            (1, [""]),
        )
        if len(header) > MAX_COLUMNS:
            raise BadSheet(
                f"{name}, row {header_row}: it has {len(header):,} columns, more than any spreadsheet program.",
                "Check whether the line breaks were lost, and save it again as 'CSV UTF-8'.",
            )
        ragged: dict[int, int] = {}
        blocks = [_to_frame([header], header_row, width=len(header))]
        row = header_row + 1
        while block := list(itertools.islice(records, _ROWS_AT_A_TIME)):
            if any(len(fields) != len(header) for fields in block):
                ragged |= _square_rows(block, row, header)
            blocks.append(_to_frame(block, row, width=len(header)))
            row += len(block)
    except csv.Error as fault:
        raise _field_error(text, name, delimiter, fault) from None
    return pl.concat(blocks), ragged


def _has_text(fields: list[str]) -> bool:
    return any(map(str.strip, fields))


def _square_rows(block: list[list[str]], first_row: int, header: list[str]) -> dict[int, int]:
    """Give the rows of *block*, in place, as many fields as *header* has; return the ragged rows and their fields."""
    width = len(header)
    # A row may end before the columns at the end of the header line that have no header.
    needed = max(index for index, cell in enumerate(header, start=1) if cell.strip())
    ragged: dict[int, int] = {}
    for index, fields in enumerate(block):
        found = len(fields)
        while found > width and not fields[found - 1].strip():
            found -= 1
        if not needed <= found <= width and _has_text(fields):
            ragged[first_row + index] = found
        block[index] = (fields + [""] * width)[:width]
    return ragged


def _to_frame(block: list[list[str]], first_row: int, *, width: int) -> pl.DataFrame:
    rows = pl.int_range(first_row, first_row + len(block), dtype=pl.UInt32, eager=True).alias("row")
    columns = zip(*block, strict=True)
    return pl.DataFrame([rows, *(pl.Series(f"c{i}", next(columns), dtype=pl.String) for i in range(width))])


def _field_error(text: str, name: str, delimiter: str, fault: csv.Error) -> BadSheet:
    row = 1
    with contextlib.suppress(csv.Error):
        for row, _ in enumerate(read_records(text, delimiter, strict=True), start=2):  # noqa: B007  (only how many are good)
            pass
    # A quotation mark that is never closed makes a long field, too.
    if '"' not in text and "limit" in str(fault):
        return BadSheet(
            f"{name}, row {row}: a cell has more than {_MAX_FIELD:,} characters.",
            "Shorten it. If this is not a row of your table, save the sheet again as 'CSV UTF-8'.",
        )
    return BadSheet(
        f'{name}, row {row}: a quotation mark (") opens a field here and is not closed, or text follows where it is;'
        f" or the field is longer than {_MAX_FIELD:,} characters.",
        "Correct the row. A quotation mark that belongs to a quoted field's text is written twice.",
    )
