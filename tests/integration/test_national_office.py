"""The simulated LAPOR! as a whole: its logs, files, older dialects, spreadsheet, credentials, clock and page."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from lapor_gateway.national.export import NationalExport
from tests.support.national import AUTH, HEADERS, TOKEN, NationalSimulator
from tests.support.waiting import eventually

REFERENCE = "LG-7Q2M-0K3X-9ABC"
COMPLAINT = {
    "title": "Jalan rusak",
    "content": f"{REFERENCE}\nJalan di depan pasar berlubang.",
    "disposition_id": 41234,
}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
ACCOUNT = ("--account", f"tuban={AUTH}:{TOKEN}")


@pytest.fixture(scope="module")
def national(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NationalSimulator]:
    with NationalSimulator(tmp_path_factory.mktemp("national"), *ACCOUNT, plain=True) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def client(national: NationalSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=national.url, headers=HEADERS, trust_env=False, timeout=5) as opened:
        yield opened


@pytest.fixture(autouse=True)
def sound(national: NationalSimulator) -> None:
    national.set_faults()


def sent(client: httpx.Client, **fields: Any) -> int:
    answer = client.post("/complaints/complaint", json=COMPLAINT | fields)
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["complaint_id"]
    return number


def told(national: NationalSimulator, number: int) -> dict[str, Any]:
    return next(complaint for complaint in national.complaints() if complaint["id"] == number)


def control(national: NationalSimulator, call: str, **wish: Any) -> Any:
    answer = httpx.post(f"{page(national)}/_control/{call}", json=wish, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def page(national: NationalSimulator) -> str:
    return "/".join(national.url.split("/")[:3])


def follow_up(number: int, **fields: Any) -> dict[str, str]:
    return {
        "user_id": "7",
        "complaint_id": str(number),
        "content": "Sudah dicek",
        "institution_from_id": "41234",
    } | fields


def form_of(number: int) -> dict[str, tuple[None, str]]:
    """The same as a multipart form without files."""
    return {name: (None, value) for name, value in follow_up(number).items()}


# Logs and follow-ups


def test_every_shape_of_a_log_line_comes_and_each_line_keeps_its_own(tmp_path: Path) -> None:
    with (
        NationalSimulator(tmp_path) as national,
        httpx.Client(base_url=national.url, headers=HEADERS, trust_env=False) as client,
    ):
        number = sent(client)
        for word in (
            "Terverifikasi",
            "Dalam Proses",
            "Ditunda",
            "Selesai",
            "Ditutup oleh Admin",
            "Diarsipkan",
        ):
            control(national, "change", id=number, status_name=word, disposition_id=41234)
        lines = client.get(f"/complaints/{number}/complaint").json()["results"]["data_logs"]
        assert lines == client.get(f"/complaints/{number}/complaint").json()["results"]["data_logs"]
    keys = {key for line in lines for key in line}
    assert {"institution_from_name", "institution_from_id", "institution_to", "created_at", "date"} <= keys
    assert all(("date" in line) != ("created_at" in line) for line in lines)
    words = [json.loads(line["data"])["status_new"]["name"] for line in lines]
    assert words[-1] == "Diarsipkan"
    assert any("{{institution_from_link}}" in line["content"] for line in lines)


def test_follow_ups_are_paged_and_a_template_stands_where_there_is_no_text(
    national: NationalSimulator, client: httpx.Client
) -> None:
    number = sent(client)
    for place in range(11):
        control(national, "change", id=number, follow_up=f"Kabar {place}")
    control(national, "change", id=number, template_code="TL-01", institution="Dinas PU")
    first = client.get(f"/complaints/{number}/followups").json()["results"]
    second = client.get(f"/complaints/{number}/followups", params={"page": 2}).json()["results"]
    assert (len(first["data"]), len(second["data"]), second["next_page_url"]) == (10, 2, None)
    assert first["next_page_url"]
    last = second["data"][-1]
    assert (last["content"], last["template_code"]) == (None, "TL-01")
    assert "{{ institution_from }}" in last["template_content"]


def test_the_first_answer_makes_it_in_process_and_a_reply_says_whose_it_is(
    national: NationalSimulator, client: httpx.Client
) -> None:
    number = sent(client)
    assert client.post("/complaints/followup/add", files=form_of(number)).status_code == 200
    assert told(national, number)["status_name"] == "Dalam Proses"
    control(national, "change", id=number, reply="Belum selesai, Pak.")
    line = client.get(f"/complaints/{number}/followups").json()["results"]["data"][-1]
    assert json.loads(line["data"])["status_new"]["name"] == "Ditanggapi oleh Pelapor"


@pytest.mark.parametrize(
    ("kind", "committed"),
    [
        ("reset_before_commit", 0),
        ("reset_after_commit", 1),
        ("no_answer_after_commit", 1),
        ("late_commit", 1),
    ],
)
def test_a_faulty_follow_up_is_committed_as_its_fault_says(
    national: NationalSimulator, client: httpx.Client, kind: str, committed: int
) -> None:
    number = sent(client)
    national.set_faults({"kind": kind, "on": "follow_up_add", "at": [1], "delay": 0.05})
    with pytest.raises(httpx.TransportError):
        client.post("/complaints/followup/add", files=form_of(number), timeout=0.3)
    eventually(lambda: len(told(national, number)["follow_ups"]) == committed)
    entry = national.requests("follow_up_add")[-1]
    assert entry["committed"] == bool(committed)
    assert [line["request"] for line in told(national, number)["follow_ups"]] == [entry["n"]] * committed


def test_an_upload_can_land_late_and_the_state_names_the_request_that_brought_it(
    national: NationalSimulator, client: httpx.Client
) -> None:
    before = len(national.state()["files"])
    national.set_faults({"kind": "late_commit", "on": "file", "at": [1], "delay": 0.05})
    with pytest.raises(httpx.TransportError):
        client.post("/complaints/complaint/file", files=[("attachments[]", ("foto.png", PNG))], timeout=0.3)
    files = eventually(lambda: national.state()["files"][before:])
    assert [file["request"] for file in files] == [national.requests("file")[-1]["n"]]


# Files


def test_files_must_have_been_uploaded_by_the_account_and_serve_one_complaint(
    national: NationalSimulator, client: httpx.Client
) -> None:
    files = [("attachments[]", ("foto.png", PNG)), ("attachments[]", ("surat.pdf", b"%PDF-1.4"))]
    kept = client.post("/complaints/complaint/file", files=files).json()["results"]
    ids = [file["id"] for file in (*kept["docs"], *kept["images"])]
    for wrong in ("[1]", f"[{ids[0]}, 1].", "4199656"):
        refused = client.post("/complaints/complaint", json=COMPLAINT | {"attachments": wrong})
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["attachments"])
    number = sent(client, attachments=f"{ids}.")
    shown = client.get(f"/complaints/{number}/complaint").json()["results"]["data"]["attachments"]
    assert sorted(file["extension"] for file in shown) == ["pdf", "png"]
    again = client.post("/complaints/complaint", json=COMPLAINT | {"attachments": f"{ids}"})
    assert again.status_code == 422


def test_a_file_that_is_too_large_or_of_another_kind_is_refused(client: httpx.Client) -> None:
    number = sent(client)
    for name, content in (("besar.pdf", b"0" * (5 * 2**20 + 1)), ("alat.exe", b"MZ")):
        part = (name, content)
        assert client.post("/complaints/complaint/file", files=[("attachments[]", part)]).status_code == 422
        answer = client.post(
            "/complaints/followup/add", data=follow_up(number), files={"attachment[0]": part}
        )
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["attachment"])


# The older dialects


def stream_of(token: str, text: str, **marks: str) -> bytes:
    root = ET.Element("lapor", token=token)
    person = ET.SubElement(root, "pelapor")
    for name, value in (("email", "a@contoh.example"), ("namadepan", "Sutikno"), ("namabelakang", "Rekaan")):
        ET.SubElement(person, name).text = value
    report = ET.SubElement(root, "laporan", **marks)
    ET.SubElement(report, "isi").text = text
    return ET.tostring(root, "utf-8")


def streamed(national: NationalSimulator, body: bytes) -> httpx.Response:
    headers = {"Content-Type": "text/xml; charset=UTF8"}
    return httpx.post(
        f"{page(national)}/api/stream/addstream", content=body, headers=headers, trust_env=False
    )


def test_a_streamed_complaint_is_committed_with_its_marks(national: NationalSimulator) -> None:
    answer = streamed(
        national, stream_of(TOKEN, f"{REFERENCE}\nLampu & tiang miring", rahasia="1", anonim="0")
    )
    number = int(ET.fromstring(answer.content).findtext("trackingid") or 0)
    kept = told(national, number)
    assert (kept["account"], kept["reference"], kept["body"]["is_secret"]) == ("tuban", REFERENCE, True)
    assert kept["content"] == f"{REFERENCE}\nLampu & tiang miring"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<lapor", 400),
        (b"<!DOCTYPE l [<!ENTITY a 'b'>]><lapor token='x'><laporan><isi>&a;</isi></laporan></lapor>", 400),
        (b"<?xml version='1.0' encoding='utf-99'?><lapor/>", 400),
        (b"<lapor token='x'/>", 400),
        (stream_of("{salah}", "Isi"), 401),
        (stream_of(TOKEN, "  "), 422),
    ],
)
def test_a_stream_that_is_not_sound_commits_nothing(
    national: NationalSimulator, body: bytes, status: int
) -> None:
    before = national.counts()["complaints"]
    assert streamed(national, body).status_code == status
    assert national.counts()["complaints"] == before


def test_f01_lists_topics_and_what_is_public_without_reporters(
    national: NationalSimulator, client: httpx.Client
) -> None:
    def f01(call: str, **form: str) -> httpx.Response:
        return httpx.post(f"{page(national)}/api/services/f01/{call}", data=form, trust_env=False)

    public = sent(client, nameUser="Sutikno Rekaan", is_new_user_slider=True, title="Umum f01")
    sent(client, is_secret=True, title="Rahasia f01")
    topics = f01("gettopics", KEYTOKEN=TOKEN).json()
    assert {"id", "parent", "topic_name"} == set(topics[0])
    rows = f01("getlist", KEYTOKEN=TOKEN, search="f01").json()
    assert [row["TrackingID"] for row in rows] == [str(public)]
    assert "Sutikno" not in json.dumps(rows)
    assert f01("getlist", KEYTOKEN="salah").status_code == 401
    assert f01("lain", KEYTOKEN=TOKEN).status_code == 404


# Complaints filed at LAPOR!, and the spreadsheet


def test_what_citizens_filed_at_lapor_is_listed_and_stands_in_the_spreadsheet(
    national: NationalSimulator, client: httpx.Client, tmp_path: Path
) -> None:
    kept = control(
        national, "file", title="Langsung ekspor", content="=1+1 tiang roboh", via="SMS 1708", account="tuban",
        disposition_id=41234, name="Warga Rekaan", is_anonymous=True,
    )  # fmt: skip
    listed = client.get("/complaints", params={"search": "langsung ekspor"}).json()["results"]["data"]
    assert [row["complaint_id"] for row in listed] == [kept["id"]]
    path = tmp_path / "ekspor.xlsx"
    assert control(national, "export", path=str(path), institution=41234)["rows"] >= 1
    export = NationalExport(path)
    row = next(row for row in export.complaints() if row.tracking_id == str(kept["id"]))
    assert not any(export.faults.values())
    assert (row.channel, row.institution, row.is_anonymous) == (
        "SMS 1708",
        "Pemerintah Daerah 35.23",
        True,
    )
    assert row.first_text == "=1+1 tiang roboh"
    assert row.created_at is not None
    assert abs((datetime.now(UTC) - row.created_at).total_seconds()) < 120
    downloaded = httpx.get(f"{page(national)}/export.xlsx", trust_env=False)
    assert downloaded.content.startswith(b"PK")
    assert b"Warga Rekaan" not in path.read_bytes()


def test_the_spreadsheet_of_a_kept_state_is_written_without_a_server(tmp_path: Path) -> None:
    with (
        NationalSimulator(tmp_path / "n") as national,
        httpx.Client(base_url=national.url, headers=HEADERS, trust_env=False) as client,
    ):
        number = sent(client)
    words = [sys.executable, "-m", "lapor_gateway.simulators.national", "--data", str(tmp_path / "n")]
    subprocess.run(
        [*words, "--export", str(tmp_path / "e.xlsx")], check=True, capture_output=True, timeout=60
    )
    assert [row.tracking_id for row in NationalExport(tmp_path / "e.xlsx").complaints()] == [str(number)]


def test_state_outlives_the_process_with_logs_files_and_dispositions(tmp_path: Path) -> None:
    with NationalSimulator(tmp_path) as national:
        with httpx.Client(base_url=national.url, headers=HEADERS, trust_env=False) as client:
            files = [("attachments[]", ("foto.png", PNG))]
            kept = client.post("/complaints/complaint/file", files=files).json()["results"]["images"][0]["id"]
            number = sent(client, attachments=f"[{kept}]")
            client.post("/complaints/followup/add", files=form_of(number))
            control(national, "change", id=number, disposition_id=41310)
        before = national.state()
        national.kill()
        national.start()
        after = national.state()
    assert (after["complaints"], after["files"]) == (before["complaints"], before["files"])


# Credentials, clock, modes, masters


@pytest.mark.parametrize("with_a_page", [False, True])
def test_an_expired_credential_is_refused_until_it_is_renewed(tmp_path: Path, *, with_a_page: bool) -> None:
    with (
        NationalSimulator(tmp_path, *ACCOUNT) as national,
        httpx.Client(base_url=national.url, headers=HEADERS, trust_env=False) as client,
    ):
        sent(client)
        control(national, "token", account="tuban", expires_in=0, login_page=with_a_page)
        answer = client.post("/complaints/complaint", json=COMPLAINT)
        assert answer.status_code == (200 if with_a_page else 401)
        assert ("password" in answer.text) == with_a_page
        control(national, "token", account="tuban", renew=True, auth="baru", token=TOKEN)
        assert client.get("/complaints").status_code == 401
        client.headers["Authorization"] = "Bearer baru"
        assert len(client.get("/complaints").json()["results"]["data"]) == 1


def test_a_clock_that_is_off_shows_in_the_date_and_in_every_time(
    national: NationalSimulator, client: httpx.Client
) -> None:
    control(national, "clock", offset=-7200)
    try:
        number = sent(client)
        answer = client.get(f"/complaints/{number}/complaint")
        shown = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        written = datetime.strptime(
            answer.json()["results"]["data"]["created_at"] + " +0700", "%d-%m-%Y %H:%M:%S %z"
        ).timestamp()
    finally:
        control(national, "clock", offset=0)
    assert abs(shown - (time.time() - 7200)) < 30
    assert abs(written - shown) < 30


def test_quiet_and_slow_are_modes_of_every_call(national: NationalSimulator, client: httpx.Client) -> None:
    control(national, "mode", quiet=True)
    with pytest.raises(httpx.ReadTimeout):
        client.get("/masters/categories", timeout=0.2)
    control(national, "mode", slow=0.3)
    with pytest.raises(httpx.ReadTimeout):
        client.get("/masters/categories", timeout=0.1)
    control(national, "mode")
    assert client.get("/masters/categories").status_code == 200


def test_masters_can_change_under_the_gateway(tmp_path: Path) -> None:
    with NationalSimulator(tmp_path) as national:
        control(national, "masters", name="categories", rows=[{"id": 1, "name": "Baru"}])
        answer = httpx.get(f"{national.url}/masters/categories", headers=HEADERS, trust_env=False)
    assert answer.json()["results"]["data"] == [{"id": 1, "name": "Baru"}]


# The page


def test_the_page_shows_what_arrived_and_nothing_in_it_is_markup(
    national: NationalSimulator, client: httpx.Client
) -> None:
    number = sent(client, title="<b>judul</b>", content=f"{REFERENCE}\n<script>x</script>")
    found = httpx.get(f"{page(national)}/pengaduan/{number}", trust_env=False)
    assert REFERENCE in found.text
    assert "<script>" not in found.text
    assert "<b>judul</b>" not in found.text
    assert "default-src 'none'" in found.headers["content-security-policy"]
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", found.text)


def test_an_officers_form_is_committed_and_one_from_another_site_is_not(
    national: NationalSimulator, client: httpx.Client
) -> None:
    number = sent(client)
    form = {"id": str(number), "act": "follow_up", "institution": "41234", "text": "Kami cek", "lang": "en"}
    address = f"{page(national)}/_page/act"
    foreign = httpx.post(address, data=form, headers={"Origin": "https://jahat.example"}, trust_env=False)
    rebound = httpx.post(address, data=form, headers={"Host": "jahat.example"}, trust_env=False)
    assert (foreign.status_code, rebound.status_code, told(national, number)["follow_ups"]) == (403, 403, [])
    assert httpx.post(address, data=form, trust_env=False).status_code == 303
    assert told(national, number)["follow_ups"][0]["content"] == "Kami cek"
    assert httpx.post(address, data=form | {"text": " "}, trust_env=False).status_code == 422
    assert httpx.post(address, data=form | {"id": "1"}, trust_env=False).status_code == 404
