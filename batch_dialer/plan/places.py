"""Where the phones of many rows are: rows that are alike in all that tells it are looked at once. Pure."""

from dataclasses import dataclass

import polars as pl

from batch_dialer.contacts.zones import TELLING, counts_whole, zones_of

_ALIKE = ("place", "zone")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the phones of rows are. *facts*: `row`, `delay`, and `zones`, the place in *zones* of those of the row.

    `delay` is in seconds. Of several zones, the first is that of the number's own area; there is none where it is not
    known.
    """

    facts: pl.DataFrame
    zones: tuple[tuple[str, ...], ...]


def find_places(rows: pl.DataFrame, zone: str = "") -> Places:
    """Return where the phones of *rows* may be: where the sheet says, in *zone* if that is given, or by the number."""
    facts = _with_places(rows)
    alike = facts.group_by(_ALIKE).agg(pl.col("to").first())
    found: dict[tuple[str, ...], int] = {}
    numbers = []
    for number, own in alike.select("to", "zone").iter_rows():
        told = own or zone
        numbers.append(found.setdefault((told,) if told else zones_of(number), len(found)))
    known = alike.with_columns(pl.Series("zones", numbers, pl.UInt32)).drop("to")
    joined = facts.join(known, on=_ALIKE, how="inner", maintain_order="left")
    return Places(joined.select("row", "delay", "zones"), tuple(found))


def _with_places(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `row`, `to` and `delay` of *rows* with what tells where their phones are.

    `zone`: the one that the sheet names, or empty; `place`: as much of the number as tells a zone.
    """
    zone = pl.col("calling_hours") if "calling_hours" in rows.columns else pl.lit(None, pl.String)
    delay = pl.col("delay_seconds") if "delay_seconds" in rows.columns else pl.lit(0)
    facts = rows.select("row", "to", zone.fill_null("").alias("zone"), delay.fill_null(0).alias("delay"))
    start = pl.col("to").str.head(TELLING)
    long = [begin for begin in facts["to"].str.head(TELLING).unique() if counts_whole(begin)]
    return facts.with_columns(pl.when(start.is_in(long)).then("to").otherwise(start).alias("place"))
