"""How each canonical field is read: one small reader a kind of field, compiled from its steps."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from lapor_gateway.domain import identity, text
from lapor_gateway.domain.complaint import Attachment
from lapor_gateway.domain.dates import UnreadableDateError
from lapor_gateway.domain.mapping_notes import Notes, Reader, as_word, cleaned_text, usual_getter
from lapor_gateway.domain.mapping_steps import Choice, FieldFaultError, locator
from lapor_gateway.domain.mapping_words import meaning_of

LONGEST_SOURCE_ID = 200

_TRACKING_ID = re.compile(r"[0-9]{1,15}")
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:[.,][0-9]+)?")
_LIMITS = {"latitude": 90.0, "longitude": 180.0}
_ATTACHMENT_KEYS = ("url", "path", "image_path", "file")
_ATTACHMENT_NAMES = ("name", "file_name", "filename")


def text_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    get = usual_getter(choices)
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
        value = cleaned_text(field, raw, notes)
        if choice.table is None or is_default:
            return value
        meaning = meaning_of(field, value or "", choice.table, notes)
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
    get = usual_getter(choices)
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
        get = usual_getter(choices)
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
            kept, rule = normalize(value if isinstance(value, int) else cleaned_text(field, value, notes))
            if rule is not None:
                notes.flag(field, rule)
            return kept

        return read

    return compile_reader


def date_field_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    """Steps are tried until one reads a date; a value that none of them can read is a fault."""
    get = usual_getter(choices)
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


def degrees_reader(field: str, choices: tuple[Choice, ...]) -> Reader:
    locate = locator(choices)
    limit = _LIMITS[field]

    def read(record: Any, notes: Notes) -> float | None:
        found = locate(record)
        if found is None:
            return None
        spelled = as_word(found[0])
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
        number = as_word(found[0]).removeprefix("#").strip()
        if _TRACKING_ID.fullmatch(number):
            return number if number.strip("0") else None
        notes.hold(field, "national_number", number or type(found[0]).__name__)
        return None

    return read
