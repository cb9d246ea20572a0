"""The program of the child process that reads an .xls or .xlsb, which can end by a panic or for want of memory.

Standard input has the workbook, the argument names the worksheet, and standard output gets its cells as an Arrow file.
"""

import contextlib
import sys

import fastexcel

_MOST_MEMORY = 4 << 30


def main() -> None:
    """Read the worksheet within `_MOST_MEMORY` bytes of memory, and write its cells."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limits, and macOS not all
        import resource  # noqa: PLC0415  (Windows has none)

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    workbook = fastexcel.read_excel(sys.stdin.buffer.read())
    cells = workbook.load_sheet(sys.argv[1], header_row=None, skip_rows=0, dtypes="string").to_polars()
    sys.stdout.buffer.write(cells.write_ipc(None).getvalue())


if __name__ == "__main__":
    main()
