"""Tables for a terminal of 80 columns."""

from collections.abc import Sequence

from tabulate import tabulate


def columns(lines: Sequence[Sequence[str]], align: Sequence[str] = ()) -> str:
    """Return *lines* in columns, without a frame."""
    return tabulate(lines, tablefmt="plain", disable_numparse=True, preserve_whitespace=True, colalign=align or None)


def framed(headers: Sequence[str], lines: Sequence[Sequence[str]], widths: Sequence[int | None]) -> str:
    """Return *lines* under *headers*, each column wrapped at its width."""
    return tabulate(lines, headers, tablefmt="simple", disable_numparse=True, maxcolwidths=list(widths))
