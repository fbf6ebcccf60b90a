"""The legacy dialect lapor-stream: one complaint as XML, answered with its numbers as XML."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lapor_gateway.simulators.national.answers import Answer
from lapor_gateway.simulators.national.drafts import Draft
from lapor_gateway.simulators.national.http11 import Request

XML = "text/xml; charset=UTF-8"
_TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Streamed:
    """What a request brought: the token that says whose it is, and the complaint."""

    token: str
    draft: Draft


def read_stream(request: Request, content_limit: int) -> Streamed | Answer:
    """The complaint in a request, or the answer that refuses it. No DTD, no entities; `content_limit` in characters."""
    try:
        root = fromstring(request.body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return refusal("XML tidak dapat dibaca", 400)
    report = root.find("laporan")
    if root.tag != "lapor" or report is None:
        return refusal("Unsur lapor atau laporan tidak ada", 400)
    content = (report.findtext("isi") or "").strip()
    if not content or len(content) > content_limit:
        return refusal("Isi laporan kosong atau terlalu panjang", 422)
    body = {
        "title": content.partition("\n")[0][:_TITLE_LENGTH],
        "content": content,
        "is_new_user_slider": True,
        "nameUser": " ".join(filter(None, (_of(root, "namadepan"), _of(root, "namabelakang")))),
        "emailUser": _of(root, "email"),
        "phoneUser": _of(root, "telpon"),
        "is_secret": report.get("rahasia") == "1",
        "is_anonymous": report.get("anonim") == "1",
    }
    title = str(body["title"])
    return Streamed(root.get("token", ""), Draft(title, content, msgspec.json.encode(body)))


def taken(tracking_id: int) -> Answer:
    """The answer to a complaint that was taken; the two numbers are never the same."""
    inside = f"<trackingid>{tracking_id}</trackingid><transaksiid>{tracking_id * 7 + 3}</transaksiid>"
    return _xml(f"<lapor>{inside}</lapor>", 200)


def refusal(text: str, status: int) -> Answer:
    return _xml(f"<lapor><error>{escape(text)}</error></lapor>", status)


def _xml(text: str, status: int) -> Answer:
    return Answer(status, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode(), XML)


def _of(root: Element, name: str) -> str:
    return (root.findtext(f"pelapor/{name}") or "").strip()
