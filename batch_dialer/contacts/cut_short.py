"""Whether a text file was cut short in its last row, as by an upload that broke off: the rows below are lost, too."""

from collections.abc import Collection

import polars as pl

from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet


def refuse_cut(sheet: Sheet, phones: Collection[int]) -> None:
    """Raise `BadSheet` where the last row has no line end and looks cut; *phones* are the columns of numbers.

    It does with fewer fields than the header, and with a number at its end that has fewer digits than any other.
    """
    if not sheet.unended or not sheet.cells.height:
        return
    row = sheet.last_row
    why = ""
    if sheet.ragged.get(row, len(sheet.headers)) < len(sheet.headers):
        why = f"only {sheet.ragged[row]} of {len(sheet.headers)} fields"
    elif len(sheet.headers) - 1 in phones and _is_shortest(sheet.cells[f"c{len(sheet.headers) - 1}"]):
        why = "a number with fewer digits than all others"
    if why:
        raise BadSheet(
            f"{sheet.name} looks cut short: row {row}, its last, has {why} and no line end.",
            "Fetch the file again. If it is whole, add a line break at its end.",
        )


def _is_shortest(numbers: pl.Series) -> bool:
    """Whether the last of *numbers* has digits, and fewer than each other that has any."""
    digits = numbers.str.count_matches(r"\d").fill_null(0)
    others = digits[:-1].filter(digits[:-1] > 0)
    return bool(len(others)) and 0 < int(digits[-1]) < int(others.min())  # type: ignore[arg-type]  # of an integer column
