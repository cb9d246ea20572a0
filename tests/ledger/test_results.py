"""The results file: written for people, and read back however they saved it."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import entry, history

from batch_dialer.entry import Entry, History, Lines
from batch_dialer.ledger.history import to_lines
from batch_dialer.ledger.results import ResultsWriter, fingerprint, read_results, write_results
from batch_dialer.ledger.results_csv import COLUMNS, to_csv
from batch_dialer.words import Status

_CONTRACT = "row,id,to,status,call_id,error_code,error_message,http_status,attempts,agent_id,sent_at,created_at,key"
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12).map(str.strip)
_NOBODY = pl.Series("key", [], dtype=pl.String)
_BEGAN = datetime(2026, 11, 22, 10, tzinfo=UTC)
_KNOWN = [
    entry(row=2, key="tel:+14155550101", to="+14155550101", call_id="call_1"),
    entry(row=3, key="id:C-2", id="C-2", to="+14155550102", call_id="", status=Status.UNKNOWN, error_code="TIMEOUT"),
    entry(
        row=4, key="tel:+14155550103", to="+14155550103", call_id="", status=Status.REFUSED, error_message='a "b", c'
    ),
]


def _file(folder: Path, *entries: Entry) -> Path:
    path = folder / "s.results.csv"
    path.write_bytes(to_csv(to_lines(entries)))
    return path


def _history(path: Path) -> pl.DataFrame:
    found = read_results(path)
    assert found is not None
    assert found.damage == ""
    return found.history


def test_its_columns_are_those_of_the_contract() -> None:
    assert ",".join(COLUMNS).startswith(_CONTRACT)


@given(named=_TEXT, message=_TEXT, call_id=_TEXT, created=_TEXT)
def test_any_text_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    named: str,
    message: str,
    call_id: str,
    created: str,
) -> None:
    kept = entry(id=named, error_message=message, call_id=call_id, created_at=created, key="id:1")
    row = _history(_file(tmp_path_factory.mktemp("results"), kept)).row(0, named=True)
    assert (named, message, call_id, created) == (row["id"], row["error_message"], row["call_id"], row["created_at"])


@given(st.text("=+-@\t\r＝＋'! a1", max_size=6))  # noqa: RUF001
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    line = to_csv(to_lines([entry(id=text, error_message=text, call_id=text)])).decode()
    for row in list(csv.reader(io.StringIO(line)))[1:]:
        for name, cell in zip(COLUMNS, row, strict=True):
            assert name == "to" or not re.match(r"\s*[=+\-@\t\r＝＋－＠]", cell)  # noqa: RUF001


def test_the_file_begins_anew_grows_by_lines_and_ends_whole(tmp_path: Path) -> None:
    path = tmp_path / "s.results.csv"
    results = ResultsWriter(path, "2026-11-22T10:00:00+00:00", lambda: history(*_KNOWN[:1]))
    results.begin(_NOBODY, _BEGAN)
    results.add(_KNOWN[1])
    results.flush()

    under_way = read_results(path)
    assert under_way is not None
    assert under_way.cut_short == "2026-11-22T10:00:00+00:00"
    assert ["tel:+14155550101", "id:C-2"] == under_way.history["key"].to_list()

    write_results(path, to_lines(_KNOWN))
    ended = read_results(path)
    assert ended is not None
    assert ended.cut_short == ""
    assert 3 == ended.history.height


def test_a_file_that_somebody_saved_during_the_run_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "s.results.csv"
    results = ResultsWriter(path, "2026-11-22T10:00:00+00:00", lambda: history(*_KNOWN))
    results.begin(_NOBODY, _BEGAN)
    path.write_text("somebody's work")
    results.add(_KNOWN[1])
    results.flush()
    assert 3 == _history(path).height


def _as_excel(text: str) -> str:
    """As a spreadsheet program saves it where the comma is the decimal sign."""
    rows = list(csv.reader(io.StringIO(text)))
    for row in rows[1:]:
        row[2] = row[2].lstrip("+")
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([[*row, "", ""] for row in rows])
    return "\ufeff" + out.getvalue()


def _moved(text: str) -> str:
    rows = list(csv.reader(io.StringIO(text)))
    out = io.StringIO()
    csv.writer(out).writerows([["note", *reversed(row)] for row in rows])
    return out.getvalue()


def _sorted(text: str) -> str:
    head, *rest = text.splitlines(keepends=True)
    return head + "".join(reversed(rest))


@pytest.mark.parametrize(
    "save", [_as_excel, _moved, _sorted, lambda text: text + "\n\n", lambda text: text.replace("\n", "\r\n")]
)
def test_saved_by_a_spreadsheet_program_it_says_the_same(tmp_path: Path, save: Callable[[str], str]) -> None:
    path = _file(tmp_path, *_KNOWN)
    before = _history(path).sort("key")
    path.write_text(save(path.read_text(encoding="utf-8")), encoding="utf-8", newline="")
    columns = ["key", "to", "status", "call_id", "attempts"]
    assert before.select(columns).rows() == _history(path).sort("key").select(columns).rows()


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text.replace("+14155550102", "1.41556E+10"),
        lambda text: text.replace("key", "schluessel"),
        lambda text: text.replace("unknown", "pending"),
        lambda text: text.replace("id:C-2", ""),
        lambda text: text[: text.index("C-2") + 20],
        lambda text: text.replace("call_id", "call"),
        lambda _: "nothing of the kind",
        lambda _: "",
    ],
)
def test_what_cannot_be_read_as_it_was_written_is_said_to_be_mangled(
    tmp_path: Path, harm: Callable[[str], str]
) -> None:
    path = _file(tmp_path, *_KNOWN)
    path.write_text(harm(path.read_text(encoding="utf-8")), encoding="utf-8")
    found = read_results(path)
    assert found is not None
    assert found.damage != ""


def test_a_call_id_is_a_call_whatever_was_written_over_its_status(tmp_path: Path) -> None:
    path = _file(tmp_path, *_KNOWN)
    path.write_text(path.read_text(encoding="utf-8").replace("initiated", "please call again"), encoding="utf-8")
    found = read_results(path)
    assert found is not None
    assert "initiated" == found.history.row(0, named=True)["status"]


def test_a_file_written_in_parts_is_what_it_would_be_in_one(tmp_path: Path) -> None:
    names = pl.DataFrame({"key": [f"id:{n}" for n in range(250_001)]})
    known = History(to_lines([_KNOWN[2]]).drop("key").join(names, how="cross").select(COLUMNS))
    path = tmp_path / "s.results.csv"
    told = write_results(path, Lines(known))
    assert path.read_bytes() == to_csv(known)
    assert told == fingerprint(path)
