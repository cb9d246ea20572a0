"""When an attempt was made by our clock, and when its call may have been created by the API's."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from batch_dialer.entry import Entry
from batch_dialer.model import ListedCall

BEFORE = timedelta(seconds=60)
AFTER = timedelta(seconds=90 + 600)  # the request's own deadline, and a server that creates the call late


def sent_at(entry: Entry) -> datetime:
    """Return when the attempt began, as an aware moment."""
    return datetime.fromisoformat(entry.sent_at)


def clock_samples(placed: Iterable[Entry]) -> list[tuple[datetime, timedelta]]:
    """Return when each call was sent by our clock, and how far the server's clock was ahead of ours then."""
    samples = []
    for entry in placed:
        created = _moment(entry.created_at)
        if created and entry.sent_at:
            samples.append((sent_at(entry), created - sent_at(entry)))
    return samples


def in_window(entry: Entry, call: ListedCall, least: timedelta, most: timedelta) -> bool:
    """Return whether *call* was created when the attempt may have been; the API's clock was *least* to *most* ahead."""
    if call.created_at is None:
        return False
    began, reach = sent_at(entry), AFTER + timedelta(seconds=entry.delay_seconds)
    return began + least - BEFORE <= call.created_at <= began + most + reach


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
