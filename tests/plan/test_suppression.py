"""A list of numbers not to call is understood whole, or refused: nobody slips through a cell that cannot be read."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import number

from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.plan.suppression import suppressed

_ANN, _BOB = number(1), number(2)


def _sheet(headers: Sequence[str], *rows: Sequence[str | None], ragged: dict[int, int] | None = None) -> Sheet:
    columns = {f"c{n}": pl.Series([row[n] for row in rows], dtype=pl.String) for n in range(len(headers))}
    cells = pl.DataFrame({"row": pl.Series(range(2, len(rows) + 2), dtype=pl.UInt32)} | columns)
    return Sheet("stop.csv", tuple(headers), cells, ragged=ragged or {})


def _refused(sheet: Sheet, region: str | None = None) -> BadSheet:
    with pytest.raises(BadSheet) as caught:
        suppressed(sheet, region)
    assert "stop.csv" in caught.value.what
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("header", ["Phone", "MOBILE-NUMBER", "to"])
def test_the_column_of_numbers_is_found_by_its_header(header: str) -> None:
    assert {_ANN, _BOB} == suppressed(_sheet(("Name", header), ("Ann", _ANN), ("17", _BOB)), None).numbers


@pytest.mark.parametrize("header", ["Phone", "Do not call", "?"])
def test_a_single_column_is_the_list_whatever_its_header(header: str) -> None:
    assert {_ANN} == suppressed(_sheet((header,), (_ANN,)), None).numbers


def test_a_bare_list_s_first_number_is_no_header() -> None:
    assert {_ANN, _BOB} == suppressed(_sheet((_ANN,), (_BOB,)), None).numbers


def test_numbers_are_read_as_in_the_sheet_that_is_dialed() -> None:
    written = f"({_ANN[2:5]}) {_ANN[5:8]}-{_ANN[8:]}"

    assert {_ANN} == suppressed(_sheet(("phone",), (written,), (_ANN,)), "US").numbers
    assert "no country code" in _refused(_sheet(("phone",), (written,))).what


def test_empty_cells_do_no_harm_and_are_counted() -> None:
    listed = suppressed(_sheet(("name", "phone"), ("Ann", _ANN), ("Bob", None), ("Carl", "n/a")), None)

    assert (frozenset({_ANN}), 2) == (listed.numbers, listed.empty)


def test_a_list_can_be_empty() -> None:
    assert frozenset() == suppressed(_sheet(("phone",)), None).numbers


@pytest.mark.parametrize("cell", ["12345", "1.41556E+10", "#N/A", "+1415555CALL", f"{_ANN} or {_BOB}", f"{_ANN} x5"])
def test_a_number_that_cannot_be_read_refuses_the_list_and_is_not_shown(cell: str) -> None:
    error = _refused(_sheet(("phone",), (_ANN,), (cell,)))

    assert "row 3" in error.what
    assert cell not in error.what + error.remedy


def test_what_looks_like_a_header_and_may_be_a_number_is_not_passed_over() -> None:
    assert "first row" in _refused(_sheet(("1.41556E+10",), (_ANN,))).what


def test_of_many_faults_the_first_are_shown_and_all_are_counted() -> None:
    error = _refused(_sheet(("phone",), *[(f"{n}",) for n in range(20)]))

    assert "20 numbers" in error.what
    assert "row 6" in error.what
    assert "15 more" in error.what


@pytest.mark.parametrize(("headers", "words"), [(("a", "b"), "no header"), (("phone", "mobile"), "several columns")])
def test_which_column_is_meant_is_never_guessed(headers: tuple[str, ...], words: str) -> None:
    assert words in _refused(_sheet(headers, (_ANN, _BOB))).what


def test_a_row_whose_cells_may_be_shifted_refuses_the_list() -> None:
    assert "row 3" in _refused(_sheet(("a", "phone"), ("x", _ANN), (_BOB, None), ragged={3: 1})).what


@given(st.lists(st.sampled_from([_ANN, _BOB, "", "-", "12", "x", f" {_ANN} "]) | st.text(max_size=12), max_size=6))
def test_law_every_number_is_kept_or_the_list_is_refused(cells: list[str]) -> None:
    try:
        listed = suppressed(_sheet(("phone",), *[(cell or None,) for cell in cells]), None)
    except BadSheet:
        return
    assert {cell.strip() for cell in cells if cell.strip() in {_ANN, _BOB}} <= listed.numbers
