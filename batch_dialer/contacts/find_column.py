"""Find the column that a schema file or a person names by its header, case and spaces aside."""

from collections.abc import Iterable
from difflib import get_close_matches

from batch_dialer.errors import BadSheet
from batch_dialer.schema.schema import Field


def find_column(field: Field, column: str, headers: tuple[str, ...]) -> int:
    """Return the index of the *column* that *field* names; raise `BadSheet` where there is none, or several."""
    wanted = fold_header(column)
    exact = [index for index, header in enumerate(headers) if header == column]
    found = exact or [index for index, header in enumerate(headers) if fold_header(header) == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadSheet(
            f"{len(found)} columns are headed {column!r}, and the schema's [{field.label}] needs one.",
            "Give each column a header of its own.",
        )
    raise BadSheet(
        f"The sheet has no column {column!r}, which the schema's [{field.label}] needs.",
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


def join_quoted(headers: Iterable[str]) -> str:
    """Return the *headers* that are not empty, in quotation marks, with commas between them."""
    return ", ".join(f'"{header}"' for header in headers if header)
