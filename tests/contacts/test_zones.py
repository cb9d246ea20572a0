"""Where a phone may be, by its number."""

import pytest

from batch_dialer.contacts.zones import TELLING, counts_whole, zones_of


@pytest.mark.parametrize(
    ("phone", "zones"),
    [
        ("+56961234567", {"America/Santiago", "America/Punta_Arenas", "America/Coyhaique", "Pacific/Easter"}),
        ("+6281234567890", {"Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"}),
        ("+18505550123", {"America/New_York", "America/Chicago", "Pacific/Honolulu", "America/Anchorage"}),
        ("+525512345678", {"America/Mexico_City", "America/Tijuana", "America/Cancun"}),
        ("+18005550123", {"America/New_York", "Pacific/Honolulu", "America/St_Johns"}),
        ("+77012345678", {"Asia/Almaty", "Asia/Aqtau"}),
    ],
)
def test_a_phone_that_can_be_carried_may_be_anywhere_in_its_country(phone: str, zones: set[str]) -> None:
    assert zones <= set(zones_of(phone))


@pytest.mark.parametrize(
    ("phone", "zones"),
    [
        ("+62211234567", {"Asia/Jakarta"}),
        ("+551131234567", {"America/Sao_Paulo"}),
        ("+74951234567", {"Europe/Moscow"}),
        ("+17875550123", {"America/Puerto_Rico"}),
        ("+38344123456", {"Europe/Belgrade"}),  # no country of the zone database
        ("+80012345678", set()),
        ("+99900000000", set()),
        ("", set()),
    ],
)
def test_a_fixed_line_is_in_its_area_and_what_is_nowhere_has_no_zone(phone: str, zones: set[str]) -> None:
    assert zones == set(zones_of(phone))


@pytest.mark.parametrize(
    ("start", "whole"), [("+1212", False), ("+4930", False), ("+4477", False), ("+6141", True), ("+7495", True)]
)
def test_the_first_digits_tell_the_zones_of_most_numbers(start: str, whole: bool) -> None:  # noqa: FBT001  (a table)
    assert TELLING == len(start)
    assert whole == counts_whole(start)
