"""The table of numbers: valid, in use by nobody, and importable without the extra."""

import subprocess
import sys

import phonenumbers
import pytest

from batch_dialer.sandbox.numbers import SPECIAL_NUMBERS, Behaviour, SpecialNumber, behaviour_of


@pytest.mark.parametrize("special", SPECIAL_NUMBERS, ids=lambda special: special.number)
def test_a_special_number_is_valid_and_reserved_for_fiction(special: SpecialNumber) -> None:
    """A sheet of special numbers passes validation, and would ring nobody even with the real API."""
    assert phonenumbers.is_valid_number(phonenumbers.parse(special.number))
    assert special.number.startswith("+1415555019")


def test_every_behaviour_but_the_ordinary_has_one_number() -> None:
    """The table has every behaviour, once."""
    assert sorted(special.behaviour.value for special in SPECIAL_NUMBERS) == sorted(
        behaviour.value for behaviour in Behaviour if behaviour is not Behaviour.ORDINARY
    )
    assert len({special.number for special in SPECIAL_NUMBERS}) == len(SPECIAL_NUMBERS)
    assert behaviour_of("+14155550189") is Behaviour.ORDINARY


def test_the_table_is_there_without_the_extra() -> None:
    """`--help` prints the table also where starlette is not installed."""
    program = (
        "import sys, batch_dialer.sandbox.numbers; print([m for m in ('starlette', 'uvicorn') if m in sys.modules])"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout == "[]\n"
