"""The number formats of an .xlsx workbook: which of them each style has."""

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element

from batch_dialer.sheets.workbook.package import Package

_UNKNOWN: Final = "[unknown]0"  # is understood by nobody
_LONGEST_NUMBER = 12
# ECMA-376, 18.8.30. A number that has another meaning in each language is left out: its cells cannot be shown.
BUILT_IN: Mapping[int, str] = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    **dict.fromkeys((5, 6), '"$"#,##0_);("$"#,##0)'),
    **dict.fromkeys((7, 8), '"$"#,##0.00_);("$"#,##0.00)'),
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    **dict.fromkeys((14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 54, 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((18, 20, 32), "h:mm"),
    **dict.fromkeys((19, 21, 33), "h:mm:ss"),
    22: "yyyy-mm-dd h:mm",
    **dict.fromkeys((37, 38), "#,##0_);(#,##0)"),
    **dict.fromkeys((39, 40), "#,##0.00_);(#,##0.00)"),
    **dict.fromkeys((41, 42), '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)'),
    **dict.fromkeys((43, 44), '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)'),
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
    48: "##0.0E+0",
    49: "@",
}
"""The codes of the numbers that stand for a format without saying which, as far as they show the same in ISO form."""


def read_formats(package: Package, part: str) -> list[str]:
    """Return the codes of the number formats in *part*, in the order of the styles that cells refer to."""
    codes = dict(BUILT_IN)
    numbers: list[int | None] = []
    for around, element in package.elements(part) if part in package else ():
        tag = element.tag.rpartition("}")[2]
        if tag == "numFmt" and (known := _to_number(element)) is not None:
            codes[known] = element.get("formatCode", "")
        elif tag == "xf" and around[-1].tag.endswith("cellXfs"):
            numbers.append(_to_number(element))
    return [_UNKNOWN if number is None else codes.get(number, _UNKNOWN) for number in numbers]


def _to_number(style: Element) -> int | None:
    """Return the number of a format, which some programs write with zeros in front; None where it is none."""
    text = style.get("numFmtId", "0").strip()
    return int(text) if text.isdecimal() and len(text) < _LONGEST_NUMBER else None
