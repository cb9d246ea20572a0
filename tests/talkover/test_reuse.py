"""A connection that served a request serves the next one, until one is lost that way."""

import pytest

from batch_dialer.talkover.connections import Reuse


def test_one_is_tried_first_and_one_more_for_each_that_went_well() -> None:
    reuse = Reuse()

    assert [True, False] == [reuse.try_one() for _ in range(2)]
    reuse.end(well=True)
    assert [True, True, False] == [reuse.try_one() for _ in range(3)]
    reuse.end(well=True)
    reuse.end(well=True)
    assert [True] * 4 + [False] == [reuse.try_one() for _ in range(5)]


@pytest.mark.parametrize("before", [0, 1, 20])
def test_once_one_was_lost_none_is_reused_any_more(before: int) -> None:
    reuse = Reuse()
    for _ in range(before):
        assert reuse.try_one()
        reuse.end(well=True)
    assert reuse.try_one()
    reuse.end(well=False)

    assert reuse.is_over
    assert not reuse.try_one()


def test_those_that_were_under_way_then_end_well_and_change_nothing() -> None:
    reuse = Reuse()
    reuse.try_one()
    reuse.end(well=True)
    assert [True, True] == [reuse.try_one() for _ in range(2)]
    reuse.end(well=False)
    reuse.end(well=True)

    assert reuse.is_over
    assert not reuse.try_one()
