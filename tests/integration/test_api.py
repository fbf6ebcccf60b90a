"""The API over a real book: what it shows, to whom, and what it refuses; mostly without a network between."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.api.principal import binding_rule
from lapor_gateway.book.access import create_key
from lapor_gateway.errors import ConfigurationError
from tests.support.offices import Offices, message, open_offices

URN = "urn:lapor-gateway:problem:"
PROMISED = frozenset(
    {
        *("id", "reference", "region", "channel", "origin", "source_id", "state", "reason", "attempts"),
        *("next_attempt_at", "waiting_for", "tracking_id", "account", "linked_to", "kind", "title", "body"),
        *("visibility", "national_status", "regional_status", "received_at", "updated_at"),
    }
)


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Offices]:
    with open_offices(tmp_path) as world:
        world.deliver("satu.pesan", *[message(f"S{n}") for n in range(3)])
        world.deliver("dua.pesan", message("D1"), message("D2", private=True, title="Pungli di kantor"))
        yield world


def key(offices: Offices, *scopes: str, **bound: str) -> dict[str, str]:
    _, token = create_key(offices.gateway.book, "uji", list(scopes), by="Uji", **bound)
    return {"authorization": f"Bearer {token}"}


async def test_a_list_has_every_complaint_with_the_fields_of_the_contract(offices: Offices) -> None:
    async with offices.client() as client:
        answer = await client.get("/v1/complaints")
    assert answer.status_code == 200
    found = answer.json()["items"]
    assert [one["source_id"] for one in found] == ["D2", "D1", "S2", "S1", "S0"]
    assert set(found[0]) >= PROMISED
    assert found[1]["state"] == "held"
    assert found[1]["reason"] == "shadow"
    assert found[1]["origin"] == "dua/pesan"


async def test_pages_go_on_where_the_last_one_ended_though_new_complaints_come_in(offices: Offices) -> None:
    async with offices.client() as client:
        first = await client.get("/v1/complaints?limit=2&kind=pengaduan")
        offices.deliver("satu.pesan", message("S9"))
        link = first.headers["link"]
        assert link.endswith('; rel="next"')
        second = await client.get(link.partition(">")[0].removeprefix("<"))
        third = await client.get(f"/v1/complaints?limit=2&cursor={second.json()['next_cursor']}")
    ids = [one["source_id"] for page in (first, second, third) for one in page.json()["items"]]
    assert ids == ["D2", "D1", "S2", "S1", "S0"]
    assert third.json()["next_cursor"] is None
    assert "link" not in third.headers


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("region=dua", {"D1", "D2"}),
        ("channel=satu.pesan", {"S0", "S1", "S2"}),
        ("origin=dua/pesan", {"D1", "D2"}),
        ("source_id=S1", {"S1"}),
        ("state=held", {"S0", "S1", "S2", "D1", "D2"}),
        ("state=pending", set()),
        ("state=accepted", set()),
        ("waiting_for=operator", {"S0", "S1", "S2", "D1", "D2"}),
        ("waiting_for=national", set()),
        ("kind=aspirasi", set()),
        ("q=LAMPU", {"S0", "S1", "S2", "D1"}),
        ("q=100%25", set()),
        ("q=Pungli", set()),
        ("tracking_id=1234567", set()),
        ("national_status=done", set()),
        ("from=2026-08-21&to=2026-08-21", {"S0", "S1", "S2", "D1", "D2"}),
        ("to=2026-08-20", set()),
        ("from=2026-08-21T10:00:01+07:00", set()),
        ("from=2026-08-21T10:00:00%2B07:00", {"S0", "S1", "S2", "D1", "D2"}),
        ("updated_since=2026-01-01", {"S0", "S1", "S2", "D1", "D2"}),
        ("updated_since=2999-01-01", set()),
        ("region=satu&channel=dua.pesan", set()),
    ],
)
async def test_every_filter_of_the_contract_narrows_the_list(
    offices: Offices, query: str, expected: set[str]
) -> None:
    async with offices.client() as client:
        answer = await client.get(f"/v1/complaints?{query}")
    assert answer.status_code == 200, answer.text
    assert {one["source_id"] for one in answer.json()["items"]} == expected


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "state=lost",
        "kind=curhat",
        "waiting_for=godot",
        "limit=0",
        "limit=501",
        "limit=many",
        "cursor=nonsense",
        "cursor=MTAuMTA",
        "from=yesterday",
        "to=9999-12-31T00:00:00%2B99:00",
        "to=9999-12-31",
        "region=satu&region=dua",
        "q=%00",
        "region=",
    ],
)
async def test_an_unknown_filter_or_a_wrong_value_is_a_problem_that_names_it(
    offices: Offices, query: str
) -> None:
    async with offices.client() as client:
        answer = await client.get(f"/v1/complaints?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"{URN}configuration"
    assert problem["detail"]


async def test_a_complaint_is_found_by_id_and_by_its_reference_however_it_is_typed(offices: Offices) -> None:
    async with offices.client() as client:
        (one,) = (await client.get("/v1/complaints?source_id=S1")).json()["items"]
        typed = one["reference"].lower().replace("-", " ").replace("0", "o")
        for which in (one["id"], one["reference"], typed):
            assert (await client.get(f"/v1/complaints/{which}")).json() == one
        listed = await client.get("/v1/complaints", params={"reference": one["reference"].lower()})
        assert listed.json()["items"] == [one]


@pytest.mark.parametrize("which", ["0", "99999", "9" * 30, "LG-0000-0000-0000", "kosong", "%00", "²", "-1"])
async def test_what_is_not_there_is_not_found_and_never_a_fault(offices: Offices, which: str) -> None:
    async with offices.client() as client:
        for path in (f"/v1/complaints/{which}", f"/v1/complaints/{which}/journey"):
            answer = await client.get(path)
            assert answer.status_code in (404, 422)
            assert answer.json()["type"].startswith(URN)


async def test_a_journey_shows_everything_but_identities_and_secrets(offices: Offices) -> None:
    async with offices.client() as client:
        (one,) = (await client.get("/v1/complaints?source_id=S1")).json()["items"]
        (hidden,) = (await client.get("/v1/complaints?source_id=D2")).json()["items"]
        shown = await client.get(f"/v1/complaints/{one['id']}/journey")
        secret = await client.get(f"/v1/complaints/{hidden['id']}/journey")
    journey = shown.json()
    assert [entry["kind"] for entry in journey["entries"]] == ["received", "mapped"]
    assert journey["entries"][1]["to"] == "held"
    assert journey["versions"][0]["canonical"]["reporter"]["name"] == "Bu*** S*****"
    assert journey["attachments"] == [
        {
            "address": "https://desk.example/media/1.jpg",
            "name": None,
            "status": "listed",
            "reason": None,
            "media_type": None,
            "size": None,
        }
    ]
    assert journey["raw_records"][0]["content"] is None
    assert "release" in journey["possible"]
    for value in ("Budi", "Santoso", "081234567890", "3572010101900001", "token=abc"):
        assert value not in shown.text
    assert "Lampu jalan padam" in shown.text
    assert "Pungli" not in secret.text
    assert hidden["body"] == ""


async def test_an_identity_is_seen_only_with_its_own_scope_and_leaves_a_trace(offices: Offices) -> None:
    operator, trusted = key(offices, "read", "operate"), key(offices, "identity", "read")
    async with offices.client() as client:
        refused = await client.post("/v1/complaints/1/reveal", json={"reason": "uji"}, headers=operator)
        without = await client.post("/v1/complaints/1/reveal", json={}, headers=trusted)
        seen = await client.post(
            "/v1/complaints/1/reveal", json={"reason": "pelapor menelepon"}, headers=trusted
        )
        after = await client.get("/v1/complaints/1/journey", headers=trusted)
    assert refused.status_code == 403
    assert without.status_code == 422
    assert "Budi Santoso" in seen.text
    assert "Budi" not in after.text
    assert after.json()["entries"][-1]["kind"] == "identity_seen"


async def test_a_decision_is_carried_out_once_and_refused_where_the_state_does_not_allow_it(
    offices: Offices,
) -> None:
    async with offices.client() as client:
        released = await client.post("/v1/complaints/1/release")
        again = await client.post("/v1/complaints/1/release")
        held = await client.post("/v1/complaints/1/hold", json={"reason": "diperiksa dulu"})
        aside = await client.post("/v1/complaints/1/set-aside")
        included = await client.post("/v1/complaints/1/include", json={})
        numbered = await client.post("/v1/complaints/1/tracking-id", json={"number": "1234567"})
        undone = await client.post("/v1/complaints/1/undo", json={"reason": "salah nomor"})
        linked = await client.post("/v1/complaints/1/link", json={"other": "2"})
    assert released.json()["state"] == "ready"
    assert again.status_code == 409
    assert again.json()["type"] == f"{URN}not-allowed"
    assert "Possible" in again.json()["cure"]
    states = [answer.json()["state"] for answer in (held, aside, included, numbered, undone, linked)]
    assert states == ["held", "historical", "ready", "accepted", "held", "linked"]
    assert numbered.json()["tracking_id"] == "1234567"
    assert linked.json()["linked_to"] == 2


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("1/undo", {}, 422),
        ("1/adopt", {"number": "nol"}, 422),
        ("1/link", {}, 422),
        ("1/link", {"other": "999"}, 404),
        ("1/explode", {}, 422),
        ("1/release", {"colour": "red"}, 422),
        ("1/release", {"reason": "a\x00b"}, 422),
        ("1/release", {"reason": "x" * 3000}, 422),
        ("1/release", ["a"], 422),
        ("999/release", {}, 404),
    ],
)
async def test_a_wrong_decision_changes_nothing(offices: Offices, path: str, body: Any, status: int) -> None:
    async with offices.client() as client:
        answer = await client.post(f"/v1/complaints/{path}", json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert (await client.get("/v1/complaints/1")).json()["state"] == "held"


async def test_odd_bodies_are_problems_never_faults(offices: Offices) -> None:
    bodies = [b"{", b"[" * 100_000, b'{"reason": "\\ud800"}', b"\xff\xfe", b"null", b'{"reason": 1e400}']
    async with offices.client() as client:
        for body in bodies:
            answer = await client.post(
                "/v1/complaints/1/undo", content=body, headers={"content-type": "application/json"}
            )
            assert answer.status_code in (400, 422), body[:20]
            assert answer.headers["content-type"] == "application/problem+json"


async def test_without_any_key_only_this_machine_may_ask(offices: Offices) -> None:
    async with offices.client(peer="192.0.2.7") as elsewhere:
        assert (await elsewhere.get("/v1/complaints")).status_code == 401
        assert (await elsewhere.get("/metrics")).status_code == 401
        assert (await elsewhere.get("/healthz")).status_code == 200
    async with offices.client() as proxied:
        headers = {"x-forwarded-for": "192.0.2.7"}
        assert (await proxied.get("/v1/complaints", headers=headers)).status_code == 401
    assert not binding_rule(offices.gateway.book, "127.0.0.1").asks_for_keys
    with pytest.raises(ConfigurationError, match="Without any API key"):
        binding_rule(offices.gateway.book, "0.0.0.0")
    key(offices, "read")
    assert binding_rule(offices.gateway.book, "0.0.0.0").asks_for_keys


async def test_another_sites_page_cannot_use_the_rights_of_this_machine(offices: Offices) -> None:
    async with offices.client() as client:
        rebound = await client.get("/v1/complaints", headers={"host": "evil.example:8080"})
        forged = await client.post("/v1/push/stop", headers={"origin": "https://evil.example"})
        other_port = await client.post("/v1/push/stop", headers={"origin": "http://127.0.0.1:9999"})
        opaque = await client.post("/v1/push/stop", headers={"origin": "null"})
        own = await client.post("/v1/push/start", headers={"origin": "http://127.0.0.1:8080"})
    assert [answer.status_code for answer in (rebound, forged, other_port, opaque, own)] == [
        403,
        403,
        403,
        403,
        200,
    ]


async def test_the_first_key_ends_the_rights_of_this_machine(offices: Offices) -> None:
    async with offices.client() as client:
        made = await client.post("/v1/keys", json={"label": "kepala", "scopes": ["admin", "read"]})
        assert made.status_code == 201
        headers = {"authorization": f"Bearer {made.json()['token']}"}
        assert (await client.get("/v1/complaints")).status_code == 401
        assert (await client.get("/v1/complaints", headers=headers)).status_code == 200
        wrong = await client.get("/v1/complaints", headers={"authorization": "Bearer lgk_ab_cd"})
        assert wrong.status_code == 401
        assert wrong.headers["www-authenticate"] == "Bearer"
        revoked = await client.post(f"/v1/keys/{made.json()['id']}/revoke", headers=headers)
        assert revoked.json()["items"][0]["revoked_at"]
        assert (await client.get("/v1/complaints", headers=headers)).status_code == 401


async def test_a_write_asked_again_under_its_key_is_answered_and_not_done_again(offices: Offices) -> None:
    async with offices.client(headers={"idempotency-key": "sekali"}) as client:
        first = await client.post("/v1/complaints/1/withdraw", json={"reason": "salah kirim"})
        again = await client.post("/v1/complaints/1/withdraw", json={"reason": "salah kirim"})
        other = await client.post("/v1/complaints/1/withdraw", json={"reason": "lain"})
    assert first.status_code == 200
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert other.status_code == 422
    async with offices.client() as client:
        entries = (await client.get("/v1/complaints/1/journey")).json()["entries"]
    assert [entry["kind"] for entry in entries].count("withdraw") == 1


async def test_a_browser_may_show_the_key_as_its_password_but_only_to_read(offices: Offices) -> None:
    token = key(offices, "read", "operate")["authorization"].removeprefix("Bearer ")
    async with offices.client() as client:
        asked = await client.get("/")
        assert (asked.status_code, asked.headers["www-authenticate"][:5]) == (401, "Basic")
        assert (await client.get("/", auth=("petugas", token))).status_code == 200
        assert (await client.get("/", auth=("petugas", "salah"))).status_code == 401
        assert (await client.post("/v1/push/stop", auth=("petugas", token))).status_code == 401


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("read", {"GET /v1/complaints"}),
        ("operate", {"GET /v1/complaints", "POST /v1/complaints/1/release", "POST /v1/push/stop"}),
        ("admin", {"GET /v1/complaints", "GET /v1/keys"}),
        ("audit", set()),
        ("send", set()),
        ("identity", set()),
    ],
)
async def test_a_key_may_do_what_its_scope_says_and_nothing_else(
    offices: Offices, scope: str, allowed: set[str]
) -> None:
    calls = {"GET /v1/complaints", "POST /v1/complaints/1/release", "POST /v1/push/stop", "GET /v1/keys"}
    headers = key(offices, scope)
    async with offices.client() as client:
        answers = {call: await client.request(*call.split(), headers=headers) for call in calls}
    assert {call for call, answer in answers.items() if answer.is_success} == allowed
    assert all(answer.status_code == 403 for call, answer in answers.items() if call not in allowed)


@pytest.mark.parametrize("bound", [{"region": "satu"}, {"channel": "satu.pesan"}])
async def test_a_bound_key_sees_and_decides_only_its_own(offices: Offices, bound: dict[str, str]) -> None:
    headers = key(offices, "read", "operate", "admin", **bound)
    async with offices.client(headers=headers) as client:
        own = (await client.get("/v1/complaints")).json()["items"]
        assert {one["region"] for one in own} == {"satu"}
        assert (await client.get("/v1/complaints?region=dua")).json()["items"] == []
        for method, path in [
            ("GET", "/v1/complaints/4"),
            ("GET", "/v1/complaints/4/journey"),
            ("POST", "/v1/complaints/4/release"),
            ("GET", "/v1/channels/dua.pesan"),
            ("POST", "/v1/channels/dua.pesan/pause"),
            ("GET", "/v1/regions/dua"),
        ]:
            assert (await client.request(method, path)).status_code == 404, path
        assert (await client.post("/v1/complaints/1/link", json={"other": "4"})).status_code == 404
        assert (await client.post("/v1/push/stop")).status_code == 403
        assert (await client.get("/v1/keys")).status_code == 403
        assert {one["id"] for one in (await client.get("/v1/regions")).json()["items"]} == {"satu"}
        changes = (await client.get("/v1/changes")).json()["items"]
        assert {one["region"] for one in changes if one["region"]} == {"satu"}
        assert "dua" not in str(changes)
        assert "dua.pesan" not in (await client.get("/")).text


async def test_channels_show_where_they_stand_and_follow_an_operator(offices: Offices) -> None:
    async with offices.client() as client:
        channels = (await client.get("/v1/channels")).json()["items"]
        assert [one["id"] for one in channels] == ["dua.pesan", "satu.pesan", "satu.tabel"]
        satu = channels[1]["status"]
        assert (satu["mode"], satu["seen"], satu["by_state"]["held"]) == ("shadow", 3, 3)
        assert [one["id"] for one in (await client.get("/v1/channels?region=dua")).json()["items"]] == [
            "dua.pesan"
        ]
        paused = await client.post("/v1/channels/satu.pesan/pause", json={"reason": "serah terima"})
        assert paused.json()["status"]["paused"] == "serah terima"
        resumed = await client.post("/v1/channels/satu.pesan/resume")
        assert resumed.json()["status"]["paused"] is None
        nobody = await client.post("/v1/channels/satu.pesan/go-live", json={})
        assert nobody.status_code == 422
        live = await client.post("/v1/channels/satu.pesan/go-live", json={"by": "Ibu Uji", "canary": 2})
        oldest = live.json().pop("oldest_released")
        assert datetime.fromisoformat(oldest) < datetime.now(UTC)
        assert {"released": 2, "set_aside": 0, "waiting": 1}.items() <= live.json().items()
        older = await client.post(
            "/v1/channels/dua.pesan/go-live", json={"by": "Ibu Uji", "from": "2026-08-22"}
        )
        assert older.json() == {"released": 0, "set_aside": 2, "waiting": 0, "oldest_released": None}
        assert "satu/tabel" not in (await client.post("/v1/channels/satu.tabel/test")).text
        assert (await client.post("/v1/channels/satu.tabel/sync")).status_code == 503


async def test_findings_are_listed_and_accepted_with_a_reason(offices: Offices) -> None:
    body = b'{"id": "S5"}'
    async with offices.client() as client:
        for text in (body, b'{"id": "S6"}'):
            answer = await client.post(
                "/hooks/satu.pesan", content=text, headers=offices.signed(text, "msg_same")
            )
        assert answer.status_code == 409
        conflicts = "/v1/findings?kind=delivery_conflict"
        (finding,) = (await client.get(conflicts)).json()["items"]
        assert (await client.post(f"/v1/findings/{finding['id']}/accept", json={})).status_code == 422
        accepted = await client.post(f"/v1/findings/{finding['id']}/accept", json={"reason": "diketahui"})
        assert accepted.json()["state"] == "accepted"
        assert (await client.get(conflicts)).json()["items"] == []
        assert len((await client.get(f"{conflicts}&state=all&channel=satu.pesan")).json()["items"]) == 1
        assert (await client.post("/v1/findings/77/accept", json={"reason": "x"})).status_code == 404


async def test_a_webhook_is_answered_by_what_became_of_it(offices: Offices) -> None:
    body = b'{"id": "W1", "title": "Banjir", "text": "Banjir di pasar."}'
    headers = offices.signed(body)
    async with offices.client(peer="192.0.2.7") as client:
        taken = await client.post("/hooks/satu.pesan", content=body, headers=headers)
        again = await client.post("/hooks/satu.pesan", content=body, headers=headers)
        forged = await client.post("/hooks/satu.pesan", content=b"{}", headers=headers)
        no_hook = await client.post("/hooks/satu.tabel", content=body, headers=headers)
        nowhere = await client.post("/hooks/tiga.pesan", content=body, headers=headers)
    statuses = [answer.status_code for answer in (taken, again, forged, no_hook, nowhere)]
    assert statuses == [202, 200, 401, 404, 404]
    assert forged.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_beyond_the_limit_is_refused_before_it_is_read(
    offices: Offices, announced: bool
) -> None:
    read = 0

    async def pieces() -> Any:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"x" * 100_000

    headers = {"content-length": "10000000"} if announced else {}
    async with offices.client() as client:
        answer = await client.post("/hooks/satu.pesan", content=pieces(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["type"] == f"{URN}too-large"
    assert read <= 11


async def test_metrics_count_from_the_book_and_name_nobody(offices: Offices) -> None:
    async with offices.client() as client:
        text = (await client.get("/metrics")).text
    assert 'lapor_gateway_complaints{channel="satu.pesan",state="held"} 3.0' in text
    assert 'lapor_gateway_webhooks_total{channel="dua.pesan",result="taken"} 2.0' in text
    assert 'lapor_gateway_balance{channel="satu.pesan",verdict="unproven"} 1.0' in text
    assert "lapor_gateway_push_on 1.0" in text
    assert "Budi" not in text


async def test_health_says_alive_and_ready(offices: Offices) -> None:
    async with offices.client() as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        ready = await client.get("/readyz")
    assert ready.json() == {"ready": True, "database": True, "migrations": True, "worker": None}


@pytest.mark.parametrize(("lang", "word"), [("id", "Keadaan gerbang"), ("en", "State of the")])
async def test_the_pages_are_plain_html_in_two_languages_without_anything_from_elsewhere(
    offices: Offices, lang: str, word: str
) -> None:
    async with offices.client() as client:
        page = await client.get(f"/?lang={lang}")
        documentation = await client.get(f"/docs?lang={lang}")
        look = await client.get("/static/gateway.css")
    assert word in page.text
    assert f'<html lang="{lang}">' in page.text
    assert 'href="v1/complaints?channel=satu.pesan&amp;state=held"' in page.text
    assert "/v1/complaints/{complaint}/{decision}" in documentation.text
    assert look.headers["content-type"].startswith("text/css")
    for answer in (page, documentation):
        assert "<script" not in answer.text
        assert "//cdn" not in answer.text
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


async def test_an_address_that_is_not_there_and_a_fault_of_ours_are_problems_too(
    offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("Budi Santoso 3572010101900001")

    monkeypatch.setattr("lapor_gateway.api.complaints.list_complaints", broken)
    async with offices.client() as client:
        missing = await client.get("/v2/nothing")
        wrong_method = await client.delete("/v1/complaints")
        fault = await client.get("/v1/complaints")
    assert missing.json()["type"] == f"{URN}not-found"
    assert wrong_method.status_code == 405
    assert (fault.status_code, fault.json()["type"]) == (500, f"{URN}internal")
    assert "Budi" not in fault.text


async def test_a_complaint_is_shown_as_it_was_known_at_a_time_that_has_been(offices: Offices) -> None:
    async with offices.client() as client:
        now = (await client.get("/v1/complaints?source_id=D1")).json()["items"][0]
        at = now["updated_at"][:-1] + "999Z"
        then = (await client.get(f"/v1/complaints/{now['id']}", params={"at": at})).json()
        early = await client.get(f"/v1/complaints/{now['id']}?at=2020-01-01")
        wrong = await client.get(f"/v1/complaints/{now['id']}?at=kemarin")
        future = await client.get(f"/v1/complaints/{now['id']}?at=2999-01-01")
    assert {name: then[name] for name in PROMISED} == {name: now[name] for name in PROMISED}
    assert (then["version"], then["entries"]) == (1, 2)
    assert [one.status_code for one in (early, wrong, future)] == [404, 422, 422]


async def test_a_key_of_one_region_looks_back_at_no_other(offices: Offices) -> None:
    async with offices.client() as client:
        theirs = (await client.get("/v1/complaints?region=dua")).json()["items"][0]["id"]
        bound = key(offices, "read", region="satu")
        answer = await client.get(f"/v1/complaints/{theirs}?at=2026-01-01", headers=bound)
    assert answer.status_code == 404
