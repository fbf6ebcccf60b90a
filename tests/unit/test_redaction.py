"""A hidden reporter's own values leave no text of theirs; other people's numbers survive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.domain.complaint import Reporter
from lapor_gateway.domain.redaction import MARK, redact

REPORTER = Reporter(
    name="Budi Santoso",
    nik="3523990101900001",
    kk="3523990202200002",
    phone="+6281234567890",
    email="budi.s@contoh.example",
    address="Jl. Melati No. 5, Desa Sumber",
)


@pytest.mark.parametrize(
    "value",
    [
        "Budi Santoso",
        "BUDI  SANTOSO",
        "budi\nsantoso",
        "Santoso",
        "budi",
        "3523990101900001",
        "3523 9901 0190 0001",
        "352399-010190-0001",
        "352399.010190.0001",
        "3523990202200002",
        "081234567890",
        "0812-3456-7890",
        "0812 3456 7890",
        "0812.3456.7890",
        "+62 812-3456-7890",
        "+6281234567890",
        "6281234567890",
        "(0812) 34567890",
        "006281234567890",
        "81234567890",
        "BUDI.S@contoh.example",
        "jalan melati no 5 desa sumber",
        "Jln. Melati No.5, Desa Sumber",
    ],
)
def test_a_reporters_value_goes_in_any_usual_spelling(value: str) -> None:
    assert redact(f"Saya, {value}, melapor.", REPORTER) == f"Saya, {MARK}, melapor."


@pytest.mark.parametrize(
    "number", ["1111222233334444", "1111 2222 3333 4444", "1111.2222.3333.4444", "111122-223333-4444"]
)
def test_every_sixteen_digit_number_goes_whoever_it_belongs_to(number: str) -> None:
    assert redact(f"KTP tetangga {number}.", Reporter()) == f"KTP tetangga {MARK}."


@pytest.mark.parametrize(
    "text",
    [
        "Rekening BRI 1234567890 dan 123456789012345 milik oknum",
        "Rekening 1234-5678-9012-345",
        "Budiman dan Santosowati bukan saya",
        "RT 05 RW 03, tahun 2024, Rp 1.500.000, tanggal 2024-01-02 10:30",
        "Telepon kantor 0356-321321",
        "",
    ],
)
def test_other_words_and_numbers_survive(text: str) -> None:
    assert redact(text, REPORTER) is text


def test_a_name_that_names_nobody_is_not_hunted() -> None:
    text = "Bapak Bupati, warga anonim meminta jalan diperbaiki"
    assert redact(text, Reporter(name="Hamba Allah")) == text
    assert redact(text, Reporter(name="Bapak Warga")) == text


def test_short_names_go_whole_only() -> None:
    assert redact("Adi Eko dan adi", Reporter(name="Adi Eko")) == f"{MARK} dan adi"
    assert redact("Ini Adi", Reporter(name="Adi")) == f"Ini {MARK}"


def test_malformed_values_go_as_they_were_typed() -> None:
    reporter = Reporter(nik="35239901O1900OO1", phone="ext 1234 rumah")
    assert redact("NIK 35239901o1900oo1", reporter) == f"NIK {MARK}"
    assert redact("hubungi ext 1234 rumah", reporter) == f"hubungi {MARK}"


def test_values_beside_each_other_go_each() -> None:
    text = "081234567890 3523990101900001\n1234567890"
    assert redact(text, REPORTER) == f"{MARK} {MARK}\n1234567890"


@given(
    st.text(),
    st.sampled_from(["Budi Santoso", "3523990101900001", "0812 3456 7890", "budi.s@contoh.example"]),
    st.text(),
)
def test_no_known_value_survives_between_any_texts(before: str, value: str, after: str) -> None:
    redacted = redact(f"{before} {value} {after}", REPORTER)
    assert value not in redacted or value in before or value in after


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text, REPORTER)
    assert redact(once, REPORTER) == once
