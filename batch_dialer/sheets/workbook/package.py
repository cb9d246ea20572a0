"""The zip archive of a workbook, its parts read as streams that are held to what the zip directory declares.

An archive can unpack to a thousand times its size, and XML can name entities that grow without end: both are refused.
"""

import copy
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from batch_dialer.errors import BadSheet

_MAX_PARTS = 5_000
_MAX_BYTES = 2 << 30
_MAX_RATIO = 250  # an honest worksheet shrinks to a tenth or a thirtieth; deflate ends at a thousandth
_RATIO_MATTERS_FROM = 16 << 20
_CHUNK = 2 << 20
_ENCRYPTED_BIT = 0x1
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

Start = Callable[[str, dict[str, str]], None]


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

    def parse(self, part: str, start: Start, **handlers: Callable[..., None]) -> None:
        """Parse *part*, calling *start* for each element, and other *handlers* of expat by their names.

        Raise `BadSheet` where it is damaged or declares a document type.
        """

        def refuse(*_: object) -> None:
            raise self.document_type_error()

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = start
        for handler, does in handlers.items():
            setattr(parser, handler, does)
        with self.damage_as_error():
            for chunk in self.chunks(part):
                parser.Parse(chunk, False)  # noqa: FBT003  (expat takes no keywords)
            parser.Parse(b"", True)  # noqa: FBT003

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

    def document_type_error(self) -> BadSheet:
        """Return the error for XML with a document type."""
        return self.unsafe_error("it declares a document type (DOCTYPE), which no spreadsheet program writes")


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > _RATIO_MATTERS_FROM and part.file_size > _MAX_RATIO * part.compress_size
