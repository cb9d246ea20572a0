"""A part of an .xlsx workbook as a stream of XML that is safe to parse: no entities, no row without an end."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, iterparse
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
    """Reads *part*, whose elements of the name *unit* are parsed one by one: `row`, or `si` for a text.

    Raises `BadSheet` for a document type, and for so many elements in one unit that they fill the memory.
    """

    def __init__(self, package: Package, part: str, unit: str) -> None:
        self._package = package
        self._chunks = package.chunks(part)
        self._starts = f"<{unit}".encode(), f":{unit}".encode()
        self._inside = 0
        self.root: dict[str, str] = {}
        """The attributes of the outermost element."""
        self._first: bytes | None = self._read_first()

    def elements(self) -> Iterator[tuple[str, "Element[str]"]]:
        """Yield "end" and the element for each element, after those that it holds."""
        return iterparse(self)  # noqa: S314  (what is unsafe was refused)

    def read(self, _: int = -1, /) -> bytes:
        """Return the next bytes, as many as there are at once, and b"" at the end."""
        if self._first is not None:
            chunk, self._first = self._first, None
        else:
            chunk = next(self._chunks, b"")
        start = max(chunk.rfind(tag) for tag in self._starts)
        self._inside = chunk.count(b"<", start) if start >= 0 else self._inside + chunk.count(b"<")
        if self._inside > _MOST_INSIDE:
            raise self._package.unsafe_error("one of its rows or lists has more than a million parts")
        return chunk

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
