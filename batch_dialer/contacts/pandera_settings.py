"""The settings under which pandera runs: never those of somebody else, which may tell it to check nothing.

Teams set them in the environment, which is why `cli.py` takes them out of it, and in modules that their checks import.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pandera.config import CONFIG, ValidationDepth, config_context


@contextmanager
def in_full() -> Iterator[None]:
    """A context in which every check is made, and with it that no number which is none is dialed."""
    CONFIG.use_narwhals_backend = False  # its other way to work through a table, which is chosen for each schema
    with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        yield
