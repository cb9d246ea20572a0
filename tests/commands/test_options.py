"""The groups of options: where the help shows them, and what a command is given of them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from batch_dialer.cli import COMMANDS, load
from batch_dialer.commands.options.grouping import GroupedCommand, HeadedOption, Heading
from batch_dialer.commands.options.output import MessageOptions, message_options
from batch_dialer.commands.options.pace import PaceOptions, pace_options
from batch_dialer.commands.options.sheet import SheetOptions, sheet_options
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
        "sheet": SheetOptions(None, None, None, None, Hidden.DIAL, "US", None, (), None, path=Path("a.csv")),
        "pace": PaceOptions(2.0, 10.0, 1, 16, None, None, timedelta(minutes=90), None, None),
        "messages": MessageOptions(quiet=True, log_format="text"),
    }


@pytest.mark.parametrize("arguments", [["--rate", "2"], ["--max-duration", "soon"], ["--region", "XX"]])
def test_a_value_that_cannot_be_read_is_a_usage_error_that_names_its_option(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match=f"^{arguments[0]} '{arguments[1]}'"):
        _given(["a.csv", *arguments])


def _commands() -> Iterator[tuple[str, click.Command]]:
    for name in COMMANDS:
        command = load(name)
        subcommands = command.commands if isinstance(command, click.Group) else {"": command}
        yield from ((f"{name} {sub}".strip(), each) for sub, each in subcommands.items())


def _parameters(kind: type[click.Parameter]) -> list[Any]:
    """Return every option or argument that takes a text, with its command."""
    return [
        pytest.param(command, parameter, id=f"{name} {parameter.name}")
        for name, command in _commands()
        for parameter in command.params
        if isinstance(parameter, kind) and not getattr(parameter, "is_flag", False)
    ]


@pytest.mark.parametrize("text", ["", " "])
@pytest.mark.parametrize(("command", "option"), _parameters(click.Option))
def test_an_empty_value_of_any_option_is_a_usage_error_that_names_it(
    command: click.Command, option: click.Option, text: str
) -> None:
    name = max(option.opts, key=len)
    with pytest.raises(UsageError, match=f"^{name} has an empty value") as refused:
        command.main([name, text], standalone_mode=False)
    assert "variable" in refused.value.remedy


@pytest.mark.parametrize(("command", "argument"), _parameters(click.Argument))
def test_an_empty_argument_is_a_usage_error_that_names_it(command: click.Command, argument: click.Argument) -> None:
    name = (argument.metavar or str(argument.name).upper()).strip("[]")
    with pytest.raises(UsageError, match=f"^{name} has an empty"):
        command.main([""], standalone_mode=False)


_STREAMS = {"path", "suppress"}
"""The parameters that read standard input where they are given -."""


@pytest.mark.parametrize(("command", "parameter"), [*_parameters(click.Option), *_parameters(click.Argument)])
def test_a_dash_is_a_stream_or_a_usage_error(command: click.Command, parameter: click.Parameter) -> None:
    if not isinstance(parameter.type, click.Path) or parameter.name in _STREAMS:
        return
    name = max(parameter.opts, key=len) if isinstance(parameter, click.Option) else ""
    with pytest.raises(UsageError, match="is -, which is not the name of a file"):
        command.main([name, "-"] if name else ["-"], standalone_mode=False)


_WITH_OPTIONS = [
    pytest.param(command, id=name)
    for name, command in _commands()
    if any(isinstance(parameter, click.Option) for parameter in command.params)
]


@pytest.mark.parametrize("command", _WITH_OPTIONS)
def test_the_help_lists_every_option_once_under_its_heading(command: click.Command) -> None:
    context = click.Context(command, max_content_width=80)
    text = command.get_help(context)
    text = text[min(text.index(f"\n{heading}:\n") for heading in Heading if f"\n{heading}:\n" in text) :]
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
