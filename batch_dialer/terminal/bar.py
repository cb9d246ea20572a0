"""The line of a terminal that changes while calls are placed or waited for. Where nobody sees it, there is none."""

import contextlib
import sys
from typing import Any

from tqdm import tqdm


class Bar:
    """The bar of a run. *wanted*: whether to show it where standard error is a terminal.

    Each method tells whether there is a bar that shows it; a terminal that is gone stops no run.
    """

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted
        self._bar: tqdm[Any] | None = None

    def begin(self, calls: int) -> None:
        """Begin to count so many *calls*."""
        if self._is_seen():
            form = "{percentage:3.0f}% {bar} {n_fmt}/{total_fmt}{postfix} [{rate_fmt}, {remaining} left]"
            self._bar = tqdm(total=calls, unit=" calls", bar_format=form, dynamic_ncols=True, file=sys.stderr)

    def advance(self, so_far: str) -> bool:
        """Count a call; *so_far* says what became of them."""
        if self._bar is None:
            return False
        with contextlib.suppress(OSError):
            self._bar.set_postfix_str(so_far, refresh=False)
            self._bar.update()
        return True

    def say(self, sentence: str) -> bool:
        """Show *sentence* in place of the one before."""
        if not self._is_seen():
            return False
        if self._bar is None:
            self._bar = tqdm(bar_format="{desc}", dynamic_ncols=True, file=sys.stderr, leave=False)
        with contextlib.suppress(OSError):
            self._bar.set_description_str(sentence)
        return True

    def write(self, lines: str) -> bool:
        """Print *lines* above the bar."""
        if self._bar is None:
            return False
        with contextlib.suppress(OSError):
            self._bar.write(lines, file=sys.stderr)
        return True

    def end(self) -> None:
        """End it; what was counted stays on the screen."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _is_seen(self) -> bool:
        return self._wanted and sys.stderr.isatty()
