"""The ledger over HTTP: checkpoints for everybody, entries for unbound keys, proofs within a key's bounds."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lapor_gateway.book.access import create_key
from lapor_gateway.book.signing import is_signed
from lapor_gateway.domain.merkle import leaf_hash
from lapor_gateway.domain.notes import Note, parse_key, parse_note
from lapor_gateway.jobs.embedded_engine import EmbeddedEngine
from lapor_gateway.jobs.sealing import seal_ledger
from tests.integration.test_stand_alone_verifier import is_good
from tests.support.merkle import is_consistent
from tests.support.offices import Offices, message, open_offices
from tests.support.waiting import eventually


@pytest.fixture
async def offices(tmp_path: Path) -> AsyncIterator[Offices]:
    with open_offices(tmp_path) as world:
        for number in range(3):
            world.deliver("satu.pesan", message(f"S{number}"))
            world.deliver("dua.pesan", message(f"D{number}"))
            await seal_ledger(world.gateway)
        yield world


def bound(offices: Offices, **bounds: str) -> dict[str, str]:
    _, token = create_key(offices.gateway.book, "uji", ["read"], by="Uji", **bounds)
    return {"authorization": f"Bearer {token}"}


async def read(client: httpx.AsyncClient, path: str, **options: Any) -> Any:
    answer = await client.get(path, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def checkpoints(client: httpx.AsyncClient) -> tuple[list[Note], str]:
    found = await read(client, "/v1/ledger/checkpoints")
    notes = [parse_note(one["note"]) for one in found["items"]]
    return [note for note in notes if note is not None][::-1], found["key"]


async def test_checkpoints_are_published_signed_newest_first_and_in_pages(offices: Offices) -> None:
    async with offices.client() as client:
        notes, spelled = await checkpoints(client)
        key = parse_key(spelled)
        assert key is not None
        assert [note.checkpoint.number for note in notes] == [1, 2, 3]
        assert all(is_signed(note, key) for note in notes)
        page = await read(client, "/v1/ledger/checkpoints?limit=2")
        rest = await read(client, f"/v1/ledger/checkpoints?limit=2&cursor={page['next_cursor']}")
    assert [one["number"] for one in page["items"] + rest["items"]] == [3, 2, 1]
    assert rest["next_cursor"] is None


async def test_one_checkpoint_is_proven_to_continue_another(offices: Offices) -> None:
    async with offices.client() as client:
        notes, _ = await checkpoints(client)
        one, two = notes[0].checkpoint, notes[2].checkpoint
        proof = await read(client, f"/v1/ledger/consistency?old={one.size}&new={two.size}")
        path = [bytes.fromhex(step) for step in proof["path"]]
        assert is_consistent(one.size, one.root, two.size, two.root, path)
        wrong = await client.get(f"/v1/ledger/consistency?old={two.size}&new={two.size + 1}")
        assert wrong.status_code == 422
        assert "are sealed" in wrong.json()["detail"]


async def test_a_proof_is_read_over_http_and_verifies_without_the_gateway(offices: Offices) -> None:
    async with offices.client() as client:
        notes, key = await checkpoints(client)
        proof = await read(client, "/v1/complaints/2/proof")
        assert is_good(proof, key, {note.checkpoint.body for note in notes})
        offices.deliver("satu.pesan", message("S9"))
        early = await client.get("/v1/complaints/7/proof")
        assert early.status_code == 404
        assert "is sealed yet" in early.json()["detail"]


async def test_the_sealed_entries_can_be_followed_and_hash_to_the_leaves(offices: Offices) -> None:
    async with offices.client() as client:
        notes, _ = await checkpoints(client)
        entries: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = await read(client, f"/v1/ledger/entries?limit=5{cursor}")
            entries += page["items"]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
    assert [one["leaf"] for one in entries] == list(range(notes[-1].checkpoint.size))
    from lapor_gateway.domain.merkle import Frontier

    frontier = Frontier()
    frontier.add(leaf_hash(bytes.fromhex(one["hash"])) for one in entries)
    assert base64.b64encode(frontier.root()) == base64.b64encode(notes[-1].checkpoint.root)


async def test_a_key_of_one_region_proves_its_own_and_reads_no_others(offices: Offices) -> None:
    headers = bound(offices, region="satu")
    async with offices.client(headers=headers) as client:
        assert (await client.get("/v1/complaints/1/proof")).status_code == 200
        assert (await client.get("/v1/complaints/2/proof")).status_code == 404
        assert (await client.get("/v1/ledger/entries")).status_code == 403
        assert (await client.get("/v1/ledger/checkpoints")).status_code == 200


async def test_a_running_engine_seals_by_itself(offices: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    offices.deliver("satu.pesan", message("S8"))
    engine = EmbeddedEngine(offices.gateway, push_seconds=3600.0, patience=1.0)
    engine.start()
    try:
        log = offices.root / "witness.log"
        eventually(lambda: len(log.read_text("utf-8").splitlines()) > 3, what="a fourth checkpoint")
    finally:
        engine.stop()
