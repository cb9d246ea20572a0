"""A million results, all placed but one row: our command, beside polars reading the results file alone."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import people
from dialed import again, ours
from measure import MB, Bench, Line, Usage, at_most, check, fresh, in_turn
from server import Server, serving

from batch_dialer.words import Exit

_ROWS = 1_000_000


def measure(bench: Bench) -> Iterator[Line]:
    rows = bench.size(_ROWS)
    sheet = people.csv_sheet(bench.folder, rows)
    results = sheet.with_suffix(".results.csv")
    with serving(0) as server:
        _place_all_but_one(sheet, results, server)
        taken = in_turn(
            {"ours": partial(_last_row, sheet, results, server), "polars": partial(fresh, lines, results)},
            bench.times(3),
        )
    mine, alone = taken["ours"], taken["polars"]
    check(f"lines of {results.name}", rows, alone.found)
    what = f"{rows:,} results, one row left"
    yield at_most(
        what, f"{mine.seconds:.1f} s", mine.seconds / alone.seconds, 4, f"reading them ({alone.seconds:.2f} s)"
    )
    yield Line(f"{what}, peak of memory", f"{mine.peak / MB:,.0f} MB")


def lines(path: Path) -> Callable[[], float]:
    """Polars reading the results file, all as text."""
    import polars as pl  # noqa: PLC0415  (only the process that is measured loads it)

    return lambda: pl.read_csv(path, infer_schema=False).height


def placed(path: Path) -> Callable[[], float]:
    """Write into the results file that all have their call but for the last two rows."""
    import polars as pl  # noqa: PLC0415  (as above)

    def write() -> float:
        known = pl.read_csv(path, infer_schema=False)
        index = pl.int_range(pl.len())
        facts = {
            "status": pl.lit("initiated"), "call_id": pl.format("call_{}", index), "error_message": pl.lit(""),
            "http_status": pl.lit("200"), "attempts": pl.lit("1"), "agent_id": pl.lit("agent_1"),
            "sent_at": pl.lit("2026-12-01T09:30:00.000+00:00"), "created_at": pl.lit("2026-12-01T09:30:00Z"),
        }  # fmt: skip
        called = (index > 0) & (index < pl.len() - 2)  # the first one was placed indeed
        known.with_columns(
            pl.when(called).then(fact).otherwise(name).alias(name) for name, fact in facts.items()
        ).write_csv(path)
        return known.height

    return write


def _place_all_but_one(sheet: Path, results: Path, server: Server) -> None:
    """A million calls take half an hour: one is placed, the rest is written down, and our command takes it over."""
    ours(sheet, 1, server, "--limit", 1, expect=Exit.ROWS_LEFT)
    fresh(placed, results)
    again(sheet, 1, server, "--limit", 1, expect=Exit.ROWS_LEFT)
    for file in _files(results):
        shutil.copy(file, file.with_name(f"{file.name}.before"))


def _files(results: Path) -> tuple[Path, Path]:
    return results, results.with_name(f"{results.name}.journal")


def _last_row(sheet: Path, results: Path, server: Server) -> Usage:
    for file in _files(results):
        shutil.copy(file.with_name(f"{file.name}.before"), file)
    return again(sheet, 1, server)
