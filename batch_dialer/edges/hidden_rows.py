"""Which rows of an .xlsx worksheet nobody sees, told by their tags alone.

A worksheet's `zeroHeight` hides no row that has a tag, and so none that has a cell.
"""

import re
from collections.abc import Mapping

MAYBE_HIDDEN = r"""hidden=|\bht=["']0"""
"""What is in any text that has hidden rows, and can be looked for fast."""

_ROW = re.compile(rb"""<row\b([^>]*?\b(?:hidden=["'](?:1|true)|ht=["']0)[^>]*)>""")
_ATTRIBUTE = re.compile(r"""([\w:]+)=["']([^"']*)["']""")
_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
_TRUE = ("1", "true")


def hidden_rows(text: bytes) -> set[int] | None:
    """Return the numbers of the hidden rows in *text*, or None where one does not say which it is."""
    found = set()
    for tag in _ROW.findall(text):
        row = dict(_ATTRIBUTE.findall(tag.decode(errors="replace")))
        if not _NUMBER.fullmatch(row.get("r", "")):
            return None
        if is_hidden(row):
            found.add(int(row["r"]))
    return found


def is_hidden(row: Mapping[str, str]) -> bool:
    """Whether a row with these attributes is hidden, or was made 0 high, which looks the same."""
    if row.get("hidden") in _TRUE:
        return True
    try:
        # A height that nobody set is no height: the program that shows the row finds one.
        return row.get("customHeight") in _TRUE and float(row.get("ht", "1")) == 0
    except ValueError:
        return False
