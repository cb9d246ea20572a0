"""The settings under which pandera runs: never those of the environment, which may tell it to check nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from pandera.config import CONFIG, ValidationDepth, config_context

CONFIG.use_narwhals_backend = False  # its other way to work through a table, which is read when a schema is made


@contextmanager
def in_full() -> Iterator[None]:
    """A context in which every check is made, and with it that no number which is none is dialed."""
    with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        yield
