"""Errands: what both ways need done, each by itself so that no region's trouble stops another's."""

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from typing import Final

import msgspec
from sqlalchemy import select

from lapor_gateway.book import following, inbox, looking, parcels
from lapor_gateway.book.channels import Mode
from lapor_gateway.book.following import Routes
from lapor_gateway.book.parcels import Direction, ParcelKind
from lapor_gateway.book.sending import load_account
from lapor_gateway.book.tables import channels
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.errors import GatewayError, OutOfReachError
from lapor_gateway.jobs.answer import Answerer
from lapor_gateway.jobs.deliver import deliver
from lapor_gateway.jobs.fence import watched
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.leasing import leased
from lapor_gateway.jobs.line import Line
from lapor_gateway.jobs.refresh import Refresher, pace_of, reading_line
from lapor_gateway.national.dialects import dialect_of
from lapor_gateway.national.port import Ability
from lapor_gateway.sources.manifest import ChannelManifest

_ENTRIES_AT_ONCE: Final = 2_000
_SECOND: Final = 1_000_000


class Kind(StrEnum):
    """What is done: looking at LAPOR!, writing there, delivering to a region's application."""

    REFRESH = "refresh"
    ANSWER = "answer"
    DELIVER = "deliver"


class Errand(msgspec.Struct, frozen=True):
    """One piece of work; `subject` is an account, for a delivery a channel."""

    kind: Kind
    subject: str

    @property
    def name(self) -> str:
        """What its lease and its job are called."""
        return f"{self.kind}:{self.subject}"


def follow_ledger(gateway: Gateway, *, seconds: float | None = None) -> int:
    """See what the ledger's new entries make travel, for at most so many seconds; how many entries there were.

    What is left is followed the next time: it is in the ledger, and nothing of it is lost.
    """
    followed = 0
    if following.has_news(gateway.book):
        routes, until = routes_of(gateway), gateway.clock.elapsed() + (seconds or 0.0)
        while batch := following.follow(gateway.book, routes, _ENTRIES_AT_ONCE):
            followed += batch
            if batch < _ENTRIES_AT_ONCE or (seconds is not None and gateway.clock.elapsed() > until):
                break
    inbox.recognise(gateway.book)
    takers = _takers(gateway)
    if takers:
        inbox.post_new(gateway.book, takers)
    return followed


def routes_of(gateway: Gateway) -> Routes:
    """Where things travel now. Nothing travels for a channel that no person has made live."""
    live = _live(gateway)
    writers = {name for name in gateway.settings.national if _can(gateway, name, Ability.FOLLOW_UP)}
    return Routes(
        write_back={
            one.id: frozenset(map(ParcelKind, one.write_back.kinds)) for one in live if one.write_back
        },
        writes=frozenset(one.id for one in live if one.account in writers),
        tells_status=frozenset(one.id for one in live if one.answers is not None and one.answers.status),
        first_look={name: pace_of(account).soonest for name, account in gateway.settings.national.items()},
    )


def due_errands(gateway: Gateway, among: Sequence[ChannelManifest] | None = None) -> list[Errand]:
    """What would do something now, for these channels or for all. Cheap enough to ask often."""
    chosen = list(gateway.channels.values()) if among is None else list(among)
    accounts = [name for name in sorted({one.account for one in chosen}) if _may_speak(gateway, name)]
    found = [Errand(Kind.REFRESH, name) for name in accounts if _refresh_is_due(gateway, name)]
    found += [Errand(Kind.ANSWER, name) for name in accounts if _waits(gateway, Direction.NATIONAL, name)]
    written = [one for one in chosen if one.write_back is not None]
    found += [Errand(Kind.DELIVER, one.id) for one in written if _waits(gateway, Direction.REGION, one.id)]
    return found


def is_under_way(gateway: Gateway, *, within: float) -> bool:
    """Whether something still travels: news not followed yet, or what is due in so many seconds."""
    if following.has_news(gateway.book):
        return True
    soon = gateway.clock.now() + int(within * _SECOND)
    targets: list[tuple[Direction, str]] = [
        (Direction.REGION, one.id) for one in gateway.channels.values() if one.write_back is not None
    ]
    accounts = sorted({one.account for one in gateway.channels.values()})
    targets += [(Direction.NATIONAL, name) for name in accounts if _may_speak(gateway, name)]
    dues = [parcels.next_due(gateway.book, direction, target) for direction, target in targets]
    return any(due is not None and due <= soon for due in dues)


async def run_errand(gateway: Gateway, errand: Errand, patience: float = 0.0) -> int:
    """Do it under its lease; how much was done. `patience` in seconds: how long to wait for another's lease.

    Raises `GatewayError`, among them `LeaseTakenError`.
    """
    work = {
        Kind.REFRESH: partial(_refresh, gateway, AccountName(errand.subject), errand.name, patience),
        Kind.ANSWER: partial(_answer, gateway, AccountName(errand.subject), errand.name, patience),
        Kind.DELIVER: partial(_deliver, gateway, errand.subject, errand.name, patience),
    }
    return await work[errand.kind]()


async def _refresh(gateway: Gateway, account: AccountName, name: str, patience: float) -> int:
    async with leased(gateway, name, patience) as lease, reading_line(gateway, account) as line:
        done = await Refresher(gateway, lease, line).round()
    if done.trouble is not None:
        raise _unanswered(account, done.trouble)
    return done.changed + done.follow_ups + done.filed


async def _answer(gateway: Gateway, account: AccountName, name: str, patience: float) -> int:
    settings = gateway.account(account)
    async with (
        leased(gateway, name, patience) as lease,
        Line(account, settings, gateway.resolve, gateway.clock) as line,
        watched(gateway),
    ):
        done = await Answerer(gateway, lease, line).round()
    if done.stopped is not None:
        raise _unanswered(account, done.stopped)
    return done.written + done.absent


async def _deliver(gateway: Gateway, channel: str, name: str, patience: float) -> int:
    async with leased(gateway, name, patience) as lease:
        return await deliver(gateway, gateway.channel(channel), lease)


def _refresh_is_due(gateway: Gateway, account: str) -> bool:
    settings = gateway.account(account)
    lists = Ability.LIST in dialect_of(settings).can and any(one.account == account for one in _live(gateway))
    return looking.is_due(gateway.book, account, pace_of(settings), lists=lists)


def _waits(gateway: Gateway, direction: Direction, target: str) -> bool:
    due = parcels.next_due(gateway.book, direction, target)
    return due is not None and due <= gateway.clock.now()


def _may_speak(gateway: Gateway, account: str) -> bool:
    """Whether the account is configured, no production one beside a training book, and not paused."""
    settings = gateway.settings.national.get(account)
    if settings is None or not settings.is_open_to(gateway.environment):
        return False
    with gateway.book.read() as connection:
        return load_account(connection, AccountName(account)).paused_at is None


def _can(gateway: Gateway, account: str, ability: Ability) -> bool:
    settings = gateway.account(account)
    return settings.is_open_to(gateway.environment) and ability in dialect_of(settings).can


def _takers(gateway: Gateway) -> dict[str, str]:
    """By region, the live channel whose application takes complaints filed at LAPOR!."""
    return {
        one.region: one.id
        for one in reversed(_live(gateway))
        if one.write_back is not None and ParcelKind.NEW in one.write_back.kinds
    }


def _live(gateway: Gateway) -> list[ChannelManifest]:
    with gateway.book.read() as connection:
        query = select(channels.c.id).where(channels.c.mode == Mode.LIVE)
        live = frozenset(connection.execute(query).scalars())
    return [one for one in gateway.channels.values() if one.id in live]


def _unanswered(account: str, why: str) -> GatewayError:
    return OutOfReachError(
        f"LAPOR! could not be reached under the account {account}.",
        detail=why,
        cure="Check its address and the network; what waits goes out by itself, nothing is lost.",
    )
