"""Any sequence of edits of the sheet, runs, crashes and saves of the results: nobody twice, nobody lost.

What the model holds is only this: whom the exchange rang. After every step no number has rung twice, and after every
run that came to its end each ring is on a line that admits it, and each row of the sheet has exactly one line.
"""

import csv
import io
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from makers import dial, lines, number, write_csv
from switchboard import Act, Power, PowerCut, Silent, Switchboard

from batch_dialer import disk
from batch_dialer.errors import UsageError
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST

_PEOPLE = st.integers(0, 7)
_CALLED = {status.value for status in CALL_EXISTS | CALL_MAY_EXIST}
_ACTS = st.lists(st.sampled_from(list(Act)), max_size=6)


class Campaign(RuleBasedStateMachine):
    """A person with a sheet, a spreadsheet program, an unreliable network and an unreliable machine."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="campaign-"))
        self.sheet = self.folder / "sheet.csv"
        self.results = self.folder / "sheet.results.csv"
        self.journal = self.folder / "sheet.results.csv.journal"
        self.board = Switchboard()
        self.rows: list[tuple[str, str]] = []
        self.forgotten: set[str] = set()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize(people=st.lists(_PEOPLE, min_size=1, max_size=6))
    def begin(self, people: list[int]) -> None:
        self.rows = [(f"Person {n}", number(n)) for n in people]
        self._save()

    def _save(self) -> None:
        write_csv(self.sheet, self.rows)

    @rule(at=st.integers(0, 9), person=_PEOPLE)
    def insert(self, at: int, person: int) -> None:
        self.rows.insert(at, (f"Person {person}", number(person)))
        self._save()

    @precondition(lambda self: self.rows)
    @rule(at=st.integers(0, 9))
    def delete(self, at: int) -> None:
        del self.rows[at % len(self.rows)]
        self._save()

    @rule()
    def turn_around(self) -> None:
        self.rows.reverse()
        self._save()

    @precondition(lambda self: self.rows)
    @rule(at=st.integers(0, 9), name=st.sampled_from(["Dr. Ann", "=1+2", 'a "b", c']))
    def fix_a_name(self, at: int, name: str) -> None:
        self.rows[at % len(self.rows)] = (name, self.rows[at % len(self.rows)][1])
        self._save()

    @precondition(lambda self: self.rows)
    @rule(at=st.integers(0, 9), phone=st.one_of(_PEOPLE.map(number), st.sampled_from(["12", "", "1.41556E+10"])))
    def change_a_number(self, at: int, phone: str) -> None:
        self.rows[at % len(self.rows)] = (self.rows[at % len(self.rows)][0], phone)
        self._save()

    @rule(acts=_ACTS)
    def run(self, acts: list[Act]) -> None:
        self._run(acts, Power())

    @rule(acts=_ACTS, fails_at=st.integers(1, 12))
    def run_until_the_power_goes(self, acts: list[Act], fails_at: int) -> None:
        self._run(acts, Power(fails_at))

    def _run(self, acts: list[Act], power: Power) -> None:
        self.board.script(acts)
        self.board.power = power
        try:
            dial(self.sheet, self.board, Silent())
        except UsageError:
            return  # a mangled results file without its journal: nobody was dialed, and it says what to do
        except BaseException as error:
            if not power.dead:
                raise
            assert isinstance(error, BaseExceptionGroup | PowerCut)  # noqa: PT017  (the cut is the point)
            return
        self._every_ring_is_on_record()

    def _every_ring_is_on_record(self) -> None:
        known = lines(self.results)
        called = {line["to"] for line in known if line["status"] in _CALLED}
        assert set(self.board.rings) - self.forgotten <= called, "a ring is not on record"
        rows = [line["row"] for line in known[: len(self._filled())]]
        assert [str(n) for n in self._filled()] == rows, "a row of the sheet has no line, or more than one"

    def _filled(self) -> list[int]:
        return [n for n, row in enumerate(self.rows, start=2) if any(row)]

    @precondition(lambda self: self.results.exists() and self._lines())
    @rule()
    def save_as_excel_does(self) -> None:
        rows = self._lines()
        for row in rows[1:]:
            row[2] = row[2].removeprefix("+")
        out = io.StringIO()
        csv.writer(out, delimiter=";").writerows([*([rows[0]]), *sorted(rows[1:])])
        self.results.write_text(out.getvalue(), encoding="utf-8-sig", newline="")

    def _delimiter(self) -> str:
        return ";" if b";" in self.results.read_bytes().partition(b"\n")[0] else ","

    @precondition(lambda self: self.results.exists() and self.journal.exists())
    @rule(keep=st.integers(0, 300))
    def truncate_the_results(self, keep: int) -> None:
        self.results.write_bytes(self.results.read_bytes()[:keep])

    @precondition(lambda self: self.results.exists() and self.journal.exists())
    @rule()
    def delete_the_results(self) -> None:
        self.results.unlink()

    @precondition(lambda self: self.results.exists() and self.journal.exists() and self._is_whole())
    @rule()
    def delete_the_journal(self) -> None:
        """Where the run was cut short, a person who then takes a row out of the sheet takes its only trace with it."""
        self.forgotten |= set(self.board.rings) - self._on_record()
        self.journal.unlink()

    def _on_record(self) -> set[str]:
        return {row[12][4:16] for row in self._lines() if len(row) > 12 and row[3] in _CALLED}

    def _is_whole(self) -> bool:
        """Only one of the two files may go: a person who destroys both has destroyed the memory."""
        rows = self._lines()
        under_way = bool(rows) and any(cell.startswith("under_way") for cell in rows[0])
        return under_way or set(self.board.rings) - self.forgotten <= self._on_record()

    def _lines(self) -> list[list[str]]:
        text = self.results.read_text(encoding="utf-8-sig")
        return list(csv.reader(io.StringIO(text), delimiter=self._delimiter()))

    @invariant()
    def nobody_is_rung_twice(self) -> None:
        assert all(count == 1 for count in self.board.rings.values())


Campaign.TestCase.settings = settings(max_examples=max(settings().max_examples // 3, 15), stateful_step_count=12)


class TestCampaign(Campaign.TestCase):  # type: ignore[valid-type,misc]  # hypothesis makes the class
    """The machine, without waiting for a disk."""

    def setUp(self) -> None:
        self._syncs = disk.sync, disk.sync_folder
        disk.sync = disk.sync_folder = lambda _: None  # type: ignore[assignment]  # put back below

    def tearDown(self) -> None:
        disk.sync, disk.sync_folder = self._syncs
