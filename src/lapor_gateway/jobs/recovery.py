"""Catching up with a lost life: what it sent is looked up before anything is sent again (docs/guarantees.md).

Where no listing is granted nothing can be looked up: what would go out is held, and an operator decides.
"""

from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from lapor_gateway.book.leases import Lease
from lapor_gateway.book.recovering import (
    Learned,
    SentText,
    conclude_by,
    count_in_doubt,
    hold_in_doubt,
    last_successes,
    learn,
    must_show,
)
from lapor_gateway.book.standing import (
    Cause,
    Progress,
    Recovery,
    Standing,
    epoch_of,
    finish,
    recovery_of,
    standing,
    update_progress,
)
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.domain.outcomes import Listed
from lapor_gateway.errors import NotAllowedError
from lapor_gateway.jobs.fence import meet, others_are_silent_after
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.line import Line
from lapor_gateway.jobs.look_up import Listing, Untrusted
from lapor_gateway.jobs.pull import pass_gate
from lapor_gateway.national.dialects import dialect_of
from lapor_gateway.national.export import NationalExport
from lapor_gateway.national.port import NoTrust

_SECOND: Final = 1_000_000
_SHORTEST_WAIT: Final = _SECOND // 2
_AFTER_TROUBLE: Final = 5 * _SECOND
_HOLD_AGAIN: Final = 60 * _SECOND
_AT_ONCE: Final = 200
_WITNESSES: Final = 10  # accepted complaints, any one of which a whole listing must show


class AccountRecovery(msgspec.Struct, frozen=True):
    """How far one account is; `can_look_up` says whether it gets on by itself."""

    can_look_up: bool
    cleared_at: str | None
    next_at: str | None
    adopted: int
    trouble: str | None


class Recoverer:
    """One account's part of a recovery, under its push lease and on its line."""

    def __init__(self, gateway: Gateway, lease: Lease, line: Line) -> None:
        self._gateway = gateway
        self._book = gateway.book
        self._lease = lease
        self._line = line
        look_up = line.account.listing if line.account.is_open_to(gateway.environment) else None
        self._lag = None if look_up is None else int(look_up.maximum_lag.total_seconds() * _SECOND)
        times_out = line.account.timeout.total_seconds() + line.account.commits_within.total_seconds()
        self._commits = int(times_out * _SECOND)

    async def run(self, patience: float) -> None:
        """Go as far as `patience` (seconds without getting on) allows; nothing to do is the usual case."""
        until = self._book.clock.elapsed() + patience
        while (due := await self.step()) is not None:
            pause = max(0.01, (due - self._book.clock.now()) / _SECOND)
            if self._book.clock.elapsed() + pause > until:
                return
            await self._book.clock.sleep(pause)

    async def step(self) -> int | None:
        """Do what is due; when something is due next (microseconds), None where nothing of it depends on us."""
        recovery = self._recovery()
        if recovery is None:
            return None
        if recovery.announced_at is None:  # a seal may have to wait for a transaction that runs just now
            await meet(self._gateway)
            return self._book.clock.now() + _SHORTEST_WAIT
        progress = recovery.accounts.get(self._line.name, Progress())
        if progress.cleared_at is not None:
            return None
        now = self._book.clock.now()
        if self._lag is None:
            self.hold()
            return None
        silent_at = recovery.announced_at + int(others_are_silent_after(self._gateway) * _SECOND)
        shown_at = silent_at + self._commits + self._lag
        due = max(shown_at if progress.first_absent_at is None else 0, progress.next_at)
        if now < due:
            return self._postpone(progress, due)
        try:
            done = await self._look(now)
        except Untrusted as why:
            progress.trouble, progress.next_at = str(why), now + max(self._lag, _AFTER_TROUBLE)
        else:
            self._looked(progress, done, now, self._lag)
        return self._keep(progress)

    def _recovery(self) -> Recovery | None:
        with self._book.read() as connection:
            return recovery_of(connection)

    def _looked(self, progress: Progress, done: Learned, now: int, lag: int) -> None:
        """Two complete looks, a lag apart and both after the bounds: what neither shows was surely not sent."""
        progress.adopted, progress.trouble = progress.adopted + done.adopted, None
        if progress.first_absent_at is None:
            progress.first_absent_at = now
            progress.next_at = now + max(lag, _SHORTEST_WAIT)
        else:
            progress.cleared_at = now

    def _keep(self, progress: Progress) -> int | None:
        """Keep how far we are; where this was the last account, the recovery ends in the same transaction."""
        everyone = accounts_of(self._gateway)
        with self._book.write() as connection:
            self._lease.require(connection)
            recovery = update_progress(connection, self._line.name, progress)
            if recovery is not None and everyone <= cleared(recovery):
                finish(self._book, connection, recovery)
                return None
        return None if progress.cleared_at is not None else progress.next_at

    async def _look(self, now: int) -> Learned:
        """One complete pass over the listing. Raises `Untrusted` where it was not complete."""
        expected = must_show(self._book, self._line.name, now - self._commits - (self._lag or 0), _WITNESSES)
        done, shown = Learned(), False
        listed = await Listing(self._line, self._book.clock).everything()
        for start in range(0, len(listed), _AT_ONCE):
            part = listed[start : start + _AT_ONCE]
            shown = shown or any(one.tracking_id in expected for one in part)
            learned = self._learn(part)
            done.adopted += learned.adopted
            done.doubted += learned.doubted
        if expected and not shown:
            raise Untrusted(NoTrust("the listing shows none of the newest complaints that were accepted"))
        return done

    def _learn(self, part: list[Listed]) -> Learned:
        return learn(self._book, part, sent_texts(self._gateway), lease=self._lease)

    def _postpone(self, progress: Progress, due: int) -> int:
        if progress.next_at != due:
            progress.next_at = due
            self._keep(progress)
        return due

    def hold(self) -> None:
        """Where nothing can be looked up: everything that would go out waits for a person, who can see it and why."""
        recovery, now = self._recovery(), self._book.clock.now()
        if recovery is None or recovery.announced_at is None or self._lag is not None:
            return
        pass_gate(self._gateway)
        with self._book.write() as connection:
            self._lease.require(connection)
            hold_in_doubt(self._book, connection, [self._line.name], recovery.since)
            update_progress(connection, self._line.name, Progress(next_at=now + _HOLD_AGAIN))


def accounts_of(gateway: Gateway) -> frozenset[AccountName]:
    """The accounts under which a lost life may have sent: those of our channels that are configured."""
    used = {channel.account for channel in gateway.channels.values()}
    return frozenset(name for name in used if name in gateway.settings.national)


def sent_texts(gateway: Gateway) -> dict[AccountName, SentText]:
    """How each account's dialect shows a complaint's text."""
    return {name: dialect_of(gateway.account(name)).sent_text for name in accounts_of(gateway)}


def adopt_from_export(gateway: Gateway, path: Path, *, by: str) -> Learned:
    """Adopt whatever LAPOR!'s spreadsheet export shows of ours and the book does not know as accepted.

    It proves no absence here: what it does not show stays held. Raises `ConfigurationError` for no export.
    """
    rows = NationalExport(path).complaints()
    texts, done = sent_texts(gateway), Learned()
    while part := list(islice(rows, _AT_ONCE)):
        listed = [Listed(row.tracking_id, row.title, row.first_text, row.status) for row in part]
        learned = learn(gateway.book, listed, texts, by=by)
        done.adopted += learned.adopted
        done.doubted += learned.doubted
    return done


def cleared(recovery: Recovery) -> frozenset[str]:
    return frozenset(name for name, one in recovery.accounts.items() if one.cleared_at is not None)


class RecoveryStatus(msgspec.Struct, frozen=True):
    """Where the book stands. Instants are RFC 3339 in UTC; `held` are complaints that wait for a person's decision."""

    standing: Standing
    epoch: int
    cause: Cause | None
    since: str | None
    announced_at: str | None
    held: int
    accounts: dict[AccountName, AccountRecovery]


def read_recovery(gateway: Gateway) -> RecoveryStatus:
    """How far the recovery is, as the book has it."""
    with gateway.book.read() as connection:
        found, recovery, epoch = standing(connection), recovery_of(connection), epoch_of(connection)
        held = count_in_doubt(connection)
    names = sorted(accounts_of(gateway)) if recovery else []
    accounts = {
        name: _account_recovery(gateway, name, recovery.accounts.get(name, Progress()))
        for name in names
        if recovery
    }
    return RecoveryStatus(
        found,
        epoch,
        recovery.cause if recovery else None,
        isoformat(recovery.since) if recovery else None,
        isoformat(recovery.announced_at) if recovery else None,
        held,
        accounts,
    )


def _account_recovery(gateway: Gateway, name: AccountName, progress: Progress) -> AccountRecovery:
    account = gateway.account(name)
    return AccountRecovery(
        can_look_up=account.look_up is not None and account.is_open_to(gateway.environment),
        cleared_at=isoformat(progress.cleared_at),
        next_at=isoformat(progress.next_at or None),
        adopted=progress.adopted,
        trouble=progress.trouble,
    )


def conclude(gateway: Gateway, *, by: str, reason: str) -> int:
    """A person ends the recovery: what was not looked up stays held, everything new goes out; how many are held.

    Raises `NotAllowedError` where no recovery can be ended yet: the other life may still be sending, or a channel
    has not been pulled since.
    """
    pass_gate(gateway)
    with gateway.book.read() as connection:
        recovery = recovery_of(connection)
        success = last_successes(connection)
    if recovery is None or recovery.announced_at is None:
        raise NotAllowedError(
            "There is no recovery that could be ended now.",
            cure="`lapor-gateway recovery status` says how this book stands.",
        )
    silent_at = recovery.announced_at + int(others_are_silent_after(gateway) * _SECOND)
    pulled = [one for one in gateway.channels.values() if one.source != "webhook"]
    behind = sorted(one.id for one in pulled if (success.get(one.id) or 0) < silent_at)
    if behind or gateway.clock.now() < silent_at:
        raise NotAllowedError(
            f"Not every channel has been pulled since this book began anew: {', '.join(behind) or '-'}.",
            cure="Run `lapor-gateway sync --all`, then this command again.",
        )
    left = accounts_of(gateway) - cleared(recovery)
    return conclude_by(gateway.book, sorted(left), by=by, reason=reason)
