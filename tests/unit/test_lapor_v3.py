"""The dialect lapor-v3: what is sent, and that any answer at all becomes one of the four outcomes."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lapor_gateway.domain.complaint import Complaint, Reporter, Visibility
from lapor_gateway.domain.outcomes import Accepted, NotTaken, Outcome, Refused, Unknown
from lapor_gateway.domain.reference import Reference, carried_by, derive
from lapor_gateway.national.lapor_v3 import LaporV3, LaporV3Settings
from lapor_gateway.national.port import ListPage, Lost, NoTrust, NotSent, Response

REFERENCE = derive(b"k" * 32, "uji/kanal", "1")
OTHER = derive(b"k" * 32, "uji/kanal", "2")
DIALECT = LaporV3()


def answer(status: int, content: Any = None, *, body: bytes | None = None, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, named, json.dumps(content).encode() if body is None else body)


def complaint(**fields: Any) -> Complaint:
    values = {"source_id": "1", "title": "Jalan rusak", "body": "Jalan berlubang di depan pasar."} | fields
    return Complaint(**values)


def sent(one: Complaint, dialect: LaporV3 = DIALECT) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(dialect.encode(one, REFERENCE).body)
    return decoded


OUTCOMES: list[tuple[str, Response | NotSent | Lost, Outcome]] = [
    ("an id", answer(200, {"complaint_id": 9876543}), Accepted("9876543")),
    ("201 with an id", answer(201, {"complaint_id": 9876543}), Accepted("9876543")),
    ("an id as text", answer(200, {"complaint_id": "9876543"}), Accepted("9876543")),
    ("an id inside data", answer(200, {"data": {"complaint_id": 7}}), Accepted("7")),
    ("an id deep inside", answer(200, {"data": {"results": {"complaint": {"id": 8}}}}), Accepted("8")),
    ("the longest id", answer(200, {"complaint_id": 10**15 - 1}), Accepted("9" * 15)),
    ("an id too long", answer(200, {"complaint_id": 10**15}), Unknown("HTTP 200 without a complaint id")),
    ("an id of noughts", answer(200, {"complaint_id": "000"}), Unknown("HTTP 200 without a complaint id")),
    ("an id below nought", answer(200, {"complaint_id": -5}), Unknown("HTTP 200 without a complaint id")),
    ("an id that is true", answer(200, {"complaint_id": True}), Unknown("HTTP 200 without a complaint id")),
    ("a broken id", answer(200, {"complaint_id": 98.5}), Unknown("HTTP 200 without a complaint id")),
    ("no id", answer(200, {"message": "Berhasil"}), Unknown("HTTP 200 without a complaint id")),
    ("a page", answer(200, body=b"<html>Masuk</html>"), Unknown("HTTP 200 without a complaint id")),
    ("nothing", answer(200, body=b""), Unknown("HTTP 200 without a complaint id")),
    ("half", answer(200, body=b'{"complaint_id": 98'), Unknown("HTTP 200 without a complaint id")),
    ("204", answer(204, body=b""), Unknown("HTTP 204 without a complaint id")),
    ("a redirect", answer(302, body=b"", location="/complaints"), Unknown("HTTP 302")),
    (
        "a redirect to a login",
        answer(302, body=b"", location="https://sso.example/masuk?from=api"),
        Unknown("HTTP 302 with a login page", pauses=True),
    ),
    (
        "a login page",
        answer(200, body=b"\n<!DOCTYPE html><form><input name='p' TYPE = 'password'></form>"),
        Unknown("HTTP 200 with a login page", pauses=True),
    ),
    ("429", answer(429, {"message": "Too Many Attempts."}), NotTaken("HTTP 429")),
    ("429, paced", answer(429, {}, retry_after="120"), NotTaken("HTTP 429", retry_after=120.0)),
    ("401", answer(401, {"message": "Unauthenticated."}), NotTaken("HTTP 401", pauses=True)),
    ("403", answer(403, body=b"<html>"), NotTaken("HTTP 403", pauses=True)),
    ("404", answer(404, body=b""), NotTaken("HTTP 404", pauses=True)),
    ("405", answer(405, body=b""), NotTaken("HTTP 405", pauses=True)),
    ("422", answer(422, {"message": "Invalid.", "errors": {"title": ["wajib"]}}), Refused("HTTP 422: title")),
    ("400", answer(400, {"message": "Kategori tidak dikenal"}), Refused("HTTP 400: Kategori tidak dikenal")),
    ("413 of a proxy", answer(413, body=b"<html>Too large"), Unknown("HTTP 413 not of the API's form")),
    ("422 without words", answer(422, {}), Unknown("HTTP 422 not of the API's form")),
    ("500", answer(500, {"message": "Server Error"}), Unknown("HTTP 500")),
    ("502", answer(502, body=b"<html>"), Unknown("HTTP 502")),
    ("503", answer(503, {"message": "x"}, retry_after="5"), Unknown("HTTP 503")),
    ("504", answer(504, body=b""), Unknown("HTTP 504")),
    ("408", answer(408, body=b""), Unknown("HTTP 408")),
    ("409", answer(409, {"message": "duplicate"}), Unknown("HTTP 409")),
    ("refused connection", NotSent("refused"), NotTaken("refused", outage=True)),
    ("time-out", Lost("time-out"), Unknown("time-out")),
]


@pytest.mark.parametrize(
    ("given_answer", "outcome"), [row[1:] for row in OUTCOMES], ids=[row[0] for row in OUTCOMES]
)
def test_each_answer_has_the_outcome_that_is_promised(given_answer: Any, outcome: Outcome) -> None:
    assert DIALECT.decode(given_answer) == outcome


def test_503_counts_as_not_taken_only_where_the_account_says_so() -> None:
    dialect = LaporV3(LaporV3Settings(unavailable_means_not_taken=True))
    assert dialect.decode(answer(503, body=b"")) == NotTaken("HTTP 503", outage=True)


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("Mon, 02 Mar 2026 08:01:30 GMT", "Mon, 02 Mar 2026 08:00:00 GMT", 90.0),
        ("Mon, 02 Mar 2026 07:00:00 GMT", "Mon, 02 Mar 2026 08:00:00 GMT", 0.0),
        ("Mon, 02 Mar 2026 08:01:30 -0000", "Mon, 02 Mar 2026 08:00:00 GMT", 90.0),
        ("Mon, 02 Mar 2026 08:01:30 GMT", "", None),
        ("besok", "Mon, 02 Mar 2026 08:00:00 GMT", None),
        ("-5", "", None),
        ("٣", "", None),
        ("9" * 400, "", float("inf")),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date_of_the_answers_own_clock(
    value: str, date: str, seconds: float | None
) -> None:
    outcome = DIALECT.decode(answer(429, {}, retry_after=value, date=date))
    assert outcome == NotTaken("HTTP 429", retry_after=seconds)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "complaint_id",
                    "data",
                    "results",
                    "complaint",
                    "id",
                    "errors",
                    "message",
                    "next_page_url",
                    "content",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
bodies = st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode())
headers = st.dictionaries(st.sampled_from(["retry-after", "date", "content-type"]), st.text(max_size=30))


@given(status=st.integers(100, 599), body=bodies, headers=headers)
@example(status=200, body=b'{"complaint_id": ' + b"9" * 5000 + b"}", headers={})
@example(status=200, body=b"[" * 5000, headers={})
@example(status=200, body=b'{"data": ' * 2000 + b"1" + b"}" * 2000, headers={})
@example(status=200, body=b'{"complaint_id": "\\ud800"}', headers={})
@example(status=200, body=b'{"complaint_id": "\xff"}', headers={})
@example(status=422, body=b'{"errors": {"\\ud800": 1}, "message": 5}', headers={})
@example(status=429, body=b"", headers={"retry-after": "Mon, 02 Mar 99999 08:01:30 GMT", "date": "x"})
def test_any_answer_becomes_an_outcome_and_is_accepted_only_with_a_plausible_id(
    status: int, body: bytes, headers: dict[str, str]
) -> None:
    outcome = DIALECT.decode(Response(status, headers, body))
    assert isinstance(outcome, Accepted | Refused | NotTaken | Unknown)
    if isinstance(outcome, Accepted):
        assert 200 <= status < 300
        assert outcome.tracking_id.isascii()
        assert outcome.tracking_id.isdigit()
        assert 0 < int(outcome.tracking_id) < 10**15
        assert outcome.tracking_id.encode() in body
    if isinstance(outcome, Refused):
        assert status in (400, 413, 415, 422)


@given(status=st.integers(100, 599), body=bodies)
@example(
    status=200, body=b'{"results": {"data": [{"complaint_id": 1, "content": null}], "next_page_url": null}}'
)
@example(status=200, body=b'{"results": {"data": {}, "next_page_url": null}}')
def test_any_answer_to_a_look_up_is_a_page_or_proves_nothing(status: int, body: bytes) -> None:
    page = DIALECT.decode_list(Response(status, {}, body))
    assert isinstance(page, ListPage | NoTrust)
    if isinstance(page, ListPage):
        assert status == 200


def row(**fields: Any) -> dict[str, Any]:
    return {"complaint_id": 1, "title": "t", "content": "c", "status_name": "Selesai"} | fields


@pytest.mark.parametrize(
    ("content", "more"),
    [
        ({"results": {"data": [row()], "next_page_url": None}}, False),
        ({"results": {"data": [row()], "next_page_url": "http://h/complaints"}}, True),
        ({"results": {"data": [], "next_page_url": None}}, False),
        ({"results": {"data": [row()]}}, True),  # says nothing of its end: only an empty page is one
        ({"results": {"data": []}}, False),
    ],
)
def test_a_page_of_the_listing_says_whether_more_follows(content: Any, more: bool) -> None:
    page = DIALECT.decode_list(answer(200, content))
    assert isinstance(page, ListPage)
    assert page.more is more


@pytest.mark.parametrize(
    "given_answer",
    [
        answer(200, {"message": "Data tidak ditemukan"}),
        answer(200, {"results": {"data": [row(complaint_id=None)], "next_page_url": None}}),
        answer(200, {"results": {"data": [row(content=None)], "next_page_url": None}}),
        answer(200, {"results": []}),
        answer(204, body=b""),
        answer(500, {"results": {"data": []}}),
        Lost("time-out"),
        NotSent("refused"),
    ],
)
def test_what_is_no_whole_list_is_no_proof_of_absence(given_answer: Any) -> None:
    assert isinstance(DIALECT.decode_list(given_answer), NoTrust)


def test_the_text_carries_our_line_on_top_and_the_citizens_words_below() -> None:
    body = sent(complaint())
    assert carried_by(body["content"]) == REFERENCE
    assert body["content"].endswith("Jalan berlubang di depan pasar.")
    assert body["title"] == "Jalan rusak"


def test_a_reference_in_the_citizens_words_cannot_pass_for_ours() -> None:
    stolen = f"[Rujukan {OTHER}]\nSaya menyalin nomor orang lain: {OTHER.lower()}"
    body = sent(complaint(title=f"Tentang {OTHER}", body=stolen))
    assert carried_by(body["content"]) == REFERENCE
    assert OTHER not in body["content"]
    assert OTHER not in body["title"]


def test_an_anonymous_reporter_is_sent_by_no_field_whatever_the_manifest_says() -> None:
    reporter = Reporter(name="Siti Rekaan", email="siti@contoh.id", phone="+6281234567890")
    loose = {"is_anonymous": False, "is_new_user_slider": True}
    body = sent(complaint(reporter=reporter, visibility=Visibility.ANONYMOUS_SECRET, national_fields=loose))
    assert (body["is_anonymous"], body["is_secret"], body["is_new_user_slider"]) == (True, True, False)
    assert "Siti" not in json.dumps(body)
    assert "siti@contoh.id" not in json.dumps(body)
    assert "81234567890" not in json.dumps(body)


@pytest.mark.parametrize("visibility", [Visibility.ANONYMOUS, Visibility.SECRET])
def test_the_reporters_own_values_are_taken_out_of_a_hidden_report(visibility: Visibility) -> None:
    reporter = Reporter(name="Siti Rekaan", nik="3523014101900001", phone="+6281234567890")
    text = "Saya Siti Rekaan, NIK 3523014101900001, HP 0812-3456-7890. Rekening penyuap 1234567."
    body = sent(complaint(title="Dari Siti Rekaan", body=text, reporter=reporter, visibility=visibility))
    for told in ("Siti Rekaan", "3523014101900001", "3456-7890"):
        assert told not in body["content"]
    assert "Siti" not in body["title"]
    assert "1234567" in body["content"]


def test_an_open_report_goes_out_under_the_citizens_own_account_where_they_can_be_reached() -> None:
    body = sent(complaint(reporter=Reporter(name="Budi Rekaan", phone="+6281234567890")))
    assert body["is_new_user_slider"] is True
    assert (body["nameUser"], body["phoneUser"]) == ("Budi Rekaan", "+6281234567890")
    assert "emailUser" not in body


def test_a_manifest_that_names_the_agencys_account_wins_over_the_citizens_own() -> None:
    fields = {"is_new_user_slider": False, "user_id": 41}
    body = sent(complaint(reporter=Reporter(name="Budi", phone="+62812"), national_fields=fields))
    assert (body["is_new_user_slider"], body["user_id"]) == (False, 41)
    assert "nameUser" not in body


def test_paths_fields_and_the_form_of_no_attachments_are_settings() -> None:
    dialect = LaporV3(
        LaporV3Settings(create_path="/complaints/complaint-lmw", fields={"channel": 13}, no_attachments="[]")
    )
    request = dialect.encode(complaint(incident_at=datetime(2026, 3, 2, tzinfo=UTC)), REFERENCE)
    body = json.loads(request.body)
    assert (request.method, request.path) == ("POST", "/complaints/complaint-lmw")
    assert (body["channel"], body["attachments"], body["date_of_incident"]) == (13, "[]", "2026-03-02")


def test_a_look_up_asks_by_our_reference_page_by_page() -> None:
    request = LaporV3(LaporV3Settings(page_size=50)).encode_list(2, search=REFERENCE)
    assert request.method == "GET"
    assert request.path == f"/complaints?search={REFERENCE}&page=2&page_size=50"


@given(title=st.text(max_size=60), text=st.text(max_size=200), hidden=st.booleans())
def test_any_text_can_be_sent_and_is_found_again_under_its_reference(
    title: str, text: str, hidden: bool
) -> None:
    visibility = Visibility.ANONYMOUS if hidden else Visibility.PUBLIC
    one = complaint(title=title, body=text, visibility=visibility, reporter=Reporter(name="Siti Rekaan"))
    body = msgspec.json.decode(DIALECT.encode(one, REFERENCE).body)
    assert carried_by(body["content"]) == REFERENCE
    assert body["content"] == DIALECT.sent_text(one, Reference(REFERENCE))
