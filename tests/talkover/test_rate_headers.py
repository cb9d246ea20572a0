"""The server's limits, in all the dialects they may come in, and in none."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batch_dialer.talkover.rate_headers import Quota, pause, quota

_NOW = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
_DATE = format_datetime(_NOW, usegmt=True)
_EPOCH = int(_NOW.timestamp())

_DIALECTS = {
    "seconds from now": "30",
    "with a fraction": "30.0",
    "with spaces": " 30 ",
    "epoch": str(_EPOCH + 30),
    "epoch with a fraction": f"{_EPOCH + 30}.0",
    "epoch in milliseconds": str((_EPOCH + 30) * 1000),
    "ISO 8601": "2026-11-22T10:00:30Z",
    "ISO 8601 with a fraction": "2026-11-22T10:00:30.000Z",
    "ISO 8601 with an offset": "2026-11-22T11:00:30+01:00",
    "ISO 8601 without a zone": "2026-11-22T10:00:30",
    "ISO 8601 with a space": "2026-11-22 10:00:30",
    "HTTP date": "Sun, 22 Nov 2026 10:00:30 GMT",
    "mail date": "Sun, 22 Nov 2026 11:00:30 +0100",
}
_NONSENSE = [
    *("", " ", "-", "soon", "NaN", "nan", "inf", "-inf", "1e999", "-1", "-0.5", "5 seconds", "PT30S", "30, 60"),
    *("0x1f", "10:00:30", "2026-13-45T00:00:00Z", "Sun, 32 Foo 2026 10:00:30 GMT", "[]", "null", "true", "\x00"),
    *("9" * 5_000, "Sun, 22 Nov 2026 10:00:30 +" + "9" * 30, "\ud800", "\u0661\u0662:00"),
]


@pytest.mark.parametrize("text", _DIALECTS.values(), ids=_DIALECTS.keys())
def test_every_dialect_says_thirty_seconds(text: str) -> None:
    assert 30 == quota({"x-ratelimit-reset": text, "date": _DATE}).resets_in
    assert 30 == pause(None, {"retry-after": text, "date": _DATE})
    assert 30 == pause(text, {"date": _DATE})
    assert 30 == pause(None, {"x-ratelimit-reset": text, "date": _DATE})


@pytest.mark.parametrize("text", _NONSENSE)
def test_nonsense_says_nothing(text: str) -> None:
    headers = {"x-ratelimit-limit": text, "x-ratelimit-remaining": text, "x-ratelimit-reset": text, "date": _DATE}

    assert Quota(None, None, None) == quota(headers)


@pytest.mark.parametrize("text", _NONSENSE)
def test_a_pause_that_cannot_be_read_is_a_minute(text: str) -> None:
    assert 60 == pause(text, {"retry-after": text, "x-ratelimit-reset": text, "date": _DATE})


@pytest.mark.parametrize("value", [[], {}, [30], {"seconds": 30}, True, False, float("nan"), float("-inf"), -1])
def test_a_pause_of_another_kind_is_a_minute(value: object) -> None:
    assert 60 == pause(value, {})


@pytest.mark.parametrize("value", [30, 30.0, "30"])
def test_a_pause_is_a_number_or_its_text(value: object) -> None:
    assert 30 == pause(value, {})


@pytest.mark.parametrize("skew", [timedelta(days=-400), timedelta(hours=-1), timedelta(hours=2), timedelta(days=4000)])
def test_times_are_measured_on_the_server_s_clock(skew: timedelta) -> None:
    """Ours may be wrong; so the server's may be wrong too, as long as it is wrong in both headers."""
    theirs = {"date": format_datetime(_NOW + skew, usegmt=True)}

    assert 30 == pause(None, theirs | {"retry-after": str(_EPOCH + int(skew.total_seconds()) + 30)})
    assert 30 == pause(
        None, theirs | {"retry-after": format_datetime(_NOW + skew + timedelta(seconds=30), usegmt=True)}
    )


@pytest.mark.parametrize("date", [{}, {"date": "today"}, {"date": ""}])
def test_a_moment_without_the_server_s_clock_says_nothing(date: dict[str, str]) -> None:
    assert quota(date | {"x-ratelimit-reset": str(_EPOCH + 30)}).resets_in is None
    assert 60 == pause(None, date | {"retry-after": str(_EPOCH + 30)})


def test_a_moment_that_is_over_is_now() -> None:
    assert 0 == quota({"x-ratelimit-reset": str(_EPOCH - 30), "date": _DATE}).resets_in
    assert 1 == pause(None, {"retry-after": str(_EPOCH - 30), "date": _DATE})


def test_the_longest_pause_asked_for_is_kept() -> None:
    assert 40 == pause(40, {"retry-after": "20", "date": _DATE})
    assert 40 == pause(20, {"retry-after": "40", "date": _DATE})


@pytest.mark.parametrize(("asked", "kept"), [(0, 1), (0.2, 1), (1, 1), (900, 900), (901, 900), (10**8, 900)])
def test_a_pause_is_within_reason(asked: float, kept: float) -> None:
    assert kept == pause(asked, {})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 1),
        ("-1", 60),
        ("-0", 1),
        ("NaN", 60),
        ("inf", 60),
        ("31536000", 900),
        ("1e8", 900),
        (str(_EPOCH + 10**8), 900),
        ("Fri, 31 Dec 2999 23:59:59 GMT", 900),
        ("9999-12-31T23:59:59Z", 900),
        ("Sun, 22 Nov 2026 09:59:00 GMT", 1),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1),
    ],
)
def test_a_retry_after_that_is_out_of_reason_is_brought_into_it(text: str, seconds: float) -> None:
    assert seconds == pause(None, {"retry-after": text, "date": _DATE})


def test_nor_does_a_reset_keep_everybody_waiting_for_days() -> None:
    """`60000` may be milliseconds."""
    assert 900 == quota({"x-ratelimit-reset": "60000"}).resets_in
    assert 900 == quota({"x-ratelimit-reset": "2027-11-22T10:00:00Z", "date": _DATE}).resets_in


def test_the_three_headers() -> None:
    headers = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": " 0 ", "x-ratelimit-reset": "12"}

    assert Quota(limit=100, remaining=0, resets_in=12) == quota(headers)
    assert Quota(None, None, None) == quota({})


@pytest.mark.parametrize("text", ["1_000", "1,000", "100;w=60", "+5", "5.0", "²", "\u0665"])
def test_a_count_is_digits(text: str) -> None:
    assert quota({"x-ratelimit-limit": text}).limit is None


_texts = st.text(max_size=60) | st.floats().map(str) | st.integers().map(str) | st.datetimes().map(str)


@given(retry_after=_texts | st.floats() | st.integers() | st.none(), header=_texts, reset=_texts, date=_texts)
@example(retry_after=None, header="0", reset="0", date="Mon, 01 Jan 0001 00:00:00 +2359")
@example(retry_after=None, header="0001-01-01T00:00:00+23:59", reset="9999-12-31T23:59:59-23:59", date=_DATE)
def test_law_a_pause_is_a_second_to_a_quarter_of_an_hour(
    retry_after: object, header: str, reset: str, date: str
) -> None:
    headers = {"retry-after": header, "x-ratelimit-reset": reset, "x-ratelimit-limit": header, "date": date}

    assert 1 <= pause(retry_after, headers) <= 900
    assert 0 <= (quota(headers).resets_in or 0) <= 900
    assert 0 <= (quota(headers).limit or 0) < 10**9
