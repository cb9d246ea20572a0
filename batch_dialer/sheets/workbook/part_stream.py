"""A part of an .xlsx workbook as a stream of XML that is safe to parse: no entities, no row without an end."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder, XMLParser
from xml.parsers import expat

from batch_dialer.sheets.workbook.package import Package

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
MAIN = f"{{{_MAIN}}}"
"""What the names of elements begin with; those of the strict form of the format are changed to it."""
_MOST_INSIDE = 1_000_000


class _RootFound(Exception):  # noqa: N818  (no error: it ends the parser)
    pass


class PartStream:
    """Reads *part*, a few of its elements at a time: those of the name *unit* directly inside *parent*.

    *parent* is a path from the outermost element, `.` for that itself. The elements beside them are kept in `rest`.
    Raises `BadSheet` for a document type, and for so many elements in one unit that they fill the memory.
    """

    def __init__(self, package: Package, part: str, unit: str, parent: str = ".") -> None:
        self._package = package
        self._chunks = package.chunks(part)
        self._unit = f"{MAIN}{unit}"
        self._path = f"*/{parent}"
        self.root: dict[str, str] = {}
        """The attributes of the outermost element."""
        self.rest: Element[str] = Element("part")
        """What was parsed and is no unit; it is complete after the last unit."""
        self._first = self._read_first()

    def units(self) -> Iterator["list[Element[str]]"]:
        """Yield the units, as many as there are at once."""
        builder = TreeBuilder()
        self.rest = builder.start("part", {})  # what is parsed becomes its child, and can be seen on the way
        parser = XMLParser(target=builder)  # noqa: S314  (as above)
        inside, chunk = 0, self._first
        for following in self._chunks:
            parser.feed(chunk)
            whole = self._take(under_way=1)
            inside = 0 if whole else inside + chunk.count(b"<")
            if inside > _MOST_INSIDE:
                raise self._package.unsafe_error("one of its rows or lists has more than a million parts")
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

    def _read_first(self) -> bytes:
        """Return the first bytes, with the usual namespace, once they are known to declare no document type."""
        first = next(self._chunks, b"")
        namespace = ""

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal namespace
            self.root = attributes
            namespace = name.rpartition(" ")[0]
            raise _RootFound

        def refuse(*_: object) -> None:
            raise self._package.document_type_error()

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = start
        parser.StartDoctypeDeclHandler = refuse
        with self._package.damage_as_error():
            try:
                parser.Parse(first, False)  # noqa: FBT003  (expat takes no keywords)
            except _RootFound:
                if namespace == _STRICT:
                    return first.replace(_STRICT.encode(), _MAIN.encode())
                if namespace == _MAIN:
                    return first
        raise self._package.damage_error()
