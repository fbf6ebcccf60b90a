"""How each canonical field is read: one small reader a kind of field, compiled from its steps."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from lapor_gateway.domain import identity, text
from lapor_gateway.domain.complaint import Attachment, Fault, Flag, Kind, StatusMeaning
from lapor_gateway.domain.dates import UnreadableDateError
from lapor_gateway.domain.mapping_steps import Choice, FieldFaultError, Getter, Table, Word, locator

HOLD = "hold"
QUARANTINE = "quarantine"
LONGEST_SOURCE_ID = 200

_SHOWN = 120  # characters of a value that a flag or a fault repeats
_TRACKING_ID = re.compile(r"[0-9]{1,15}")
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:[.,][0-9]+)?")
_LIMITS = {"latitude": 90.0, "longitude": 180.0}
_YES = text.words("true 1 ya y iya yes on benar")
_NO = text.words("false 0 tidak tdk no n bukan off salah publik public umum terbuka biasa")
_ANONYMOUS_WORDS = text.words("anonim anonymous anonimus")
_SECRET_WORDS = text.words("rahasia secret")
_WORD_SEPARATOR = re.compile(r"[\s,;/&+]+(?:dan[\s,;/&+]+)?")
_ATTACHMENT_KEYS = ("url", "path", "image_path", "file")
_ATTACHMENT_NAMES = ("name", "file_name", "filename")


class Notes:
    """What is to be said about one record besides its values."""

    __slots__ = ("faults", "flags", "holds")

    def __init__(self) -> None:
        self.flags: list[Flag] = []
        self.faults: list[Fault] = []
        self.holds: list[Fault] = []

    def flag(self, field: str, rule: str, value: str = "") -> None:
        self.flags.append(Flag(field, rule, value[:_SHOWN]))

    def fault(self, field: str, rule: str, value: str = "") -> None:
        self.faults.append(Fault(field, rule, value[:_SHOWN]))

    def hold(self, field: str, rule: str, value: str = "") -> None:
        self.holds.append(Fault(field, rule, value[:_SHOWN]))


Reader = Callable[[Any, Notes], Any]


def _word(value: Any) -> str:
    """A value as a table's word: `true`, `0`, `selesai`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return identity.as_text(value) or ""


def _cleaned(field: str, value: Any, notes: Notes) -> str | None:
    """A value as clean text; what has no text form (a list, an object) is left out and flagged."""
    if isinstance(value, str):
        cleaned, rule = text.clean(value)
        if rule is not None:
            notes.flag(field, rule)
        return cleaned or None
    rendered = _word(value)
    if not rendered:
        notes.flag(field, "type", type(value).__name__)
    return rendered or None


def _usual(choices: tuple[Choice, ...]) -> Getter:
    """The first step's getter. Readers try it on the usual form of a value first, in a few 100 ns.

    Whatever is not of that form, they read again the whole way.
    """
    return choices[0].get


def text_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    get = _usual(choices)
    read_any = _any_text_reader(field, choices)
    if choices[0].table is not None:
        return read_any

    def read(record: Any, notes: Notes) -> Any:
        value = get(record)
        if isinstance(value, str) and text.is_plain(value):
            trimmed = value.strip()
            if len(trimmed) > 1:
                return trimmed
        return read_any(record, notes)

    return read


def _any_text_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    locate = locator(choices)

    def read(record: Any, notes: Notes) -> str | None:
        found = locate(record)
        if found is None:
            return None
        raw, choice, is_default = found
        value = _cleaned(field, raw, notes)
        if choice.table is None or is_default:
            return value
        meaning = _meaning(field, value or "", choice.table, notes)
        # A word that the table lacks stays as the source spelt it: it is not canonical, but it is visible.
        return value if meaning is None else str(meaning)

    return read


def one_line_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    """Text whose inner white space says nothing: titles, names, addresses."""
    read_text = text_reader(field, choices)

    def read(record: Any, notes: Notes) -> str | None:
        value = read_text(record, notes)
        return value and " ".join(value.split())

    return read


def source_id_reader(_field: str, choices: tuple[Choice, ...]) -> Reader:
    get = _usual(choices)
    locate = locator(choices)

    def read(record: Any, _notes: Notes) -> str | None:
        if type(usual := get(record)) is int:
            return str(usual)
        found = locate(record)
        if found is None:
            raise FieldFaultError("required")
        value = found[0]
        if isinstance(value, float | Decimal) and value % 1:
            raise FieldFaultError("unreadable", str(value))
        identifier = identity.as_text(value)
        if identifier is None or not identifier.isprintable():
            raise FieldFaultError("unreadable", type(value).__name__)
        if len(identifier) > LONGEST_SOURCE_ID:
            raise FieldFaultError("too_long", identifier)
        return identifier

    return read


def identity_reader(normalize: Callable[[Any], identity.Normalized]) -> Callable[..., Reader]:
    """Readers of NIK, KK, phone and e-mail: what breaks the rule is kept, and flagged without its value."""

    def compile_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
        get = _usual(choices)
        locate = locator(choices)

        def read(record: Any, notes: Notes) -> str | None:
            usual = get(record)
            if isinstance(usual, str):
                kept, rule = normalize(usual)
                if rule is None and kept is not None:
                    return kept
            found = locate(record)
            if found is None:
                return None
            value = found[0]
            kept, rule = normalize(value if isinstance(value, int) else _cleaned(field, value, notes))
            if rule is not None:
                notes.flag(field, rule)
            return kept

        return read

    return compile_reader


def date_field_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    """Steps are tried until one reads a date; a value that none of them can read is a fault."""
    get = _usual(choices)
    read_usual = choices[0].read_date
    read_any = _any_date_reader(field, choices)

    def read(record: Any, notes: Notes) -> datetime | None:
        try:
            moment = read_usual(get(record))
        except UnreadableDateError:
            moment = None
        return moment or read_any(record, notes)

    return read


def _any_date_reader(field: str, choices: tuple[Choice, ...]) -> Callable[[Any, Notes], datetime | None]:
    def read(record: Any, notes: Notes) -> datetime | None:
        unreadable = None
        for choice in choices:
            value = choice.get(record)
            try:
                moment = choice.read_date(value)
                if moment is None and choice.default is not None and choice.is_empty(value):
                    moment = choice.read_date(choice.default)
            except UnreadableDateError as fault:
                unreadable = unreadable or str(fault)
                continue
            if moment is not None:
                return moment
            if not choice.is_empty(value):
                notes.flag(field, "no_date", str(value))
        if unreadable is not None:
            raise FieldFaultError("date", unreadable)
        return None

    return read


def _meaning(field: str, word: str, table: Table, notes: Notes, otherwise: str | None = None) -> Word | None:
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
    get = _usual(choices)
    locate = locator(choices)
    canonical = Table.of({kind.value: kind.value for kind in Kind})
    usual = {word: Kind(str(meaning)) for word, meaning in _settled(choices[0].table or canonical).items()}

    def read(record: Any, notes: Notes) -> Kind:
        value = get(record)
        if isinstance(value, str) and (kind := usual.get(value)) is not None:
            return kind
        value, choice, is_default = locate(record) or ("", choices[-1], False)
        table = canonical if choice.table is None or is_default else choice.table
        meaning = _meaning(field, _word(value), table, notes, otherwise=HOLD)
        return Kind.PENGADUAN if meaning is None else Kind(str(meaning))

    return read


def regional_status_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    """The word at the source and its meaning; a word that no table has means `unknown`, a visible finding."""
    get = _usual(choices)
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
        word = _cleaned(field, value, notes) if value is not None else None
        meaning = _meaning(field, word or "", choice.table or canonical, notes, otherwise="unknown")
        return word, StatusMeaning.UNKNOWN if meaning is None else StatusMeaning(str(meaning))

    return read


def truth_reader(field: str, choices: tuple[Choice, ...], *, other_is_mapped: bool) -> Reader:
    """True, False, or None for doubt, which is noted as a hold; an absent value is False.

    `other_is_mapped`: both `anonymous` and `secret` are read, so that the other one's word in this one's
    column ("Rahasia" in a column for both) says nothing about this one; otherwise it is a doubt.
    """
    get = _usual(choices)
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
        word = _word(value)
        if choice.table is not None and not is_default:
            meaning = choice.table.meaning(word)
            word = _word(choice.table.unknown if meaning is None else meaning) or word
        if word == QUARANTINE:
            notes.fault(field, "unknown_value", _word(value))
            return None
        truth = _truth(word, field, other_is_mapped=other_is_mapped)
        if truth is None:
            notes.hold(field, "secrecy_doubt", _word(value) or type(value).__name__)
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


def degrees_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    locate = locator(choices)
    limit = _LIMITS[field]

    def read(record: Any, notes: Notes) -> float | None:
        found = locate(record)
        if found is None:
            return None
        spelled = _word(found[0])
        if not _DEGREES.fullmatch(spelled):
            notes.flag(field, "unreadable", spelled)
            return None
        degrees = float(spelled.replace(",", "."))
        if abs(degrees) > limit:
            notes.flag(field, "out_of_range", spelled)
            return None
        return degrees

    return read


def attachments_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    """A file's address, several, or objects that hold one under a usual key."""
    locate = locator(choices)

    def read(record: Any, notes: Notes) -> tuple[Attachment, ...]:
        found = locate(record)
        if found is None:
            return ()
        entries = found[0] if isinstance(found[0], list) else [found[0]]
        read_entries = (_attachment(field, entry, notes) for entry in entries)
        return tuple(attachment for attachment in read_entries if attachment is not None)

    return read


def _attachment(field: str, entry: Any, notes: Notes) -> Attachment | None:
    name = None
    if isinstance(entry, dict):
        name = next((entry[key] for key in _ATTACHMENT_NAMES if isinstance(entry.get(key), str)), None)
        entry = next((entry[key] for key in _ATTACHMENT_KEYS if isinstance(entry.get(key), str)), entry)
    if not isinstance(entry, str):
        if entry is not None:
            notes.flag(field, "type", type(entry).__name__)
        return None
    address, _ = text.clean(entry)
    return Attachment(address, name and (text.clean(name)[0] or None)) if address not in {"", "-"} else None


def national_number_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    """A tracking id that the source already knows; what is there and is none waits for a person."""
    locate = locator(choices)

    def read(record: Any, notes: Notes) -> str | None:
        found = locate(record)
        if found is None:
            return None
        number = _word(found[0]).removeprefix("#").strip()
        if _TRACKING_ID.fullmatch(number):
            return number if number.strip("0") else None
        notes.hold(field, "national_number", number or type(found[0]).__name__)
        return None

    return read


def national_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    """A field of the dialect's create call: a constant, a value as it came, or what its table makes of it."""
    locate = locator(choices)
    has_table = any(choice.table is not None for choice in choices)
    get = _usual(choices)
    usual = _settled(choices[0].table) if choices[0].table else {}

    def read(record: Any, notes: Notes) -> Any:
        value = get(record)
        if isinstance(value, str) and (meaning := usual.get(value)) is not None:
            return meaning
        found = locate(record)
        if found is None:
            return _meaning(field, "", choices[-1].table or Table.of({}), notes, HOLD) if has_table else None
        value, choice, is_default = found
        if choice.table is not None and not is_default:
            return _meaning(field, _word(value), choice.table, notes, otherwise=HOLD)
        return _cleaned(field, value, notes) if isinstance(value, str) and not is_default else value

    return read
