"""A look through a worksheet's XML before it is read: whether that is safe, and what it would leave out.

fastexcel turns error cells and formulas that were never calculated into empty ones, and asks for memory for the whole
rectangle around the outermost cells. Ordinary worksheets are cleared by a few searches over their bytes;
whatever is written in any other way is parsed element by element, which is slower and means the same.
"""

import functools
import re
from collections.abc import Mapping

import polars as pl

from batch_dialer.sheets.columns import letters
from batch_dialer.sheets.workbook.extent import MAX_COLUMNS, MAX_ROWS, Extent
from batch_dialer.sheets.workbook.findings import UNCALCULATED, Findings
from batch_dialer.sheets.workbook.package import Package
from batch_dialer.sheets.workbook.xlsx_chunks import ahead, whole_cells
from batch_dialer.sheets.workbook.xlsx_hidden_rows import MAYBE_HIDDEN, hidden_rows, is_hidden

# A worksheet is cleared without parsing if all of its cells are in one of two areas, both below the limit: A to AZ
# to the last row, or A to ZZ down to row 59,999. Each of these finds a cell that is not, or may not be.
_OUTSIDE = (
    re.compile(
        rb'<c(?! r="A?[A-Z](?:[1-9]\d{0,5}|10[0-3]\d{4}|104(?:[0-7]\d{3}|8(?:[0-4]\d\d|5(?:[0-6]\d|7[0-6]))))'
        rb'")(?=[\s/>])'
    ),
    re.compile(rb'<c(?! r="[A-Z]{1,2}(?:[1-9]\d{0,3}|[1-5]\d{4})")(?=[\s/>])'),
)
# A short part cannot fill such areas: A to Z down to row 599,999, or A to ZZ down to row 9,999.
_OUTSIDE_IF_SHORT = (
    re.compile(rb'<c(?! r="[A-Z](?:[1-9]\d{0,4}|[1-5]\d{5})")(?=[\s/>])'),
    re.compile(rb'<c(?! r="[A-Z]{1,2}[1-9]\d{0,3}")(?=[\s/>])'),
)
_SHORT = 4 << 20

# polars looks for these, several times as fast as the standard library.
_COUNTED = "is>|mergeCell "
_REMARKABLE = r""":c[\s/>]|<!|<f|["'][eb]["']|""" + MAYBE_HIDDEN
_ODD = r"<[\w.-]+:c[\s/>]|<!"
_MAYBE_NO_VALUE = r"(?:</f>|<f[^>]*/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"

# The searches below never go back over what they passed (`*+`): they run over every cell of a large worksheet.
_CELL = rb'<c r="([A-Z]++)(\d++)"'
_OF_TYPE = rb"""(?:\s+(?!t=)\w++=["'][^"']*+["'])*+\s+t=["']%s["'][^>]*+>\s*+"""
_FORMULA = rb"<f(?:/>|(?:\s[^>]*+)?(?<=/)>|(?:\s[^>]*+)?>[^<]*+</f>)\s*+"
_ERROR = re.compile(_CELL + _OF_TYPE % b"e" + rb"(?:" + _FORMULA + rb")?<v>([^<]++)</v>")
_NO_VALUE = re.compile(_CELL + rb"([^>]*+)>\s*+" + _FORMULA + rb"(<v\s*+/>|<v>\s*+</v>)?\s*+</c>")
_IS_TEXT = re.compile(rb"""\bt=["']str["']""")
_BOOLEAN = re.compile(_CELL + _OF_TYPE % b"b")
_FILLED = re.compile(
    _CELL + rb"(?:" + _OF_TYPE % b"str" + rb"(?:" + _FORMULA + rb")?<v>|"
    rb"[^>]*+>\s*+(?:" + _FORMULA + rb")?<(?:v[^>/]*+>[^<]|is\b))"
)
_OVER_ROWS = re.compile(rb"[A-Z](\d+):[A-Z]+(?!\1$)\d+$")
_MERGED = re.compile(rb"""<mergeCell ref=["'][A-Z]+(\d+):[A-Z]+(?!\1["'])\d+["']""")
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_ANYTHING = re.compile(rb"<(?:[\w.-]+:)?(?:v|is|f)[\s/>]")


def has_cells(package: Package, part: str) -> bool:
    """Whether any cell of the worksheet holds anything."""
    return any(_ANYTHING.search(text) for text in whole_cells(package.chunks(part)))


def scan(package: Package, part: str, percents: Mapping[str, int], *, closely: bool = False) -> Findings:
    """Clear the worksheet for reading, or refuse it; *percents* are the styles to look for, with their decimals.

    *closely*: parse it in any case, and refuse it if it has a cell twice, of which fastexcel keeps only one.
    """
    for outside in () if closely else _OUTSIDE_IF_SHORT if package.size(part) < _SHORT else _OUTSIDE:
        found = _search(package, part, outside, percents)
        if found:
            return found
    return _Walk(package, percents).through(part)


def _search(package: Package, part: str, outside: re.Pattern[bytes], percents: Mapping[str, int]) -> Findings | None:
    """Find by searching, or return None where a cell lies outside or the XML is written in an unusual way."""
    found = Findings()
    styles = "|".join(percents).encode()
    styled = re.compile(_CELL + rb'(?:\s(?!t=)\w++="[^"]*+")*?\ss="(' + styles + rb')"(?![^>]*\st="(?!n"))')
    for text in whole_cells(ahead(package.chunks(part))):
        found.filled += text.count(b"</v>")
        if outside.search(text):
            return None
        found.left = _leftmost(text, found.left)
        if percents:
            found.percents |= {
                (int(row), _column(column)): percents[style.decode()] for column, row, style in styled.findall(text)
            }
        searched = pl.Series([text.decode(errors="replace")])
        if _has(searched, f"{_COUNTED}|{_REMARKABLE}"):
            found.filled += text.count(b"</is>")
            found.merged += len(_MERGED.findall(text))
            if _has(searched, _REMARKABLE) and (_has(searched, _ODD) or not _note(text, searched, found)):
                return None
    return found


def _leftmost(text: bytes, left: int) -> int:
    """Return the first column of any filled cell in *text*, if it is before *left*."""
    cells = _FILLED.finditer(text)
    while left and (cell := next(cells, None)):
        left = min(left, _column(cell[1]))
    return left


def _has(searched: pl.Series, pattern: str) -> bool:
    return bool(searched.str.contains(pattern)[0])


def _note(text: bytes, searched: pl.Series, found: Findings) -> bool:
    """Take down what is remarkable; false where a hidden row does not say which it is."""
    if _has(searched, """["']e["']"""):
        for column, row, error in _ERROR.findall(text):
            found.marks[int(row), _column(column)] = error.decode(errors="replace")
    if _has(searched, _MAYBE_NO_VALUE):
        for column, row, attributes, value in _NO_VALUE.findall(text):
            # An empty value is a formula's true result only where it says that this is a text.
            if not (value and _IS_TEXT.search(attributes)):
                found.marks[int(row), _column(column)] = UNCALCULATED
                found.filled += b"</v>" not in value
    if _has(searched, """["']b["']"""):
        found.booleans.update(_column(column) for column, _ in _BOOLEAN.findall(text))
    hidden = hidden_rows(text) if _has(searched, MAYBE_HIDDEN) else set[int]()
    found.hidden_rows |= hidden or set()
    return hidden is not None


@functools.cache
def _column(name: bytes) -> int:
    number = 0
    for letter in name.upper():
        number = number * 26 + letter - ord("@")
    return number - 1


class _Walk:
    """The same findings by parsing, and the outermost cells counted rather than proved to be near."""

    def __init__(self, package: Package, percents: Mapping[str, int]) -> None:
        self._package = package
        self._percents = percents
        self._found = Findings()
        self._row = self._column = -1  # where a cell lies that does not say so itself
        self._place = (0, 0)
        self._extent = Extent(package.unsafe_error)
        self._taken: dict[int, int] = {}  # the columns taken in each row, as bits
        self._kind = ""
        self._inside = ""
        self._text = ""
        self._formula = self._value = self._inline = False

    def through(self, part: str) -> Findings:
        self._package.parse(part, self._start, EndElementHandler=self._end, CharacterDataHandler=self._characters)
        self._extent.check()
        return self._found

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._inside = tag = tag.rpartition(":")[2]
        if tag == "row":
            self._row = int(attributes.get("r", self._row + 2)) - 1
            self._column = -1
            if is_hidden(attributes):
                self._found.hidden_rows.add(self._row + 1)
        elif tag == "c":
            self._at(attributes.get("r"))
            self._kind, self._text = attributes.get("t", ""), ""
            if attributes.get("s") in self._percents and self._kind in {"", "n"}:
                self._found.percents[self._place] = self._percents[attributes["s"]]
            self._formula = self._value = self._inline = False
        elif tag == "mergeCell":
            self._found.merged += bool(_OVER_ROWS.search(attributes.get("ref", "").encode()))
        elif tag == "f":
            self._formula = True
        elif tag == "v":
            self._value = True
        elif tag == "is":
            self._inline = True

    def _at(self, reference: str | None) -> None:
        self._column += 1
        row = self._row
        if reference is not None:
            match = _REFERENCE.fullmatch(reference)
            if not match:
                raise self._package.damage_error()
            row, self._column = int(match[2]) - 1, _column(match[1].encode())
        if not (0 <= row < MAX_ROWS and self._column < MAX_COLUMNS):
            raise self._package.unsafe_error("it has cells where a worksheet has none")
        self._place = (row + 1, self._column)

    def _characters(self, text: str) -> None:
        if self._inside == "v":
            self._text += text

    def _end(self, tag: str) -> None:
        self._inside = ""
        if tag != "c" and not tag.endswith(":c"):
            return
        found = self._found
        if self._kind == "b":
            found.booleans.add(self._column)
        is_filled = bool(self._text) or self._inline or (self._value and self._kind == "str")
        if self._kind == "e" and self._text:
            found.marks[self._place] = self._text
        elif self._formula and not self._text.strip() and not (self._value and self._kind == "str"):
            found.marks[self._place] = UNCALCULATED
        if is_filled:
            found.left = min(found.left, self._column)
        if is_filled or self._place in found.marks:
            self._extent.reach(*self._place)
            self._take(*self._place)

    def _take(self, row: int, column: int) -> None:
        taken = self._taken.get(row, 0)
        if taken >> column & 1:
            raise self._package.unsafe_error(f"it has the cell {letters(column)}{row} twice")
        self._taken[row] = taken | 1 << column
        self._found.filled += 1
