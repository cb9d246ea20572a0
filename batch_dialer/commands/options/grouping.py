"""What the groups are made of: options under headings, gathered into one settings object for each group."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any

import click

from batch_dialer.errors import UsageError
from batch_dialer.words import Exit

Body = Callable[..., Exit]
Decorator = Callable[[Body], Body]


class Heading(StrEnum):
    """The headings of the options in a command's help, in their order."""

    SHEET = "The sheet"
    WHO = "Who calls, and who is called"
    PACE = "How fast and how long"
    REDIAL = "Calling again"
    REHEARSAL = "Rehearsing"
    API = "The API"
    SANDBOX = "The sandbox"
    OUTPUT = "Results and messages"
    HELP = "Help"


class HeadedOption(click.Option):
    """An option that the help lists under *heading*. An empty value of it is a usage error, never "not given"."""

    def __init__(self, names: Sequence[str], heading: Heading, **attributes: Any) -> None:  # noqa: ANN401  (click's own)
        super().__init__(names, **attributes)
        self.heading = heading

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> Any:  # noqa: ANN401  (click's own)
        """Return the text that is given, and where it is from; raise `UsageError` where there is nothing in it."""
        given = super().consume_value(ctx, opts)
        _check_text(max(self.opts, key=len), given[0], self.type)
        return given

    def get_help_extra(self, ctx: click.Context) -> Any:  # noqa: ANN401  (a TypedDict that click does not export)
        """Return what click adds to the sentence, without the range: the sentence gives it where it matters."""
        return {name: value for name, value in super().get_help_extra(ctx).items() if name != "range"}


class FilledArgument(click.Argument):
    """An argument of which an empty value is a usage error."""

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> Any:  # noqa: ANN401  (click's own)
        """Return the text that is given, and where it is from; raise `UsageError` where there is nothing in it."""
        given = super().consume_value(ctx, opts)
        _check_text(self.make_metavar(ctx).strip("[]"), given[0], self.type)
        return given


def _check_text(name: str, given: object, kind: object) -> None:
    """Raise `UsageError` for an empty text, and for a `-` where a file has to be named."""
    for text in given if isinstance(given, (list, tuple)) else (given,):
        if isinstance(text, str) and not text.strip():
            remedy = "Give it a value. In a script, check that the variable it comes from is set."
            raise UsageError(f"{name} has an empty value.", remedy)
        if text == "-" and isinstance(kind, click.Path) and not kind.allow_dash:
            raise UsageError(f"{name} is -, which is not the name of a file.", "Name a file.")


_NAMES = 24
"""So many columns the help has for an option and its value; what follows a longer one begins on the next line."""


class GroupedCommand(click.Command):
    """A command whose help shows the options under their headings, all in two columns."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options; one without a heading, such as `--help`, comes last."""
        under: dict[Heading, list[tuple[str, str]]] = {heading: [] for heading in Heading}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option) and (record := parameter.get_help_record(ctx)):
                heading = parameter.heading if isinstance(parameter, HeadedOption) else Heading.HELP
                under[heading].append(record)
        for heading, records in under.items():
            if records:
                with formatter.section(heading.value):
                    formatter.write_dl([(names.ljust(_NAMES), sentence) for names, sentence in records], _NAMES)


def option(
    heading: Heading,
    *names: str,
    read: Callable[[Any], object] | None = None,
    **attributes: Any,  # noqa: ANN401  (click's own)
) -> Decorator:
    """Return the decorator for an option under *heading*, whose text *read* turns into what it means.

    An option that has no default is None where it is not given. *read* may raise `UsageError`.
    """

    def callback(_: click.Context, __: click.Parameter, value: object) -> object:
        return value if read is None or value is None else read(value)

    return click.option(*names, cls=HeadedOption, heading=heading, callback=callback, **attributes)


def argument(name: str, **attributes: Any) -> Decorator:  # noqa: ANN401  (click's own)
    """Return the decorator for the argument *name*."""
    return click.argument(name, cls=FilledArgument, **attributes)


def gathered(body: Body, parameter: str, settings: type[Any], options: Sequence[Decorator]) -> Body:
    """Return *body* with *options* added, whose values it is given as one *settings* in its argument *parameter*.

    The fields of *settings* have the names of the options.
    """
    names = [field.name for field in fields(settings)]

    @functools.wraps(body)
    def command(**given: object) -> Exit:
        own = {name: given.pop(name) for name in names}
        return body(**given, **{parameter: settings(**own)})

    added: Body = command
    for add in reversed(options):  # as stacked decorators do, so that the help has them in the order given
        added = add(added)
    return added


def example(*lines: str) -> str:
    """Return *lines* as the example at the end of a command's help."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)
