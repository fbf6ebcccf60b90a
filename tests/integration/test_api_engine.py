"""The engine in the process, and the API as a real server: jobs run, stop and never end each other."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import update

from lapor_gateway.api.app import create_app
from lapor_gateway.book import channels as book_channels
from lapor_gateway.book.queries import ComplaintFilter, find_run, list_complaints, list_runs
from lapor_gateway.book.tables import channels
from lapor_gateway.domain.complaint import ChannelId
from lapor_gateway.jobs.embedded_engine import EmbeddedEngine
from lapor_gateway.jobs.work import StoppedError, Works
from tests.support.national import NationalSimulator
from tests.support.offices import Offices, message, open_offices
from tests.support.waiting import eventually

TABLE, DESK = ChannelId("satu.tabel"), ChannelId("satu.pesan")


@pytest.fixture(scope="module")
def national(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NationalSimulator]:
    with NationalSimulator(tmp_path_factory.mktemp("national"), plain=True) as simulator:
        yield simulator


@pytest.fixture
def offices(tmp_path: Path, national: NationalSimulator) -> Iterator[Offices]:
    with open_offices(tmp_path, national_url=national.url) as world:
        for channel in world.gateway.channels:
            book_channels.go_live(world.gateway.book, channel, by="Uji")
        yield world


@contextlib.contextmanager
def running(offices: Offices, push_seconds: float = 3600.0) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(offices.gateway, push_seconds=push_seconds, patience=1.0)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


@contextlib.contextmanager
def serving(offices: Offices, engine: EmbeddedEngine | None = None) -> Iterator[str]:
    """A real server on a free port of this machine; its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(offices.gateway, engine), log_config=None, access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            eventually(lambda: server.started, what="the server listens")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


def states(offices: Offices) -> dict[str, str]:
    return {one.source_id: one.state for one in list_complaints(offices.gateway.book, ComplaintFilter())[0]}


def ended(offices: Offices, run: int) -> Any:
    shown = find_run(offices.gateway.book, run)
    return shown if shown.finished_at else None


def test_a_submitted_sync_pulls_and_pushes_and_its_run_says_so(offices: Offices) -> None:
    offices.add_rows(12)
    with running(offices) as engine:
        run = engine.submit(TABLE)
        done = eventually(lambda: ended(offices, run), within=30, what="the run ends")
    assert (done.kind, done.subject, done.state, done.error) == ("sync", TABLE, "done", None)
    assert done.counts["new"] == 12
    assert set(states(offices).values()) == {"accepted"}


def test_a_webhook_goes_out_at_once_without_waiting_for_the_next_tick(offices: Offices) -> None:
    engine = EmbeddedEngine(offices.gateway, push_seconds=3600, patience=1.0)
    with serving(offices, engine) as url:
        body = json.dumps(message("W1")).encode()
        answer = httpx.post(f"{url}/hooks/satu.pesan", content=body, headers=offices.signed(body))
        assert answer.status_code == 202
        eventually(lambda: states(offices) == {"W1": "accepted"}, within=30, what="the complaint is accepted")
        assert httpx.get(f"{url}/readyz").json()["worker"] is True
    assert list_runs(offices.gateway.book, state="running")[0] == []


def test_two_submissions_of_a_waiting_channel_are_one_run(offices: Offices) -> None:
    engine = EmbeddedEngine(offices.gateway, push_seconds=3600)
    assert engine.next_run(DESK) is None
    assert engine.submit(TABLE) == engine.submit(TABLE)
    assert engine.submit(DESK) != engine.submit(TABLE)


def test_the_schedule_is_the_manifests_in_the_regions_zone(offices: Offices) -> None:
    with running(offices) as engine:
        due = engine.next_run(TABLE)
    assert due is not None
    assert (due.hour, due.minute, str(due.tzinfo)) == (1, 0, "Asia/Jakarta")


def test_a_job_that_breaks_ends_neither_the_engine_nor_the_others(
    offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    offices.add_rows(1)
    broken = threading.Event()

    def breaks(*_: Any) -> None:
        broken.set()
        raise ZeroDivisionError

    monkeypatch.setattr("lapor_gateway.jobs.embedded_engine.gate_is_due", breaks)
    with running(offices, push_seconds=0.05) as engine:
        assert broken.wait(10)
        run = engine.submit(TABLE)
        assert eventually(lambda: ended(offices, run), within=30).state == "done"
        assert engine.is_alive


def test_a_source_that_fails_says_so_in_the_run(offices: Offices) -> None:
    (offices.root / "source.db").unlink()
    with running(offices) as engine:
        run = engine.submit(TABLE)
        done = eventually(lambda: ended(offices, run), within=30)
    assert done.state == "failed"
    assert done.error


def test_a_paused_channel_is_not_pulled_by_its_schedule(offices: Offices) -> None:
    book_channels.pause(offices.gateway.book, TABLE, "serah terima", by="Uji")
    with running(offices) as engine:
        run = engine.submit(TABLE)
        done = eventually(lambda: ended(offices, run), within=30)
    assert "paused" in done.error
    with offices.gateway.book.write() as connection:  # leave no doubt that nothing was read
        connection.execute(update(channels).where(channels.c.id == TABLE).values(cursor=None))
    assert states(offices) == {}


def test_stopping_writes_what_is_in_flight_and_leaves_nothing_in_doubt(offices: Offices) -> None:
    offices.add_rows(300)
    with running(offices) as engine:
        engine.submit(TABLE)
        eventually(lambda: "accepted" in states(offices).values(), within=30, what="the first is accepted")
    after = list(states(offices).values())
    assert set(after) <= {"accepted", "ready"}
    assert list_runs(offices.gateway.book, state="running")[0] == []


def test_work_that_is_stopped_finishes_what_it_holds_and_nothing_new_begins() -> None:
    works, begun, written = Works(), threading.Event(), []

    async def work() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            written.append("in flight")

    def runs() -> None:
        with contextlib.suppress(StoppedError):
            works.run(work())

    thread = threading.Thread(target=runs)
    thread.start()
    assert begun.wait(10)
    works.stop()
    thread.join(10)
    assert written == ["in flight"]
    with pytest.raises(StoppedError):
        works.run(work())
    assert written == ["in flight"]


def test_a_large_body_over_a_real_connection_is_answered_413_and_the_server_goes_on(offices: Offices) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(160):
            yield b"x" * 65536

    with serving(offices) as url, httpx.Client(base_url=url) as client:
        announced = client.post("/hooks/satu.pesan", content=b"x" * 10_485_760)
        chunked = client.post("/hooks/satu.pesan", content=pieces())
        assert (announced.status_code, chunked.status_code) == (413, 413)
        assert announced.json()["type"] == "urn:lapor-gateway:problem:too-large"
        assert client.get("/healthz").status_code == 200


def test_a_sync_by_the_api_answers_202_with_the_run_to_follow(offices: Offices) -> None:
    offices.add_rows(3)
    engine = EmbeddedEngine(offices.gateway, push_seconds=3600, patience=1.0)
    with serving(offices, engine) as url, httpx.Client(base_url=url) as client:
        started = client.post(f"/v1/channels/{TABLE}/sync")
        assert started.status_code == 202
        follow = started.headers["location"]
        assert started.json()["id"] == int(follow.rpartition("/")[2])
        done = eventually(
            lambda: (run := client.get(follow).json())["finished_at"] and run, within=30, what="the run ends"
        )
        assert done["state"] == "done"
        assert client.get("/v1/channels/satu.tabel").json()["next_run"].endswith("T18:00:00.000Z")
        assert {one["kind"] for one in client.get("/v1/runs").json()["items"]} >= {"sync", "pull", "push"}
        assert len(client.get("/v1/complaints?state=accepted").json()["items"]) == 3
