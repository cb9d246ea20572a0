"""Which of two words on a row is believed, and how many words on a row become the last one.

Its laws: no word takes a call back that does not name it, and a doubt of a call outweighs every word without a call.
"""

from collections.abc import Iterable, Iterator

import polars as pl

from batch_dialer.entry import ENTRY_SCHEMA, Entry, History, Lines
from batch_dialer.ledger.calls import stage
from batch_dialer.words import CALL_EXISTS, CALL_MAY_EXIST, Status


def complete(lines: pl.DataFrame) -> Lines:
    """Return *lines* with every column of `ENTRY_SCHEMA`: an older version or a person's hand may have left some out.

    A line that names a call counts one at least.
    """
    absent = [pl.lit(None, kind).alias(name) for name, kind in ENTRY_SCHEMA.items() if name not in lines.columns]
    full = lines.with_columns(absent).select(list(ENTRY_SCHEMA))
    named = pl.col("status").is_in([status.value for status in CALL_EXISTS]).cast(pl.Int64)
    return Lines(
        full.with_columns(
            pl.col(pl.String).fill_null(""),
            pl.max_horizontal(pl.col("calls").fill_null(0), named).alias("calls"),
            pl.col("testing").fill_null(value=False),
        )
    )


def merge(journal: History, results: History) -> History:
    """Return one history from both files' last words: a call that one of them knows of is a call.

    The journal's word stands unless the results file knows of a call that it does not, of an attempt in doubt that is
    later than all the journal has, or more of how the same call went on.
    """
    ours = journal.select("key", "status", "attempts", "calls", "call_id")
    both = results.join(ours, on="key", how="left", suffix="_known")
    more = pl.col("calls") > pl.col("calls_known")
    doubt = pl.col("status").is_in([status.value for status in CALL_MAY_EXIST])
    doubt_known = pl.col("status_known").is_in([status.value for status in CALL_MAY_EXIST])
    later = pl.col("attempts") > pl.col("attempts_known")
    same_call = (pl.col("call_id") != "") & (pl.col("call_id") == pl.col("call_id_known"))
    further = same_call & (stage(pl.col("status")) > stage(pl.col("status_known")))
    stronger = more | further | ((pl.col("calls") == pl.col("calls_known")) & doubt & ~doubt_known & later)
    overrules = pl.col("status_known").is_null() | stronger
    wins = both.filter(overrules).select(list(ENTRY_SCHEMA))
    return History(pl.concat([journal.join(wins, on="key", how="anti"), wins]))


def without_moved_calls(results: History, journal: History) -> tuple[History, str]:
    """Return *results* without the lines whose call the journal knows under another key, and the first such call's ID.

    What a person sorts or overwrites in the results file may give a row somebody else's call.
    """
    ours = journal.filter(pl.col("call_id") != "").select("call_id", pl.col("key").alias("owner"))
    moved = results.join(ours, on="call_id", how="inner").filter(pl.col("owner") != pl.col("key"))
    if moved.is_empty():
        return results, ""
    return History(results.join(moved, on="key", how="anti")), str(moved["call_id"][0])


def drop_outrun(history: History, results: History) -> History:
    """Return *history* without the rows that a run may have dialed which only *results* tells of.

    The file of a run that was cut short has no line for a row that it was to dial and had not settled. What an older
    journal says of such a row, short of a call or the doubt of one, is out of date.
    """
    kept = reduce_to_calls(history)["key"].implode(), results["key"].implode()
    return History(history.filter(pl.col("key").is_in(kept[0]) | pl.col("key").is_in(kept[1])))


def reduce_to_calls(history: History) -> History:
    """Return the rows of *history* that have a call, or may have one."""
    in_doubt = pl.col("status").is_in([status.value for status in CALL_MAY_EXIST])
    return History(history.filter((pl.col("calls") > 0) | in_doubt))


def reduce_to_last(entries: Lines) -> History:
    """Reduce *entries*, oldest first, to one for each key: the last of those that count the most calls."""
    hashes = entries["key"].hash()  # two keys of one hash are only looked at more closely
    ordered = hashes.sort()  # half the time of `is_duplicated`, and a tenth of the memory
    repeated = hashes.is_in(ordered.filter(ordered == ordered.shift()).implode())
    # Filtered first: to select of a frame in pieces copies all of it.
    rivals = entries.filter(repeated).select("key", "calls", repeated.arg_true().alias("_at"))
    last = rivals.sort("calls", "_at").unique("key", keep="last", maintain_order=True)["_at"]
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
    return complete(pl.DataFrame([entry.facts() for entry in entries], schema=ENTRY_SCHEMA))


def to_entries(lines: pl.DataFrame) -> Iterator[Entry]:
    """Yield each of *lines*, a `History` or `Lines`, as an `Entry`."""
    for row in lines.iter_rows(named=True):
        yield Entry(**(row | {"status": Status(row["status"])}))


def moment_in(name: str) -> pl.Expr:
    """Return the moment that each text of the column *name* stands for; null where it cannot be read."""
    text = pl.col(name).str.replace(r"Z$", "+00:00")
    return text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", time_zone="UTC", strict=False)
