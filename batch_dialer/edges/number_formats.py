"""Number formats that change what a person reads in a cell: a share of 0.15 that is shown as 15%.

Dates are told by the reader of workbooks; a currency's sign stands in the format for every cell alike and is left out.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

from batch_dialer.edges.workbook_guard import Package

_STYLES = "xl/styles.xml"
_BUILT_IN = {"9": 0, "10": 2}
_NOT_SHOWN = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|_.")
_DECIMALS = re.compile(r"\.([0#?]+)")
_MOST_DECIMALS = 15


def percents(package: Package) -> dict[str, int]:
    """Return the styles, by the number that a cell names, that show a percentage, and with how many decimals."""
    if _STYLES not in package:
        return {}
    formats: dict[str, int] = dict(_BUILT_IN)
    found: dict[str, int] = {}
    count = 0
    inside = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count, inside
        tag = tag.rpartition(":")[2]
        if tag == "numFmt":
            shown = _NOT_SHOWN.sub("", attributes.get("formatCode", "")).partition(";")[0]
            if "%" in shown:
                decimals = _DECIMALS.search(shown)
                formats[attributes.get("numFmtId", "")] = min(len(decimals[1]), _MOST_DECIMALS) if decimals else 0
        elif tag in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            if attributes.get("numFmtId", "0") in formats:
                found[str(count)] = formats[attributes["numFmtId"]]
            count += 1

    package.parse(_STYLES, start)
    return found


def as_percent(text: str | None, decimals: int) -> str | None:
    """Return the number *text* as a percentage; anything else as it is."""
    try:
        share = Decimal(text or "")
        return f"{(share * 100).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP):f}%"
    except ArithmeticError:  # no number, or one of which no sheet shows all digits
        return text
