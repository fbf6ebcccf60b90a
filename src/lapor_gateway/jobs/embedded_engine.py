"""The engine inside the process, on APScheduler: jobs in threads, each run that is due or asked for."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import STATE_STOPPED
from apscheduler.triggers.interval import IntervalTrigger

from lapor_gateway.book.leases import LeaseTakenError
from lapor_gateway.book.reconciliations import Selection, open_reconciliation
from lapor_gateway.book.running import finish_run, start_run
from lapor_gateway.domain.balance import Verdict
from lapor_gateway.domain.complaint import AccountName, ChannelId
from lapor_gateway.errors import GatewayError
from lapor_gateway.jobs.alarm import judge_balance
from lapor_gateway.jobs.balance import count_anew
from lapor_gateway.jobs.deadlines import Counter
from lapor_gateway.jobs.due import accounts_due, gate_is_due, is_paused
from lapor_gateway.jobs.errands import Errand, Kind, due_errands, follow_ledger, run_errand
from lapor_gateway.jobs.fence import meet
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.indicators import bring_up
from lapor_gateway.jobs.leasing import leased
from lapor_gateway.jobs.masters import accounts_of_age, refresh_masters
from lapor_gateway.jobs.nightly import cut_off, finish_in_time, nightly_trigger
from lapor_gateway.jobs.obstacles import look_for_obstacles
from lapor_gateway.jobs.privacy import Housekeeping
from lapor_gateway.jobs.pull import Pulled, pass_gate
from lapor_gateway.jobs.push import Pushed
from lapor_gateway.jobs.reconcile import rolling
from lapor_gateway.jobs.reminders import remind_in_time
from lapor_gateway.jobs.sealing import SEAL_SECONDS, seal_ledger
from lapor_gateway.jobs.status import read_status
from lapor_gateway.jobs.sync import pull_channel, pushing
from lapor_gateway.jobs.work import StoppedError, Works
from lapor_gateway.observability import Logger, where
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.schedule import cron_trigger

_TICK: Final = "tick"
_COUNT: Final = "count"
_MASTERS: Final = "masters"
_SEAL: Final = "seal"
_HEART: Final = "heart"
_REPORT: Final = "report"
_HOUSE: Final = "house"
_DEADLINES: Final = "deadlines"
_HEART_SECONDS: Final = 5
_DEAD_SECONDS: Final = 60.0
_REST_TICKS: Final = 6
_NIGHT: Final = "night"
_RESUME: Final = "resume"
_TRAVEL: Final = "travel"
_ERRANDS: Final = frozenset(map(str, Kind))
_FIRST_COUNT: Final = timedelta(minutes=5)
_MOST_THREADS: Final = 32
_TURN_SECONDS: Final = 20.0
"""How long an account may push before the next that waits for a thread has its turn."""
_log = Logger("engine")


class EmbeddedEngine:
    """The engine in this process: every job in a thread and an event loop of its own.

    `push_seconds` is how often to look for what is due; `patience` how long a push waits for what falls due soon.
    """

    def __init__(self, gateway: Gateway, *, push_seconds: float = 10.0, patience: float = 5.0) -> None:
        self._gateway = gateway
        self._patience = patience
        self._works = Works()
        self._housekeeping = Housekeeping(gateway)
        self._lock = threading.Lock()
        self._asked: dict[ChannelId, int] = {}
        self._wanted: set[str] = set()
        self._busy: set[str] = set()
        self._accounts: defaultdict[AccountName, threading.Lock] = defaultdict(threading.Lock)
        self._ticks = 0
        self._rests: dict[AccountName, int] = {}
        self._life = threading.Lock()
        self._stopped = False
        self._beaten_at: float | None = None
        self._scheduler = _scheduler(len(gateway.channels))
        self._scheduler.add_listener(self._ended, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        self._plan(push_seconds)

    def start(self) -> None:
        with self._life:
            if self._stopped or self._scheduler.running:
                return
            self._beat()
            self._scheduler.start()
        error = self._gateway.manifest_error
        for fault in error.faults if error else ():
            _log.error("region left out", fault=str(fault))
        _log.info("engine started", channels=len(self._gateway.channels))

    def stop(self) -> None:
        with self._life:
            self._stopped = True
            if not self._scheduler.running:
                return
            self._scheduler.pause()
            self._works.stop()
            self._scheduler.shutdown(wait=True)
        _log.info("engine stopped")

    def submit(self, channel: ChannelId) -> int:
        found = self._gateway.channel(channel)
        with self._lock:
            run = self._asked.get(found.id)
            if run is None:
                run = self._asked[found.id] = start_run(self._gateway.book, "sync", found.id)
        self._soon(_sync_id(found.id), self._sync, found)
        return run

    def reconcile(self, selection: Selection) -> int:
        run = open_reconciliation(self._gateway.book, selection)
        self._soon(f"reconcile:{run}", self._reconcile, run)
        return run

    def wake(self) -> None:
        self._soon(_TICK, self._tick)
        self._soon(_TRAVEL, self._travel)

    def next_run(self, channel: ChannelId) -> datetime | None:
        job = self._scheduler.get_job(_sync_id(channel))
        due: datetime | None = getattr(job, "next_run_time", None)
        return due

    @property
    def is_alive(self) -> bool:
        since = self._beaten_at
        return since is not None and self._gateway.clock.elapsed() - since < _DEAD_SECONDS

    def _plan(self, push_seconds: float) -> None:
        add = self._scheduler.add_job
        for channel in self._gateway.channels.values():
            if channel.schedule is not None:
                trigger = cron_trigger(channel.schedule, channel.zone)
                add(self._guarded, trigger, [self._sync, channel], id=_sync_id(channel.id))
        add(
            self._guarded, IntervalTrigger(seconds=push_seconds), [self._tick], id=_TICK, next_run_time=_now()
        )
        travels = IntervalTrigger(seconds=push_seconds)
        add(self._guarded, travels, [self._travel], id=_TRAVEL, next_run_time=_now())
        add(self._beat, IntervalTrigger(seconds=_HEART_SECONDS), id=_HEART, executor=_HEART)
        add(
            self._guarded, IntervalTrigger(seconds=SEAL_SECONDS), [self._seal], id=_SEAL, next_run_time=_now()
        )
        first = _now() + _FIRST_COUNT
        add(self._guarded, IntervalTrigger(hours=1), [self._count], id=_COUNT, next_run_time=first)
        add(self._guarded, IntervalTrigger(minutes=1), [self._housekeeping.run], id=_HOUSE)
        add(self._guarded, IntervalTrigger(minutes=1), [self._deadlines], id=_DEADLINES, next_run_time=_now())
        add(self._guarded, IntervalTrigger(hours=1), [self._report], id=_REPORT, next_run_time=first)

        add(self._guarded, IntervalTrigger(hours=1), [self._masters], id=_MASTERS, next_run_time=first)
        nightly = nightly_trigger(self._gateway)
        if nightly is not None:
            add(self._guarded, nightly, [self._night], id=_NIGHT)
        add(self._guarded, args=[self._resume], id=_RESUME, next_run_time=_now())

    def _soon(self, name: str, work: Callable[..., None], *arguments: Any) -> None:
        """Run a job now; if it runs just now, once more after that."""
        if self._stopped:  # the scheduler holds its locks while it waits for this very job to end
            return
        with self._lock:
            self._wanted.add(name)
            if name in self._busy:
                return
        try:
            self._scheduler.modify_job(name, next_run_time=_now())
        except JobLookupError:
            self._scheduler.add_job(
                self._guarded, args=[work, *arguments], id=name, replace_existing=True, next_run_time=_now()
            )

    def _ended(self, event: JobExecutionEvent) -> None:
        with self._lock:
            self._busy.discard(event.job_id)
            again = event.job_id in self._wanted
        if not again:
            return
        kind, _, subject = event.job_id.partition(":")
        if kind == "sync":
            self._soon(event.job_id, self._sync, self._gateway.channel(subject))
        elif kind == "push":
            self._soon(event.job_id, self._push_job, AccountName(subject))
        elif kind in _ERRANDS:
            self._soon(event.job_id, self._errand, Errand(Kind(kind), subject))
        else:
            self.wake()

    def _guarded(self, work: Callable[..., None], *arguments: Any) -> None:
        """Run a job so that its failure never ends the engine; messages may quote a citizen and stay out."""
        try:
            work(*arguments)
        except StoppedError:
            _log.info("job stopped", job=work.__name__)
        except GatewayError as error:
            _log.warning("job failed", job=work.__name__, kind=error.kind, reason=error.message)
        except Exception as error:  # G7: one broken job must not stop the others
            _log.error("job broke", job=work.__name__, error=type(error).__name__, where=where(error))

    def _begins(self, name: str) -> None:
        with self._lock:
            self._wanted.discard(name)
            self._busy.add(name)

    def _beat(self) -> None:
        self._beaten_at = self._gateway.clock.elapsed()

    def _tick(self) -> None:
        """Judge what waits at the gate, and start a push for every account that has something due."""
        self._begins(_TICK)
        if gate_is_due(self._gateway.book):
            pass_gate(self._gateway)
        self._ticks += 1
        for account in accounts_due(self._gateway):
            if self._rests.get(account, 0) <= self._ticks:
                self._soon(_push_id(account), self._push_job, account)

    def _travel(self) -> None:
        """Follow the ledger, and begin every errand that both ways have due, each as a job of its own."""
        self._begins(_TRAVEL)
        follow_ledger(self._gateway)
        for errand in due_errands(self._gateway):
            self._soon(errand.name, self._errand, errand)

    def _errand(self, errand: Errand) -> None:
        self._begins(errand.name)
        self._works.run(run_errand(self._gateway, errand))

    def _push_job(self, account: AccountName) -> None:
        self._begins(_push_id(account))
        rests = True
        try:
            self._push(account)
            rests = is_paused(self._gateway.book, account)
        finally:
            # Where a person is needed, trying at every tick would only fill log and book.
            self._rests[account] = self._ticks + _REST_TICKS if rests else 0

    def _push(self, account: AccountName) -> Pushed:
        with self._accounts[account]:
            return self._works.run(self._pushed(account))

    async def _pushed(self, account: AccountName) -> Pushed:
        """Push for one turn; what is left then waits behind the accounts that wait now."""
        async with pushing(self._gateway, account, self._patience) as push:
            push.give_way_after(_TURN_SECONDS)
            pushed = await push.run()
            if push.has_given_way:
                self._soon(_push_id(account), self._push_job, account)
            return pushed

    def _sync(self, channel: ChannelManifest) -> None:
        """Pull a channel and push its account, as one run."""
        self._begins(_sync_id(channel.id))
        with self._lock:
            run = self._asked.pop(channel.id, None)
        run = run or start_run(self._gateway.book, "sync", channel.id)
        counts: dict[str, int] = {}
        error: str | None = "stopped before its end"
        try:
            error = self._synced(channel, counts)
        except GatewayError as failure:
            error = str(failure)
        finally:
            finish_run(self._gateway.book, run, counts, error)

    def _synced(self, channel: ChannelManifest, counts: dict[str, int]) -> str | None:
        pulled = Pulled()
        if channel.source != "webhook":
            pulled = self._works.run(pull_channel(self._gateway, channel, self._patience, self._progressed))
            counts |= {"new": pulled.new, "changed": pulled.changed, "seen": pulled.seen}
        else:
            pass_gate(self._gateway)
        try:
            pushed = self._push(channel.account)
        except LeaseTakenError:
            return pulled.error  # another process is pushing this account: it will send ours, too
        counts |= {n: v for n, v in msgspec.structs.asdict(pushed).items() if isinstance(v, int)}
        return pulled.error or pushed.stopped

    async def _progressed(self, _: Pulled) -> None:
        self.wake()
        await asyncio.sleep(0)

    def _night(self) -> None:
        """The scheduled reconciliation of all channels."""
        if self._gateway.channels:
            self.reconcile(rolling(self._gateway))

    def _resume(self) -> None:
        """Go on with the reconciliations that were cut off when this or another process ended."""
        for run in cut_off(self._gateway):
            self._soon(f"reconcile:{run}", self._reconcile, run)

    def _reconcile(self, run: int) -> None:
        self._begins(f"reconcile:{run}")
        for failure in self._works.run(finish_in_time(self._gateway, run)):
            _log.warning("not reconciled whole", kind=failure.kind, reason=failure.message)

    def _deadlines(self) -> None:
        """Bring the deadlines up to date, and remind officers once their working day has begun."""
        counter = Counter(self._gateway)
        counter.refresh()
        if self._gateway.settings.reminders.officers:
            self._works.run(self._reminded(counter))

    async def _reminded(self, counter: Counter) -> None:
        async with leased(self._gateway, _DEADLINES, 0):
            await asyncio.to_thread(remind_in_time, self._gateway, counter)

    def _seal(self) -> None:
        """Give what was written since the last time its place in the ledger's tree."""
        self._works.run(self._sealed())

    async def _sealed(self) -> None:
        await seal_ledger(self._gateway)
        await meet(self._gateway)

    def _masters(self) -> None:
        """Fetch the master lists that are a day old, account by account."""
        for account in accounts_of_age(self._gateway):
            for trouble in self._works.run(refresh_masters(self._gateway, account)):
                _log.warning(
                    "master list not fetched", account=account, list=trouble.kind, reason=trouble.trouble
                )

    def _count(self) -> None:
        """Count the balance anew; where it does not close, pull once more and count again.

        A record that came in while its source was being counted would otherwise stand as a gap for an hour.
        """
        channels = list(self._gateway.channels.values())
        self._works.run(self._counted(channels))
        open_ids = {
            one.id for one in read_status(self._gateway).channels if one.balance.verdict is Verdict.GAP
        }
        gaps = [channel for channel in channels if channel.id in open_ids]
        if gaps:
            for channel in gaps:
                self._guarded(self._sync, channel)
            self._works.run(self._counted(gaps))
        for rung in judge_balance(self._gateway, {channel.origin for channel in channels}):
            event = "balance does not close" if rung.gap else "balance closes again"
            _log.warning(event, origin=rung.origin, why=rung.why)

    def _report(self) -> None:
        """Keep the counts of the indicators in step, and look for obstacles."""
        bring_up(self._gateway)
        for number in look_for_obstacles(self._gateway):
            _log.info("obstacle changed", obstacle=number)

    async def _counted(self, channels: list[ChannelManifest]) -> None:
        async with leased(self._gateway, _COUNT, 0):
            for failure in await count_anew(self._gateway, channels):
                _log.warning("count not taken", kind=failure.kind, reason=failure.message)


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]
    """A shutdown takes the jobs away while its thread may just be removing one that ran for the last time."""

    def _process_jobs(self) -> float | None:
        try:
            wait: float | None = super()._process_jobs()
        except JobLookupError:
            if self.state != STATE_STOPPED:
                raise
            return None
        return wait


def _scheduler(channels: int) -> BackgroundScheduler:
    threads = min(_MOST_THREADS, 2 * channels + 4)
    return _Scheduler(
        executors={"default": ThreadPoolExecutor(threads), _HEART: ThreadPoolExecutor(1)},
        # One job a channel at a time; a start missed while the machine slept is made up for, once.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )


def _sync_id(channel: ChannelId) -> str:
    return f"sync:{channel}"


def _push_id(account: AccountName) -> str:
    return f"push:{account}"


def _now() -> datetime:
    return datetime.now(UTC)
