"""Parse a column of phone numbers: most by polars expressions, the others by libphonenumber, each distinct text once.

The expressions are compiled from libphonenumber's own patterns. They accept only texts of the form `+digits` that the
library accepts, too, and would write in the same way; every other text goes to the library, which also says what is
wrong with it. A number that may begin with a national prefix is left to the library, since it removes that from some.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import phonenumbers
import polars as pl
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

from batch_dialer.contacts.phone import NotDialable, is_missing, parse_phone
from batch_dialer.words import Code

_PERSONAL_KINDS = ("fixed_line", "mobile", "voip", "personal_number", "toll_free")
_OTHER_KINDS = ("premium_rate", "shared_cost", "pager", "uan", "voicemail")
_NON_GEOGRAPHIC = "001"
_PARSED_SCHEMA = dict.fromkeys(("value", "e164", "code", "why", "remedy"), pl.String)
NO_FAULTS = pl.DataFrame(schema=_PARSED_SCHEMA).drop("e164")
_SIZES = (8, 16)  # characters: the + and 7 to 15 digits
_LONGEST_CODE = 3


@dataclass(frozen=True, slots=True)
class ParsedPhones:
    """A parsed column of phone numbers.

    *e164* has as many entries as the column, null where a number cannot be dialed. *faults* has one line for each
    distinct text of that kind: `value` (the text, or null), `code`, `why` and `remedy`.
    """

    e164: pl.Series
    faults: pl.DataFrame


def parse_phones(written: pl.Series, region: str | None) -> ParsedPhones:
    """Parse the numbers *written* (trimmed text, or null); *region* as in `parse_phone`."""
    plain = is_plainly_valid(written)
    if plain.all():
        return ParsedPhones(written, NO_FAULTS)
    others = written.filter(~plain).alias("value").to_frame()
    judged = _parse_texts(others["value"].unique(), region)
    read = others.join(judged, on="value", how="left", nulls_equal=True, maintain_order="left")["e164"]
    e164 = pl.select(pl.when(plain).then(written)).to_series().scatter((~plain).arg_true(), read)
    return ParsedPhones(e164, judged.filter(pl.col("e164").is_null()).drop("e164"))


def _parse_texts(texts: pl.Series, region: str | None) -> pl.DataFrame:
    read = [_parse_text(text, region) for text in texts]
    columns = {
        "value": texts,
        "e164": [result if isinstance(result, str) else None for result in read],
        "code": [None if isinstance(result, str) else result.code.value for result in read],
        "why": [None if isinstance(result, str) else result.why for result in read],
        "remedy": [None if isinstance(result, str) else result.remedy for result in read],
    }
    return pl.DataFrame(columns, schema=_PARSED_SCHEMA)


def _parse_text(text: str | None, region: str | None) -> str | NotDialable:
    if text is None or is_missing(text):
        return NotDialable("is empty", "Fill in the number to call.", Code.MISSING_PHONE_NUMBER)
    return parse_phone(text, region)


def is_plainly_valid(numbers: pl.Series) -> pl.Series:
    """Return True for each of *numbers* that is certainly E.164 and dialable; the library decides on the others."""
    sized = pl.col("to").str.len_bytes().is_between(*_SIZES)
    begins = pl.col("to").str.slice(1, _LONGEST_CODE).cast(pl.UInt16, strict=False)
    coded = numbers.to_frame("to").select(
        "to", pl.when(sized).then(pl.lit(_code_by_digits()).gather(begins)).alias("code")
    )
    parts = coded.with_row_index("at").partition_by("code", as_dict=True, include_key=False)
    good = (_find_valid(part, code) for (code,), part in parts.items() if code)
    places = pl.concat([pl.Series(dtype=pl.UInt32), *good])
    return pl.repeat(value=False, n=len(numbers), eager=True).scatter(places, values=True)


def _find_valid(numbers: pl.DataFrame, code: int) -> pl.Series:
    """Return `at`, the index in the column, of the numbers of country *code* that are certainly dialable."""
    country = _compile_country(code)
    number = pl.col("to").str
    apart = numbers.select(number.contains(country.apart)).to_series()
    found = []
    # A number with the leading digits of a region belongs to that region alone.
    others = numbers.filter(apart).filter(~number.contains(country.barred))
    for leading, region in country.leading.items() if others.height else ():
        found.append(others.filter(number.contains(leading), *region.conditions())["at"])
        others = others.filter(~number.contains(leading))
    numbers = numbers.filter(~apart)
    for region in country.regions:
        # polars computes columns in parallel, but the parts of one condition in sequence.
        of_region = numbers.select(*region.conditions()).select(pl.all_horizontal(pl.all())).to_series()
        found.append(numbers["at"].filter(of_region))
        numbers = numbers.filter(~of_region)
    return pl.concat([numbers["at"].clear(), *found])


@cache
def _code_by_digits() -> pl.Series:
    """Return a series of 1,000: at index 491 the country code with which the digits 491 begin (49), or null."""
    begins: list[int | None] = [None] * 10**_LONGEST_CODE
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        if regions != (_NON_GEOGRAPHIC,):
            span = 10 ** (_LONGEST_CODE - len(str(code)))
            begins[code * span : (code + 1) * span] = [code] * span
    return pl.Series(begins, dtype=pl.UInt16)


@dataclass(frozen=True, slots=True)
class _Region:
    """The pattern of a region's numbers in *general*, and of the dialable kinds by the lengths that they may have."""

    general: str
    people: dict[tuple[int, ...], str]

    def conditions(self) -> list[pl.Expr]:
        """Return two conditions on the column `to`, which both hold for a dialable number of this region."""
        number = pl.col("to").str
        kinds = [number.len_bytes().is_in(sizes) & number.contains(form) for sizes, form in self.people.items()]
        return [
            number.contains(self.general).alias("general"),
            pl.any_horizontal(pl.lit(value=False), *kinds).alias("people"),
        ]


@dataclass(frozen=True, slots=True)
class _Country:
    """The compiled patterns of a country code.

    *leading* has the regions that are recognised by leading digits, by the pattern of these; *regions* the others.
    *barred* matches numbers that are left to the library; *apart* those that are barred or have leading digits.
    """

    apart: str
    barred: str
    leading: dict[str, _Region]
    regions: tuple[_Region, ...]


@cache
def _compile_country(code: int) -> _Country:
    known = [_metadata(region) for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]]
    other = [f"(?:{pattern})$" for region in known for _, pattern in _descriptions(region, _OTHER_KINDS)]
    prefix = known[0].national_prefix_for_parsing
    # In a country without a national prefix, such as Italy, a zero at the front is part of the number.
    order = ["0", _compact(prefix)] if prefix else []
    start = rf"^\+{code}"
    barred = f"{start}(?:{'|'.join(f'(?:{part})' for part in [*other, *order]) or '$'})"
    leading = {
        f"{start}(?:{_compact(of.leading_digits)})": _compile_region(start, of) for of in known if of.leading_digits
    }
    return _Country(
        "|".join([barred, *leading]),
        barred,
        leading,
        tuple(_compile_region(start, region) for region in known if not region.leading_digits),
    )


def _compile_region(start: str, region: PhoneMetadata) -> _Region:
    people: dict[tuple[int, ...], list[str]] = {}
    for lengths, pattern in _descriptions(region, _PERSONAL_KINDS):
        sizes = tuple(len(f"+{region.country_code}") + length for length in lengths)
        people.setdefault(sizes, []).append(pattern)
    ((_, general),) = _descriptions(region, ("general_desc",))
    return _Region(
        f"{start}(?:{general})$", {sizes: f"{start}(?:{'|'.join(forms)})$" for sizes, forms in people.items()}
    )


def _metadata(region: str) -> PhoneMetadata:
    known = PhoneMetadata.metadata_for_region(region)
    assert known is not None  # noqa: S101  (the library lists the region itself)
    return known


def _descriptions(region: PhoneMetadata, names: tuple[str, ...]) -> Iterator[tuple[tuple[int, ...], str]]:
    for name in names:
        description: PhoneNumberDesc | None = getattr(region, name)
        if description and description.national_number_pattern:
            general = region.general_desc
            lengths = description.possible_length or (general.possible_length if general else ())
            yield tuple(lengths), _compact(description.national_number_pattern)


def _compact(pattern: str) -> str:
    # In polars \d matches the digits of every script, which makes a long pattern about ten times as slow.
    return re.sub(r"\s+", "", pattern).replace(r"\d", "[0-9]")
