"""The options for calling again: what they mean, and what they refuse."""

from datetime import timedelta

import click
import pytest

from batch_dialer.commands.options.grouping import GroupedCommand
from batch_dialer.commands.options.redial import RedialOptions, redial_options
from batch_dialer.errors import UsageError
from batch_dialer.model import Target, Via
from batch_dialer.plan.redial import Redial
from batch_dialer.talkover.payload import Caller
from batch_dialer.words import Exit, Status

_AGENT = Caller(Target(Via.AGENT, "agent_1"))


def _read(*arguments: str) -> RedialOptions:
    given: list[RedialOptions] = []

    def body(redial: RedialOptions) -> Exit:
        given.append(redial)
        return Exit.DONE

    click.command(cls=GroupedCommand)(redial_options(body)).main(list(arguments), standalone_mode=False)
    return given[0]


@pytest.mark.parametrize(
    ("arguments", "redial"),
    [
        ([], None),
        (["--redial", "busy"], Redial(frozenset({Status.BUSY}))),
        (["--redial", " Busy , no-answer"], Redial(frozenset({Status.BUSY, Status.NO_ANSWER}))),
        (["--redial", "completed<8s"], Redial(frozenset(), 8.0)),
        (["--redial", "failed,completed < 1.5m"], Redial(frozenset({Status.FAILED}), 90.0)),
        (
            ["--redial", "busy", "--redial-after", "30m", "--max-calls", "5"],
            Redial(frozenset({Status.BUSY}), after=timedelta(minutes=30), most_calls=5),
        ),
    ],
)
def test_what_is_asked_for(arguments: list[str], redial: Redial | None) -> None:
    assert redial == _read(*arguments).policy(_AGENT)


@pytest.mark.parametrize(
    "text", ["completed", "busy,", ",", "reached", "unknown", "refused", "completed<8", "completed>8s", "busy;failed"]
)
def test_an_ending_that_cannot_be_redialed_is_a_usage_error_that_names_it(text: str) -> None:
    with pytest.raises(UsageError, match=r"--redial .* is not an ending"):
        _read("--redial", text)


@pytest.mark.parametrize("arguments", [["--redial-after", "soon"], ["--reached-after", "8"]])
def test_a_time_that_cannot_be_read_names_its_option(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match=arguments[0]):
        _read("--redial", "busy", *arguments)


@pytest.mark.parametrize("most", ["1", "0", "-1"])
def test_the_most_calls_are_two_at_least(most: str) -> None:
    with pytest.raises(click.BadParameter):
        _read("--redial", "busy", "--max-calls", most)


@pytest.mark.parametrize("arguments", [["--redial-after", "2h"], ["--redial-after", "0s"], ["--max-calls", "3"]])
def test_how_is_nothing_without_whom(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match=f"{arguments[0]} is given without --redial"):
        _read(*arguments).policy(_AGENT)


def test_a_campaign_calls_again_itself() -> None:
    with pytest.raises(UsageError, match="campaign itself"):
        _read("--redial", "busy").policy(Caller(Target(Via.CAMPAIGN, "campaign_1")))
