"""The main promises, through the real command, against a model of the API that shares no code with the program."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import start
from makers import contacts, number
from second_accidents import Accident, Raw, Refusal, Reply, html, to_number
from second_api import AGENT, SecondApi
from second_calls import Agent
from second_client import wait_until
from second_lies import Cut, Delivery, Lies
from second_limit import LimitRule
from second_runs import UNLISTED, Results, arguments, check_all_placed, dial, read_results, second_api

_KILLS = 4


@pytest.fixture(name="api")
def _api() -> Iterator[SecondApi]:
    with second_api() as model:
        yield model


def test_everybody_is_called_once_and_a_second_run_calls_nobody(tmp_path: Path, api: SecondApi) -> None:
    sheet = contacts(tmp_path / "sheet.csv", 40)
    known = dial(sheet, api)
    assert [number(n) for n in range(40)] == list(known)
    check_all_placed(known, api)
    assert {"Person 7"} == {ring.payload["name"] for ring in api.rings_of(number(7))}

    dial(sheet, api)
    assert 40 == len(api.rings) == len(api.requests) - 2, "each of the runs looks at the agent first"


def test_killed_at_any_moment_nobody_is_called_twice_and_no_id_is_lost(tmp_path: Path, api: SecondApi) -> None:
    """Each run is killed soon after its first call, while up to four answers are on their way."""
    moments = random.Random(5)  # noqa: S311  (moments, no secrets)
    sheet = contacts(tmp_path / "sheet.csv", 40)
    api.deliver(Delivery(delay=0.04))
    kills = 0
    for _ in range(_KILLS):
        before = len(api.rings)
        process = start(*arguments(sheet, api, "--rate", "60/s"), cwd=tmp_path)
        while len(api.rings) == before and process.poll() is None:
            time.sleep(0.002)
        time.sleep(moments.uniform(0, 0.12))
        process.kill()
        process.communicate()
        kills += process.returncode == -9
        assert len({ring.number for ring in api.rings}) == len(api.rings), "somebody was rung twice"
    assert kills >= 2, "the runs were through before they were killed"

    api.deliver(Delivery())
    known = dial(sheet, api, expect=None)
    placed = {ring.number: ring.call_id for ring in api.rings}
    assert placed == {to: line["call_id"] for to, line in known.items() if line["call_id"]}
    never_sent = [line["status"] for to, line in known.items() if to not in placed]
    assert {"unknown"} >= set(never_sent)
    assert len(never_sent) <= 4 * kills


@dataclass(frozen=True, slots=True)
class _Lost:
    """How the answer to a call is lost. *known*: what is known of it after the run, all the same."""

    reply: Reply | None = None
    cut: Cut = "none"
    reset: bool = False
    place: bool = True
    place_after: float = 0.0
    known: str = "unknown"

    def of(self, to: str) -> Accident:
        delivery = Delivery(cut=self.cut, reset=self.reset)
        return Accident(to_number(to), self.reply, self.place, self.place_after, delivery)


_LOST = {
    "closed before an answer": _Lost(cut="before"),
    "reset before an answer": _Lost(cut="before", reset=True),
    "closed before an answer, not placed": _Lost(cut="before", place=False),
    "closed before an answer, placed later": _Lost(cut="before", place_after=0.2),
    "cut in the headers": _Lost(cut="in_head"),
    "cut after the headers": _Lost(cut="after_head"),
    "reset after the headers": _Lost(cut="after_head", reset=True),
    "cut in the body, behind the ID": _Lost(cut="in_body", known="initiated"),
    "500, placed": _Lost(Refusal("SERVER_ERROR")),
    "500, not placed": _Lost(Refusal("SERVER_ERROR"), place=False),
    "502 in HTML, placed": _Lost(html(502)),
    "503 in HTML, not placed": _Lost(html(503), place=False),
    "504 in HTML, placed later": _Lost(html(504), place_after=0.2),
    "200 without a body, placed": _Lost(Raw(200, b"", None)),
}
_LOST_TO = {how: number(3 * index) for index, how in enumerate(_LOST)}


@dataclass(frozen=True, slots=True)
class _TwoRuns:
    first: Results
    second: Results
    api: SecondApi


@pytest.fixture(scope="module", name="two_runs")
def _two_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_TwoRuns]:
    """One row in three loses its answer, each its own way, while no list can be had; then there is a list."""
    sheet = contacts(tmp_path_factory.mktemp("lost") / "sheet.csv", 3 * len(_LOST))
    with second_api(UNLISTED, *(lost.of(_LOST_TO[how]) for how, lost in _LOST.items())) as api:
        first = dial(sheet, api, "--concurrency", "1", expect=1)
        api.set_accidents()
        late = [_LOST_TO[how] for how, lost in _LOST.items() if lost.place_after]
        assert wait_until(lambda: all(api.rings_of(to) for to in late), seconds=60)
        yield _TwoRuns(first, dial(sheet, api, expect=1), api)


@pytest.mark.parametrize("how", _LOST)
def test_a_lost_answer_is_unknown_and_then_found_in_the_list(two_runs: _TwoRuns, how: str) -> None:
    lost, to = _LOST[how], _LOST_TO[how]
    assert lost.known == two_runs.first[to]["status"]
    rings = two_runs.api.rings_of(to)
    assert len(rings) == lost.place
    if lost.place:
        assert rings[0].call_id == two_runs.second[to]["call_id"]
    else:
        assert ("unknown", "") == (two_runs.second[to]["status"], two_runs.second[to]["call_id"])


@pytest.mark.parametrize(
    "rule",
    [
        LimitRule(30, window_seconds=1, kind="fixed", reset="epoch"),
        LimitRule(30, window_seconds=1, kind="sliding", reset="seconds"),
        LimitRule(30, window_seconds=1, kind="clock", reset="iso"),
    ],
    ids=lambda rule: rule.kind,
)
def test_a_limit_is_kept_to(tmp_path: Path, rule: LimitRule) -> None:
    sheet = contacts(tmp_path / "sheet.csv", 40)
    with second_api(limit=rule) as api:
        check_all_placed(dial(sheet, api, "--rate", "auto"), api)
        assert len(api.requests) <= 41 + 4, "more were refused than were under way at once"


def test_a_limit_that_is_run_into_costs_nobody_a_call(tmp_path: Path) -> None:
    """A rate that ignores the limit: a 429 for each request under way, then all wait."""
    sheet = contacts(tmp_path / "sheet.csv", 16)
    with second_api(limit=LimitRule(8, window_seconds=1, kind="sliding", retry_after_header=True)) as api:
        check_all_placed(dial(sheet, api), api)
        assert 18 < len(api.requests) <= 18 + 4 * 2, "two questions, and the calls"


@pytest.mark.parametrize("shape", ["error", "success_error", "fields_code"])
def test_an_agent_that_is_not_published_stops_the_run_in_any_shape(tmp_path: Path, shape: str) -> None:
    sheet = contacts(tmp_path / "sheet.csv", 8)
    with second_api() as api:
        api.put_agent(Agent(AGENT.id, current_status="draft"))
        api.lie(error_shape=shape)
        known = dial(sheet, api, expect=4)
        assert {"deferred"} == {line["status"] for line in known.values()}
        assert "AGENT_INACTIVE" == known[number(0)]["error_code"]
        assert len(api.requests) <= 4


def test_without_a_code_a_refusal_is_named_by_its_status(tmp_path: Path) -> None:
    """Several codes are documented for 400: none of them may be guessed."""
    sheet = contacts(tmp_path / "sheet.csv", 8)
    with second_api(lies=Lies(error_shape="fields", invalid_numbers=frozenset({number(5)}))) as api:
        known = dial(sheet, api, expect=1)
        assert ("refused", "HTTP_400") == (known[number(5)]["status"], known[number(5)]["error_code"])
        assert 7 == len(api.rings)


@pytest.mark.parametrize("shape", ["error", "fields"])
def test_credits_that_run_out_stop_the_run_which_goes_on_after_a_top_up(tmp_path: Path, shape: str) -> None:
    sheet = contacts(tmp_path / "sheet.csv", 12)
    with second_api() as api:
        api.set_credits(5)
        api.lie(error_shape=shape)
        known = dial(sheet, api, expect=4)
        assert 5 == len(api.rings) == sum(line["status"] == "initiated" for line in known.values())
        assert "INSUFFICIENT_CREDITS" in {line["error_code"] for line in known.values()}

        api.set_credits(None)
        check_all_placed(dial(sheet, api), api)


def test_a_list_whose_pages_shift_is_not_believed_until_it_holds_still(tmp_path: Path) -> None:
    sheet = contacts(tmp_path / "sheet.csv", 12)
    lost = Accident(to_number(number(3)), delivery=Delivery(cut="before"))
    with second_api(UNLISTED, lost) as api:
        dial(sheet, api, expect=1)
        api.set_accidents()
        api.lie_in_lists(per_page_cap=3, arrivals_per_reading=1)
        dial(sheet, api, "--settle-after", "0s", expect=None)
        api.lie_in_lists(arrivals_per_reading=0)
        check_all_placed(dial(sheet, api, "--settle-after", "0s"), api)


@pytest.mark.parametrize(
    "lies",
    [
        Lies(flat_answer=True),
        Lies(delivery=Delivery(chunked=True)),
        Lies(delivery=Delivery(announce_close=True)),
    ],
    ids=["the older flat shape", "chunked", "Connection: close"],
)
def test_an_answer_in_another_form_is_understood(tmp_path: Path, lies: Lies) -> None:
    sheet = contacts(tmp_path / "sheet.csv", 8)
    with second_api(lies=lies) as api:
        check_all_placed(dial(sheet, api), api)
        assert {"initiated"} == {line["status"] for line in read_results(sheet).values()}
