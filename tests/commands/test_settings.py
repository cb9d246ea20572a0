"""What people write in options and the environment: read as it is meant, or refused with how to write it."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest
from zones import machine_in

from batch_dialer.commands.options.output import OutputOptions
from batch_dialer.commands.settings import (
    BASE_URL,
    local_zone,
    read_base_url,
    read_duration,
    read_encoding,
    read_rate,
    read_region,
    read_target,
)
from batch_dialer.errors import UsageError
from batch_dialer.model import Target, Via
from batch_dialer.schema.parse import parse_schema
from batch_dialer.schema.schema import Schema


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALKOVER_BASE_URL", raising=False)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86_400), ("1h30m", 5400), ("1h 30m", 5400), ("1.5h", 5400),
        (" 15M ", 900), ("0s", 0), ("15 m", 900),
    ],
)  # fmt: skip
def test_a_duration(text: str, seconds: float) -> None:
    assert timedelta(seconds=seconds) == read_duration(text, "--max-duration")


@pytest.mark.parametrize("text", ["", " ", "90", "m", "-5m", "5 minutes", "1h30", "15m!", "1,5h", "half", "5w", ".h"])
def test_what_is_no_duration_is_refused_with_its_option_and_how_to_write_it(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        read_duration(text, "--settle-after")
    assert f"--settle-after {text!r} is not a duration." == refusal.value.what
    assert "Write it as 90s, 15m, 2h or 1h30m." == refusal.value.remedy


@pytest.mark.parametrize(
    ("text", "per_second"),
    [("auto", None), ("2/s", 2), ("100/min", 100 / 60), ("500/h", 500 / 3600), (" 0.5/S ", 0.5), ("100/MIN", 100 / 60)],
)
def test_a_rate(text: str, per_second: float | None) -> None:
    assert per_second == read_rate(text)


@pytest.mark.parametrize(
    "text", ["", "2", "2/", "/s", "0/s", "0.0/min", "-1/s", "2/d", "2/minute", "fast", "inf/s", "1e3/s"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        read_rate(text)
    assert f"--rate {text!r} is not a rate." == refusal.value.what
    assert "Write auto, or a rate such as 2/s, 100/min or 500/h." == refusal.value.remedy


@pytest.mark.parametrize(
    "url",
    [
        "https://app.talkover.ai/api/v1",
        "https://staging.example:8443/v1",
        "http://127.0.0.1:8321",
        "http://localhost:8321/api",
        "http://[::1]:8321",
    ],
)
def test_an_address_is_taken_without_its_last_slash(url: str) -> None:
    assert url == read_base_url(url) == read_base_url(f"{url}/")


@pytest.mark.parametrize(
    ("url", "says", "remedy"),
    [
        ("http://api.example", "unencrypted", "--allow-insecure"),
        ("http://127.0.0.1.example/v1", "unencrypted", "https://"),
        ("http://192.168.1.7:8321", "unencrypted", "https://"),
        ("api.example/v1", "is not a web address", BASE_URL),
        ("ftp://api.example", "is not a web address", BASE_URL),
        ("https://", "is not a web address", BASE_URL),
        ("https://api.example:port", "is not a web address", BASE_URL),
        ("https://[::1", "is not a web address", BASE_URL),
        ("https://me@api.example", "characters that it must not have", BASE_URL),
        ("https://api.example?x=1", "characters that it must not have", BASE_URL),
        ("https://api.example\\@evil.example", "characters that it must not have", BASE_URL),
        ("https://api.example/#", "characters that it must not have", BASE_URL),
        ("https://аpi.example", "characters that it must not have", BASE_URL),  # noqa: RUF001  (its first letter is Cyrillic)
        ("https://api.example/\x1b[2J", "characters that it must not have", BASE_URL),
        ("https://api example", "characters that it must not have", BASE_URL),
    ],
)
def test_an_address_that_the_token_should_not_go_to_is_refused(url: str, says: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=says) as refusal:
        read_base_url(url)
    assert remedy in refusal.value.remedy


def test_an_option_beats_the_environment_which_beats_what_is_built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert BASE_URL == read_base_url(None)
    monkeypatch.setenv("TALKOVER_BASE_URL", "https://environment.example/")
    assert "https://environment.example" == read_base_url(None)
    assert "https://option.example" == read_base_url("https://option.example")


def test_in_a_network_of_ones_own_the_clear_can_be_asked_for() -> None:
    assert "http://api.internal" == read_base_url("http://api.internal", allow_insecure=True)


@pytest.mark.parametrize(("text", "region"), [("US", "US"), ("gb", "GB"), ("De", "DE")])
def test_a_region(text: str, region: str) -> None:
    assert region == read_region(text)


@pytest.mark.parametrize("text", ["", "USA", "UK", "Germany", "49", "U S", "001"])
def test_what_is_no_region_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        read_region(text)
    assert f"--region {text!r} is not a country." == refusal.value.what
    assert "US, GB or DE" in refusal.value.remedy
    assert ("Write GB for the United Kingdom." in refusal.value.remedy) == (text == "UK")


@pytest.mark.parametrize(
    "text", ["utf-8", "windows-1252", "mac-roman", "iso-8859-15", "windows-1250", "utf-16", "shift-jis"]
)
def test_every_encoding_that_the_remedy_names_is_one(text: str) -> None:
    assert text == read_encoding(text)


@pytest.mark.parametrize("text", ["", "utf-9", "rot13", "base64", "hex", "zip", "utf-8\0", "Excel"])
def test_what_is_no_encoding_of_text_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        read_encoding(text)
    assert f"--encoding {text!r} is not a known encoding." == refusal.value.what
    assert "windows-1252" in refusal.value.remedy


def _schema(text: str) -> Schema:
    return parse_schema(tomllib.loads(text), "s.toml", text)


@pytest.mark.parametrize(
    ("agent", "campaign", "written", "target"),
    [
        (None, None, "", None),
        ("agent_1", None, "", Target(Via.AGENT, "agent_1")),
        (None, "camp_1", "", Target(Via.CAMPAIGN, "camp_1")),
        (None, None, 'agent_id = "agent_2"', Target(Via.AGENT, "agent_2")),
        ("agent_1", None, 'agent_id = "agent_2"', Target(Via.AGENT, "agent_1")),
        ("agent_1", None, 'campaign_id = "camp_2"', Target(Via.AGENT, "agent_1")),
        (None, "camp_1", 'agent_id = "agent_2"', Target(Via.CAMPAIGN, "camp_1")),
    ],
)
def test_an_option_says_whom_the_calls_go_through_and_else_the_schema_file(
    agent: str | None, campaign: str | None, written: str, target: Target | None
) -> None:
    schema = _schema(f'{written}\n[to]\ncolumn = "Phone"\n') if written else None
    assert target == read_target(agent, campaign, schema)


@pytest.mark.parametrize(
    ("agent", "campaign", "says"),
    [
        ("agent_1", "camp_1", "--agent and --campaign are both given"),
        ("../calls", None, "The agent ID '../calls' is not valid"),
        (None, "camp 1", "The campaign ID 'camp 1' is not valid"),
    ],
)
def test_what_is_no_target_is_refused(agent: str | None, campaign: str | None, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_target(agent, campaign, None)


_NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
"""Half past eleven at night in UTC is the next morning in Tokyo."""


def _results_path(template: str | None, sheet: Path) -> Path:
    options = OutputOptions(results=template, keep_column=(), yes=True, quiet=False, verbose=False, log_format="text")
    return options.results_path(sheet, _NOW)


@pytest.fixture(name="tokyo")
def _tokyo() -> Iterator[None]:
    with machine_in("Asia/Tokyo"):
        yield


@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize(
    ("template", "name"),
    [
        (None, "people.results.csv"),
        ("out.csv", "out.csv"),
        ("{sheet}-{date:%Y-%m-%d}.csv", "people-2026-11-23.csv"),
        ("{date:%H%M}.csv", "0830.csv"),
    ],
)
def test_the_results_file_is_named_by_the_sheet_and_by_the_date_where_the_person_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str | None, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert name == _results_path(template, Path("people.csv.gz")).name


@pytest.mark.parametrize("template", ["{row}.csv", "{0}.csv", "{}.csv", "{sheet.csv", "{sheet.x}.csv", "{date!x}.csv"])
def test_what_cannot_be_filled_in_is_refused(template: str) -> None:
    with pytest.raises(UsageError) as refusal:
        _results_path(template, Path("people.csv"))
    assert f"--results {template!r} has something in braces that is not known." == refusal.value.what
    assert "Only {sheet} and {date:%Y-%m-%d} may stand in braces." == refusal.value.remedy


def test_the_sheet_itself_is_never_written_to_under_whatever_name(tmp_path: Path) -> None:
    sheet = tmp_path / "people.csv"
    sheet.write_text("Phone\n")
    (tmp_path / "link.csv").symlink_to(sheet)
    for name in ("people.csv", "link.csv"):
        with pytest.raises(UsageError, match="--results names the sheet itself"):
            _results_path(str(tmp_path / name), sheet)


def test_a_link_is_the_file_that_it_names_with_one_journal_and_one_lock(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    assert tmp_path / "real.csv" == _results_path(str(tmp_path / "link.csv"), Path("people.csv"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--results: the folder .*/gone does not exist"):
        _results_path(str(tmp_path / "gone" / "r.csv"), Path("people.csv"))


@pytest.mark.parametrize(
    ("variable", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":Europe/Paris", "Europe/Paris"),
        ("EST5EDT", "EST5EDT"),
        ("UTC", "UTC"),
        ("JST-9", ""),
        ("CET-1CEST,M3.5.0,M10.5.0/3", ""),
    ],
)
def test_the_zone_is_a_name_that_says_what_the_clock_says(variable: str, zone: str) -> None:
    with machine_in(variable):
        assert zone == local_zone()


@pytest.mark.parametrize(("copied", "zone"), [("Asia/Tokyo", ""), ("Europe/Berlin", ""), ("UTC", "Etc/UTC")])
def test_a_zone_file_without_a_name_is_no_zone_unless_its_time_is_utc(tmp_path: Path, copied: str, zone: str) -> None:
    """As on a machine whose `/etc/localtime` is a copy: the C library reads it, and nothing says which zone it is."""
    (tmp_path / "localtime").write_bytes(resources.files("tzdata").joinpath("zoneinfo", copied).read_bytes())
    with machine_in(f":{tmp_path / 'localtime'}"):
        assert zone == local_zone()
