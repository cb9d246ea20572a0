"""Nobody is called at night: the real command, by the clock of this machine, against the sandbox on a socket."""

import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from harness import run_here, start
from makers import UNHURRIED, lines, number, write_csv

from batch_dialer.sandbox.serve import Sandbox

_COUNTRIES = {
    "DE": "Europe/Berlin",
    "KE": "Africa/Nairobi",
    "IN": "Asia/Kolkata",
    "JP": "Asia/Tokyo",
    "FJ": "Pacific/Fiji",
    "AS": "Pacific/Pago_Pago",
    "PE": "America/Lima",
    "PR": "America/Puerto_Rico",
}
"""Countries with one clock. It is night in some and day in others, whatever the hour."""


def _hour(zone: str) -> float:
    local = datetime.now(ZoneInfo(zone))  # noqa: TID251  (the program goes by the clock of this machine, too)
    return local.hour + local.minute / 60


def _by_day_and_by_night() -> tuple[str, str]:
    """Return a number where it is day for an hour yet, and one where it is night for as long."""
    hours = {country: _hour(zone) for country, zone in _COUNTRIES.items()}
    day = next(country for country, hour in hours.items() if 8 <= hour < 20)
    night = next(country for country, hour in hours.items() if hour < 7 or hour >= 21)
    return _example(day), _example(night)


def _example(country: str) -> str:
    known = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.FIXED_LINE)
    assert known
    return phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.E164)


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED) as sandbox:
        yield sandbox


def _through(api: Sandbox, *more: str) -> tuple[str, ...]:
    return ("--agent", "agent_1", "--base-url", api.base_url, "--yes", "--rate", "1000/s", *more)


def test_who_sleeps_is_left_for_later_and_who_does_not_is_called(tmp_path: Path, api: Sandbox) -> None:
    day, night = _by_day_and_by_night()
    sheet = write_csv(tmp_path / "some.csv", [("Ann", day), ("Bob", night)])

    said = run_here("run", sheet, *_through(api), cwd=tmp_path, expect=6, any_hour=False).stderr

    ann, bob = lines(tmp_path / "some.results.csv")
    assert ("initiated", "") == (ann["status"], ann["error_code"])
    assert ("deferred", "OUTSIDE_CALLING_HOURS") == (bob["status"], bob["error_code"])
    assert re.search(r"may be called from (\w+ \d\d \w+ )?08:00 there \(\d\d:\d\d UTC\)\.", bob["error_message"])
    assert "outside calling hours  1" in said
    assert "1 row is outside calling hours. The first may be called from " in said
    assert [day] == list(api.exchange.rings)

    run_here("run", sheet, *_through(api, "--any-hour"), cwd=tmp_path, any_hour=False)
    assert [day, night] == list(api.exchange.rings)


def _schema(folder: Path, begins: datetime, zone: str = "UTC") -> None:
    """Write hours that begin at that moment of today, and end an hour later."""
    end = begins + timedelta(hours=1)
    hours = f'from = "{begins:%H:%M}"\nto = "{end:%H:%M}"\ntimezone = "{zone}"\n'
    (folder / "some.toml").write_text(f'unmapped = "ignore"\n[to]\ncolumn = "Phone"\n[calling_hours]\n{hours}')


@pytest.mark.parametrize(("told", "status"), [((), "deferred"), (("--testing",), "initiated")])
def test_the_sandbox_keeps_the_hours_of_the_schema_and_no_others_and_a_test_keeps_none(
    tmp_path: Path, told: tuple[str, ...], status: str
) -> None:
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    _schema(tmp_path, noon, _where_it_is_not(12))
    _, night = _by_day_and_by_night()
    sheet = write_csv(tmp_path / "some.csv", [("Bob", night)])

    run_here("run", sheet, "--sandbox", *told, cwd=tmp_path, any_hour=False)
    again = ("run", sheet, "--schema", "some.toml", "--sandbox", *told, "--results", "x.csv")
    run_here(*again, cwd=tmp_path, any_hour=False, expect=6 if status == "deferred" else 0)

    (line,) = lines(tmp_path / "x.csv")
    assert status == line["status"]


def _where_it_is_not(hour: int) -> str:
    return next(zone for zone in _COUNTRIES.values() if not hour - 1 <= _hour(zone) <= hour + 2)


def test_a_window_that_cannot_be_read_means_that_nobody_is_called(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(tmp_path / "some.csv", [("Ann", number(0))])
    (tmp_path / "some.toml").write_text('unmapped = "ignore"\n[to]\ncolumn = "Phone"\n[calling_hours]\nfrom = "9 am"\n')

    said = run_here("run", sheet, "--schema", "some.toml", *_through(api), cwd=tmp_path, expect=2).stderr

    assert "line 5, cannot be used: [calling_hours] from = '9 am' is not a time of day" in said
    assert [] == list(api.app.seen)


def test_a_column_says_where_each_row_is_and_a_bad_name_rejects_it(tmp_path: Path) -> None:
    """The number alone would be deferred, whatever the hour: nobody knows where it is."""
    text = 'unmapped = "ignore"\n[to]\ncolumn = "Phone"\n[calling_hours]\nfrom = "00:00"\nto = "24:00"\n'
    (tmp_path / "some.toml").write_text(f'{text}timezone_column = "Zone"\n')
    rows = [("+80012345678", "Europe/Berlin"), ("+80012345679", ""), ("+80012345680", "Berlin")]
    sheet = write_csv(tmp_path / "some.csv", rows, header=("Phone", "Zone"))

    run_here("run", sheet, "--schema", "some.toml", "--sandbox", cwd=tmp_path, expect=6, any_hour=False)

    placed, unknown, bad = lines(tmp_path / "some.sandbox.results.csv")
    assert "initiated" == placed["status"]
    assert ("deferred", "OUTSIDE_CALLING_HOURS") == (unknown["status"], unknown["error_code"])
    assert "timezone_column" in unknown["error_message"]
    assert "--any-hour" in unknown["error_message"]
    assert ("rejected", "INVALID_VALUE") == (bad["status"], bad["error_code"])
    assert bad["error_message"].startswith("Zone is not the name of a time zone. Write it as in America/New_York")


def test_ctrl_c_ends_the_wait_for_the_beginning(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(tmp_path / "some.csv", [("Ann", number(0))])
    with start("run", sheet, *_through(api, "--start-at", "2100-01-01T09:00"), cwd=tmp_path) as process:
        assert process.stderr
        while "Waiting until 2100-01-01 09:00" not in (line := process.stderr.readline()):
            assert line, "it ended"
        process.send_signal(signal.SIGINT)
        assert 130 == process.wait(timeout=60)
    assert [] == list(api.exchange.rings)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--until", "2020-01-01T09:00"), "--until: 2020-01-01 09:00 has passed: it is "),
        (("--start-at", "soon"), "--start-at 'soon' is not a moment."),
        (("--until", "2100-01-01T09:00", "--start-at", "2100-01-01T09:00"), "--until is not after --start-at."),
    ],
)
def test_a_beginning_or_an_end_that_cannot_be_is_refused(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    sheet = write_csv(tmp_path / "some.csv", [("Ann", number(0))])
    assert says in run_here("run", sheet, "--sandbox", *words, cwd=tmp_path, expect=2).stderr
