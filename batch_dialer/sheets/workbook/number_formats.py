"""The number formats of an .xlsx workbook: which of them each style has."""

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element

from batch_dialer.sheets.workbook.package import Package

_UNKNOWN: Final = "[unknown]0"  # is understood by nobody
_LONGEST_NUMBER = 12
_DATE, _TIME, _MINUTES = "yyyy-mm-dd", "h:mm:ss", "h:mm"
# ECMA-376, 18.8.30. A number that has another meaning in each language is left out: its cells cannot be shown.
BUILT_IN: Mapping[int, str] = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)',
    8: '"$"#,##0.00_);("$"#,##0.00)',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: _DATE,
    15: _DATE,
    16: _DATE,
    17: _DATE,
    18: _MINUTES,
    19: _TIME,
    20: _MINUTES,
    21: _TIME,
    22: f"{_DATE} {_MINUTES}",
    **dict.fromkeys(range(27, 32), _DATE),
    32: _MINUTES,
    33: _TIME,
    36: _DATE,
    37: "#,##0_);(#,##0)",
    38: "#,##0_);(#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);(#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)',
    42: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
    48: "##0.0E+0",
    49: "@",
    50: _DATE,
    51: _DATE,
    54: _DATE,
    57: _DATE,
    58: _DATE,
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
