"""A phone number as people write it becomes E.164 or is refused with a reason; it is never guessed."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from batch_dialer.contacts.phone import TWO_READINGS, NotDialable, is_missing, parse_phone
from batch_dialer.words import Code


def _why(text: str, region: str | None = None) -> str:
    read = parse_phone(text, region)
    assert isinstance(read, NotDialable), read
    assert Code.INVALID_PHONE_NUMBER is read.code
    assert read.remedy.endswith((".", '"'))
    return read.why


@pytest.mark.parametrize(
    "text", ["", " ", "-", "--", "n/a", "N/A", "NA", "NULL", "null", "nan", "NaN", "None", "?", "\t"]
)
def test_49_nothing_in_the_ways_in_which_people_say_it(text: str) -> None:
    assert is_missing(text)
    assert is_missing(None)


@pytest.mark.parametrize("text", ["0", "#N/A", "+1", "unknown"])
def test_49_everything_else_is_something(text: str) -> None:
    assert not is_missing(text)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        pytest.param("14155552671", "US", id="50 a number cell"),
        pytest.param("'+14155552671", None, id="58 a leading apostrophe"),
        pytest.param("+1 (415) 555-2671", None, id="64 brackets and a hyphen"),
        pytest.param("(415) 555-2671", "US", id="64 national"),
        pytest.param("415.555.2671", "US", id="64 dots"),
        pytest.param("( 415 ) 555 2671", "US", id="64 spaces in the brackets"),
        pytest.param("(+1) 415 555 2671", None, id="64 the country in brackets"),
        pytest.param("( + 1 )415 555 2671", None, id="64 the country in brackets, with spaces"),
        pytest.param("+ 1 415 555 2671", None, id="64 a space behind the plus"),
        pytest.param("+1.4155552671", None, id="64 as registrars write it"),
        pytest.param("+1\u00a0415\u00a0555\u00a02671", None, id="64 no-break spaces"),
        pytest.param("+1\u2009415\u2009555\u20092671", None, id="64 thin spaces"),
        pytest.param("+1\u2011415\u2013555\u20142671", None, id="64 hyphens and dashes of all lengths"),
        pytest.param("+1 415 555 2671\n", None, id="64 a line break at the end"),
        pytest.param("\t +1 415 555 2671 \t", None, id="64 tabs around it"),
        pytest.param("＋１４１５５５５２６７１", None, id="65 full-width digits"),  # noqa: RUF001  (their point)
        pytest.param("+١٤١٥٥٥٥٢٦٧١", None, id="65 Arabic-Indic digits"),
        pytest.param("+१४१५५५५२६७१", None, id="65 Devanagari digits"),
        pytest.param("\u202a+14155552671\u202c", None, id="66 as contacts are pasted from Windows"),
        pytest.param("+1415\u200b5552671\ufeff", None, id="66 zero width"),
        pytest.param("4155552671", "US", id="71 without +, with region"),
        pytest.param("415/555-2671", "US", id="71 a slash behind the area code"),
        pytest.param("011 1 415 555 2671", "US", id="72 the American prefix"),
        pytest.param("00 1 415 555 2671", "DE", id="72 the European prefix"),
        pytest.param("tel:+1-415-555-2671", None, id="85 a plain tel: URI"),
        pytest.param("TEL:+14155552671", None, id="85 in capitals"),
    ],
)
def test_however_it_is_written_it_is_the_same_number(text: str, region: str | None) -> None:
    assert "+14155552671" == parse_phone(text, region)


@pytest.mark.parametrize(
    ("expected", "text", "region"),
    [
        ("+442079460958", "+44 (0)20 7946 0958", None),
        ("+442079460958", "020 7946 0958", "GB"),
        ("+442079460958", "2079460958", "GB"),
        ("+390612345678", "+39 (0)6 1234 5678", None),
        ("+49301234567", "030/1234567", "DE"),
        ("+493376112345", "+49 33761/12345", None),
        ("+33123456700", "01.23.45.67.00", "FR"),
        ("+4930123456", "4930123456", "DE"),
    ],
)
def test_79_national_ways_of_writing(expected: str, text: str, region: str | None) -> None:
    assert expected == parse_phone(text, region)


@pytest.mark.parametrize(
    ("why", "text", "region"),
    [
        pytest.param("decimal point", "14155552671.0", "US", id="52 a trailing .0"),
        pytest.param("decimal point", "+4930123456.0", None, id="52 which would be another number"),
        pytest.param("decimal point", "+4930123456.00", None, id="52 two zeros"),
        pytest.param("decimal point", "+49 30 123456.0", None, id="52 with spaces"),
        pytest.param("decimal point", "3012345678.5", "DE", id="55 a fraction"),
        pytest.param("last digits are lost", "1.41556E+10", "US", id="53 shortened"),
        pytest.param("last digits are lost", "1,41556E+10", "DE", id="53 shortened in German"),
        pytest.param("last digits are lost", "14155552671e0", "US", id="53 whole"),
        pytest.param("too many", "1415555267100000", "US", id="54 more than 15 digits"),
        pytest.param("not written", "-4155552671", "US", id="56 negative"),
        pytest.param("a formula", "=+14155552671", None, id="59 a formula"),
        pytest.param("a formula", '="+14155552671"', None, id="59 text that a formula keeps"),
        pytest.param("not written", "@+14155552671", None, id="59 another formula"),
        pytest.param("error value of the spreadsheet", "#N/A", "US", id="62 N/A"),
        pytest.param("error value of the spreadsheet", "#REF!", "US", id="62 REF"),
        pytest.param("error value of the spreadsheet", "#NAME?", "US", id="62 NAME"),
        pytest.param("letters", "TRUE", "US", id="63 a truth value"),
        pytest.param("", "2026-11-22", "US", id="63 a date"),
        pytest.param("", "2026-11-22 10:00:00", "US", id="63 a date and time"),
        pytest.param("letters", "1-800-FLOWERS", "US", id="67 a vanity number"),
        pytest.param("letters", "415555267l", "US", id="67 an l for a 1"),
        pytest.param("letters", "4I55552671", "US", id="67 an I for a 1"),
        pytest.param("letters", "(4l5) 555-2671", "US", id="67 an l in the area code"),
        pytest.param("letters", "phone: +14155552671", None, id="67 words"),
        pytest.param("more than one", "4155552671 / 4155552672", "US", id="68 a slash"),
        pytest.param("more than one", "415-555-2671/415-555-2672", "US", id="68 a slash between formatted ones"),
        pytest.param("more than one", "415-555-2671 / 415-555-2672", None, id="68 a slash, of no country"),
        pytest.param("more than one", "4155552671;4155552672", "US", id="68 a semicolon"),
        pytest.param("more than one", "4155552671, 4155552672", "US", id="68 a comma"),
        pytest.param("more than one", "4155552671 or 4155552672", "US", id="68 or"),
        pytest.param("more than one", "030 123456/57", "DE", id="68 a German second line"),
        pytest.param("more than one", "3012345/3012346", "DE", id="68 two short ones"),
        pytest.param("more than one", "+4930123456/57/58", None, id="68 three lines"),
        pytest.param("more than one", "4155552671\n4155552672", "US", id="68 a line break"),
        pytest.param("", "030 12345\n030654", "DE", id="68 two short ones on two lines"),
        pytest.param("too many", "4155552671 4155552672", "US", id="68 a space"),
        pytest.param("not written", "4155552671\t4155552672", "US", id="68 a tab"),
        pytest.param("extension", "4155552671 x5", "US", id="69 x"),
        pytest.param("extension", "4155552671 ext. 5", "US", id="69 ext."),
        pytest.param("extension", "4155552671 extension 512", "US", id="69 extension"),
        pytest.param("extension", "4155552671,,123#", "US", id="69 pauses"),
        pytest.param("extension", "+14155552671;ext=5", None, id="69 as in a URI"),
        pytest.param("no country code", "4155552671", None, id="70 no region"),
        pytest.param("no country code", "0014155552671", None, id="70 00 is no +"),
        pytest.param("", "0044 20 7946 0958", "US", id="72 another country's prefix"),
        pytest.param("", "011 44 20 7946 0958", "GB", id="72 the American prefix elsewhere"),
        pytest.param("not written", "++14155552671", None, id="73 two signs"),
        pytest.param("not written", "+1+14155552671", None, id="73 a second sign"),
        pytest.param("not written", "+14155552671+", None, id="73 a trailing sign"),
        pytest.param("too few", "+123456", None, id="74 six digits"),
        pytest.param("too many", "+1234567890123456", None, id="74 sixteen digits"),
        pytest.param("valid number in its country", "+10004155555", None, id="75 an area that does not exist"),
        pytest.param("valid number in its country", "+15550100199", None, id="75 555"),
        pytest.param("valid number in its country", "+1415555267", None, id="75 a digit is missing"),
        pytest.param("valid number in its country", "+141555526711", None, id="75 a digit is too many"),
        pytest.param("country code that exists", "+999123456789", None, id="75 no country"),
        pytest.param("too few", "911", "US", id="76 911"),
        pytest.param("too few", "112", "DE", id="76 112"),
        pytest.param("too few", "411", "US", id="76 411"),
        pytest.param("too few", "+1911", None, id="76 with a country code"),
        pytest.param("premium", "+19005551234", None, id="77 premium"),
        pytest.param("premium", "09001234567", "DE", id="77 German premium"),
        pytest.param("shared-cost", "01801234567", "DE", id="77 shared cost"),
        pytest.param("satellite", "+870773111632", None, id="77 Inmarsat"),
        pytest.param("satellite", "+881612345678", None, id="77 Iridium"),
        pytest.param("satellite", "+8821621234567", None, id="77 Thuraya"),
        pytest.param("premium", "+979123456789", None, id="77 international premium"),
        pytest.param("numbers in Mexico have not had", "+5215512345678", None, id="80 Mexico before 2019"),
        pytest.param("letters", "tel:2671;phone-context=+1415555", None, id="85 a context"),
        pytest.param("letters", "tel:+14155552671;isub=1", None, id="85 a parameter"),
    ],
)
def test_what_is_not_one_number_is_refused(why: str, text: str, region: str | None) -> None:
    assert why in _why(text, region)


@pytest.mark.parametrize("text", ["+1415555267²", "+493012345²", "+4930123456①", "+49301234½", "+1415555267¹"])
def test_a_footnote_is_not_a_digit(text: str) -> None:
    """Unicode's compatibility form of ² is 2, which would make it another number."""
    assert "not written" in _why(text)


@pytest.mark.parametrize("char", "abcdxyzABCDXYZäßñ李あ*#=@&!?:;,'\"<>\\|%$€~^_[]{}\x00\x1b\x7f")
@pytest.mark.parametrize("place", [1, 3, 7, 12])
def test_no_other_character_is_passed_over(char: str, place: int) -> None:
    written = "+14155552671"

    assert isinstance(parse_phone(written[:place] + char + written[place:], None), NotDialable)


@pytest.mark.parametrize(
    "text", ["", " ", "+", "()", "tel:", "'", "''+14155552671", "+()", "....", "/", "+-", "\u200b"]
)
def test_marks_alone_are_no_number(text: str) -> None:
    assert isinstance(parse_phone(text, "US"), NotDialable)


_FORMATS = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)
_EXAMPLES = [
    pytest.param(region, number, id=f"{region}-{name}")
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for name, kind in (("fixed", PhoneNumberType.FIXED_LINE), ("mobile", PhoneNumberType.MOBILE))
    if (number := phonenumbers.example_number_for_type(region, kind))
]
_SHORT = frozenset(
    {
        "AC",
        "AD",
        "CK",
        "FK",
        "FO",
        "GL",
        "KI",
        "NC",
        "NF",
        "NU",
        "SB",
        "SH",
        "SR",
        "TA",
        "TK",
        "TO",
        "TV",
        "VU",
        "WF",
        "WS",
    }
)
"""Small countries that have numbers of four to six digits: without the country code they look like a short code."""


@pytest.mark.parametrize(("region", "number"), _EXAMPLES)
def test_every_region_s_numbers_in_every_format(region: str, number: phonenumbers.PhoneNumber) -> None:
    expected, international, national = (phonenumbers.format_number(number, form) for form in _FORMATS)

    assert expected == parse_phone(expected, None)
    assert expected == parse_phone(international, None)
    if sum(char.isdigit() for char in national) < 7:
        assert region in _SHORT
        assert "too few" in _why(national, region)
    else:
        assert expected == parse_phone(national, region)


@pytest.mark.parametrize("kind", [PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN])
def test_77_no_region_s_costly_numbers(kind: int) -> None:
    for region in phonenumbers.SUPPORTED_REGIONS:
        number = phonenumbers.example_number_for_type(region, kind)
        if number:
            written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            assert isinstance(parse_phone(written, region), NotDialable), (region, written)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_76_no_emergency_number_in_any_region(region: str) -> None:
    for written in ("112", "911", "999", "110", "000", "08", "+112", "+1 911"):
        assert isinstance(parse_phone(written, region), NotDialable)


_MARKS = st.sampled_from(["", " ", "-", ".", "\u00a0", "\u200b", "\u2011"])


@given(marks=st.lists(_MARKS, min_size=10, max_size=10))
def test_law_marks_between_digits_change_nothing(marks: list[str]) -> None:
    digits = "14155552671"
    written = "+" + "".join(digit + mark for digit, mark in zip(digits, [*marks, ""], strict=True))

    assert "+14155552671" == parse_phone(written, None)


@given(
    text=st.text(max_size=30) | st.text("+0123456789 -/().\n", max_size=20), region=st.sampled_from([None, "US", "DE"])
)
def test_law_what_is_dialed_has_the_digits_that_were_written(text: str, region: str | None) -> None:
    """Nothing is dropped from the end, and nothing is made up: only the trunk prefix and the country code change."""
    read = parse_phone(text, region)

    if isinstance(read, str):
        digits = "".join(str(int(char)) for char in text if char.isdecimal())
        assert phonenumbers.is_valid_number(phonenumbers.parse(read))
        assert digits.endswith(read.removeprefix("+")[4:])
        assert read == parse_phone(read, None), "what is dialed reads as itself"


@given(text=st.text(max_size=30))
def test_law_no_text_raises(text: str) -> None:
    assert isinstance(is_missing(text), bool)
    assert isinstance(parse_phone(text, "US"), str | NotDialable)


@pytest.mark.parametrize(
    ("text", "region", "readings"),
    [
        pytest.param("4915123456789", "DE", ("+4915123456789", "+494915123456789"), id="a mobile"),
        pytest.param("49(0)30123456", "DE", ("+4930123456", "+4949030123456"), id="the zero in brackets"),
        pytest.param("49 (0) 30-123456", "DE", ("+4930123456", "+4949030123456"), id="with spaces"),
        pytest.param("62812345678", "ID", ("+62812345678", "+6262812345678"), id="Indonesia"),
        pytest.param("468123456", "SE", ("+468123456", "+46468123456"), id="Sweden"),
        pytest.param("38343201234", "XK", ("+38343201234", "+38338343201234"), id="Kosovo"),
    ],
)
def test_digits_that_are_two_numbers_are_refused_with_both(text: str, region: str, readings: tuple[str, str]) -> None:
    """A spreadsheet took the + away: read by the country, the digits are a stranger's number."""
    read = parse_phone(text, region)

    assert isinstance(read, NotDialable)
    assert TWO_READINGS == read.why
    assert f"Write the right one of the two, with its +: {readings[0]} or {readings[1]}." == read.remedy
    assert list(readings) == [parse_phone(reading, region) for reading in readings]


@pytest.mark.parametrize(
    ("expected", "text", "region"),
    [
        ("+14155552671", "14155552671", "US"),
        ("+14155552671", "4155552671", "US"),  # also +41 55 555 26 71, but the country is said
        ("+4930123456", "4930123456", "DE"),
        ("+4915123456789", "15123456789", "DE"),
        ("+4915123456789", "015123456789", "DE"),
        ("+494915123456789", "04915123456789", "DE"),  # the zero says that 49 is the area's
        ("+447911123456", "447911123456", "GB"),
        ("+390612345678", "390612345678", "IT"),
    ],
)
def test_digits_that_are_one_number_are_that_one(expected: str, text: str, region: str) -> None:
    assert expected == parse_phone(text, region)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("+52 1 200 123 4567", "Leave that 1 out"),
        ("+225 21 23 45 67", "ten digits since 2021"),
        ("+229 20 21 12 34", "Write 01 after +229"),
        ("+55 11 8765 4321", "Write a 9"),
        ("+84 166 234 5678", "ten since 2018"),
        ("+241 1 23 45 67", "eight since 2019"),
        ("+225 21 23 45", "Check it for missing or wrong digits"),
    ],
)
def test_a_number_from_before_a_change_is_told_what_changed(text: str, words: str) -> None:
    read = parse_phone(text, None)

    assert isinstance(read, NotDialable)
    assert words in f"{read.why}. {read.remedy}"


@pytest.mark.parametrize(
    "text",
    [
        "+1 202-555-0143 ::: +1 202-555-0144",
        "+1 202 555 0145 / +1 202 555 0146",
        "+1 202 555 0145 +1 202 555 0146",
        "(202) 555-0145 | (202) 555-0146",
        "202-555-0145 (home), 202-555-0146 (work)",
        "4915123456789/90",
    ],
)
@pytest.mark.parametrize("region", ["US", "DE", None])
def test_two_numbers_are_said_to_be_two(text: str, region: str | None) -> None:
    if (text, region) in {("4915123456789/90", None), ("4915123456789/90", "US")}:
        assert isinstance(parse_phone(text, region), NotDialable)
    else:
        assert "holds more than one number" == _why(text, region)
