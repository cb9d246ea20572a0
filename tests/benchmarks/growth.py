"""What dialing costs the more rows are dialed: the time is in the picture, the memory is to stay what reading took."""

from collections.abc import Iterator
from pathlib import Path

import people
from dialed import ours
from measure import MB, Bench, Line, Point, Usage, at_most
from server import Server, serving

from batch_dialer.words import Exit

_SIZES = (1_000, 10_000, 100_000)


def measure(bench: Bench) -> Iterator[Line | Point]:
    sizes = bench.sizes(_SIZES)
    with serving(0) as server:
        for rows in sizes:
            usage = ours(people.csv_sheet(bench.folder, rows), rows, server)
            yield Point("CSV, every row dialed", rows, usage.seconds, usage.peak)
            if rows == sizes[-1]:
                yield _flat(people.csv_sheet(bench.folder, rows), rows, usage, server)


def _flat(sheet: Path, rows: int, usage: Usage, server: Server) -> Line:
    one = ours(sheet, 1, server, "--limit", 1, expect=Exit.ROWS_LEFT)
    what = f"peak of memory, all of {rows:,} rows dialed"
    beside = f"one of them dialed ({one.peak / MB:,.0f} MB)"
    return at_most(what, f"{usage.peak / MB:,.0f} MB", usage.peak / one.peak, 1.1, beside)
