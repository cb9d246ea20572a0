"""A spreadsheet file of any format becomes a `Sheet`: headers, and rows with their numbers in the spreadsheet program.

Whatever cannot be read raises `BadSheet`, with what to do about it.
"""

from dataclasses import replace
from pathlib import Path

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet, SheetOrigin
from batch_dialer.sheets.files import Hints, Progress, SheetFile, read_file, unwatched
from batch_dialer.sheets.formats import open_sheet
from batch_dialer.sheets.grid import Grid, first_rows
from batch_dialer.sheets.own_marks import ORIGIN, OWN_HEADERS, VERDICT, read_origin
from batch_dialer.sheets.workbook.properties import find_property
from batch_dialer.sheets.worksheets import choose

_BLANK = r"^[\s\x1c-\x1f]*$"  # white space as `str.strip` knows it


def read_sheet(
    path: Path,
    worksheet: str | None = None,
    *,
    encoding: str | None = None,
    header_row: int | None = None,
    certain: bool = False,
    progress: Progress = unwatched,
) -> Sheet:
    """Read the CSV file or workbook at *path* (`-`: standard input).

    *worksheet* is the name or the number (from 1) of a workbook's worksheet, *encoding* that of a text file,
    *header_row* the number of the row with the headers, which otherwise is the first with any text. *certain* refuses
    a text file whose encoding would have to be guessed. *progress* is told how many rows of a workbook were read so
    far. Raise `BadSheet` where the file cannot be read.
    """
    file = read_file(path, Hints(encoding=encoding, header_row=header_row, certain=certain), progress)
    reader = open_sheet(file)
    chosen, notes = choose(file.name, reader.worksheets(), worksheet, reader.has_cells)
    grid = reader.cells(chosen)
    return _to_sheet(file, replace(grid, notes=notes + grid.notes), header_row)


def _to_sheet(file: SheetFile, grid: Grid, told: int | None) -> Sheet:
    """Take the row *told*, or the first with text, for the header; leave out blank rows and the last blank columns."""
    cells = _from_header_on(file.name, _without_blank_rows(_blank_as_null(grid.cells)), told)
    with_text = set(cells["row"]) if grid.ragged or grid.hidden else frozenset[int]()
    header_row = int(cells["row"][0])
    headers = [_clean_header(text) for text in cells.row(0)[1:]]
    fitting = _fitting_counts(headers)
    left = int(cells.columns[1].removeprefix("c"))
    origin = _find_origin(file, cells[1:], headers)
    cells = _without_own_columns(cells[1:], headers)
    width = _filled_width(headers, cells)
    cells = pl.DataFrame([cells["row"], *(text.alias(f"c{index}") for index, text in enumerate(_texts(cells)[:width]))])
    return Sheet(
        name=file.name,
        headers=tuple(headers[:width]),
        cells=cells,
        notes=grid.notes + _row_notes(header_row, cells),
        ragged={row: found for row, found in grid.ragged.items() if row in with_text and found not in fitting},
        worksheet=grid.worksheet,
        header_row=header_row,
        left=left,
        hidden=(grid.hidden & with_text) - {header_row},
        top=grid.top or first_rows(grid.cells),
        origin=origin,
        grouped=frozenset(place - left for place, last in grid.grouped.items() if last <= header_row),
        unended=grid.unended,
    )


def _fitting_counts(headers: list[str]) -> range:
    """Return how many fields a row may have: the last columns are ours, and people add rows without them."""
    theirs = max((index for index, header in enumerate(headers, start=1) if header not in OWN_HEADERS), default=0)
    return range(theirs, len(headers) + 1)


def _find_origin(file: SheetFile, cells: pl.DataFrame, headers: list[str]) -> SheetOrigin | None:
    """Return what the file says of what it was made from; None where it was not made by `validate`.

    A list of rejects that no longer says it is a sheet like any other: nobody in it was called. A marked copy holds
    everybody, so that it must say it.
    """
    told = find_property(file.package, ORIGIN) if file.is_zip else None
    if told is not None:
        return read_origin([told])
    columns = [text for text, header in zip(_texts(cells), headers, strict=True) if header == ORIGIN]
    texts = {text for column in columns for text in column.drop_nulls().unique()}
    return read_origin(texts) if texts or (cells.height and VERDICT in headers) else None


def _from_header_on(name: str, cells: pl.DataFrame, told: int | None) -> pl.DataFrame:
    """Return *cells* from the row *told* on; raise `BadSheet` where that is blank, or every row is."""
    if told is not None:
        cells = cells.filter(pl.col("row") >= told)
        if cells.is_empty() or cells["row"][0] != told:
            raise BadSheet(f"{name} holds no text in row {told}.", "Give --header-row the row with the headers.")
    if cells.is_empty():
        raise BadSheet(f"{name} holds no text.", "Save the sheet again, with its headers in the first row.")
    return cells


def _filled_width(headers: list[str], cells: pl.DataFrame) -> int:
    """Count the columns up to the last that has a header or any text."""
    filled = [
        bool(header) or text.null_count() < len(text) for header, text in zip(headers, _texts(cells), strict=True)
    ]
    return max((index for index, has_text in enumerate(filled, start=1) if has_text), default=0)


def _row_notes(header_row: int, cells: pl.DataFrame) -> tuple[str, ...]:
    notes = (f"headers in row {header_row}",) if header_row > 1 else ()
    blanks = int(cells["row"][-1]) - header_row - cells.height if cells.height else 0
    return (*notes, f"{blanks:,} blank {'row' if blanks == 1 else 'rows'} left out") if blanks else notes


def _without_own_columns(cells: pl.DataFrame, headers: list[str]) -> pl.DataFrame:
    """Empty the columns that `validate` fills in each row, and drop rows without other text: people emptied those."""
    ours = [name for name, header in zip(cells.columns[1:], headers, strict=True) if header in {VERDICT, ORIGIN}]
    if not ours:
        return cells
    return _without_blank_rows(cells.with_columns(pl.lit(None, pl.String).alias(name) for name in ours))


def _texts(cells: pl.DataFrame) -> list[pl.Series]:
    return cells.get_columns()[1:]


def _clean_header(text: str | None) -> str:
    return (text or "").strip().strip("\ufeff").strip()


def _blank_as_null(cells: pl.DataFrame) -> pl.DataFrame:
    """Make cells of nothing but white space null; all others stay as they are, with their spaces."""
    text = pl.col(pl.String)
    # White space sorts before "!" or is not ASCII: most columns have neither, and need no slow search.
    suspect = cells.select(((text < "!") | (text >= "\x7f")).any())
    columns = [column.name for column in suspect.iter_columns() if column.any()]
    return cells.with_columns(pl.when(~pl.col(column).str.contains(_BLANK)).then(pl.col(column)) for column in columns)


def _without_blank_rows(cells: pl.DataFrame) -> pl.DataFrame:
    # If any column has no gap, no row is blank. Most sheets have such a column.
    if any(text.null_count() == 0 for text in _texts(cells)):
        return cells
    return cells.filter(~pl.all_horizontal(pl.col(pl.String).is_null()))
