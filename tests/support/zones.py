"""The time zone of this machine, as a test needs it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def machine_in(variable: str) -> Iterator[None]:
    """Have *variable* for `TZ`, for the C library, too."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TZ", variable)
            time.tzset()
            yield
    finally:
        time.tzset()
