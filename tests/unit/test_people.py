"""Whose a text or a report is, by the values a person can name."""

import pytest

from lapor_gateway.domain.complaint import Reporter
from lapor_gateway.domain.people import is_named_in, is_same_person, significant

BUDI = Reporter(
    name="Budi Rekaan", nik="3523014101900077", phone="+6281377700077", email="Budi@contoh.example"
)


@pytest.mark.parametrize(
    "text",
    [
        "NIK 3523014101900077",
        "nik 3523 0141 0190 0077",
        "hubungi 0813-7770-0077",
        "hubungi (+62) 813 7770 0077",
        '{"telp": "6281377700077"}',
        "surel budi@CONTOH.example ya",
    ],
)
def test_a_text_that_carries_a_value_in_any_spelling_names_the_reporter(text: str) -> None:
    assert is_named_in(text, BUDI)


@pytest.mark.parametrize(
    "text", ["", "Budi Rekaan saja", "3523014101900078", "0813777000", "budi@lain.example"]
)
def test_a_name_alone_or_another_number_names_nobody(text: str) -> None:
    assert not is_named_in(text, BUDI)


def test_a_number_too_short_to_mean_anybody_is_not_looked_for() -> None:
    assert not is_named_in("rumah nomor 12345", Reporter(phone="12345"))


@pytest.mark.parametrize(
    ("written", "digits"),
    [("+62 813-7770", "8137770"), ("0813 7770", "8137770"), ("3523014101900077", "3523014101900077")],
)
def test_what_people_spell_differently_is_left_out_of_a_number(written: str, digits: str) -> None:
    assert significant(written) == digits


def test_the_same_person_is_known_by_any_one_value() -> None:
    assert is_same_person(BUDI, Reporter(nik="3523014101900077"))
    assert is_same_person(Reporter(phone="0813 7770 0077"), Reporter(phone="+6281377700077"))
    assert is_same_person(BUDI, Reporter(email="BUDI@contoh.example"))
    assert not is_same_person(BUDI, Reporter(nik="3523014101900078", email="lain@contoh.example"))
    assert not is_same_person(Reporter(), Reporter(nik="3523014101900077"))
