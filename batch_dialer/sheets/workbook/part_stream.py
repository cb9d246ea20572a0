"""A part of an .xlsx workbook as a stream of XML that is safe to parse: no entities, no row without an end."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder, XMLParser

from batch_dialer.sheets.workbook.package import MOST_INSIDE, Package

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
MAIN = f"{{{_MAIN}}}"
"""What the names of elements begin with; those of the strict form of the format are changed to it."""


class PartStream:
    """Reads *part*, a few of its elements at a time: those of the name *unit* directly inside *parent*.

    *parent* is a path from the outermost element, `.` for that itself. The elements beside them are kept in `rest`.
    Raises `BadSheet` for a document type, and for so many elements in one unit that they fill the memory.
    """

    def __init__(self, package: Package, part: str, unit: str, parent: str = ".") -> None:
        self._package = package
        self._unit = f"{MAIN}{unit}"
        self._path = f"*/{parent}"
        self._chunks, name, self.root = package.open_xml(part)
        """The attributes of the outermost element."""
        self.rest: Element[str] = Element("part")
        """What was parsed and is no unit; it is complete after the last unit."""
        namespace = name.rpartition(" ")[0]
        if namespace not in {_MAIN, _STRICT}:
            raise package.damage_error()
        self._first = next(self._chunks)
        if namespace == _STRICT:
            self._first = self._first.replace(_STRICT.encode(), _MAIN.encode())

    def units(self) -> Iterator["list[Element[str]]"]:
        """Yield the units, as many as there are at once."""
        builder = TreeBuilder()
        self.rest = builder.start("part", {})  # what is parsed becomes its child, and can be seen on the way
        parser = XMLParser(target=builder)  # noqa: S314  (what is unsafe was refused)
        inside, chunk = 0, self._first
        for following in self._chunks:
            parser.feed(chunk)
            whole = self._take(under_way=1)
            inside = 0 if whole else inside + chunk.count(b"<")
            if inside > MOST_INSIDE:
                raise self._package.row_error()
            yield whole
            chunk = following
        parser.feed(chunk)
        parser.close()
        yield self._take(under_way=0)
        if next(self.rest.iter(self._unit), None) is not None:
            raise self._package.damage_error()  # what stands where nobody looks for it must not be passed over

    def _take(self, under_way: int) -> "list[Element[str]]":
        """Take out of the tree the children that are whole: all but the last ones that are *under_way*."""
        taken: list[Element[str]] = []
        for parent in self.rest.iterfind(self._path):
            count = len(parent) - under_way
            if count > 0:
                taken += [child for child in parent[:count] if child.tag == self._unit]
                del parent[:count]
        return taken
