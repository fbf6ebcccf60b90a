"""Dialect lapor-stream: the legacy XML call, as public client code shows it. No list of its own, no status. No I/O."""

import codecs
import re
from collections.abc import Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lapor_gateway.domain.complaint import Complaint, Reporter
from lapor_gateway.domain.outcomes import Accepted, NotTaken, Outcome, Refused, Unknown, tracking_id_of
from lapor_gateway.domain.redaction import redact
from lapor_gateway.domain.reference import Reference, neutralise, with_reference
from lapor_gateway.national.lapor_f01 import LaporF01
from lapor_gateway.national.lapor_v3.answers import untaken
from lapor_gateway.national.port import (
    Ability,
    Answer,
    ListPage,
    MasterKind,
    MastersPage,
    NoTrust,
    Request,
    Response,
)

_HEADERS: Final = {"Accept": "text/xml", "Content-Type": "text/xml; charset=UTF8"}
_LARGEST: Final = 1_000_000  # bytes; an answer has two numbers in it
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION: Final = re.compile(r"^\s*<\?xml.*?\?>", re.DOTALL)
_CHARSET: Final = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})")
_FALLBACKS: Final = ("utf-8", "windows-1252", "latin-1")


class LaporStreamSettings(msgspec.Struct, frozen=True):
    """`token` stands in the body of every call; `lists` is the list of another dialect, where it was granted."""

    token: str = ""
    create_path: str = "/api/stream/addstream"
    unavailable_means_not_taken: bool = False
    lists: LaporF01 | None = None


class LaporStream:
    """One account's dialect; holds settings only."""

    def __init__(self, settings: LaporStreamSettings | None = None) -> None:
        self._settings = settings or LaporStreamSettings()

    @property
    def can(self) -> frozenset[Ability]:
        lists = {Ability.LOOK_UP, Ability.MASTERS} if self._settings.lists else set()
        return frozenset({Ability.SUBMIT} | lists)

    @property
    def lists_secret(self) -> bool:
        return False

    def encode(self, complaint: Complaint, reference: Reference, _: Sequence[str] = ()) -> Request:
        body = _xml(complaint, self.sent_text(complaint, reference), self._settings.token)
        return Request("POST", self._settings.create_path, _HEADERS, body.encode())

    def sent_text(self, complaint: Complaint, reference: Reference) -> str:
        """The only text there is holds the title, too: our line, the title, the citizen's words."""
        text = f"{neutralise(complaint.title)}\n\n{complaint.body}"
        hides = complaint.visibility.is_anonymous or complaint.visibility.is_secret
        return _plain(with_reference(reference, redact(text, complaint.reporter) if hides else text))

    def decode(self, answer: Answer) -> Outcome:
        taken = _untaken(answer, self._settings)
        if not isinstance(taken, Response):
            return taken
        tracking_id = _tracking_id(taken)
        why = f"HTTP {taken.status} without a tracking id"
        return Accepted(tracking_id) if tracking_id else Unknown(why)

    def encode_list(self, page: int, *, search: str | None = None) -> Request:
        assert self._settings.lists is not None, "only called where a list was granted"
        return self._settings.lists.encode_list(page, search=search)

    def decode_list(self, answer: Answer) -> ListPage | NoTrust:
        lists = self._settings.lists
        return NoTrust("no list was granted") if lists is None else lists.decode_list(answer)

    @property
    def master_kinds(self) -> tuple[MasterKind, ...]:
        """The topics of `lapor-f01` are categories; no other list is known."""
        return (MasterKind.CATEGORIES,)

    def encode_masters(self, _: MasterKind, __: int) -> Request:
        assert self._settings.lists is not None, "only called where a list was granted"
        return self._settings.lists.encode_topics()

    def decode_masters(self, answer: Answer) -> MastersPage | NoTrust:
        lists = self._settings.lists
        return NoTrust("no list was granted") if lists is None else lists.decode_topics(answer)


def _untaken(answer: Answer, settings: LaporStreamSettings) -> Response | Refused | NotTaken | Unknown:
    return untaken(answer, unavailable_means_not_taken=settings.unavailable_means_not_taken)


def _xml(complaint: Complaint, text: str, token: str) -> str:
    visibility = complaint.visibility
    flags = (("rahasia", visibility.is_secret), ("anonim", visibility.is_anonymous))
    attributes = "".join(f' {name}="1"' for name, is_set in flags if is_set)
    reporter = Reporter() if visibility.is_anonymous else complaint.reporter
    first, _, rest = (reporter.name or "").strip().partition(" ")
    people = {
        "email": reporter.email,
        "telpon": reporter.phone,
        "namadepan": first,
        "namabelakang": rest,
    }
    pelapor = "".join(f"<{name}>{escape(_plain(value or ''))}</{name}>" for name, value in people.items())
    return (
        f"<lapor token={quoteattr(token)}><pelapor>{pelapor}</pelapor>"
        f"<laporan{attributes}><isi>{escape(text)}</isi></laporan></lapor>"
    )


def _plain(text: str) -> str:
    """`text` without the characters that no XML document can hold."""
    return _NO_XML.sub("", text)


def _tracking_id(response: Response) -> str | None:
    """The one number that the answer calls `trackingid`; None where it has none, or several that differ."""
    if len(response.body) > _LARGEST:
        return None
    try:
        root: Element = fromstring(_text(response))
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        return None
    numbers = {_number(one) for one in root.iter() if _local(one.tag) == "trackingid"}
    return numbers.pop() if len(numbers) == 1 else None


def _number(element: Element) -> str | None:
    return tracking_id_of((element.text or "").strip())


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2].casefold()


def _text(response: Response) -> str:
    """The answer as text by the charset that it names, else by one that reads it; the declaration is taken off,
    for it may name another."""
    names = [one.decode("ascii") for one in _CHARSET.findall(_named_in(response))]
    for name in (*names, *_FALLBACKS):
        try:
            decoded = codecs.decode(response.body, name)
        except (LookupError, UnicodeError):
            continue
        if isinstance(decoded, str):
            return _DECLARATION.sub("", decoded.removeprefix("\ufeff"), count=1)
    raise ValueError("no charset reads it")


def _named_in(response: Response) -> bytes:
    return response.headers.get("content-type", "").encode("ascii", "ignore") + b" " + response.body[:200]
