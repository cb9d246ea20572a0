"""`reconcile`, and what resume makes of results that people touched: through the real command."""

import csv
import io
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from harness import run, run_here
from makers import UNHURRIED, contacts, lines, number, write_csv

from batch_dialer.sandbox import faults
from batch_dialer.sandbox.scripts import InTurn
from batch_dialer.sandbox.serve import Sandbox
from batch_dialer.sandbox.settings import Settings

_FAST = ("--rate", "1000/s", "--yes", "--concurrency", "1")


@pytest.fixture(name="api")
def _api() -> Iterator[Sandbox]:
    with Sandbox(UNHURRIED, script=InTurn(faults.place_then_drop, None, faults.drop, None)) as sandbox:
        yield sandbox


def _through(api: Sandbox) -> tuple[str, ...]:
    """The look at recent calls is left out: the proof alone must keep everybody from a second call."""
    return ("--agent", "agent_1", "--base-url", api.base_url, "--not-called-within", "0")


def _dialed(folder: Path, api: Sandbox) -> Path:
    """Dial four people: one answer lost behind a call, one without. The list has no call yet when the run ends."""
    sheet = contacts(folder / "some.csv", 4)
    api.exchange.listing_lag_seconds = 3600
    run_here("run", sheet, *_through(api), *_FAST, cwd=folder, expect=1)
    api.exchange.listing_lag_seconds = 0
    return folder / "some.results.csv"


def test_it_settles_what_can_be_settled_and_explains_each(tmp_path: Path, api: Sandbox) -> None:
    results = _dialed(tmp_path, api)
    assert ["unknown", "initiated", "unknown", "initiated"] == [line["status"] for line in lines(results)]

    said = run("reconcile", results, "--base-url", api.base_url, cwd=tmp_path, expect=1)

    found, _, still, _ = lines(results)
    assert api.exchange.calls[0].id == found["call_id"]
    assert "unknown" == still["status"]
    assert "a run after" in still["error_message"], "it says when to ask again"
    assert "Row 2: " in said.stderr
    assert "Row 4: " in said.stderr
    assert 3 == len(api.exchange.rings)


def test_what_is_proven_absent_is_dialed_by_the_next_run_and_not_by_itself(tmp_path: Path, api: Sandbox) -> None:
    results = _dialed(tmp_path, api)
    run_here(
        "reconcile", results, "--base-url", api.base_url, "--settle-after", "0s", cwd=tmp_path, hurried=True, expect=6
    )
    assert "deferred" == lines(results)[2]["status"]
    assert 3 == len(api.exchange.rings)

    run_here("run", tmp_path / "some.csv", *_through(api), *_FAST, cwd=tmp_path)
    assert sorted(number(n) for n in range(4)) == sorted(api.exchange.rings)


def test_lines_that_are_not_in_doubt_stay_as_they_are(tmp_path: Path, api: Sandbox) -> None:
    sheet = write_csv(tmp_path / "some.csv", [("Ann", number(0)), ("Bad", "12"), ("Ann again", number(0))])
    run_here("run", sheet, *_through(api), *_FAST, cwd=tmp_path, expect=1)
    run_here("reconcile", "some.results.csv", "--base-url", api.base_url, cwd=tmp_path, expect=1)
    assert ["initiated", "rejected", "skipped"] == [line["status"] for line in lines(tmp_path / "some.results.csv")]


def test_a_list_that_cannot_be_had_leaves_what_is_in_doubt(tmp_path: Path, api: Sandbox) -> None:
    results = _dialed(tmp_path, api)
    moved = results.read_text(encoding="utf-8").replace("agent_1", "agent_missing")
    results.write_text(moved, encoding="utf-8")
    (tmp_path / "some.results.csv.journal").unlink()
    said = run_here("reconcile", results, "--base-url", api.base_url, cwd=tmp_path, expect=1)
    assert "could not be read" in said.stderr
    assert 2 == sum(line["status"] == "unknown" for line in lines(results))


def test_a_lost_campaign_call_is_found_through_the_campaigns_agent(tmp_path: Path) -> None:
    settings = Settings(limit=None, speed=1000, listing_lag_seconds=3600)
    with Sandbox(settings, script=InTurn(faults.place_then_drop, None)) as api:
        sheet = contacts(tmp_path / "some.csv", 2)
        campaign = ("--campaign", "campaign_1", "--base-url", api.base_url)
        run_here("run", sheet, *campaign, *_FAST, cwd=tmp_path, expect=1)
        assert "unknown" == lines(tmp_path / "some.results.csv")[0]["status"]
        api.exchange.listing_lag_seconds = 0
        run_here("reconcile", "some.results.csv", *campaign, cwd=tmp_path)
        assert {call.id for call in api.exchange.calls} == {
            line["call_id"] for line in lines(tmp_path / "some.results.csv")
        }


@pytest.mark.parametrize("results", ["none.csv", "some.csv"])
def test_what_is_no_results_file_is_said_to_be_none(tmp_path: Path, api: Sandbox, results: str) -> None:
    contacts(tmp_path / "some.csv", 1)
    run_here("reconcile", results, "--base-url", api.base_url, cwd=tmp_path, expect=2)
    assert [] == api.app.seen


def _as_excel(text: str) -> str:
    rows = list(csv.reader(io.StringIO(text)))
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([rows[0], *([*row[:2], row[2].lstrip("+"), *row[3:]] for row in rows[1:])])
    return "\ufeff" + out.getvalue() + "\r\n"


_TOUCHED: dict[str, tuple[Callable[[str], str], bool]] = {
    "as it is": (lambda text: text, True),
    "saved by Excel": (_as_excel, True),
    "sorted": (lambda text: "\n".join([text.splitlines()[0], *sorted(text.splitlines()[1:], reverse=True)]), True),
    "a column moved to the front": (lambda text: "\n".join(f"x,{line}" for line in text.splitlines()), True),
    "numbers as 1.21256E+10": (lambda text: text.replace(",+1212555010", ",1.21256E+1"), True),
    "numbers gone, in the keys as well": (lambda text: text.replace("+1212555010", "1.21256E+1"), False),
    "numbers gone where keys are IDs": (
        lambda text: text.replace(",+1212555010", ",1.21256E+1").replace("tel:+1212555010", "id:x"),
        False,
    ),
    "a status edited": (lambda text: text.replace("unknown", "please call"), False),
    "every status edited": (lambda text: text.replace("initiated", "pending").replace("unknown", "pending"), False),
    "the keys deleted": (lambda text: text.replace("tel:", ""), False),
    "cut in the middle": (lambda text: text[: len(text) // 2], False),
    "emptied": (lambda _: "", False),
    "another file": (lambda _: "a,b\n1,2\n", False),
}


@pytest.mark.parametrize("with_journal", [True, False], ids=["journal there", "journal gone"])
@pytest.mark.parametrize("touch", _TOUCHED)
def test_nothing_that_a_person_does_to_the_results_rings_a_phone_twice(
    tmp_path: Path, api: Sandbox, touch: str, *, with_journal: bool
) -> None:
    results = _dialed(tmp_path, api)
    harm, usable_alone = _TOUCHED[touch]
    results.write_text(harm(results.read_text(encoding="utf-8")), encoding="utf-8", newline="")
    if not with_journal:
        (tmp_path / "some.results.csv.journal").unlink()

    expect = 1 if with_journal or usable_alone else 2
    said = run_here("run", "some.csv", *_through(api), *_FAST, cwd=tmp_path, expect=expect)

    assert len(set(api.exchange.rings)) == len(api.exchange.rings)
    assert 3 == len(api.exchange.rings)
    if expect == 2:
        assert "cannot be trusted" in said.stderr
        assert "--results" in said.stderr, "it says the way out"
    else:
        assert {call.id for call in api.exchange.calls} == {line["call_id"] for line in lines(results)} - {""}


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed (Debian: libreoffice-calc)")
@pytest.mark.parametrize("with_journal", [True, False], ids=["journal there", "journal gone"])
def test_saved_by_libreoffice_it_says_the_same(tmp_path: Path, api: Sandbox, *, with_journal: bool) -> None:
    results = _dialed(tmp_path, api)
    saved = tmp_path / "saved"
    own = f"-env:UserInstallation=file://{tmp_path}/profile"  # two that run at once share nothing
    convert = ["soffice", own, "--headless", "--convert-to", "csv", "--outdir", str(saved), str(results)]
    subprocess.run(convert, check=True, capture_output=True, timeout=120)
    results.write_bytes((saved / results.name).read_bytes())
    if not with_journal:
        (tmp_path / "some.results.csv.journal").unlink()
    run_here("run", "some.csv", *_through(api), *_FAST, cwd=tmp_path, expect=1)
    assert 3 == len(api.exchange.rings)


def test_a_deleted_line_is_not_dialed_again_while_the_journal_is_there(tmp_path: Path, api: Sandbox) -> None:
    results = _dialed(tmp_path, api)
    head, *rest = results.read_text(encoding="utf-8").splitlines(keepends=True)
    results.write_text(head + "".join(rest[2:]), encoding="utf-8")
    run_here("run", "some.csv", *_through(api), *_FAST, cwd=tmp_path, expect=1)
    assert 3 == len(api.exchange.rings)


@pytest.mark.parametrize("ahead", [-3600, -60, 60, 3600], ids=lambda seconds: f"server {seconds} s ahead")
def test_a_server_whose_clock_is_wrong_is_asked_all_the_same(tmp_path: Path, ahead: int) -> None:
    """Found by its own clock's reckoning; and absence is proven no sooner."""
    script = InTurn(faults.place_then_drop, None, faults.drop, None)
    with Sandbox(UNHURRIED, script=script, clock=lambda: time.time() + ahead) as api:
        results = _dialed(tmp_path, api)
        run_here("reconcile", results, "--base-url", api.base_url, cwd=tmp_path, expect=1)
        assert ["initiated", "initiated", "unknown", "initiated"] == [line["status"] for line in lines(results)]
        run_here("run", "some.csv", *_through(api), *_FAST, "--settle-after", "0s", cwd=tmp_path, hurried=True)
        assert 4 == len(set(api.exchange.rings)) == len(api.exchange.rings)


def test_a_list_that_lags_behind_proves_nobody_absent(tmp_path: Path) -> None:
    script = InTurn(faults.place_then_drop, None)
    with Sandbox(replace(UNHURRIED, listing_lag_seconds=3600), script=script) as api:
        sheet = contacts(tmp_path / "some.csv", 3)
        run_here("run", sheet, *_through(api), *_FAST, cwd=tmp_path, expect=1)
        run_here("run", sheet, *_through(api), *_FAST, "--settle-after", "0s", cwd=tmp_path, hurried=True, expect=1)
        assert 3 == len(api.exchange.rings), "it believed a list in which its own later calls were missing, too"
        api.exchange.listing_lag_seconds = 0
        run_here("run", sheet, *_through(api), *_FAST, cwd=tmp_path)
        assert all(line["call_id"] for line in lines(tmp_path / "some.results.csv"))
        assert 3 == len(api.exchange.rings)


def test_a_sheet_that_grew_dials_only_what_is_new(tmp_path: Path, api: Sandbox) -> None:
    _dialed(tmp_path, api)
    contacts(tmp_path / "some.csv", 6)
    run_here("run", "some.csv", *_through(api), *_FAST, cwd=tmp_path, expect=1)
    assert 5 == len(set(api.exchange.rings)) == len(api.exchange.rings)
