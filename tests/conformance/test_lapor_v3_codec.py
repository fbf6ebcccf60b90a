"""The codec lapor-v3 against openapi/lapor-v3.yaml and the simulator: what it sends, what it reads."""

import json
from collections.abc import AsyncIterator, Iterator
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest

from lapor_gateway.domain.complaint import Complaint
from lapor_gateway.domain.follow_up import Answer, Author, Standing
from lapor_gateway.domain.outcomes import Accepted, NotTaken, Refused
from lapor_gateway.domain.reference import derive
from lapor_gateway.national.lapor_v3 import FollowUpLimits, LaporV3, LaporV3Settings
from lapor_gateway.national.port import (
    File,
    FollowUpPage,
    MasterKind,
    MastersPage,
    NoTrust,
    Request,
    Uploaded,
    Written,
)
from lapor_gateway.national.wire import HttpxWire
from tests.support.dialects import SAMPLES, answer_of, trusted
from tests.support.lapor_v3 import check_answer, check_form, check_request
from tests.support.national import HEADERS, NationalSimulator

REFERENCE = derive(b"k" * 32, "uji/kanal", "1")
SETTINGS = LaporV3Settings(
    fields={"channel": 13, "user_id": 41},
    follow_up_fields={"user_id": 77, "institution_from_id": 41001, "info_disposition": ""},
)
DIALECT = LaporV3(SETTINGS)
PICTURE = File("lampiran-1.jpg", "image/jpeg", b"\xff\xd8\xff\x00\r\n--x")
LETTER = File("lampiran-2.pdf", "application/pdf", b"%PDF-1.7")
ANSWER = Answer("Sudah diperbaiki.\nTerima kasih.", institution_to="41002", template_code="TL-01", rating=5)


def complaint(**fields: Any) -> Complaint:
    return Complaint(
        **({"source_id": "1", "title": "Jalan rusak", "body": "Berlubang di depan pasar."} | fields)
    )


def form_of(request: Request | Refused) -> dict[str, list[bytes]]:
    """The parts of a multipart request by their names, in order."""
    assert isinstance(request, Request)
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts: dict[str, list[bytes]] = {}
    for part in BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        parts.setdefault(str(part.get_param("name", header="content-disposition")), []).append(content)
    return parts


def test_every_json_request_is_what_the_contract_asks_for() -> None:
    submissions = [complaint(), complaint(national_fields={"category_id": 11, "tags_raw": "#jalan"})]
    for one in submissions:
        for files in ((), ("4199656",), ("4199656", "4199657")):
            request = DIALECT.encode(one, REFERENCE, files)
            check_request(request.method, request.path, request.body)
    request = DIALECT.encode_hand_over("9876543", "41002", "Bukan wewenang kami.")
    check_request(request.method, request.path, request.body)


def test_every_form_is_what_the_contract_asks_for() -> None:
    for request in (
        DIALECT.encode_follow_up("9876543", ANSWER, [PICTURE]),
        DIALECT.encode_files([PICTURE, LETTER]),
    ):
        assert isinstance(request, Request)
        check_form(request.method, request.path, form_of(request))


@pytest.mark.parametrize("call", ["standing", "follow_ups", "masters", "list", "submission"])
def test_the_recorded_answers_that_are_believed_are_of_the_contracts_form(call: str) -> None:
    path = {
        "standing": "/complaints/9876543/complaint",
        "follow_ups": "/complaints/9876543/followups",
        "masters": "/masters/institutions/external",
        "list": "/complaints",
        "submission": "/complaints/complaint",
    }[call]
    # Another list, what PHP makes of one, and a time in another form:
    awkward = {"templates", "an-object-for-a-list", "flat-names-and-date"}
    for sample in (SAMPLES / "lapor-v3" / call).glob("*.http"):
        answer = answer_of(sample)
        decode = DIALECT.decode if call == "submission" else getattr(DIALECT, f"decode_{call}")
        if trusted(decode(answer)) and sample.stem not in awkward:
            media = answer.headers["content-type"]
            check_answer("POST" if call == "submission" else "GET", path, 200, media, answer.body)


@pytest.mark.parametrize(
    ("settings", "files", "form"),
    [
        (LaporV3Settings(), (), False),
        (LaporV3Settings(no_attachments="[]"), (), "[]"),
        (LaporV3Settings(), ("4199656",), "[4199656]"),
        (LaporV3Settings(attachments_form="[{ids}]."), ("4199656", "4199657"), "[4199656,4199657]."),
    ],
)
def test_the_odd_form_of_the_attachments_is_a_setting(
    settings: LaporV3Settings, files: tuple[str, ...], form: object
) -> None:
    body = json.loads(LaporV3(settings).encode(complaint(), REFERENCE, files).body)
    assert body["attachments"] == form


def test_every_field_of_the_create_call_can_be_set_by_account_and_channel_but_not_the_text() -> None:
    account = {"channel": 13, "is_inbox": False, "title": "akun", "content": "akun"}
    body = json.loads(
        LaporV3(LaporV3Settings(fields=account))
        .encode(
            complaint(national_fields={"title": "kanal", "content": "kanal", "priority_program_id": 3}),
            REFERENCE,
        )
        .body
    )
    assert (body["channel"], body["is_inbox"], body["title"], body["priority_program_id"]) == (
        13,
        False,
        "kanal",
        3,
    )
    assert body["content"] == DIALECT.sent_text(complaint(), REFERENCE)


def test_a_follow_up_goes_out_with_its_own_user_and_files_in_a_row() -> None:
    form = form_of(DIALECT.encode_follow_up("9876543", ANSWER, [PICTURE, LETTER]))
    assert form == {
        "user_id": [b"77"],
        "institution_from_id": [b"41001"],
        "institution_to_id": [b"41002"],
        "info_disposition": [b""],
        "template_code": [b"TL-01"],
        "rating": [b"5"],
        "complaint_id": [b"9876543"],
        "is_secret": [b"0"],
        "content": [b"Sudah diperbaiki.\nTerima kasih."],
        "attachment[0]": [PICTURE.content],
        "attachment[1]": [LETTER.content],
    }


@pytest.mark.parametrize(
    ("settings", "answer", "files", "fault"),
    [
        (LaporV3Settings(), ANSWER, [], "no user_id for follow-ups is set"),
        (SETTINGS, Answer("  "), [], "a follow-up without text"),
        (SETTINGS, ANSWER, [PICTURE] * 6, "6 files, 5 are taken"),
        (SETTINGS, ANSWER, [File("a.exe", "x/y", b"MZ")], "file 1 is of a kind that is not taken"),
        (
            LaporV3Settings(follow_up_fields={"user_id": 1}, follow_up_limits=FollowUpLimits(file_bytes=3)),
            ANSWER,
            [PICTURE],
            "file 1 has 9 bytes, 3 are taken",
        ),
    ],
)
def test_a_follow_up_that_would_not_be_taken_never_leaves(
    settings: LaporV3Settings, answer: Answer, files: list[File], fault: str
) -> None:
    assert LaporV3(settings).encode_follow_up("9876543", answer, files) == Refused(fault)


@pytest.fixture(scope="module")
def national(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NationalSimulator]:
    with NationalSimulator(tmp_path_factory.mktemp("national"), plain=True) as simulator:
        yield simulator


@pytest.fixture
async def wire(national: NationalSimulator) -> AsyncIterator[HttpxWire]:
    async with HttpxWire(national.url, HEADERS) as opened:
        yield opened


async def test_a_whole_life_is_spoken_with_the_simulator(
    national: NationalSimulator, wire: HttpxWire
) -> None:
    uploaded = DIALECT.decode_files(await wire.send(DIALECT.encode_files([PICTURE, LETTER]), 10), 2)
    assert isinstance(uploaded, Uploaded)
    taken = DIALECT.decode(await wire.send(DIALECT.encode(complaint(), REFERENCE, uploaded.ids), 10))
    assert isinstance(taken, Accepted)
    number = taken.tracking_id
    national.change(
        int(number), status_name="Dalam Proses", follow_up="Sedang dicek.", institution="Dinas Contoh"
    )
    request = DIALECT.encode_follow_up(number, ANSWER, [PICTURE])
    assert isinstance(request, Request)
    assert isinstance(DIALECT.decode_written(await wire.send(request, 10)), Written)
    standing = DIALECT.decode_standing(await wire.send(DIALECT.encode_standing(number), 10))
    assert isinstance(standing, Standing)
    assert (standing.word, standing.log[-1].status_new) == ("Dalam Proses", "Dalam Proses")
    page = DIALECT.decode_follow_ups(await wire.send(DIALECT.encode_follow_ups(number, 1), 10))
    assert isinstance(page, FollowUpPage)
    first, ours = page.follow_ups
    assert (first.author, first.text) == (Author.INSTITUTION, "Sedang dicek.")
    assert ours.attachments
    handed = await wire.send(DIALECT.encode_hand_over(number, "41002", "Bukan wewenang kami."), 10)
    assert isinstance(DIALECT.decode_written(handed), Written)


@pytest.mark.parametrize("kind", list(MasterKind))
async def test_every_master_list_is_read_from_the_simulator(wire: HttpxWire, kind: MasterKind) -> None:
    page = DIALECT.decode_masters(await wire.send(DIALECT.encode_masters(kind, 1), 10))
    assert isinstance(page, MastersPage)
    assert all(row.id and row.name for row in page.rows)
    assert (page.rows[0].content != "") == (kind is MasterKind.TEMPLATES)


async def test_a_complaint_that_is_not_there_is_no_fault_of_the_account(wire: HttpxWire) -> None:
    assert DIALECT.decode_standing(await wire.send(DIALECT.encode_standing("1"), 10)) == NoTrust("HTTP 404")
    request = DIALECT.encode_follow_up("1", ANSWER)
    assert isinstance(request, Request)
    assert isinstance(DIALECT.decode_written(await wire.send(request, 10)), Refused)


async def test_a_refused_credential_pauses_whatever_was_asked(national: NationalSimulator) -> None:
    async with HttpxWire(national.url, {}) as stranger:
        written = DIALECT.decode_files(await stranger.send(DIALECT.encode_files([PICTURE]), 10), 1)
        read = DIALECT.decode_standing(await stranger.send(DIALECT.encode_standing("1"), 10))
    assert written == NotTaken("HTTP 401", pauses=True)
    assert read == NoTrust("HTTP 401", pauses=True)
