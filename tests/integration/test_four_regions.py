"""The four regions whole: simulated applications in, simulated LAPOR! out, judged by what each side knows itself."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx
import pytest

from lapor_gateway.book import channels
from lapor_gateway.book.deliveries import list_deliveries
from lapor_gateway.book.queries import ComplaintFilter, ComplaintView, list_complaints, list_findings
from lapor_gateway.jobs.balance import count_anew
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.status import read_status
from lapor_gateway.jobs.sync import Synced, chosen, sync
from tests.support.national import NationalSimulator
from tests.support.region import RegionSimulator, region_folder
from tests.support.round_trip import follow_ups_at
from tests.support.shipped_regions import gateway_to, hooks_are_sent, send_hooks, serving
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
        gateway = stack.enter_context(gateway_to(tmp_path, book_url, national.url, regions))
        send_hooks(regions["kota-blitar"], stack.enter_context(serving(gateway)))
        yield World(gateway, regions, national)


def _go_live(gateway: Gateway) -> None:
    for channel in gateway.channels:
        year_ago = datetime.now(UTC) - timedelta(days=365)
        channels.go_live(gateway.book, channel, by="Petugas Uji", push_from=year_ago)


def test_every_complaint_of_four_regions_is_accounted_for(world: World) -> None:
    first = world.sync()
    assert not first.failures
    assert world.national.counts()["posts"] == 0, "a channel in shadow pushed"

    _go_live(world.gateway)
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
    _go_live(world.gateway)
    world.sync()
    posts = world.national.counts()["posts"]
    passed = {name: simulator.advance() for name, simulator in world.regions.items()}
    desk = world.regions["kota-blitar"]
    hooks_are_sent(desk)
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
    _go_live(world.gateway)
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
    with serving(world.gateway) as url:
        answer = httpx.post(f"{url}/hooks/kota-blitar.pesan", json={"id": "x"}, trust_env=False)
    assert answer.status_code == 401


class Office:
    """One shipped region with its own simulator, whose people act on its page, and LAPOR! on the other side."""

    def __init__(self, region: RegionSimulator, national: NationalSimulator, gateway: Gateway) -> None:
        self.national = national
        self.region = region
        self.gateway = gateway
        self._http = httpx.Client(base_url=region.url, trust_env=False, timeout=10)

    def close(self) -> None:
        self._http.close()

    def sync(self) -> None:
        """With what people do around it in a region that knows only files, and with the desk's webhooks."""
        self._exchange("export")
        assert not asyncio.run(sync(self.gateway, chosen(self.gateway, []), patience=20)).failures
        self._exchange("import")
        if self.region.ready["family"] == "desk":
            hooks_are_sent(self.region)

    def synced(self, is_so: Callable[[], bool]) -> None:
        for _ in range(20):
            self.sync()
            if is_so():
                return
        raise AssertionError("it never came to be so")

    def file(self, text: str) -> str:
        """A citizen writes to the region; the complaint's id there."""
        person = {"name": "Warga Rekaan", "nik": "3500990101900001", "phone": "086012345678"}
        answer = self._http.post("/_page/file", data=person | {"title": "Laporan baru", "body": text})
        assert answer.status_code == 303
        return unquote(urlsplit(answer.headers["location"]).path.rpartition("/")[2])

    def answer(self, source_id: str, text: str) -> None:
        form = {"act": "answer", "id": source_id, "text": text}
        assert self._http.post("/_page/act", data=form).status_code == 303

    def page(self, source_id: str) -> str:
        return self._http.get(f"/pengaduan/{quote(source_id)}").text

    def number(self, source_id: str) -> str | None:
        rows, _ = list_complaints(self.gateway.book, ComplaintFilter(), limit=500)
        return next((row.tracking_id for row in rows if row.source_id == source_id), None)

    def listed(self, text: str) -> list[str]:
        """The ids of the region's complaints whose text is found."""
        found = self._http.get("/", params={"q": text}).text
        return sorted(set(re.findall(r'href="/pengaduan/([^"?]+)', found)))

    def has_gone_out(self) -> Any:
        """Everything that ever left on either side: what a further sync must not change."""
        parcels = [(one.id, one.state, one.attempts) for one in list_deliveries(self.gateway.book)[0]]
        return self.national.counts()["complaints"], self.national.counts()["posts"], parcels

    def _exchange(self, way: str) -> None:
        if self.region.ready["family"] == "spreadsheet":
            assert self._http.post(f"/_page/{way}", data={}).status_code == 303


@pytest.fixture(params=[*REGIONS, "sampang on MariaDB"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    name, _, server = request.param.partition(" on ")
    school = ("--database-url", request.getfixturevalue("fresh_mariadb_url")) if server else ()
    page = ("--page",) if name in ("sampang", "kota-batu") else ()
    at_once = 'refresh = { per_hour = 1_000_000, soonest = "0s", latest = "1h" }\n'
    with ExitStack() as stack:
        simulator = RegionSimulator(region_folder(name), tmp_path / name, *page, *school, complaints=6)
        region = stack.enter_context(simulator)
        national = stack.enter_context(NationalSimulator(tmp_path / "national", plain=True))
        book_url = f"sqlite:///{tmp_path / 'book.db'}"
        gateway = stack.enter_context(gateway_to(tmp_path, book_url, national.url, {name: region}, at_once))
        if name == "kota-blitar":
            send_hooks(region, stack.enter_context(serving(gateway)))
        _go_live(gateway)
        yield stack.enter_context(closing(Office(region, national, gateway)))


def test_each_side_hears_once_what_the_other_says(office: Office) -> None:
    source_id = office.file("Jembatan kayu di dusun kami lapuk dan berbahaya.")
    office.synced(lambda: office.number(source_id) is not None)
    number = office.number(source_id)
    assert number is not None
    office.synced(lambda: number in office.page(source_id))

    theirs = "Petugas kami menuju lokasi besok pagi."
    office.national.change(int(number), status_name="Dalam Proses", follow_up=theirs)
    office.synced(lambda: theirs in office.page(source_id))
    ours = "Papan jembatan sudah kami ganti sore ini."
    office.answer(source_id, ours)
    office.synced(lambda: len(follow_ups_at(office.national, number)) > 1)
    gone_out = office.has_gone_out()
    for _ in range(3):
        office.sync()
    assert office.has_gone_out() == gone_out, "an echo went round"
    assert [text.splitlines()[-1] for text in follow_ups_at(office.national, number)] == [theirs, ours]
    assert (office.page(source_id).count(theirs), office.page(source_id).count(ours)) == (1, 1)


def test_a_complaint_filed_at_lapor_is_worked_on_in_the_region_and_never_sent_again(office: Office) -> None:
    office.sync()
    text = "Lampu taman alun-alun padam sejak hari Senin."
    filed = {"title": "Lampu taman padam", "content": text, "via": "Website"}
    answer = httpx.post(f"{office.national.url}/_page/file", data=filed, trust_env=False)
    number = urlsplit(answer.headers["location"]).path.rpartition("/")[2]
    office.synced(lambda: bool(office.listed(text)))
    (source_id,) = office.listed(text)
    office.synced(lambda: office.number(source_id) == number)

    office.answer(source_id, "Lampu taman sudah menyala kembali.")
    office.synced(lambda: bool(follow_ups_at(office.national, number)))
    gone_out = office.has_gone_out()
    for _ in range(2):
        office.sync()
    assert office.has_gone_out() == gone_out
    assert office.listed(text) == [source_id]
    assert [one["title"] for one in office.national.complaints()].count("Lampu taman padam") == 1
    assert len(follow_ups_at(office.national, number)) == 1


@pytest.mark.parametrize("office", ["tuban", "kota-blitar"], indirect=True)
def test_an_answer_that_the_application_took_without_saying_so_stands_there_once(office: Office) -> None:
    source_id = office.file("Talut sungai di belakang balai desa longsor.")
    office.synced(
        lambda: (number := office.number(source_id)) is not None and number in office.page(source_id)
    )
    number = office.number(source_id)
    assert number is not None
    office.national.change(int(number), status_name="Dalam Proses")
    office.synced(lambda: "Dalam Proses" in office.page(source_id))
    theirs = "Petugas sedang mengukur talut itu."
    office.national.change(int(number), follow_up=theirs)
    office.region.faults(status="reset", on="write", times=1, commit="yes")
    assert asyncio.run(sync(office.gateway, chosen(office.gateway, []), patience=20)).failures
    assert theirs in office.page(source_id)

    def is_told() -> bool:
        office.sync()
        return {one.state for one in list_deliveries(office.gateway.book)[0]} == {"delivered"}

    eventually(is_told, within=30, what="the answer to be told again")
    assert office.page(source_id).count(theirs) == 1
