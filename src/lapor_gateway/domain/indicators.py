"""The five indicators by the ministry's formulas and, under other names, what the gateway measures. Pure.

Formulas: keterhubungan and keaktifan akun are institutions ÷ institutions; penyelesaian is completed ÷ all reports.
Headlines sometimes add what is in process to it: that is `tindak_lanjut` here, and never called penyelesaian.
What cannot be known is `Unmeasured` with its reason (tidak terukur), never a zero.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from lapor_gateway.domain.complaint import StatusMeaning
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.month_counts import UNREAD, Grouped, Measure


class Why(StrEnum):
    """Why something is not measured."""

    LOGINS_NOT_VISIBLE = "logins_not_visible"
    NO_REPORTS = "no_reports"
    STATUS_NEVER_READ = "status_never_read"
    NO_FOLLOW_UP = "no_follow_up"
    NO_CALENDAR = "no_calendar"
    NO_RATING = "no_rating"
    NO_SCHEDULE = "no_schedule"
    NOTHING_SEEN = "nothing_seen"
    NO_INSTITUTION = "no_institution"


class Share(msgspec.Struct, frozen=True, tag="share"):
    """`part` of `whole`; `percent` to two decimals, for showing only."""

    part: int
    whole: int
    percent: float


class Number(msgspec.Struct, frozen=True, tag="number"):
    """A plain count."""

    value: int


class Average(msgspec.Struct, frozen=True, tag="average"):
    """Of `of` values, mean and median to two decimals."""

    mean: float
    median: float
    of: int


class Unmeasured(msgspec.Struct, frozen=True, tag="unmeasured"):
    """Tidak terukur: it cannot be known, and why."""

    why: Why


Shared = Share | Unmeasured
Averaged = Average | Unmeasured


class Band(StrEnum):
    """The bands of the reviews: above 90 %, 50 to 90 %, below 50 %, none at all."""

    ABOVE_90 = "above_90"
    FROM_50 = "from_50"
    BELOW_50 = "below_50"
    ZERO = "zero"
    UNMEASURED = "unmeasured"


class Level(StrEnum):
    """What figures are of."""

    ALL = "all"
    PROVINCE = "province"
    REGION = "region"
    CHANNEL = "channel"


class Scope(msgspec.Struct, frozen=True):
    """Of whom figures are; `id` is empty for all, two digits for a province."""

    level: Level
    id: str
    name: str


class Ministry(msgspec.Struct, frozen=True):
    """The five indicators by the ministry's own formulas, on the reports that this gateway brought to LAPOR!."""

    keterhubungan: Shared
    keaktifan_akun: Shared
    jumlah_laporan: Number
    proses: Shared
    penyelesaian: Shared


class Measured(msgspec.Struct, frozen=True):
    """What the gateway measures itself; none of it is an indicator of the ministry.

    `tersambung`: scheduled syncs that succeeded. `actions`: what the region's users did at LAPOR! in the month.
    `tindak_lanjut`: completed and in process together. `follow_up_days` are working days to the first follow-up.
    `at_national`: of what the region's applications showed for the month, what stands at LAPOR!. `doubles` stand there
    a second time and are not counted.
    """

    tersambung: Shared
    actions: Number
    tindak_lanjut: Shared
    answered: Shared
    follow_up_days: Averaged
    satisfaction: Averaged
    at_national: Shared
    doubles: Number


class Figures(msgspec.Struct, frozen=True):
    """All figures of one scope and month."""

    month: str
    scope: Scope
    ministry: Ministry
    gateway: Measured
    band: Band
    band_tindak_lanjut: Band
    standings: dict[str, int]
    kinds: dict[str, int]
    categories: dict[str, int]
    seen: dict[str, int]


class Institution(msgspec.Struct, frozen=True):
    """One institution (a region, with its channels) as a month found it; `sync` is (succeeded, scheduled).

    `sync` None: nothing of it runs on a schedule.
    """

    has_decree: bool
    sync: tuple[int, int] | None


STANDINGS: Final = (
    *(str(one) for one in StatusMeaning if one is not StatusMeaning.UNKNOWN),
    UNREAD,
)


def share(part: int, whole: int, why: Why) -> Shared:
    """`part` of `whole`, or `Unmeasured` where there is nothing to divide by."""
    if whole == 0:
        return Unmeasured(why)
    return Share(part, whole, _rounded(100 * part, whole))


def average(histogram: Mapping[int, int], why: Why) -> Averaged:
    """Mean and median of values given as value → how often."""
    of = sum(histogram.values())
    if of == 0:
        return Unmeasured(why)
    total = sum(value * count for value, count in histogram.items())
    low, high = _at(histogram, (of - 1) // 2), _at(histogram, of // 2)
    return Average(_rounded(total, of), _rounded(low + high, 2), of)


def _at(histogram: Mapping[int, int], place: int) -> int:
    """The value at a place (from 0) of the sorted values."""
    passed = 0
    for value in sorted(histogram):
        passed += histogram[value]
        if place < passed:
            return value
    raise AssertionError("a place beyond the last value")


def _rounded(part: int, whole: int) -> float:
    """To two decimals, half up, on whole numbers: the same everywhere."""
    return ((200 * part + whole) // (2 * whole)) / 100


def band_of(shared: Shared) -> Band:
    """Exactly 90 % and 50 % are in the band between."""
    match shared:
        case Unmeasured():
            return Band.UNMEASURED
        case Share(part=0):
            return Band.ZERO
        case Share(part=part, whole=whole) if part * 10 > whole * 9:
            return Band.ABOVE_90
        case Share(part=part, whole=whole) if part * 2 < whole:
            return Band.BELOW_50
    return Band.FROM_50


def figures(month: str, scope: Scope, counts: Grouped, institutions: Sequence[Institution]) -> Figures:
    """The figures of a scope from what was counted in it and the institutions it holds."""
    standings = {name: counts.get((Measure.STANDING, name), 0) for name in STANDINGS}
    done, process = standings[StatusMeaning.DONE], standings[StatusMeaning.IN_PROGRESS]
    whole = _completable(counts, standings)
    completed = whole(done)
    both = whole(done + process)
    return Figures(
        month=month,
        scope=scope,
        ministry=Ministry(
            keterhubungan=share(
                sum(one.has_decree for one in institutions), len(institutions), Why.NO_INSTITUTION
            ),
            keaktifan_akun=Unmeasured(Why.LOGINS_NOT_VISIBLE),
            jumlah_laporan=Number(_reports(counts)),
            proses=whole(process),
            penyelesaian=completed,
        ),
        gateway=_measured(counts, institutions, both, whole(counts.get((Measure.ANSWERED, ""), 0))),
        band=band_of(completed),
        band_tindak_lanjut=band_of(both),
        standings=standings,
        kinds=_keyed(counts, Measure.KIND),
        categories=_keyed(counts, Measure.CATEGORY),
        seen=_keyed(counts, Measure.SEEN),
    )


def _completable(counts: Grouped, standings: Mapping[str, int]) -> Callable[[int], Shared]:
    """A share of all reports; unmeasured while LAPOR! has shown the status of none of them."""
    reports = _reports(counts)
    if reports and standings[UNREAD] == reports:
        return lambda _: Unmeasured(Why.STATUS_NEVER_READ)
    return lambda part: share(part, reports, Why.NO_REPORTS)


def _measured(
    counts: Grouped, institutions: Sequence[Institution], tindak_lanjut: Shared, answered: Shared
) -> Measured:
    synced = [one.sync for one in institutions if one.sync is not None]
    seen = _keyed(counts, Measure.SEEN)
    there = seen.get(State.ACCEPTED, 0) + seen.get(State.LINKED, 0)
    no_days = Why.NO_CALENDAR if counts.get((Measure.ANSWERED, "")) else Why.NO_FOLLOW_UP
    return Measured(
        tersambung=share(sum(one[0] for one in synced), sum(one[1] for one in synced), Why.NO_SCHEDULE),
        actions=Number(sum(_keyed(counts, Measure.ACTION).values())),
        tindak_lanjut=tindak_lanjut,
        answered=answered,
        follow_up_days=average(_numeric(counts, Measure.FOLLOW_UP_DAYS), no_days),
        satisfaction=average(_numeric(counts, Measure.RATING), Why.NO_RATING),
        at_national=share(there, sum(seen.values()), Why.NOTHING_SEEN),
        doubles=Number(counts.get((Measure.DOUBLE, ""), 0)),
    )


def _reports(counts: Grouped) -> int:
    return counts.get((Measure.REPORTS, ""), 0)


def _keyed(counts: Grouped, measure: Measure) -> dict[str, int]:
    return {key: count for (name, key), count in sorted(counts.items()) if name == measure}


def _numeric(counts: Grouped, measure: Measure) -> dict[int, int]:
    return {int(key): count for key, count in _keyed(counts, measure).items()}


def added(several: Sequence[Grouped]) -> Grouped:
    """The counts of several channels, regions or months together."""
    total: Grouped = {}
    for one in several:
        for name, count in one.items():
            total[name] = total.get(name, 0) + count
    return total
