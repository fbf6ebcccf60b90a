"""Looking at open complaints at LAPOR!, within the hourly budget: the oldest look first, and the young and changed."""

import asyncio
import math
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import chain, zip_longest
from typing import Any, Final, cast

import msgspec

from lapor_gateway.book import looking
from lapor_gateway.book.inbox import Filed, note_filed
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.looking import Look, Open, Standings, Watch
from lapor_gateway.domain.complaint import AccountName, StatusMeaning
from lapor_gateway.domain.follow_up import FollowUp
from lapor_gateway.domain.national_status import meaning_of
from lapor_gateway.domain.outcomes import Listed
from lapor_gateway.domain.reference import carried_by
from lapor_gateway.domain.refreshing import OLDEST_SHARE, Pace
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.line import Line
from lapor_gateway.jobs.look_up import Untrusted
from lapor_gateway.national.port import Ability, NoTrust, Reads, Request
from lapor_gateway.settings_sections import NationalAccount

_BATCH: Final = 40
_MOST_PAGES: Final = 200
_FAILURES_TO_STOP: Final = 5
_LIST_SHARE: Final = 0.5
_SECOND: Final = 1_000_000
_HOUR: Final = 3600 * _SECOND
_READING_SHARE: Final = 4  # of the account's requests a second, beside those of the push


class Refreshed(msgspec.Struct):
    """What a round brought. `trouble` says why it stopped early, `pauses` that the credential was refused."""

    looked: int = 0
    changed: int = 0
    follow_ups: int = 0
    filed: int = 0
    failed: int = 0
    trouble: str | None = None
    pauses: bool = False


def pace_of(account: NationalAccount) -> Pace:
    """The account's settings as the planning takes them."""
    wanted = account.refresh
    return Pace(wanted.per_hour, _microseconds(wanted.soonest), _microseconds(wanted.latest))


def reading_line(gateway: Gateway, account: AccountName) -> Line:
    """A line for looking: it takes a quarter of the requests a second that the push may make, beside them."""
    settings = gateway.account(account)
    slower = settings.model_copy(
        update={"rate_per_second": max(1.0, settings.rate_per_second / _READING_SHARE)}
    )
    return Line(account, slower, gateway.resolve, gateway.clock)


def watches(gateway: Gateway) -> list[Watch]:
    """How the looks stand, an account each, with the bound that every open complaint is looked at within."""
    accounts = sorted({channel.account for channel in gateway.channels.values()})
    with gateway.book.read() as connection:
        return [
            looking.watch_of(connection, name, pace_of(gateway.account(name)))
            for name in accounts
            if name in gateway.settings.national
        ]


class Refresher:
    """Rounds over one account, under its own lease, beside the push. Never raises for what LAPOR! answers."""

    def __init__(self, gateway: Gateway, lease: Lease, line: Line) -> None:
        self._gateway = gateway
        self._book = gateway.book
        self._lease = lease
        self._line = line
        self._pace = pace_of(line.account)
        self._standings = Standings(self._book, lease, line.name, self._pace, self._meaning)
        self._budget = looking.budget_of(self._book, line.name, self._pace)
        self._in_flight = asyncio.Semaphore(max(1, line.account.max_in_flight // 2))
        self._failures = 0
        self.done = Refreshed()

    async def round(self) -> Refreshed:
        """Read the listing where that is due, then look at whoever is due, until nobody is or the budget is used up."""
        try:
            if Ability.LIST in self._line.dialect.can and self._book.clock.now() >= self._budget.list_at:
                await self._read_list()
            if Ability.READ_STATUS in self._line.dialect.can:
                await self._look_at_all()
        except Untrusted as why:
            self.done.trouble, self.done.pauses = str(why), why.pauses
        self._budget.round_at = self._book.clock.now()
        self._budget.trouble = self.done.trouble
        with self._book.write() as connection:
            self._lease.require(connection)
            looking.save_budget(connection, self._line.name, self._budget)
        return self.done

    # --- one by one --------------------------------------------------------------------------------------

    async def _look_at_all(self) -> None:
        while self._lease.is_held:
            batch = self._choose(min(_BATCH, int(self._budget.tokens / self._budget.cost)))
            if not batch:
                return
            looks = await asyncio.gather(*(self._look(one) for one in batch))
            found = self._standings.write(looks, self._budget)
            self.done.looked += found.looked
            self.done.changed += found.changed
            self.done.follow_ups += found.follow_ups
            self.done.failed += found.failed
            if self._failures >= _FAILURES_TO_STOP:
                raise Untrusted(NoTrust(self.done.trouble or "no answer to trust", pauses=self.done.pauses))

    def _choose(self, want: int) -> list[Open]:
        """Most of them by their last look, oldest first; the rest by when they are due, region by region in turn."""
        if want <= 0:
            return []
        name, oldest = self._line.name, math.ceil(want * OLDEST_SHARE)
        first = looking.due(self._book, name, want, oldest=True)
        quick = _in_turn(looking.due(self._book, name, 4 * want, oldest=False))
        order = chain(first[:oldest], quick, first[oldest:])
        chosen = list({one.complaint: one for one in order}.values())[:want]
        if len(chosen) < want:
            chosen += looking.due(self._book, name, want - len(chosen), oldest=True, closed=True)
        return chosen

    async def _look(self, whom: Open) -> Look:
        async with self._in_flight:
            before = self._budget.tokens
            try:
                look = await self._asked(whom)
                self._failures = 0
            except Untrusted as why:
                self._failures += _FAILURES_TO_STOP if why.pauses else 1
                self.done.trouble, self.done.pauses = str(why), self.done.pauses or why.pauses
                return Look(whom)
            self._budget.cost = max(2.0, 0.95 * self._budget.cost + 0.05 * (before - self._budget.tokens))
            return look

    async def _asked(self, whom: Open) -> Look:
        dialect = cast(Reads, self._line.dialect)
        standing = dialect.decode_standing(await self._ask(dialect.encode_standing(whom.tracking_id)))
        if isinstance(standing, NoTrust):
            raise Untrusted(standing)
        return Look(whom, standing, tuple(await follow_ups_of(dialect, self._ask, whom.tracking_id)))

    async def _ask(self, request: Request) -> Any:
        self._budget.tokens -= 1
        return await self._line.ask(request)

    def _meaning(self, word: str) -> StatusMeaning:
        return meaning_of(word, self._line.account.status_words)

    # --- by the list -------------------------------------------------------------------------------------

    async def _read_list(self) -> None:
        """Go on with the listing, at most half the budget's worth; those whose word changed are looked at first."""
        left = max(1, int(self._budget.tokens * _LIST_SHARE))
        while left > 0 and self._budget.tokens >= 1:
            page_number = self._budget.list_page + 1
            page = self._line.dialect.decode_list(
                await self._ask(self._line.dialect.encode_list(page_number))
            )
            if isinstance(page, NoTrust):
                self._budget.list_at = self._book.clock.now() + self._pace.soonest
                raise Untrusted(page)
            self._take_list(page.complaints)
            left -= 1
            if not page.more or not page.complaints or page_number >= 10 * _MOST_PAGES:
                rest = page_number * _HOUR / (self._pace.per_hour * _LIST_SHARE)
                self._budget.list_page = 0
                self._budget.list_at = self._book.clock.now() + max(self._pace.soonest, int(rest))
                return
            self._budget.list_page = page_number

    def _take_list(self, listed: Sequence[Listed]) -> None:
        shown = [(one.tracking_id, one.status) for one in listed if one.status is not None]
        filed = [
            Filed(one.tracking_id, one.title, one.content, one.status, one.created_at)
            for one in listed
            if carried_by(one.content) is None
        ]
        regions = {c.region for c in self._gateway.channels.values() if c.account == self._line.name}
        region = next(iter(regions)) if len(regions) == 1 else None

        def write(connection: Any) -> int:
            self._lease.require(connection)
            looking.make_due(connection, self._line.name, shown, self._book.clock.now())
            return note_filed(self._book, connection, self._line.name, region, filed)

        self.done.filed += self._book.transact(write)


async def follow_ups_of(dialect: Reads, ask: Any, tracking_id: str) -> list[FollowUp]:
    """Every follow-up of a complaint, all pages. Raises `Untrusted` unless the whole list could be read."""
    found: list[FollowUp] = []
    for number in range(1, _MOST_PAGES + 1):
        page = dialect.decode_follow_ups(await ask(dialect.encode_follow_ups(tracking_id, number)))
        if isinstance(page, NoTrust):
            raise Untrusted(page)
        found += page.follow_ups
        if not page.more:
            return found
    raise Untrusted(NoTrust(f"the follow-ups do not end within {_MOST_PAGES} pages"))


def _in_turn(due: Iterable[Open]) -> list[Open]:
    """The same, region by region in turn, each in its own order."""
    by_region: dict[str, list[Open]] = {}
    for one in due:
        by_region.setdefault(one.region, []).append(one)
    turns = zip_longest(*by_region.values())
    return [one for turn in turns for one in turn if one is not None]


def _microseconds(span: timedelta) -> int:
    return int(span.total_seconds() * _SECOND)
