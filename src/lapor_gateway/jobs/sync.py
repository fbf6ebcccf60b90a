"""One sync: pull the channels, pass the gate, push their accounts, settle what is in doubt. All at the same time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

import msgspec
import structlog

from lapor_gateway.book import channels as book_channels
from lapor_gateway.book.running import finish_run, start_run
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.errors import ConfigurationError, ExitCode, GatewayError, OutOfReachError
from lapor_gateway.jobs.attaching import attacher_of
from lapor_gateway.jobs.due import is_open, recovers
from lapor_gateway.jobs.errands import Errand, due_errands, follow_ledger, run_errand
from lapor_gateway.jobs.fence import meet, watched
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.leasing import leased
from lapor_gateway.jobs.line import Line
from lapor_gateway.jobs.masters import names_for
from lapor_gateway.jobs.pull import Pulled, pass_gate, pull
from lapor_gateway.jobs.push import Push, Pushed
from lapor_gateway.jobs.recovery import Recoverer
from lapor_gateway.jobs.sealing import seal_ledger
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.manifest_faults import ManifestError

_TRAVEL_ROUNDS = 4  # there, back, and what that brings
_LEAST_FOLLOWING = 0.25
_log = structlog.get_logger(__name__)


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
    gateway: Gateway,
    channels: Sequence[ChannelManifest],
    *,
    patience: float = 20.0,
    progress: Progress | None = None,
) -> Synced:
    """Bring `channels` and the accounts they go to up to date.

    `patience` in seconds: how long to wait for leases of others and for retries and look-ups that fall due soon.
    """
    pass_gate(gateway)
    began = gateway.clock.elapsed()
    work = _Sync(gateway, channels, patience, progress or Progress())
    if isinstance(channels, Chosen) and channels.left_out is not None:
        work.done.failures.append(channels.left_out)
    async with asyncio.TaskGroup() as group:
        for account in sorted({channel.account for channel in channels}):
            group.create_task(work.push(account))
        for channel in channels:
            if channel.id in work.pulling:
                group.create_task(work.pull(channel))
    await work.travel(gateway.clock.elapsed() - began)
    await work.seal()
    return work.done


class _Sync:
    """The tasks of one sync and what they know of each other: which pulls still run, which pushes to wake."""

    def __init__(
        self, gateway: Gateway, channels: Sequence[ChannelManifest], patience: float, progress: Progress
    ) -> None:
        self.done = Synced({}, {}, [])
        self.pulling = {channel.id: channel.account for channel in channels if channel.source != "webhook"}
        self._gateway = gateway
        self._channels = channels
        self._patience = patience
        self._progress = progress
        self._pushes: dict[AccountName, Push] = {}
        self._pages: dict[AccountName, asyncio.Event] = {}
        self._live = _live_accounts(gateway, channels)

    async def pull(self, channel: ChannelManifest) -> None:
        def progressed(so_far: Pulled) -> None:
            self._progress.pulled(channel.id, so_far)
            self._wake(channel.account)

        try:
            pulled = await pull_channel(self._gateway, channel, self._patience, progressed)
            self.done.channels[channel.id] = pulled
            self.done.failures += [pulled.failure] if pulled.failure else []
        except GatewayError as error:
            self.done.failures.append(error)
        except Exception as error:
            self.done.failures.append(_fault_of_ours(f"pull of {channel.id}", error))
        finally:
            del self.pulling[channel.id]
            self._wake(channel.account)

    async def push(self, account: AccountName) -> None:
        try:
            if not await self._is_needed(account):
                return
            async with pushing(self._gateway, account, self._patience) as push:
                self._pushes[account] = push
                push.more = lambda: account in self.pulling.values()
                push.report = lambda so_far: self._progress.pushed(account, so_far)
                self.done.accounts[account] = await push.run()
                self.done.failures += _out_of_reach(account, push.unreachable)
        except GatewayError as error:
            self.done.failures.append(error)
        except Exception as error:
            self.done.failures.append(_fault_of_ours(f"push of {account}", error))

    async def travel(self, spent: float) -> None:
        """What has to come back from LAPOR! and to go on to either side, as far as it is due; `spent` in seconds.

        Following the ledger takes a twentieth of the sync's own time at the most: a large one is not held up, and the
        next one goes on.
        """
        for _ in range(_TRAVEL_ROUNDS):
            follow_ledger(self._gateway, seconds=max(_LEAST_FOLLOWING, spent / 20))
            errands = due_errands(self._gateway, self._channels)
            if not sum(await asyncio.gather(*(self._go(errand) for errand in errands))):
                return

    async def _go(self, errand: Errand) -> int:
        try:
            return await run_errand(self._gateway, errand, self._patience)
        except GatewayError as error:
            self.done.failures.append(error)
        except Exception as error:
            self.done.failures.append(_fault_of_ours(f"errand {errand.name}", error))
        return 0

    async def seal(self) -> None:
        """What was written gets its place in the ledger's tree. A witness that is away does not make a sync fail."""
        try:
            await seal_ledger(self._gateway)
            await meet(self._gateway)
        except GatewayError as error:
            self.done.failures.append(error)

    async def _is_needed(self, account: AccountName) -> bool:
        """Whether LAPOR! must be spoken to at all: a channel in shadow is read without any national credential."""
        page = self._pages[account] = asyncio.Event()
        while account not in self._live and not is_open(self._gateway, account):
            if recovers(self._gateway, account):
                return True
            if account not in self.pulling.values():
                return False
            await page.wait()
            page.clear()
        return True

    def _wake(self, account: AccountName) -> None:
        if account in self._pages:
            self._pages[account].set()
        if account in self._pushes:
            self._pushes[account].wake()


def _live_accounts(gateway: Gateway, channels: Sequence[ChannelManifest]) -> set[AccountName]:
    with gateway.book.read() as connection:
        rows = [(one.account, book_channels.find(connection, one.id)) for one in channels]
    return {account for account, row in rows if row.mode == book_channels.Mode.LIVE}


def _out_of_reach(account: AccountName, why: str | None) -> list[GatewayError]:
    if why is None:
        return []
    sentence = f"LAPOR! could not be reached under the account {account}."
    cure = "Check its address and the network; what waits goes out by itself, nothing is lost."
    return [OutOfReachError(sentence, detail=why, cure=cure)]


def _fault_of_ours(work: str, error: Exception) -> GatewayError:
    """One channel's or account's trouble stops no other, also where the trouble is in this program."""
    _log.exception("job failed", work=work)
    return GatewayError(
        f"The {work} stopped on a fault inside lapor-gateway; what was stored is safe.",
        detail=type(error).__name__,
        cure="Run the command again; if it stops again, report it with `--debug`.",
    )


async def pull_channel(
    gateway: Gateway, channel: ChannelManifest, patience: float, progressed: Callable[[Pulled], None]
) -> Pulled:
    """Pull under the channel's lease, unless the channel is paused; the run is written down."""
    require_open(gateway, channel)
    async with leased(gateway, f"pull:{channel.id}", patience) as lease:
        run = start_run(gateway.book, "pull", channel.id)
        pulled = Pulled(error="stopped before its end")
        try:
            pulled = await pull(gateway, channel, lease, progressed=progressed)
        finally:
            counts = {
                "new": pulled.new,
                "changed": pulled.changed,
                "seen": pulled.seen,
                "pages": pulled.pages,
            }
            finish_run(gateway.book, run, counts, pulled.error)
    return pulled


def require_open(gateway: Gateway, channel: ChannelManifest) -> None:
    """A channel that its credential paused opens again by itself once that has changed."""
    with gateway.book.read() as connection:
        row = book_channels.find(connection, channel.id)
    if row.paused_at is None:
        return
    if row.credential_print is not None and row.credential_print != gateway.credential_print(channel):
        book_channels.resume(gateway.book, channel.id)
        return
    raise GatewayError(
        f"The channel {channel.id} is paused: {row.pause_reason}",
        cure=f"Mend the cause, then run `lapor-gateway channels resume {channel.id}`.",
    )


@contextlib.asynccontextmanager
async def pushing(gateway: Gateway, account: AccountName, patience: float) -> AsyncIterator[Push]:
    """A push of one account under its lease and on its line; the run is written down at the end."""
    settings = gateway.account(account)
    async with (
        leased(gateway, f"push:{account}", patience) as lease,
        Line(
            account, settings, gateway.resolve, gateway.clock, names_for(gateway, account, settings)
        ) as line,
        watched(gateway),
    ):
        recoverer = Recoverer(gateway, lease, line)
        await recoverer.run(patience)
        push = Push(
            gateway.book,
            lease,
            line,
            patience=patience,
            environment=gateway.environment,
            attacher=attacher_of(gateway, lease, line),
        )
        run = start_run(gateway.book, "push", account)
        try:
            yield push
            recoverer.hold()  # what a pull has brought meanwhile
        finally:
            counts = {
                name: value
                for name, value in msgspec.structs.asdict(push.done).items()
                if isinstance(value, int)
            }
            finish_run(gateway.book, run, counts, push.done.stopped)


class Chosen(list[ChannelManifest]):
    """Channels to work on; `left_out` tells of those that were meant but whose manifests are faulty."""

    def __init__(self, channels: Iterable[ChannelManifest], left_out: ManifestError | None = None) -> None:
        super().__init__(channels)
        self.left_out = left_out


def chosen(gateway: Gateway, names: Sequence[str]) -> Chosen:
    """The channels of these names, or all that can be read. Raises `ConfigurationError` where there is none."""
    if names:
        return Chosen(gateway.channel(name) for name in names)
    channels = Chosen(gateway.channels.values(), gateway.manifest_error)
    if not channels and channels.left_out is not None:
        raise channels.left_out
    if not channels:
        raise ConfigurationError(
            f"There is no region folder in {gateway.settings.connectors_dir}.",
            cure="Run `lapor-gateway init`, or set CONNECTORS_DIR to the folder that holds them.",
        )
    return channels
