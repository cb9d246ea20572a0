"""Which of two words on a row is believed, and how many words on a row become the last one.

Its law: no later word takes a call back, and a doubt of a call outweighs every word but a call.
"""

from collections.abc import Iterable, Iterator

import polars as pl

from batch_dialer.model import ENTRY_SCHEMA, Entry, History, Lines
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Status

_A_CALL, _A_DOUBT, _NEITHER = 2, 1, 0


def _weight(status: pl.Expr) -> pl.Expr:
    exists, may_exist = [s.value for s in CALL_EXISTS], [s.value for s in CALL_MAY_EXIST]
    return pl.when(status.is_in(exists)).then(_A_CALL).when(status.is_in(may_exist)).then(_A_DOUBT).otherwise(_NEITHER)


def merge(journal: History, results: History) -> History:
    """Return one history from both files' last words: a call that one of them knows of is a call.

    The journal's word stands unless the results file knows of a call that it does not, or of an attempt in doubt
    that is later than all the journal has.
    """
    both = results.join(journal.select("key", "status", "attempts"), on="key", how="left", suffix="_known")
    ours, theirs = _weight(pl.col("status_known")), _weight(pl.col("status"))
    later = pl.col("attempts") > pl.col("attempts_known")
    stronger = (theirs > ours) & ((theirs == _A_CALL) | later)
    overrules = pl.col("status_known").is_null() | stronger
    wins = both.filter(overrules).select(list(ENTRY_SCHEMA))
    return History(pl.concat([journal.join(wins, on="key", how="anti"), wins]))


def reduce_to_last(entries: Lines) -> History:
    """Reduce *entries*, oldest first, to one for each key: the last, but no later word takes a call back."""
    hashes = entries["key"].hash()  # two keys of one hash are only looked at more closely
    ordered = hashes.sort()  # half the time of `is_duplicated`, and a tenth of the memory
    repeated = hashes.is_in(ordered.filter(ordered == ordered.shift()).implode())
    # Filtered first: to select of a frame in pieces copies all of it.
    rivals = entries.filter(repeated).select("key", "status", repeated.arg_true().alias("_at"))
    ranked = rivals.sort(_weight(pl.col("status")) == _A_CALL, "_at")
    last = ranked.unique("key", keep="last", maintain_order=True)["_at"]
    return History(entries.filter(~repeated | pl.int_range(pl.len(), dtype=pl.get_index_type()).is_in(last.implode())))


def append_entries(history: History, entries: Lines) -> History:
    """Return the last words of *history* and of the later *entries*, which may be few."""
    if entries.is_empty():
        return history  # as it is: a copy of a million rows is felt
    again = history["key"].is_in(entries["key"].implode())
    latest = reduce_to_last(Lines(pl.concat([history.filter(again), entries])))
    return History(pl.concat([history.filter(~again), latest]))


def to_lines(entries: Iterable[Entry]) -> Lines:
    """Return *entries* as lines, in their order."""
    return Lines(pl.DataFrame([entry.facts() for entry in entries], schema=ENTRY_SCHEMA))


def to_entries(lines: pl.DataFrame) -> Iterator[Entry]:
    """Yield each of *lines*, a `History` or `Lines`, as an `Entry`."""
    for row in lines.iter_rows(named=True):
        yield Entry(**(row | {"status": Status(row["status"])}))
