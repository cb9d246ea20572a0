"""Options, environment and schema file become settings: an option beats the environment, which beats the file."""

import codecs
import ipaddress
import os
import re
import time
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import tzlocal
from phonenumbers import SUPPORTED_REGIONS

from batch_dialer.errors import UsageError
from batch_dialer.model import Target, Via
from batch_dialer.schema.countries import suggest_country
from batch_dialer.schema.schema import ID_FORM, Schema

BASE_URL = "https://app.talkover.ai/api/v1"
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_A_YEAR = timedelta(days=366)
_A_MONTH = 30.5 * 86400
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_RATE = re.compile(r"(\d+(?:\.\d+)?)/(s|min|h)")
_RATE_UNITS = {"s": 1, "min": 60, "h": 3600}


def read_target(agent: str | None, campaign: str | None, schema: Schema | None) -> Target | None:
    """Return whom the calls go through, or None where nothing says it; raise `UsageError` for a malformed ID."""
    if agent and campaign:
        raise UsageError("--agent and --campaign are both given.", "Give only one of them.")
    options = (agent, campaign) if agent or campaign else ()
    agent, campaign = options or ((schema.agent_id, schema.campaign_id) if schema else (None, None))
    if agent and campaign:
        raise UsageError(
            "The schema file names both an agent and a campaign.", "Delete one of them, or give --agent or --campaign."
        )
    target = Target(Via.CAMPAIGN, campaign) if campaign else Target(Via.AGENT, agent) if agent else None
    if target and not re.fullmatch(ID_FORM, target.id):
        raise UsageError(
            f"The {target.via.value} ID {target.id!r} is not valid.",
            "Copy it again: an ID has only letters, digits, _ and -, at most 64.",
        )
    return target


def read_base_url(option: str | None, *, allow_insecure: bool = False) -> str:
    """Return the API's address; raise `UsageError` for one that the token should not be sent to."""
    url = (option or os.environ.get("TALKOVER_BASE_URL") or BASE_URL).rstrip("/")
    remedy = f"In --base-url or TALKOVER_BASE_URL, write it as in {BASE_URL}."
    if not url.isascii() or not url.isprintable() or any(char in url for char in " \\?#@"):
        raise UsageError(
            "The address of the API has characters that it must not have, such as spaces, ?, # or @.", remedy
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in {"https", "http"} or not host:
        raise UsageError(f"{url!r} is not a web address.", remedy)
    if parts.scheme == "http" and not _is_loopback(host) and not allow_insecure:
        remedy = "Begin the address with https://, or give --allow-insecure if the network is your own."
        raise UsageError(f"{url} would receive the token and the numbers unencrypted.", remedy)
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_duration(text: str, option: str) -> timedelta:
    """Read `90s`, `15m`, `2h`, `1h30m`; raise `UsageError`."""
    compact = text.strip().lower()
    parts = _DURATION.findall(compact)
    if not parts or _DURATION.sub("", compact).strip():
        raise UsageError(f"{option} {text!r} is not a duration.", "Write it as 90s, 15m, 2h or 1h30m.")
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


def read_duration_or_zero(text: str, option: str) -> timedelta:
    """Read a duration of a year at most, or `0`; raise `UsageError`."""
    duration = timedelta() if text.strip() == "0" else read_duration(text, option)
    if duration > _A_YEAR:
        raise UsageError(f"{option} {text!r} is more than a year.", "Write it as 90m, 12h or 7d; 0 turns it off.")
    return duration


def read_rate(text: str) -> float | None:
    """Read `2/s`, `100/min`, `500/h` as requests a second, `auto` as None; raise `UsageError`."""
    if text == "auto":
        return None
    match = _RATE.fullmatch(text.strip().lower())
    if not match or float(match[1]) <= 0:
        raise UsageError(f"--rate {text!r} is not a rate.", "Write auto, or a rate such as 2/s, 100/min or 500/h.")
    return float(match[1]) / _RATE_UNITS[match[2]]


def read_encoding(text: str) -> str:
    """Return *text* if it names an encoding of text; raise `UsageError`."""
    try:
        known = codecs.lookup(text)
        is_text = isinstance("a".encode(known.name), bytes)  # rot13, base64 and the like are no text
    except (LookupError, ValueError):
        is_text = False
    if not is_text:
        remedy = "Write the name of an encoding, such as utf-8, windows-1252, mac-roman, iso-8859-15, windows-1250,"
        " utf-16 or shift-jis."
        raise UsageError(f"--encoding {text!r} is not a known encoding.", remedy)
    return text


def read_region(text: str) -> str:
    """Return the two letters of a country in capitals; raise `UsageError`."""
    if text.upper() not in SUPPORTED_REGIONS:
        remedy = f"{suggest_country(text)} Write a country as two letters, such as US, GB or DE."
        raise UsageError(f"--region {text!r} is not a country.", remedy)
    return text.upper()


def local_zone() -> str:
    """Return the IANA name of this machine's time zone; empty where none can be told.

    A `TZ` that is no such name (`JST-9`), and a zone file without one, leave only what the C library makes of them:
    that must be what the name says.
    """
    named = os.environ.get("TZ", "").removeprefix(":")
    if _find_zone(named):
        return named
    found = tzlocal.get_localzone_name() or "Etc/UTC"
    zone = _find_zone(found)
    now = time.time()
    months = [now + month * _A_MONTH for month in range(12)]
    agree = zone and all(
        datetime.fromtimestamp(at, zone).utcoffset() == timedelta(seconds=time.localtime(at).tm_gmtoff) for at in months
    )
    return found if agree else ""


def _find_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (LookupError, ValueError, OSError):
        return None
