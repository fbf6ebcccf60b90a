"""The four regions whole: simulated applications in, simulated LAPOR! out, judged by what each side knows itself."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from lapor_gateway.api.app import create_app
from lapor_gateway.book import channels, vault
from lapor_gateway.book.crypto import MasterKeys, write_key_file
from lapor_gateway.book.queries import ComplaintFilter, ComplaintView, list_complaints, list_findings
from lapor_gateway.book.schema import create_book
from lapor_gateway.jobs.balance import count_anew
from lapor_gateway.jobs.gateway import Gateway, opened
from lapor_gateway.jobs.status import read_status
from lapor_gateway.jobs.sync import Synced, chosen, sync
from lapor_gateway.settings import load_settings
from tests.support.migrated import lay_tables
from tests.support.national import AUTH, TOKEN, NationalSimulator
from tests.support.region import RegionSimulator, region_folder
from tests.support.waiting import eventually

REGIONS = ("tuban", "sampang", "kota-batu", "kota-blitar")
COMPLAINTS = 60


class World:
    """Four simulated regions, a simulated LAPOR!, and a gateway between them whose API takes the webhooks."""

    def __init__(
        self, gateway: Gateway, regions: dict[str, RegionSimulator], national: NationalSimulator
    ) -> None:
        self.gateway = gateway
        self.regions = regions
        self.national = national

    def sync(self) -> Synced:
        return asyncio.run(sync(self.gateway, chosen(self.gateway, []), patience=20))

    def complaints(self, region: str) -> dict[str, ComplaintView]:
        rows, cursor = [], None
        while True:
            page, cursor = list_complaints(
                self.gateway.book, ComplaintFilter(region=region), limit=500, cursor=cursor
            )
            rows += page
            if cursor is None:
                return {row.source_id: row for row in rows}

    def truth(self, region: str) -> dict[str, Any]:
        return self.regions[region].describe()


@contextmanager
def _serving(gateway: Gateway) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(create_app(gateway), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started, within=20, what="the API to listen")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def _connect(name: str, simulator: RegionSimulator, folder: Path) -> None:
    """The shipped folder with the simulator's addresses in place of the example ones."""
    manifest = (region_folder(name) / "connector.toml").read_text("utf-8")
    for address in set(re.findall(r"https://[a-z.-]+\.example", manifest)):
        manifest = manifest.replace(address, simulator.ready["url"])
    for where, value in simulator.ready["overrides"].items():
        if where.endswith(".folder"):
            manifest = re.sub(r'folder = "[^"]*"', f'folder = "{value}"', manifest)
    (folder / name).mkdir(parents=True)
    (folder / name / "connector.toml").write_text(manifest, "utf-8")


@pytest.fixture(params=["sqlite", "servers"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """SQLite for book and Sampang, or PostgreSQL for the book and MariaDB for Sampang."""
    servers = request.param == "servers"
    book_url = (
        request.getfixturevalue("fresh_postgres_url") if servers else f"sqlite:///{tmp_path / 'book.db'}"
    )
    school = ("--database-url", request.getfixturevalue("fresh_mariadb_url")) if servers else ()
    with ExitStack() as stack:
        regions = {
            name: stack.enter_context(
                RegionSimulator(
                    region_folder(name),
                    tmp_path / name,
                    *(school if name == "sampang" else ()),
                    complaints=COMPLAINTS,
                )
            )
            for name in REGIONS
        }
        preload = [row for simulator in regions.values() for row in simulator.preload]
        national = stack.enter_context(
            NationalSimulator(tmp_path / "national", preload=preload, maximum_lag=0.5)
        )
        for name, simulator in regions.items():
            _connect(name, simulator, tmp_path / "connectors")
        accounts = "\n".join(
            f'[national.{name}]\nurl = "{national.url}"\nauth = "{AUTH}"\ntoken = "{TOKEN}-{name}"\n'
            'look_up = { maximum_lag = "500ms" }\ntimeout = "3s"\ncommits_within = "1s"\nrate_per_second = 500'
            for name in REGIONS
        )
        (tmp_path / "lapor-gateway.toml").write_text(f'connectors_dir = "connectors"\n{accounts}\n', "utf-8")
        settings = load_settings(tmp_path, {"LAPOR_GATEWAY_DATABASE_URL": book_url})
        write_key_file(settings.key_file)
        lay_tables(book_url)
        create_book(
            book_url, MasterKeys(settings.master_keys()), environment="training", at=datetime.now(UTC)
        )
        gateway = stack.enter_context(opened(settings))
        for simulator in regions.values():
            for secret, value in simulator.ready["secrets"].items():
                vault.set_secret(gateway.book, secret, value)
        url = stack.enter_context(_serving(gateway))
        desk = regions["kota-blitar"]
        desk.send_hooks(f"{url}{desk.ready['hook']}", desk.ready["secrets"]["kota-blitar/webhook"])
        eventually(
            lambda: desk.state()["hooks"]["done"], within=30, what="the desk to have sent its webhooks"
        )
        yield World(gateway, regions, national)


def _go_live(world: World) -> None:
    for channel in world.gateway.channels:
        year_ago = datetime.now(UTC) - timedelta(days=365)
        channels.go_live(world.gateway.book, channel, by="Petugas Uji", push_from=year_ago)


def test_every_complaint_of_four_regions_is_accounted_for(world: World) -> None:
    first = world.sync()
    assert not first.failures
    assert world.national.counts()["posts"] == 0, "a channel in shadow pushed"

    _go_live(world)
    assert not world.sync().failures
    there = {row["reference"]: str(row["id"]) for row in world.national.complaints() if row["reference"]}
    accepted_there: set[str] = set()
    for name in REGIONS:
        ours, truth = world.complaints(name), world.truth(name)
        assert set(ours) == set(truth["ids"]), name
        for row in ours.values():
            if row.reference in there:
                assert (row.state, row.tracking_id) == ("accepted", there[row.reference])
                accepted_there.add(row.reference)
            else:
                assert row.state != "accepted" or row.tracking_id in truth["numbers"]["right"].values()
        for source_id, number in truth["numbers"]["right"].items():
            assert (ours[source_id].state, ours[source_id].tracking_id) == ("accepted", number)
            assert ours[source_id].reference not in there, (
                "a complaint that is at LAPOR! already was sent again"
            )
        for source_id in truth["numbers"]["other_text"] | truth["numbers"]["absent"]:
            assert ours[source_id].state == "held"
        for source_id in truth["dirt"]["body_empty"]:
            assert ours[source_id].state == "quarantined"
        assert {ours[one].state for one in truth["traits"]["older"]} <= {"historical", "quarantined"}
    assert accepted_there == set(there), "something is at LAPOR! that is unknown here"

    posts = world.national.counts()["posts"]
    again = world.sync()
    assert not again.failures
    assert world.national.counts()["posts"] == posts, "a second sync sent something"
    _assert_balanced(world)


def test_edits_closures_and_deletions_between_two_passes_are_seen(world: World) -> None:
    _go_live(world)
    world.sync()
    posts = world.national.counts()["posts"]
    passed = {name: simulator.advance() for name, simulator in world.regions.items()}
    desk = world.regions["kota-blitar"]
    eventually(lambda: desk.state()["hooks"]["done"], within=30, what="the desk to have sent its webhooks")
    assert not world.sync().failures
    asyncio.run(count_anew(world.gateway, chosen(world.gateway, [])))

    deleted = {(name, one) for name, change in passed.items() for one in change["deleted"]}
    missing = set()
    for finding in list_findings(world.gateway.book, limit=500)[0]:
        if finding.kind == "missing_at_source":
            missing.add((finding.channel.split(".")[0], finding.facts["source_id"]))
    assert missing == deleted
    for name in REGIONS:
        ours = world.complaints(name)
        assert set(passed[name]["added"]) <= set(ours), name
        assert all(ours[one].state != "received" for one in ours)
    sent_now = world.national.counts()["posts"] - posts
    assert sent_now <= sum(len(change["added"]) + len(change["edited"]) for change in passed.values())
    gaps = {one.region for one in read_status(world.gateway).channels if one.balance.verdict == "gap"}
    assert gaps == {name for name, _ in deleted}


def test_an_anonymous_report_goes_out_without_an_identity(world: World) -> None:
    _go_live(world)
    world.sync()
    anonymous = {
        row.reference
        for name in REGIONS
        for row in world.complaints(name).values()
        if row.visibility in ("anonymous", "anonymous_secret") and row.state == "accepted"
    }
    assert anonymous
    sent = {
        row["reference"]: row["body"] for row in world.national.complaints() if row["reference"] in anonymous
    }
    for body in sent.values():
        assert not {"nameUser", "emailUser", "phoneUser"} & set(body), body
        assert not re.search(r"\b\d{16}\b", body["content"])


def _assert_balanced(world: World) -> None:
    def balanced() -> bool:
        failures = asyncio.run(count_anew(world.gateway, chosen(world.gateway, [])))
        return not failures and read_status(world.gateway).balanced

    eventually(balanced, within=10, what="the national listing to have caught up")
    status = read_status(world.gateway)
    for channel in status.channels:
        assert channel.seen == sum(channel.by_state.values())
    assert sum(channel.seen for channel in status.channels) == COMPLAINTS * len(REGIONS)


def test_a_hook_answers_only_to_its_signature(world: World) -> None:
    with _serving(world.gateway) as url:
        answer = httpx.post(f"{url}/hooks/kota-blitar.pesan", json={"id": "x"}, trust_env=False)
    assert answer.status_code == 401
