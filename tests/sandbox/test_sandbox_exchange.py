"""The exchange by itself: the status of a call as time passes, and the calls that it keeps."""

from datetime import UTC, date, datetime

import pytest

from batch_dialer.sandbox.exchange import Exchange, Order, Query
from batch_dialer.words import Status

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
BUSY, NO_ANSWER, FAILED = "+14155550190", "+14155550191", "+14155550192"
ANYBODY = "+14155550123"


class Clock:
    """A clock that moves only when the test sets it."""

    def __init__(self) -> None:
        self.now = MIDNIGHT

    def __call__(self) -> float:
        return self.now


def order(to: str = ANYBODY, agent: str = "agent_1") -> Order:
    return Order(to=to, agent_id=agent)


@pytest.mark.parametrize(
    ("to", "course"),
    [
        (ANYBODY, {0: "initiated", 1.9: "initiated", 2: "ringing", 6: "answered", 35.9: "answered", 36: "completed"}),
        (BUSY, {0: "initiated", 2: "busy", 999: "busy"}),
        (NO_ANSWER, {0: "initiated", 2: "ringing", 31: "ringing", 32: "no-answer"}),
        (FAILED, {0: "initiated", 2: "failed"}),
    ],
)
@pytest.mark.parametrize("speed", [1.0, 64.0])
def test_a_call_goes_on_as_its_number_has_it(to: str, course: dict[float, str], speed: float) -> None:
    """A rehearsal sees every status, at the speed of a real call or faster."""
    clock = Clock()
    exchange = Exchange(clock, speed=speed)
    call = exchange.place(order(to))

    seen: dict[float, str] = {}
    for seconds in course:
        clock.now = MIDNIGHT + seconds / speed
        seen[seconds] = exchange.state(call).status

    assert course == seen


def test_a_delayed_call_waits_before_it_rings() -> None:
    """`delay_seconds` comes before the first ring."""
    clock = Clock()
    exchange = Exchange(clock)
    call = exchange.place(Order(to=ANYBODY, agent_id="agent_1", delay_seconds=60))

    clock.now += 61
    assert exchange.state(call).status is Status.INITIATED
    clock.now += 2
    assert exchange.state(call).status is Status.RINGING


def test_a_conversation_has_a_duration() -> None:
    """The seconds of the conversation: 0 while it rings, and no more after it has ended."""
    clock = Clock()
    exchange = Exchange(clock)
    call = exchange.place(order())

    durations = []
    for seconds in (3, 16, 999):
        clock.now = MIDNIGHT + seconds
        durations.append(exchange.state(call).duration)

    assert durations == [0, 10, 30]


def test_only_an_active_call_can_be_ended() -> None:
    """A call that has been ended cannot be ended again."""
    clock = Clock()
    exchange = Exchange(clock)
    call = exchange.place(order())
    clock.now += 16

    assert exchange.end(call)
    assert exchange.state(call).status is Status.COMPLETED
    clock.now += 5
    assert not exchange.end(call)
    assert (exchange.state(call).duration, exchange.state(call).since) == (10, MIDNIGHT + 16)


def test_the_rings_are_every_ring() -> None:
    """A number that is called twice is listed twice."""
    exchange = Exchange(Clock())
    for to in (ANYBODY, BUSY, ANYBODY):
        exchange.place(order(to))

    assert exchange.rings == [ANYBODY, BUSY, ANYBODY]
    assert repr(exchange) == "<Exchange: 3 calls to 2 numbers>"


def test_ids_are_the_sandboxs_own_and_never_repeat() -> None:
    """An ID in the results of an earlier rehearsal is not given again."""
    clock = Clock()
    ids = {Exchange(clock).place(order()).id for _ in range(50)}

    assert len(ids) == 50
    assert all(each.startswith("call_sandbox_") for each in ids)


@pytest.mark.parametrize(("first", "wait"), [(Status.QUEUED, 5), (Status.SCHEDULED, 3600)])
def test_a_campaigns_call_is_a_duplicate_until_it_is_over(first: Status, wait: int) -> None:
    """While it is queued, ringing or answered, another call to the number in the same campaign is a duplicate."""
    clock = Clock()
    exchange = Exchange(clock)
    call = exchange.place(Order(to=ANYBODY, agent_id="agent_1", campaign_id="campaign_1", first=first))

    assert exchange.state(call).status is first
    assert exchange.find_duplicate("campaign_1", ANYBODY) is call
    assert exchange.find_duplicate("campaign_2", ANYBODY) is None
    assert exchange.list_calls(Query()) == []
    clock.now += wait + 6
    assert exchange.find_duplicate("campaign_1", ANYBODY) is call
    assert exchange.list_calls(Query()) == [call]
    clock.now += 30
    assert exchange.find_duplicate("campaign_1", ANYBODY) is None


def test_active_calls_are_an_agents_with_a_number() -> None:
    """Neither calls of another agent nor ended ones are active."""
    clock = Clock()
    exchange = Exchange(clock)
    exchange.place(order())
    clock.now += 40
    second = exchange.place(order())
    exchange.place(order(agent="agent_2"))

    assert exchange.find_active("agent_1", ANYBODY) == [second]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), [2, 1, 0]),
        (Query(agent_id="agent_1"), [2, 0]),
        (Query(status="busy"), [1]),
        (Query(direction="inbound"), []),
        (Query(direction="outbound"), [2, 1, 0]),
        (Query(date_from=date(2026, 3, 3)), [2, 1]),
        (Query(date_to=date(2026, 3, 2)), [0]),
        (Query(date_from=date(2026, 3, 3), date_to=date(2026, 3, 3)), [1]),
        (Query(search="0190"), [1]),
        (Query(search=ANYBODY), [2, 0]),
        (Query(search=" 14155550123"), []),
        (Query(search="_000002"), [1]),
    ],
)
def test_lists_are_newest_first_and_what_was_asked_for(query: Query, expected: list[int]) -> None:
    """Each filter by itself, and a search with a `+` that was not percent-encoded."""
    clock = Clock()
    exchange = Exchange(clock)
    calls = []
    for to, agent in ((ANYBODY, "agent_1"), (BUSY, "agent_2"), (ANYBODY, "agent_1")):
        calls.append(exchange.place(order(to, agent)))
        clock.now += 86_400

    assert [calls[each] for each in expected] == exchange.list_calls(query)


def test_a_list_may_lag() -> None:
    """A placed call is not listed before the lag has passed."""
    clock = Clock()
    exchange = Exchange(clock, listing_lag_seconds=10)
    call = exchange.place(order())

    assert exchange.list_calls(Query()) == []
    clock.now += 10
    assert exchange.list_calls(Query()) == [call]


def test_the_sandbox_cannot_stand_still() -> None:
    """A speed of 0 would leave every call initiated for ever."""
    with pytest.raises(ValueError, match="more than 0"):
        Exchange(speed=0)
