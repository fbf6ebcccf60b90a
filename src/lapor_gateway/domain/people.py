"""Whether a text or a record is a certain person's: what the rights of a reporter are carried out by. Pure."""

import re
from typing import Final

from lapor_gateway.domain.complaint import Reporter

_SEPARATORS: Final = re.compile(r"[\s.\-()/']+")
_NOT_DIGITS: Final = re.compile(r"\D+")
_SHORTEST: Final = 8  # digits; fewer would be found in every other number


def is_named_in(text: str, reporter: Reporter) -> bool:
    """Whether `text` carries the reporter's NIK, KK, phone or e-mail address, numbers in any usual spelling."""
    lowered = text.lower()
    if reporter.email and reporter.email.lower() in lowered:
        return True
    numbers = [significant(value) for value in (reporter.nik, reporter.kk, reporter.phone) if value]
    digits = _SEPARATORS.sub("", lowered)
    return any(len(number) >= _SHORTEST and number in digits for number in numbers)


def significant(number: str) -> str:
    """A number's digits without what people spell differently: separators, +62 and a leading 0."""
    digits = _NOT_DIGITS.sub("", number)
    if len(digits) == 16:
        return digits
    return digits.removeprefix("62") if number.lstrip().startswith("+") else digits.lstrip("0")


def is_same_person(one: Reporter, asked: Reporter) -> bool:
    """Whether a report's reporter has a value that was asked for; a number the source misspelt counts by its digits."""
    numbers = ((one.nik, asked.nik), (one.kk, asked.kk), (one.phone, asked.phone))
    if any(mine and theirs and significant(mine) == significant(theirs) for mine, theirs in numbers):
        return True
    return bool(one.email and asked.email and one.email.lower() == asked.email.lower())
