"""The table of numbers: well formed, nobody's, and readable without the extra."""

import subprocess
import sys

import phonenumbers
import pytest

from batch_dialer.sandbox.numbers import SPECIAL_NUMBERS, Behaviour, SpecialNumber, behaviour_of


@pytest.mark.parametrize("special", SPECIAL_NUMBERS, ids=lambda special: special.number)
def test_a_special_number_is_valid_and_reserved_for_fiction(special: SpecialNumber) -> None:
    """A sheet of special numbers passes validation, and could not ring anybody even if it were really dialed."""
    assert phonenumbers.is_valid_number(phonenumbers.parse(special.number))
    assert special.number.startswith("+1415555019")


def test_every_behaviour_but_the_ordinary_has_one_number() -> None:
    """Whoever reads the table has read all."""
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
