"""Whatever a source sends, mapping answers with a complaint that can be stored, or with named faults."""

from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from lapor_gateway.domain.complaint import (
    Attachment,
    Complaint,
    Fault,
    Flag,
    Kind,
    Mapped,
    Place,
    Reporter,
    StatusMeaning,
    Visibility,
)
from lapor_gateway.domain.digests import canonical_bytes
from lapor_gateway.domain.mapping import CANONICAL_FIELDS, Mapping, MappingSpec
from lapor_gateway.domain.mapping_steps import Part, Step

# A third of the profile's examples: each builds a whole record, and the pure tests are to stay quick.
_FEWER = settings(max_examples=settings().max_examples // 3)
_TABLES = {"kind": "kind", "regional_status": "status", "category": "category"}
_COMPILED = Mapping.compile(
    MappingSpec(
        zone="Asia/Jakarta",
        fields={
            name: (
                Step(
                    parts=(Part(path=name),),
                    values=_TABLES.get(name),
                    html=name == "body",
                    date=("excel", "%d/%m/%Y", "indonesian", "iso") if name.endswith("_at") else (),
                ),
            )
            for name in CANONICAL_FIELDS
        },
        values={"kind": {"a": "aspirasi"}, "status": {"a": "open"}, "category": {"a": "b", "*": "hold"}},
        national={"category_id": (Step(parts=(Part(path="category"),), values="category"),)},
    )
)
_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_records = st.dictionaries(st.sampled_from(CANONICAL_FIELDS), _values) | st.fixed_dictionaries(
    {"source_id": st.integers(), "body": st.text(min_size=1)},
    optional=dict.fromkeys(set(CANONICAL_FIELDS) - {"source_id", "body"}, _values),
)

_word = st.text(alphabet=st.characters(codec="utf-8"), max_size=5)
_maybe = st.none() | _word
_moments = st.datetimes(
    min_value=datetime(1950, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([timezone(timedelta(hours=hours)) for hours in (0, 7, 9)]),
)
_complaints = st.builds(
    Complaint,
    source_id=_word,
    title=_word,
    body=_word,
    kind=st.sampled_from(Kind),
    visibility=st.sampled_from(Visibility),
    category=_maybe,
    reporter=st.builds(Reporter, name=_maybe, nik=_maybe, phone=_maybe),
    place=st.builds(Place, text=_maybe, latitude=st.none() | st.sampled_from([0.5, -6.25])),
    incident_at=st.none() | _moments,
    created_at=st.none() | _moments,
    attachments=st.lists(st.builds(Attachment, address=_word), max_size=2).map(tuple),
    regional_word=_maybe,
    regional_status=st.none() | st.sampled_from(StatusMeaning),
    national_number=_maybe,
    national_fields=st.dictionaries(_word, _word, max_size=2),
)


@_FEWER
@given(_records)
def test_any_record_is_mapped_or_refused_with_reasons(record: dict[str, Any]) -> None:
    result = _COMPILED.apply(record)
    if isinstance(result, Mapped):
        assert result.complaint.source_id
        assert result.complaint.title
        assert result.complaint.body
        assert b"\\u0000" not in msgspec.json.encode(result.complaint)
        assert _COMPILED.source_id(record) == result.complaint.source_id
    else:
        assert result.faults


@_FEWER
@given(_records)
def test_mapping_is_a_function_of_the_record(record: dict[str, Any]) -> None:
    before = repr(record)
    assert repr(_COMPILED.apply(record)) == repr(_COMPILED.apply(record))
    assert repr(record) == before


@_FEWER
@given(_records)
def test_a_stored_complaint_is_read_back_the_same(record: dict[str, Any]) -> None:
    result = _COMPILED.apply(record)
    if isinstance(result, Mapped):
        again = msgspec.json.decode(msgspec.json.encode(result.complaint), type=Complaint)
        assert again == result.complaint
        assert canonical_bytes(again) == canonical_bytes(result.complaint)


@_FEWER
@given(_complaints, _complaints)
def test_complaints_have_equal_bytes_if_and_only_if_they_are_equal(one: Complaint, other: Complaint) -> None:
    assert (canonical_bytes(one) == canonical_bytes(other)) is (
        _without_remarks(one) == _without_remarks(other)
    )


@_FEWER
@given(_complaints)
def test_equal_complaints_have_equal_bytes_however_they_came_about(complaint: Complaint) -> None:
    again = msgspec.json.decode(msgspec.json.encode(complaint), type=Complaint)
    shifted = msgspec.structs.replace(
        complaint,
        created_at=complaint.created_at and complaint.created_at.astimezone(timezone(timedelta(hours=9))),
    )
    assert canonical_bytes(again) == canonical_bytes(shifted) == canonical_bytes(complaint)


def _without_remarks(complaint: Complaint) -> Complaint:
    """Without what makes no edit: the queries of attachments and the regional status."""
    attachments = tuple(Attachment(file.address.partition("?")[0]) for file in complaint.attachments)
    return msgspec.structs.replace(
        complaint, attachments=attachments, regional_word=None, regional_status=None
    )


def test_flags_signatures_touches_and_a_status_do_not_make_an_edit() -> None:
    moment = datetime(2024, 2, 3, tzinfo=timezone(timedelta(hours=7)))
    one = Complaint("7", "Jalan", "Rusak", attachments=(Attachment("a.jpg?sig=1"),), updated_at=moment)
    other = msgspec.structs.replace(
        one,
        attachments=(Attachment("a.jpg?sig=2"),),
        updated_at=moment + timedelta(days=1),
        flags=(Flag("title", "made_from_body"),),
        regional_word="Selesai",
        regional_status=StatusMeaning.DONE,
    )
    assert canonical_bytes(one) == canonical_bytes(other)
    assert canonical_bytes(one) != canonical_bytes(msgspec.structs.replace(one, body="Parah"))


def test_a_fault_repeats_no_more_than_the_head_of_a_value() -> None:
    result = _COMPILED.apply({"source_id": 1, "body": "x", "incident_at": "x" * 10_000})
    assert not isinstance(result, Mapped)
    assert result.faults == (Fault("incident_at", "date", "x" * 120),)
