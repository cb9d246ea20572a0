"""Headers as people write them: found whatever their case and spacing, and turned into the names of variables."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from batch_dialer.errors import BadSheet


def find_header(column: str, who: str, headers: tuple[str, ...]) -> int:
    """Return the index of the column that *who* calls *column*; raise `BadSheet` where there is none, or several."""
    wanted = folded(column)
    exact = [index for index, header in enumerate(headers) if header == column]
    found = exact or [index for index, header in enumerate(headers) if folded(header) == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadSheet(
            f"{len(found)} columns are headed {column!r}, and {who} needs one.",
            "Give each column a header of its own.",
        )
    close = get_close_matches(wanted, [folded(header) for header in headers], n=1)
    near = next((header for header in headers if close and folded(header) == close[0]), None)
    guess = f"Did you mean {near!r}? " if near else ""
    raise BadSheet(
        f"The sheet has no column {column!r}, which {who} needs.",
        f"{guess}The sheet's columns are: {join_quoted(headers)}.",
    )


def snake_case(header: str) -> str:
    """Return *header* as the name of a prompt variable: `Amount due (EUR)` is `amount_due_eur`. It may be empty."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header.replace("\ufeff", ""))
    return re.sub(r"\W+|_+", "_", spaced).strip("_").lower()


def folded(header: str) -> str:
    """Return *header* as it is compared: without regard to case and spacing."""
    return " ".join(header.replace("\ufeff", "").split()).casefold()


def join_quoted(headers: Iterable[str]) -> str:
    """Return *headers* as they stand in a sentence, without those that are empty."""
    return ", ".join(f'"{header}"' for header in headers if header)
