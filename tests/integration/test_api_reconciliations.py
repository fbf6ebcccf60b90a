"""`/v1/reconciliations` and the nightly run: started, followed, bounded, and finished after a crash."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book.access import create_key
from lapor_gateway.book.queries import find_run
from lapor_gateway.book.reconciliations import find_reconciliation, list_reconciliations, open_reconciliation
from lapor_gateway.book.tallies import keep_tally
from lapor_gateway.domain.complaint import ChannelId
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.jobs.embedded_engine import EmbeddedEngine
from lapor_gateway.jobs.nightly import nightly_trigger
from lapor_gateway.jobs.reconcile import rolling, select_for
from lapor_gateway.jobs.sync import chosen
from tests.support.offices import Offices, message, open_offices
from tests.support.waiting import eventually

TABLE = ChannelId("satu.tabel")


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Offices]:
    with open_offices(tmp_path) as world:
        world.deliver("satu.pesan", *[message(f"S{n}") for n in range(3)])
        yield world


@pytest.fixture
def working(offices: Offices) -> Iterator[Offices]:
    """The same with an engine at work."""
    with running(offices):
        yield offices


@contextlib.contextmanager
def running(offices: Offices) -> Iterator[None]:
    offices.engine = EmbeddedEngine(offices.gateway, push_seconds=3600.0, patience=1.0)
    offices.engine.start()
    try:
        yield
    finally:
        offices.engine.stop()


def key(offices: Offices, *scopes: str, **bound: str) -> dict[str, str]:
    _, token = create_key(offices.gateway.book, "uji", list(scopes), by="Uji", **bound)
    return {"authorization": f"Bearer {token}"}


def ended(offices: Offices, run: int) -> Any:
    shown = find_reconciliation(offices.gateway.book, run)
    return shown if shown.finished_at else None


async def test_a_run_is_started_followed_and_read_with_its_differences(working: Offices) -> None:
    working.add_rows(4)
    async with working.client() as client:
        started = await client.post("/v1/reconciliations", json={"channels": ["satu.tabel"]})
        assert started.status_code == 202
        run = started.json()["run"]
        assert started.headers["location"] == f"/v1/reconciliations/{run}"
        eventually(lambda: ended(working, run), within=30, what="the run ends")
        detail = (await client.get(f"/v1/reconciliations/{run}?limit=3")).json()
        assert detail["run"]["differences"] == {"missing_here": {"repaired": 4, "found": 4}}
        assert [one["kind"] for one in detail["items"]] == ["missing_here"] * 3
        more = f"/v1/reconciliations/{run}?limit=3&cursor={detail['next_cursor']}"
        assert [one["number"] for one in (await client.get(more)).json()["items"]] == [4]
        nothing = await client.get(f"/v1/reconciliations/{run}?state=open")
        assert nothing.json()["items"] == []
        listed = (await client.get("/v1/reconciliations")).json()["items"]
        assert [one["run"] for one in listed] == [run]
        assert (await client.get(f"/v1/runs/{run}")).json()["kind"] == "reconcile"


async def test_without_a_worker_it_is_said_and_no_run_is_left(offices: Offices) -> None:
    async with offices.client() as client:
        assert (await client.post("/v1/reconciliations")).status_code == 503
        assert (await client.get("/v1/reconciliations")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"channels": ["satu.nichts"]}, 404),
        ({"since": "kemarin"}, 422),
        ({"since": "2026-02-01", "until": "2026-01-01"}, 422),
        ({"chanels": []}, 422),
    ],
)
async def test_a_wrong_wish_is_a_problem(working: Offices, body: dict[str, Any], status: int) -> None:
    async with working.client() as client:
        answer = await client.post("/v1/reconciliations", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_bound_key_starts_and_sees_only_runs_of_its_own_channels(working: Offices) -> None:
    bound = key(working, "read", "operate", region="satu")
    everything = key(working, "operate")
    async with working.client() as client:
        all_of_them = (await client.post("/v1/reconciliations", headers=everything)).json()
        assert all_of_them["channels"] == ["dua.pesan", "satu.pesan", "satu.tabel"]
        own = (await client.post("/v1/reconciliations", headers=bound)).json()
        assert own["channels"] == ["satu.pesan", "satu.tabel"]
        other = {"channels": ["dua.pesan"]}
        assert (await client.post("/v1/reconciliations", headers=bound, json=other)).status_code == 404
        listed = (await client.get("/v1/reconciliations", headers=bound)).json()["items"]
        assert [one["run"] for one in listed] == [own["run"]]
        hidden = await client.get(f"/v1/reconciliations/{all_of_them['run']}", headers=bound)
        assert hidden.status_code == 404
        reader = key(working, "read")
        assert (await client.post("/v1/reconciliations", headers=reader)).status_code == 403
        for run in (own["run"], all_of_them["run"]):
            eventually(lambda one=run: ended(working, one), within=30, what="the run ends")


def test_a_run_that_was_cut_off_is_finished_when_the_engine_starts_again(offices: Offices) -> None:
    gateway = offices.gateway
    offices.add_rows(2)
    run = open_reconciliation(gateway.book, select_for(gateway, chosen(gateway, [TABLE])))
    with running(offices):
        done = eventually(lambda: ended(offices, run), within=30, what="the run ends")
    assert (done.state, done.differences["missing_here"]["repaired"]) == ("done", 2)
    assert find_run(gateway.book, run).counts["found"] == 2


def test_the_nightly_run_looks_back_as_far_as_the_settings_say(offices: Offices) -> None:
    selection = rolling(offices.gateway)
    assert set(selection.channels) == set(offices.gateway.channels)
    assert selection.since is not None
    assert offices.gateway.clock.now() - selection.since == pytest.approx(90 * 86_400_000_000, abs=10_000_000)
    trigger = nightly_trigger(offices.gateway)
    assert trigger is not None
    due = trigger.get_next_fire_time(None, datetime.now(UTC))
    assert (due.hour, due.minute, str(due.tzinfo)) == (1, 30, "Asia/Jakarta")


def test_a_schedule_may_be_left_out_and_a_wrong_one_is_said(offices: Offices) -> None:
    settings = offices.gateway.settings
    for schedule, wrong in (("", False), ("61 1 * * *", True)):
        own = settings.reconcile.model_copy(update={"schedule": schedule})
        offices.gateway.settings = settings.model_copy(update={"reconcile": own})
        if wrong:
            with pytest.raises(ConfigurationError, match="schedule of the reconciliation"):
                nightly_trigger(offices.gateway)
        else:
            assert nightly_trigger(offices.gateway) is None


async def test_what_a_senders_tally_names_and_nobody_delivered_is_missing_here(working: Offices) -> None:
    book = working.gateway.book
    keep_tally(book, "satu.pesan", date(2026, 8, 21), ["S0", "S1", "S2", "S9"], by="Uji")
    async with working.client() as client:
        run = (await client.post("/v1/reconciliations", json={"channels": ["satu.pesan"]})).json()["run"]
    eventually(lambda: ended(working, run), within=30, what="the run ends")
    async with working.client() as client:
        (missing,) = (await client.get(f"/v1/reconciliations/{run}")).json()["items"]
        assert (missing["kind"], missing["facts"], missing["state"]) == (
            "missing_here",
            {"source_id": "S9"},
            "open",
        )
    working.deliver("satu.pesan", message("S9"))
    async with working.client() as client:
        again = (await client.post("/v1/reconciliations", json={"channels": ["satu.pesan"]})).json()["run"]
        eventually(lambda: ended(working, again), within=30, what="the run ends")
        findings = (await client.get("/v1/findings?kind=missing_here&state=all")).json()["items"]
    assert [one["state"] for one in findings] == ["repaired"]
    assert len(list_reconciliations(book)[0]) == 2
