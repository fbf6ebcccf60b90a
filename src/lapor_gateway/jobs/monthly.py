"""The monthly report: all that it says, as one value; and the signing of a month. No identity, no complaint's text."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from lapor_gateway.book.checkpoints import list_checkpoints
from lapor_gateway.book.indicators import complaints_of_month, grouped_of, sums_of
from lapor_gateway.book.obstacles import ObstacleView, list_obstacles
from lapor_gateway.book.signed_reports import Signed, names_of, sign, signed, signed_months
from lapor_gateway.clock import isoformat, to_datetime
from lapor_gateway.domain.indicators import STANDINGS, Band, Figures, Level, Unmeasured, added
from lapor_gateway.domain.month_counts import Count, Measure, bounds_of_month, month_text
from lapor_gateway.domain.national_figures import Difference
from lapor_gateway.domain.restatement import Changed, changes
from lapor_gateway.errors import NotAllowedError, NotFoundError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.indicators import bring_up, figures_of
from lapor_gateway.jobs.national_differences import differences_of
from lapor_gateway.jobs.obstacles import look_for_obstacles
from lapor_gateway.jobs.status import read_status
from lapor_gateway.moments import DEFAULT_ZONE

_MOST_NAMED = 200  # complaints in one restatement; all are counted


class Balanced(msgspec.Struct, frozen=True):
    """A channel's balance when the report was made."""

    channel: str
    region: str
    verdict: str
    seen: int
    source: int | None
    ledger: int | None
    national: int | None


class Resting(msgspec.Struct, frozen=True):
    """The ledger's newest checkpoint: so many entries under this root."""

    number: int
    size: int
    root: str
    at: str


class Attention(msgspec.Struct, frozen=True):
    """What needs a person: a key of the catalogue, of whom, and a figure."""

    what: str
    who: str
    figure: str


class ChangedLine(msgspec.Struct, frozen=True):
    """One complaint that changed a signed month; its reference is all that is said of it."""

    reference: str
    region: str
    reason: str
    before: str | None
    after: str | None


class Moved(msgspec.Struct, frozen=True):
    """One figure of a signed month, then and now."""

    region: str
    figure: str
    then: int
    now: int


class Restatement(msgspec.Struct, frozen=True):
    """What later data made of a signed month. `reasons` count complaints, `changed` names the first of them."""

    month: str
    signed_at: str
    signed_by: str
    moved: list[Moved]
    reasons: dict[str, int]
    changed: list[ChangedLine]


class Trend(msgspec.Struct, frozen=True):
    """The reports of one month of the year by their standing when the report was made."""

    month: str
    standings: dict[str, int]


class MonthlyReport(msgspec.Struct, frozen=True):
    """All that the report of a month says; PDF, spreadsheet and JSON are made from this alone."""

    month: str
    made_at: str
    environment: str
    figures: list[Figures]
    year: list[Figures]
    trend: list[Trend]
    attention: list[Attention]
    obstacles: list[ObstacleView]
    balance: list[Balanced]
    checkpoint: Resting | None
    differences: list[Difference]
    restatements: list[Restatement]


class Shown(msgspec.Struct, frozen=True):
    """A month's report, with who signed it and what later data make of it where it is signed."""

    report: MonthlyReport
    digest: str | None = None
    signed_at: str | None = None
    signed_by: str | None = None
    restatement: Restatement | None = None


def show(gateway: Gateway, month: int) -> Shown:
    """The report of a month: as it was signed, else as it would be now. Looks for obstacles first."""
    with gateway.book.read() as connection:
        frozen = signed(gateway.book, connection, month)
    if frozen is None:
        return Shown(report_of(gateway, month))
    bring_up(gateway)
    report = msgspec.json.decode(frozen.report, type=MonthlyReport)
    at = isoformat(frozen.signed_at)
    return Shown(report, frozen.digest, at, frozen.signed_by, restated(gateway, frozen))


def show_signed(gateway: Gateway, month: int) -> Shown:
    """The same of a signed month alone. Raises `NotFoundError`."""
    with gateway.book.read() as connection:
        if month not in signed_months(connection):
            raise NotFoundError(
                f"The month {month_text(month)} is not signed off.",
                cure="Sign it with `lapor-gateway report sign-off`, or make its report with `report monthly`.",
            )
    return show(gateway, month)


def report_of(gateway: Gateway, month: int) -> MonthlyReport:
    """The report of a month as the book stands now."""
    look_for_obstacles(gateway)
    found, january = figures_of(gateway, month), month // 100 * 100 + 1
    obstacles = list_obstacles(gateway.book)
    balance = [
        Balanced(one.id, one.region, str(one.balance.verdict), one.seen, one.balance.source, one.balance.ledger,
                 one.balance.national)
        for one in read_status(gateway).channels
    ]  # fmt: skip
    return MonthlyReport(
        month=month_text(month),
        made_at=isoformat(gateway.clock.now()) or "",
        environment=gateway.environment,
        figures=found,
        year=figures_of(gateway, month, since=january),
        trend=[Trend(month_text(one), _standings(gateway, one)) for one in range(january, month + 1)],
        attention=_attention(found, obstacles, balance),
        obstacles=obstacles,
        balance=balance,
        checkpoint=_checkpoint(gateway),
        differences=differences_of(gateway, month, found),
        restatements=_restatements(gateway, month),
    )


def _standings(gateway: Gateway, month: int) -> dict[str, int]:
    with gateway.book.read() as connection:
        counts = added(list(sums_of(connection, month, month).values()))
    return {name: counts.get((Measure.STANDING, name), 0) for name in STANDINGS}


def sign_off(gateway: Gateway, month: int, *, by: str) -> Shown:
    """Freeze a month under a person's name. Commits.

    Raises `NotAllowedError` for a month that is not over in every region, or is signed already.
    """
    zones = {one.zone for one in gateway.regions.values()} or {DEFAULT_ZONE}
    now = to_datetime(gateway.clock.now())
    if any(now < bounds_of_month(month, zone)[1] for zone in zones):
        raise NotAllowedError(
            f"The month {month_text(month)} is not over yet.",
            cure="Sign it off when it has ended everywhere.",
        )
    report = report_of(gateway, month)
    with gateway.book.read() as connection:
        counted = complaints_of_month(connection, month)
    facts: dict[str, object] = {"complaints": len(counted)}
    if report.checkpoint is not None:
        facts |= {"checkpoint": report.checkpoint.number, "size": report.checkpoint.size}
    sign(gateway.book, month, msgspec.json.encode(report), counted, by=by, facts=facts)
    return show(gateway, month)


def restated(gateway: Gateway, frozen: Signed) -> Restatement | None:
    """What later data made of a signed month; None where nothing changed. The counts must have been brought up."""
    with gateway.book.read() as connection:
        now = complaints_of_month(connection, frozen.month)
        found = changes(frozen.counted, now)
        names = names_of(connection, sorted({*frozen.counted, *now})) if found else {}
    if not found:
        return None
    return Restatement(
        month_text(frozen.month),
        isoformat(frozen.signed_at) or "",
        frozen.signed_by,
        _moved(frozen, now, {one: region for one, (_, region) in names.items()}),
        dict(Counter(str(one.reason) for one in found)),
        [_line(one, names) for one in found[:_MOST_NAMED]],
    )


def _line(one: Changed, names: Mapping[int, tuple[str, str]]) -> ChangedLine:
    reference, region = names.get(one.complaint, (str(one.complaint), ""))
    return ChangedLine(reference, region, str(one.reason), one.before, one.after)


def _moved(frozen: Signed, now: Mapping[int, Sequence[Count]], regions: Mapping[int, str]) -> list[Moved]:
    """The figures of every region that are others now, of all its complaints."""
    moved = []
    for region in sorted(set(regions.values())):
        ids = [complaint for complaint, where in regions.items() if where == region]
        then_, now_ = (
            grouped_of((counts.get(one, ()) for one in ids), frozen.month) for counts in (frozen.counted, now)
        )
        for name in sorted({*then_, *now_}):
            before, after = then_.get(name, 0), now_.get(name, 0)
            if before != after and name[0] in _TOLD:
                moved.append(Moved(region, ":".join(filter(None, name)), before, after))
    return moved


_TOLD = frozenset({Measure.REPORTS, Measure.STANDING, Measure.ANSWERED, Measure.ACTION, Measure.DOUBLE})


def _restatements(gateway: Gateway, month: int) -> list[Restatement]:
    """Of every signed month before, what later data made of it."""
    with gateway.book.read() as connection:
        several = [signed(gateway.book, connection, one) for one in signed_months(connection) if one < month]
    found = [restated(gateway, one) for one in several if one is not None]
    return [one for one in found if one is not None]


def _checkpoint(gateway: Gateway) -> Resting | None:
    newest, _ = list_checkpoints(gateway.book, limit=1)
    return Resting(newest[0].number, newest[0].size, newest[0].root, newest[0].at) if newest else None


def _attention(
    found: Sequence[Figures], obstacles: Sequence[ObstacleView], balance: Sequence[Balanced]
) -> list[Attention]:
    said = []
    for one in found:
        if one.scope.level is not Level.REGION:
            continue
        who, done = one.scope.name, one.ministry.penyelesaian
        if one.band in (Band.BELOW_50, Band.ZERO) and not isinstance(done, Unmeasured):
            said.append(Attention("low", who, f"{done.percent:.2f}"))
        if one.standings["unread"]:
            said.append(Attention("unread", who, str(one.standings["unread"])))
        synced = one.gateway.tersambung
        if not isinstance(synced, Unmeasured) and synced.part * 10 < synced.whole * 9:
            said.append(Attention("sync", who, f"{synced.percent:.2f}"))
        unowned = sum(o.region == one.scope.id and o.owner is None for o in obstacles)
        if unowned:
            said.append(Attention("unowned", who, str(unowned)))
    said += [Attention("gap", one.channel, str(one.seen)) for one in balance if one.verdict == "gap"]
    return said
