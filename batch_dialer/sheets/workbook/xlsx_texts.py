"""The texts of an .xlsx workbook's cells: those it keeps once for all cells, and what a cell of any kind shows."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from xml.etree.ElementTree import Element

from batch_dialer.sheets.workbook.cell_marks import UNCALCULATED, error_text
from batch_dialer.sheets.workbook.display import UNKNOWN_FORMAT, Display
from batch_dialer.sheets.workbook.part_stream import MAIN, PartStream

_VALUE, _FORMULA, _INLINE = f"{MAIN}v", f"{MAIN}f", f"{MAIN}is"
_STRING, _RUN, _TEXT = f"{MAIN}si", f"{MAIN}r", f"{MAIN}t"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # characters that XML cannot hold
_PLAIN_NUMBER = re.compile(r"[1-9][0-9]{0,14}")
_GENERAL, _MOMENT, _TIME = "General", "yyyy-mm-dd hh:mm:ss.000", "hh:mm:ss.000"
_DAY = timedelta(days=1)
_NO_LEAP_DAY = 60  # the calendar from 1900 has one that year, and the world had not
_TRUE = ("1", "true")
_FIRST_DAY = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001  (a cell has no zone)


def read_shared(stream: PartStream) -> Iterator[str]:
    """Yield the texts that cells refer to by their places."""
    for _, element in stream.elements():
        if element.tag == _STRING:
            yield _rich_text(element)
            element.clear()


def _rich_text(element: "Element[str]") -> str:
    """Return the text of all runs; how it is pronounced, which stands beside them, is no part of it."""
    if len(element) == 1 and element[0].tag == _TEXT:  # nearly every text
        return _unescape(element[0].text or "")
    return _unescape("".join(_runs(element)))


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _runs(element: "Element[str]") -> Iterator[str]:
    for child in element:
        if child.tag == _TEXT:
            yield child.text or ""
        elif child.tag == _RUN:
            yield child.findtext(_TEXT) or ""


def holds_anything(cell: "Element[str]") -> bool:
    """Whether *cell* has a value, a text or a formula, shown or not."""
    return any(child.text or len(child) or child.tag == _FORMULA for child in cell)


class CellTexts:
    """What cells show; *shared* are the texts, *codes* the styles' number formats, to which cells refer by places."""

    def __init__(self, shared: Sequence[str], codes: Sequence[str], *, from_1904: bool) -> None:
        self._shared = shared
        self._from_1904 = from_1904
        displays = {code: Display(code, from_1904=from_1904) for code in {*codes, _GENERAL, _MOMENT, _TIME}}
        self._general, self._moment, self._time = displays[_GENERAL], displays[_MOMENT], displays[_TIME]
        self._displays = {str(place): displays[code] for place, code in enumerate(codes)}

    def show(self, cell: "Element[str]") -> str | None:
        """Return what *cell* shows, None for nothing; raise `LookupError` or `ValueError` where it is damaged."""
        kind = cell.get("t", "n")
        display = self._displays[cell.get("s", "0")] if self._displays else self._general
        if kind == "inlineStr":
            inline = cell.find(_INLINE)
            return display.text(_rich_text(inline)) or None if inline is not None else None
        value = cell.findtext(_VALUE)
        if value is None or (kind != "str" and not value.strip()):
            return None if cell.find(_FORMULA) is None else UNCALCULATED
        if kind == "s":
            return display.text(self._shared[int(value)]) or None
        if kind == "n":
            return self._show_number(value, display)
        return self._show_rarer(kind, value, display)

    def _show_number(self, value: str, display: Display) -> str | None:
        if display is self._general and _PLAIN_NUMBER.fullmatch(value):
            return value
        return display.number(float(value))

    def _show_rarer(self, kind: str, value: str, display: Display) -> str | None:
        match kind:
            case "str":
                return display.text(_unescape(value)) or None
            case "b":
                return "TRUE" if value.strip() in _TRUE else "FALSE"
            case "e":
                return error_text(value.strip())
            case "d":
                return self._show_date(value.strip(), display)
            case _:
                raise ValueError(kind)

    def _show_date(self, value: str, display: Display) -> str | None:
        """Return a date that is written in ISO form as the cell's format shows it, if that is for dates; else whole."""
        try:
            days, is_time = _to_days(value, from_1904=self._from_1904)
        except ValueError:
            return UNKNOWN_FORMAT
        if not display.is_moment:
            display = self._time if is_time else self._moment
        return display.number(days)


def _to_days(value: str, *, from_1904: bool) -> tuple[float, bool]:
    """Return the days of the calendar that an ISO date stands for, and whether it is a time alone."""
    text = value.removesuffix("Z").removeprefix("T")
    is_time = ":" in text and "-" not in text
    if is_time:
        at = time.fromisoformat(text)
        return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond) / _DAY, True
    days = (datetime.fromisoformat(text) - _FIRST_DAY[from_1904]) / _DAY
    return days - (not from_1904 and days <= _NO_LEAP_DAY), False
