"""What the cells of an .xlsx workbook show: texts that it keeps once for all cells, numbers, dates, errors."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

import polars as pl

from batch_dialer.sheets.workbook.cell_marks import UNCALCULATED, error_text
from batch_dialer.sheets.workbook.display import UNKNOWN_FORMAT, Display
from batch_dialer.sheets.workbook.part_stream import PartStream
from batch_dialer.sheets.workbook.xlsx_rows import FORMULA, INLINE, TRUE, read_text

_NUMBER, _SHARED, _RESULT = "n", "s", "str"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # characters that XML cannot hold
_GENERAL, _MOMENT, _TIME = "General", "yyyy-mm-dd hh:mm:ss.000", "hh:mm:ss.000"
_DAY = timedelta(days=1)
_NO_LEAP_DAY = 60  # the calendar from 1900 has one that year, and the world had not
_FIRST_DAY = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001  (a cell has no zone)


def read_shared(stream: PartStream) -> Iterator[pl.Series]:
    """Yield the texts that cells refer to by their places, some at a time."""
    for texts in stream.units():
        yield _unescape(pl.Series([read_text(text) for text in texts], dtype=pl.String))


def _unescape(texts: pl.Series) -> pl.Series:
    escaped = texts.str.contains("_x", literal=True).arg_true()
    if escaped.is_empty():
        return texts
    pieces = [_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) for text in texts.gather(escaped)]
    return texts.scatter(escaped, pl.Series(pieces, dtype=pl.String))


class CellTexts:
    """What cells show; *shared* are the texts, *codes* the styles' number formats, to which cells refer by places."""

    def __init__(self, shared: pl.Series, codes: Sequence[str], *, from_1904: bool) -> None:
        self._shared = shared
        self._from_1904 = from_1904
        displays = {code: Display(code, from_1904=from_1904) for code in {*codes, _GENERAL, _MOMENT, _TIME}}
        self._moment, self._time = displays[_MOMENT], displays[_TIME]
        self._has_styles = bool(codes)
        self._displays = {str(place): displays[code] for place, code in enumerate(codes or [_GENERAL])}
        self._plain = [style for style, display in self._displays.items() if display.is_plain_text]
        self._patterns: dict[str, list[str]] = {}
        for style, display in self._displays.items():
            if display.as_written:
                self._patterns.setdefault(display.as_written, []).append(style)

    def show(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Return `row` and `column` of *cells*, the `text` of each, null for nothing, and whether it `is_number`.

        Raise `LookupError` or `ValueError` where one is damaged.
        """
        if not self._has_styles:
            cells = cells.with_columns(pl.lit("0").alias("style"))
        kind, style, value = cells["kind"], cells["style"], cells["value"]
        is_text = kind.is_in([_RESULT, INLINE])
        value = _unescape(value.zip_with(is_text, value.str.strip_chars()))
        is_empty = value.is_null() | (~is_text & (value == ""))
        is_shared = (kind == _SHARED) & ~is_empty
        value = self._put_shared(value, is_shared)
        is_shown = (is_empty & (kind != FORMULA)) | self._as_written(kind, style, value)
        others = pl.DataFrame([kind, style, value]).filter(~is_shown)
        known = others.unique()
        known.insert_column(3, pl.Series("text", [self._show(*cell) for cell in known.iter_rows()], pl.String))
        others = others.join(known, on=["kind", "style", "value"], nulls_equal=True, maintain_order="left")
        text = value.set(is_empty | (value == ""), None).scatter((~is_shown).arg_true(), others["text"])
        return cells.select("row", "column", text.alias("text"), (kind == _NUMBER).alias("is_number"))

    def _put_shared(self, value: pl.Series, is_shared: pl.Series) -> pl.Series:
        """Return each *value*, and the text instead of its place where it *is_shared*."""
        places = value.set(~is_shared, None).cast(pl.UInt32, strict=False)
        if places.count() < is_shared.sum() or int(places.max() or 0) >= len(self._shared) > 0:  # type: ignore[arg-type]
            raise LookupError
        return value.zip_with(~is_shared, self._shared.gather(places))

    def _as_written(self, kind: pl.Series, style: pl.Series, value: pl.Series) -> pl.Series:
        """Return which cells show what is written for them: nearly all, and to look at them one by one takes long."""
        shown = kind.is_in([_SHARED, _RESULT, INLINE]) & style.is_in(self._plain)
        for pattern, styles in self._patterns.items():
            shown |= (kind == _NUMBER) & style.is_in(styles) & value.str.contains(pattern)
        return shown

    def _show(self, kind: str, style: str, value: str) -> str | None:
        if kind == FORMULA:
            return UNCALCULATED
        display = self._displays[style]
        match kind:
            case "n":
                return display.number(float(value))
            case "s" | "str" | "inlineStr":
                return display.text(value) or None
            case "b":
                return "TRUE" if value in TRUE else "FALSE"
            case "e":
                return error_text(value)
            case "d":
                return self._show_date(value, display)
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
