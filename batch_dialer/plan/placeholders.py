"""The placeholders in an agent's texts, beside the variables that the calls of a sheet have for them. Pure.

An agent says a placeholder that nothing fills as it stands, or leaves a hole in its sentence.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from batch_dialer.contacts.find_column import snake_case
from batch_dialer.contacts.mapping import ColumnMapping
from batch_dialer.schema.schema import Place, Schema, Unmapped

_DOUBLE = r"\{\{\s*(\w[^{}|]{0,79}?)\s*(?:\|[^{}]*)?\}\}"  # what follows a | tells how the value is written
_SINGLE = r"\{\s*([^\W\d_][\w .-]{0,79}?)\s*\}"  # not the {4} of a pattern, and not the {"a": 1} of an example
_PLACEHOLDER = re.compile(f"{_DOUBLE}|{_SINGLE}")


@dataclass(frozen=True, slots=True)
class Variables:
    """The *names* of the variables that each call has. *more*: columns of a sheet that is not known may add others."""

    names: tuple[str, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """The *placeholders* of an agent as its texts have them, those that are *missing* among the variables of the calls.

    *unused* are the variables that no placeholder asks for; none of them where the texts have no placeholders.
    """

    placeholders: tuple[str, ...]
    missing: tuple[str, ...]
    unused: tuple[str, ...]


def variables_of_sheet(mapping: ColumnMapping) -> Variables:
    """Return the variables of calls from a sheet with this *mapping*."""
    return Variables(tuple(mapped.field.name for mapped in mapping.fields_of(Place.PAYLOAD)))


def variables_of_schema(schema: Schema) -> Variables:
    """Return the variables of calls by *schema*, as far as it names them."""
    names = tuple(field.name for field in schema.fields if field.place is Place.PAYLOAD)
    return Variables(names, more=schema.unmapped is Unmapped.PAYLOAD)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder from *start* to *end* of a text: the *name* that it asks for, folded, and how it is *written*."""

    name: str
    written: str
    start: int
    end: int


def find_placeholders(text: str) -> Iterator[Placeholder]:
    """Yield the placeholders in *text*, in their order."""
    for match in _PLACEHOLDER.finditer(text):
        yield Placeholder(snake_case(match[1] or match[2]), " ".join(match[0].split()), *match.span())


def compare(texts: Iterable[str], variables: Variables) -> Fit:
    """Compare the placeholders in *texts* with the *variables*; a name is the same in any spelling of its words."""
    asked: dict[str, str] = {}
    for found in (each for text in texts for each in find_placeholders(text)):
        if found.name:
            asked.setdefault(found.name, found.written)
    known = {snake_case(name): name for name in variables.names}
    missing = tuple(written for name, written in asked.items() if name not in known)
    unused = tuple(name for folded, name in known.items() if folded not in asked) if asked else ()
    return Fit(tuple(asked.values()), missing, unused)
