"""The scripts by themselves: which request gets which fault."""

import json
from collections import Counter

import pytest

from batch_dialer.sandbox.faults import Fault, drop, place_then_500, stall
from batch_dialer.sandbox.scripts import AtRandom, ByNumber, InTurn, ReceivedRequest

LIST = ReceivedRequest("GET", "/api/v1/calls", b"")
HANG_UP = ReceivedRequest("POST", "/api/v1/agents/a/end-call", b"{}")


def call(to: object) -> ReceivedRequest:
    return ReceivedRequest("POST", "/api/v1/agents/agent_1/call", json.dumps({"to": to}).encode())


def test_in_turn() -> None:
    """One for each call, in order, then none; other requests do not count."""
    script = InTurn(drop, None, stall)

    asked = (LIST, call("+1"), HANG_UP, call("+2"), call("+3"), call("+4"))

    assert [script(each) for each in asked] == [None, drop, None, None, stall, None]


def test_by_number() -> None:
    """Each number gets its own faults in order, whichever request comes first."""
    script = ByNumber({"+1": [drop, None, stall], "+2": [place_then_500]})

    asked = (call("+2"), call("+1"), call("+3"), call("+1"), call("+2"), call("+1"), LIST)

    assert [script(each) for each in asked] == [place_then_500, drop, None, None, None, stall, None]


def test_at_random_is_the_same_in_any_order() -> None:
    """The seed and the number decide, not the order of the requests."""

    def dealt(numbers: list[str]) -> dict[str, Fault | None]:
        script = AtRandom(7, {drop: 0.2, stall: 0.3})
        return {number: script(call(number)) for number in numbers}

    numbers = [f"+1415555{each:04d}" for each in range(1000)]

    assert dealt(numbers) == dealt(numbers[::-1])
    counts = Counter(dealt(numbers).values())
    assert counts[drop] == pytest.approx(200, abs=50)
    assert counts[stall] == pytest.approx(300, abs=50)


def test_at_random_deals_anew_each_time() -> None:
    """A second request for a number may get another fault, or none."""
    script = AtRandom(1, {drop: 0.5})

    assert {script(call("+1")) for _ in range(50)} == {drop, None}
    assert script(LIST) is None


def test_chances_are_chances() -> None:
    """Probabilities that add up to more than 1 are an error."""
    with pytest.raises(ValueError, match="more than 1"):
        AtRandom(1, {drop: 0.6, stall: 0.6})


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'"+1"'])
def test_a_body_that_names_nobody(body: bytes) -> None:
    """It counts as a request for a call, too."""
    asked = ReceivedRequest("POST", "/api/v1/agents/agent_1/call", body)

    assert asked.to == ""
    assert InTurn(drop)(asked) is drop
