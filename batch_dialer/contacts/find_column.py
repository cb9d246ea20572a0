"""Find the column that a schema file or a person names by its header, case and spaces aside."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from batch_dialer.errors import BadSheet


def find_column(column: str, who: str, headers: tuple[str, ...]) -> int:
    """Return the index of the *column* that *who*, a part of the schema, names; raise `BadSheet` if it is not one."""
    wanted = fold_header(column)
    exact = [index for index, header in enumerate(headers) if header == column]
    found = exact or [index for index, header in enumerate(headers) if fold_header(header) == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadSheet(
            f"{len(found)} columns have the header {column!r}, and {who} needs one.",
            "Give each column a header of its own.",
        )
    raise BadSheet(
        f"The sheet has no column {column!r}, which {who} needs.",
        f"{_suggest(column, headers)}The sheet's columns are: {join_quoted(headers)}.",
    )


def find_told_column(wanted: str, headers: tuple[str, ...], option: str) -> int:
    """Return the index of the column that a person named in *option*; raise `BadSheet` where it is not certain."""
    exact = [index for index, header in enumerate(headers) if header == wanted]
    found = exact or [index for index, header in enumerate(headers) if fold_header(header) == fold_header(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadSheet(f"{option} {wanted!r}: {len(found)} columns have this header.", "Give each its own header.")
    raise BadSheet(
        f"{option} {wanted!r}: the sheet has no such column.",
        f"{_suggest(wanted, headers)}The sheet's columns are: {join_quoted(headers)}.",
    )


def _suggest(wanted: str, headers: tuple[str, ...]) -> str:
    close = get_close_matches(fold_header(wanted), [fold_header(header) for header in headers], n=1)
    near = next((header for header in headers if close and fold_header(header) == close[0]), None)
    return f"Did you mean {near!r}? " if near else ""


def fold_header(header: str) -> str:
    """Return *header* without case, a byte order mark and superfluous spaces, to compare it with another."""
    return " ".join(header.replace("\ufeff", "").split()).casefold()


def snake_case(header: str) -> str:
    """Return *header* as the name of a prompt variable: `Amount due (EUR)` is `amount_due_eur`. It may be empty."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header.replace("\ufeff", ""))
    return re.sub(r"\W+|_+", "_", spaced).strip("_").lower()


def join_quoted(headers: Iterable[str]) -> str:
    """Return the *headers* that are not empty, in quotation marks, with commas between them."""
    return ", ".join(f'"{header}"' for header in headers if header)
