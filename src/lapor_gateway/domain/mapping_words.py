"""Fields whose words a vocabulary translates: kind, status, secrecy, the national fields."""

import re
from typing import Any

from lapor_gateway.domain import text
from lapor_gateway.domain.complaint import Kind, StatusMeaning
from lapor_gateway.domain.mapping_notes import Notes, Reader, as_word, cleaned_text, usual_getter
from lapor_gateway.domain.mapping_steps import Choice, Table, Word, locator

HOLD = "hold"
QUARANTINE = "quarantine"
_YES = text.words("true 1 ya y iya yes on benar")
_NO = text.words("false 0 tidak tdk no n bukan off salah publik public umum terbuka biasa")
_ANONYMOUS_WORDS = text.words("anonim anonymous anonimus")
_SECRET_WORDS = text.words("rahasia secret")
_WORD_SEPARATOR = re.compile(r"[\s,;/&+]+(?:dan[\s,;/&+]+)?")


def meaning_of(
    field: str, word: str, table: Table, notes: Notes, otherwise: str | None = None
) -> Word | None:
    """A word's meaning by its table, or by what `*` or else `otherwise` does with an unknown one.

    `hold` and `quarantine` are noted and give None. An unknown word is flagged whatever becomes of it.
    """
    meaning = table.meaning(word)
    if meaning is None:
        notes.flag(field, "unknown_value", word)
        meaning = otherwise if table.unknown is None else table.unknown
    if meaning == HOLD:
        notes.hold(field, "unknown_value", word)
        return None
    if meaning == QUARANTINE:
        notes.fault(field, "unknown_value", word)
        return None
    return meaning


def _settled(table: Table) -> dict[Any, Word]:
    """The words that a table translates without more ado."""
    return {word: meaning for word, meaning in table.exact.items() if meaning not in (HOLD, QUARANTINE)}


def kind_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    """One of the three kinds; a word without a meaning is held, as a `pengaduan` until somebody decides."""
    get = usual_getter(choices)
    locate = locator(choices)
    canonical = Table.of({kind.value: kind.value for kind in Kind})
    usual = {word: Kind(str(meaning)) for word, meaning in _settled(choices[0].table or canonical).items()}

    def read(record: Any, notes: Notes) -> Kind:
        value = get(record)
        if isinstance(value, str) and (kind := usual.get(value)) is not None:
            return kind
        value, choice, is_default = locate(record) or ("", choices[-1], False)
        table = canonical if choice.table is None or is_default else choice.table
        meaning = meaning_of(field, as_word(value), table, notes, otherwise=HOLD)
        return Kind.PENGADUAN if meaning is None else Kind(str(meaning))

    return read


def regional_status_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    """The word at the source and its meaning; a word that no table has means `unknown`, a visible finding."""
    get = usual_getter(choices)
    locate = locator(choices)
    canonical = Table.of({meaning.value: meaning.value for meaning in StatusMeaning})
    usual = {
        word: (word, StatusMeaning(str(meaning)))
        for word, meaning in _settled(choices[0].table or canonical).items()
        if word not in {"", "-"}
    }

    def read(record: Any, notes: Notes) -> tuple[str | None, StatusMeaning | None]:
        value = get(record)
        if isinstance(value, str) and (known := usual.get(value)) is not None:
            return known
        found = locate(record)
        if found is None:
            return None, None
        value, choice, is_default = found
        if is_default:
            return None, StatusMeaning(value)
        word = cleaned_text(field, value, notes) if value is not None else None
        meaning = meaning_of(field, word or "", choice.table or canonical, notes, otherwise="unknown")
        return word, StatusMeaning.UNKNOWN if meaning is None else StatusMeaning(str(meaning))

    return read


def truth_reader(field: str, choices: tuple[Choice, ...], *, other_is_mapped: bool) -> Reader:
    """True, False, or None for doubt, which is noted as a hold; an absent value is False.

    `other_is_mapped`: both `anonymous` and `secret` are read, so that the other one's word in this one's
    column ("Rahasia" in a column for both) says nothing about this one; otherwise it is a doubt.
    """
    get = usual_getter(choices)
    locate = locator(choices)
    usual = {} if choices[0].table is not None else {True: True, False: False, "1": True, "0": False}

    def read(record: Any, notes: Notes) -> bool | None:
        value = get(record)
        if isinstance(value, int | str) and (truth := usual.get(value)) is not None:
            return truth
        found = locate(record)
        if found is None:
            return False
        value, choice, is_default = found
        word = as_word(value)
        if choice.table is not None and not is_default:
            meaning = choice.table.meaning(word)
            word = as_word(choice.table.unknown if meaning is None else meaning) or word
        if word == QUARANTINE:
            notes.fault(field, "unknown_value", as_word(value))
            return None
        truth = _truth(word, field, other_is_mapped=other_is_mapped)
        if truth is None:
            notes.hold(field, "secrecy_doubt", as_word(value) or type(value).__name__)
        return truth

    return read


def _truth(word: str, field: str, *, other_is_mapped: bool) -> bool | None:
    own, other = _ANONYMOUS_WORDS, _SECRET_WORDS
    if field == "secret":
        own, other = other, own
    words = set(_WORD_SEPARATOR.split(word.casefold()))
    if words <= _NO or (other_is_mapped and words <= other):
        return False
    if words <= _YES or (words & own and words <= own | other | _YES):
        return True
    return None


def national_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    """A field of the dialect's create call: a constant, a value as it came, or what its table makes of it."""
    locate = locator(choices)
    has_table = any(choice.table is not None for choice in choices)
    get = usual_getter(choices)
    usual = _settled(choices[0].table) if choices[0].table else {}

    def read(record: Any, notes: Notes) -> Any:
        value = get(record)
        if isinstance(value, str) and (meaning := usual.get(value)) is not None:
            return meaning
        found = locate(record)
        if found is None:
            return (
                meaning_of(field, "", choices[-1].table or Table.of({}), notes, HOLD) if has_table else None
            )
        value, choice, is_default = found
        if choice.table is not None and not is_default:
            return meaning_of(field, as_word(value), choice.table, notes, otherwise=HOLD)
        return cleaned_text(field, value, notes) if isinstance(value, str) and not is_default else value

    return read
