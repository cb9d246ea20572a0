"""A country as people write it: what is certain is read, what is likely is suggested."""

import phonenumbers
import pytest

from batch_dialer.schema.countries import find_country, suggest_country


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_region_is_known_by_its_code(region: str) -> None:
    assert region == find_country(region) == find_country(f" {region.lower()} ")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("USA", "US"), ("U.S.A.", "US"), ("united states of america", "US"), ("GBR", "GB"), ("Great Britain", "GB"),
        ("The Netherlands", "NL"), ("México", "MX"), ("Cote d'Ivoire", "CI"), ("Trinidad & Tobago", "TT"),
        ("Czech Republic", "CZ"), ("Türkiye", "TR"), ("Turkey", "TR"), ("XKX", "XK"),
    ],
)  # fmt: skip
def test_english_names_and_both_codes(written: str, code: str) -> None:
    assert code == find_country(written)


@pytest.mark.parametrize("written", ["", "UK", "England", "Congo", "Korea", "Deutschland", "Europe", "49", "XX", "-"])
def test_what_is_less_than_certain_is_no_country(written: str) -> None:
    assert find_country(written) is None


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("UK", "Write GB for the United Kingdom."),
        ("u.k.", "Write GB for the United Kingdom."),
        ("Deutschland", "Write DE for Germany."),
        ("Germany", "Write DE for Germany."),
        ("Holland", "Write NL for the Netherlands."),
        ("Atlantis", "Write the code of a country, such as US."),
    ],
)
def test_what_to_write_instead(written: str, sentence: str) -> None:
    assert sentence == suggest_country(written)
