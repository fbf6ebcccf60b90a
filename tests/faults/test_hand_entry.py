"""Typing by hand: nothing leaves by itself, numbers that come back are checked, and a machine never types it twice."""

import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lapor_gateway.jobs.reconcile import reconcile, select_for
from lapor_gateway.jobs.sync import chosen
from tests.support import national_export
from tests.support.command_line import Answered, lapor_gateway
from tests.support.endpoint import IndependentEndpoint
from tests.support.world import World, judge

FIRST = 9_876_501


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> World:
    return World(tmp_path / "data", "", database_url=database_url, dialect="manual", look_up=None)


def run(world: World, *words: str | Path) -> Answered:
    return lapor_gateway("--data", world.root, *words)


def taken(world: World, path: Path, *words: str) -> list[list[Any]]:
    """Take the queue into `path`; the sheet's rows, the headings first."""
    answered = run(world, "complaints", "queue", "--xlsx", path, "--by", "Sri", *words)
    assert answered.code == 0, answered.err
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]


def filled(path: Path, rows: list[list[Any]], numbers: dict[str, Any]) -> Path:
    """The sheet as it comes back, with numbers by reference."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(rows[0])
    for row in rows[1:]:
        sheet.append([numbers.get(row[1], ""), *row[1:]])
    workbook.save(path)
    return path


async def test_the_queue_is_typed_and_its_numbers_come_back_one_by_one_or_by_the_sheet(
    world: World, tmp_path: Path
) -> None:
    world.add(6, anonim=0)
    await world.sync(patience=0)
    assert {(one.state, one.waiting_for) for one in world.ours().values()} == {("ready", "operator")}
    first = next(iter(world.ours().values()))
    assert run(world, "complaints", "number", first.reference, str(FIRST), "--by", "Sri").code == 0
    rows = taken(world, tmp_path / "antrean.xlsx")
    assert len(rows) == 1 + 5
    assert [row[3].splitlines()[0] for row in rows[1:]] == [f"[Rujukan {row[1]}]" for row in rows[1:]]
    assert all("Warga Rekaan" not in str(cell) for row in rows for cell in row), (
        "no identity without a reason"
    )
    again = run(world, "complaints", "queue", "--xlsx", tmp_path / "lagi.xlsx", "--by", "Joko")
    assert (again.code, (tmp_path / "lagi.xlsx").exists()) == (0, False), "nobody gets what another has"
    numbers = {row[1]: FIRST + place for place, row in enumerate(rows[1:], 1)}
    last = rows[-1][1]
    dirty = numbers | {last: f"{FIRST + 1}"}
    back = filled(tmp_path / "kembali.xlsx", rows, dirty)
    answered = run(world, "complaints", "numbers", back, "--by", "Sri", "--json")
    results = {one["reference"]: one["result"] for one in answered.json}
    assert answered.code == 1
    assert results == {row[1]: "entered" for row in rows[2:-1]} | {rows[1][1]: "repeated", last: "repeated"}
    back = filled(tmp_path / "kembali2.xlsx", rows, numbers)
    done = run(world, "complaints", "numbers", back, "--by", "Sri")
    assert (done.code, world.states()) == (0, {"accepted": 6})
    assert "Entered before: 3" in done.out
    assert {one.tracking_id for one in world.ours().values()} == {str(FIRST + n) for n in range(6)}


async def test_what_cannot_be_believed_is_not_entered_and_says_why(world: World, tmp_path: Path) -> None:
    world.add(9)
    await world.sync(patience=0)
    rows = taken(world, tmp_path / "antrean.xlsx")
    references = [row[1] for row in rows[1:]]
    numbers: dict[str, Any] = {one: FIRST + place for place, one in enumerate(references[:5])}
    filled(tmp_path / "a.xlsx", rows, numbers)
    assert run(world, "complaints", "numbers", tmp_path / "a.xlsx", "--by", "Sri").code == 0
    wrong: dict[str, Any] = {
        references[0]: FIRST + 77,
        references[5]: 98_765_010,
        references[6]: "belum ada",
        references[7]: FIRST,
        references[8]: "",
    }
    strange = [*rows, ["", "LG-AAAA-AAAA-AAAA", *rows[1][2:]]]
    filled(tmp_path / "b.xlsx", strange, wrong | {"LG-AAAA-AAAA-AAAA": 1})
    dry = run(world, "complaints", "numbers", tmp_path / "b.xlsx", "--by", "Sri", "--dry-run", "--json")
    answered = run(world, "complaints", "numbers", tmp_path / "b.xlsx", "--by", "Sri", "--json")
    results = {one["reference"]: one["result"] for one in answered.json}
    assert answered.code == dry.code == 1
    assert [results[one] for one in (references[0], *references[5:], "LG-AAAA-AAAA-AAAA")] == [
        "not_possible", "doubtful", "no_number", "not_possible", "empty", "unknown_reference",
    ]  # fmt: skip
    assert world.states() == {"accepted": 5, "ready": 4}
    sure = run(world, "complaints", "numbers", tmp_path / "b.xlsx", "--by", "Sri", "--doubtful-too", "--json")
    assert {one["reference"]: one["result"] for one in sure.json}[references[5]] == "entered"
    undone = run(world, "complaints", "undo", references[5], "--reason", "salah ketik", "--by", "Sri")
    assert (undone.code, world.states()) == (0, {"accepted": 5, "held": 1, "ready": 3})


async def test_the_export_finds_what_was_typed_and_forgotten(world: World, tmp_path: Path) -> None:
    world.add(3)
    await world.sync(patience=0)
    rows = taken(world, tmp_path / "antrean.xlsx")
    now = time.time()
    typed = [
        national_export.row(FIRST + place, now, row[2], row[3]) | {"Status Laporan": "Selesai"}
        for place, row in enumerate(rows[1:3])
    ]
    export = national_export.write_export(tmp_path / "unduhan.xlsx", typed)
    for _ in range(2):  # adopted by the first, its status read by the second
        with world.gateway() as gateway:
            await reconcile(gateway, select_for(gateway, chosen(gateway, []), export=export))
    assert world.states() == {"accepted": 2, "ready": 1}
    words = world.query("SELECT national_word FROM complaints WHERE state = 'accepted'")
    assert {row[0] for row in words} == {"Selesai"}


async def test_a_machine_that_takes_over_never_sends_what_a_person_may_have_typed(
    world: World, tmp_path: Path
) -> None:
    world.add(4)
    await world.sync(patience=0)
    rows = taken(world, tmp_path / "antrean.xlsx", "--limit", "2")
    with IndependentEndpoint(tmp_path) as endpoint:
        world.configure(dialect="lapor-v3", url=endpoint.url, look_up={"maximum_lag": "300ms"})
        world.change("1", isi="Isinya sudah lain")
        await world.sync()
        judge(world, endpoint)
        assert world.states() == {"accepted": 2, "held": 2}
        assert {one.reason for one in world.ours().values() if one.state == "held"} == {"given_out"}
        for number, row in enumerate(rows[1:]):
            entered = run(world, "complaints", "adopt", row[1], str(FIRST + number), "--by", "Sri")
            assert entered.code == 0
        assert world.states() == {"accepted": 4}


async def test_an_edit_of_what_was_given_out_waits_for_the_person_who_has_it(
    world: World, tmp_path: Path
) -> None:
    world.add(1)
    await world.sync(patience=0)
    (_, row) = taken(world, tmp_path / "antrean.xlsx")
    world.change("1", isi="Isinya sudah lain")
    await world.sync(patience=0)
    (one,) = world.ours().values()
    assert (one.state, one.reason) == ("held", "given_out")
    assert run(world, "complaints", "release", row[1], "--by", "Sri").code == 0
    assert world.states() == {"ready": 1}


async def test_identities_go_into_a_sheet_only_for_a_reason_that_is_written_down(
    world: World, tmp_path: Path
) -> None:
    world.add(1, anonim=0, nama="Warga Terbuka")
    world.add(1, anonim=1, nama="Warga Anonim")
    await world.sync(patience=0)
    refused = run(world, "complaints", "queue", "--reveal", "perlu")
    assert (refused.code, "--xlsx FILE" in refused.err) == (2, True)
    rows = taken(world, tmp_path / "antrean.xlsx", "--reveal", "isian pelapor di LAPOR!")
    names = [row[10] for row in rows[1:]]
    assert names == ["Warga Terbuka", ""]
    assert {row[0] for row in world.query("SELECT action FROM audit WHERE subject LIKE 'LG-%'")} == {
        "identity_seen"
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("complaints", "numbers", "tidak-ada.xlsx"), "cannot be read"),
        (("complaints", "queue", "--account", "lain"), "lain"),
        (("complaints", "queue", "--limit", "0"), "limit"),
    ],
)
def test_wrong_input_is_one_sentence(world: World, words: tuple[str, ...], said: str) -> None:
    answered = run(world, *words)
    assert (answered.code, said in answered.err) == (2, True), answered.err


def test_an_account_with_an_interface_has_no_queue(tmp_path: Path) -> None:
    other = World(tmp_path / "data", "http://127.0.0.1:9")
    answered = run(other, "complaints", "queue")
    assert (answered.code, 'dialect = "manual"' in answered.err) == (2, True)
