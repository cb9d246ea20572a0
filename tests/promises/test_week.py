"""A week of ordinary work on one list of people, through the real command, by the sandbox's own list of calls.

An export is checked, corrected, dialed until the credits end and dialed on; two people edit what comes of it; it is
renamed, saved by a spreadsheet program, and run by cron, into one results file and into one a day. Nobody is called
twice unless somebody asked, and whoever is not called has a line in the results that says why.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from harness import run_here
from makers import SetClock, lines, number

from batch_dialer.sandbox.faults import Fault, answer_with
from batch_dialer.sandbox.scripts import ReceivedRequest
from batch_dialer.sandbox.serve import Sandbox
from batch_dialer.sandbox.settings import Settings
from batch_dialer.words import CALL_EXISTS

_HEADERS = (
    "Customer ID", "First Name", "Last Name", "Phone", "Fax", "Email", "Street", "City", "State", "ZIP", "Country",
    "Company", "Title", "Owner", "Lead Source", "Stage", "Created", "Last Contact", "Appointment", "Time", "Amount",
    "Currency", "Do Not Call", "Remarks", "Record URL",
)  # fmt: skip
_SCHEMA = """
agent_id = "agent_clinic"
unmapped = "ignore"
keep = ["Last Name"]
[id]
column = "Customer ID"
[to]
column = "Phone"
region = "US"
[payload.first_name]
column = "First Name"
required = true
[payload.appointment]
column = "Appointment"
type = "date"
required = true
[payload.amount]
column = "Amount"
type = "decimal"
[[skip]]
column = "Do Not Call"
is = ["TRUE"]
reason = "The person does not want calls."
"""
_REFUSED = "+14155550193"
"""A number that the sandbox refuses."""

_BAD_NUMBER, _BAD_DATE, _OPTED_OUT, _SAME_NUMBER = 3, 5, 7, 9
_GOOD = [n for n in range(14) if n not in {_OPTED_OUT, _SAME_NUMBER}]
_CORRECTED = 40
"""The number that replaces one which was called already."""
_NO_CREDITS = {"success": False, "message": "Insufficient credits", "code": "INSUFFICIENT_CREDITS"}
_CALLED = {status.value for status in CALL_EXISTS}

Row = list[Any]


def _person(n: int, **changes: object) -> Row:
    """Return the row of the person *n*, as a CRM exports it."""
    row = dict.fromkeys(_HEADERS, "") | {
        "Customer ID": str(1000 + n),
        "First Name": "Ann",
        "Last Name": f"No. {n:02d}",
        "Phone": number(n) if n % 2 else f"({number(n)[2:5]}) {number(n)[5:8]}-{number(n)[8:]}",
        "Fax": "n/a",
        "ZIP": "02139",
        "Country": "United States",
        "Appointment": datetime(2026, 12, 1 + n % 20),  # noqa: DTZ001  (a cell of a spreadsheet has no zone)
        "Amount": 120.5,
        "Do Not Call": "FALSE",
        "Remarks": 'says "later"; see mail',
    }
    return list((row | changes).values())


_EXPORT = [
    *(_person(n) for n in range(3)),
    _person(_BAD_NUMBER, Phone="12"),
    _person(4),
    _person(_BAD_DATE, Appointment="soon"),
    _person(6),
    _person(_OPTED_OUT, **{"Do Not Call": "TRUE"}),
    _person(8),
    _person(_SAME_NUMBER, Phone=number(2)),
    *(_person(n) for n in range(10, 14)),
]


class _Credits:
    """A script of the sandbox: so many more calls are paid for."""

    def __init__(self) -> None:
        self.left = 1000

    def __call__(self, request: ReceivedRequest) -> Fault | None:
        if not request.places_a_call:
            return None
        self.left -= 1
        return None if self.left >= 0 else answer_with(402, _NO_CREDITS, placed=False)


class _Office:
    """A folder, a day and an hour, and the exchange that is the witness."""

    def __init__(self, folder: Path, sandbox: Sandbox, clock: SetClock, credits_: _Credits) -> None:
        self.folder = folder
        self.clock = clock
        self.credits = credits_
        self._sandbox = sandbox

    def at(self, day: int, hour: int, minute: int = 0) -> None:
        """Let it be that time of the week."""
        self.clock.moment = datetime(2026, 11, 23 + day, hour, minute, tzinfo=UTC)

    def command(self, *arguments: object, expect: int = 0) -> str:
        """Give a command, as cron would: nobody is there to be asked. Return what it says."""
        said = run_here(*arguments, cwd=self.folder, expect=expect, clock=self.clock)
        return said.stdout + said.stderr

    def run(self, sheet: str, *more: object, calls: Sequence[int], expect: int = 0) -> str:
        """Dial *sheet*: exactly the people of *calls* are called, each once. Return what the run says."""
        before = len(self.rings())
        through = ("--schema", "clinic.toml", "--base-url", self._sandbox.base_url, "--rate", "1000/s", "--yes")
        said = self.command("run", sheet, *through, *more, expect=expect)
        assert sorted(map(number, calls)) == sorted(self.rings()[before:])
        return said

    def rings(self) -> list[str]:
        """Return the number of every call that the exchange has placed."""
        return self._sandbox.exchange.rings

    def write(self, name: str, rows: Sequence[Row]) -> None:
        """Save a workbook of *rows* under the headers."""
        book = openpyxl.Workbook()
        for row in (list(_HEADERS), *rows):
            book.worksheets[0].append(row)
        book.save(self.folder / name)

    def write_as_opened_from_csv(self, name: str, rows: Sequence[Row]) -> None:
        """Save what LibreOffice makes of *rows* that it reads as text."""
        self.write(name, [[_as_opened_from_csv(cell) for cell in row] for row in rows])

    def results(self, name: str, rows: int) -> list[dict[str, str]]:
        """Return the lines for the *rows* of a sheet: each was called, or its line says why it was not."""
        found = lines(self.folder / name)
        assert [str(row) for row in range(2, rows + 2)] == [line["row"] for line in found[:rows]]
        assert all(line["status"] in _CALLED or line["error_message"] for line in found[:rows])
        return found


def _codes(found: Sequence[dict[str, str]]) -> dict[str, str]:
    return {line["id"]: line["error_code"] for line in found if line["error_code"]}


def _save_sorted_with_notes(results: Path) -> None:
    """Save the results as Excel does in Europe: with semicolons, the + gone; sorted, and with a column of notes."""
    with results.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    at = header.index("to")
    saved = [[*row[:at], row[at].removeprefix("+"), *row[at + 1 :], f"told {row[1]}"] for row in rows]
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([[*header, "Notes"], *sorted(saved, reverse=True)])
    results.write_text(out.getvalue(), encoding="utf-8-sig", newline="")


def _as_opened_from_csv(cell: object) -> object:
    """Make of a cell what LibreOffice makes of its text when it opens a CSV: numbers, dates, truth values."""
    text = f"{cell:%Y-%m-%d}" if isinstance(cell, datetime) else str(cell)
    if text.removeprefix("+").isdigit():
        return int(text)
    if text in {"TRUE", "FALSE"}:
        return text == "TRUE"
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return cell


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[_Office]:
    clock, paid = SetClock(datetime(2026, 11, 23, 8, tzinfo=UTC)), _Credits()
    (tmp_path / "clinic.toml").write_text(_SCHEMA)
    with Sandbox(Settings(limit=None), script=paid, clock=lambda: clock.now().timestamp()) as sandbox:
        yield _Office(tmp_path, sandbox, clock, paid)


def test_a_week_of_ordinary_work_calls_nobody_twice_and_leaves_nobody_out(office: _Office) -> None:
    assert 25 == len(_HEADERS)
    _check_correct_and_dial_with_too_few_credits(office)
    sheet = _edit_the_results_and_the_sheet(office)
    sheet = _rename(office, sheet)
    people = _save_with_libreoffice(office, sheet)
    asked = _run_by_cron(office, people)
    once = [*_GOOD, 14, 16, 17, 18, 19, _CORRECTED]
    assert Counter(map(number, once)) + asked == Counter(office.rings())


def _check_correct_and_dial_with_too_few_credits(office: _Office) -> None:
    """Monday. The credits end in the middle of the calls, and are topped up."""
    office.write("export.xlsx", _EXPORT)
    office.command("validate", "export.xlsx", "--schema", "clinic.toml", "--report", "problems.xlsx", expect=1)
    book = openpyxl.load_workbook(office.folder / "problems.xlsx")
    book.worksheets[1].cell(_BAD_NUMBER + 2, 1 + _HEADERS.index("Phone")).value = number(_BAD_NUMBER)
    book.worksheets[1].cell(_BAD_DATE + 2, 1 + _HEADERS.index("Appointment")).value = "2026-12-03"
    book.save(office.folder / "problems.xlsx")

    office.at(0, 9)
    office.credits.left = 5
    office.run("problems.xlsx", "--concurrency", "1", calls=_GOOD[:5], expect=4)
    found = office.results("export.results.csv", len(_EXPORT))
    assert Counter(initiated=5, deferred=7, skipped=2) == Counter(line["status"] for line in found)
    office.at(0, 10)
    office.credits.left = 1000
    office.run("problems.xlsx", calls=_GOOD[5:])
    found = office.results("export.results.csv", len(_EXPORT))
    assert {"1007": "EXCLUDED", "1009": "DUPLICATE_NUMBER"} == _codes(found)


def _edit_the_results_and_the_sheet(office: _Office) -> list[Row]:
    """Tuesday. One person has sorted the results and written notes into them; another has changed the export.

    There a row was taken out and two were added, a number that was called was corrected, and all is turned around. What
    was wrong is not corrected there.
    """
    _save_sorted_with_notes(office.folder / "export.results.csv")
    sheet = [row for row in _EXPORT if row[0] not in {"1001", "1004"}]
    sheet += [_person(4, Phone=number(_CORRECTED)), _person(15, Phone=_REFUSED)]
    sheet = [_person(14), *reversed(sheet)]
    office.write("export.xlsx", sheet)
    office.at(1, 9)
    office.run("export.xlsx", calls=[14], expect=1)
    found = office.results("export.results.csv", len(sheet))
    skipped = {"1004": "NUMBER_CHANGED", "1007": "EXCLUDED", "1009": "DUPLICATE_NUMBER"}
    assert skipped | {"1015": "INVALID_PHONE_NUMBER"} == _codes(found)
    assert "1001" == found[-1]["id"], "the row that was taken out keeps its line"
    notes = {str(1000 + n): f"told {1000 + n}" for n in range(14)}
    assert notes == {line["id"]: line["Notes"] for line in found if line["id"] not in {"1014", "1015"}}

    office.run("export.xlsx", "--only", "1004", calls=[_CORRECTED], expect=1)
    office.run("export.xlsx", "--retry", "refused", calls=[], expect=1)
    return sheet


def _rename(office: _Office, sheet: list[Row]) -> list[Row]:
    """Tuesday afternoon. The sheet was sent by mail: it comes back under another name, with one more person."""
    (office.folder / "export.xlsx").unlink()
    sheet = [*sheet, _person(16)]
    office.write("export (1).xlsx", sheet)
    office.at(1, 15)
    assert "have a call in export.results.csv" in office.run("export (1).xlsx", calls=[16], expect=1)
    codes = _codes(office.results("export (1).results.csv", len(sheet)))
    assert {"1003": "INVALID_PHONE_NUMBER", "1005": "INVALID_VALUE", "1007": "EXCLUDED"}.items() <= codes.items()
    assert {row[0] for row in sheet} - {"1016"} == set(codes)
    return sheet


def _save_with_libreoffice(office: _Office, sheet: list[Row]) -> list[Row]:
    """Wednesday. The sheet was saved as CSV, opened in LibreOffice, corrected, and saved as a workbook."""
    corrected = {"1003": _person(_BAD_NUMBER), "1005": _person(_BAD_DATE)}
    people = [*(corrected.get(row[0], row) for row in sheet if row[0] != "1015"), _person(17)]
    office.write_as_opened_from_csv("people.xlsx", people)
    office.at(2, 9)
    office.run("people.xlsx", calls=[17])
    codes = _codes(office.results("people.results.csv", len(people)))
    assert {row[0] for row in people} - {"1017"} == set(codes)
    assert {"DUPLICATE_NUMBER", "EXCLUDED"} == set(codes.values())
    return people


def _run_by_cron(office: _Office, people: list[Row]) -> Counter[str]:
    """Wednesday to Saturday. Return the calls that were asked for beyond one for each person.

    At ten there is a run into the one results file, at eleven into a file of the day, which asks to call everybody
    on that day. Between the two somebody adds a person.
    """
    dated = ("--results", "{sheet}-{date:%Y-%m-%d}.csv")
    everybody = [n for n in (*_GOOD, 14, 16, _CORRECTED) if n not in {1, 4}]
    office.at(2, 10)
    office.run("people.xlsx", calls=[])
    office.at(2, 11)
    office.run("people.xlsx", *dated, calls=everybody)
    asked = Counter(map(number, everybody))
    codes = _codes(office.results("people-2026-11-25.csv", len(people)))
    assert "RECENTLY_CALLED" == codes["1017"], "two hours ago, for the other results"
    everybody.append(17)
    for day, new in ((3, 18), (4, 19)):
        people = [*people, _person(new)]
        office.write_as_opened_from_csv("people.xlsx", people)
        office.at(day, 11)
        office.run("people.xlsx", *dated, calls=[*everybody, new])
        office.run("people.xlsx", *dated, calls=[])
        office.results(f"people-2026-11-{23 + day}.csv", len(people))
        asked.update(map(number, everybody))
        everybody.append(new)
        office.at(day + 1, 10)
        office.run("people.xlsx", calls=[])
        codes = _codes(office.results("people.results.csv", len(people)))
        assert "DUPLICATE_NUMBER" == codes[str(1000 + new)], "it has its call in the file of yesterday"
    return asked


def test_a_cell_becomes_what_libreoffice_makes_of_it() -> None:
    cells = ["+12125550100", "02139", "(212) 555-0100", "TRUE", "2026-12-01", 'says "later"', ""]
    day = datetime(2026, 12, 1)  # noqa: DTZ001  (as above)
    assert [_as_opened_from_csv(cell) for cell in cells] == [
        12125550100, 2139, "(212) 555-0100", True, day, 'says "later"', "",
    ]  # fmt: skip
    assert _as_opened_from_csv(day) == day
