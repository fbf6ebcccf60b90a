"""A reporter's identity: normalized where it is valid, kept and flagged where not, masked for display."""

import re
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any

from lapor_gateway.domain.complaint import Complaint, Reporter

INTEGER_OVERFLOW = 2_147_483_647  # what a 32-bit column makes of a NIK

_LARGEST = 10**40  # far above any number that is an identifier, and below what Python refuses to print
_SEPARATORS = re.compile(r"[\s.\-']+")
_PROVINCES = frozenset(str(code) for code in range(11, 98))
_MONTH_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CARD_DATES = frozenset(
    f"{day:02}{month:02}" for month, days in enumerate(_MONTH_LENGTHS, 1) for day in range(1, days + 1)
)
_BIRTH_DATES = _CARD_DATES | {f"{int(date[:2]) + 40}{date[2:]}" for date in _CARD_DATES}
_MOBILE = re.compile(r"(?:(?:\+|00)?62)?0?(8[1-35-9][0-9]{7,10})")
_PHONE_SEPARATORS = re.compile(r"[\s.\-()/]+")
_CHAT_SUFFIXES = ("@c.us", "@s.whatsapp.net")
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@(?:[^@\s,;<>\".]+\.)+[^@\s,;<>\".]{2,}")

Normalized = tuple[str | None, str | None]
"""The value to keep (None where there is none) and the rule it broke (None where it is valid)."""


def as_text(value: Any) -> str | None:
    """A value of a record as text: whole numbers without a fraction; None for what is absent or no scalar."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return str(value) if abs(value) < _LARGEST else None
    if isinstance(value, float | Decimal):
        return str(int(value)) if isfinite(value) and value == int(value) else str(value)
    if isinstance(value, date):
        return value.isoformat()
    return None


def normalize_nik(value: Any) -> Normalized:
    """16 digits: 6 region, 6 birth date (day + 40 for women), 4 serial. Rules: malformed, overflow."""
    return _sixteen_digits(value, _BIRTH_DATES)


def normalize_kk(value: Any) -> Normalized:
    """A family card's number: as a NIK, with the card's date in place of a birth date."""
    return _sixteen_digits(value, _CARD_DATES)


def _sixteen_digits(value: Any, dates: frozenset[str]) -> Normalized:
    if isinstance(value, str) and len(value) == 16 and _is_plausible(value, dates):
        return value, None
    text = as_text(value)
    if text is None or text == "-":
        return None, None
    digits = text if text.isdigit() else _SEPARATORS.sub("", text)
    if digits == str(INTEGER_OVERFLOW):
        return text, "overflow"
    return (digits, None) if _is_plausible(digits, dates) else (text, "malformed")


def _is_plausible(digits: str, dates: frozenset[str]) -> bool:
    return (
        len(digits) == 16
        and digits.isascii()
        and digits.isdigit()
        and digits[:2] in _PROVINCES
        and digits[6:10] in dates
    )


def normalize_phone(value: Any) -> Normalized:
    """E.164, read as an Indonesian number where no country is given. Rule: malformed."""
    # The library takes some 50 µs; this pattern is its own for Indonesian mobile numbers.
    mobile = _MOBILE.fullmatch(value) if isinstance(value, str) else None
    if mobile is not None:
        return f"+62{mobile[1]}", None
    text = as_text(value)
    if text is None or text == "-":
        return None, None
    spelled = text.removesuffix(_CHAT_SUFFIXES[0]).removesuffix(_CHAT_SUFFIXES[1])
    mobile = _MOBILE.fullmatch(_PHONE_SEPARATORS.sub("", spelled))
    if mobile is not None:
        return f"+62{mobile[1]}", None
    import phonenumbers  # noqa: PLC0415 - 20 ms at every start, for numbers that are no usual mobile ones

    try:
        number = phonenumbers.parse(spelled, "ID")
    except phonenumbers.NumberParseException:
        return text, "malformed"
    if number.extension or not phonenumbers.is_valid_number(number):
        return text, "malformed"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), None


def normalize_email(value: Any) -> Normalized:
    """The address with its domain in lower case. Rule: malformed."""
    text = as_text(value)
    if text is None or text == "-":
        return None, None
    if not _EMAIL.fullmatch(text):
        return text, "malformed"
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}", None


def mask_name(name: str) -> str:
    """`Budi Santoso` as `Bu*** S*****`: the stars say nothing about a word's length."""
    first, *others = name.split() or [""]
    shown = first[:2] if len(first) > 2 else first[:1]
    return " ".join([f"{shown}***", *(f"{word[:1]}*****" for word in others)])


def mask_nik(nik: str) -> str:
    """The region's six digits and ten stars; stars alone for what is no NIK."""
    return f"{nik[:6]}{'*' * 10}" if len(nik) == 16 and nik.isdigit() else "*" * 10


def mask_phone(phone: str) -> str:
    """`+6281234567789` as `0812****789`; stars alone for what is too short to hide anything."""
    local = f"0{phone[3:]}" if phone.startswith("+62") else phone
    return f"{local[:4]}****{local[-3:]}" if len(local) >= 9 else "****"


def mask_email(email: str) -> str:
    """`budi@example.id` as `b***@example.id`; stars alone for what is no address."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}" if at and local else "***"


def mask_reporter(reporter: Reporter) -> Reporter:
    """The reporter as an operator without the scope for identities sees them; the address is stars only."""
    return Reporter(
        name=reporter.name and mask_name(reporter.name),
        nik=reporter.nik and mask_nik(reporter.nik),
        kk=reporter.kk and mask_nik(reporter.kk),
        phone=reporter.phone and mask_phone(reporter.phone),
        email=reporter.email and mask_email(reporter.email),
        address=reporter.address and "***",
    )


def known_by(complaint: Complaint | None) -> str | None:
    """What a reporter is known by: a well-formed NIK, else a well-formed phone; many share a malformed one."""
    if complaint is None:
        return None
    reporter = complaint.reporter
    doubtful = {flag.field for flag in complaint.flags} if complaint.flags else ()
    if reporter.nik and "reporter_nik" not in doubtful:
        return reporter.nik
    return reporter.phone if reporter.phone and "reporter_phone" not in doubtful else None
