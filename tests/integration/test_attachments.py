"""Files go along: fetched, cleaned, kept under the complaint's key, uploaded before the submission that names them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book.erasing import erase
from lapor_gateway.book.journey import journey
from lapor_gateway.jobs.privacy import Housekeeping, erase_complaints
from lapor_gateway.sources.attached import AttachedFiles
from lapor_gateway.sources.manifest import load_region
from tests.support.command_line import lapor_gateway
from tests.support.files import NAME, letter, photograph, with_script
from tests.support.http_application import Answered, Application, Asked
from tests.support.national import NationalSimulator
from tests.support.world import World

PHOTO = photograph()


class Photos:
    """The application's picture server: what it has, and how often it stays away first."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"/foto/1.jpg": PHOTO, "/foto/2.png": photograph(kind="PNG")}
        self.away = 0
        self.status = 503
        self.server = Application(self._answer)

    def _answer(self, asked: Asked) -> Answered:
        if self.away > 0:
            self.away -= 1
            return Answered(b"", self.status)
        content = self.files.get(asked.path)
        return (
            Answered(b"", 404)
            if content is None
            else Answered(content, headers={"content-type": "text/html"})
        )


@pytest.fixture
def photos() -> Iterator[Photos]:
    opened = Photos()
    yield opened
    opened.server.close()


@pytest.fixture
def national(tmp_path: Path) -> Iterator[NationalSimulator]:
    with NationalSimulator(tmp_path / "national", plain=True) as simulator:
        yield simulator


def world_of(
    tmp_path: Path, national: NationalSimulator, database_url: str, rules: str, **account: Any
) -> World:
    world = World(tmp_path / "data", national.url, database_url=database_url, manifest=rules, **account)
    path = tmp_path / "data" / "connectors" / "uji" / "connector.toml"
    path.write_text(path.read_text().replace('source_id = "id"', 'source_id = "id"\nattachments = "foto"'))
    with world.rows() as table:
        table.execute("ALTER TABLE aduan ADD COLUMN foto TEXT")
    return world


@pytest.fixture
def world(tmp_path: Path, national: NationalSimulator, photos: Photos, database_url: str) -> World:
    return world_of(
        tmp_path, national, database_url, f'attachments = {{ base = "{photos.server.url}/foto/" }}'
    )


def sent(national: NationalSimulator) -> dict[str, Any]:
    """What LAPOR! was told of its one complaint, in the order of the calls before it."""
    (one,) = national.complaints()
    return one


def attached(world: World) -> list[dict[str, Any]]:
    rows = world.query("SELECT facts FROM ledger_entries WHERE kind = 'attached'")
    return [json.loads(row[0]) for row in rows]


def left_out(world: World) -> list[str]:
    rows = world.query("SELECT facts FROM findings WHERE kind = 'file_left_out'")
    return [json.loads(row[0])["files"] for row in rows]


def calls(national: NationalSimulator) -> list[str]:
    return [entry["call"] for entry in national.requests() if entry["call"] in ("file", "create")]


async def test_a_photograph_is_uploaded_first_and_named_by_the_submission(
    world: World, national: NationalSimulator
) -> None:
    world.add(foto="1.jpg", anonim=0)
    await world.sync()
    assert world.states() == {"accepted": 1}
    assert calls(national) == ["file", "create"]
    (row,) = world.query("SELECT state, media_type, national_id, digest, blob FROM attachments")
    assert (row.state, row.media_type) == ("uploaded", "image/jpeg")
    assert sent(national)["body"]["attachments"] == f"[{row.national_id}]"
    (facts,) = attached(world)
    assert (facts["count"], facts["left_out"]) == (1, 0)
    assert len(facts["digest"]) == 32
    assert "1.jpg" not in json.dumps(facts)


async def test_what_is_kept_is_sealed_and_tells_nothing_of_its_owner(world: World) -> None:
    world.add(foto="1.jpg", anonim=0)
    await world.sync()
    (kept,) = (world.settings.attachments_dir).rglob("*-*/1")
    assert kept.stat().st_mode & 0o077 == 0
    assert NAME not in kept.read_bytes()
    assert kept.read_bytes()[12:15] != b"\xff\xd8\xff"


async def test_a_complaint_without_files_neither_waits_nor_writes(
    world: World, national: NationalSimulator
) -> None:
    world.add(3)
    await world.sync()
    assert world.states() == {"accepted": 3}
    assert world.query("SELECT * FROM attachments") == []
    assert calls(national) == ["create"] * 3


async def test_a_channel_that_says_nothing_of_files_only_lists_them(
    tmp_path: Path, national: NationalSimulator, database_url: str
) -> None:
    world = world_of(tmp_path, national, database_url, "")
    world.add(foto="1.jpg")
    await world.sync()
    assert world.states() == {"accepted": 1}
    assert calls(national) == ["create"]


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("hilang.jpg", None, "missing (HTTP 404)"),
        ("skrip.pdf", letter(with_script), "active_content (JS, JavaScript, OpenAction)"),
        ("program.jpg", b"MZ\x90\x00", "kind"),
        ("rusak.jpg", b"\xff\xd8\xff\xe0rusak", "picture_broken (OSError)"),
        ("kosong.jpg", b"", "empty"),
    ],
)
async def test_a_file_that_is_not_fit_never_blocks_the_text_and_becomes_a_finding(
    world: World, national: NationalSimulator, photos: Photos, name: str, content: bytes | None, rule: str
) -> None:
    if content is not None:
        photos.files[f"/foto/{name}"] = content
    world.add(foto=name, anonim=0)
    await world.sync()
    assert world.states() == {"accepted": 1}
    assert calls(national) == ["create"]
    assert sent(national)["body"]["attachments"] is False
    assert left_out(world) == [f"1: {rule}"]


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("http://127.0.0.2:9/foto.jpg", "1: host"),
        ("http://169.254.169.254/latest/meta-data", "1: host"),
        ("file:///etc/passwd", "1: address"),
        ("//contoh.invalid/x.jpg", "1: host"),
    ],
)
async def test_an_address_that_a_citizen_typed_leads_the_gateway_nowhere_else(
    world: World, photos: Photos, address: str, rule: str
) -> None:
    world.add(foto=address, anonim=0)
    await world.sync()
    assert world.states() == {"accepted": 1}
    assert left_out(world) == [rule]
    assert photos.server.asked == []


async def test_a_source_that_is_away_for_a_moment_is_asked_again(
    world: World, national: NationalSimulator, photos: Photos
) -> None:
    photos.away = 1
    world.add(foto="1.jpg", anonim=0)
    await world.sync(patience=10)
    assert calls(national) == ["file", "create"]
    assert left_out(world) == []


async def test_the_text_goes_alone_when_the_files_stay_away_too_long(
    tmp_path: Path, national: NationalSimulator, photos: Photos, database_url: str
) -> None:
    rules = f'attachments = {{ base = "{photos.server.url}/foto/", wait = "1s" }}'
    world = world_of(tmp_path, national, database_url, rules)
    photos.away = 1_000
    world.add(foto="1.jpg", anonim=0)
    await world.sync(patience=10)
    assert calls(national) == ["create"]
    assert left_out(world) == ["1: out_of_reach (HTTP 503)"]


@pytest.mark.parametrize("kind", ["reset_after_commit", "no_answer_after_commit", "error_500", "html_200"])
async def test_an_upload_whose_end_is_unknown_is_sent_again_and_the_complaint_once(
    world: World, national: NationalSimulator, kind: str
) -> None:
    national.set_faults({"kind": kind, "on": "file", "at": [1]})
    world.add(foto="1.jpg", anonim=0)
    await world.sync(patience=10)
    assert calls(national) == ["file", "file", "create"]
    assert len(national.complaints()) == 1
    assert world.states() == {"accepted": 1}


async def test_a_file_that_lapor_refuses_is_left_out(world: World, national: NationalSimulator) -> None:
    national.set_faults({"kind": "unprocessable", "on": "file", "at": [1]})
    world.add(foto="1.jpg", anonim=0)
    await world.sync()
    assert left_out(world) == ["1: refused (HTTP 422)"]
    assert world.states() == {"accepted": 1}


async def test_a_credential_refused_at_the_upload_pauses_the_account_and_loses_nothing(
    world: World, national: NationalSimulator
) -> None:
    national.set_faults({"kind": "unauthorized", "on": "file", "at": [1]})
    world.add(foto="1.jpg", anonim=0)
    await world.sync(patience=1)
    assert world.states() == {"ready": 1}
    assert calls(national) == ["file"]
    await world.sync(patience=10)  # the look-up answers, so the account goes on by itself
    assert world.states() == {"accepted": 1}


async def test_a_hidden_reporters_photograph_goes_and_the_document_stays(
    world: World, national: NationalSimulator, photos: Photos
) -> None:
    photos.files["/foto/surat.pdf"] = letter()
    path = world.root / "connectors" / "uji" / "connector.toml"
    path.write_text(path.read_text().replace('"foto"', '"[foto, dua]"'))
    with world.rows() as table:
        table.execute("ALTER TABLE aduan ADD COLUMN dua TEXT")
    world.add(foto="1.jpg", dua="surat.pdf", anonim=1)
    await world.sync()
    assert left_out(world) == ["2: document_of_hidden_reporter"]
    assert [row[0] for row in world.query("SELECT state FROM attachments ORDER BY number")] == [
        "uploaded",
        "failed",
    ]
    assert world.states() == {"accepted": 1}


async def test_more_files_than_an_account_takes_are_left_out(
    tmp_path: Path, national: NationalSimulator, photos: Photos, database_url: str
) -> None:
    rules = f'attachments = {{ base = "{photos.server.url}/foto/" }}'
    world = world_of(tmp_path, national, database_url, rules, attachments={"max_files": 1})
    path = world.root / "connectors" / "uji" / "connector.toml"
    path.write_text(path.read_text().replace('"foto"', '"[foto, dua]"'))
    with world.rows() as table:
        table.execute("ALTER TABLE aduan ADD COLUMN dua TEXT")
    world.add(foto="1.jpg", dua="2.png", anonim=0)
    await world.sync()
    assert left_out(world) == ["2: too_many"]
    assert calls(national) == ["file", "create"]


async def test_a_folder_gives_its_files_and_nothing_outside_it(
    tmp_path: Path, national: NationalSimulator, database_url: str
) -> None:
    world = world_of(tmp_path, national, database_url, 'attachments = { folder = "foto" }')
    folder = tmp_path / "data" / "foto"
    folder.mkdir()
    (folder / "1.jpg").write_bytes(PHOTO)
    (folder / "keluar.jpg").symlink_to(tmp_path / "data" / "secret.key")
    world.add(foto="1.jpg", anonim=0)
    world.add(foto="../secret.key", anonim=0)
    world.add(foto="keluar.jpg", anonim=0)
    await world.sync()
    assert sorted(left_out(world)) == ["1: outside_the_folder"] * 2
    assert sorted(calls(national)) == ["create"] * 3 + ["file"]


async def test_the_channels_credential_goes_to_its_own_origin_alone(tmp_path: Path, photos: Photos) -> None:
    other = Photos()
    (tmp_path / "uji").mkdir()
    manifest = f"""
    [region]
    code = "35.99"
    name = "Kabupaten Uji"
    zone = "Asia/Jakarta"
    [channels.aplikasi]
    source = "rest"
    url = "{photos.server.url}/api"
    auth = {{ kind = "bearer", token = "secret:uji/token" }}
    [channels.aplikasi.attachments]
    [channels.aplikasi.fields]
    source_id = "id"
    body = "isi"
    """
    (tmp_path / "uji" / "connector.toml").write_text(manifest)
    channel = load_region(tmp_path / "uji").channels["aplikasi"]
    assert channel.attachments is not None
    async with AttachedFiles(
        channel, channel.attachments, secrets=lambda _: "t0k3n", data_dir=tmp_path
    ) as files:
        assert await files.read("/foto/1.jpg") == PHOTO
        assert await files.read(f"{other.server.url}/foto/1.jpg") == PHOTO
    other.server.close()
    assert photos.server.asked[0].headers["authorization"] == "Bearer t0k3n"
    assert "authorization" not in other.server.asked[0].headers


async def test_a_file_of_a_complaint_that_is_erased_while_it_is_fetched_leaves_nothing(
    world: World, photos: Photos
) -> None:
    world.add(foto="1.jpg", anonim=0)
    answer = photos.server.answer

    def erased_meanwhile(asked: Asked) -> Answered:
        with world.gateway() as gateway:
            erase_complaints(gateway, [1], by="Sri", reason="permintaan pelapor", withdraw=True)
        return answer(asked)

    photos.server.answer = erased_meanwhile
    await world.sync(patience=2)
    assert world.states() == {"withdrawn": 1}
    assert not list(world.settings.attachments_dir.rglob("*/*"))


async def test_erasing_a_complaint_takes_its_files_along(world: World) -> None:
    world.add(foto="1.jpg", anonim=0)
    await world.sync()
    store = world.settings.attachments_dir
    assert list(store.rglob("1"))
    with world.gateway() as gateway:
        erase_complaints(gateway, [1], by="Sri", reason="permintaan pelapor")
    assert not list(store.rglob("*/*"))
    (row,) = world.query("SELECT state, source, digest, blob FROM attachments")
    assert (row.state, bytes(row.source), row.digest, row.blob) == ("erased", b"", None, None)


async def test_files_of_an_erasure_that_was_cut_off_are_removed_by_the_housekeeping(world: World) -> None:
    world.add(foto="1.jpg", anonim=0)
    await world.sync()
    with world.gateway() as gateway:
        erase(gateway.book, [1], by="Sri", reason="permintaan pelapor")  # and no further
        assert list(world.settings.attachments_dir.rglob("1"))
        Housekeeping(gateway).run()
    assert not list(world.settings.attachments_dir.rglob("*/*"))


async def test_a_restored_book_without_its_files_fetches_them_anew(
    world: World, national: NationalSimulator
) -> None:
    national.set_faults({"kind": "too_many_requests_retry_after", "on": "file", "at": [1]})
    world.add(foto="1.jpg", anonim=0)
    await world.sync(patience=0.1)
    (store,) = world.settings.attachments_dir.glob("*")
    for file in store.iterdir():
        file.unlink()
    world.query("UPDATE attachments SET next_try_at = 0")
    world.query("UPDATE complaints SET next_attempt_at = 0")
    await world.sync(patience=10)
    assert world.states() == {"accepted": 1}
    assert left_out(world) == []


async def test_the_journey_tells_how_far_each_file_has_come(
    world: World,
) -> None:
    world.add(foto="1.jpg", anonim=0)
    await world.sync()
    with world.gateway() as gateway:
        (file,) = journey(gateway.book, 1).attachments
    assert (file.status, file.media_type) == ("uploaded", "image/jpeg")
    shown = lapor_gateway("--data", world.root, "complaints", "show", "1")
    assert "1.jpg  (uploaded to LAPOR!)" in shown.out
