"""The simulated national endpoint answers as openapi/lapor-v3.yaml says, call by call, good and refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import validate

from tests.support.lapor_v3 import check_answer, check_request, contract
from tests.support.national import HEADERS, NationalSimulator

# Every field that the domain names, in the type that it names.
FULL = {
    "title": "Jalan rusak",
    "content": "LG-7Q2M-0K3X-9ABC\nJalan di depan pasar berlubang.",
    "channel": 1,
    "is_inbox": True,
    "is_new_user_slider": True,
    "emailUser": "contoh@example.id",
    "nameUser": "Pelapor Contoh",
    "phoneUser": "081200000000",
    "is_disposisi_slider": True,
    "classification_id": 1,
    "disposition_id": 41001,
    "category_id": 11,
    "priority_program_id": None,
    "location_id": 3501,
    "community_id": None,
    "date_of_incident": "2026-01-05",
    "copy_externals": None,
    "info_disposition": "",
    "info_attachments": None,
    "tags_raw": "#jalan",
    "is_approval": False,
    "is_anonymous": False,
    "is_secret": False,
    "is_priority": False,
    "attachments": "[4199656].",
}


@pytest.fixture(scope="module")
def national(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NationalSimulator]:
    with NationalSimulator(tmp_path_factory.mktemp("national")) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def client(national: NationalSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=national.url, headers=HEADERS, trust_env=False) as opened:
        yield opened


def conforming(answer: httpx.Response) -> httpx.Response:
    request = answer.request
    content_type = answer.headers["content-type"]
    check_answer(request.method, request.url.path, answer.status_code, content_type, answer.content)
    return answer


def test_the_contract_is_valid_openapi() -> None:
    validate(contract())


def test_every_call_of_the_contract_answers_in_its_form(
    national: NationalSimulator, client: httpx.Client
) -> None:
    files = [("attachments[]", ("foto.jpg", b"\xff\xd8")), ("attachments[]", ("surat.pdf", b"%PDF"))]
    uploaded = conforming(client.post("/complaints/complaint/file", files=files)).json()["results"]
    assert len(uploaded["docs"]) + len(uploaded["images"]) == 2
    check_request("POST", "/complaints/complaint", json.dumps(FULL).encode())
    ids = [file["id"] for file in (*uploaded["docs"], *uploaded["images"])]
    full = FULL | {"attachments": f"{ids}."}
    number = conforming(client.post("/complaints/complaint", json=full)).json()["complaint_id"]
    national.change(number, status_name="Dalam Proses", follow_up="Sedang dicek.")
    follow_up = {"user_id": "7", "complaint_id": str(number), "content": "Sudah diperbaiki", "is_secret": "0"}
    attached = {"attachment[0]": ("foto.jpg", b"\xff\xd8")}
    conforming(client.post("/complaints/followup/add", data=follow_up, files=attached))
    hand_over = {
        "is_request": 1,
        "reason": "41002",
        "reason_description": "Bukan wewenang",
        "not_authority": 1,
    }
    conforming(client.post(f"/complaints/process/{number}/reject", json=hand_over))
    assert conforming(client.get("/complaints")).json()["results"]["data"]
    assert conforming(client.get(f"/complaints/{number}/complaint")).json()["results"]["data_logs"]
    assert len(conforming(client.get(f"/complaints/{number}/followups")).json()["results"]["data"]) == 2
    for path in contract()["paths"]:
        if path.startswith("/masters/"):
            assert conforming(client.get(path, params={"page_size": 1000})).json()["results"]["data"]
    state = next(told for told in national.complaints() if told["id"] == number)
    assert [told["request"] is None for told in state["follow_ups"]] == [True, False]
    called = {entry["path"].partition("?")[0].replace(str(number), "{id}") for entry in national.requests()}
    assert called == set(contract()["paths"])


@pytest.mark.parametrize("kind", ["nested_data_id", "nested_results_id"])
def test_the_other_forms_of_the_answer_to_create_are_in_the_contract(
    national: NationalSimulator, client: httpx.Client, kind: str
) -> None:
    national.set_faults({"kind": kind, "at": [1]})
    answer = conforming(client.post("/complaints/complaint", json=FULL | {"attachments": False}))
    assert "complaint_id" not in answer.json()


@pytest.mark.parametrize(
    "kind",
    [
        "bad_request",
        "unauthorized",
        "too_large",
        "unprocessable",
        "too_many_requests_retry_after",
        "error_500",
    ],
)
def test_refusals_are_in_the_contract(national: NationalSimulator, client: httpx.Client, kind: str) -> None:
    national.set_faults({"kind": kind, "at": [1]})
    assert conforming(client.post("/complaints/complaint", json=FULL)).status_code >= 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", None),
        ("title", " "),
        ("content", 5),
        ("channel", "1"),
        ("is_secret", 0),
        ("category_id", "11"),
        ("attachments", [4199656]),
    ],
)
def test_contract_and_endpoint_refuse_the_same_bodies(
    client: httpx.Client, field: str, value: object
) -> None:
    body = FULL | {"attachments": False} | {field: value}
    with pytest.raises(AssertionError):
        check_request("POST", "/complaints/complaint", json.dumps(body).encode())
    answer = conforming(client.post("/complaints/complaint", json=body))
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_the_checks_notice_an_answer_that_the_contract_does_not_know() -> None:
    with pytest.raises(AssertionError):
        check_answer("POST", "/complaints/complaint", 200, "application/json", b'{"message": "Terima kasih"}')
    with pytest.raises(AssertionError):
        check_answer("GET", "/complaints", 200, "text/html; charset=UTF-8", b"<html>")
    with pytest.raises(AssertionError):
        check_answer("GET", "/nowhere", 200, "application/json", b"{}")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_schemathesis_makes_up_is_answered_within_the_contract(
    national: NationalSimulator, method: str
) -> None:
    import schemathesis
    from hypothesis import HealthCheck, given, settings

    national.set_faults()
    schema = schemathesis.openapi.from_path(Path(__file__).parents[2] / "openapi" / "lapor-v3.yaml")
    for found in schema.include(method=method).get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=10, derandomize=True, suppress_health_check=list(HealthCheck))
        def answered(case: "schemathesis.Case") -> None:
            case.headers.update(HEADERS)
            response = case.call(base_url=national.url)
            assert response.status_code in {200, 404, 422}
            content_type = response.headers["content-type"][0]
            path = case.formatted_path
            check_answer(case.method, path, response.status_code, content_type, response.content)

        answered()
