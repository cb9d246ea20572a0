"""Moments as people write them: by the clock of the machine, or with an offset."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from zones import machine_in

from batch_dialer.commands.moments import moment_of, read_moment
from batch_dialer.errors import UsageError

_NOW = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)  # noon in Berlin


@pytest.fixture(autouse=True)
def _in_berlin() -> Iterator[None]:
    with machine_in("Europe/Berlin"):
        yield


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("17:30", "2026-07-01T15:30+00:00"),
        ("12:00:01", "2026-07-01T10:00:01+00:00"),
        ("2026-12-01T09:00", "2026-12-01T08:00+00:00"),  # in winter
        ("2026-12-01 09:00", "2026-12-01T08:00+00:00"),
        ("2026-12-01T09:00+09:00", "2026-12-01T00:00+00:00"),
        ("2026-12-01t09:00z", "2026-12-01T09:00+00:00"),
    ],
)
def test_a_moment_is_read(text: str, moment: str) -> None:
    assert datetime.fromisoformat(moment) == moment_of(read_moment(text, "--until"), _NOW, "--until")


@pytest.mark.parametrize("text", ["", "noon", "25:00", "17", "1730", "2026-12-01", "17:30+02:00", "01/12/2026 09:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--until .* is not a moment") as refusal:
        read_moment(text, "--until")
    assert "17:30 for today" in refusal.value.remedy


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("12:00", "--until: 12:00 of today has passed: it is 2026-07-01 12:00 here."),
        ("2026-06-30T23:00", "--until: 2026-06-30 23:00 has passed: it is 2026-07-01 12:00 here."),
    ],
)
def test_a_moment_that_has_passed_is_an_error_that_says_so(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refusal:
        moment_of(read_moment(text, "--until"), _NOW, "--until")
    assert says == refusal.value.what


def test_none_is_none() -> None:
    assert moment_of(None, _NOW, "--until") is None
