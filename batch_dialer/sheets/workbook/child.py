"""The program of the child process that reads a worksheet within bounds of memory.

Standard input has the workbook; the arguments are its kind, its name, and the part with the worksheet. Standard output
gets a line of JSON: what the grid has besides its cells, or what is wrong with the workbook. The cells follow as Arrow.
Standard error gets the number of rows that were read so far, from time to time: once nobody reads it, the child ends.
"""

import contextlib
import json
import sys

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.files import Hints, SheetFile
from batch_dialer.sheets.workbook.xls import XlsReader
from batch_dialer.sheets.workbook.xlsx import XlsxReader

_READERS: dict[str, type[XlsxReader | XlsReader]] = {"xlsx": XlsxReader, "xls": XlsReader}
_MOST_MEMORY = 4 << 30
_MOST_SECONDS = 900


def main() -> None:
    """Read the worksheet within `_MOST_MEMORY` bytes and `_MOST_SECONDS` of computing, and write its cells."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limits, and macOS not all
        import resource  # noqa: PLC0415  (Windows has none)

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))  # also where nobody waits any more
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kind, name, part = sys.argv[1:]
    try:
        reader = _READERS[kind](SheetFile(name, "", sys.stdin.buffer.read(), Hints(), _report))
        grid = reader.read(next(sheet for sheet in reader.worksheets() if sheet.part == part))
    except BadSheet as bad:
        sys.stdout.buffer.write(json.dumps({"what": bad.what, "remedy": bad.remedy}).encode())
        return
    said = {
        "notes": grid.notes,
        "worksheet": grid.worksheet,
        "hidden": sorted(grid.hidden),
        "grouped": list(grid.grouped.items()),
    }
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
    grid.cells.write_ipc(sys.stdout.buffer)


def _report(rows: int) -> None:
    sys.stderr.write(f"{rows}\n")
    sys.stderr.flush()
