"""The order of a run's steps, and what none of them does before the one that allows it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from makers import AGENT, SetClock, contacts, job, lines, number, on_jumping_clock, write_csv
from switchboard import Act, Silent, Switchboard

from batch_dialer.contacts.validate import Checked
from batch_dialer.entry import Entry
from batch_dialer.errors import BadSheet, DialerError, ResultsInUse, UsageError
from batch_dialer.flows.run import preview, run
from batch_dialer.job import Job
from batch_dialer.ledger.lock import lock_results
from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Call, Reply, Sheet, Verdict
from batch_dialer.plan.flight_plan import FlightPlan
from batch_dialer.plan.planning import Policy
from batch_dialer.talkover.payload import Caller
from batch_dialer.words import Exit, Status

_CLOCK = SetClock(datetime(2026, 11, 22, 12, tzinfo=UTC))


class Story:
    """What happened in a run, in its order; each step with whether the ledger was open by then."""

    def __init__(self, results: Path) -> None:
        self._journal = results.with_name(f"{results.name}.journal")
        self._lock = results.with_name(f"{results.name}.lock")
        self.steps: list[str] = []

    def tell(self, step: str) -> None:
        opened = self._journal.exists() and self._lock.exists()
        self.steps.append(step if opened else f"{step}, no ledger")


class Exchange(Switchboard):
    """A switchboard that tells the story what it is asked."""

    def __init__(self, story: Story, *acts: Act) -> None:
        super().__init__(acts, clock=_CLOCK)
        self._story = story

    async def place(self, call: Call) -> Reply:
        self._story.tell("place")
        return await super().place(call)

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Reply:
        self._story.tell("get")
        return await super().get(path, params)


class Narrator(Silent):
    """A watcher that tells the story what it is told. It says *yes* or no to the plan."""

    def __init__(self, story: Story, *, yes: bool = True) -> None:
        super().__init__()
        self._tell: Callable[[str], None] = story.tell
        self._yes = yes
        self.rate = 0.0

    def checked(self, sheet: Sheet, checked: Checked) -> None:
        super().checked(sheet, checked)
        self._tell("checked")

    def planned(self, flight: FlightPlan, job: Job) -> None:
        super().planned(flight, job)
        self.rate = flight.spacing.per_second
        self._tell("planned")

    def confirm(self) -> bool:
        self._tell("confirm")
        return self._yes

    def dialing_began(self, calls: int) -> None:  # noqa: ARG002  (a watcher's signature)
        self._tell("dialing began")

    def attempted(self, entry: Entry, verdict: Verdict) -> None:
        super().attempted(entry, verdict)
        self._tell("attempted")

    def dialing_ended(self) -> None:
        self._tell("dialing ended")


class Run:
    """One run of *job*, and all that is to be seen of it afterwards."""

    def __init__(self, job: Job, *acts: Act, yes: bool = True, lags: bool = False) -> None:
        story = Story(job.ledger.results)
        self.api = Exchange(story, *acts)
        self.api.lags = lags
        self.watcher = Narrator(story, yes=yes)
        self.tally: Tally | None = None
        self.refusal: DialerError | None = None
        try:
            self.tally = on_jumping_clock(run, job, self.api, self.watcher, _CLOCK)
        except DialerError as refusal:
            self.refusal = refusal
        self.steps = story.steps


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_sheet_is_judged_the_plan_shown_and_the_question_asked_before_the_first_call(tmp_path: Path) -> None:
    dialed = Run(job(contacts(tmp_path / "s.csv", 2), concurrency=1))

    assert [
        "checked, no ledger", "get", "planned", "confirm", "dialing began",
        "place", "attempted", "place", "attempted", "dialing ended",
    ] == dialed.steps  # fmt: skip
    assert dialed.tally == Tally({Status.INITIATED: 2}, calls={"under way": 2})
    assert 100_000 == dialed.watcher.rate


def test_what_is_in_doubt_is_asked_of_the_api_before_the_plan_is_made(tmp_path: Path) -> None:
    """The first answer was lost, and the call is in the list later: the next run asks again, and calls the other."""
    sheet = contacts(tmp_path / "s.csv", 2)
    Run(job(sheet, policy=Policy(limit=1)), Act.LOSE_AFTER, lags=True)
    again = Run(job(sheet, concurrency=1))

    assert ["checked", "get", "get", "planned", "confirm"] == again.steps[:5], "who calls, then who was called"
    assert 1 == again.steps.count("place")
    assert again.watcher.plan is not None
    assert [number(1)] == again.watcher.plan.dial["to"].to_list()


def test_strict_refuses_a_sheet_with_a_bad_row_before_the_ledger_is_touched(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "s.csv", [("Ann", number(0)), ("Bad", "12")])
    refused = Run(job(sheet, strict=True))

    assert isinstance(refused.refusal, BadSheet)
    assert "--strict" in refused.refusal.what
    assert ["checked, no ledger"] == refused.steps
    assert {"s.csv"} == set(_files(tmp_path))


def test_without_strict_the_good_rows_are_dialed_and_the_bad_one_has_its_word(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "s.csv", [("Bad", "12"), ("Ann", number(0))])
    dialed = Run(job(sheet))

    assert {number(0): 1} == dialed.api.rings
    assert ["rejected", "initiated"] == [line["status"] for line in lines(tmp_path / "s.results.csv")]


def test_who_says_no_calls_nobody_and_can_say_yes_later(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 2)
    declined = Run(job(sheet), yes=False)

    assert isinstance(declined.refusal, UsageError)
    assert "Nobody was called" in declined.refusal.what
    assert ["checked, no ledger", "get", "planned", "confirm"] == declined.steps
    assert not (tmp_path / "s.results.csv").exists()
    assert {number(0): 1, number(1): 1} == Run(job(sheet)).api.rings


def test_a_results_file_that_another_run_holds_is_neither_read_nor_dialed_into(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 2)
    with lock_results(tmp_path / "s.results.csv"):
        refused = Run(job(sheet))

    assert isinstance(refused.refusal, ResultsInUse)
    assert ["checked, no ledger"] == refused.steps


def test_a_preview_shows_the_plan_and_asks_sends_and_writes_nothing(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "s.csv", 3)
    Run(job(sheet, policy=Policy(limit=1)), Act.LOSE_AFTER)
    before = _files(tmp_path)
    story = Story(tmp_path / "s.results.csv")
    plan = preview(job(sheet), Narrator(story), _CLOCK).plan

    assert ["checked", "planned"] == story.steps
    assert [number(1), number(2)] == plan.dial["to"].to_list()
    assert before == _files(tmp_path)


def test_a_sheet_whose_rows_are_tests_is_as_good_as_asking_for_tests(tmp_path: Path) -> None:
    sheet = write_csv(tmp_path / "s.csv", [(number(0), "TRUE"), (number(1), "yes")], ("Phone", "is_testing"))
    asked = job(sheet, caller=Caller(AGENT, testing=False))
    rehearsed = Run(asked)

    assert [True, True] == [call.is_testing for call in rehearsed.api.requests]
    write_csv(sheet, [(number(2), "")], ("Phone", "is_testing"))
    real = Run(asked)
    assert real.refusal is not None
    assert "were made as tests" in real.refusal.what
    assert "place" not in real.steps


def test_a_halt_leaves_every_other_row_deferred_with_the_reason(tmp_path: Path) -> None:
    stopped = Run(job(contacts(tmp_path / "s.csv", 3), concurrency=1), Act.PLACE, Act.NO_CREDITS)

    assert stopped.tally is not None
    assert Exit.STOPPED_EARLY is stopped.tally.exit
    found = lines(tmp_path / "s.results.csv")
    assert ["initiated", "deferred", "deferred"] == [line["status"] for line in found]
    assert "INSUFFICIENT_CREDITS" == found[1]["error_code"]
    assert "INSUFFICIENT_CREDITS" in found[2]["error_message"]
    assert "dialing ended" == stopped.steps[-1]


def test_rows_beyond_the_limit_wait_and_the_exit_status_says_so(tmp_path: Path) -> None:
    limited = Run(job(contacts(tmp_path / "s.csv", 3), policy=Policy(limit=1)))

    assert limited.tally is not None
    assert Exit.ROWS_LEFT is limited.tally.exit
    assert ["initiated", "deferred", "deferred"] == [line["status"] for line in lines(tmp_path / "s.results.csv")]
