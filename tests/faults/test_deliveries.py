"""Deliveries that go wrong: what may be repeated is, the rest waits for a person, and no region for another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lapor_gateway.book.deliveries import Choice, decide_delivery, list_deliveries
from lapor_gateway.jobs import fence
from lapor_gateway.jobs.backup import back_up, restore
from tests.support.command_line import Answered as Said
from tests.support.command_line import lapor_gateway
from tests.support.http_application import Answered
from tests.support.national import NationalSimulator
from tests.support.regional_application import RegionalApplication
from tests.support.round_trip import REST, SQL, WEBHOOK, Office, follow_ups_at

QUICK = {"timeout": "1s", "commits_within": "300ms", "look_up": {"maximum_lag": "200ms"}}


@pytest.fixture
def national(tmp_path: Path) -> Iterator[NationalSimulator]:
    with NationalSimulator(tmp_path / "national", plain=True) as running:
        yield running


@pytest.fixture
def application(tmp_path: Path) -> Iterator[RegionalApplication]:
    made = RegionalApplication(tmp_path / "data" / "source.db")
    yield made
    made.close()


async def accepted(office: Office) -> tuple[str, str]:
    (one,) = office.add(anonim=0)
    await office.sync(patience=2)
    number = office.ours()[one].tracking_id
    assert number is not None
    return one, number


async def test_a_post_of_unknown_outcome_waits_for_a_person_and_is_not_repeated(
    tmp_path: Path, national: NationalSimulator, application: RegionalApplication
) -> None:
    office = Office(
        tmp_path / "data", national.url, write_back=REST, app=application.url, repeatable="false", **QUICK
    )
    office.remember_secrets()
    one, number = await accepted(office)
    usual = application.application.answer

    def unsure(asked: object) -> Answered:
        answered = usual(asked)  # type: ignore[arg-type]
        is_answer = asked.path.endswith("/tanggapan")  # type: ignore[attr-defined]
        return Answered(b"<html>", status=502) if is_answer else answered

    application.application.answer = unsure
    national.change(int(number), follow_up="Sudah ditangani petugas kami.")
    for _ in range(3):
        await office.sync(patience=1)
    assert office.answers(one) == ["Sudah ditangani petugas kami."]
    with office.gateway() as gateway:
        (doubt,), _ = list_deliveries(gateway.book, state="ambiguous")
        decide_delivery(gateway.book, doubt.id, Choice.CONFIRM, by="Uji", reason="terlihat")
        assert list_deliveries(gateway.book, state="ambiguous")[0] == []
    await office.sync(patience=1)
    assert office.answers(one) == ["Sudah ditangani petugas kami."]


async def test_a_region_that_is_away_loses_nothing_and_is_told_in_order_when_it_is_back(
    tmp_path: Path, national: NationalSimulator, application: RegionalApplication
) -> None:
    office = Office(tmp_path / "data", national.url, write_back=WEBHOOK, app=application.url, **QUICK)
    office.remember_secrets()
    application.bad = 1.0
    one, number = await accepted(office)
    for word in ("Terverifikasi", "Dalam Proses", "Selesai"):
        national.change(int(number), status_name=word)
        office.query("UPDATE watched SET next_check_at = 0")
        await office.sync(patience=1)
    application.bad = 0.0
    for _ in range(6):
        office.query("UPDATE parcels SET next_attempt_at = 0 WHERE state = 'waiting'")
        await office.sync(patience=1)
    told = [(one["type"], one["data"].get("national_status")) for one in application.messages.values()]
    assert told[0][0] == "complaint.accepted"
    words = [word for kind, word in told if kind == "complaint.status"]
    assert words[-3:] == ["Terverifikasi", "Dalam Proses", "Selesai"]
    assert office.shown(one)["status_lapor"] == "Selesai"
    assert len(set(application.tried)) == len(application.messages)


async def test_a_book_that_was_put_back_writes_no_answer_twice(
    tmp_path: Path, national: NationalSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ASK_SECONDS", "WATCH_SECONDS", "_START_SECONDS"):
        monkeypatch.setattr(fence, name, 0.1)
    office = Office(tmp_path / "data", national.url, write_back=SQL, **QUICK)
    one, number = await accepted(office)
    backup = tmp_path / "backup.lgb"
    with office.gateway() as gateway:
        back_up(gateway.book, backup)
    office.answer(one, "Jalan sudah ditambal kemarin sore.")
    for _ in range(2):
        await office.sync(patience=2)
    assert len(follow_ups_at(national, number)) == 1
    (office.root / "book.db").rename(tmp_path / "lost.db")
    for leftover in office.root.glob("book.db-*"):
        leftover.unlink()
    restore(office.settings, backup)
    for _ in range(12):
        await office.sync(patience=2)
        if office.query("SELECT 1 FROM ledger_entries WHERE kind = 'follow_up_written'"):
            break
    assert office.query("SELECT value FROM book WHERE name = 'push'")[0][0] == "on"
    assert office.entries("follow_up_written") == 1
    assert len(follow_ups_at(national, number)) == 1


async def test_the_list_shows_who_changed_and_they_are_looked_at_before_they_are_due(
    tmp_path: Path, national: NationalSimulator
) -> None:
    calm = {"per_hour": 100_000, "soonest": "0s", "latest": "30d"}
    office = Office(tmp_path / "data", national.url, write_back=SQL, **QUICK | {"refresh": calm})
    (one,) = office.add(anonim=0)
    await office.sync(patience=2)
    number = office.ours()[one].tracking_id
    assert number is not None
    office.query("UPDATE watched SET next_check_at = 9000000000000000")
    await office.sync(patience=1)
    before = len(national.requests("detail"))
    await office.sync(patience=1)
    assert len(national.requests("detail")) == before, "nobody is due, and the list shows nothing new"
    national.change(int(number), status_name="Dalam Proses")
    for _ in range(2):
        await office.sync(patience=1)
    assert office.shown(one)["status_lapor"] == "Dalam Proses"


async def test_a_hand_over_is_asked_for_once_and_an_unknown_one_waits_for_a_person(
    tmp_path: Path, national: NationalSimulator
) -> None:
    office = Office(tmp_path / "data", national.url, write_back=SQL, **QUICK)
    one, number = await accepted(office)
    reference = office.ours()[one].reference

    def wishes() -> list[dict[str, object]]:
        (there,) = [kept for kept in national.complaints() if str(kept["id"]) == number]
        return list(there["hand_overs"])

    def run(*words: str) -> Said:
        return lapor_gateway("--data", office.root, *words)

    refused = run("complaints", "hand-over", reference, "Dinas Entah", "--reason", "bukan wewenang kami")
    assert (refused.code, "Dinas Entah" in refused.err) == (2, True)
    words = ("complaints", "hand-over", reference, "41002", "--reason", "Jalan provinsi", "--by", "Sri")
    assert run(*words).code == 0
    national.set_faults({"kind": "error_500_after_commit", "on": "reject", "at": [1]})
    for _ in range(3):
        await office.sync(patience=1)
    assert [(wish["reason"], wish["reason_description"]) for wish in wishes()] == [
        ("41002", "Jalan provinsi")
    ]
    assert office.entries("hand_over_unknown") == 1
    with office.gateway() as gateway:
        (doubt,), _ = list_deliveries(gateway.book, state="ambiguous")
        decide_delivery(gateway.book, doubt.id, Choice.CONFIRM, by="Uji", reason="terlihat di LAPOR!")
    assert run(*words).code == 0
    await office.sync(patience=1)
    assert len(wishes()) == 2
    assert (office.entries("hand_over_written"), office.entries("delivery_decided")) == (1, 1)
