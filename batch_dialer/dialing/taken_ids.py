"""The call IDs that rows have already: an API that names one of them again speaks of another row's call."""

from bisect import bisect_left
from typing import Self

import polars as pl


class TakenIds:
    """Which row has which call ID: those known before this run, and those added since.

    What was known is kept as hashes, 16 bytes an ID. They are of 64 bits: that any of a million new IDs is taken for
    one of a million others happens once in 18 million runs, and leaves that row in doubt.
    """

    __slots__ = ("_added", "_ids", "_owners")

    def __init__(self) -> None:
        self._ids = pl.Series(dtype=pl.Int64)
        self._owners = pl.Series(dtype=pl.UInt64)
        self._added: dict[str, int] = {}

    @classmethod
    def known(cls, call_ids: pl.Series, keys: pl.Series) -> Self:
        """Return the IDs of earlier calls, each beside the key of its row; an empty or missing ID is none."""
        taken = cls()
        there = call_ids.fill_null("") != ""
        hashes = call_ids.filter(there).map_elements(hash, return_dtype=pl.Int64)
        order = hashes.arg_sort()
        taken._ids = hashes.gather(order)
        taken._owners = keys.filter(there).hash().gather(order)
        return taken

    def add(self, call_id: str, key: str) -> None:
        """Take note that *call_id* is the call of the row *key* from now on."""
        self._added[call_id] = hash(key)

    def is_of_another(self, call_id: str, key: str) -> bool:
        """Return whether a row other than *key* has *call_id*."""
        added = self._added.get(call_id)
        return added != hash(key) if added is not None else self._was_of_another(call_id, key)

    def _was_of_another(self, call_id: str, key: str) -> bool:
        sought, place = hash(call_id), bisect_left(self._ids, hash(call_id))
        owner = None
        while place < len(self._ids) and self._ids[place] == sought:
            owner = owner or pl.Series([key]).hash()[0]  # as the whole column was hashed
            if self._owners[place] != owner:
                return True
            place += 1
        return False
