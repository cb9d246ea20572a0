"""How time and memory grow with the rows: one figure, ours drawn through, what it is beside dashed."""

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from measure import MB, Point

_STYLES = {
    "CSV, read and validated": ("#2166ac", "-"),
    "polars read_csv alone": ("#2166ac", ":"),
    "XLSX, read": ("#b2590a", "-"),
    "openpyxl alone": ("#b2590a", ":"),
    "CSV, every row dialed": ("#1b7837", "-"),
}


def draw(points: Sequence[Point], path: Path) -> None:
    """Draw *points* into the PNG file *path*."""
    with plt.rc_context({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False}):
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), sharex=True, layout="constrained")
        _panel(left, "Seconds", points, lambda point: point.seconds)
        _panel(right, "Peak of memory, MB", points, lambda point: point.peak / MB)
        handles, names = left.get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
        figure.savefig(path, dpi=110)
        plt.close(figure)


def _panel(axes: Axes, title: str, points: Sequence[Point], height: Callable[[Point], float]) -> None:
    for series, (color, dashes) in _STYLES.items():
        line = sorted((point.rows, height(point)) for point in points if point.series == series)
        if line:
            axes.plot(*zip(*line, strict=True), dashes, color=color, marker="o", markersize=4, label=series)
    axes.set(xscale="log", yscale="log", xlabel="rows", title=title)
    plain = FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    axes.xaxis.set_major_formatter(plain)
    axes.yaxis.set_major_formatter(plain)
    axes.grid(color="#dddddd", linewidth=0.6)
