"""A record with half an emoji is read; what is no JSON stays a fault, and nothing of the kind crashes."""

from typing import Any

import msgspec
import pytest

from lapor_gateway.book.due import _mapped
from lapor_gateway.domain.complaint import Fault, Unmappable
from lapor_gateway.domain.records import decode
from lapor_gateway.errors import SourceFaultError
from lapor_gateway.sources.json_records import RecordReader


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (rb'"lampu \ud83d"', "lampu �"),
        (rb'"\ud83d\ude00"', "\N{GRINNING FACE}"),
        (rb'"\ud83d\ud83d\ude00\uDE00"', "�\N{GRINNING FACE}�"),
        (rb'{"\ud83d":"\\ud83d"}', {"�": r"\ud83d"}),
        (b"1" * 400, int("1" * 400)),
    ],
)
def test_half_an_emoji_becomes_the_replacement_character(raw: bytes, value: Any) -> None:
    assert decode(raw) == value


@pytest.mark.parametrize(
    "raw",
    [b"", b"NaN", b"-Infinity", b"[1e999]", b"1" * 5000, b"[" * 100_000, b'{"a":1,}', rb'"\ud83', b'"\xff"'],
    ids=lambda raw: repr(raw[:12]),
)
def test_what_is_no_json_stays_a_fault(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(raw)
    assert _mapped(None, raw) == Unmappable(None, (Fault("record", "not_json"),))  # type: ignore[arg-type]
    with pytest.raises(SourceFaultError):
        RecordReader("@").read(raw, origin="The application")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("@", rb' [2, {"id":1,"a":"\ud83d"} , {"id":1,"a":"\ude00"},2]'),
        ("data", rb'{"x":"2\ud83d","data":[2, {"id":1,"a":"\ud83d"} , {"id":1,"a":"\ude00"},2]}'),
        ("a.b", rb'{"a":{"x":2,"b":[2, {"id":1,"a":"\ud83d"} , {"id":1,"a":"\ude00"},2]}}'),
    ],
)
def test_the_raw_records_beside_half_an_emoji_stay_as_they_came(path: str, body: bytes) -> None:
    records = RecordReader(path).read(body, origin="The application").records
    first, second = rb'{"id":1,"a":"\ud83d"}', rb'{"id":1,"a":"\ude00"}'
    assert [record.raw for record in records] == [b"2", first, second, b"2"]
    assert [record.value for record in records[1:3]] == [{"id": 1, "a": "�"}] * 2


def test_behind_a_path_that_computes_a_record_is_encoded_anew() -> None:
    (record,) = RecordReader("data[?id]").read(rb'{"data":[{"id":"\ud83d"}]}', origin="It").records
    assert msgspec.json.decode(record.raw) == record.value == {"id": "�"}
