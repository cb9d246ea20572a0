"""Is it the number that we dialed? However it is written it is never taken for another, nor another for it."""

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat as Form
from phonenumbers import PhoneNumberType as Kind

from batch_dialer.ledger.listed_numbers import Sameness, same_number

_OURS = "+14155550101"


@pytest.mark.parametrize(
    "listed",
    [
        "+14155550101",
        " +1 415 555 0101 ",
        "+1\u00a0415\u00a0555\u00a00101",
        "+1-415-555-0101",
        "+1.415.555.0101",
        "+1 (415) 555-0101",
        "+1/415/5550101",
        "14155550101",
        "1 415 555 0101",
        "0014155550101",
        "00 1 415-555-0101",
        "tel:+14155550101",
        "TEL:+1-415-555-0101",
        "tel:14155550101",
        "sip:+14155550101@voice.example.com",
        "SIPS:+14155550101@10.0.0.1:5061;user=phone",
        "sip:0014155550101@voice.example.com",
    ],
)
def test_the_same_number(listed: str) -> None:
    assert Sameness.SAME is same_number(listed, _OURS)


@pytest.mark.parametrize(
    "listed",
    [
        "+14155550102",
        "+12125550101",
        "+1 212 555 0101",
        "+4915123456789",
        "+44155550101",
        "tel:+12125550101",
        "sip:+12125550101@voice.example.com",
        "14155550102",
        "0014155550102",
        "4155550102",
        "04155550102",
        "5550102",
    ],
)
def test_another_number(listed: str) -> None:
    assert Sameness.OTHER is same_number(listed, _OURS)


@pytest.mark.parametrize(
    "listed",
    [
        *("", " ", "+", "null", "None", "unknown", "anonymous", "sip:alice@example.com", "sip:+14155550101", "tel:"),
        *("+1415555****", "+1415*****01", "*******0102", "XXXXXX0102", "+1 415 555 XXXX", "…0102", "+1415555#102"),
        *("+1 415 ... 0102", "+1 415 --- 0102", "+1415   0102", "+1 - - 0102", "+1..0102"),
        *("4155550101", "04155550101", "5550101", "(415) 555-0101", "01114155550101", "12125550101"),
        *("+1 415 555 0102 x12", "+14155550102;ext=12", "tel:+14155550102;ext=12", "+14155550102,12", "ext 12"),
        *("+1 (0)4155550101", "+1 ( 0 ) 4155550102", "+104155550101", "+1415555010112", "+1415555010"),
        *("1-800-FLOWERS", "+\u0661\u0664\u0661\u0665\u0665\u0665\u0665\u0660\u0661\u0660\u0662", "\uff0b14155550102"),
        *("+0014155550102", "++14155550102", "14155550102+", "555", "0102", "1234567890123456789", "+1234567890123456"),
        *("+1_415_555_0102", "%2B14155550102", "+14155550102\x00", "+14155550102\n+14155550101"),
    ],
)
def test_what_cannot_be_told(listed: str) -> None:
    assert Sameness.UNREADABLE is same_number(listed, _OURS)


@pytest.mark.parametrize(
    ("listed", "ours"),
    [
        ("+5215512345678", "+525512345678"),
        ("+525512345678", "+5215512345678"),
        ("+551187654321", "+5511987654321"),
        ("+22507123456", "+2250707123456"),
        ("+541115 2345 6789", "+5491123456789"),
        ("+4402079460123", "+442079460123"),
        ("+49 30 1234567-12", "+49301234567"),
        ("030 1234567-12", "+49301234567"),
    ],
)
def test_another_way_to_write_an_international_number_is_no_other_number(listed: str, ours: str) -> None:
    """The first four ring the same phone; the zero is dialed at home alone; an extension may follow."""
    assert Sameness.UNREADABLE is same_number(listed, ours)


@pytest.mark.parametrize("ours", ["", "+", "14155550101", "+1", "+0415555010", "+1415555010100000"])
def test_what_is_no_number_of_ours_is_compared_with_nothing(ours: str) -> None:
    assert Sameness.UNREADABLE is same_number("+14155550101", ours)


def _examples() -> list[tuple[str, str]]:
    """Give an example of every kind of number of every region, with its region."""
    found = {
        (phonenumbers.format_number(example, Form.E164), region)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in (Kind.FIXED_LINE, Kind.MOBILE, Kind.TOLL_FREE, Kind.VOIP, Kind.PERSONAL_NUMBER, Kind.UAN)
        if (example := phonenumbers.example_number_for_type(region, kind))
    }
    return sorted(each for each in found if 8 <= len(each[0]) <= 16)


def _renderings(e164: str) -> set[str]:
    number = phonenumbers.parse(e164)
    national = phonenumbers.format_number(number, Form.NATIONAL)
    significant = phonenumbers.national_significant_number(number)
    whole = {
        e164,
        e164[1:],
        f"00{e164[1:]}",
        f"011{e164[1:]}",
        phonenumbers.format_number(number, Form.INTERNATIONAL),
        phonenumbers.format_number(number, Form.RFC3966),
        f"sip:{e164}@voice.example.com;user=phone",
        national,
        phonenumbers.format_out_of_country_calling_number(number, "US"),
        phonenumbers.format_out_of_country_calling_number(number, "FR"),
        significant,
        f"0{significant}",
        f"+{number.country_code} (0){significant}",
        f"+{number.country_code}0{significant}",
        f"{national} ext. 12",
    }
    masked = {e164[:-4] + mask * 4 for mask in "*xX#•"} | {"*" * (len(e164) - 4) + e164[-4:], f"...{e164[-4:]}"}
    return whole | masked | {text.replace(" ", separator) for text in whole for separator in ("\u00a0", "-", ".")}


def test_law_no_rendering_of_a_number_is_another_number() -> None:
    wrong = [
        (listed, e164, region)
        for e164, region in _examples()
        for listed in _renderings(e164)
        if same_number(listed, e164) is Sameness.OTHER
    ]
    assert [] == wrong


def test_law_the_plain_renderings_are_the_same_number() -> None:
    for e164, _ in _examples():
        number = phonenumbers.parse(e164)
        international = phonenumbers.format_number(number, Form.INTERNATIONAL)
        for listed in (e164, e164[1:], f"00{e164[1:]}", f"tel:{e164}", f"sip:{e164}@x.example", international):
            assert Sameness.SAME is same_number(listed, e164), listed


_numbers = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True, alphabet=st.characters(codec="ascii"))


@given(_numbers, _numbers)
def test_law_no_rendering_of_another_number_is_ours(theirs: str, ours: str) -> None:
    assume(theirs != ours)
    listed = {theirs, theirs[1:], f"00{theirs[1:]}", f"tel:{theirs}", f"sip:{theirs}@x.example", " ".join(theirs)}
    assert Sameness.SAME not in {same_number(each, ours) for each in listed}


@given(_numbers, st.integers(0, 14), st.integers(1, 9))
def test_law_one_wrong_digit_is_another_number(ours: str, place: int, more: int) -> None:
    place = 1 + place % (len(ours) - 1)
    digit = str((int(ours[place]) + more) % 10)
    theirs = f"{ours[:place]}{digit}{ours[place + 1 :]}"
    assume(theirs[1] != "0")
    assert Sameness.OTHER is same_number(theirs, ours)


@given(st.text(max_size=40) | st.text("+0123456789 -.()/@:;tsipel", max_size=40), _numbers)
def test_law_nothing_raises_and_only_its_digits_are_the_same_number(listed: str, ours: str) -> None:
    if same_number(listed, ours) is Sameness.SAME:
        assert ours[1:] in "".join(char for char in listed if char in "0123456789")
