"""The content of an OpenDocument spreadsheet (.ods), read in one stream: what cells show, and which rows are hidden.

A few bytes of this format can stand for a million rows, so what is repeated is counted before it is made.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from batch_dialer.sheets.own_marks import is_own, page_of
from batch_dialer.sheets.workbook import ods_text
from batch_dialer.sheets.workbook.commas import Commas
from batch_dialer.sheets.workbook.extent import MAX_COLUMNS, MAX_ROWS
from batch_dialer.sheets.workbook.package import Package

CONTENT = "content.xml"
"""The part that every .ods has."""
_MANIFEST = "META-INF/manifest.xml"
_MAX_CELLS = 20_000_000
_ROWS_BETWEEN_REPORTS = 1_000
_CELLS = frozenset({"table-cell", "covered-table-cell"})

Row = list[str | None]


@dataclass(slots=True)
class Table:
    """A worksheet: the texts of its rows that hold any, by row number, and the numbers of the rows that are hidden.

    *ours*: whether batch_dialer added it.
    """

    name: str
    visible: bool
    rows: dict[int, Row] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    merged: int = 0  # cells over several rows
    ours: bool = False
    commas: Commas = field(default_factory=Commas)


def is_encrypted(package: Package) -> bool:
    """Whether the file needs a password."""
    found = False

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal found
        found = found or tag.endswith("encryption-data")

    if _MANIFEST in package:
        package.parse(_MANIFEST, start)
    return found


def read_tables(package: Package, progress: Callable[[int], None]) -> list[Table]:
    """Read every worksheet; raise `BadSheet` where they are damaged or stand for too many cells.

    *progress* is told how many rows of a worksheet were read so far.
    """
    walk = _Walk(package, progress)
    package.parse(CONTENT, walk.start, EndElementHandler=walk.end, CharacterDataHandler=walk.characters)
    for table in walk.tables:
        table.ours = table.name in walk.own_pages
    return walk.tables


class _Walk:
    def __init__(self, package: Package, progress: Callable[[int], None]) -> None:
        self._package = package
        self._progress = progress
        self.tables: list[Table] = []
        self.own_pages: set[str] = set()
        self._undisplayed: set[str] = set()
        self._style = ""
        self._path: list[str] = []
        self._row = self._cells = self._repeat = 0
        self._line: Row = []
        self._is_hidden = False
        self._groups: list[bool] = []  # around the row, and whether they are unfolded
        self._cell: dict[str, str] = {}
        self._depth = 0
        self._text: list[str] | None = None
        self._paragraphs = 0

    def start(self, tag: str, given: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        attributes = {name.rpartition(":")[2]: text for name, text in given.items() if not name.startswith("calcext:")}
        self._path.append(tag)
        does: dict[str, Callable[[dict[str, str]], None]] = {
            "style": self._begin_style,
            "table-properties": self._look_at_display,
            "table": self._begin_table,
            "named-range": self._look_at_name,
            "table-row-group": self._begin_group,
            "table-row": self._begin_row,
            "table-cell": self._begin_cell,
            "covered-table-cell": self._begin_cell,
        }
        if tag in does:
            does[tag](attributes)
        elif self._text is not None:
            self._inside(tag, attributes)

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag in _CELLS and len(self._path) == self._depth:
            self._end_cell()
        elif tag == "table-row":
            self._end_row()
        elif tag == "table-row-group":
            self._groups.pop()
        self._path.pop()

    def characters(self, text: str) -> None:
        if self._text is not None and self._is_shown():
            self._text.append(text)

    def _is_shown(self) -> bool:
        """Whether this is the cell's own text, not that of a comment or a drawing on it."""
        below = self._path[self._depth :]
        return below[:1] == ["p"] and "annotation" not in below and "frame" not in below

    def _inside(self, tag: str, attributes: dict[str, str]) -> None:
        if self._text is None or not self._is_shown():
            return
        if tag == "p" and len(self._path) == self._depth + 1:
            self._paragraphs += 1
            self._text += ["\n"] if self._paragraphs > 1 else []
        elif tag == "s":
            self._text.append(" " * min(self._count(attributes, "c"), 1024))
        elif tag in {"tab", "line-break"}:
            self._text.append("\t" if tag == "tab" else "\n")

    def _begin_style(self, attributes: dict[str, str]) -> None:
        self._style = attributes.get("name", "")

    def _look_at_display(self, attributes: dict[str, str]) -> None:
        if attributes.get("display") == "false":
            self._undisplayed.add(self._style)

    def _begin_table(self, attributes: dict[str, str]) -> None:
        if self._path.count("table") == 1:
            visible = attributes.get("style-name", "") not in self._undisplayed
            self.tables.append(Table(attributes.get("name", ""), visible))
            self._row = 0

    def _look_at_name(self, attributes: dict[str, str]) -> None:
        if is_own(attributes.get("name", "")):
            where, _, cell = attributes.get("cell-range-address", "").rpartition(".")
            self.own_pages.add(page_of(f"{where}!{cell}"))

    def _begin_group(self, attributes: dict[str, str]) -> None:
        self._groups.append(attributes.get("display", "true") != "false")

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._line = []
        self._is_hidden = attributes.get("visibility", "visible") != "visible" or not all(self._groups)
        self._repeat = self._count(attributes, "number-rows-repeated")

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._cell, self._text, self._paragraphs = attributes, [], 0
        self._depth = len(self._path)
        if self._count(attributes, "number-rows-spanned") > 1 and self._path.count("table") == 1:
            self.tables[-1].merged += 1

    def _end_cell(self) -> None:
        shown = ods_text.show(self._cell, "".join(self._text or ()))
        self._text, self._depth = None, 0
        if shown is not None and "," in shown and self.tables:
            is_number = ods_text.is_number(self._cell)
            self.tables[-1].commas.note(self._row + self._repeat, len(self._line), is_number=is_number)
        count = self._count(self._cell, "number-columns-repeated")
        if len(self._line) + count > MAX_COLUMNS:
            if shown is not None:
                raise self._package.unsafe_error("it has cells where a worksheet has none")
            count = max(MAX_COLUMNS - len(self._line), 0)
        self._line += [shown] * count

    def _end_row(self) -> None:
        while self._line and self._line[-1] is None:
            self._line.pop()
        first, self._row = self._row + 1, self._row + self._repeat
        if not self._line or not self.tables or self._path.count("table") > 1:
            return
        self._cells += self._repeat * len(self._line)
        if self._row > MAX_ROWS or self._cells > _MAX_CELLS:
            raise self._package.unsafe_error("a few of its cells stand for more than a worksheet holds")
        table = self.tables[-1]
        if not self._row % _ROWS_BETWEEN_REPORTS:
            self._progress(self._row)
        for row in range(first, self._row + 1):
            table.rows[row] = self._line
        if self._is_hidden:
            table.hidden.update(range(first, self._row + 1))

    def _count(self, attributes: dict[str, str], name: str) -> int:
        count = attributes.get(name, "1")
        if not (count.isascii() and count.isdecimal() and int(count[:12]) > 0):
            raise self._package.damage_error()
        return int(count[:12])
