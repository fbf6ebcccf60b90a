"""Settling by look-up: doubts under the rule of believable absence, claimed numbers by the listing."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

import msgspec
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from lapor_gateway.book import settling
from lapor_gateway.book.database import Book
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.sending import text_digest
from lapor_gateway.book.settling import Claim, Doubt
from lapor_gateway.clock import Clock
from lapor_gateway.domain.admission import Reason
from lapor_gateway.domain.matching import is_claimed_rightly
from lapor_gateway.domain.outcomes import Listed
from lapor_gateway.domain.reference import Reference, carried_by
from lapor_gateway.errors import GatewayError, OutOfReachError
from lapor_gateway.jobs.line import Line
from lapor_gateway.national.port import ListPage, NoTrust

_SECOND: Final = 1_000_000
_SHORTEST_WAIT: Final = _SECOND // 2
_DOUBTS_A_ROUND: Final = 100
_CLAIMS_A_ROUND: Final = 1000
_MOST_PAGES: Final = 10_000
_TRIES: Final = 4
_FAILURES_TO_STOP: Final = 3


class Untrusted(Exception):  # noqa: N818 - no error of ours: the other side's answer proves nothing
    """A look-up that could not be completed; says why."""

    def __init__(self, answer: NoTrust) -> None:
        super().__init__(answer.reason)
        self.pauses = answer.pauses

    def as_error(self, account: str) -> GatewayError:
        """The same for whoever asked for a count."""
        return OutOfReachError(
            f"The national listing of account {account} gives no answer that can be trusted.",
            detail=str(self),
            cure="Try again later; the account's credential and look-up path are in lapor-gateway.toml.",
        )


class Listing:
    """The account's own complaints as LAPOR! lists them; every call raises `Untrusted` unless it was complete."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock

    async def search(self, reference: Reference) -> list[Listed]:
        """Every complaint that the listing finds for `reference`."""
        return await self._all_pages(reference)

    async def everything(self) -> list[Listed]:
        """All that the account sent, as far as the listing shows it by now."""
        return await self._all_pages(None)

    async def _all_pages(self, search: str | None) -> list[Listed]:
        return [one async for page in self.pages(search) for one in page]

    async def pages(self, search: str | None = None) -> AsyncGenerator[tuple[Listed, ...], None]:
        """The same page by page, for what would not fit into memory; only its regular end says it was complete.

        The next page is on its way while one is being used.
        """
        seen: set[int] = set()
        ahead = asyncio.create_task(self._page(1, search))
        try:
            for number in range(2, _MOST_PAGES + 2):
                page = await ahead
                ids = hash(tuple(one.tracking_id for one in page.complaints))
                if page.more and (not page.complaints or ids in seen):
                    reason = "the listing repeats a page or shows an empty one before its end"
                    raise Untrusted(NoTrust(reason))
                if page.more:
                    seen.add(ids)
                    ahead = asyncio.create_task(self._page(number, search))
                yield page.complaints
                if not page.more:
                    return
        finally:
            ahead.cancel()
        raise Untrusted(NoTrust(f"the listing does not end within {_MOST_PAGES} pages"))

    async def _page(self, number: int, search: str | None) -> ListPage:
        asking = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, Untrusted) and not error.pauses),
            stop=stop_after_attempt(_TRIES),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            sleep=self._clock.sleep,
            reraise=True,
        )
        return await asking(self._page_once, number, search)

    async def _page_once(self, number: int, search: str | None) -> ListPage:
        answer = await self._line.ask(self._line.dialect.encode_list(number, search=search))
        page = self._line.dialect.decode_list(answer)
        if isinstance(page, NoTrust):
            raise Untrusted(page)
        return page


class Round(msgspec.Struct):
    """What one round of settling did."""

    found: int = 0
    absent: int = 0
    open: int = 0
    adopted: int = 0
    doubted: int = 0
    pauses: bool = False
    trouble: str | None = None


class Settler:
    """Looks up what is in doubt on one account that was granted a listing."""

    def __init__(self, book: Book, lease: Lease, line: Line) -> None:
        look_up = line.account.look_up
        if look_up is None:
            raise ValueError(f"account {line.name} was granted no listing")
        self._book = book
        self._lease = lease
        self._line = line
        self._listing = Listing(line, book.clock)
        self._lag = int(look_up.maximum_lag.total_seconds() * _SECOND)
        self._commits_within = int(line.account.commits_within.total_seconds() * _SECOND)

    async def round(self) -> Round:
        """One round over everything due; never raises for what the other side answers."""
        done = Round()
        try:
            await self._settle_doubts(done)
            await self._check_claims(done)
        except Untrusted as why:
            done.trouble, done.pauses = str(why), why.pauses
        return done

    async def _settle_doubts(self, done: Round) -> None:
        still_open: list[tuple[Doubt, int, int | None]] = []
        witnessed: dict[Reference, bool] = {}
        failures = 0
        try:
            for doubt in settling.due_doubts(self._book, self._line.name, _DOUBTS_A_ROUND):
                try:
                    await self._settle(doubt, witnessed, still_open, done)
                    failures = 0
                except Untrusted as why:
                    failures += 1
                    done.trouble = str(why)
                    soon = self._book.clock.now() + max(_SECOND, self._lag // 4)
                    still_open.append((doubt, soon, doubt.first_absent_at))
                    if why.pauses or failures >= _FAILURES_TO_STOP:
                        raise
        finally:
            if still_open:
                settling.write_still_open(self._book, still_open)
            done.open = len(still_open)

    async def _settle(
        self,
        doubt: Doubt,
        witnessed: dict[Reference, bool],
        still_open: list[tuple[Doubt, int, int | None]],
        done: Round,
    ) -> None:
        # The witness is looked up first: a listing that shows it now cannot be older a moment later.
        proof = await self._proof_of_freshness(doubt, witnessed)
        asked_at = self._book.clock.now()
        listed = await self._listing.search(doubt.reference)
        carrying = [one for one in listed if carried_by(one.content) == doubt.reference]
        numbers = [one.tracking_id for one in carrying if text_digest(one.content) in doubt.digests]
        if numbers:
            if settling.write_found(
                self._book, self._lease, self._line.name, doubt, sorted(numbers, key=_by_number)
            ):
                done.found += 1
            else:
                still_open.append((doubt, asked_at + 3600 * _SECOND, doubt.first_absent_at))
        elif carrying:  # our line over another text: edited there, perhaps; surely no absence
            settling.write_other_text(self._book, self._lease, doubt, carrying[0].tracking_id)
            done.doubted += 1
        elif proof is not None and self._would_show(doubt.is_secret):
            settling.write_absent(self._book, self._lease, doubt, proof)
            done.absent += 1
        else:
            still_open.append(self._next_look(doubt, asked_at))

    async def _proof_of_freshness(
        self, doubt: Doubt, witnessed: dict[Reference, bool]
    ) -> dict[str, object] | None:
        """What would make an absence believable now; None while nothing does (docs/guarantees.md)."""
        now = self._book.clock.now()
        latest_commit = doubt.times_out_at + self._commits_within
        if now < latest_commit + self._lag:
            return None
        witnesses = settling.witnesses_after(self._book, self._line.name, latest_commit)
        for witness in witnesses:  # any of them will do: one may have been deleted there, and never shows
            if await self._shows(witness.reference, witness.tracking_id, witnessed):
                return {"witness": witness.reference}
        if witnesses:
            return None
        twice = doubt.first_absent_at is not None and now >= doubt.first_absent_at + max(
            self._lag, _SHORTEST_WAIT
        )
        if not twice or settling.anything_to_send(self._book, self._line.name):
            return None
        # Not asked for by the rule, and cheap: a list that lacks what it must show by now proves nothing.
        due = settling.witness_before(self._book, self._line.name, now - self._commits_within - self._lag)
        if due is not None and not await self._shows(due.reference, due.tracking_id, witnessed):
            return None
        return {"first_absent_at": doubt.first_absent_at, "looked_twice": True}

    async def _shows(self, reference: Reference, tracking_id: str, witnessed: dict[Reference, bool]) -> bool:
        if reference not in witnessed:
            listed = await self._listing.search(reference)
            witnessed[reference] = any(
                one.tracking_id == tracking_id and carried_by(one.content) == reference for one in listed
            )
        return witnessed[reference]

    def _would_show(self, is_secret: bool) -> bool:
        return self._line.dialect.lists_secret or not is_secret

    def _next_look(self, doubt: Doubt, asked_at: int) -> tuple[Doubt, int, int | None]:
        believable_from = doubt.times_out_at + self._commits_within + self._lag
        pause = max(self._lag, _SHORTEST_WAIT)
        if asked_at < believable_from:
            return doubt, min(max(believable_from, asked_at + _SHORTEST_WAIT), asked_at + pause), None
        return doubt, asked_at + pause, doubt.first_absent_at or asked_at

    async def _check_claims(self, done: Round) -> None:
        claims = settling.due_claims(self._book, self._line.name, _CLAIMS_A_ROUND)
        if not claims:
            return
        try:
            shown = {one.tracking_id: one for one in await self._listing.everything()}
        except Untrusted:
            settling.postpone_claims(self._book, claims, self._book.clock.now() + max(self._lag, _SECOND))
            raise
        absent: list[Claim] = []
        for claim in claims:
            listed = shown.get(claim.number)
            too_early = self._book.clock.now() < claim.received_at + self._lag
            if listed is None and (too_early or not self._would_show(claim.complaint.visibility.is_secret)):
                absent.append(claim)
            else:
                self._decide(claim, listed, done)
        if absent:
            settling.postpone_claims(
                self._book, absent, self._book.clock.now() + max(self._lag, _SHORTEST_WAIT)
            )

    def _decide(self, claim: Claim, listed: Listed | None, done: Round) -> None:
        if listed is None:
            settling.write_claim_doubted(self._book, self._lease, claim, Reason.NUMBER_ABSENT)
            done.doubted += 1
        elif not is_claimed_rightly(claim.reference, claim.complaint.body, listed.content):
            settling.write_claim_doubted(self._book, self._lease, claim, Reason.NUMBER_OTHER_TEXT)
            done.doubted += 1
        elif settling.write_adopted(self._book, self._lease, self._line.name, claim):
            done.adopted += 1
        else:
            done.doubted += 1


def _by_number(tracking_id: str) -> tuple[int, str]:
    return len(tracking_id), tracking_id
