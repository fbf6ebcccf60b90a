"""The simulated message desk: signed webhooks, as careless as real ones, and a listing that has them all."""

import http.server
import json
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from tests.support.region import RegionSimulator, region_folder
from tests.support.waiting import eventually

NOW = ("--now", "2026-03-02T09:00:00+07:00")


class Hook:
    """A receiver of webhooks that keeps what came; `messages` are (webhook-id, body)."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.status = 202
        kept = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                kept.received.append((dict(self.headers.items()), body))
                self.send_response(kept.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/kota-blitar.pesan"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def hook() -> Iterator[Hook]:
    receiver = Hook()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RegionSimulator]:
    with RegionSimulator(region_folder("kota-blitar"), tmp_path, *NOW, complaints=150) as simulator:
        yield simulator


def messages(simulator: RegionSimulator) -> dict[str, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {simulator.ready['secrets']['kota-blitar/token']}"}
    found: dict[str, dict[str, Any]] = {}
    while True:
        page = httpx.get(
            f"{simulator.url}/api/messages",
            params={"offset": len(found), "limit": 100},
            headers=headers,
            trust_env=False,
        ).json()
        if not page["messages"]:
            return found
        found |= {message["id"]: message for message in page["messages"]}


def send_all(desk: RegionSimulator, hook: Hook) -> None:
    desk.send_hooks(hook.url, desk.ready["secrets"]["kota-blitar/webhook"])
    eventually(lambda: desk.state()["hooks"]["done"], what="all webhooks sent")


def test_webhooks_are_signed_careless_and_of_the_same_json_as_the_listing(
    desk: RegionSimulator, hook: Hook
) -> None:
    send_all(desk, hook)
    truth, listed = desk.state(), messages(desk)
    verifier = Webhook(desk.ready["secrets"]["kota-blitar/webhook"])
    sent = [verifier.verify(body.decode(), headers) for headers, body in hook.received]
    assert all(message == listed[message["id"]] for message in sent)
    times = Counter(message["id"] for message in sent)
    assert {id_ for id_, many in times.items() if many == 2} == set(truth["sending"]["repeated"])
    silent = set(listed) - set(times)
    assert silent == {*truth["sending"]["never_sent"], *truth["traits"]["older"]}
    assert truth["sending"]["never_sent"]
    order = [message["received_at"] for message in sent]
    assert order != sorted(order)


def test_an_edit_is_sent_and_its_old_text_comes_late(desk: RegionSimulator, hook: Hook) -> None:
    send_all(desk, hook)
    before = messages(desk)
    hook.received.clear()
    desk.advance()
    eventually(lambda: desk.state()["hooks"]["done"], what="the pass's webhooks sent")
    late = desk.state()["sending"]["late"]
    bodies = [json.loads(body) for _, body in hook.received]
    assert late
    for id_ in late:
        versions = [body for body in bodies if body["id"] == id_]
        assert versions[-1] == before[id_] or id_ in desk.state()["sending"]["never_sent"]


def test_a_refused_webhook_is_never_sent_again_not_even_after_a_restart(tmp_path: Path, hook: Hook) -> None:
    hook.status = 500
    folder = region_folder("kota-blitar")
    with RegionSimulator(folder, tmp_path, *NOW, complaints=40) as simulator:
        send_all(simulator, hook)
        planned = simulator.state()["hooks"]["planned"]
    assert len(hook.received) == planned
    with RegionSimulator(folder, tmp_path, *NOW, complaints=40) as simulator:
        send_all(simulator, hook)
    assert len(hook.received) == planned


def test_with_wait_for_hook_the_desk_waits_for_a_receiver_that_starts_later(tmp_path: Path) -> None:
    receiver = Hook()
    port = receiver.server.server_port
    receiver.server.shutdown()
    receiver.server.server_close()
    options = (*NOW, "--wait-for-hook", "--hook-url", receiver.url)
    with RegionSimulator(region_folder("kota-blitar"), tmp_path, *options, complaints=30) as simulator:
        assert simulator.state()["hooks"]["sent"] == 0
        late = http.server.ThreadingHTTPServer(("127.0.0.1", port), receiver.server.RequestHandlerClass)
        threading.Thread(target=late.serve_forever, daemon=True).start()
        eventually(lambda: simulator.state()["hooks"]["done"], what="all webhooks sent")
        assert len(receiver.received) == simulator.state()["hooks"]["planned"]
        late.shutdown()
        late.server_close()


def test_the_listing_needs_its_token(desk: RegionSimulator) -> None:
    assert httpx.get(f"{desk.url}/api/messages", trust_env=False).status_code == 401


# What comes back from LAPOR!


def tell(
    desk: RegionSimulator,
    webhook_id: str,
    data: dict[str, Any],
    at: str = "2026-03-02T10:00:00Z",
    **event: Any,
) -> httpx.Response:
    """Send the desk a message signed as Standard Webhooks says, by the library that others use."""
    body = json.dumps({"type": "complaint.changed", "timestamp": at, "data": data} | event)
    now = datetime.now(UTC)
    signed = Webhook(desk.ready["settings"]["inbox_secret"]).sign(webhook_id, now, body)
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signed,
        "content-type": "application/json",
    }
    return httpx.post(f"{desk.url}/hooks/lapor", content=body, headers=headers, trust_env=False)


def message_of(desk: RegionSimulator, id_: str) -> dict[str, Any]:
    token = {"Authorization": f"Bearer {desk.ready['settings']['token']}"}
    found: dict[str, Any] = httpx.get(f"{desk.url}/api/messages/{id_}", headers=token, trust_env=False).json()
    return found


def test_a_signed_message_is_taken_once_however_often_it_comes(desk: RegionSimulator) -> None:
    id_ = desk.state()["ids"][-1]
    said = {
        "id": id_,
        "lapor_id": 4200001,
        "follow_up": {"id": "f1", "text": "Sedang dicek", "author": "Dinas"},
    }
    assert [tell(desk, "m1", said).status_code for _ in range(3)] == [202, 200, 200]
    assert tell(desk, "m2", said).status_code == 202  # the same follow-up in a message of its own
    row = message_of(desk, id_)
    assert (row["lapor_id"], [told["answer"] for told in row["tanggapan"]]) == ("4200001", ["Sedang dicek"])


def test_a_status_that_comes_late_does_not_undo_the_newer_one(desk: RegionSimulator) -> None:
    id_ = desk.state()["ids"][-1]
    tell(desk, "m1", {"id": id_, "national_status": "Selesai"}, at="2026-03-02T12:00:00Z")
    tell(desk, "m2", {"id": id_, "national_status": "Dalam Proses"}, at="2026-03-02T11:00:00Z")
    assert message_of(desk, id_)["lapor_status"] == "Selesai"


def test_a_message_that_is_not_signed_rightly_changes_nothing(desk: RegionSimulator) -> None:
    id_ = desk.state()["ids"][-1]
    body = json.dumps({"type": "x", "timestamp": "2026-03-02T12:00:00Z", "data": {"id": id_, "lapor_id": 1}})
    headers = {"webhook-id": "m1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
    for given in ({}, headers, headers | {"webhook-timestamp": str(int(datetime.now(UTC).timestamp()))}):
        answer = httpx.post(f"{desk.url}/hooks/lapor", content=body, headers=given, trust_env=False)
        assert answer.status_code == 401
    assert message_of(desk, id_)["lapor_id"] is None


def test_a_complaint_from_lapor_gets_an_id_of_the_desks_own_and_goes_out_as_any_other(
    desk: RegionSimulator, hook: Hook
) -> None:
    desk.send_hooks(hook.url, desk.ready["settings"]["hook_secret"])
    eventually(lambda: desk.state()["hooks"]["done"])
    before = len(hook.received)
    taken = tell(desk, "m1", {"lapor_id": "4200009", "subject": "Lampu", "text": "Lampu mati"})
    assert taken.status_code == 202
    id_ = taken.json()["id"]
    assert message_of(desk, id_)["lapor_id"] == "4200009"
    eventually(lambda: len(hook.received) > before)
    assert json.loads(hook.received[-1][1])["id"] == id_
