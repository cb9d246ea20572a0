"""A run of ten minutes ago in which one answer was lost, to be gone on with while the second model lies."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path

from harness import run_here
from makers import contacts, lines, number, write_csv
from second_accidents import Accident, to_number
from second_api import SecondApi
from second_calls import Call
from second_lies import Delivery, Lies
from second_runs import UNLISTED, Results, arguments, check, second_api

PEOPLE = 8
LOST = number(2)
_AGO = timedelta(minutes=10)
_NO_TIME = timedelta()


@dataclass(frozen=True, slots=True)
class Doubt:
    """What that run left: its sheet and results in *folder*, and the *calls* that the API then knew."""

    api: SecondApi
    folder: Path
    calls: tuple[Call, ...]

    @property
    def lost_id(self) -> str:
        """The ID of the call whose answer was lost."""
        return next(call.id for call in self.calls if call.to == LOST)

    def restore(
        self, folder: Path, clock_then: timedelta = _NO_TIME, clock_now: timedelta = _NO_TIME, until: int = PEOPLE
    ) -> Path:
        """Put everything back as it was, a copy of the files in *folder*; return the sheet.

        The server's clock was *clock_then* ahead of ours for the first *until* calls of the run, and right for the
        others; it is *clock_now* ahead from now on.
        """
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        sheet = folder / "sheet.csv"
        results = sheet.with_suffix(".results.csv")
        ahead = [clock_then] * until + [_NO_TIME] * (PEOPLE - until)
        rows = [_earlier(line, by) for line, by in zip(lines(results), ahead, strict=True)]
        write_csv(results, (list(row.values()) for row in rows), header=list(rows[0]))
        self.api.set_accidents()
        self.api.lie(**{field.name: getattr(Lies(), field.name) for field in fields(Lies)})
        self.api.set_clock(clock_now)
        self.api.set_calls(tuple(_call_earlier(call, by) for call, by in zip(self.calls, ahead, strict=True)))
        return sheet

    def dial(self, sheet: Path, *, settle_after: str = "0s") -> Results:
        """Run the command again, without a wait that a list might need; return the results."""
        more = ("--concurrency", "1", "--settle-after", settle_after)
        run_here(*arguments(sheet, self.api, *more), cwd=sheet.parent, expect=None, hurried=True)
        return check(sheet, self.api)


@contextmanager
def doubt(folder: Path) -> Iterator[Doubt]:
    """Make that run, without a journal and without a list to ask; serve the API that it dialed."""
    sheet = contacts(folder / "sheet.csv", PEOPLE)
    with second_api(UNLISTED, Accident(to_number(LOST), delivery=Delivery(cut="before"))) as api:
        run_here(*arguments(sheet, api, "--concurrency", "1"), cwd=folder, expect=1, hurried=True)
        assert "unknown" == check(sheet, api)[LOST]["status"]
        sheet.with_suffix(".results.csv.journal").unlink()
        yield Doubt(api, folder, api.calls())


def _earlier(line: dict[str, str], ahead: timedelta) -> dict[str, str]:
    """Move a line of the results back in time: ours by our clock, the API's by the server's."""
    ours = datetime.fromisoformat(line["sent_at"]) - _AGO
    theirs = datetime.fromisoformat(line["created_at"]) - _AGO + ahead if line["created_at"] else None
    return line | {
        "sent_at": ours.isoformat(timespec="milliseconds"),
        "created_at": f"{theirs:%Y-%m-%dT%H:%M:%SZ}" if theirs else "",
    }


def _call_earlier(call: Call, ahead: timedelta) -> Call:
    began = call.accepted_at - _AGO
    return replace(call, accepted_at=began, created_at=began + ahead, starts_at=began)
