"""Where everything stands: per channel its states, its health and the verdict of its balance."""

from collections import Counter

import msgspec
from sqlalchemy import Connection, Row, func, select

from lapor_gateway.book.channels import Health
from lapor_gateway.book.counting import last_counts, seen_by_channel, states_by_channel
from lapor_gateway.book.deliveries import standing_of
from lapor_gateway.book.findings import FindingState
from lapor_gateway.book.looking import Watch
from lapor_gateway.book.people import name_of
from lapor_gateway.book.sending import load_account
from lapor_gateway.book.standing import standing
from lapor_gateway.book.tables import channels, deliveries, findings
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.balance import Count, Side, Verdict, verdict
from lapor_gateway.domain.complaint import ChannelId
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.jobs.balance import possible_sides
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.line import dialect_of
from lapor_gateway.jobs.refresh import watches
from lapor_gateway.sources.manifest import ChannelManifest

_HOUR = 3_600_000_000
UNDECIDED = ("ambiguous", "refused", "stopped")
_NEED_A_PERSON = (State.QUARANTINED, State.HELD, State.REJECTED)


class Balance(msgspec.Struct, frozen=True):
    """The verdict and its counts, of all channels of the origin together; a count never taken is None."""

    verdict: Verdict
    source: int | None
    ledger: int | None
    national: int | None
    counted_at: dict[str, str | None]
    detail: str


class ChannelStatus(msgspec.Struct, frozen=True):
    """One channel. Instants are RFC 3339 in UTC."""

    id: str
    region: str
    origin: str
    account: str
    mode: str
    seen: int
    by_state: dict[str, int]
    balanced: bool
    balance: Balance
    health: str
    health_detail: str | None
    paused: str | None
    account_paused: str | None
    can: list[str]
    push_from: str | None
    approved_by: str | None
    canary_left: int | None
    last_success_at: str | None
    open_findings: int

    @property
    def needs_a_person(self) -> bool:
        waiting = any(self.by_state[state] for state in _NEED_A_PERSON)
        return waiting or bool(self.paused or self.account_paused or self.open_findings)


class LookingStatus(msgspec.Struct, frozen=True):
    """How statuses and follow-ups come back under an account. Instants are RFC 3339 in UTC.

    `bound_hours`: every open complaint is looked at at least once in so many hours, as long as LAPOR! answers, within
    `requests_per_hour`. `oldest_look_at` is when the one that has waited longest was last looked at; `unread` how many
    gave no answer to trust the last time.
    """

    account: str
    open: int
    bound_hours: float
    oldest_look_at: str | None
    unread: int
    requests_per_hour: int
    last_round_at: str | None
    trouble: str | None


class Status(msgspec.Struct, frozen=True):
    """The whole gateway: balanced when every channel is.

    `manifest_faults` are those of regions left out; what the book knows of them cannot be judged meanwhile.
    `deliveries` counts what is on its way, by state; refused, ambiguous and stopped wait for a person.
    """

    balanced: bool
    push: str
    environment: str
    channels: list[ChannelStatus]
    manifest_faults: list[str] = []
    looking: list[LookingStatus] = []
    deliveries: dict[str, int] = {}

    @property
    def needs_a_person(self) -> bool:
        if any(self.deliveries.get(state) for state in UNDECIDED):
            return True
        return bool(not self.balanced or self.manifest_faults) or any(
            channel.needs_a_person for channel in self.channels
        )


def read_status(gateway: Gateway, names: frozenset[str] | None = None) -> Status:
    """The state of the channels (of `names`, or all), with the last counts; asks nobody outside the book."""
    now = gateway.clock.now()
    with gateway.book.read() as connection:
        states, seen = states_by_channel(connection), seen_by_channel(gateway.book, connection)
        counts, open_findings = last_counts(connection), _open_findings(connection)
        delivered = _last_deliveries(connection)
        seen_of_origin: Counter[str] = Counter()
        for channel in gateway.channels.values():
            seen_of_origin[channel.origin] += seen.get(channel.id, 0)
        rows = {row.id: row for row in connection.execute(select(channels))}
        found = [
            _channel_status(
                gateway,
                connection,
                channel,
                rows[channel.id],
                states.get(channel.id, dict.fromkeys(State, 0)),
                seen.get(channel.id, 0),
                _balance(
                    counts.get(channel.origin, {}),
                    possible_sides(gateway, channel.account),
                    now,
                    seen_of_origin[channel.origin],
                ),
                open_findings.get(channel.id, 0),
                delivered.get(channel.id),
            )
            for channel in gateway.channels.values()
            if names is None or channel.id in names
        ]
        push = str(standing(connection))
        travelling = standing_of(connection) if names is None else {}
    error = gateway.manifest_error if names is None else None
    faults = [str(fault) for fault in error.faults] if error else []
    balanced = all(one.balanced for one in found) and not faults
    accounts = {one.account for one in found}
    looking = [_looking(one) for one in watches(gateway) if one.account in accounts]
    return Status(balanced, push, gateway.environment, found, faults, looking, travelling)


def _looking(one: Watch) -> LookingStatus:
    return LookingStatus(
        one.account,
        one.open,
        round(one.bound / _HOUR, 1),
        isoformat(one.oldest),
        one.unread,
        one.per_hour,
        isoformat(one.round_at),
        one.trouble,
    )


def _channel_status(
    gateway: Gateway,
    connection: Connection,
    channel: ChannelManifest,
    row: Row[tuple[object, ...]],
    by_state: dict[str, int],
    seen: int,
    balance: Balance,
    open_findings: int,
    delivered_at: int | None,
) -> ChannelStatus:
    account = load_account(connection, channel.account)
    closes = seen == sum(by_state.values())
    if not closes:
        gap = f"seen {seen}, in all states together {sum(by_state.values())}"
        balance = msgspec.structs.replace(balance, verdict=Verdict.GAP, detail=gap)
    return ChannelStatus(
        id=channel.id,
        region=channel.region,
        origin=channel.origin,
        account=channel.account,
        mode=row.mode,
        seen=seen,
        by_state={str(state): count for state, count in by_state.items()},
        balanced=balance.verdict is Verdict.BALANCED,
        balance=balance,
        health=Health.OK if delivered_at is not None and row.paused_at is None else row.health,
        health_detail=row.health_detail,
        paused=row.pause_reason if row.paused_at is not None else None,
        account_paused=account.pause_reason if account.paused_at is not None else None,
        can=_abilities(gateway, channel),
        push_from=isoformat(row.push_from),
        approved_by=name_of(gateway.book, connection, row.approved_by),
        canary_left=row.canary_left,
        last_success_at=isoformat(delivered_at if delivered_at is not None else row.last_success_at),
        open_findings=open_findings,
    )


def _abilities(gateway: Gateway, channel: ChannelManifest) -> list[str]:
    """What can be done at LAPOR! under the channel's account; nothing where it is not configured."""
    settings = gateway.settings.national.get(channel.account)
    return [] if settings is None else sorted(dialect_of(settings).can)


def _balance(counts: dict[Side, Count], possible: frozenset[Side], now: int, seen: int) -> Balance:
    """The verdict on an origin; `seen` is what the book has seen of it now, which may be more than was counted."""

    def value(side: Side) -> int | None:
        return counts[side].value if side in counts else None

    details = [f"{side}: {count.detail}" for side, count in counts.items() if count.detail]
    missing = sorted(possible - counts.keys())
    details += [f"not counted yet: {', '.join(missing)}"] if missing else []
    found, ledger = verdict(counts, possible, now), value(Side.LEDGER)
    if found is Verdict.BALANCED and ledger != seen:
        found = Verdict.UNPROVEN
        details.append(f"{seen} seen now, {ledger} when last counted: count anew with `status --check`")
    return Balance(
        found,
        value(Side.SOURCE),
        ledger,
        value(Side.NATIONAL),
        {str(side): isoformat(counts[side].counted_at) if side in counts else None for side in Side},
        "; ".join(details),
    )


def _open_findings(connection: Connection) -> dict[ChannelId, int]:
    query = (
        select(findings.c.channel, func.count())
        .where(findings.c.state == FindingState.OPEN)
        .group_by(findings.c.channel)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _last_deliveries(connection: Connection) -> dict[ChannelId, int]:
    """When each webhook channel last brought something that was believed."""
    query = (
        select(deliveries.c.channel, func.max(deliveries.c.received_at).label("received_at"))
        .where(deliveries.c.refused.is_(None))
        .group_by(deliveries.c.channel)
    )
    return {row.channel: row.received_at for row in connection.execute(query)}
