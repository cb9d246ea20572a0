"""The log of a sandbox: a sandbox that is started later lists the calls of those before it."""

from pathlib import Path

import pytest

from batch_dialer.sandbox.call_log import CallLog
from batch_dialer.sandbox.exchange import Exchange, Order, Query
from batch_dialer.words import Status


def _exchange(path: Path) -> Exchange:
    exchange, log = Exchange(lambda: 1_000.0), CallLog(path)
    exchange.remember(log.read(), log.add)
    return exchange


def _order(number: str = "+12125550100", **changes: object) -> Order:
    return Order(to=number, agent_id="agent_1", **changes)  # type: ignore[arg-type]  # whatever a test changes


def test_calls_are_listed_by_the_next_sandbox_as_they_were_placed(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    first = _exchange(path)
    placed = [first.place(_order()), first.place(_order("+12125550101", campaign_id="c", first=Status.QUEUED))]
    again = _exchange(path)
    assert placed == again.calls
    assert [placed[0]] == again.list_calls(Query(agent_id="agent_1", search="0100"))
    again.place(_order("+12125550102"))
    assert 3 == len(_exchange(path).calls)


def test_the_log_is_private_and_has_nothing_of_what_is_said(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    _exchange(path).place(_order(payload={"name": "Ann"}, context={"id": "17"}))
    assert 0o600 == path.stat().st_mode & 0o777
    assert "Ann" not in path.read_text()


@pytest.mark.parametrize("tail", ['{"id": "call_sand', "[]", "null", "no JSON", '{"order": 3}', "\udcff"])
def test_a_line_that_was_cut_short_is_passed_over_and_spoils_no_later_one(tmp_path: Path, tail: str) -> None:
    path = tmp_path / "calls"
    kept = _exchange(path).place(_order())
    with path.open("ab") as file:
        file.write(tail.encode(errors="surrogateescape"))
    again = _exchange(path)
    assert [kept] == again.calls
    added = again.place(_order("+12125550101"))
    assert [kept, added] == _exchange(path).calls


def test_a_log_that_cannot_be_written_is_no_link_to_another_file(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("")
    (tmp_path / "calls").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic links"):
        CallLog(tmp_path / "calls").add(Exchange().place(_order()))
