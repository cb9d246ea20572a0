"""Every number of the catalogue of bad input is shown by a test, or is about something that the program has not.

A case says which it is: its id begins with the number ("48 a row twice"), or the test's name (`test_48_…`).
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
ALL = range(1, 98)
CASE = re.compile(r'id="(\d+) |def test_(\d+)_')

ELSEWHERE = {
    44: "cli/test_sheets.py::test_hidden_rows_are_skipped_and_said_until_asked_for",
    78: "contacts/test_validate_rows.py::test_what_the_schema_asks_of_the_number_is_asked_too",
    81: "plan/test_planning.py::test_of_several_rows_with_a_number_the_first_stands_for_all",
    83: "cli/test_suppress.py::test_a_workbook_and_numbers_written_otherwise",
    87: "contacts/test_validate_rows.py::test_the_delay_is_seconds_up_to_an_hour",
    88: "contacts/test_validate_rows.py::test_a_sheet_with_tests_and_real_calls_is_refused",
    89: "contacts/test_mapping.py::test_a_column_that_is_not_there_is_named_and_the_nearest_suggested",
    94: "contacts/test_validate_rows.py::test_an_id_is_there_once_and_is_text",
    96: "cli/test_validate.py::test_a_results_file_is_not_taken_for_a_sheet",
    97: "cli/test_run.py::test_what_a_person_can_get_wrong_is_said_in_words",
}
NO_SUCH_THING = {
    84: "our own number: the API does not say which it is; --suppress keeps back any number",
    86: "a payload in one cell: each variable has a column of its own",
    95: "a time zone in a column",
}


def cases() -> set[int]:
    found = (CASE.findall(path.read_text(encoding="utf-8")) for path in TESTS.rglob("test_*.py"))
    return {int(of_id or of_name) for file in found for of_id, of_name in file}


def test_every_number_is_a_case_or_is_said_to_be_none() -> None:
    assert set(ALL) == cases() | ELSEWHERE.keys() | NO_SUCH_THING.keys()
    assert not cases() & (ELSEWHERE.keys() | NO_SUCH_THING.keys())
    assert not ELSEWHERE.keys() & NO_SUCH_THING.keys()


@pytest.mark.parametrize("place", ELSEWHERE.values())
def test_what_is_said_to_be_elsewhere_is_there(place: str) -> None:
    file, _, name = place.partition("::")
    assert f"def {name}(" in (TESTS / file).read_text(encoding="utf-8")
