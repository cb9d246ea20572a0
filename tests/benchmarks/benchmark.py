"""How fast it is, beside what else, on this machine (about a quarter of an hour).

    python tests/benchmarks/benchmark.py

Prints a table, and writes it with a picture and all figures into a folder. Nothing fails for being slow; what got wrong
results is said to be so, and the exit status is then 1.
"""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "support"))  # pytest does it by pyproject.toml

import click
import command
import dispatch
import growth
import pace
import paced
import resume
import sheets
import start
from measure import Bench, Line, Point, Wrong
from tabulate import tabulate

STAGES = {
    "pace": pace.measure,
    "paced": paced.measure,
    "dispatch": dispatch.measure,
    "command": command.measure,
    "sheets": sheets.measure,
    "start": start.measure,
    "resume": resume.measure,
    "growth": growth.measure,
}
HEADERS = ("stage", "what", "measured", "beside", "goal", "reached")
_WIDTHS = (None, 30, 22, 32, 8, None)


@click.command()
@click.argument("stages", nargs=-1, type=click.Choice(list(STAGES)))
@click.option("--quick", is_flag=True, help="Only see that it works: small, each run once; the figures mean little.")
@click.option("--long", is_flag=True, help="Real minutes where time is simulated otherwise.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="build/benchmarks", show_default=True)
def main(stages: Sequence[str], out: Path, *, quick: bool, long: bool) -> None:
    """Measure all STAGES, or those that are named."""
    machine = _machine()
    rows: list[tuple[str, Line]] = []
    points: list[Point] = []
    wrong = False
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), quick=quick, long=long)
        for stage in stages or STAGES:
            try:
                for taken in STAGES[stage](bench):
                    if isinstance(taken, Point):
                        points.append(taken)
                        continue
                    rows.append((stage, taken))
                    click.echo(f"{stage}: {taken.what}: {taken.measured}", err=True)
            except Wrong as error:
                wrong = True
                rows.append((stage, Line(f"WRONG RESULTS: {error}", "", reached=False)))
    _show(machine, rows)
    _write(out, machine, rows, points)
    sys.exit(wrong)


def _machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.release()}"
        f" ({platform.machine()}), load {load:.1f} when it began."
    )


def _cells(stage: str, line: Line) -> tuple[str, ...]:
    reached = {True: "yes", False: "no", None: ""}[line.reached]
    return stage, line.what, line.measured, line.ratio, line.goal, reached


def _show(machine: str, rows: Sequence[tuple[str, Line]]) -> None:
    table = [_cells(*row) for row in rows]
    click.echo(f"\n{machine}\n")
    click.echo(tabulate(table, HEADERS, "simple", disable_numparse=True, maxcolwidths=list(_WIDTHS)))


def _write(out: Path, machine: str, rows: Sequence[tuple[str, Line]], points: Sequence[Point]) -> None:
    """Write the table as tests/README.md takes it, all figures, and the picture if there is anything to draw."""
    out.mkdir(parents=True, exist_ok=True)
    table = [HEADERS, ("---",) * len(HEADERS), *(_cells(*row) for row in rows)]
    markdown = "\n".join(f"| {' | '.join(cells)} |" for cells in table)
    (out / "table.md").write_text(f"{machine}\n\n{markdown}\n", encoding="utf-8")
    figures = {
        "machine": machine,
        "lines": [{"stage": stage} | asdict(line) for stage, line in rows],
        "points": [asdict(point) for point in points],
    }
    (out / "figures.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False), encoding="utf-8")
    if points:
        from picture import draw  # noqa: PLC0415  (it is large: see measure.py)

        draw(points, out / "growth.png")
    click.echo(f"\n{out}: {', '.join(sorted(path.name for path in out.iterdir()))}")


if __name__ == "__main__":
    main()
