"""What became of the calls that a ledger knows, as far as the API's list tells: under way, or ended, and how. Pure.

Its law: what is known of a call never goes back. A call that has ended has ended, whatever a list says later. A call
with the ID of ours and the number of somebody else tells nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import polars as pl

from batch_dialer.entry import Entry, History
from batch_dialer.ledger.listed_numbers import NumberIndex, Sameness, same_number
from batch_dialer.model import ListedCall, Reading
from batch_dialer.words import CALL_EXISTS, ENDED, UNDER_WAY, Status

_CLOCKS_DIFFER = timedelta(minutes=10)
"""By how much a campaign's call may be listed as created before we asked for it."""
_SEPARATOR = "; "
_STATUSES = {status.value: status for status in CALL_EXISTS}
_STAGES = {Status.QUEUED: 1, Status.SCHEDULED: 1, Status.INITIATED: 2, Status.RINGING: 3, Status.ANSWERED: 4} | (
    dict.fromkeys(ENDED, 5)
)
"""How far a call with each status has come."""


def stage(status: pl.Expr) -> pl.Expr:
    """Return how far a call with each *status* has come; 0 where no call exists."""
    return status.replace_strict({known.value: at for known, at in _STAGES.items()}, default=0, return_dtype=pl.Int64)


def find_under_way(history: History) -> History:
    """Return the rows of *history* with a call of which it is not known how it ended, the last one or one before it."""
    words = [status.value for status in UNDER_WAY]
    last = pl.col("status").is_in(words) & (pl.col("call_id") != "")
    return History(history.filter(last | pl.col("earlier_calls").str.contains(rf" (?:{'|'.join(words)})(?:;|$)")))


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """A call before the last one of its row. *status* is the API's word, as it was known last."""

    id: str
    status: str


def read_earlier(text: str) -> tuple[EarlierCall, ...]:
    """Return the calls in *text*, the cell of `earlier_calls`: `ID status` joined by `; `, oldest first."""
    parts = (each.strip().rpartition(" ") for each in text.split(_SEPARATOR.strip()) if each.strip())
    return tuple(EarlierCall(before or word, word if before else "") for before, _, word in parts)


def all_calls(status: str = "status") -> pl.Expr:
    """Return every call of a row as `earlier_calls` has them: those in it, and then the one in `call_id`."""
    last = pl.when(pl.col("call_id") != "").then(pl.format("{} {}", "call_id", status))
    earlier = pl.when(pl.col("earlier_calls") != "").then("earlier_calls")
    return pl.concat_str(earlier, last, separator=_SEPARATOR, ignore_nulls=True).fill_null("")


def known_calls(history: History) -> pl.DataFrame:
    """Return every call that *history* knows, the last one of each row and those before it: `call_id` and `key`."""
    last = history.filter(pl.col("call_id") != "").select("call_id", "key")
    several = history.filter(pl.col("earlier_calls") != "").select("earlier_calls", "key")
    earlier = several.select(pl.col("earlier_calls").str.split(_SEPARATOR), "key").explode("earlier_calls")
    ids = pl.col("earlier_calls").str.replace(r" \S*$", "").alias("call_id")
    return pl.concat([last, earlier.select(ids, "key").filter(pl.col("call_id") != "")])


def call_ids(entry: Entry) -> Iterator[str]:
    """Yield the IDs of the calls of the row *entry* of which it is not known how they ended."""
    if entry.call_id and entry.status in UNDER_WAY:
        yield entry.call_id
    yield from (call.id for call in read_earlier(entry.earlier_calls) if _STATUSES.get(call.status) not in ENDED)


def follow_calls(entries: Sequence[Entry], reading: Reading, *, by_number: bool = False) -> list[Entry]:
    """Return new entries for those of *entries* of whose calls *reading* tells more than is known.

    *by_number*: a campaign's calls may have other IDs in its agent's list, so that one whose ID is not there is the
    latest call to its number since, if that is no other row's.
    """
    listed = {call.id: call for call in reading.calls if call.outbound}
    if by_number:
        listed |= _find_by_number([entry for entry in entries if entry.call_id not in listed], entries, reading)
    known = (entry for entry in entries if any(call_id in listed for call_id in call_ids(entry)))
    return [followed for entry in known if (followed := _follow(entry, listed, reading)) != entry]


def _follow(entry: Entry, listed: Mapping[str, ListedCall], reading: Reading) -> Entry:
    earlier = [_follow_earlier(call, listed) for call in read_earlier(entry.earlier_calls)]
    entry = replace(entry, earlier_calls=_SEPARATOR.join(f"{call.id} {call.status}".strip() for call in earlier))
    call = listed.get(entry.call_id)
    if call is None or entry.status not in UNDER_WAY or same_number(call.to, entry.to) is Sameness.OTHER:
        return entry
    return gone_on(entry, _later(entry.status, call.status), call, reading.at + reading.clock_ahead)


def gone_on(entry: Entry, status: Status, call: ListedCall, seen: datetime | None) -> Entry:
    """Return *entry* with its call in *status*, and how long it was and when it ended, if it has: as *call* says.

    Where that does not say when it ended, it had by the time at which it was *seen* so, by the API's clock.
    """
    if status not in ENDED:
        return replace(entry, status=status)
    ended = call.updated_at or seen
    when = ended.astimezone(UTC).isoformat(timespec="seconds") if ended else ""
    return replace(entry, status=status, duration_seconds=call.duration, updated_at=when)


def _follow_earlier(earlier: EarlierCall, listed: Mapping[str, ListedCall]) -> EarlierCall:
    """An earlier call may have been to another number, as the row's may have changed since: its ID alone counts."""
    call, known = listed.get(earlier.id), _STATUSES.get(earlier.status, Status.INITIATED)
    return replace(earlier, status=_later(known, call.status).value) if call and known not in ENDED else earlier


def _later(known: Status, told: str) -> Status:
    """Return the later of two statuses of one call; a word that is not documented says nothing."""
    status = _STATUSES.get(told, known)
    return status if _STAGES[status] > _STAGES[known] else known


def _find_by_number(missing: Sequence[Entry], entries: Iterable[Entry], reading: Reading) -> dict[str, ListedCall]:
    """Return for the IDs of *missing* calls the latest listed call to each number that only one row has."""
    owners = defaultdict(list)
    for entry in missing:
        owners[entry.to].append(entry)
    single = {to: rows[0] for to, rows in owners.items() if len(rows) == 1 and rows[0].call_id and rows[0].sent_at}
    ours = {call_id for entry in entries for call_id in call_ids(entry)}
    index, found = NumberIndex(single), dict[str, ListedCall]()
    for call in reading.calls:
        if not call.outbound or call.id in ours or call.created_at is None:
            continue
        for number, sameness in (index.compare(call.to) or {}).items():
            entry = single[number]
            began = datetime.fromisoformat(entry.sent_at) + reading.clock_ahead - _CLOCKS_DIFFER
            latest = found.get(entry.call_id)
            if sameness is Sameness.SAME and call.created_at >= began and not _is_later(latest, call.created_at):
                found[entry.call_id] = call
    return found


def _is_later(call: ListedCall | None, moment: datetime) -> bool:
    return call is not None and call.created_at is not None and call.created_at > moment
