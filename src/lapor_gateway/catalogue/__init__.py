"""One catalogue of all texts for people, each in Bahasa Indonesia and in English; logs stay English."""

import os
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final, Literal

from lapor_gateway.catalogue.answers import ANSWERS
from lapor_gateway.catalogue.archive import ARCHIVE, ARCHIVE_ERRORS
from lapor_gateway.catalogue.backup import BACKUP, BACKUP_ERRORS
from lapor_gateway.catalogue.checks import CHECKS
from lapor_gateway.catalogue.demo import DEMO
from lapor_gateway.catalogue.errors import ERRORS
from lapor_gateway.catalogue.help import HELP
from lapor_gateway.catalogue.ledger import LEDGER, LEDGER_ERRORS
from lapor_gateway.catalogue.national import NATIONAL, NATIONAL_ERRORS
from lapor_gateway.catalogue.patterns import Patterns
from lapor_gateway.catalogue.privacy import PRIVACY
from lapor_gateway.catalogue.reconciliation import RECONCILIATION, RECONCILIATION_ERRORS
from lapor_gateway.catalogue.settling import SETTLING, SETTLING_ERRORS
from lapor_gateway.catalogue.travel import TRAVEL, TRAVEL_ERRORS
from lapor_gateway.catalogue.words import WORDS

Language = Literal["id", "en"]
VARIABLE: Final = "LAPOR_GATEWAY_LANG"

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    **HELP,
    **ANSWERS,
    **WORDS,
    **CHECKS,
    **DEMO,
    **SETTLING,
    **RECONCILIATION,
    **PRIVACY,
    **LEDGER,
    **BACKUP,
    **ARCHIVE,
    **TRAVEL,
    **NATIONAL,
}
"""Every text by its key: (Bahasa Indonesia, English), with the same placeholders in braces."""

SENTENCES: Final[Mapping[str, str]] = {
    **ERRORS,
    **SETTLING_ERRORS,
    **RECONCILIATION_ERRORS,
    **LEDGER_ERRORS,
    **BACKUP_ERRORS,
    **ARCHIVE_ERRORS,
    **TRAVEL_ERRORS,
    **NATIONAL_ERRORS,
}
"""Every sentence of an error: the English template, and the same in Bahasa Indonesia."""

_chosen: ContextVar[Language | None] = ContextVar("language", default=None)
_sentences = Patterns(SENTENCES)


def language() -> Language:
    """The language of texts for people: as chosen, else `LAPOR_GATEWAY_LANG`, else Bahasa Indonesia."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    return "en" if os.environ.get(VARIABLE) == "en" else "id"


def use(chosen: Language) -> None:
    """Speak `chosen` from now on, in this context."""
    _chosen.set(chosen)


def text(key: str, /, **values: object) -> str:
    """The text of `key` in the present language. Raises KeyError for a key or a value that is missing."""
    message = MESSAGES[key][0 if language() == "id" else 1]
    return message.format(**values) if values else message


def is_known(key: str) -> bool:
    return key in MESSAGES


def details(english: str) -> str:
    """Details joined by "; ", each in the present language, with what stands behind its "side: ", too."""
    if language() == "en":
        return english
    return "; ".join(_detail(part) for part in english.split("; "))


def _detail(english: str) -> str:
    side, colon, rest = english.partition(": ")
    known = colon and side in ("source", "ledger", "national")
    return _sentences.translated(f"{side}: {_sentences.translated(rest)}" if known else english)


def sentence(english: str, spoken: Language | None = None) -> str:
    """An error's sentence in the present language, or in `spoken`: errors are raised in English, wherever they arise.

    One that the catalogue does not know stays as it is: an operator still reads what happened.
    """
    return _sentences.translated(english) if (spoken or language()) == "id" else english
