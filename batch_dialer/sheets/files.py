"""The bytes of a sheet, from a file, a compressed file or standard input, and what to call it and its results."""

import difflib
import errno
import functools
import gzip
import io
import stat
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.workbook.package import Package

STDIN = Path("-")
_MAX_BYTES = 1 << 30
_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_COMPRESSED = ".gz"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Hints:
    """What a person says of a file: the *encoding* of a text, and the *header_row* (from 1; None: the first with text).

    *certain* forbids to guess an encoding that nobody says.
    """

    encoding: str | None = None
    header_row: int | None = None
    certain: bool = False


Progress = Callable[[int], None]
"""Is told from time to time how many rows of a workbook were read."""


def unwatched(_: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)  # without slots, which `cached_property` cannot have
class SheetFile:
    """What was read: *name* as people know it, *ending* in small letters with its dot, and the bytes, decompressed."""

    name: str
    ending: str
    data: bytes
    hints: Hints
    progress: Progress = unwatched

    @property
    def is_zip(self) -> bool:
        """Whether it is a zip archive, as most kinds of workbooks are."""
        return self.data.startswith(_ZIP)

    @property
    def is_ole(self) -> bool:
        """Whether it is an OLE file, as workbooks of old kinds and those with a password are."""
        return self.data.startswith(_OLE)

    @functools.cached_property
    def package(self) -> Package:
        """The parts of a zip archive; raise `BadSheet` where the file is damaged or is none."""
        return Package(self.data, self.name)


def stem(path: Path) -> str:
    """Return the name that the sheet's results begin with: `contacts` for `contacts.csv.gz`, `stdin` for `-`."""
    if path == STDIN:
        return "stdin"
    return Path(path.stem).stem if path.suffix.lower() == _COMPRESSED else path.stem


def read_file(path: Path, hints: Hints, progress: Progress = unwatched) -> SheetFile:
    """Read the sheet at *path* (`-`: standard input) and decompress it; raise `BadSheet` where that cannot be done."""
    if path == STDIN:
        name, ending, data = "standard input", "", _read_stdin()
    else:
        name, ending, data = path.name, path.suffix.lower(), _read_bytes(path)
    if data.startswith(_GZIP):
        data = _decompress(data, name)
        ending = Path(path.stem).suffix.lower() if ending == _COMPRESSED else ending
    if not data:
        raise BadSheet(f"{name} is empty.", "Save the sheet again, with its headers in the first row.")
    return SheetFile(name, ending, data, hints, progress)


def _read_stdin() -> bytes:
    if sys.stdin is None or sys.stdin.isatty():
        raise BadSheet(
            "Nothing is piped into standard input.", "Name the sheet, or pipe it in: batch-dialer run - < sheet.csv."
        )
    data = io.BytesIO()
    try:
        # By the piece: a reading of the whole would answer Ctrl-C only at its end.
        with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as pipe:
            while piece := pipe.read(_CHUNK):
                data.write(piece)
                if data.tell() > _MAX_BYTES:
                    raise _size_error("standard input")
            if piece is None:
                raise BlockingIOError(errno.EAGAIN, "it has no data yet, and does not wait for any")
    except OSError as fault:
        raise BadSheet(f"Standard input cannot be read: {fault.strerror}.", "Name the sheet instead.") from None
    return data.getvalue()


def _read_bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        # Reading a pipe or a device could wait for ever, and the next run must be able to read the sheet again.
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
            raise BadSheet(f"{path} is {kind}, not a file.", "Name the CSV file or Excel workbook to dial.")
        if status.st_size > _MAX_BYTES:
            raise _size_error(path.name)
        return path.read_bytes()
    except FileNotFoundError:
        raise BadSheet(f"There is no file {path}.", _suggest_name(path)) from None
    except PermissionError:
        raise BadSheet(
            f"{path} may not be read by your user.", "Ask for permission to read it, or copy it to a folder of yours."
        ) from None
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise BadSheet(f"{path} cannot be read: {reason}.", "Check the name and the disk, and try again.") from None


def _size_error(name: str) -> BadSheet:
    return BadSheet(f"{name} is larger than 1 GB.", "Split it into several files.")


def _suggest_name(path: Path) -> str:
    try:
        near = difflib.get_close_matches(path.name, [other.name for other in path.parent.iterdir()], n=1)
    except OSError:
        near = []
    return f'Did you mean "{near[0]}"?' if near else "Check the name and the folder."


def _decompress(data: bytes, name: str) -> bytes:
    """Unpack every member of a gzip file; raise `BadSheet` where it is damaged or unpacks to more than `_MAX_BYTES`."""
    text = io.BytesIO()
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            while piece := packed.read(_CHUNK):
                text.write(piece)
                if text.tell() > _MAX_BYTES:
                    raise BadSheet(f"{name} unpacks to more than 1 GB.", "Split it into several files.")
    except (OSError, EOFError, zlib.error):
        raise BadSheet(
            f"{name} is a compressed file (gzip) that is damaged or incomplete.",
            "Fetch it again, or unpack it by hand.",
        ) from None
    return text.getvalue()
