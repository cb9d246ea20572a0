"""Moments as people write them in an option: a time of today, or a date and a time, by this clock or another."""

from datetime import datetime, time

from batch_dialer.errors import UsageError


def read_moment(text: str, option: str) -> time | datetime:
    """Return the moment that `17:30` or `2026-12-01T09:00+01:00` names; raise `UsageError` where it names none."""
    for read in (time.fromisoformat, datetime.fromisoformat):
        try:
            named = read(text.strip().upper())
        except ValueError:
            continue
        if ":" in text and not (isinstance(named, time) and named.tzinfo):
            return named
    remedy = "Write it as in 17:30 for today, 2026-12-01T09:00, or with a zone's offset: 2026-12-01T09:00+01:00."
    raise UsageError(f"{option} {text!r} is not a moment.", remedy)


def moment_of(named: time | datetime | None, now: datetime, option: str) -> datetime | None:
    """Return the moment that is *named*, from *now* on; raise `UsageError` where it has passed.

    Without an offset it is by the clock of this machine.
    """
    if named is None:
        return None
    local = now.astimezone()
    whole = datetime.combine(local.date(), named) if isinstance(named, time) else named
    at = whole.astimezone()
    if at <= now:
        shown = f"{at:%H:%M} of today" if isinstance(named, time) else f"{at:%Y-%m-%d %H:%M}"
        remedy = f"Name the day, too, as in {option} {at:%Y-%m-%d}T{at:%H:%M} for another one, or leave it out."
        raise UsageError(f"{option}: {shown} has passed: it is {local:%Y-%m-%d %H:%M} here.", remedy)
    return at
