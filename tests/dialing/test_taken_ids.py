"""Whose call is it? An ID that a row has already is no other row's."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.dialing.taken_ids import TakenIds


def _known(*calls: tuple[str | None, str]) -> TakenIds:
    ids, keys = zip(*calls, strict=True)
    return TakenIds.known(pl.Series(ids, dtype=pl.String), pl.Series(keys, dtype=pl.String))


def test_nothing_is_taken_where_nothing_is_known() -> None:
    assert not TakenIds().is_of_another("call_1", "a")
    assert not TakenIds.known(pl.Series(dtype=pl.String), pl.Series(dtype=pl.String)).is_of_another("call_1", "a")


def test_an_earlier_call_is_its_own_row_s_alone() -> None:
    taken = _known(("call_1", "a"), ("call_2", "b"), ("call_3", "c"))

    assert [True, False, True] == [taken.is_of_another("call_2", key) for key in "abc"]
    assert not taken.is_of_another("call_4", "a")


def test_a_call_of_this_run_is_its_own_row_s_alone() -> None:
    taken = _known(("call_1", "a"))
    taken.add("call_2", "b")

    assert [True, False] == [taken.is_of_another("call_2", key) for key in "ab"]
    assert [False, True] == [taken.is_of_another("call_1", key) for key in "ab"]


def test_rows_without_a_call_have_taken_none() -> None:
    taken = _known(("", "a"), (None, "b"), ("call_1", "c"))

    assert [False, False, True] == [taken.is_of_another(call_id, "d") for call_id in ("", "None", "call_1")]


def test_an_id_that_two_rows_have_is_neither_s() -> None:
    taken = _known(("call_1", "a"), ("call_1", "b"))

    assert [True, True] == [taken.is_of_another("call_1", key) for key in "ab"]


_names = st.text(max_size=3)


@given(st.dictionaries(_names.filter(bool), _names), st.dictionaries(_names, _names), _names, _names)
def test_law_it_is_a_dictionary(before: dict[str, str], since: dict[str, str], call_id: str, key: str) -> None:
    taken = _known(*before.items()) if before else TakenIds()
    for added, owner in since.items():
        taken.add(added, owner)

    assert ((before | since).get(call_id, key) != key) == taken.is_of_another(call_id, key)
