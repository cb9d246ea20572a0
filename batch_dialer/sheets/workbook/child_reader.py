"""Reads a large or odd workbook in a child process, so that it can neither take all memory nor go on without end."""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.files import SheetFile
from batch_dialer.sheets.grid import Grid
from batch_dialer.sheets.worksheets import Worksheet

_SECONDS = 900
_LARGE = 5 << 20
_LARGE_PART = 48 << 20  # unpacked
# The modules are found where this process finds them, be it started from an archive of Python or installed.
_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1));"
    " from batch_dialer.sheets.workbook.child import main; main()"
)


def is_large(file: SheetFile) -> bool:
    """Whether *file* is so large, packed or unpacked, that it is read in a child process."""
    return len(file.data) >= _LARGE or (file.is_zip and file.package.largest >= _LARGE_PART)


def read_in_child(kind: str, file: SheetFile, worksheet: Worksheet) -> Grid:
    """Read *worksheet* of *file*, of a *kind* that the child knows.

    Raise `BadSheet` where the child does, or takes too much memory or time.
    """
    head, _, cells = _run(kind, file, worksheet).partition(b"\n")
    try:
        said = json.loads(head)
        if "what" in said:
            raise BadSheet(said["what"], said["remedy"])
        return Grid(
            pl.read_ipc(cells),
            tuple(said["notes"]),
            worksheet=said["worksheet"],
            hidden=frozenset(said["hidden"]),
            grouped=dict(said["grouped"]),
        )
    except (ValueError, pl.exceptions.PolarsError):
        raise _refusal(file) from None


def _run(kind: str, file: SheetFile, worksheet: Worksheet) -> bytes:
    told = (json.dumps(sys.path), kind, file.name, worksheet.part)
    command = [sys.executable, "-P", "-c", _PROGRAM, *told]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TALKOVER_")}
    pipe = subprocess.PIPE
    try:
        child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=kept)  # noqa: S603  (our own program)
    except (OSError, ValueError):
        raise _refusal(file) from None
    with child:
        cells = _attend(file, child)
    if child.returncode:
        raise _refusal(file)
    return cells


def _attend(file: SheetFile, child: subprocess.Popen[bytes]) -> bytes:
    """Give *child* the workbook, pass on how far it is, and return what it writes."""
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise _refusal(file)
    too_long = threading.Timer(_SECONDS, child.kill)
    with ThreadPoolExecutor() as threads:
        try:
            too_long.start()
            threads.submit(_feed, child.stdin, file.data)
            cells = threads.submit(child.stdout.read)
            for line in child.stderr:
                if line.strip().isdigit():  # all else is a message of a library
                    file.progress(int(line))
            return cells.result()
        except BaseException:
            child.kill()
            raise
        finally:
            too_long.cancel()


def _refusal(file: SheetFile) -> BadSheet:
    return BadSheet(
        f"{file.name} would take too much memory or time to read.",
        "Copy the rows into a new workbook and save that, or save the worksheet as 'CSV UTF-8'.",
    )


def _feed(pipe: IO[bytes], data: bytes) -> None:
    with suppress(OSError), pipe:  # a child that ended reads no more
        pipe.write(data)
