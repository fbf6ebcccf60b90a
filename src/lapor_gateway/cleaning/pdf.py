"""PDF documents: refused with anything that acts, else written anew without their metadata."""

import io
from collections.abc import Iterator
from typing import Any, Final

import pikepdf

from lapor_gateway.cleaning.files import Cleaned, Unfit

_ACTIVE: Final = frozenset(
    {
        "/JS", "/JavaScript", "/Launch", "/OpenAction", "/AA", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/Filespec",
        "/RichMedia", "/XFA", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie", "/Sound",
    }
)  # fmt: skip
_DESTINATION_ONLY: Final = "/OpenAction"
_MOST_OBJECTS: Final = 200_000
_DEEPEST: Final = 50


def clean_pdf(content: bytes) -> Cleaned | Unfit:
    """The document without who wrote it with what and when; `Unfit` for scripts, attached files, passwords."""
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            if document.is_encrypted:
                return Unfit("pdf_encrypted")
            if len(document.objects) > _MOST_OBJECTS:
                return Unfit("too_large", f"{len(document.objects)} objects")
            acting = sorted({name for name in _names(document) if name in _ACTIVE})
            if acting:
                return Unfit("active_content", ", ".join(name.lstrip("/") for name in acting))
            _strip(document)
            written = io.BytesIO()
            document.save(written, deterministic_id=True)
    except pikepdf.PasswordError:
        return Unfit("pdf_encrypted")
    except Exception as fault:  # the parser raises many kinds for broken data
        return Unfit("pdf_broken", type(fault).__name__)
    return Cleaned(written.getvalue(), "application/pdf", "pdf")


def _names(document: pikepdf.Pdf) -> Iterator[str]:
    """Every key, and every name that stands as a value: after qpdf has undone escapes and compressed objects."""
    for one in [*document.objects, document.trailer]:
        yield from _names_in(one, _DEEPEST)


def _names_in(value: Any, depth: int) -> Iterator[str]:
    one: Any
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, pikepdf.Name):
        yield str(value)
    elif isinstance(value, pikepdf.Array):
        for one in value:
            if isinstance(one, pikepdf.Object) and not one.is_indirect:
                yield from _names_in(one, depth - 1)
    elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        for key, one in value.items():
            is_place = key == _DESTINATION_ONLY and isinstance(one, pikepdf.Array)  # a page to begin at
            if not is_place:
                yield key
            if isinstance(one, pikepdf.Object) and not one.is_indirect:
                yield from _names_in(one, depth - 1)


def _strip(document: pikepdf.Pdf) -> None:
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    for one in document.objects:
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            for key in ("/Metadata", "/PieceInfo", "/LastModified"):
                if key in one:
                    del one[key]
