"""The mutants are as sharp as when they were made: each passage that they take out is still in the source, once."""

from pathlib import Path

import pytest
from mutants import MUTANTS, Mutant

import batch_dialer


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_passage_is_still_there(mutant: Mutant) -> None:
    source = Path(batch_dialer.__file__).parent / mutant.file
    assert source.read_text(encoding="utf-8").count(mutant.passage) == 1


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_that_guard_it_are_still_there(mutant: Mutant) -> None:
    tests = Path(__file__).parent.parent
    assert all((tests / guard).exists() for guard in mutant.guards)
