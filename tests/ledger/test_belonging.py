"""Which results file belongs to a sheet and to its copies, and what is refused where it cannot be told."""

from pathlib import Path

import pytest

from batch_dialer.errors import UsageError
from batch_dialer.ledger.belonging import belonging, default_path, origin_of
from batch_dialer.ledger.ledger import SANDBOX, Kind, Ledger
from batch_dialer.model import SheetOrigin
from batch_dialer.sheets.own_marks import origin_text, read_origin

_API = "https://api.example"
_UNKNOWN = SheetOrigin("", "")


@pytest.mark.parametrize(
    ("sheet", "kind", "name"),
    [
        ("people.xlsx", Kind.REAL, "people.results.csv"),
        ("people.csv.gz", Kind.TESTING, "people.testing.results.csv"),
        ("people (1).csv", Kind.SANDBOX, "people (1).sandbox.results.csv"),
        ("-", Kind.REAL, "stdin.results.csv"),
    ],
)
def test_each_kind_of_calls_has_a_results_file_of_its_own(sheet: str, kind: Kind, name: str) -> None:
    assert name == default_path(Path(sheet), kind).name


@pytest.mark.parametrize("through", [_API, SANDBOX])
@pytest.mark.parametrize("origin", [None, _UNKNOWN, SheetOrigin("gone.csv", "gone.results.csv", ("gone.results.csv",))])
def test_what_a_person_names_is_taken(tmp_path: Path, through: str, origin: SheetOrigin | None) -> None:
    named = Ledger(tmp_path / "mine.csv", through, testing=False)
    assert named == belonging(named, tmp_path / "people.csv", origin)


def _ledger(folder: Path, through: str = _API, *, testing: bool = False) -> Ledger:
    return Ledger(folder / "placeholder", through, testing, named=False)


@pytest.mark.parametrize("there", ["people.results.csv", "people.results.csv.journal"])
def test_the_results_or_their_journal_are_enough(tmp_path: Path, there: str) -> None:
    (tmp_path / "copies").mkdir()
    (tmp_path / there).touch()
    origin = SheetOrigin("../people.csv", "../people.results.csv", ("people.results.csv",))
    found = belonging(_ledger(tmp_path), tmp_path / "copies" / "bad.csv", origin)
    assert (tmp_path / "people.results.csv").resolve() == found.results


@pytest.mark.parametrize(
    ("origin", "testing", "refused"),
    [
        (SheetOrigin("people.csv", "people.results.csv"), False, False),
        (SheetOrigin("people.csv", "people.results.csv", ("people.testing.results.csv",)), False, False),
        (SheetOrigin("people.csv", "people.results.csv", ("people.results.csv",)), False, True),
        (SheetOrigin("people.csv", "people.results.csv", ("people.testing.results.csv",)), True, True),
        (SheetOrigin("other.csv", "other.results.csv"), False, True),
        (SheetOrigin("../gone/people.csv", "../gone/people.results.csv"), False, True),
        (SheetOrigin("", "stdin.results.csv"), False, False),
        (SheetOrigin("", "stdin.results.csv", ("stdin.results.csv",)), False, True),
        (_UNKNOWN, False, True),
    ],
)
def test_results_that_were_there_and_are_gone_are_missed(
    tmp_path: Path, origin: SheetOrigin, *, testing: bool, refused: bool
) -> None:
    (tmp_path / "people.csv").touch()
    copy = tmp_path / "problems.xlsx"
    assert belonging(_ledger(tmp_path, SANDBOX), copy, origin).results, "a rehearsal rings nobody"
    if refused:
        with pytest.raises(UsageError) as refusal:
            belonging(_ledger(tmp_path, testing=testing), copy, origin)
        assert "--results FILE" in refusal.value.remedy
    else:
        assert belonging(_ledger(tmp_path, testing=testing), copy, origin)


def test_the_origin_goes_by_the_folder_of_the_copy_and_along_with_a_copy_of_it(tmp_path: Path) -> None:
    (tmp_path / "copies" / "deep").mkdir(parents=True)
    sheet, first = tmp_path / "people.csv", tmp_path / "copies" / "bad.csv"
    origin = origin_of(first, sheet, None)
    assert SheetOrigin("../people.csv", "../people.results.csv") == origin
    (tmp_path / "people.results.csv").touch()
    (tmp_path / "people.testing.results.csv.journal").touch()
    again = origin_of(tmp_path / "copies" / "deep" / "worse.xlsx", first, origin)
    there = ("people.results.csv", "people.testing.results.csv")
    assert SheetOrigin("../../people.csv", "../../people.results.csv", there) == again
    assert _UNKNOWN == origin_of(tmp_path / "x.xlsx", sheet, _UNKNOWN)


@pytest.mark.parametrize("name", ["people.csv", 'a "b", {c}.xlsx', "ＡＢ ж\t\udcff.csv", "x" * 200])  # noqa: RUF001
def test_an_origin_is_read_as_it_was_written(name: str) -> None:
    origin = SheetOrigin(name, f"../{name}.results.csv", (name,))
    assert origin_text(origin).isascii(), "whatever encoding a program saves a list in"
    assert origin == read_origin([origin_text(origin), f" {origin_text(origin)}\n"])


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""],
        ["people.csv"],
        ["{}"],
        ["[1]"],
        ['{"sheet": "a", "results": "b", "found": 3}'],
        ["[" * 100_000],
        [origin_text(SheetOrigin("a", "a.results.csv")), origin_text(SheetOrigin("b", "b.results.csv"))],
    ],
)
def test_what_cannot_be_read_or_differs_is_no_origin(texts: list[str]) -> None:
    assert _UNKNOWN == read_origin(texts)
