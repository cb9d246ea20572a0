"""The groups of options: where the help shows them, and what a command is given of them."""

from datetime import timedelta
from pathlib import Path

import click
import pytest

from batch_dialer.commands.options.grouping import GroupedCommand, HeadedOption, Heading
from batch_dialer.commands.options.output import MessageOptions, message_options
from batch_dialer.commands.options.pace import PaceOptions, pace_options
from batch_dialer.commands.options.sheet import SheetOptions, sheet_options
from batch_dialer.commands.reconcile import command as reconcile
from batch_dialer.commands.run import command as run
from batch_dialer.commands.validate import command as validate
from batch_dialer.errors import UsageError
from batch_dialer.words import Exit, Hidden


def _given(arguments: list[str]) -> dict[str, object]:
    """Return what a command with three groups is given for *arguments*."""
    given: dict[str, object] = {}

    def body(**settings: object) -> Exit:
        given.update(settings)
        return Exit.DONE

    command = click.command(cls=GroupedCommand)(sheet_options(pace_options(message_options(body))))
    command.main(arguments, standalone_mode=False)
    return given


def test_each_group_reaches_its_command_as_one_object() -> None:
    arguments = ["a.csv", "--rate", "120/min", "--max-duration", "1h30m", "--hidden", "dial", "--region", "us", "-q"]
    assert _given(arguments) == {
        "sheet": SheetOptions(Path("a.csv"), None, None, None, None, Hidden.DIAL, "US", None, ()),
        "pace": PaceOptions(2.0, 10.0, 1, 16, None, timedelta(minutes=90)),
        "messages": MessageOptions(quiet=True, log_format="text"),
    }


@pytest.mark.parametrize("arguments", [["--rate", "2"], ["--max-duration", "soon"], ["--region", "XX"]])
def test_a_value_that_cannot_be_read_is_a_usage_error_that_names_its_option(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match=f"^{arguments[0]} '{arguments[1]}'"):
        _given(["a.csv", *arguments])


@pytest.mark.parametrize("command", [run, validate, reconcile])
def test_the_help_lists_every_option_once_under_its_heading(command: click.Command) -> None:
    context = click.Context(command, max_content_width=80)
    text = command.get_help(context)
    places = []
    for option in command.params:
        if isinstance(option, click.Option):
            assert isinstance(option, HeadedOption)
            name = max(option.opts, key=len)
            assert text.count(f" {name} ") == text.count(f" {name} ", text.index(f"\n{option.heading}:\n")) >= 1
            places.append(option.heading)
    used = [heading for heading in Heading if heading in places]
    assert [text.index(f"\n{heading}:\n") for heading in used] == sorted(text.index(f"\n{h}:\n") for h in used)
    assert text.rstrip().index("\nHelp:\n") > text.index(f"\n{used[-1]}:\n")
