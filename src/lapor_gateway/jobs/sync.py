"""One sync: pull the channels, pass the gate, push their accounts, settle what is in doubt. All at the same time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from lapor_gateway.book import channels as book_channels
from lapor_gateway.book.leases import LEASE_SECONDS, Lease, LeaseTakenError, acquire
from lapor_gateway.book.running import finish_run, start_run
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.errors import ConfigurationError, ExitCode, GatewayError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.line import Line
from lapor_gateway.jobs.pull import Pulled, pass_gate, pull
from lapor_gateway.jobs.push import Push, Pushed
from lapor_gateway.sources.manifest import ChannelManifest

_LEASE_TRY_SECONDS = 1.0


class Progress:
    """What a sync tells while it works; the command line draws it, a test may listen. Does nothing by itself."""

    def pulled(self, channel: str, so_far: Pulled) -> None: ...

    def pushed(self, account: str, so_far: Pushed) -> None: ...


class Synced(msgspec.Struct):
    """What a sync did, per channel and per account, and what went wrong."""

    channels: dict[str, Pulled]
    accounts: dict[str, Pushed]
    failures: list[GatewayError]

    @property
    def exit_code(self) -> ExitCode:
        """2, 3 or 1, the first that applies; 0 when all went well."""
        codes = {failure.exit_code for failure in self.failures}
        order = (ExitCode.WRONG_USAGE, ExitCode.OUT_OF_REACH, ExitCode.NEEDS_A_PERSON)
        return next((code for code in order if code in codes), ExitCode.DONE)


async def sync(
    gateway: Gateway, channels: Sequence[ChannelManifest], *, patience: float = 20.0, progress: Progress | None = None
) -> Synced:
    """Bring `channels` and the accounts they go to up to date.

    `patience` in seconds: how long to wait for leases of others and for retries and look-ups that fall due soon.
    """
    synced = Synced({}, {}, [])
    telling = progress or Progress()
    pass_gate(gateway)
    accounts = sorted({channel.account for channel in channels})
    pushes: dict[str, Push] = {}
    pulling = {channel.id for channel in channels if channel.source != "webhook"}

    async def pull_one(channel: ChannelManifest) -> None:
        def progressed(so_far: Pulled) -> None:
            telling.pulled(channel.id, so_far)
            push = pushes.get(channel.account)
            if push is not None:
                push.wake()

        try:
            synced.channels[channel.id] = await pull_channel(gateway, channel, patience, progressed)
            failure = synced.channels[channel.id].failure
        except GatewayError as error:
            failure = error
        if failure is not None:
            synced.failures.append(failure)
        pulling.discard(channel.id)
        for push in pushes.values():
            push.wake()

    async def push_one(account: AccountName) -> None:
        def may_come() -> bool:
            return any(c.account == account for c in channels if c.id in pulling)

        try:
            async with pushing(gateway, account, patience) as push:
                pushes[account] = push
                push.more = may_come
                push.report = lambda so_far: telling.pushed(account, so_far)
                synced.accounts[account] = await push.run()
        except GatewayError as error:
            synced.failures.append(error)

    async with asyncio.TaskGroup() as group:
        for account in accounts:
            group.create_task(push_one(account))
        for channel in channels:
            if channel.id in pulling:
                group.create_task(pull_one(channel))
    return synced


async def pull_channel(
    gateway: Gateway, channel: ChannelManifest, patience: float, progressed: Callable[[Pulled], None]
) -> Pulled:
    """Pull under the channel's lease, unless the channel is paused; the run is written down."""
    with gateway.book.read() as connection:
        row = book_channels.find(connection, channel.id)
    if row.paused_at is not None:
        raise GatewayError(
            f"The channel {channel.id} is paused: {row.pause_reason}",
            cure=f"Mend the cause, then run `lapor-gateway channels resume {channel.id}`.",
        )
    async with leased(gateway, f"pull:{channel.id}", patience) as lease:
        run = start_run(gateway.book, "pull", channel.id)
        pulled = await pull(gateway, channel, lease, progressed=progressed)
        counts = {"new": pulled.new, "changed": pulled.changed, "seen": pulled.seen, "pages": pulled.pages}
        finish_run(gateway.book, run, counts, pulled.error)
    return pulled


@contextlib.asynccontextmanager
async def pushing(gateway: Gateway, account: AccountName, patience: float) -> AsyncIterator[Push]:
    """A push of one account under its lease and on its line; the run is written down at the end."""
    settings = gateway.account(account)
    async with (
        leased(gateway, f"push:{account}", patience) as lease,
        Line(account, settings, gateway.resolve, gateway.clock) as line,
    ):
        push = Push(gateway.book, lease, line, patience=patience, environment=gateway.settings.environment)
        run = start_run(gateway.book, "push", account)
        try:
            yield push
        finally:
            counts = {
                name: value for name, value in msgspec.structs.asdict(push.done).items() if isinstance(value, int)
            }
            finish_run(gateway.book, run, counts, push.done.stopped)


@contextlib.asynccontextmanager
async def leased(gateway: Gateway, name: str, patience: float) -> AsyncIterator[Lease]:
    """Hold a lease; waits for another holder as long as `patience`, and for a dead one's 30 seconds at least."""
    deadline = gateway.clock.elapsed() + max(patience, LEASE_SECONDS + 2 * _LEASE_TRY_SECONDS)
    lease: Lease | None = None
    while lease is None:
        try:
            lease = acquire(gateway.book, name)
        except LeaseTakenError:
            if gateway.clock.elapsed() > deadline:
                raise
            await gateway.clock.sleep(_LEASE_TRY_SECONDS)
    try:
        yield lease
    finally:
        lease.release()


def chosen(gateway: Gateway, names: Sequence[str]) -> list[ChannelManifest]:
    """The channels of these names, or all. Raises `ConfigurationError` where there is none at all."""
    channels = [gateway.channel(name) for name in names] if names else list(gateway.channels.values())
    if not channels:
        raise ConfigurationError(
            f"There is no region folder in {gateway.settings.connectors_dir}.",
            cure="Run `lapor-gateway init`, or set CONNECTORS_DIR to the folder that holds them.",
        )
    return channels
