"""The choice of a worksheet: the one that a person names, or the only one that is visible and filled."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from batch_dialer.errors import BadSheet


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A worksheet's *name* and whether its tab is shown; *ours* is true for one that batch_dialer added.

    *part* is where the file holds it, in whatever way its reader says so.
    """

    name: str
    part: str
    visible: bool
    ours: bool = False


ONLY_TABLE = Worksheet("", "", visible=True)
"""Stands for the table of a file whose format has no worksheets."""


def choose(
    name: str, sheets: Sequence[Worksheet], wanted: str | None, is_filled: Callable[[Worksheet], bool]
) -> tuple[Worksheet, tuple[str, ...]]:
    """Return the worksheet of the file *name* to read, and a note that names it.

    *wanted* is a name, or a number that counts the visible tabs from 1. Raise `BadSheet` where it is not there or is
    ours; and where none is wanted, and not exactly one that is visible and not ours *is_filled*.
    """
    if tuple(sheets) == (ONLY_TABLE,):
        if wanted is not None:
            raise BadSheet(f"{name} is a text file and has no worksheets.", "Leave out --sheet.")
        return ONLY_TABLE, ()
    if not sheets:
        raise BadSheet(f"{name} has no worksheet.", "Put the rows into a worksheet and save the workbook again.")
    visible = tuple(sheet for sheet in sheets if sheet.visible)
    theirs = [sheet for sheet in sheets if not sheet.ours]
    if not theirs:
        raise BadSheet(f"{name} has no worksheet with rows.", "Put the rows into one and save the workbook again.")
    if wanted is not None:
        sheet = _find(name, sheets, visible, wanted)
        if sheet.ours:
            raise BadSheet(
                f'The worksheet "{sheet.name}" is a page that batch-dialer made; it has no rows to dial.',
                f'Name another, as in --sheet "{theirs[0].name}", or leave out --sheet.',
            )
        return sheet, (f'worksheet "{sheet.name}"' + ("" if sheet.visible else " (hidden)"),)
    if len(theirs) == 1 and theirs[0].visible:
        return theirs[0], (f'worksheet "{theirs[0].name}"',)
    filled = [sheet for sheet in visible if not sheet.ours and is_filled(sheet)]
    if len(filled) == 1:
        return filled[0], (f'worksheet "{filled[0].name}", the only one that is visible and filled',)
    if not filled:
        raise BadSheet(
            f"{name}: every visible worksheet is empty.",
            "Put the rows into one and save the workbook, or name a hidden worksheet with --sheet.",
        )
    raise BadSheet(
        f"{name} has several worksheets: {_list_names(filled)}.",
        f'Say which one to dial: --sheet "{filled[0].name}".',
    )


def _find(name: str, sheets: Sequence[Worksheet], visible: Sequence[Worksheet], wanted: str) -> Worksheet:
    by_name = {sheet.name.casefold().strip(): sheet for sheet in sheets}
    sought = wanted.casefold().strip()
    if sought in by_name:
        return by_name[sought]
    if sought.isascii() and sought.isdecimal() and 1 <= int(sought[:9]) <= len(visible):
        return visible[int(sought[:9]) - 1]
    near = difflib.get_close_matches(sought, by_name, n=1, cutoff=0.5)
    guess = by_name[near[0]] if near else sheets[0]
    raise BadSheet(
        f'{name} has no worksheet "{wanted}"; it has {_list_names(sheets)}.',
        f'Did you mean --sheet "{guess.name}"?' if near else f'Name one of them, as in --sheet "{guess.name}".',
    )


def _list_names(sheets: Sequence[Worksheet]) -> str:
    shown = [f'"{sheet.name}"' + ("" if sheet.visible else " (hidden)") for sheet in sheets[:20]]
    return ", ".join(shown) + (" and more" if len(sheets) > len(shown) else "")
