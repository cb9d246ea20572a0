"""Excel workbooks: the worksheet meant, its cells as text as a person sees them, errors included."""

import difflib
import posixpath
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

import fastexcel
import polars as pl

from batch_dialer.edges.own_pages import is_own, page_of
from batch_dialer.edges.workbook_guard import Package
from batch_dialer.edges.worksheet_scan import UNCALCULATED, Findings, has_cells, letters, scan
from batch_dialer.errors import BadSheet

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"

# The errors that the reader of workbooks knows; at any other it gives up the whole worksheet.
_KNOWN_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})

# How the reader writes a date and time, a time alone (the day before the first one), and a number of more digits than
# a spreadsheet program keeps: 98765432.1 comes as 98765432.099999994.
_MOMENT = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$"
_NO_DAY = r"^1899-12-31 "
_MIDNIGHT = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
_NO_SECONDS = r"(\d\d:\d\d):00$"
_LONG_NUMBER = r"^-?\d{7,}\.\d{7,9}$"


@dataclass(frozen=True, slots=True)
class _Worksheet:
    name: str
    part: str
    visible: bool
    ours: bool = False


Cells = tuple[pl.DataFrame, str, tuple[str, ...], frozenset[int]]
"""Every row of a worksheet, its name, what was understood, and which of its rows are hidden.

The rows are `row` and one column of text for each of the worksheet's, called by its place: `c0` is column A.
"""


def read_workbook(data: bytes, name: str, wanted: str | None) -> Cells:
    """Read the worksheet *wanted*, or the only one with any cells."""
    package = Package(data, name)
    package.check_what_opening_reads()
    sheets = _worksheets(package)
    # Opening reads the shared texts, on another core while the worksheet is looked through here.
    with ThreadPoolExecutor(max_workers=1) as elsewhere:
        opening = elsewhere.submit(_opened, data, package)
        sheet, notes = _chosen(package, sheets, wanted)
        found = scan(package, sheet.part)
        _check_errors(package, found)
        workbook = opening.result()
    cells = _shown(_loaded(workbook, sheet, package), found)
    cells = _marked(cells, found)
    numbered = cells.select(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("row"), pl.all())
    return numbered, sheet.name, notes, frozenset(found.hidden_rows)


def _worksheets(package: Package) -> tuple[_Worksheet, ...]:
    targets: dict[str, str] = {}
    sheets: list[_Worksheet] = []

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("Relationship") and attributes["Type"].endswith("/worksheet"):
            targets[attributes["Id"]] = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            relation_id = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            part = targets.get(relation_id, "")
            if part in package:  # charts have tabs, too
                sheets.append(_Worksheet(attributes["name"], part, attributes.get("state", "visible") == "visible"))

    package.parse(_RELATIONS, relation)
    package.parse(_WORKBOOK, sheet)
    ours = _own_pages(package)
    if all(sheet.name in ours for sheet in sheets):
        raise BadSheet(
            f"{package.name} has no worksheet with rows.", "Put the rows into a worksheet and save the workbook again."
        )
    return tuple(replace(sheet, ours=sheet.name in ours) for sheet in sheets)


def _own_pages(package: Package) -> set[str]:
    pages: set[str] = set()
    reference: list[str] | None = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal reference
        if tag.rpartition(":")[2] == "definedName" and is_own(attributes.get("name", "")):
            reference = []

    def text(piece: str) -> None:
        if reference is not None:
            reference.append(piece)

    def end(_: str) -> None:
        nonlocal reference
        if reference is not None:
            pages.add(page_of("".join(reference)))
        reference = None

    package.parse(_WORKBOOK, start, CharacterDataHandler=text, EndElementHandler=end)
    return pages


def _chosen(package: Package, sheets: tuple[_Worksheet, ...], wanted: str | None) -> tuple[_Worksheet, tuple[str, ...]]:
    visible = tuple(sheet for sheet in sheets if sheet.visible)
    theirs = [sheet for sheet in sheets if not sheet.ours]
    if wanted is not None:
        sheet = _named(package, sheets, visible, wanted)
        if sheet.ours:
            raise BadSheet(
                f'The worksheet "{sheet.name}" is a page that batch-dialer made; it has no rows to dial.',
                f'Name another, as in --sheet "{theirs[0].name}", or leave out --sheet.',
            )
        return sheet, (f'worksheet "{sheet.name}"' + ("" if sheet.visible else " (hidden)"),)
    if len(theirs) == 1:
        return theirs[0], (f'worksheet "{theirs[0].name}"',)
    filled = [sheet for sheet in visible if not sheet.ours and has_cells(package, sheet.part)]
    if len(filled) == 1:
        return filled[0], (f'worksheet "{filled[0].name}", the only one that is visible and filled',)
    if not filled:
        raise BadSheet(
            f"{package.name}: every visible worksheet is empty.",
            "Put the rows into one and save the workbook, or name a hidden worksheet with --sheet.",
        )
    raise BadSheet(
        f"{package.name} has several worksheets: {_listed(filled)}.",
        f'Say which one to dial: --sheet "{filled[0].name}".',
    )


def _named(
    package: Package, sheets: tuple[_Worksheet, ...], visible: tuple[_Worksheet, ...], wanted: str
) -> _Worksheet:
    by_name = {sheet.name.casefold().strip(): sheet for sheet in sheets}
    sought = wanted.casefold().strip()
    if sought in by_name:
        return by_name[sought]
    # A number counts the tabs that a person sees.
    if sought.isascii() and sought.isdecimal() and 1 <= int(sought[:9]) <= len(visible):
        return visible[int(sought[:9]) - 1]
    near = difflib.get_close_matches(sought, by_name, n=1, cutoff=0.5)
    guess = by_name[near[0]] if near else sheets[0]
    raise BadSheet(
        f'{package.name} has no worksheet "{wanted}"; it has {_listed(sheets)}.',
        f'Did you mean --sheet "{guess.name}"?' if near else f'Name one of them, as in --sheet "{guess.name}".',
    )


def _listed(sheets: tuple[_Worksheet, ...] | list[_Worksheet]) -> str:
    shown = [f'"{sheet.name}"' + ("" if sheet.visible else " (hidden)") for sheet in sheets[:20]]
    return ", ".join(shown) + (" and more" if len(sheets) > len(shown) else "")


def _check_errors(package: Package, found: Findings) -> None:
    for (row, column), text in found.marks.items():
        if text not in _KNOWN_ERRORS and text != UNCALCULATED:
            raise BadSheet(
                f"{package.name}, cell {letters(column)}{row}: it shows the error {text[:40]}.",
                "Mend its formula, or put a value in its place, and save the workbook again.",
            )


def _opened(data: bytes, package: Package) -> fastexcel.ExcelReader:
    with _panic_in_words(package):
        return fastexcel.read_excel(data)


def _loaded(workbook: fastexcel.ExcelReader, sheet: _Worksheet, package: Package) -> pl.DataFrame:
    with _panic_in_words(package):
        # Without skip_rows=0 the blank rows on top are left out, and every row number is wrong.
        return workbook.load_sheet(sheet.name, header_row=None, skip_rows=0, dtypes="string").to_polars()


@contextmanager
def _panic_in_words(package: Package) -> Iterator[None]:
    try:
        yield
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError):
        raise package.damaged() from None
    except BaseException as fault:
        # What a library in Rust did not foresee arrives as this, which is no Exception.
        if type(fault).__name__ != "PanicException":
            raise
        raise package.damaged() from None


def _shown(cells: pl.DataFrame, found: Findings) -> pl.DataFrame:
    """Write dates, times, numbers and truth values as a person sees them, and count the columns from A."""
    cells = cells.rename({old: f"c{index}" for index, old in enumerate(cells.columns, start=found.left)})
    text = pl.all()
    columns = cells.select(text.str.contains(f"{_MOMENT}|{_LONG_NUMBER}").any())
    changes = [_as_shown(column) for column in columns.columns if columns[column][0]]
    cells = cells.with_columns(changes)
    # The reader's words for a truth value; a column that holds none keeps such words as its author wrote them.
    truths = [pl.col(f"c{column}") for column in found.booleans if f"c{column}" in cells.columns]
    return cells.with_columns(
        pl.when(column.is_in(["true", "false"])).then(column.str.to_uppercase()).otherwise(column) for column in truths
    )


def _as_shown(column: str) -> pl.Expr:
    text = pl.col(column)
    moment = text.str.replace(_NO_DAY, "").str.replace(_MIDNIGHT, "$1").str.replace(_NO_SECONDS, "$1")
    shortest = text.cast(pl.Float64, strict=False).cast(pl.String)
    return (
        pl.when(text.str.contains(_MOMENT))
        .then(moment)
        .when(text.str.contains(_LONG_NUMBER))
        .then(shortest)
        .otherwise(text)
        .alias(column)
    )


def _marked(cells: pl.DataFrame, found: Findings) -> pl.DataFrame:
    """Put the marks in their places, which may lie outside of what was read."""
    if not found.marks:
        return cells
    by_column: dict[int, dict[int, str]] = {}
    for (row, column), text in found.marks.items():
        by_column.setdefault(column, {})[row - 1] = text
    height = max(cells.height, *(row for row, _ in found.marks))
    read = dict(enumerate(cells.iter_columns(), start=found.left))
    series: list[pl.Series] = []
    for column in range(min([*read, *by_column]), max([*read, *by_column]) + 1):
        old = read.get(column, pl.Series(f"c{column}", [], dtype=pl.String))
        new = old.extend_constant(None, height - len(old))
        marks = by_column.get(column, {})
        series.append(new.scatter(list(marks), list(marks.values())) if marks else new)
    return pl.DataFrame(series)
