"""Reads dates as regional applications write them; what comes out is aware, in the region's zone."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

from lapor_gateway.domain.identity import as_text

DateReader = Callable[[Any], datetime | None]

FORMAT_WORDS = ("iso", "excel", "indonesian", "epoch")

_EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a serial has no zone; the reader gives it the region's
_EXCEL_SERIALS = (10_000, 120_000)  # 1927 to 2228: below, a number is more likely a year or a mistake
_EXCEL_TEXT = re.compile(r"\d{5,6}(?:[.,]\d+)?")
_LONGEST = 64  # characters; no date is longer, and patterns are not tried on a whole book
_EPOCH_MILLISECONDS = 100_000_000_000
_ABSENT = frozenset({"", "-", "0000-00-00", "0000-00-00 00:00:00"})  # the last two: MySQL's "no date"

_MONTHS = {
    spelling: number
    for number, spellings in enumerate(
        (
            "jan januari january",
            "feb peb februari pebruari february",
            "mar maret march",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "agu agt ags agus agust agustus aug august",
            "sep sept september",
            "okt oct oktober october",
            "nov nop november nopember",
            "des dec desember december",
        ),
        start=1,
    )
    for spelling in spellings.split()
}
_INDONESIAN = re.compile(
    r"(?:[a-z']+\s*,\s*)?(\d{1,2})[\s.-]+([a-z]+)\.?[\s,.-]+(\d{4})"
    r"(?:[\s,]+(?:pukul|jam|pkl\.?)?\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?(?:\s*(wib|wita|wit))?",
    re.IGNORECASE,
)
_ZONES = {
    "wib": timezone(timedelta(hours=7)),
    "wita": timezone(timedelta(hours=8)),
    "wit": timezone(timedelta(hours=9)),
}


class UnreadableDateError(ValueError):
    """A value that is there, but is no date in any of the forms the manifest names."""


def date_reader(formats: tuple[str, ...], zone: tzinfo) -> DateReader:
    """Compiles a reader that tries `formats` in order; without any, ISO 8601.

    The reader returns None for an absent value and raises `UnreadableDateError` for one that is unreadable or
    impossible. A time without an offset is the region's; a bare date is that day's first moment there.
    """
    readers = tuple(_reader(form) for form in formats or ("iso",))

    def read(value: Any) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            value = value.strip()
            if value in _ABSENT:
                return None
            if len(value) > _LONGEST:
                raise UnreadableDateError(value)
        elif isinstance(value, date):
            return _in_zone(_moment(value), zone)
        for reader in readers:
            moment = reader(value)
            if moment is not None:
                return _in_zone(moment, zone)
        raise UnreadableDateError(as_text(value) or type(value).__name__)

    return read


def _moment(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    if not 1900 <= moment.year <= 2199:
        raise UnreadableDateError(str(moment))
    # `combine` does what replace(tzinfo=zone) does, in a fifth of its time.
    return datetime.combine(moment, moment.time(), zone) if moment.tzinfo is None else moment.astimezone(zone)


def _reader(form: str) -> DateReader:
    """A reader of one form; it returns None for what is not of that form."""
    words: dict[str, DateReader] = {
        "iso": _iso,
        "excel": _excel,
        "indonesian": _indonesian,
        "epoch": _epoch,
        "%Y-%m-%d": _iso_day_or(_by_pattern("%Y-%m-%d")),
        "%Y-%m-%d %H:%M:%S": _iso_second_or(_by_pattern("%Y-%m-%d %H:%M:%S")),
        "%d/%m/%Y": _day_first("/", _by_pattern("%d/%m/%Y")),
        "%d-%m-%Y": _day_first("-", _by_pattern("%d-%m-%Y")),
    }
    return words.get(form) or _by_pattern(form)


def _iso(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _by_pattern(pattern: str) -> DateReader:
    def read(value: Any) -> datetime | None:
        if not isinstance(value, str):
            return None
        try:
            return datetime.strptime(value, pattern)  # noqa: DTZ007 - the caller gives it the region's zone
        except ValueError:
            return None

    return read


# strptime takes some 5 µs; the commonest forms have a shape that can be read in a tenth of that.


def _iso_day_or(otherwise: DateReader) -> DateReader:
    def read(value: Any) -> datetime | None:
        if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
            return _iso(value)
        return otherwise(value)

    return read


def _iso_second_or(otherwise: DateReader) -> DateReader:
    def read(value: Any) -> datetime | None:
        if isinstance(value, str) and len(value) == 19 and value[4] == value[7] == "-" and value[10] == " ":
            return _iso(value)
        return otherwise(value)

    return read


def _day_first(separator: str, otherwise: DateReader) -> DateReader:
    def read(value: Any) -> datetime | None:
        if isinstance(value, str) and len(value) == 10 and value[2] == value[5] == separator:
            return _iso(f"{value[6:]}-{value[3:5]}-{value[:2]}")
        return otherwise(value)

    return read


def _excel(value: Any) -> datetime | None:
    if isinstance(value, str) and _EXCEL_TEXT.fullmatch(value):
        value = float(value.replace(",", "."))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not _EXCEL_SERIALS[0] <= value <= _EXCEL_SERIALS[1]:
        return None
    days = int(value)
    return _EXCEL_DAY_ZERO + timedelta(days=days, seconds=round((value - days) * 86_400))


def _epoch(value: Any) -> datetime | None:
    """Seconds since 1970, or milliseconds where the number is too large for seconds."""
    if isinstance(value, str):
        if not re.fullmatch(r"\d{9,13}(?:\.\d+)?", value):
            return None
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / 1_000 if value >= _EPOCH_MILLISECONDS else value
    if not 0 < seconds < _EPOCH_MILLISECONDS:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _indonesian(value: Any) -> datetime | None:
    """Such as "21 Agustus 2019", "Rabu, 06 Agu 2026" or "1 Mei 2026 pukul 14.30 WIB"."""
    match = _INDONESIAN.fullmatch(value) if isinstance(value, str) else None
    month = _MONTHS.get(match[2].lower()) if match else None
    if match is None or month is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.group(4, 5, 6))
    try:
        return datetime(
            int(match[3]),
            month,
            int(match[1]),
            hour,
            minute,
            second,
            tzinfo=_ZONES.get((match[7] or "").lower()),
        )
    except ValueError:
        return None
