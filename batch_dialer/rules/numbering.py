"""libphonenumber's own patterns as columnar expressions: a million plain numbers are judged without a call for each.

It answers for plain `+digits` only, and only with yes: whatever it accepts, the library accepts, and writes the same
way; all else is for the library itself, which also says what is wrong. So it leaves out on purpose what depends on the
order in which the library looks: national prefixes, zeros in front, regions told by their leading digits.
"""

import re
from collections.abc import Iterator
from functools import cache

import phonenumbers
import polars as pl
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

_PEOPLE = ("fixed_line", "mobile", "voip", "personal_number", "toll_free")
_NOT_PEOPLE = ("premium_rate", "shared_cost", "pager", "uan", "voicemail")
_NON_GEOGRAPHIC = "001"


def plainly_good(numbers: pl.Series) -> pl.Series:
    """Return for each of *numbers* (text, perhaps null) whether it is surely E.164 of a person's phone."""
    frame = numbers.to_frame("to").with_row_index("at")
    plain = frame.filter(pl.col("to").str.contains(r"^\+[1-9][0-9]{6,14}$"))
    coded = plain.with_columns(pl.col("to").str.extract(_codes()).alias("code")).drop_nulls("code")
    found = [_good(part, int(str(code))) for (code,), part in coded.group_by("code")]
    good = pl.concat([part["at"] for part in found]) if found else pl.Series([], dtype=pl.UInt32)
    return frame.select(pl.col("at").is_in(good.implode())).to_series()


def _good(numbers: pl.DataFrame, code: int) -> pl.DataFrame:
    local = numbers.with_columns(pl.col("to").str.slice(1 + len(str(code))).alias("local"))
    yes, no = _patterns(code)
    good = pl.lit(value=False)
    for lengths, pattern in yes.items():
        good |= pl.col("local").str.len_bytes().is_in(lengths) & pl.col("local").str.contains(pattern)
    return local.filter(good & ~pl.col("local").str.contains(no))


@cache
def _codes() -> str:
    """Country codes are told apart from the front: none is the beginning of another."""
    known = sorted(
        code for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if regions != (_NON_GEOGRAPHIC,)
    )
    return rf"^\+({'|'.join(map(str, known))})"


@cache
def _patterns(code: int) -> tuple[dict[tuple[int, ...], str], str]:
    """Return what a local number may look like, by its possible lengths, and what it must not look like."""
    regions = [_metadata(region) for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]]
    by_length: dict[tuple[int, ...], list[str]] = {}
    for region in regions:
        for lengths, pattern in _descriptions(region, _PEOPLE):
            by_length.setdefault(lengths, []).append(pattern)
    other = [f"(?:{pattern})$" for region in regions for _, pattern in _descriptions(region, _NOT_PEOPLE)]
    order = ["0", *(region.leading_digits for region in regions if region.leading_digits)]
    prefix = regions[0].national_prefix_for_parsing
    no = "|".join(f"(?:{_compact(part)})" for part in [*other, *order, *([prefix] if prefix else [])])
    return {lengths: f"^(?:{'|'.join(patterns)})$" for lengths, patterns in by_length.items()}, f"^(?:{no})"


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
    return re.sub(r"\s+", "", pattern)
