"""Number formats that change what a person reads in a cell: a share of 0.15 that is shown as 15%.

Dates are told by the reader of workbooks; a currency's sign stands in the format for every cell alike and is left out.
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
    """A workbook's number formats and then its cell styles, told one by one in the order of the file."""

    def __init__(self) -> None:
        self._formats = dict(_BUILT_IN)
        self._count = 0
        self.percents: dict[int, int] = {}
        """The styles that show a percentage, by their place in the file, and with how many decimals."""

    def add_format(self, number: str, code: str) -> None:
        """Take note of the number format *code*."""
        shown = _NOT_SHOWN.sub("", code).partition(";")[0]
        if "%" in shown:
            decimals = _DECIMALS.search(shown)
            self._formats[number] = min(len(decimals[1]), _MOST_DECIMALS) if decimals else 0

    def add_style(self, number: str) -> None:
        """Take note of the next cell style, whose number format is *number*."""
        if number in self._formats:
            self.percents[self._count] = self._formats[number]
        self._count += 1


def read_percents(package: Package) -> dict[str, int]:
    """Return the styles of an .xlsx that show a percentage, as its cells name them, and with how many decimals."""
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
    """Return the number *text* as a percentage; anything else as it is."""
    try:
        share = Decimal(text or "")
        return f"{(share * 100).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP):f}%"
    except ArithmeticError:  # no number, or one of which no sheet shows all digits
        return text
