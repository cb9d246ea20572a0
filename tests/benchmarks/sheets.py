"""Sheets of a million rows, read and judged, beside the bare readers; each run in a process of its own."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import people
from measure import MB, Bench, Job, Line, Point, Usage, at_most, check, dialer, fresh, in_turn, peak_line, spent, within

from batch_dialer.schema.file import read_schema

_SIZES = (10_000, 100_000, 1_000_000)


def checked(path: Path) -> Callable[[], float]:
    """Our reading and validation; finds how many rows can be dialed."""
    from batch_dialer.flows.checking import check_sheet  # noqa: PLC0415  (only the process that is measured loads it)
    from batch_dialer.job import Source  # noqa: PLC0415  (as above)

    source = Source(path, None, read_schema(people.schema(path.parent)), "UTC")
    return lambda: check_sheet(source)[1].good


def read(path: Path) -> Callable[[], float]:
    """Our reading alone."""
    from batch_dialer.sheets.reading import read_sheet  # noqa: PLC0415  (as above)

    return lambda: read_sheet(path).cells.height


def polars(path: Path) -> Callable[[], float]:
    import polars as pl  # noqa: PLC0415  (as above)

    return lambda: pl.read_csv(path, infer_schema=False).height


def openpyxl(path: Path) -> Callable[[], float]:
    from openpyxl import load_workbook  # noqa: PLC0415  (as above)

    def rows() -> float:
        worksheet = load_workbook(path, read_only=True).worksheets[0]
        return sum(1 for _ in worksheet.iter_rows(values_only=True)) - 1

    return rows


def measure(bench: Bench) -> Iterator[Line | Point]:
    yield from _csv(bench)
    yield from _workbooks(bench)
    yield from _marked_copy(bench)


def _csv(bench: Bench) -> Iterator[Line | Point]:
    for rows in bench.sizes(_SIZES):
        path = people.csv_sheet(bench.folder, rows)
        ours, alone = _timed(bench.times(5), path, rows, checked, polars)
        yield Point("CSV, read and validated", rows, ours.seconds, ours.peak)
        yield Point("polars read_csv alone", rows, alone.seconds, alone.peak)
        if rows == bench.sizes(_SIZES)[-1]:
            what = f"CSV, {rows:,} rows x 8, read and validated"
            yield at_most(what, spent(ours), ours.seconds / alone.seconds, 5, f"read_csv alone ({spent(alone)})")
            yield peak_line(what, ours, 700 * MB)


def _workbooks(bench: Bench) -> Iterator[Line | Point]:
    """Beside openpyxl, which gives the values alone: no number formats, errors or hidden rows."""
    for rows, limit, most in zip(_SIZES, (1.0, 6.0, None), (None, 200 * MB, 700 * MB), strict=True):
        if rows not in bench.sizes(_SIZES):
            break
        path = people.workbook(bench.folder, rows)
        jobs = (read, openpyxl) if limit else (read,)  # openpyxl takes minutes for a million rows
        ours, *others = _timed(bench.times(3 if limit else 1), path, rows, *jobs)
        yield Point("XLSX, read", rows, ours.seconds, ours.peak)
        what = f"XLSX, {rows:,} rows x 8, read"
        beside = ""
        for alone in others:
            yield Point("openpyxl alone", rows, alone.seconds, alone.peak)
            beside = f"{ours.seconds / alone.seconds:.2g} x openpyxl, read-only ({spent(alone)})"
        yield within(what, ours, limit, beside)
        if most:
            yield peak_line(what, ours, most)


def _marked_copy(bench: Bench) -> Iterator[Line]:
    """The whole command: read, validate, and a copy of all rows with the bad cells marked."""
    rows = bench.size(100_000)
    path = people.workbook(bench.folder, rows)
    words = ("validate", path, "--schema", people.schema(bench.folder), "--report", bench.folder / "marked.xlsx")
    ours = in_turn({"ours": partial(dialer, *words, cwd=bench.folder)}, bench.times(3))["ours"]
    yield within(f"XLSX, {rows:,} rows x 8, validate --report", ours, 15)


def _timed(times: range, path: Path, rows: int, *jobs: Job) -> tuple[Usage, ...]:
    taken = in_turn({job.__name__: partial(fresh, job, path) for job in jobs}, times)
    for name, usage in taken.items():
        check(f"{name}, rows of {path.name}", rows, usage.found)
    return tuple(taken.values())
