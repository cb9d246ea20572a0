"""The zip archive of a workbook, its parts read as streams that are held to what the zip directory declares.

An archive can unpack to a thousand times its size, and XML can name entities that grow without end: both are refused.
"""

import copy
import io
import itertools
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.parsers import expat

from batch_dialer.errors import BadSheet

_MAX_PARTS = 5_000
_MAX_BYTES = 2 << 30
_MAX_RATIO = 250  # an honest worksheet shrinks to a tenth or a thirtieth; deflate ends at a thousandth
_RATIO_MATTERS_FROM = 16 << 20
_CHUNK = 2 << 20
_MOST_BEFORE_ROOT = 1 << 20
_ENCRYPTED_BIT = 0x1
MOST_INSIDE = 1_000_000
"""How many elements may stand inside of one that is kept whole, such as a row."""
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    expat.ExpatError,
    NotImplementedError,
    EOFError,
    LookupError,
    OSError,
    ParseError,
    RuntimeError,
    ValueError,
)
"""What the standard library may raise where a workbook is damaged."""


class _RootFound(Exception):  # noqa: N818  (no error: it ends the parser)
    pass


class Package:
    """The parts of a workbook, by name. `check_directory` must be called before any of them is read."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        with self.damage_as_error():
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._parts: Mapping[str, zipfile.ZipInfo] = {part.filename: part for part in self._zip.infolist()}

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def size(self, part: str) -> int:
        """Return how many bytes the directory declares for *part*."""
        return self._parts[part].file_size

    @property
    def largest(self) -> int:
        """How many bytes the directory declares for the largest part of XML."""
        return max((part.file_size for name, part in self._parts.items() if name.endswith(".xml")), default=0)

    @contextmanager
    def damage_as_error(self) -> Iterator[None]:
        """Turn any error of `DAMAGED` that is raised inside into `damage_error`."""
        try:
            yield
        except DAMAGED:
            raise self.damage_error() from None

    def damage_error(self) -> BadSheet:
        """Return the error for a file that no spreadsheet program would have written so."""
        return BadSheet(
            f"{self.name} is damaged or incomplete, and cannot be read as a workbook.",
            "Open it in a spreadsheet program and save it again, or fetch it again if it was sent or downloaded.",
        )

    def unsafe_error(self, why: str) -> BadSheet:
        """Return the error for a file that might take all memory or time to read; *why* is a clause."""
        return BadSheet(
            f"{self.name} cannot be read safely: {why}.",
            "Copy the rows into a new workbook and save that, or save the worksheet as 'CSV UTF-8'.",
        )

    def chunks(self, part: str) -> Iterator[bytes]:
        """Yield *part* in pieces; raise `BadSheet` if it is damaged or not as long as the directory declares."""
        with self.damage_as_error():
            declared = self._parts[part].file_size
            # Told of one byte more than declared, zipfile goes on to the true end instead of stopping short.
            more = copy.copy(self._parts[part])
            more.file_size = declared + 1
            read = 0
            with self._zip.open(more) as stream:
                while chunk := stream.read(_CHUNK):
                    read += len(chunk)
                    if read > declared:
                        raise zipfile.BadZipFile
                    yield chunk
            if read != declared:
                raise zipfile.BadZipFile

    def open_xml(self, part: str) -> tuple[Iterator[bytes], str, dict[str, str]]:
        """Return *part* in pieces, the namespace of its outermost element with the name, and that one's attributes.

        Raise `BadSheet` where it is damaged or declares a document type.
        """

        def found(name: str, attributes: dict[str, str]) -> None:
            raise _RootFound(name, attributes)

        def refuse(*_: object) -> None:
            raise self.unsafe_error("it declares a document type (DOCTYPE), which no spreadsheet program writes")

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = found
        parser.StartDoctypeDeclHandler = refuse
        chunks, beginning = self.chunks(part), b""
        with self.damage_as_error():
            try:
                while len(beginning) < _MOST_BEFORE_ROOT and (chunk := next(chunks, b"")):
                    beginning += chunk
                    parser.Parse(chunk, False)  # noqa: FBT003  (expat takes no keywords)
            except _RootFound as root:
                name, attributes = root.args
                return itertools.chain([beginning], chunks), name, attributes
        raise self.damage_error()

    def elements(self, part: str, whole: str = "") -> Iterator[tuple[list[Element], Element]]:
        """Yield each element of *part* when it ends, with those around it, the nearest last; it keeps none inside.

        One that is named *whole* keeps all that is inside, which is not yielded. Raise `BadSheet` where the part is
        damaged or declares a document type, or such an element takes too much memory.
        """
        around, kept, inside = [Element("part")], None, 0
        with self.damage_as_error():
            for event, element in self._events(part):
                if event == "start":
                    around.append(element)
                    kept, inside = (element, 0) if kept is None and element.tag == whole else (kept, inside + 1)
                    if kept is not None and inside > MOST_INSIDE:
                        raise self.row_error()
                    continue
                around.pop()
                if kept is None or kept is element:
                    kept = None
                    yield around, element
                    del around[-1][:]

    def _events(self, part: str) -> "Iterator[tuple[str, Element]]":
        chunks, _, _ = self.open_xml(part)
        parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
        events = cast("Callable[[], Iterator[tuple[str, Element]]]", parser.read_events)
        for chunk in chunks:
            parser.feed(chunk)
            yield from events()
        parser.close()
        yield from events()

    def check_directory(self) -> None:
        """Raise `BadSheet` where the directory alone shows the file to be locked or hostile."""
        parts = self._zip.infolist()
        if any(part.flag_bits & _ENCRYPTED_BIT for part in parts):
            raise BadSheet(f"{self.name} is protected with a password.", "Save a copy of it without a password.")
        if len(parts) > _MAX_PARTS or len(self._parts) < len(parts):
            raise self.unsafe_error(f"it has more than {_MAX_PARTS:,} parts, or two of the same name")
        if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
            raise self.unsafe_error("it is compressed as no spreadsheet program does")
        if sum(part.file_size for part in parts) > _MAX_BYTES or any(_is_bomb(part) for part in parts):
            raise self.unsafe_error("it is small, and unpacks to a size that no sheet needs")

    def row_error(self) -> BadSheet:
        """Return the error for an element with more than `MOST_INSIDE` others."""
        return self.unsafe_error("one of its rows or lists has more than a million parts")


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > _RATIO_MATTERS_FROM and part.file_size > _MAX_RATIO * part.compress_size
