"""Master lists: fetched whole, kept with their age, never deleted, sent as numbers, used to check a manifest."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book.journey import NamedField, journey
from lapor_gateway.book.masters import lists_of, rows_of
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.errors import NotAllowedError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.masters import accounts_of_age, manifest_faults, refresh_masters
from tests.support.command_line import Answered as Ran
from tests.support.command_line import lapor_gateway
from tests.support.http_application import Answered, Application, Asked
from tests.support.national import NationalSimulator
from tests.support.world import ACCOUNT, World

UJI = AccountName(ACCOUNT)


class Lists:
    """LAPOR!'s master lists as a test sets them; `pages` cuts each into so many rows."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {
            "/masters/institutions/external": [(41001, "Pemerintah Kabupaten Uji"), (41002, "Dinas Uji")],
            "/masters/categories": [(11, "Infrastruktur")],
            "/masters/classifications": [(1, "Pengaduan")],
            "/masters/locations": [(3501, "Kabupaten Uji")],
            "/masters/templates": [(1, "TL-01")],
        }
        self.size = 1000
        self.tells_its_end = True
        self.status = 200
        self.server = Application(self._answer)

    def _answer(self, asked: Asked) -> Answered:
        if self.status != 200:
            return Answered({"message": "tidak"}, self.status)
        rows, page = self.rows[asked.path], int(asked.query["page"])
        shown = [{"id": one, "name": name} for one, name in rows[(page - 1) * self.size : page * self.size]]
        results: dict[str, Any] = {"data": shown}
        if self.tells_its_end:
            results["next_page_url"] = "x" if len(rows) > page * self.size else None
        return Answered({"results": results})


@pytest.fixture
def lists() -> Iterator[Lists]:
    opened = Lists()
    yield opened
    opened.server.close()


@pytest.fixture
def world(tmp_path: Path, lists: Lists, database_url: str) -> World:
    return World(tmp_path / "data", lists.server.url, database_url=database_url)


@pytest.fixture
def gateway(world: World) -> Iterator[Gateway]:
    with world.gateway() as opened:
        yield opened


def institutions(gateway: Gateway) -> dict[str, tuple[str, bool]]:
    return {row.id: (row.name, row.gone_at is not None) for row in rows_of(gateway.book, UJI, "institutions")}


@pytest.mark.parametrize(("size", "tells"), [(1000, True), (1, True), (1, False)])
async def test_every_list_is_fetched_to_its_end(
    gateway: Gateway, lists: Lists, size: int, tells: bool
) -> None:
    lists.size, lists.tells_its_end = size, tells
    assert await refresh_masters(gateway, UJI) == []
    assert institutions(gateway) == {
        "41001": ("Pemerintah Kabupaten Uji", False),
        "41002": ("Dinas Uji", False),
    }
    assert [(one.kind, one.rows) for one in lists_of(gateway.book, UJI)] == [
        ("categories", 1), ("classifications", 1), ("institutions", 2), ("locations", 1), ("templates", 1),
    ]  # fmt: skip


async def test_a_list_that_knows_no_pages_ends_all_the_same(gateway: Gateway, lists: Lists) -> None:
    answer = lists.server.answer
    lists.tells_its_end = False
    lists.server.answer = lambda asked: answer(Asked("GET", asked.path, {"page": "1"}, {}, b""))
    assert await refresh_masters(gateway, UJI) == []
    assert len(institutions(gateway)) == 2


async def test_a_row_that_vanished_is_marked_gone_and_comes_back_renamed(
    gateway: Gateway, lists: Lists
) -> None:
    path = "/masters/institutions/external"
    await refresh_masters(gateway, UJI)
    lists.rows[path] = [(41001, "Pemerintah Kabupaten Uji")]
    await refresh_masters(gateway, UJI)
    assert institutions(gateway)["41002"] == ("Dinas Uji", True)
    lists.rows[path] = [(41001, "Pemkab Uji"), (41002, "Dinas Uji Baru")]
    await refresh_masters(gateway, UJI)
    assert institutions(gateway) == {"41001": ("Pemkab Uji", False), "41002": ("Dinas Uji Baru", False)}


@pytest.mark.parametrize("trouble", ["status", "empty"])
async def test_an_answer_that_proves_nothing_takes_nothing_away(
    gateway: Gateway, lists: Lists, trouble: str
) -> None:
    await refresh_masters(gateway, UJI)
    before = lists_of(gateway.book, UJI)
    if trouble == "status":
        lists.status = 500
    else:
        lists.rows = {path: [] for path in lists.rows}
    failed = await refresh_masters(gateway, UJI)
    assert {one.trouble for one in failed} == {"HTTP 500" if trouble == "status" else "an empty list"}
    assert [(one.kind, one.rows, one.fetched_at) for one in failed] == [
        (one.kind, one.rows, one.fetched_at) for one in before
    ]


async def test_lists_are_due_after_a_day_and_only_for_a_live_account(world: World, gateway: Gateway) -> None:
    assert accounts_of_age(gateway) == [UJI]
    await refresh_masters(gateway, UJI)
    assert accounts_of_age(gateway) == []
    world.query("UPDATE master_lists SET fetched_at = 1, tried_at = 1 WHERE kind = 'locations'")
    assert accounts_of_age(gateway) == [UJI]
    world.query("UPDATE channels SET mode = 'shadow'")
    assert accounts_of_age(gateway) == []


async def test_a_training_book_fetches_nothing_from_a_production_account(world: World) -> None:
    world.configure(environment="production")
    with world.gateway() as gateway, pytest.raises(NotAllowedError):
        await refresh_masters(gateway, UJI)


def national(world: World, **fields: str) -> None:
    """Write fields into the manifest's table for LAPOR!, as TOML."""
    path = world.root / "connectors" / "uji" / "connector.toml"
    lines = "".join(f"\n{name} = {value}" for name, value in fields.items())
    path.write_text(path.read_text() + lines)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("41002", None),
        ('"41002"', None),
        ('"dinas  uji"', None),
        ("41999", "41999 is not among the institutions"),
        ('"Dinas Uju"', 'Dinas Uju is not among the institutions; did you mean "Dinas Uji"?'),
        ("41003", "41003 is gone from the institutions since"),
        ('"Dinas Kembar"', '"Dinas Kembar" is the name of 2 institutions: write one of 41004, 41005'),
    ],
)
async def test_a_manifest_is_checked_by_the_lists(
    world: World, lists: Lists, capsys: pytest.CaptureFixture[str], value: str, told: str | None
) -> None:
    rows = lists.rows["/masters/institutions/external"]
    lists.rows["/masters/institutions/external"] = [*rows, (41003, "Dinas Lama")]
    national(world, disposition_id=value)
    path = world.root / "connectors" / "uji" / "connector.toml"
    path.write_text(path.read_text().replace("classification_id = 6", "classification_id = 1"))
    with world.gateway() as gateway:
        await refresh_masters(gateway, UJI)
        lists.rows["/masters/institutions/external"] = [
            *rows,
            (41004, "Dinas Kembar"),
            (41005, "Dinas Kembar"),
        ]
        await refresh_masters(gateway, UJI)
        faults, missing = manifest_faults(gateway, gateway.regions["uji"])
    assert missing == []
    if told is None:
        assert faults == []
    else:
        (fault,) = faults
        assert fault.problem.startswith(told)
        assert path.read_text().splitlines()[fault.line - 1].startswith("disposition_id")


def run(world: World, *words: str) -> Ran:
    return lapor_gateway("--data", world.root, *words, cwd=world.root)


def test_the_command_line_fetches_shows_and_checks(world: World) -> None:
    national(world, disposition_id='"Dinas Uji"')
    unchecked = run(world, "connectors", "check")
    assert (unchecked.code, "accounts masters --account uji" in unchecked.err) == (0, True)
    fetched = run(world, "accounts", "masters")
    assert (fetched.code, "institutions" in fetched.out, "41002" in fetched.out) == (0, True, False)
    found = run(world, "accounts", "masters", "--account", "uji", "--kind", "institutions", "--find", "dinas")
    assert (found.code, "41002" in found.out, "41001" in found.out) == (0, True, False)
    checked = run(world, "connectors", "check")
    assert (checked.code, "classification_id: 6 is not among the classifications" in checked.err) == (2, True)
    assert run(world, "accounts", "masters", "--kind", "sembarang").code == 2


def test_the_accounts_tell_what_they_can_and_how_old_their_lists_are(world: World) -> None:
    assert run(world, "accounts", "masters").code == 0
    (account,) = run(world, "accounts", "list", "--json").json
    assert account["can"] == ["attach", "hand_over", "list", "look_up", "masters", "read_status", "submit"]
    assert len(account["masters"]) == 5
    (channel,) = run(world, "status", "--json").json["channels"]
    assert channel["can"] == account["can"]
    assert "The account uji can: attach files, hand over" in run(world, "accounts", "list").out


def test_lists_that_cannot_be_fetched_are_told_and_what_is_kept_is_shown(world: World, lists: Lists) -> None:
    assert run(world, "accounts", "masters").code == 0
    lists.status = 503
    failed = run(world, "accounts", "masters")
    assert (failed.code, "HTTP 503" in failed.out) == (3, True)
    assert run(world, "accounts", "masters", "--offline").code == 0


async def test_a_name_is_sent_as_its_number_and_shown_as_a_name(tmp_path: Path, database_url: str) -> None:
    with NationalSimulator(tmp_path / "national", plain=True) as simulator:
        world = World(tmp_path / "data", simulator.url, database_url=database_url)
        national(world, disposition_id='"Dinas Kesehatan Kabupaten Contoh"', category_id='"kesehatan"')
        with world.gateway() as gateway:
            await refresh_masters(gateway, UJI)
        world.add()
        await world.sync()
        assert world.states() == {"accepted": 1}
        (sent,) = simulator.complaints()
        assert (sent["body"]["disposition_id"], sent["body"]["category_id"]) == (41003, 12)
    world.query("UPDATE masters SET gone_at = 1")
    with world.gateway() as gateway:
        found = journey(gateway.book, 1).sent_as
    assert found == [
        NamedField("disposition_id", "Dinas Kesehatan Kabupaten Contoh", None),
        NamedField("category_id", "kesehatan", None),
        NamedField("classification_id", "6", "Pengaduan (daerah)"),
    ]
