"""Word documents (docx): refused with macros, embedded objects or outside templates; else packed anew, authors gone."""

import io
import re
import zipfile
from typing import Final

from lapor_gateway.cleaning.files import LARGEST_UNPACKED, MOST_PARTS, Cleaned, Unfit

_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ACTIVE_PART: Final = re.compile(
    r"vba|macro|activex|embeddings/|oleobject|customui|attachedtoolbars", re.IGNORECASE
)
_ACTIVE_TYPE: Final = re.compile(rb"macroEnabled|vbaProject|oleObject|activeX", re.IGNORECASE)
_OUTSIDE: Final = re.compile(rb"TargetMode\s*=\s*[\"']External", re.IGNORECASE)
_RELATION: Final = re.compile(rb"<[^<>]*?Relationship\s[^<>]*>")
_LINK_ONLY: Final = re.compile(rb"relationships/hyperlink[\"']")
_PROPERTIES: Final = re.compile(r"docProps/.*\.(?:xml|jpeg|jpg|png|emf|wmf)", re.IGNORECASE)
_EMPTY: Final = {
    "docProps/core.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp='
    b'"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
}
_AUTHOR: Final = re.compile(rb"""(\sw:(?:author|initials|lastModifiedBy)\s*=\s*)("[^"<]*"|'[^'<]*')""")
_DATE: Final = (1980, 1, 1, 0, 0, 0)


def clean_docx(content: bytes) -> Cleaned | Unfit:
    """The document with its properties emptied and nobody named in comments and changes."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                return Unfit("too_large", "unpacked")
            if any(part.flag_bits & 1 for part in parts):
                return Unfit("docx_encrypted")
            read = {part.filename: _read(package, part) for part in parts if not part.is_dir()}
    except Exception as fault:  # zlib, struct and zipfile have many ways to say that it is broken
        return Unfit("docx_broken", type(fault).__name__)
    acting = _acting(read)
    return Unfit("active_content", acting) if acting else Cleaned(_packed(read), _MEDIA_TYPE, "docx")


def _read(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """A part, no longer than it says it is."""
    with package.open(part) as opened:
        content = opened.read(part.file_size + 1)
    if len(content) > part.file_size:
        raise zipfile.BadZipFile("longer than it says")
    return content


def _acting(parts: dict[str, bytes]) -> str | None:
    """What in the document could act when it is opened."""
    if any(_ACTIVE_PART.search(name) for name in parts):
        return "macro or embedded object"
    if _ACTIVE_TYPE.search(parts.get("[Content_Types].xml", b"")):
        return "macro"
    for name, content in parts.items():
        if name.lower().endswith(".rels"):
            outside = (one for one in _RELATION.findall(content) if _OUTSIDE.search(one))
            if any(not _LINK_ONLY.search(one) for one in outside):
                return "part fetched from outside"
    return None


def _packed(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            if _PROPERTIES.fullmatch(name):
                cleaned = _EMPTY.get(name, b"")
            else:
                cleaned = _AUTHOR.sub(rb'\1""', content) if name.endswith(".xml") else content
            package.writestr(zipfile.ZipInfo(name, _DATE), cleaned, zipfile.ZIP_DEFLATED)
    return written.getvalue()
