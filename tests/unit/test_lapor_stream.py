"""The XML that leaves: well formed whatever a citizen wrote, no identity where there must be none."""

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.domain.complaint import Complaint, Reporter, Visibility
from lapor_gateway.domain.reference import carried_by, comparable, derive
from lapor_gateway.national.lapor_stream import LaporStream, LaporStreamSettings

REFERENCE = derive(b"k" * 32, "uji/kanal", "1")
TOKEN = '{0000<&>"-0001}'
DIALECT = LaporStream(LaporStreamSettings(token=TOKEN))
REPORTER = Reporter(name="Siti Rekaan Jaya", phone="+6281234567890", email="siti@contoh.id")


@given(title=st.text(max_size=80), body=st.text(max_size=400))
def test_any_text_makes_well_formed_xml_that_carries_our_line(title: str, body: str) -> None:
    complaint = Complaint(source_id="1", title=title, body=body, reporter=REPORTER)
    root = fromstring(DIALECT.encode(complaint, REFERENCE).body.decode())
    text = root.findtext("laporan/isi")
    assert root.get("token") == TOKEN
    assert carried_by(text) == REFERENCE
    assert comparable(text) == comparable(DIALECT.sent_text(complaint, REFERENCE))


def test_an_open_report_names_its_reporter_in_two_parts() -> None:
    complaint = Complaint(source_id="1", title="Jalan", body="Rusak", reporter=REPORTER)
    root = fromstring(DIALECT.encode(complaint, REFERENCE).body.decode())
    assert [root.findtext(f"pelapor/{name}") for name in ("namadepan", "namabelakang", "email", "telpon")] == [
        "Siti", "Rekaan Jaya", "siti@contoh.id", "+6281234567890",
    ]  # fmt: skip
    assert root.find("laporan").attrib == {}


@pytest.mark.parametrize(
    ("visibility", "attributes", "names"),
    [
        (Visibility.ANONYMOUS, {"anonim": "1"}, False),
        (Visibility.SECRET, {"rahasia": "1"}, True),
        (Visibility.ANONYMOUS_SECRET, {"rahasia": "1", "anonim": "1"}, False),
    ],
)
def test_the_flags_leave_and_an_anonymous_reporter_does_not(
    visibility: Visibility, attributes: dict[str, str], names: bool
) -> None:
    told = "Saya Siti Rekaan Jaya, siti@contoh.id, +6281234567890."
    complaint = Complaint(source_id="1", title=told, body=told, reporter=REPORTER, visibility=visibility)
    body = DIALECT.encode(complaint, REFERENCE).body.decode()
    root = fromstring(body)
    assert root.find("laporan").attrib == attributes
    assert "siti@contoh.id" not in root.findtext("laporan/isi")
    assert ("siti@contoh.id" in body) is names
