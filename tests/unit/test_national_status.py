"""LAPOR!'s status words: the ones seen mean something, an account may add its own, others stay unknown."""

import pytest

from lapor_gateway.domain.complaint import StatusMeaning
from lapor_gateway.domain.national_status import meaning_of


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Belum Terverifikasi", StatusMeaning.OPEN),
        ("Terverifikasi", StatusMeaning.OPEN),
        ("Belum Ditindaklanjuti", StatusMeaning.OPEN),
        ("Ditunda", StatusMeaning.OPEN),
        ("Dalam Proses", StatusMeaning.IN_PROGRESS),
        (" dalam  PROSES ", StatusMeaning.IN_PROGRESS),
        ("Ditanggapi oleh Pelapor", StatusMeaning.IN_PROGRESS),
        ("Selesai", StatusMeaning.DONE),
        ("Ditutup oleh Admin", StatusMeaning.DONE),
        ("Ditutup oleh Sistem", StatusMeaning.DONE),
        ("Diarsipkan", StatusMeaning.ARCHIVED),
        ("Diarsipkan oleh Sistem", StatusMeaning.ARCHIVED),
        ("Ditolak", StatusMeaning.REFUSED),
        ("Dilimpahkan", StatusMeaning.UNKNOWN),
        ("", StatusMeaning.UNKNOWN),
    ],
)
def test_a_word_means_what_the_table_says(word: str, meaning: StatusMeaning) -> None:
    assert meaning_of(word) is meaning


def test_an_accounts_own_patterns_come_first() -> None:
    own = {"Selesai*": StatusMeaning.ARCHIVED, "dilimpahkan *": StatusMeaning.IN_PROGRESS}
    assert meaning_of("Selesai", own) is StatusMeaning.ARCHIVED
    assert meaning_of("Dilimpahkan ke OPD", own) is StatusMeaning.IN_PROGRESS
    assert meaning_of("Ditolak", own) is StatusMeaning.REFUSED
