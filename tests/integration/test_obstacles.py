"""Obstacles: found, gone, back again by themselves; typed, assigned and resolved by persons."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from lapor_gateway.book.obstacles import (
    add_obstacle,
    assign_obstacle,
    find_obstacle,
    list_obstacles,
    resolve_obstacle,
    write_found,
)
from lapor_gateway.domain.obstacles import Cause, ObstacleKind, is_personal
from lapor_gateway.errors import ConfigurationError, NotAllowedError, NotFoundError
from lapor_gateway.jobs.obstacles import look_for_obstacles
from tests.support.books import Desk, ManualClock, desk
from tests.support.world import ACCOUNT, World

HERE = frozenset({"uji"})
BACKLOG = Cause(ObstacleKind.BACKLOG, "uji", "uji", facts={"count": 12})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def own(database_url: str, clock: ManualClock) -> Iterator[Desk]:
    with desk(database_url, clock) as made:
        yield made


def entries(own: Desk) -> list[str]:
    return [
        row.kind
        for row in own.query("SELECT kind, subject FROM ledger_entries ORDER BY id")
        if row.subject.startswith("obstacle:")
    ]


def test_a_found_one_closes_when_its_cause_is_gone_and_opens_again_when_it_is_back(
    own: Desk, clock: ManualClock
) -> None:
    (number,) = write_found(own.book, [BACKLOG], HERE)
    first = find_obstacle(own.book, number)
    assert (first.state, first.found, first.facts, first.times) == ("open", True, {"count": 12}, 1)
    assign_obstacle(own.book, number, by="Sri", owner="Kepala Dinas", commitment="Tambah petugas")
    clock.advance(days=1)
    assert write_found(own.book, [BACKLOG], HERE) == []
    assert write_found(own.book, [], HERE) == [number]
    gone = find_obstacle(own.book, number)
    assert (gone.state, gone.resolved_by) == ("resolved", "gateway")
    clock.advance(days=1)
    assert write_found(own.book, [BACKLOG], HERE) == [number]
    back = find_obstacle(own.book, number)
    assert (back.state, back.times, back.owner, back.commitment) == ("open", 2, "Kepala Dinas", None)
    assert back.since > first.since
    assert entries(own) == ["obstacle_found", "obstacle_assigned", "obstacle_gone", "obstacle_came_back"]


def test_figures_that_move_are_no_new_obstacle(own: Desk) -> None:
    (number,) = write_found(own.book, [BACKLOG], HERE)
    more = Cause(ObstacleKind.BACKLOG, "uji", "uji", facts={"count": 20})
    assert write_found(own.book, [more], HERE) == []
    assert find_obstacle(own.book, number).facts == {"count": 20}


def test_a_region_that_cannot_be_read_keeps_its_obstacles(own: Desk) -> None:
    write_found(own.book, [BACKLOG], HERE)
    assert write_found(own.book, [], frozenset()) == []
    assert len(list_obstacles(own.book)) == 1


def test_what_a_person_types_lives_from_its_entry_to_its_outcome(own: Desk) -> None:
    typed = "Operator pindah tugas, NIK 3523010101010001 tidak boleh tampil"
    number = add_obstacle(own.book, region="uji", description=typed, by="Sri", due_on=date(2026, 4, 1))
    assert write_found(own.book, [], HERE) == []  # nothing that looks closes it
    found = find_obstacle(own.book, number)
    assert found.description == "Operator pindah tugas, NIK [disamarkan] tidak boleh tampil"
    resolve_obstacle(own.book, number, by="Budi", outcome="Operator baru ditunjuk")
    ended = find_obstacle(own.book, number)
    assert (ended.outcome, ended.resolved_by, ended.due_on) == (
        "Operator baru ditunjuk",
        "Budi",
        "2026-04-01",
    )
    assert list_obstacles(own.book) == []
    actions = [row.action for row in own.query("SELECT action FROM audit ORDER BY id")]
    assert actions[-2:] == ["obstacle_added", "obstacle_resolved"]
    facts = " ".join(row.facts for row in own.query("SELECT facts FROM ledger_entries"))
    assert "Operator" not in facts


def test_a_person_resolves_a_found_one_and_it_opens_again_while_its_cause_stands(own: Desk) -> None:
    (number,) = write_found(own.book, [BACKLOG], HERE)
    resolve_obstacle(own.book, number, by="Budi", outcome="Sudah selesai")
    assert write_found(own.book, [BACKLOG], HERE) == [number]
    assert find_obstacle(own.book, number).state == "open"


def test_what_makes_no_sense_is_refused(own: Desk) -> None:
    with pytest.raises(ConfigurationError):
        add_obstacle(own.book, region="uji", description="  ", by="Sri")
    number = add_obstacle(own.book, region="uji", description="Belum ada petugas", by="Sri")
    with pytest.raises(ConfigurationError):
        assign_obstacle(own.book, number, by="Sri")
    resolve_obstacle(own.book, number, by="Sri", outcome="Ada petugas")
    with pytest.raises(NotAllowedError):
        resolve_obstacle(own.book, number, by="Sri", outcome="Lagi")
    with pytest.raises(NotFoundError):
        find_obstacle(own.book, 4711)


@pytest.mark.parametrize(
    ("name", "personal"),
    [
        ("sri.wahyuni@gmail.com", True),
        ("198501012010012001", True),
        ("3523010101010001", True),
        ("pengaduan@tubankab.example", False),
        ("lapor", False),
        ("", False),
    ],
)
def test_a_personal_login_is_known_by_its_name(name: str, personal: bool) -> None:
    assert is_personal(name) is personal


def kinds(world: World) -> set[str]:
    with world.gateway() as gateway:
        look_for_obstacles(gateway)
        return {one.kind for one in list_obstacles(gateway.book)}


def test_the_gateway_finds_what_manifest_and_settings_lack(tmp_path: Path) -> None:
    world = World(tmp_path / "data", "http://127.0.0.1:9", look_up=None)
    assert kinds(world) == {"no_look_up", "no_official", "no_decree"}
    manifest = world.root / "connectors" / "uji" / "connector.toml"
    more = (
        'sk_tim_pengelola = { number = "188/1", date = 2024-02-01 }\n'
        'contact = { name = "Sri", phone = "0356-1" }\naccount = "lain"'
    )
    manifest.write_text(manifest.read_text().replace(f'account = "{ACCOUNT}"', more))
    assert kinds(world) == {"no_account"}


def test_the_gateway_finds_a_backlog_a_silent_source_and_unanswered_complaints(tmp_path: Path) -> None:
    world = World(tmp_path / "data", "http://127.0.0.1:9")
    clock = ManualClock()
    with world.gateway(clock=clock) as gateway:
        with gateway.book.write() as connection:
            connection.exec_driver_sql("UPDATE channels SET last_success_at = 1")
            connection.exec_driver_sql(
                "INSERT INTO milestones (complaint, region, reported_at, accepted_at) VALUES (1, 'uji', 1, 1)"
            )
        clock.advance(days=500)
        look_for_obstacles(gateway)
        found = {one.kind: one.facts for one in list_obstacles(gateway.book)}
    assert found["unanswered"] == {"count": 1}
    assert found["silent_source"]["days"] > 3
