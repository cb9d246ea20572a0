"""Nobody is rung twice and every ring is on record, wherever the power goes: at the 1st step, the 2nd, the 3rd, …

With BATCH_DIALER_KILLS in the environment it takes the long form: one person more, and any faults at every step.
"""

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from makers import contacts, dial, lines
from switchboard import Act, Power, PowerCut, Switchboard

from batch_dialer import disk
from batch_dialer.entry import Entry
from batch_dialer.ledger.journal import Journal
from batch_dialer.plan.planning import Policy

_LONG = bool(os.environ.get("BATCH_DIALER_KILLS"))
_PEOPLE = 5 if _LONG else 4
_counts = Counter[str]()


@pytest.fixture(autouse=True, scope="module")
def _tell() -> Iterator[None]:
    """`pytest -s` shows how much was tried."""
    yield
    print(f"\n{_counts['cuts']} power cuts in {_counts['runs']} runs; {_counts['rings']} rings, 0 double, 0 lost")


_ADMITS = {"initiated", "unknown", "dialing"}


@pytest.fixture(autouse=True)
def _power_in_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a write of the journal be a step too, in its middle as well: half a line is on disk then."""
    _current[0] = Power()
    write = Journal.write

    async def fragile(self: Journal, entry: Entry) -> None:
        power = _current[0]
        power.step()
        try:
            power.step()
        except PowerCut:
            with Path(_journal[0]).open("ab") as file:  # noqa: ASYNC230  (the world ends here)
                file.write(b'0badc0de {"s":99,"d"')
            raise
        await write(self, entry)
        power.step()

    monkeypatch.setattr(Journal, "write", fragile)
    for sync in (
        "sync",
        "sync_folder",
    ):  # what survives the power is simulated here; real disks have tests of their own
        monkeypatch.setattr(disk, sync, lambda _: None)


_current = [Power()]
_journal = [""]


def _run(sheet: Path, board: Switchboard, power: Power) -> None:
    _counts["runs"] += 1
    _current[0] = board.power = power
    _journal[0] = str(sheet.with_name("sheet.results.csv.journal"))
    try:
        dial(sheet, board)
    except BaseExceptionGroup as group:
        if not power.dead:
            raise
        assert group.subgroup(PowerCut)  # noqa: PT017  (the cut is the point)
    except PowerCut:
        pass


def _check(sheet: Path, board: Switchboard) -> None:
    assert all(count == 1 for count in board.rings.values()), "somebody was rung twice"
    if board.power.dead:
        return
    results = {line["to"]: line for line in lines(sheet.with_name("sheet.results.csv"))}
    assert len(results) == _PEOPLE, "somebody is missing in the results"
    for number in board.rings:
        assert results[number]["status"] in _ADMITS, "a ring is not on record"
    for line in results.values():
        if line["call_id"]:
            assert board.ids[line["call_id"]] == line["to"], "a row has somebody else's call"


def _cut(folder: Path, script: list[Act], fails_at: int) -> bool:
    """Cut the power at a step, and again while recovering, and run until it goes through; return whether it was cut."""
    folder.mkdir()
    sheet = contacts(folder / "sheet.csv", _PEOPLE)
    board = Switchboard(script)
    first, again = Power(fails_at), Power(fails_at // 2 + 1)
    for power in (first, again):
        _run(sheet, board, power)
        _check(sheet, board)
    for _ in range(2 if again.dead else 1):
        _run(sheet, board, Power())
        _check(sheet, board)
    _counts["rings"] += board.rings.total()
    _counts["cuts"] += first.dead
    return first.dead


def _sweep(folder: Path, script: list[Act]) -> None:
    """Cut the power at every step in turn."""
    fails_at = 1
    while _cut(folder / str(fails_at), script, fails_at):
        fails_at += 1


def test_nobody_is_rung_twice_when_all_goes_well_but_the_power(tmp_path: Path) -> None:
    _sweep(tmp_path, [])


@pytest.mark.parametrize("act", Act)
def test_nobody_is_rung_twice_whatever_the_api_does_to_the_second_request(tmp_path: Path, act: Act) -> None:
    """Early, in the middle and late in a run, and with other acts behind it."""
    chance = random.Random(act.name)  # noqa: S311  (not a secret)
    third = 3 * _PEOPLE
    for begin in range(1, 3 * third, third):
        script = [Act.PLACE, act, *chance.choices(list(Act), k=4)]
        _cut(tmp_path / str(begin), script, chance.randrange(begin, begin + third))


@pytest.mark.skipif(not _LONG, reason="the long form: BATCH_DIALER_KILLS in the environment")
@settings(max_examples=settings().max_examples // 10)
@given(st.lists(st.sampled_from(list(Act)), max_size=8))
def test_nobody_is_rung_twice_whatever_the_api_does_besides(
    tmp_path_factory: pytest.TempPathFactory, script: list[Act]
) -> None:
    _sweep(tmp_path_factory.mktemp("cut"), script)


def _notes(sheet: Path) -> list[str]:
    return [line["Notes"] for line in lines(sheet.with_name("sheet.results.csv"))]


def test_nothing_that_a_person_wrote_into_the_results_is_lost(tmp_path: Path) -> None:
    """Also not beside rows that were yet to be dialed: while the run is under way they have no line.

    The short form cuts the power at each second step.
    """
    wanted = [f"note {n}" for n in range(_PEOPLE)]
    begun = tmp_path / "begun"
    begun.mkdir()
    sheet = contacts(begun / "sheet.csv", _PEOPLE)
    dial(sheet, Switchboard(), policy=Policy(limit=1))
    results = sheet.with_name("sheet.results.csv")
    head, *rest = results.read_text().splitlines()
    noted = [f"{line},note {n}" for n, line in enumerate(rest)]
    results.write_text("\n".join([f"{head},Notes", *noted, ""]))
    fails_at, first = 0, Power()
    while fails_at == 0 or first.dead:
        fails_at += 1 if _LONG else 2
        folder = shutil.copytree(begun, tmp_path / str(fails_at))
        sheet = folder / "sheet.csv"
        first, again, board = Power(fails_at), Power(fails_at // 2 + 1), Switchboard()
        _run(sheet, board, first)
        _run(sheet, board, again)
        if again.dead:
            _run(sheet, board, Power())
        assert wanted == _notes(sheet)
        assert not (folder / "sheet.results.csv.added").exists()
        assert all(count == 1 for count in board.rings.values())
