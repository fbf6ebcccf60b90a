"""A reporter's rights, retention, rotation and looking back, as an operator at the command line meets them."""

import asyncio
import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lapor_gateway.jobs.privacy import Housekeeping
from lapor_gateway.settings import load_settings
from tests.support.command_line import PROGRAM, Answered, clean_environment
from tests.support.forked_command import forked_gateway
from tests.support.waiting import eventually
from tests.support.world import World

MARKER = "zzqkatapenanda"
NAME = "Zzqnama Rekaan"
DEAD = "http://127.0.0.1:9"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Three complaints that a channel in shadow holds, one of them with the marker."""
    made = World(tmp_path / "data", DEAD, look_up=None, live=False)
    made.add(2)
    made.add(1, isi=f"Isi dengan {MARKER}, dari {NAME}", nama=NAME)
    asyncio.run(made.sync(patience=0))
    return made


def run(world: World, *words: str, stdin: str | None = None) -> Answered:
    return forked_gateway("--data", world.root, *words, stdin=stdin)


@contextlib.contextmanager
def served(world: World) -> Iterator[httpx.Client]:
    """A client of a running `serve`."""
    words = [*PROGRAM, "serve", "--port", "0", "--data", str(world.root)]
    environ = clean_environment() | {"LAPOR_GATEWAY_LANG": "en"}
    with subprocess.Popen(words, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if line.startswith("API and status page: "))
        try:
            with httpx.Client(base_url=said.split()[4], trust_env=False) as client:
                eventually(lambda: client.get("/v1/complaints/3").status_code == 200, within=20)
                yield client
        finally:
            process.kill()


def erase(world: World, *more: str) -> Answered:
    words = ["--region", "uji", "--complaint", "3", "--reason", f"permintaan {NAME}", "--by", "Sri"]
    return run(world, "reporters", "erase", *words, *more)


def readable(world: World) -> list[str]:
    """Files of the data folder, the source's own aside, that hold something of the reporter."""
    files = [path for path in world.root.iterdir() if path.is_file() and path != world.source]
    return [
        path.name
        for path in files
        if any(m.encode() in path.read_bytes().lower() for m in (MARKER, "zzqnama"))
    ]


def test_an_erasure_says_what_it_did_whom_to_tell_and_when_it_is_complete(world: World) -> None:
    assert readable(world)
    refused = erase(world, "--yes")
    assert (refused.code, "--withdraw" in refused.err) == (1, True)
    assert erase(world, "--withdraw").code == 2
    text = world.root / "lapor-gateway.toml"
    text.write_text('backup_retention = "30d"\n' + text.read_text())
    done = erase(world, "--withdraw", "--yes")
    assert done.code == 0
    assert "Kabupaten Uji" in done.out
    assert "number 3" in done.out
    assert "the last backup" in done.out
    assert MARKER not in done.out + done.err
    assert readable(world) == []
    assert run(world, "status", "--check").code in (0, 1)
    shown = run(world, "complaints", "show", "3")
    assert (shown.code, "(erased" in shown.out) == (0, True)
    assert run(world, "complaints", "restore", "3", "--reason", "coba").code == 1


def test_a_dry_run_shows_nothing_of_an_erased_complaint_that_was_edited_at_the_source(world: World) -> None:
    assert erase(world, "--withdraw", "--yes").code == 0
    world.change("3", judul=f"Perihal {MARKER}", isi=f"Diubah, masih {MARKER}")
    rehearsed = run(world, "sync", "--all", "--dry-run")
    assert rehearsed.code in (0, 1)
    assert MARKER not in rehearsed.out + rehearsed.err
    asyncio.run(world.sync(patience=0))
    assert (readable(world), world.ours()["3"].state) == ([], "withdrawn")


def test_an_older_copy_of_the_book_that_is_put_back_is_erased_again_and_a_rescan_changes_nothing(
    world: World, tmp_path: Path
) -> None:
    older = tmp_path / "older.db"
    shutil.copy(book_of(world), older)
    assert erase(world, "--withdraw", "--yes").code == 0
    for left in world.root.glob("book.db*"):
        left.unlink()
    shutil.copy(older, world.root / "book.db")
    assert "book.db" in readable(world)
    assert run(world, "sync", "--all").code in (0, 1, 3)
    with world.gateway() as gateway:
        Housekeeping(gateway).run()
    assert readable(world) == []
    assert world.ours()["3"].state == "withdrawn"


def book_of(world: World) -> Path:
    """The book's one file, with its log written into it."""
    world.query("PRAGMA wal_checkpoint(TRUNCATE)")
    return world.root / "book.db"


def test_a_wrong_question_about_a_reporter_is_answered_with_the_cure(world: World) -> None:
    none = run(world, "reporters", "export", "--region", "uji")
    both = run(world, "reporters", "export", "--region", "uji", "--nik", "--phone", stdin="1")
    no_nik = run(world, "reporters", "export", "--region", "uji", "--nik", stdin="rahasia123")
    nobody = run(world, "reporters", "export", "--region", "uji", "--nik", stdin="3523014101900077")
    elsewhere = run(world, "reporters", "export", "--region", "lain", "--complaint", "3")
    assert [one.code for one in (none, both, no_nik, nobody, elsewhere)] == [2] * 5
    assert all("What to do" in one.err for one in (none, both, no_nik, nobody, elsewhere))
    assert "rahasia123" not in no_nik.err + no_nik.out
    assert "3523014101900077" not in nobody.err


def test_an_export_goes_into_a_file_of_its_owner_alone_and_never_over_another(
    world: World, tmp_path: Path
) -> None:
    out = tmp_path / "salinan.json"
    words = ("reporters", "export", "--region", "uji", "--complaint", "3", "--out", str(out))
    assert run(world, *words).code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    (whole,) = json.loads(out.read_text())["complaints"]
    assert MARKER in whole["versions"][0]["canonical"]["body"]
    assert run(world, *words).code == 2


def test_looking_back_needs_a_time_that_has_been_and_says_what_was_known(world: World) -> None:
    for wrong in ("kemarin", "2026-13-01", "9999-01-01", "9999-12-31T23:59:59-12:00"):
        assert [
            run(world, *words, "--at", wrong).code for words in (("complaints", "show", "3"), ("status",))
        ] == [2, 2]
    assert run(world, "complaints", "show", "3", "--at", "0001-01-01T00:00:00+14:00").code == 2
    now = run(world, "complaints", "show", "3", "--json").json
    then = run(
        world, "complaints", "show", "3", "--at", now["complaint"]["updated_at"][:-1] + "999Z", "--json"
    ).json
    assert (then["state"], then["reason"], then["version"]) == ("held", "shadow", 1)
    status = run(world, "status", "--at", now["complaint"]["updated_at"][:-1] + "999Z", "--json").json
    assert status["channels"][0]["by_state"]["held"] == 3
    assert run(world, "complaints", "show", "3", "--at", "2026-01-01", "--reveal").code == 2
    assert run(world, "status", "--at", "2026-01-01", "--check").code == 2


def test_retention_shows_first_and_erases_by_itself_once_a_person_has_approved(world: World) -> None:
    assert run(world, "retention").code == 2
    text = world.root / "lapor-gateway.toml"
    text.write_text(text.read_text() + '\n[retention]\nwithdrawn = "1y"\n')
    run(world, "complaints", "withdraw", "3", "--reason", "dicabut", "--by", "Sri")
    world.query("UPDATE complaints SET updated_at = 0 WHERE id = 3")
    world.settings = load_settings(world.root, {})
    with world.gateway() as gateway:
        Housekeeping(gateway).run()
    assert world.entries("erased") == 0
    shown = run(world, "retention", "--dry-run", "--json").json
    assert [(one["rule"], one["count"]) for one in shown] == [("withdrawn", 1)]
    assert run(world, "retention", "--dry-run").code == 0
    assert world.entries("erased") == 0
    assert run(world, "retention", "--yes", "--by", "Sri").code == 0
    assert (world.entries("erased"), readable(world)) == (1, [])
    run(world, "complaints", "withdraw", "2", "--reason", "dicabut", "--by", "Sri")
    world.query("UPDATE complaints SET updated_at = 0 WHERE id = 2")
    with world.gateway() as gateway:
        Housekeeping(gateway).run()
    assert world.entries("erased") == 2


def test_a_rotation_says_when_the_old_key_may_go_and_a_server_goes_on_meanwhile(world: World) -> None:
    with served(world) as client:
        first = run(world, "secrets", "rotate-master", "--by", "Sri")
        assert (first.code, "Run it again" in first.out) == (1, True)
        world.settings.key_file.write_text(world.settings.key_file.read_text().split()[0] + "\n")
        revealed = client.post("/v1/complaints/3/reveal", json={"reason": "uji"})
        assert revealed.json()["versions"][0]["canonical"]["reporter"]["name"] == NAME
    index = run(world, "secrets", "rotate-index", "--by", "Sri")
    assert (index.code, "former key is still valid" in index.out) == (1, True)


def test_a_master_key_of_the_environment_is_not_rotated_by_the_command(world: World) -> None:
    key = world.settings.key_file.read_text().strip()
    world.settings.key_file.unlink()
    answered = forked_gateway("--data", world.root, "secrets", "rotate-master", LAPOR_GATEWAY_SECRET_KEY=key)
    assert (answered.code, "a comma" in answered.err) == (2, True)


def test_a_hold_is_listed_and_lifted(world: World) -> None:
    assert run(world, "complaints", "legal-hold", "3").code == 2
    assert run(world, "complaints", "legal-hold", "3", "--reason", "perkara", "--by", "Sri").code == 0
    assert run(world, "channels", "legal-hold", "uji.tabel", "--reason", "perkara", "--by", "Sri").code == 0
    assert len(run(world, "complaints", "legal-holds", "--json").json) == 2
    held = erase(world, "--withdraw", "--yes")
    assert (held.code, "legal hold" in held.err) == (1, True)
    assert (
        run(world, "complaints", "legal-hold", "3", "--lift", "--reason", "selesai", "--by", "Sri").code == 0
    )
    assert run(world, "channels", "legal-hold", "uji.tabel", "--lift", "--reason", "selesai").code == 0
    assert "no legal holds" in run(world, "complaints", "legal-holds").out


@pytest.mark.parametrize(
    "wrong",
    ['[retention]\nheld = "5y"', '[retention]\naccepted = "5m"', '[retention]\n"accepted:lain" = "5y"'],
)
def test_a_retention_rule_that_would_do_harm_stops_the_start(world: World, wrong: str) -> None:
    text = world.root / "lapor-gateway.toml"
    text.write_text(text.read_text() + "\n" + wrong + "\n")
    answered = run(world, "status")
    assert (answered.code, "retention" in answered.err) == (2, True)
