"""What the polars patterns accept, libphonenumber accepts and writes in the same way, for every region and type."""

import random
import re

import phonenumbers
import polars as pl
import pytest
import rstr
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType
from phonenumbers.phonemetadata import PhoneMetadata

from batch_dialer.contacts.phone import TWO_READINGS, NotDialable, parse_phone
from batch_dialer.contacts.phone_column import is_plainly_valid, parse_phones

_REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
_KINDS = (
    *("fixed_line", "mobile", "voip", "personal_number", "toll_free"),
    *("premium_rate", "shared_cost", "pager", "uan", "voicemail"),
)
_TYPES = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _examples() -> list[str]:
    made = [phonenumbers.example_number_for_type(region, kind) for region in _REGIONS for kind in _TYPES]
    return sorted({_e164(number) for number in made if number})


_EXAMPLES = _examples()


def _hold(numbers: list[str]) -> int:
    """Compare each answer with the library's, and return how many numbers were accepted."""
    accepted = is_plainly_valid(pl.Series(numbers, dtype=pl.String)).to_list()
    wrong = [
        number for number, good in zip(numbers, accepted, strict=True) if good and parse_phone(number, None) != number
    ]
    assert [] == wrong
    return sum(accepted)


def test_every_example_of_every_region_and_type() -> None:
    assert _hold(_EXAMPLES) > len(_EXAMPLES) / 4, "it is there to spare the library most of the work"


@settings(max_examples=settings().max_examples * 4)
@given(st.sampled_from(_EXAMPLES), st.integers(0, 14), st.text("0123456789", min_size=0, max_size=6))
def test_law_numbers_near_the_examples(example: str, at: int, digits: str) -> None:
    _hold([example[: 2 + at] + digits, example[: 2 + at] + digits + example[2 + at + len(digits) :]])


_OF_EACH = min(max(settings().max_examples // 5, 12), 100)  # rstr repeats no pattern more often


@pytest.mark.parametrize("region", _REGIONS)
def test_numbers_of_every_form_of_every_region(region: str) -> None:
    """A fixed sample of each type that the library knows in the region, made from the type's own pattern."""
    known = PhoneMetadata.metadata_for_region(region)
    patterns = {form.national_number_pattern for kind in _KINDS if (form := getattr(known, kind))} - {None}
    forms = sorted(re.sub(r"\s", "", pattern) for pattern in patterns)
    made = rstr.Rstr(random.Random(region))  # noqa: S311  (a sample, and no secret)
    several = [made.xeger(rf"(?:(?:{form}) ){{{_OF_EACH}}}") for form in forms]  # a pattern is read once
    code = phonenumbers.country_code_for_region(region)
    _hold([f"+{code}{number}" for numbers in several for number in numbers.split()])


@pytest.mark.parametrize("code", sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
def test_many_numbers_of_every_country_code(code: int) -> None:
    """A fixed sample of the numbers of all lengths."""
    step = 7_919_317
    _hold([f"+{code}{(step * n) % 10**length:0{length}d}" for length in range(4, 13) for n in range(1, 60)])


@given(st.lists(st.one_of(st.none(), st.text(max_size=20), st.from_regex(r"\+\d{5,17}", fullmatch=True)), max_size=20))
def test_law_whatever_the_text_the_answer_is_as_long_and_agrees(numbers: list[str | None]) -> None:
    accepted = is_plainly_valid(pl.Series(numbers, dtype=pl.String)).to_list()
    assert len(numbers) == len(accepted)
    assert all(
        parse_phone(number or "", None) == number for number, good in zip(numbers, accepted, strict=True) if good
    )


@pytest.mark.parametrize("number", ["+14155550101", "+442079460018", "+4930123456", "+33123456789", "+919876543210"])
def test_ordinary_numbers_are_accepted(number: str) -> None:
    assert is_plainly_valid(pl.Series([number])).to_list() == [True]


@pytest.mark.parametrize("number", ["+434351680", "+49493736881", "+494920883960555"])
def test_a_number_needs_the_general_form_too(number: str) -> None:
    """Some patterns of landlines alone also match a number with its country code written twice."""
    assert is_plainly_valid(pl.Series([number])).to_list() == [False]


def test_country_codes_written_twice() -> None:
    """Every example with its country code written twice, cut to several lengths: some match a landline's pattern."""
    doubled = [f"+{code}{example[1:]}" for example in _EXAMPLES for code in [phonenumbers.parse(example).country_code]]
    _hold(
        [number[: len(number) - cut] + f"{end:02d}" for number in doubled for cut in range(2, 6) for end in (0, 37, 80)]
    )


@pytest.mark.parametrize("number", ["+74951234567", "+4721020813", "+390612345678", "+12423021043", "+441624230007"])
def test_zeros_in_front_and_leading_digits_of_regions_need_no_help(number: str) -> None:
    assert is_plainly_valid(pl.Series([number])).to_list() == [parse_phone(number, None) == number] == [True]


def _is_valid(text: str) -> str | None:
    """Return what the library alone reads in *text* (+ and digits), if it is a valid number of any kind."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None
    return None if phonenumbers.number_type(number) == PhoneNumberType.UNKNOWN else _e164(number)


def _ways_of_writing(region: str) -> list[str]:
    """Return the examples of *region* with and without +, 00, trunk zeros and the country code."""
    code = str(phonenumbers.country_code_for_region(region))
    made = [phonenumbers.example_number_for_type(region, kind) for kind in _TYPES]
    national = {phonenumbers.national_significant_number(number) for number in made if number}
    changed = {digits[:-1] + end for digits in national for end in "07"} | national
    coded = (code, f"{code}0", f"{code}(0)")
    starts = ("+", "", "00", "0", "011", "0" + code, *coded, *(plus + start for plus in ("+", "00") for start in coded))
    return sorted({start + digits for digits in changed for start in starts})


@pytest.mark.parametrize("region", _REGIONS)
def test_a_column_and_a_cell_agree_and_nothing_that_is_two_numbers_passes(region: str) -> None:
    code = str(phonenumbers.country_code_for_region(region))
    texts = _ways_of_writing(region)
    by_column = parse_phones(pl.Series(texts), region).e164.to_list()
    for text, number in zip(texts, by_column, strict=True):
        alone = parse_phone(text, region)
        assert number == (None if isinstance(alone, NotDialable) else alone), text
        digits = re.sub(r"\D", "", text)
        if text.startswith("+") or not digits.startswith(code):
            continue
        readings = {_is_valid(f"+{code}{digits}"), _is_valid(f"+{digits}")} - {None}
        if len(readings) > 1:
            assert isinstance(alone, NotDialable), text
            assert TWO_READINGS == alone.why or "digits, too" in alone.why
        elif number is not None:
            assert {number} == readings, text
