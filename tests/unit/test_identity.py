"""Identities are normalized where valid, kept and flagged where not, and masked for display."""

from typing import Any

import pytest

from lapor_gateway.domain import identity
from lapor_gateway.domain.complaint import Reporter

NIK = "3523990101900001"


@pytest.mark.parametrize(
    ("given", "kept", "rule"),
    [
        (NIK, NIK, None),
        ("3523994101900001", "3523994101900001", None),  # a woman's: day + 40
        ("3523 9901 0190 0001", NIK, None),
        ("352399.010190.0001", NIK, None),
        ("'3523990101900001", NIK, None),
        (3523990101900001, NIK, None),
        (3523990101900001.0, NIK, None),
        ("352399010190", "352399010190", "malformed"),
        ("3523993201900001", "3523993201900001", "malformed"),  # day 32
        ("3523993002900001", "3523993002900001", "malformed"),  # 30 February
        ("3523990113900001", "3523990113900001", "malformed"),  # month 13
        ("9923990101900001", "9923990101900001", "malformed"),  # province 99
        ("35239901O190OOO1", "35239901O190OOO1", "malformed"),
        ("３５２３９９０１０１９００００１", "３５２３９９０１０１９００００１", "malformed"),
        ("2147483647", "2147483647", "overflow"),
        (2147483647, "2147483647", "overflow"),
        ("", None, None),
        ("-", None, None),
        (None, None, None),
    ],
)
def test_a_nik_is_normalized_or_kept_and_named_malformed(
    given: Any, kept: str | None, rule: str | None
) -> None:
    assert identity.normalize_nik(given) == (kept, rule)


def test_a_family_card_has_no_womens_day() -> None:
    assert identity.normalize_kk(NIK) == (NIK, None)
    assert identity.normalize_kk("3523994101900001") == ("3523994101900001", "malformed")


@pytest.mark.parametrize(
    ("given", "kept", "rule"),
    [
        ("081234567890", "+6281234567890", None),
        ("0812-3456-7890", "+6281234567890", None),
        ("+62 812 3456 7890", "+6281234567890", None),
        ("6281234567890", "+6281234567890", None),
        ("+62 0812 3456 7890", "+6281234567890", None),
        ("006281234567890", "+6281234567890", None),
        ("6281234567890@c.us", "+6281234567890", None),
        (81234567890, "+6281234567890", None),  # a spreadsheet drops the zero
        (81234567890.0, "+6281234567890", None),
        ("(0356) 321321", "+62356321321", None),
        ("+65 6123 4567", "+6561234567", None),
        ("0812", "0812", "malformed"),
        ("081234567890 / 081234567891", "081234567890 / 081234567891", "malformed"),
        ("tidak punya", "tidak punya", "malformed"),
        ("-", None, None),
        ("  ", None, None),
    ],
)
def test_a_phone_becomes_e164_or_is_kept_and_named_malformed(
    given: Any, kept: str | None, rule: str | None
) -> None:
    assert identity.normalize_phone(given) == (kept, rule)


@pytest.mark.parametrize(
    ("given", "kept", "rule"),
    [
        ("Budi.S@Contoh.EXAMPLE", "Budi.S@contoh.example", None),
        ("budi@contoh", "budi@contoh", "malformed"),
        ("budi contoh.example", "budi contoh.example", "malformed"),
        ("a@b.example, c@d.example", "a@b.example, c@d.example", "malformed"),
        (None, None, None),
    ],
)
def test_an_address_has_its_domain_in_lower_case(given: Any, kept: str | None, rule: str | None) -> None:
    assert identity.normalize_email(given) == (kept, rule)


def test_masks_show_what_tells_two_reporters_apart_and_no_more() -> None:
    assert identity.mask_name("Budi Santoso") == "Bu*** S*****"
    assert identity.mask_name("Al") == "A***"
    assert identity.mask_nik(NIK) == "352399**********"
    assert identity.mask_nik("35239") == "**********"
    assert identity.mask_phone("+6281234567789") == "0812****789"
    assert identity.mask_phone("0812345") == "****"
    assert identity.mask_email("budi@contoh.example") == "b***@contoh.example"
    assert identity.mask_email("budi") == "***"


def test_a_masked_reporter_keeps_no_value_whole() -> None:
    reporter = Reporter("Budi Santoso", NIK, NIK, "+6281234567789", "budi@contoh.example", "Jalan Melati 5")
    masked = identity.mask_reporter(reporter)
    assert masked == Reporter(
        "Bu*** S*****",
        "352399**********",
        "352399**********",
        "0812****789",
        "b***@contoh.example",
        "***",
    )
    assert identity.mask_reporter(Reporter()) == Reporter()
