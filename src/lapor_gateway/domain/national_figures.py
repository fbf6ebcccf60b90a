"""Figures that others (KemenPANRB) give for a month, and what makes ours differ. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

import msgspec

from lapor_gateway.domain.complaint import StatusMeaning
from lapor_gateway.domain.indicators import Figures, Share
from lapor_gateway.domain.month_counts import UNREAD, Count, Measure
from lapor_gateway.domain.restatement import Added


class Indicator(StrEnum):
    """The five of the ministry, and the headline that adds two of them."""

    KETERHUBUNGAN = "keterhubungan"
    KEAKTIFAN_AKUN = "keaktifan_akun"
    JUMLAH_LAPORAN = "jumlah_laporan"
    PROSES = "proses"
    PENYELESAIAN = "penyelesaian"
    TINDAK_LANJUT = "tindak_lanjut"


class Unit(StrEnum):
    PERCENT = "percent"
    COUNT = "count"


class Imported(msgspec.Struct, frozen=True):
    """What a source says that a region's indicator was for a month, counted by it on the day `as_of`."""

    month: int
    region: str
    indicator: Indicator
    unit: Unit
    value: Decimal
    source: str
    as_of: date


class Cause(StrEnum):
    """What makes a difference between their figure and ours."""

    NOT_YET_AT_LAPOR = "not_yet_at_lapor"
    AFTER_THEIR_DAY = "after_their_day"
    COUNTED_ONCE_HERE = "counted_once_here"
    NUMBER_TYPED_LATER = "number_typed_later"
    STATUS_NOT_READ = "status_not_read"
    GATEWAY_BEGAN_LATER = "gateway_began_later"
    NOT_THROUGH_GATEWAY = "not_through_gateway"
    GONE_AT_LAPOR = "gone_at_lapor"
    OTHER_DEFINITION = "other_definition"
    NOT_MEASURED_HERE = "not_measured_here"
    ROUNDED = "rounded"
    UNEXPLAINED = "unexplained"


class Explanation(msgspec.Struct, frozen=True):
    """One cause: how many complaints it is about (None where it is about none), some of their references."""

    cause: Cause
    count: int | None = None
    complaints: tuple[str, ...] = ()


class Difference(msgspec.Struct, frozen=True):
    """An imported figure beside ours; `ours` None where the gateway cannot know it. Values as decimal text."""

    month: str
    region: str
    indicator: Indicator
    unit: Unit
    theirs: str
    ours: str | None
    source: str
    as_of: str
    explanations: tuple[Explanation, ...]


_HALF: Final = Decimal("0.5")
_MOST_NAMED: Final = 20


class Evidence(msgspec.Struct, frozen=True):
    """What the book knows about a region's month that may explain a difference; numbers are references.

    `then` and `now`: what each complaint added by the end of the source's day, and adds now.
    """

    then: Added
    now: Added
    references: Mapping[int, str]
    waiting: Sequence[str] = ()
    typed_later: Sequence[str] = ()
    began_later: bool = False
    unknown_here: int = 0
    gone: Sequence[str] = ()


def ours(figures: Figures, indicator: Indicator, unit: Unit) -> Decimal | None:
    """The gateway's own value for an indicator of the ministry's; None where it is not measured."""
    ministry = figures.ministry
    found = {
        Indicator.KETERHUBUNGAN: ministry.keterhubungan,
        Indicator.KEAKTIFAN_AKUN: ministry.keaktifan_akun,
        Indicator.JUMLAH_LAPORAN: ministry.jumlah_laporan,
        Indicator.PROSES: ministry.proses,
        Indicator.PENYELESAIAN: ministry.penyelesaian,
        Indicator.TINDAK_LANJUT: figures.gateway.tindak_lanjut,
    }[indicator]
    if isinstance(found, Share):
        return Decimal(str(found.percent)) if unit is Unit.PERCENT else Decimal(found.part)
    value = getattr(found, "value", None)
    return None if value is None or unit is Unit.PERCENT else Decimal(value)


def explained(one: Imported, value: Decimal | None, evidence: Evidence) -> tuple[Explanation, ...]:
    """Why the two values differ; empty where they agree."""
    if value is None:
        return (Explanation(Cause.NOT_MEASURED_HERE),)
    if value == one.value:
        return ()
    if (
        abs(value - one.value) <= _HALF
        and one.unit is Unit.PERCENT
        and one.value == one.value.to_integral_value()
    ):
        return (Explanation(Cause.ROUNDED),)
    if one.indicator is Indicator.KETERHUBUNGAN:
        return (Explanation(Cause.OTHER_DEFINITION),)
    found = _causes(one.indicator, evidence, more_there=one.value > value)
    if one.indicator is Indicator.PENYELESAIAN and one.unit is Unit.PERCENT and _is_headline(one, evidence):
        found = [Explanation(Cause.OTHER_DEFINITION), *found]
    return (*found, *_left(one, value, found))


def _left(one: Imported, value: Decimal, found: Sequence[Explanation]) -> tuple[Explanation, ...]:
    """What the causes leave unexplained: of a count, the reports beyond those that were named."""
    if not found:
        return (Explanation(Cause.UNEXPLAINED),)
    if one.unit is Unit.PERCENT or any(cause.count is None for cause in found):
        return ()
    left = int(abs(one.value - value)) - sum(cause.count or 0 for cause in found)
    return (Explanation(Cause.UNEXPLAINED, left),) if left > 0 else ()


def _is_headline(one: Imported, evidence: Evidence) -> bool:
    """Whether their completion is the headline that adds what is in process."""
    standings = [
        count.key for counts in evidence.now.values() for count in counts if count.measure == Measure.STANDING
    ]
    if not standings:
        return False
    both = sum(name in (StatusMeaning.DONE, StatusMeaning.IN_PROGRESS) for name in standings)
    return abs(Decimal(100 * both) / len(standings) - one.value) <= _HALF


def _causes(indicator: Indicator, evidence: Evidence, *, more_there: bool) -> list[Explanation]:
    """The causes that can make this indicator differ in this direction."""
    numbers = indicator is Indicator.JUMLAH_LAPORAN
    measure = Measure.REPORTS if numbers else Measure.STANDING
    since = [
        one
        for one in sorted({*evidence.then, *evidence.now})
        if _of(evidence.then, one, measure) != _of(evidence.now, one, measure)
    ]
    found = [
        _about(Cause.AFTER_THEIR_DAY, evidence, since),
        _named(Cause.NUMBER_TYPED_LATER, evidence.typed_later),
    ]
    if not numbers:
        found.append(_about(Cause.STATUS_NOT_READ, evidence, _with(evidence, Measure.STANDING, UNREAD)))
    if more_there or not numbers:
        found += [
            _about(Cause.COUNTED_ONCE_HERE, evidence, _with(evidence, Measure.DOUBLE, "")),
            _named(Cause.NOT_YET_AT_LAPOR, evidence.waiting),
            Explanation(Cause.NOT_THROUGH_GATEWAY, evidence.unknown_here),
        ]
    if not more_there or not numbers:
        found.append(_named(Cause.GONE_AT_LAPOR, evidence.gone))
    began = evidence.began_later and (more_there or not numbers)
    return [
        *([Explanation(Cause.GATEWAY_BEGAN_LATER)] if began else []),
        *(one for one in found if one.count),
    ]


def _of(added: Added, complaint: int, measure: Measure) -> list[Count]:
    return [one for one in added.get(complaint, ()) if one.measure == measure]


def _about(cause: Cause, evidence: Evidence, complaints: Sequence[int]) -> Explanation:
    return _named(cause, [evidence.references.get(one, str(one)) for one in complaints])


def _named(cause: Cause, references: Sequence[str]) -> Explanation:
    return Explanation(cause, len(references), tuple(sorted(references)[:_MOST_NAMED]))


def _with(evidence: Evidence, measure: Measure, key: str) -> list[int]:
    return [
        complaint
        for complaint, counts in evidence.now.items()
        if any((one.measure, one.key) == (measure, key) for one in counts)
    ]


def value_of(text: str) -> tuple[Decimal, Unit | None]:
    """A number as people write it in Indonesia or a program does, and its unit where it says one (`81,2 %`).

    Raises `ValueError`.
    """
    words = text.strip()
    unit = Unit.PERCENT if words.endswith("%") else None
    digits = words.removesuffix("%").strip().replace(" ", "")
    if "," in digits:
        digits = digits.replace(".", "").replace(",", ".")
    elif digits.count(".") > 1 or (unit is None and _is_grouped(digits)):
        digits = digits.replace(".", "")
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite() or value < 0 or (unit is Unit.PERCENT and value > 100):
        raise ValueError(text)
    return value, unit


def _is_grouped(digits: str) -> bool:
    """`4.088` is four thousand."""
    whole, dot, rest = digits.partition(".")
    return bool(dot) and len(rest) == 3 and whole != "0" and whole.isdigit() and rest.isdigit()
