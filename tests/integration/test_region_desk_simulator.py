"""The simulated message desk: signed webhooks, as careless as real ones, and a listing that has them all."""

import http.server
import json
import threading
from collections import Counter
from collections.abc import Iterator
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
