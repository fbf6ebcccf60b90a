"""What LAPOR!'s status words mean: a table of patterns, which an account's settings extend. Pure."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

from lapor_gateway.domain.complaint import StatusMeaning

SEEN_WORDS: Final[Mapping[str, StatusMeaning]] = {
    "belum *": StatusMeaning.OPEN,
    "terverifikasi": StatusMeaning.OPEN,
    "ditunda*": StatusMeaning.OPEN,
    "dalam proses*": StatusMeaning.IN_PROGRESS,
    "ditanggapi *": StatusMeaning.IN_PROGRESS,
    "selesai*": StatusMeaning.DONE,
    "ditutup *": StatusMeaning.DONE,
    "diarsipkan*": StatusMeaning.ARCHIVED,
    "ditolak*": StatusMeaning.REFUSED,
}
"""Words seen at LAPOR! (in exports, pages and public clients of 2020 to 2026), in small letters; `*` is any rest."""


def meaning_of(word: str, more: Mapping[str, StatusMeaning] = SEEN_WORDS) -> StatusMeaning:
    """What a word means by `more` (an account's own patterns, which come first), then by the words seen.

    Case and white space do not matter. `StatusMeaning.UNKNOWN` for a word that no pattern takes.
    """
    spelt = " ".join(word.split()).casefold()
    for table in (more, SEEN_WORDS):
        for pattern, meaning in table.items():
            if fnmatchcase(spelt, " ".join(pattern.split()).casefold()):
                return meaning
    return StatusMeaning.UNKNOWN
