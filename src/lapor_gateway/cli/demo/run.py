"""The demo's steps, each safe to repeat: a kill at any moment leaves what a second run goes on from."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TextIO

from sqlalchemy import func, select

from lapor_gateway import catalogue
from lapor_gateway.book import channels as book_channels
from lapor_gateway.book.channels import Mode
from lapor_gateway.book.crypto import MasterKeys, write_key_file
from lapor_gateway.book.decisions import accept_finding
from lapor_gateway.book.findings import FindingKind
from lapor_gateway.book.queries import list_findings
from lapor_gateway.book.schema import create_book
from lapor_gateway.book.tables import complaints
from lapor_gateway.book.vault import MissingSecretError, secret, set_secret
from lapor_gateway.catalogue import text
from lapor_gateway.cli.demo.folder import write_settings
from lapor_gateway.cli.demo.plan import Plan, write_plan
from lapor_gateway.cli.demo.sending import Flow
from lapor_gateway.cli.demo.summary import print_summary
from lapor_gateway.cli.demo.world import World
from lapor_gateway.cli.opening import run_async
from lapor_gateway.cli.screen import print_json
from lapor_gateway.cli.serving import Service
from lapor_gateway.cli.sync import report_failures
from lapor_gateway.clock import to_datetime
from lapor_gateway.errors import ExitCode, GatewayError
from lapor_gateway.jobs.balance import count_anew
from lapor_gateway.jobs.gateway import Gateway, opened
from lapor_gateway.jobs.status import Status, read_status
from lapor_gateway.observability import start_logging
from lapor_gateway.settings import PREFIX, Settings, load_settings

_BY: Final = "demo"
_YEAR: Final = timedelta(days=365)
_LONGEST_WAIT: Final = 10.0
# What else stands in the environment is about a real installation; the demo's own file says all the rest.
_HEEDED: Final = ("LANG", "LOG_LEVEL", "DATABASE_URL")


class Demo:
    """One run of a demo in its folder. `talk` is where the story goes; the result goes to standard output."""

    def __init__(self, folder: Path, plan: Plan, *, talk: TextIO, port: int) -> None:
        self._folder = folder
        self._plan = plan
        self._talk = talk
        self._port = port
        self._failures: list[GatewayError] = []

    def run(self, *, serve: bool, as_json: bool) -> tuple[bool, ExitCode]:
        """Everything, and then API and status page until Ctrl-C where `serve`; whether it balanced, else the code."""
        self._say("demo.begins", complaints=self._plan.complaints, seed=self._plan.seed, folder=self._folder)
        with (
            self._world() as (world, gateway),
            Service(gateway, "127.0.0.1", self._port, any_port=True) as service,
        ):
            world.send_hooks_to(service.url)
            self._go_live(gateway)
            self._flow(world, gateway, "demo.goes_on" if self._plan.finished else "demo.first")
            self._second_pass(world, gateway)
            self._count(gateway)
            status = read_status(gateway)
            if as_json:
                print_json(status)
            else:
                print_summary(gateway, status)
            report_failures(self._failures)
            if serve:
                self._say("demo.serves", url=service.url, docs=f"{service.url}/docs")
                service.wait()
                self._say("demo.ends")
        return status.balanced, self._code(status)

    @contextmanager
    def _world(self) -> Iterator[tuple[World, Gateway]]:
        """Key, simulators, settings, book and secrets: everything that the main job needs."""
        _keep_key(self._folder)
        with ExitStack() as stack:
            world = stack.enter_context(World(self._folder, self._plan))
            if self._plan.national_url is not None:
                write_settings(self._folder, self._plan, self._plan.national_url)
            settings = load_settings(self._folder, _heeded(os.environ))
            catalogue.use(settings.lang)
            start_logging("ERROR" if f"{PREFIX}LOG_LEVEL" not in os.environ else settings.log_level)
            _create_book(settings)
            gateway = stack.enter_context(opened(settings))
            _keep_secrets(gateway, world.secrets)
            self._introduce(world, gateway)
            yield world, gateway

    def _introduce(self, world: World, gateway: Gateway) -> None:
        """Who is played by whom: nobody may take a simulator for a region's own application."""
        self._say("demo.modelled")
        for name, region in world.regions.items():
            where = region.url or text(
                f"demo.place.{'folder' if 'folder' in str(region.overrides) else 'tables'}"
            )
            self._say(
                "demo.region",
                region=gateway.regions[name].name,
                family=text(f"family.{region.family}"),
                where=where,
            )
        kind = "demo.national.own" if self._plan.national_url is None else "demo.national.given"
        self._say(kind, url=world.national_url)

    def _go_live(self, gateway: Gateway) -> None:
        """The demo approves its channels itself: a real one waits for a named person."""
        with gateway.book.read() as connection:
            waiting = [
                name for name in gateway.channels if book_channels.find(connection, name).mode == Mode.SHADOW
            ]
        for name in waiting:
            start = datetime.now(gateway.channel(name).zone).replace(microsecond=0) - _YEAR
            book_channels.go_live(gateway.book, name, by=_BY, push_from=start)
        if waiting:
            self._say("demo.approves", channels=", ".join(waiting))

    def _second_pass(self, world: World, gateway: Gateway) -> None:
        """A day later, once: edits, closures, deletions and new ones, and a person's word on what disappeared."""
        if self._plan.finished:
            return
        self._say("demo.later")
        for region in world.regions.values():
            if not world.has_advanced(region):
                world.advance(region)
        self._flow(world, gateway, "demo.second")
        self._count(gateway)
        gone, _ = list_findings(gateway.book, kind=FindingKind.MISSING_AT_SOURCE, limit=10_000)
        for finding in gone:
            accept_finding(gateway.book, finding.id, by=_BY, reason="demo")
        if gone:
            self._say("demo.accepts", count=len(gone))
        self._plan.finished = True
        write_plan(self._folder, self._plan)

    def _flow(self, world: World, gateway: Gateway, title: str) -> None:
        self._say(title)
        flow = Flow(world, gateway, self._talk)
        run_async(flow.run)
        self._failures = flow.failures

    def _count(self, gateway: Gateway) -> None:
        """Count anew, once LAPOR!'s list can be expected to show what it took last."""

        async def counted() -> list[GatewayError]:
            await asyncio.sleep(_seconds_until_listed(gateway))
            return await count_anew(gateway, list(gateway.channels.values()))

        self._failures += run_async(counted)

    def _code(self, status: Status) -> ExitCode:
        out_of_reach = any(failure.exit_code == ExitCode.OUT_OF_REACH for failure in self._failures)
        if status.balanced:
            return ExitCode.DONE
        return ExitCode.OUT_OF_REACH if out_of_reach else ExitCode.NEEDS_A_PERSON

    def _say(self, key: str, **values: object) -> None:
        print(text(key, **values), file=self._talk, flush=True)


def _seconds_until_listed(gateway: Gateway) -> float:
    """How long the newest acceptance may still be missing from the list of its account."""
    accounts = gateway.settings.national.values()
    lag = max((one.look_up.maximum_lag for one in accounts if one.look_up), default=timedelta())
    with gateway.book.read() as connection:
        newest = connection.execute(select(func.max(complaints.c.accepted_at))).scalar()
    if newest is None:
        return 0.0
    left = to_datetime(newest) + lag - to_datetime(gateway.clock.now())
    return min(max(0.0, left.total_seconds()), _LONGEST_WAIT)


def _heeded(environ: Mapping[str, str]) -> dict[str, str]:
    names = {*(PREFIX + name for name in _HEEDED), "DATABASE_URL"}
    return {name: value for name, value in environ.items() if name in names}


def _keep_key(folder: Path) -> None:
    """Write the key once; one that a kill left empty, before any book was made with it, is written again."""
    key = folder / "secret.key"
    if key.exists() and key.stat().st_size == 0 and not (folder / "book.db").exists():
        key.unlink()
    if not key.exists():
        write_key_file(key)


def _create_book(settings: Settings) -> None:
    create_book(
        settings.book_url,
        MasterKeys(settings.master_keys()),
        environment=settings.environment,
        at=datetime.now(UTC),
    )


def _keep_secrets(gateway: Gateway, values: Mapping[str, str]) -> None:
    """Set what is new or changed only: every setting is an entry in the ledger."""
    for name, value in values.items():
        try:
            known = secret(gateway.book, name, environ={})
        except MissingSecretError:
            known = None
        if known != value:
            set_secret(gateway.book, name, value, by=_BY)
