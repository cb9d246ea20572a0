"""The parts of an .xlsx workbook besides its worksheets: their names, its calendar, and the pages that are ours."""

import posixpath
from dataclasses import dataclass, replace

from batch_dialer.sheets.own_marks import is_own, page_of
from batch_dialer.sheets.workbook.package import Package
from batch_dialer.sheets.workbook.xlsx_rows import TRUE
from batch_dialer.sheets.worksheets import Worksheet

WORKBOOK = "xl/workbook.xml"
"""The part that every .xlsx has."""
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STYLES, _STRINGS = "xl/styles.xml", "xl/sharedStrings.xml"


@dataclass(frozen=True, slots=True)
class Book:
    """The *worksheets* in the order of their tabs, those of charts left out, and the parts with styles and texts."""

    worksheets: list[Worksheet]
    styles: str
    strings: str
    from_1904: bool


def read_book(package: Package) -> Book:
    """Read what the workbook says of itself; raise `BadSheet` where it is damaged."""
    with package.damage_as_error():
        relations = _read_relations(package)
        worksheets: list[Worksheet] = []
        own_pages: set[str] = set()
        from_1904 = False
        for _, element in package.elements(WORKBOOK):
            match element.tag.rpartition("}")[2]:
                case "workbookPr":
                    from_1904 = element.get("date1904") in TRUE
                case "sheet":
                    relation_id = next((value for key, value in element.items() if key.endswith("}id")), "")
                    kind, part = relations.get(relation_id, ("", ""))
                    if kind == "worksheet" and part in package:  # a tab may be a chart
                        visible = element.get("state", "visible") == "visible"
                        worksheets.append(Worksheet(element.attrib["name"], part, visible))
                case "definedName" if is_own(element.get("name", "")):
                    own_pages.add(page_of(element.text or ""))
    parts = dict(relations.values())
    return Book(
        [replace(sheet, ours=sheet.name in own_pages) for sheet in worksheets],
        parts.get("styles", _STYLES),
        parts.get("sharedStrings", _STRINGS),
        from_1904,
    )


def _read_relations(package: Package) -> dict[str, tuple[str, str]]:
    """Return for each relation ID what it is of, such as `worksheet`, and the part with it."""
    targets: dict[str, tuple[str, str]] = {}
    for _, element in package.elements(_RELATIONS):
        if element.tag.endswith("Relationship"):
            kind = element.attrib["Type"].rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/xl", element.attrib["Target"])).lstrip("/")
            targets[element.attrib["Id"]] = kind, target
    return targets
