"""The simulated national endpoint does what it says, above all when it fails."""

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.national import AUTH, HEADERS, TOKEN, NationalSimulator
from tests.support.waiting import eventually

REFERENCE = "LG-7Q2M-0K3X-9ABC"
COMPLAINT = {"title": "Jalan rusak", "content": f"{REFERENCE}\nJalan di depan pasar berlubang."}


@pytest.fixture
def national(tmp_path: Path) -> Iterator[NationalSimulator]:
    with NationalSimulator(tmp_path / "national", plain=True) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NationalSimulator]:
    """One process for the many cases that only look at what their own request added."""
    with NationalSimulator(tmp_path_factory.mktemp("national"), plain=True) as simulator:
        yield simulator


@pytest.fixture
def client(national: NationalSimulator) -> Iterator[httpx.Client]:
    with api(national) as opened:
        yield opened


def api(
    national: NationalSimulator, headers: dict[str, str] | None = None, timeout: float = 10
) -> httpx.Client:
    return httpx.Client(base_url=national.url, headers=headers or HEADERS, trust_env=False, timeout=timeout)


def send(client: httpx.Client, **fields: object) -> httpx.Response:
    return client.post("/complaints/complaint", json=COMPLAINT | fields)


def listed(client: httpx.Client, **parameters: str | int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get("/complaints", params=parameters).json()["results"]["data"]
    return rows


# What is kept


def test_a_complaint_is_committed_logged_and_found_by_its_reference(
    national: NationalSimulator, client: httpx.Client
) -> None:
    number = send(client).json()["complaint_id"]
    assert 1_000_000 <= number <= 9_999_999
    [kept] = national.complaints()
    assert (kept["id"], kept["reference"], kept["content"]) == (number, REFERENCE, COMPLAINT["content"])
    assert kept["body"] == COMPLAINT
    assert [row["complaint_id"] for row in listed(client, search=REFERENCE[3:].lower())] == [number]
    assert listed(client, search="LG-0000") == []
    created, searched, _ = national.requests()
    assert (created["call"], created["committed"], created["id"], created["status"]) == (
        "create",
        True,
        number,
        200,
    )
    assert created["reference"] == REFERENCE
    assert searched["path"] == f"/complaints?search={REFERENCE[3:].lower()}"


def test_what_was_answered_survives_a_kill_and_numbers_never_come_twice(national: NationalSimulator) -> None:
    with api(national) as client:
        first = send(client).json()["complaint_id"]
        national.change(first, status_name="Dalam Proses", follow_up="Sedang dicek.")
    national.kill()
    national.start()
    with api(national) as client:
        second = send(client).json()["complaint_id"]
        assert second > first
        assert {row["complaint_id"]: row["status_name"] for row in listed(client)} == {
            first: "Dalam Proses",
            second: "Belum Terverifikasi",
        }
        followups = client.get(f"/complaints/{first}/followups").json()["results"]["data"]
        assert [log["content"] for log in followups] == ["Sedang dicek."]
    assert [entry["id"] for entry in national.requests("create")] == [first, second]


def test_memory_mode_keeps_the_log_but_no_store(tmp_path: Path) -> None:
    with NationalSimulator(tmp_path, "--memory") as national, api(national) as client:
        send(client)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["requests.jsonl"]


def test_a_preloaded_complaint_is_listed_with_its_own_time_and_only_once(national: NationalSimulator) -> None:
    typed = {"id": 1234567, "title": "Lampu mati", "content": "Padam", "created_at": "21-08-2019 07:30:00"}
    national.preload(typed)
    national.preload(typed)
    with api(national) as client:
        assert listed(client) == [
            {
                "complaint_id": 1234567,
                "title": "Lampu mati",
                "content": "Padam",
                "status_name": "Belum Terverifikasi",
                "created_at": "21-08-2019 07:30:00",
            }
        ]
        national.remove(1234567)
        assert listed(client) == []
        assert client.get("/complaints/1234567/complaint").status_code == 404


# Accounts


def test_each_account_sees_only_what_it_sent(tmp_path: Path) -> None:
    options = ("--account", f"a={AUTH}:{TOKEN}", "--account", "b=rahasia:{B}")
    other = {"auth": "rahasia", "token": "{B}"}
    with NationalSimulator(tmp_path, *options) as national, api(national) as a, api(national, other) as b:
        of_a, of_b = send(a).json()["complaint_id"], send(b).json()["complaint_id"]
        assert [row["complaint_id"] for row in listed(a)] == [of_a]
        assert [row["complaint_id"] for row in listed(b)] == [of_b]
        assert b.get(f"/complaints/{of_a}/complaint").status_code == 404
        assert {kept["account"] for kept in national.complaints()} == {"a", "b"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {AUTH}"},
        {"token": TOKEN},
        {"Authorization": f"Bearer {AUTH}", "token": "{WRONG}"},
        {"Authorization": f"Bearer Bearer {AUTH}", "token": TOKEN},
    ],
)
def test_a_missing_or_wrong_credential_is_answered_401_and_commits_nothing(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    with NationalSimulator(tmp_path, "--account", f"{AUTH}:{TOKEN}") as national:
        answer = httpx.post(
            f"{national.url}/complaints/complaint", json=COMPLAINT, headers=headers, trust_env=False
        )
        assert answer.status_code == 401
        assert set(answer.json()) == {"message"}
        assert national.counts() == {"complaints": 0, "posts": 1, "requests": 1}
    assert AUTH not in (tmp_path / "requests.jsonl").read_text()


# What is refused


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": None}, "title"),
        ({"title": "  "}, "title"),
        ({"content": ""}, "content"),
        ({"content": "x" * 50_001}, "content"),
        ({"channel": "1"}, "channel"),
        ({"is_secret": 1}, "is_secret"),
        ({"attachments": [4199656]}, "attachments"),
    ],
)
def test_a_body_it_will_never_take_is_refused_in_laravels_form(
    shared: NationalSimulator, fields: dict[str, object], field: str
) -> None:
    before = shared.counts()["complaints"]
    shared.set_faults()
    with api(shared) as client:
        answer = send(client, **fields)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert shared.counts()["complaints"] == before


def test_other_refusals_have_their_own_status(tmp_path: Path) -> None:
    with NationalSimulator(tmp_path, "--body-limit", 1000) as national, api(national) as client:
        path = "/complaints/complaint"
        json_type = {"Content-Type": "application/json"}
        assert client.post(path, content=b"{", headers=json_type).status_code == 400
        assert client.post(path, content=b"<a/>", headers={"Content-Type": "text/xml"}).status_code == 415
        assert send(client, content="x" * 2000).status_code == 413
        assert client.get(path).status_code == 405
        assert client.get("/pengaduan").status_code == 404
        assert national.complaints() == []


# Faults of the create call: (kind, committed, what the client sees)


def seen(client: httpx.Client) -> str:
    """What a client can tell of an answer, in a word."""
    try:
        answer = send(client)
    except httpx.ReadTimeout:
        return "timeout"
    except httpx.RemoteProtocolError:
        return "cut"
    except httpx.ReadError:
        return "reset"
    if answer.status_code != 200:
        return str(answer.status_code)
    if "html" in answer.headers["content-type"]:
        return "html"
    try:
        return ",".join(answer.json())
    except json.JSONDecodeError:
        return "no json"


@pytest.mark.parametrize(
    ("kind", "committed", "sees"),
    [
        *((f"error_{status}", False, str(status)) for status in (500, 502, 503, 504)),
        *((f"error_{status}_after_commit", True, str(status)) for status in (500, 502, 503, 504)),
        ("bad_request", False, "400"),
        ("unauthorized", False, "401"),
        ("forbidden", False, "403"),
        ("not_found", False, "404"),
        ("method_not_allowed", False, "405"),
        ("too_large", False, "413"),
        ("unsupported_media_type", False, "415"),
        ("unprocessable", False, "422"),
        ("too_many_requests", False, "429"),
        ("reset_before_commit", False, "reset"),
        ("reset_after_commit", True, "reset"),
        ("no_answer", False, "timeout"),
        ("no_answer_after_commit", True, "timeout"),
        ("html_200", False, "html"),
        ("login_page", False, "html"),
        ("html_200_after_commit", True, "html"),
        ("cut_body", True, "cut"),
        ("cut_body_before_commit", False, "cut"),
        ("malformed_json", True, "no json"),
        ("empty_body", True, "no json"),
        ("without_id", True, "message,status"),
        ("message_only", True, "message"),
        ("message_only_before_commit", False, "message"),
        ("nested_data_id", True, "message,data"),
        ("nested_results_id", True, "data"),
        ("slow", True, "complaint_id,message"),
    ],
)
def test_a_fault_commits_and_answers_as_its_name_says(
    shared: NationalSimulator, kind: str, committed: bool, sees: str
) -> None:
    before = shared.counts()["complaints"]
    shared.set_faults({"kind": kind, "at": [1]} | ({"delay": 0.05} if kind == "slow" else {}))
    with api(shared, timeout=0.3) as client:
        assert seen(client) == sees
        assert shared.counts()["complaints"] - before == committed
        entry = shared.requests("create")[-1]
        assert (entry["fault"], entry["committed"]) == (kind, committed)
        assert seen(client) == "complaint_id,message"


def test_every_kind_of_fault_is_tried_here() -> None:
    from lapor_gateway.simulators.national.faults import KINDS, LIST_KINDS

    here = Path(__file__).read_text("utf-8")
    status_kinds = {kind for kind in KINDS if kind.startswith("error_")}
    assert [kind for kind in KINDS.keys() - LIST_KINDS.keys() - status_kinds if f'"{kind}"' not in here] == []


def test_a_late_commit_lands_only_after_the_client_has_hung_up(national: NationalSimulator) -> None:
    national.set_faults({"kind": "late_commit", "at": [1], "delay": 0.1})
    with api(national, timeout=0.3) as client:
        assert seen(client) == "timeout"
    eventually(lambda: len(national.complaints()) == 1)
    asked, landed = national.requests()
    assert (asked["event"], asked["committed"]) == ("request", False)
    assert (landed["event"], landed["committed"], landed["n"]) == ("late_commit", True, asked["n"])
    assert landed["id"] == national.complaints()[0]["id"]


def test_the_awkward_defaults_stay_when_a_script_is_loaded(tmp_path: Path) -> None:
    options = ("--late-commit-share", 1, "--late-commit-delay", 0)
    with NationalSimulator(tmp_path, *options) as national, api(national, timeout=0.3) as client:
        national.set_faults({"kind": "error_500", "at": [1]})
        assert [seen(client), seen(client)] == ["500", "timeout"]
        eventually(lambda: len(national.complaints()) == 1)


def test_retry_after_is_sent_where_the_kind_has_it(national: NationalSimulator, client: httpx.Client) -> None:
    national.set_faults(
        {"kind": "too_many_requests", "at": [1]},
        {"kind": "too_many_requests_retry_after", "at": [2], "retry_after": 7},
    )
    assert "Retry-After" not in send(client).headers
    assert send(client).headers["Retry-After"] == "7"


def test_a_refused_connection_comes_back_by_itself(national: NationalSimulator, client: httpx.Client) -> None:
    national.set_faults({"kind": "refuse", "at": [1], "seconds": 0.5})
    assert seen(client) == "reset"
    with pytest.raises(httpx.ConnectError):
        send(client)

    def reachable() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", httpx.URL(national.url).port)) == 0

    eventually(reachable)
    assert seen(client) == "complaint_id,message"


# Which requests a fault meets


def fates(client: httpx.Client, posts: int) -> list[int]:
    return [send(client).status_code for _ in range(posts)]


def test_a_range_of_positions_is_an_outage_of_every_call(
    national: NationalSimulator, client: httpx.Client
) -> None:
    national.set_faults({"kind": "error_503", "on": "any", "from": 2, "to": 4})
    assert fates(client, 1) == [200]
    assert client.get("/masters/categories").status_code == 503
    assert client.get("/complaints").status_code == 503
    assert fates(client, 2) == [503, 200]


def test_a_fault_by_time_ends_by_itself(national: NationalSimulator, client: httpx.Client) -> None:
    national.set_faults({"kind": "error_500", "until": 0.5}, {"kind": "error_502", "after": 3600})
    assert fates(client, 1) == [500]
    eventually(lambda: fates(client, 1) == [200])


def test_the_same_seed_gives_the_same_faults_and_shares_add_up(
    national: NationalSimulator, client: httpx.Client
) -> None:
    script = [{"kind": "error_500", "share": 0.2}, {"kind": "too_many_requests", "share": 0.2}]
    runs = []
    for seed in (7, 7, 8):
        national.set_faults(*script, seed=seed)
        runs.append(fates(client, 200))
    assert runs[0] == runs[1] != runs[2]
    assert 20 <= runs[0].count(500) <= 60
    assert 20 <= runs[0].count(429) <= 60


def test_a_fault_may_meet_one_account_only(national: NationalSimulator, client: httpx.Client) -> None:
    send(client)
    account = national.complaints()[0]["account"]
    national.set_faults({"kind": "forbidden", "account": account})
    with api(national, {"Authorization": "Bearer lain", "token": "{B}"}) as other:
        assert (fates(client, 1), fates(other, 1)) == ([403], [200])


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "earthquake"},
        {"kind": "slow", "on": "nowhere"},
        {"kind": "slow", "chance": 1},
        {"kind": "empty_list", "on": "create"},
    ],
)
def test_a_wrong_script_is_refused_with_a_sentence(
    national: NationalSimulator, fault: dict[str, object]
) -> None:
    with pytest.raises(AssertionError, match="fault script"):
        national.set_faults(fault)


# The list


def test_the_list_lags_and_has_no_order_by_time(tmp_path: Path) -> None:
    with NationalSimulator(tmp_path, maximum_lag=0.6) as national, api(national) as client:
        numbers = [send(client, content=f"Isi {n}").json()["complaint_id"] for n in range(30)]
        assert len(listed(client, page_size=100)) < 30
        eventually(lambda: len(listed(client, page_size=100)) == 30)
        shown = [row["complaint_id"] for row in listed(client, page_size=100)]
        assert sorted(shown) == numbers != shown
        lags = [kept["visible_at"] > kept["committed_at"] for kept in national.complaints()]
        assert all(lags)


def test_pages_cover_all_rows_and_the_next_url_has_lost_its_parameters(tmp_path: Path) -> None:
    with NationalSimulator(tmp_path) as national, api(national) as client:
        numbers = {send(client).json()["complaint_id"] for _ in range(25)}
        seen_numbers: list[int] = []
        for page in (1, 2, 3):
            answer = client.get("/complaints", params={"search": "pasar", "page": page, "page_size": 10})
            results = answer.json()["results"]
            seen_numbers += [row["complaint_id"] for row in results["data"]]
            expected = None if page == 3 else f"{national.url}/complaints?page={page + 1}"
            assert results["next_page_url"] == expected
        assert len(seen_numbers) == 25
        assert set(seen_numbers) == numbers


def test_some_texts_come_back_escaped_or_with_other_white_space(tmp_path: Path) -> None:
    text = 'Jalan  "rusak" & berlubang\nsejak Mei'
    options = ("--altered-share", 1)
    with NationalSimulator(tmp_path, *options) as national, api(national) as client:
        for _ in range(20):
            send(client, content=text)
        assert {row["content"] for row in listed(client, page_size=20)} == {
            "Jalan  &quot;rusak&quot; &amp; berlubang\nsejak Mei",
            'Jalan "rusak" & berlubang\r\nsejak Mei',
        }
        assert {kept["content"] for kept in national.complaints()} == {text}


def test_the_list_can_repeat_never_end_be_empty_or_stand_still(
    national: NationalSimulator, client: httpx.Client
) -> None:
    numbers = [send(client).json()["complaint_id"] for _ in range(3)]

    def page(number: int) -> tuple[list[int], bool]:
        results = client.get("/complaints", params={"page": number, "page_size": 2}).json()["results"]
        return [row["complaint_id"] for row in results["data"]], results["next_page_url"] is not None

    national.set_faults({"kind": "repeated_page"})
    assert [page(1), page(2), page(3)] == [(numbers[:2], True)] * 3
    national.set_faults({"kind": "endless_pages"})
    assert [page(2), page(3), page(1000)] == [(numbers[2:], True), (numbers[:2], True), (numbers[2:], True)]
    national.set_faults({"kind": "empty_list"})
    assert page(1) == ([], False)
    national.set_faults({"kind": "frozen_list"})
    send(client)
    assert page(2) == (numbers[2:], False)
    national.set_faults(
        {"kind": "message_only", "on": "list", "at": [1]}, {"kind": "html_200", "on": "list", "at": [2]}
    )
    assert list(client.get("/complaints").json()) == ["message"]
    assert "html" in client.get("/complaints").headers["content-type"]


# The rest of the dialect


def test_pictures_and_documents_are_told_apart(client: httpx.Client) -> None:
    files = [
        ("attachments[]", (name, b"\x00\r\n\xff", "application/octet-stream"))
        for name in ("a.JPG", "b.pdf", "c.png")
    ]
    results = client.post("/complaints/complaint/file", files=files).json()["results"]
    assert [document["file_name"] for document in results["images"]] == ["a.JPG", "c.png"]
    assert [document["file_name"] for document in results["docs"]] == ["b.pdf"]
    assert client.post("/complaints/complaint/file", json={}).status_code == 422


def test_a_change_at_lapor_shows_in_status_and_history(
    national: NationalSimulator, client: httpx.Client
) -> None:
    number = send(client).json()["complaint_id"]
    national.change(number, status_name="Selesai", institution="Dinas Contoh")
    results = client.get(f"/complaints/{number}/complaint").json()["results"]
    assert results["data"]["status_name"] == "Selesai"
    [log] = results["data_logs"]
    assert json.loads(log["data"])["status_old"]["name"] == "Belum Terverifikasi"
    assert log["institution_from_name"] == "Dinas Contoh"


def test_an_agencys_own_create_path_and_a_base_path_are_options(tmp_path: Path) -> None:
    options = ("--create-path", "/complaints/complaint-lmw", "--base-path", "/lapor/3.0.0")
    with NationalSimulator(tmp_path, *options) as national, api(national) as client:
        assert national.url.endswith("/lapor/3.0.0")
        assert client.post("/complaints/complaint-lmw", json=COMPLAINT).status_code == 200
        assert client.post("/complaints/complaint", json=COMPLAINT).status_code == 404


# The process


def test_sigterm_ends_it_with_0_even_with_a_silent_connection(tmp_path: Path) -> None:
    from tests.support.processes import ready_process

    script = tmp_path / "faults.toml"
    script.write_text('[[fault]]\nkind = "no_answer"\nshare = 1.0\n')
    with ready_process("lapor_gateway.simulators.national", "--faults", script) as running:
        with httpx.Client(base_url=running.url, headers=HEADERS, trust_env=False, timeout=0.2) as client:
            assert seen(client) == "timeout"
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(10) == 0


def test_it_can_end_with_its_parents_pipe() -> None:
    from tests.support.processes import ready_process

    with ready_process("lapor_gateway.simulators.national", "--end-with-stdin") as running:
        assert running.process.wait(10) == 0  # standard input is empty from the start


def test_wrong_options_end_it_with_2_and_a_sentence(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = tmp_path / "faults.toml"
    script.write_text('[[fault]]\nkind = "earthquake"\n')
    for words in (["--faults", str(script)], ["--account", "nothing"], ["--preload", str(script)]):
        command = [sys.executable, "-m", "lapor_gateway.simulators.national", *words]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        assert ended.returncode == 2
        assert "Traceback" not in ended.stderr
        assert ended.stderr.strip()
