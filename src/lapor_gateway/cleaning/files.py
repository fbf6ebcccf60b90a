"""One file in, a clean one or the rule it breaks out. Pure but for the processor: run it off the event loop."""

import io
import zipfile
from typing import Final

import msgspec

LARGEST_UNPACKED: Final = 100_000_000
MOST_PARTS: Final = 3_000
_PICTURES: Final = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF8", "GIF"))
_RIFF_KIND: Final = slice(8, 12)


class Cleaned(msgspec.Struct, frozen=True):
    """A file as it may leave; `ending` is the usual one of its kind, without the dot."""

    content: bytes
    media_type: str
    ending: str


class Unfit(msgspec.Struct, frozen=True):
    """Why a file does not leave, in a word of ours, and what of it was at fault (never a piece of its content)."""

    rule: str
    detail: str = ""


def clean_file(content: bytes, *, at_most: int, documents: bool = True) -> Cleaned | Unfit:
    """The file without metadata, re-encoded where it is a picture, of at most `at_most` bytes.

    Its kind is told by its content alone, never by a name. `documents` false refuses what is no picture: the text
    within a document cannot be redacted. Never raises, whatever the bytes are.
    """
    if not content:
        return Unfit("empty")
    picture = _picture_kind(content)
    if picture is not None:
        from lapor_gateway.cleaning.pictures import clean_picture  # noqa: PLC0415 - heavy, and most runs need none

        return clean_picture(content, picture, at_most)
    kind = _document_kind(content)
    if kind is None:
        return Unfit("kind")
    if not documents:
        return Unfit("document_of_hidden_reporter")
    if kind == "pdf":
        from lapor_gateway.cleaning.pdf import clean_pdf  # noqa: PLC0415

        cleaned = clean_pdf(content)
    elif kind == "doc":
        return Unfit("legacy_office")
    else:
        from lapor_gateway.cleaning.docx import clean_docx  # noqa: PLC0415

        cleaned = clean_docx(content)
    if isinstance(cleaned, Cleaned) and len(cleaned.content) > at_most:
        return Unfit("too_large", f"{len(cleaned.content)} bytes")
    return cleaned


def _picture_kind(content: bytes) -> str | None:
    if content[:4] == b"RIFF" and content[_RIFF_KIND] == b"WEBP":
        return "WEBP"
    return next((kind for start, kind in _PICTURES if content.startswith(start)), None)


def _document_kind(content: bytes) -> str | None:
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "doc"
    if content.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                return "docx" if "word/document.xml" in package.namelist() else None
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            return None
    return None
