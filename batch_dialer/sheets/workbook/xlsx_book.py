"""The parts of an .xlsx workbook besides its worksheets: their names, its calendar, and the pages that are ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from batch_dialer.sheets.own_marks import is_own, page_of
from batch_dialer.sheets.workbook.package import Package
from batch_dialer.sheets.workbook.relations import read_relations
from batch_dialer.sheets.worksheets import Worksheet

WORKBOOK = "xl/workbook.xml"
"""The part that every .xlsx has."""
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STYLES, _STRINGS = "xl/styles.xml", "xl/sharedStrings.xml"
_TRUE = ("1", "true")


@dataclass(slots=True)
class Book:
    """The *worksheets* in the order of their tabs, those of charts left out, and the parts with styles and texts."""

    styles: str
    strings: str
    worksheets: list[Worksheet] = field(default_factory=list)
    from_1904: bool = False


def read_book(package: Package) -> Book:
    """Read what the workbook says of itself; raise `BadSheet` where it is damaged."""
    relations = read_relations(package, _RELATIONS)
    parts = dict(relations.values())
    walk = _Walk(package, relations, Book(parts.get("styles", _STYLES), parts.get("sharedStrings", _STRINGS)))
    package.parse(WORKBOOK, walk.start, CharacterDataHandler=walk.characters, EndElementHandler=walk.end)
    walk.book.worksheets = [replace(sheet, ours=sheet.name in walk.pages) for sheet in walk.book.worksheets]
    return walk.book


class _Walk:
    def __init__(self, package: Package, relations: Mapping[str, tuple[str, str]], book: Book) -> None:
        self.book = book
        self.pages: set[str] = set()
        self._package = package
        self._relations = relations
        self._reference: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "workbookPr":
                self.book.from_1904 = attributes.get("date1904") in _TRUE
            case "sheet":
                self._add_sheet(attributes)
            case "definedName" if is_own(attributes.get("name", "")):
                self._reference = []

    def characters(self, text: str) -> None:
        if self._reference is not None:
            self._reference.append(text)

    def end(self, _: str) -> None:
        if self._reference is not None:
            self.pages.add(page_of("".join(self._reference)))
        self._reference = None

    def _add_sheet(self, attributes: dict[str, str]) -> None:
        relation_id = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        kind, part = self._relations.get(relation_id, ("", ""))
        if kind == "worksheet" and part in self._package:  # a tab may be a chart
            visible = attributes.get("state", "visible") == "visible"
            self.book.worksheets.append(Worksheet(attributes["name"], part, visible))
