"""Deadlines as people see them: commands, API, journey, status, page, metrics, doctor and the running gateway."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book.access import create_key
from lapor_gateway.cli.app import run
from lapor_gateway.jobs.deadlines import Counter
from lapor_gateway.jobs.embedded_engine import EmbeddedEngine
from tests.support.deadlines import Shelf, reach
from tests.support.offices import Offices, message, open_offices
from tests.support.waiting import eventually


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Offices]:
    """Two complaints of 2026, long breached, one in each region."""
    with open_offices(tmp_path) as world:
        for region, source_id in (("satu", "S1"), ("dua", "D1")):
            world.deliver(f"{region}.pesan", message(source_id))
            moments = {"reported_at": "2026-03-02T08:00", "accepted_at": "2026-03-02T08:00"}
            reach(Shelf(world.gateway.book), source_id, **moments)
        yield world


@pytest.fixture
def say(offices: Offices, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command on the offices' data folder: exit code and what it printed."""
    monkeypatch.setenv("LAPOR_GATEWAY_CONNECTORS_DIR", str(offices.root / "connectors"))
    monkeypatch.setenv("LAPOR_GATEWAY_LANG", "en")
    monkeypatch.setattr("lapor_gateway.catalogue.use", lambda _: None)

    def called(*words: str) -> tuple[int, str]:
        code = run(["--data", str(offices.root), *words])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return called


def test_the_list_names_what_is_due_with_its_forecast(say: Any) -> None:
    code, shown = say("deadlines", "list", "--region", "satu")
    assert code == 1
    assert "verification and forwarding" in shown
    assert "BREACHED" in shown
    assert "2026-03-05 23:59 WIB" in shown
    assert "satu: 0 deadlines will be breached by" in shown
    code, shown = say("deadlines", "list", "--json", "--clock", "handling")
    listed = json.loads(shown)
    assert [(one["clock"], one["region"]) for one in listed["deadlines"]] == [
        ("handling", "satu"),
        ("handling", "dua"),
    ]
    assert {one["region"]: one["breached"] for one in listed["forecast"]} == {"satu": 2, "dua": 2}
    assert "Budi" not in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["deadlines", "rules"], "PermenPANRB 62/2018"),
        (["deadlines", "calendar", "2026", "--region", "satu"], "17 national holidays, 8 cuti bersama"),
        (["deadlines", "calendar", "2027"], "holidays 0."),
        (["deadlines", "check", "2026-03-20"], "cuti bersama"),
        (["deadlines", "check", "2026-03-25", "--json"], '"working"'),
        (["deadlines", "list", "--state", "met"], "There is no such deadline."),
        (["deadlines", "remind", "--dry-run"], "[reminders.officers]"),
    ],
)
def test_every_command_answers(say: Any, words: list[str], said: str) -> None:
    assert said in say(*words)[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["deadlines", "calendar", "2050"], "does not know the days off of 2050"),
        (["deadlines", "check", "kemarin"], "is no day"),
        (["deadlines", "list", "--state", "telat"], "There is no state"),
        (["deadlines", "list", "--clock", "arloji"], "There is no clock"),
        (["deadlines", "list", "--region", "lain"], "There is no region"),
    ],
)
def test_a_wrong_question_gets_its_cure(say: Any, words: list[str], said: str) -> None:
    code, shown = say(*words)
    assert code != 0
    assert said in shown


def test_a_dry_run_shows_the_message_and_a_run_sends_it(say: Any, offices: Offices) -> None:
    settings = '[reminders.officers]\nsatu = "secret:reminders/satu/mail"\n'
    (offices.root / "lapor-gateway.toml").write_text(f'data_dir = "."\n{settings}')
    code, shown = say("deadlines", "remind", "--dry-run")
    assert (code, "Yth. Pejabat Penghubung Kabupaten Satu" in shown) == (0, True)
    code, shown = say("deadlines", "remind")
    assert (code, "it will be tried again" in shown) == (3, True)  # its secret was never kept
    code, shown = say("doctor", "--offline")
    assert "failing since" in shown


def test_own_rules_and_days_are_read_from_the_files_that_the_settings_name(
    say: Any, offices: Offices
) -> None:
    own = '[deadlines]\nrules = "aturan.toml"\ncalendar = "libur.toml"\n'
    (offices.root / "lapor-gateway.toml").write_text(f'data_dir = "."\n{own}')
    (offices.root / "aturan.toml").write_text('[classes]\naspirasi = "normative"\n')
    (offices.root / "libur.toml").write_text(
        '[[days]]\ndate = 2026-11-12\nday = "holiday"\nname = "Hari jadi"\nregions = ["satu"]\n'
    )
    assert "Hari jadi" in say("deadlines", "check", "2026-11-12", "--region", "satu")[1]
    assert "working day" in say("deadlines", "check", "2026-11-12", "--region", "dua")[1]
    (offices.root / "libur.toml").write_text("[[days]]\ndate = 2026-11-12\n")
    code, shown = say("deadlines", "check", "2026-11-12")
    assert (code, "holds what is no rule and no day off" in shown) == (2, True)
    code, shown = say("status")
    assert (code, "satu.pesan" in shown) == (2, True)  # a fault in them hides nothing else
    (offices.root / "libur.toml").unlink()
    assert "libur.toml cannot be read" in say("doctor", "--offline")[1]


def test_status_counts_what_is_breached_and_asks_for_a_person(say: Any) -> None:
    code, shown = say("status")
    assert code == 1
    assert "satu.pesan: deadlines breached 2, due today 0, due soon 0" in shown
    found = {one["id"]: one["deadlines"] for one in json.loads(say("status", "--json")[1])["channels"]}
    assert found["dua.pesan"] == {"due_soon": 0, "due_today": 0, "breached": 2, "paused": 0, "unknown": 0}
    number = 1
    assert "Deadline of handling: BREACHED" in say("complaints", "show", str(number))[1]


async def test_the_api_lists_pages_and_keeps_to_the_keys_region(offices: Offices) -> None:
    Counter(offices.gateway).refresh()
    _, token = create_key(offices.gateway.book, "uji", ["read"], by="Uji", region="satu")
    headers = {"authorization": f"Bearer {token}"}
    async with offices.client(headers=headers) as client:
        first = (await client.get("/v1/deadlines?limit=1")).json()
        rest = (await client.get(f"/v1/deadlines?limit=1&cursor={first['next_cursor']}")).json()
        assert [one["clock"] for one in first["items"] + rest["items"]] == ["verification", "handling"]
        assert {one["region"] for one in first["items"] + rest["items"]} == {"satu"}
        assert (rest["next_cursor"], (await client.get("/v1/deadlines?state=met")).json()["items"]) == (
            None,
            [],
        )
        ahead = (await client.get("/v1/deadlines/forecast")).json()
        assert [(one["region"], one["breached"]) for one in ahead] == [("satu", 2)]
        assert (await client.get("/v1/deadlines?state=telat")).status_code == 422
        identifier = first["items"][0]["complaint"]
        journey = (await client.get(f"/v1/complaints/{identifier}/journey")).json()
        assert [one["state"] for one in journey["deadlines"]] == ["breached", "breached"]
        page = await client.get("/?lang=en")
        assert "breached 2" in page.text
        metrics = (await client.get("/metrics")).text
        assert 'lapor_gateway_deadlines{channel="satu.pesan",state="breached"} 2.0' in metrics


def test_a_running_gateway_computes_deadlines_by_itself(offices: Offices) -> None:
    engine = EmbeddedEngine(offices.gateway, push_seconds=3600)
    engine.start()
    try:
        eventually(lambda: _count(offices) == 4)
    finally:
        engine.stop()


def _count(offices: Offices) -> int:
    with offices.gateway.book.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM deadlines").scalar_one())
