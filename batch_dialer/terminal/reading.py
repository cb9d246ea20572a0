"""How far the reading of a large workbook is: a bar on a terminal, and elsewhere a line from time to time."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from batch_dialer.terminal.text import printable

SECONDS_BETWEEN_LINES = 30.0
_SECONDS_UNSEEN = 1.0  # what is read so fast needs no bar


@contextlib.contextmanager
def showing_rows(
    name: str, tell: Callable[[str, int], None], *, with_bar: bool = True
) -> Iterator[Callable[[int], None]]:
    """Give what is to be told how many rows of the sheet *name* were read so far, and show that.

    Without a bar, *tell* is given a sentence, and the number.
    """
    shown = _Shown(f"reading {printable(name, 40)}", tell, with_bar=with_bar and sys.stderr.isatty())
    try:
        yield shown.show
    finally:
        shown.close()


class _Shown:
    def __init__(self, what: str, tell: Callable[[str, int], None], *, with_bar: bool) -> None:
        self._what = what
        self._tell = tell
        self._with_bar = with_bar
        self._bar: Any = None  # tqdm, which is loaded where it is needed
        self._began = self._spoke = time.monotonic()

    def show(self, rows: int) -> None:
        now = time.monotonic()
        if self._bar is not None:
            with contextlib.suppress(OSError):
                self._bar.update(rows - self._bar.n)
        elif self._with_bar and now - self._began >= _SECONDS_UNSEEN:
            self._bar = self._make_bar(rows)
        elif not self._with_bar and now - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = now
            self._tell(f"{self._what}: {rows:,} rows", rows)

    def close(self) -> None:
        if self._bar is not None:
            with contextlib.suppress(OSError):
                self._bar.close()

    def _make_bar(self, rows: int) -> Any:  # noqa: ANN401  (as above)
        from tqdm import tqdm  # noqa: PLC0415  (most sheets are read before there is a bar)

        form = "{desc}: {n:,} rows"
        return tqdm(desc=self._what, initial=rows, bar_format=form, leave=False, dynamic_ncols=True, file=sys.stderr)
