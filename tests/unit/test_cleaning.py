"""Files from strangers: known by content, without metadata, nothing active; any bytes lead to an answer."""

import io
import zipfile

import pikepdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from lapor_gateway.cleaning import Cleaned, Unfit, clean_file
from lapor_gateway.cleaning.pictures import MOST_PIXELS
from tests.support.files import NAME, letter, noise, photograph, with_script, word

ROOM = 5_000_000


def cleaned(content: bytes, **options: bool) -> Cleaned:
    found = clean_file(content, at_most=ROOM, **options)
    assert isinstance(found, Cleaned), found
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_drawn_anew_without_what_was_written_beside_it(kind: str) -> None:
    found = cleaned(photograph(kind=kind))
    assert found.media_type == "image/jpeg"
    with Image.open(io.BytesIO(found.content)) as picture:
        assert not picture.getexif()
        assert picture.size == (480, 640)  # upright
    assert NAME not in found.content


def test_a_transparent_picture_stays_transparent() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (9, 9), (255, 0, 0, 40)).save(written, "PNG")
    assert cleaned(written.getvalue()).ending == "png"


def test_a_picture_that_is_too_large_is_made_smaller_until_it_fits() -> None:
    found = clean_file(noise(1500), at_most=300_000)
    assert isinstance(found, Cleaned)
    assert len(found.content) <= 300_000
    assert clean_file(noise(1500), at_most=1_000) == Unfit("too_large")


def test_a_picture_of_too_many_pixels_is_never_drawn() -> None:
    side = int(MOST_PIXELS**0.5) + 1
    written = io.BytesIO()
    Image.new("1", (side, side)).save(written, "PNG")
    assert len(written.getvalue()) < 100_000
    assert clean_file(written.getvalue(), at_most=ROOM) == Unfit(
        "picture_too_many_pixels", f"{side} x {side}"
    )


def test_more_than_a_picture_does_not_survive_in_it() -> None:
    assert b"<script>" not in cleaned(photograph() + b"<script>alert(1)</script>PK\x03\x04").content


def test_a_document_loses_its_author() -> None:
    found = cleaned(letter())
    assert (found.media_type, found.ending) == ("application/pdf", "pdf")
    with pikepdf.open(io.BytesIO(found.content)) as document:
        assert "/Info" not in document.trailer
    assert NAME not in found.content


def attach(document: pikepdf.Pdf) -> None:
    document.attachments["x.exe"] = pikepdf.AttachedFileSpec(document, b"MZ")


def launch(document: pikepdf.Pdf) -> None:
    document.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe"))


def form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(XFA=pikepdf.String("x"))


@pytest.mark.parametrize("change", [with_script, attach, launch, form])
def test_a_document_that_acts_does_not_leave(change: object) -> None:
    found = clean_file(letter(change), at_most=ROOM)  # type: ignore[arg-type]
    assert isinstance(found, Unfit)
    assert found.rule == "active_content"


def test_a_name_spelt_with_escapes_is_read_as_what_it_means() -> None:
    content = letter(with_script).replace(b"/JavaScript", b"/J#61vaScript")
    found = clean_file(content, at_most=ROOM)
    assert isinstance(found, Unfit)


def test_a_document_that_only_opens_at_a_page_may_leave() -> None:
    def at_a_page(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit])

    cleaned(letter(at_a_page))


def test_a_locked_document_does_not_leave() -> None:
    content = letter(encryption=pikepdf.Encryption(owner="a", user="b"))
    assert clean_file(content, at_most=ROOM) == Unfit("pdf_encrypted")


def test_a_word_document_loses_its_authors() -> None:
    found = cleaned(word())
    assert found.ending == "docx"
    with zipfile.ZipFile(io.BytesIO(found.content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    assert not [name for name, content in parts.items() if NAME in content]
    assert b"Jalan rusak" in parts["word/document.xml"]


OUTSIDE = (
    b'<Relationship Type="http://x/relationships/attachedTemplate" Target="http://x" TargetMode="External"/>'
)
LINK = b'<Relationship Type="http://x/relationships/hyperlink" Target="http://x" TargetMode="External"/>'


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"word__vbaProject_DOT_bin": b"x"}, "active_content"),
        ({"word__embeddings__a_DOT_bin": b"x"}, "active_content"),
        ({"word___rels__document_DOT_xml_DOT_rels": OUTSIDE}, "active_content"),
        ({"word__big_DOT_xml": b"0" * 100_000_001}, "too_large"),
    ],
)
def test_a_word_document_that_acts_or_bursts_does_not_leave(more: dict[str, bytes], rule: str) -> None:
    found = clean_file(word(**more), at_most=ROOM)
    assert isinstance(found, Unfit)
    assert found.rule == rule


def test_a_word_document_may_hold_links() -> None:
    cleaned(word(word___rels__document_DOT_xml_DOT_rels=LINK))


def test_a_hidden_reporters_document_does_not_leave_and_the_picture_does() -> None:
    assert clean_file(letter(), at_most=ROOM, documents=False) == Unfit("document_of_hidden_reporter")
    cleaned(photograph(), documents=False)


starts = st.sampled_from(
    [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"%PDF-1.7\n"]
)


def any_bytes_have_an_end(content: bytes) -> None:
    found = clean_file(content, at_most=ROOM)
    assert isinstance(found, Cleaned | Unfit)
    if isinstance(found, Cleaned):
        assert NAME not in found.content


@given(start=starts, rest=st.binary(max_size=200))
@example(start=b"%PDF-", rest=b"1.7 xref 99999999999999999999 trailer <</Size 9>>")
def test_any_bytes_lead_to_an_answer(start: bytes, rest: bytes) -> None:
    any_bytes_have_an_end(start + rest)


@pytest.mark.soak
@settings(max_examples=5_000, deadline=None)
@given(data=st.data())
def test_a_file_with_wrong_bytes_leads_to_an_answer(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([photograph(), letter(), letter(with_script), word()])))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    assert isinstance(clean_file(bytes(content), at_most=ROOM), Cleaned | Unfit)
