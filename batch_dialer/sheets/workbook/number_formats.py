"""The one number format that changes the number that a person reads: 0.15 that is shown as 15%.

fastexcel recognizes dates by their formats. Currency signs are left out: they are the same for every cell of a column.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from batch_dialer.sheets.workbook.package import Package

_STYLES = "xl/styles.xml"
_BUILT_IN: Mapping[str, int] = {"9": 0, "10": 2}
_NOT_SHOWN = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|_.")
_DECIMALS = re.compile(r"\.([0#?]+)")
_MOST_DECIMALS = 15


class CellStyles:
    """The styles that show a percentage. Add all number formats and then all styles, in the order of the file."""

    def __init__(self) -> None:
        self._formats = dict(_BUILT_IN)
        self._count = 0
        self.percents: dict[int, int] = {}
        """The decimals that each such style shows, by the place of the style in the file (from 0)."""

    def add_format(self, number: str, code: str) -> None:
        """Add the number format *code*, whose ID is *number*."""
        shown = _NOT_SHOWN.sub("", code).partition(";")[0]
        if "%" in shown:
            decimals = _DECIMALS.search(shown)
            self._formats[number] = min(len(decimals[1]), _MOST_DECIMALS) if decimals else 0

    def add_style(self, number: str) -> None:
        """Add the next style, whose number format has the ID *number*."""
        if number in self._formats:
            self.percents[self._count] = self._formats[number]
        self._count += 1


def read_percents(package: Package) -> dict[str, int]:
    """Return the decimals of each style of an .xlsx that shows a percentage, by its number as cells write it."""
    styles = CellStyles()
    inside = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        tag = tag.rpartition(":")[2]
        if tag == "numFmt":
            styles.add_format(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))
        elif tag in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            styles.add_style(attributes.get("numFmtId", "0"))

    if _STYLES in package:
        package.parse(_STYLES, start)
    return {str(style): decimals for style, decimals in styles.percents.items()}


def as_percent(text: str | None, decimals: int) -> str | None:
    """Return *text* as a percentage if it is a number, such as `15%` for `0.15`, else as it is."""
    try:
        share = Decimal(text or "")
        return f"{(share * 100).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP):f}%"
    except ArithmeticError:  # no number, or one of which no sheet shows all digits
        return text
