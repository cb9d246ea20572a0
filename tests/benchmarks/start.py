"""How long until the prompt is back, where next to nothing is to be done."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from measure import Bench, Line, at_most, command, dialer, in_turn

_ROOT = Path(__file__).parents[2]
_SHEET = ("sample_data/contacts.csv", "--schema", "schemas/appointment_reminder.toml")


def measure(bench: Bench) -> Iterator[Line]:
    taken = in_turn(
        {
            "pass": partial(command, sys.executable, "-c", "pass", cwd=_ROOT),
            "--help": partial(dialer, "--help", cwd=_ROOT),
            "validate of 40 rows": partial(dialer, "validate", *_SHEET, cwd=_ROOT),
        },
        bench.times(15),
    )
    nothing = taken.pop("pass").seconds
    for (what, usage), goal in zip(taken.items(), (3, 30), strict=True):
        beside = f"python -c pass ({nothing * 1000:.0f} ms)"
        yield at_most(what, f"{usage.seconds * 1000:.0f} ms", usage.seconds / nothing, goal, beside)
