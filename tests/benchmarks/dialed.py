"""A sheet dialed, by us or by something else; the server's count says whether everybody was called once."""

import sys
from dataclasses import replace
from pathlib import Path

import people
from contenders import AT_ONCE
from measure import Usage, command, dialer
from server import Server

UNASKED = ("--not-called-within", "0", "--any-hour")
"""What leaves out the questions before a call: who was called lately, and what hour it is there."""


def ours(sheet: Path, calls: int, server: Server, *options: object, expect: int = 0) -> Usage:
    """Dial *sheet* with our command from the beginning; *found* is the calls a second between first and last."""
    for left in sheet.parent.glob(f"{sheet.stem}.results.csv*"):
        left.unlink()
    return again(sheet, calls, server, *options, expect=expect)


def again(sheet: Path, calls: int, server: Server, *options: object, expect: int = 0) -> Usage:
    """Go on with *sheet* where its results file stands: as fast as it goes, or as the *options* say."""
    usage = dialer("run", sheet, *options_for(sheet, server), *options, cwd=sheet.parent, expect=expect)
    return replace(usage, found=server.rate("batch_dialer", calls))


def options_for(sheet: Path, server: Server) -> tuple[object, ...]:
    """Return what makes our command dial *sheet* on *server*, unasked and without a limit."""
    where = ("--schema", people.schema(sheet.parent), "--base-url", server.base_url)
    return (*where, "--rate", "100000/s", "--concurrency", AT_ONCE, "--yes", "--quiet", *UNASKED)


def script(name: str, sheet: Path, calls: int, server: Server) -> Usage:
    """Dial *sheet* with one of the contenders; *found* as above."""
    words = [sys.executable, str(Path(__file__).with_name("contenders.py")), name, sheet, server.base_url]
    return replace(command(*words, cwd=sheet.parent), found=server.rate(name, calls))
