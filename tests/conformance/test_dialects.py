"""What every dialect promises, whichever it is: recorded answers, failures, and any bytes at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lapor_gateway.domain.complaint import Complaint, Reporter, Visibility
from lapor_gateway.domain.follow_up import Answer, Standing
from lapor_gateway.domain.outcomes import Accepted, NotTaken, Refused, Unknown
from lapor_gateway.domain.reference import carried_by, derive
from lapor_gateway.national.port import (
    Ability,
    File,
    FollowUpPage,
    ListPage,
    Lost,
    MastersPage,
    NoTrust,
    NotSent,
    Request,
    Response,
    Uploaded,
    Written,
)
from tests.support.dialects import (
    BAD_ENDS,
    CASES,
    NEEDS,
    READING,
    SAMPLES,
    UPLOADED,
    WRITING,
    Case,
    answer_of,
    decoder,
    shown,
    trusted,
)

REFERENCE = derive(b"k" * 32, "uji/kanal", "1")
REPORTER = Reporter(
    name="Siti Rekaan",
    nik="3523014101900001",
    phone="+6281234567890",
    email="siti@contoh.id",
    address="Jalan Melati 17 Tuban",
)
TOLD = "Saya Siti Rekaan, NIK 3523014101900001, HP 0812-3456-7890, siti@contoh.id, Jalan Melati 17 Tuban."
GOOD = {
    "submission": Accepted,
    "written": Written,
    "files": Uploaded,
    "list": ListPage,
    "standing": Standing,
    "follow_ups": FollowUpPage,
    "masters": MastersPage,
}

every_dialect = pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder)
samples = pytest.mark.parametrize(
    ("case", "sample"),
    [(case, sample) for case in CASES for sample in sorted((SAMPLES / case.folder).glob("*/*.http"))],
    ids=lambda value: f"{value.parent.name}/{value.stem}" if isinstance(value, Path) else value.folder,
)


@samples
def test_a_recorded_answer_is_read_as_expected(case: Case, sample: Path) -> None:
    read = decoder(case.dialect, sample.parent.name)
    assert read is not None
    assert shown(read(answer_of(sample))) == json.loads(
        sample.with_suffix(".expected.json").read_text("utf-8")
    )


@every_dialect
def test_each_call_has_recorded_answers_that_are_believed_and_that_are_not(case: Case) -> None:
    for call in WRITING | READING:
        read = decoder(case.dialect, call)
        if read is not None:
            found = {trusted(read(answer_of(one))) for one in (SAMPLES / case.folder / call).glob("*.http")}
            assert found == {True, False}, call


@every_dialect
def test_what_a_dialect_says_it_can_do_it_has_the_calls_for(case: Case) -> None:
    assert Ability.SUBMIT in case.dialect.can
    for method, ability in NEEDS.items():
        assert hasattr(case.dialect, method) or ability not in case.dialect.can, method


@every_dialect
def test_a_request_that_never_left_is_not_taken_and_a_lost_one_is_unknown(case: Case) -> None:
    for call in WRITING:
        read = decoder(case.dialect, call)
        if read is not None:
            assert read(NotSent("refused")) == NotTaken("refused", outage=True)
            assert read(Lost("time-out")) == Unknown("time-out")
    for call in READING:
        read = decoder(case.dialect, call)
        if read is not None:
            assert read(NotSent("refused")) == NoTrust("refused")
            assert read(Lost("time-out")) == NoTrust("time-out")


def everything_sent(case: Case, complaint: Complaint) -> list[Request]:
    """Every request that a complaint can lead to."""
    dialect: Any = case.dialect
    found = [dialect.encode(complaint, REFERENCE), dialect.encode(complaint, REFERENCE, ("4199656",))]
    files = [File("lampiran-1.jpg", "image/jpeg", b"\xff\xd8\xff")]
    if Ability.LIST in dialect.can:
        found.append(dialect.encode_list(2, search=REFERENCE))
    if Ability.READ_STATUS in dialect.can:
        found += [dialect.encode_standing("9876543"), dialect.encode_follow_ups("9876543", 2)]
    if Ability.FOLLOW_UP in dialect.can:
        found.append(dialect.encode_follow_up("9876543", Answer("Sudah diperbaiki."), files))
    if Ability.ATTACH in dialect.can:
        found.append(dialect.encode_files(files))
    return found


@every_dialect
@pytest.mark.parametrize("visibility", list(Visibility))
def test_every_request_can_stand_on_a_wire(case: Case, visibility: Visibility) -> None:
    one = Complaint(source_id="1", title="Jalan\r\nX: y", body=TOLD, reporter=REPORTER, visibility=visibility)
    for request in everything_sent(case, one):
        assert isinstance(request, Request)
        assert request.path.startswith("/")
        assert request.path.isascii()
        assert not any(character in request.path for character in " \r\n")
        for name, value in request.headers.items():
            assert "\n" not in name + value
            assert "\r" not in name + value


@every_dialect
@pytest.mark.parametrize("visibility", [Visibility.ANONYMOUS, Visibility.ANONYMOUS_SECRET])
def test_an_anonymous_report_leaves_without_any_identity_whatever_the_manifest_maps(
    case: Case, visibility: Visibility
) -> None:
    fields = {
        "nameUser": REPORTER.name,
        "emailUser": REPORTER.email,
        "tags_raw": "#siti rekaan",
        "user_id": 9,
    }
    one = Complaint("1", TOLD[:40], TOLD, reporter=REPORTER, visibility=visibility, national_fields=fields)
    body = case.dialect.encode(one, REFERENCE).body.lower()
    for value in (b"siti", b"3523014101900001", b"3456-7890", b"81234567890", b"contoh.id", b"melati 17"):
        assert value not in body
    assert carried_by(case.dialect.sent_text(one, REFERENCE)) == REFERENCE


NAMES = """
complaint_id data results complaint id errors message next_page_url content status_name data_logs docs images
template_code template_content institution_from_id institution_to name status_new created_at date attachments
path file_name extension title followup_id success
"""
names = st.sampled_from(NAMES.split())
words = st.sampled_from(
    ["{{ institution_from }}", "{{", "<b>", "05-01-2026 08:15:00", '{"status_new": 5}', "[]"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=20,
)
in_its_place = st.builds(lambda value: {"results": {"data": value}}, json_values) | st.builds(
    lambda found, logs: {"results": {"data": {"status_name": found}, "data_logs": logs}},
    json_values,
    json_values,
)
bodies = st.binary(max_size=80) | (json_values | in_its_place).map(lambda value: json.dumps(value).encode())
headers = st.dictionaries(st.sampled_from(["retry-after", "date", "content-type"]), st.text(max_size=30))
statuses = st.sampled_from([200, 200, 200, 201, 400, 401, 404, 413, 422, 429, 500, 503]) | st.integers(
    100, 599
)
answers = st.builds(Response, statuses, headers, bodies)

HARD = [
    b'{"complaint_id": ' + b"9" * 5000 + b"}",
    b"[" * 5000,
    b'{"data": ' * 2000 + b"1" + b"}" * 2000,
    b'{"complaint_id": "\\ud800"}',
    b'{"results": {"data": [{"content": "\\ud800{{institution_from}}", "data": "\\ud800"}], "next_page_url": null}}',
    b'{"results": {"data": {"status_name": "\\u0000"}, "data_logs": [{"data": "\\"\\\\\\"\\\\\\"\\""}]}}',
    b'{"results": {"docs": [{"id": 1e400}], "images": {"id": 1}}}',
    b'{"results": {"data": [{"created_at": "99-99-9999 99:99:99", "date": "9999999-01-01"}]}}',
    b"<lapor>" + b"<a>" * 3000,
    b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
]


def any_answer_has_an_end(case: Case, answer: Response) -> None:
    """Never a crash, never `Accepted` without a plausible id, never files that were not all taken."""
    for call in WRITING | READING:
        read = decoder(case.dialect, call)
        if read is None:
            continue
        end = read(answer)
        assert isinstance(end, (GOOD[call], *(BAD_ENDS if call in WRITING else (NoTrust,))))
        if trusted(end):
            assert 200 <= answer.status < 300
        if isinstance(end, Refused):
            assert answer.status in (400, 404, 413, 415, 422)
        if isinstance(end, Accepted):
            assert end.tracking_id.isascii()
            assert end.tracking_id.isdigit()
            assert 0 < int(end.tracking_id) < 10**15
            assert end.tracking_id.encode() in answer.body
        if isinstance(end, Uploaded):
            assert len(set(end.ids)) == UPLOADED
        shown(end).clear()  # it can be written down


@every_dialect
@given(answer=answers)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_lead_to_an_outcome(case: Case, answer: Response) -> None:
    any_answer_has_an_end(case, answer)


@every_dialect
@pytest.mark.parametrize("body", HARD, ids=range(len(HARD)))
@pytest.mark.parametrize("status", [200, 201, 404, 422])
def test_hard_bytes_lead_to_an_outcome(case: Case, body: bytes, status: int) -> None:
    any_answer_has_an_end(case, Response(status, {}, body))


@pytest.mark.soak
@every_dialect
@given(answer=answers)
@settings(max_examples=50_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_lead_to_an_outcome_however_long_one_tries(case: Case, answer: Response) -> None:
    any_answer_has_an_end(case, answer)


@pytest.mark.soak
@every_dialect
@given(data=st.data())
@settings(max_examples=50_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_recorded_answer_with_wrong_bytes_leads_to_an_outcome(case: Case, data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(sorted((SAMPLES / case.folder).glob("*/*.http"))))
    answer = answer_of(sample)
    body = bytearray(answer.body)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(body) - 1, 0)))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    any_answer_has_an_end(case, Response(200, answer.headers, bytes(body)))
