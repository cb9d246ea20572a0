"""The hidden rows of an .xlsx worksheet, found by their tags alone.

The attribute `zeroHeight` of a worksheet may be ignored: it hides no row that has a tag, and so none that has a cell.
"""

import re
from collections.abc import Mapping

MAYBE_HIDDEN = r"""hidden=|\bht=["']0"""
"""A fast search: whatever has hidden rows matches it, and so may other text."""

_MARKED = re.compile(rb"""<row\b[^>]*\bhidden=["'](?:1|true)["'][^>]*>""")
_FLAT = re.compile(rb"""<row\b[^>]*\sht=["']0[^>]*>""")
_ATTRIBUTE = re.compile(r"""([\w:]+)=["']([^"']*)["']""")
_NUMBER = re.compile(rb"""\sr=["']([1-9]\d{0,6})["']""")
_TRUE = ("1", "true")


def hidden_rows(text: bytes) -> set[int] | None:
    """Return the numbers of the hidden rows in *text*, or None where one has no number."""
    tags = _MARKED.findall(text)
    if b'ht="0' in text or b"ht='0" in text:
        tags += [
            tag for tag in _FLAT.findall(text) if is_hidden(dict(_ATTRIBUTE.findall(tag.decode(errors="replace"))))
        ]
    numbers = [_NUMBER.search(tag) for tag in tags]
    return {int(number[1]) for number in numbers if number} if all(numbers) else None


def is_hidden(row: Mapping[str, str]) -> bool:
    """Whether a row with these attributes is hidden, or has a height of 0, which looks the same."""
    if row.get("hidden") in _TRUE:
        return True
    try:
        # A height that is not the user's is ignored: the spreadsheet program finds one.
        return row.get("customHeight") in _TRUE and float(row.get("ht", "1")) == 0
    except ValueError:
        return False
