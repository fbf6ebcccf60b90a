"""Records out of a JSON body: byte for byte as they came, where the manifest names a plain path to them."""

import re
from collections.abc import Iterable
from typing import Any

import jmespath
import msgspec

from lapor_gateway.domain.records import decode_mended
from lapor_gateway.errors import SourceFaultError
from lapor_gateway.sources.port import RawRecord

_PLAIN_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_TITLE = re.compile(rb"<title[^>]*>(.{1,200}?)</title>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(rb"<[^>]*>?")
_BOM = b"\xef\xbb\xbf"  # PHP files saved with one put it before their JSON


class Listing(msgspec.Struct, frozen=True):
    """A decoded body and the records in it."""

    body: Any
    records: tuple[RawRecord, ...]


class RecordReader:
    """Reads bodies in which the records lie at `path` (JMESPath; "@" is the body itself).

    A record's `raw` is its slice of the body; behind a JMESPath that computes (filters, projections) it is
    the record encoded anew. `one_or_many` takes a single object for a listing of one (webhooks).
    """

    def __init__(self, path: str, *, one_or_many: bool = False) -> None:
        self._path = path
        self._one_or_many = one_or_many
        self._depth = 0 if path == "@" else path.count(".") + 1
        self._envelope = _envelope_decoder(path) if path == "@" or _PLAIN_PATH.fullmatch(path) else None
        self._search = jmespath.compile(path)

    def read(
        self, body: bytes, *, origin: str, content_type: str = "", hidden: Iterable[str] = ()
    ) -> Listing:
        """Raises `SourceFaultError` for what is no listing; it names `origin`, never records or `hidden`."""
        body = body.removeprefix(_BOM)
        try:
            decoded, mended = decode_mended(body)
        except ValueError as fault:
            raise not_json(
                body, origin=origin, content_type=content_type, fault=fault, hidden=hidden
            ) from None
        found = self._search.search(decoded)
        if isinstance(found, list):
            values = found
            raws = (
                self._slices(body, mended)
                if self._envelope
                else [msgspec.json.encode(value) for value in found]
            )
        elif isinstance(found, dict) and self._one_or_many:
            values = [found]
            raws = [body.strip() if self._depth == 0 else msgspec.json.encode(found)]
        else:
            raise self._no_records(found, origin)
        return Listing(
            decoded, tuple(RawRecord(bytes(raw), value) for raw, value in zip(raws, values, strict=True))
        )

    def _slices(self, body: bytes, mended: bytes) -> list[Any]:
        assert self._envelope is not None
        slices: list[Any] = self._inner(self._envelope, mended)
        if mended is body:
            return slices
        whole = self._inner(_envelope_decoder(self._path, msgspec.Raw), mended)
        return _same_places(slices, body, mended, mended.index(bytes(whole)))

    def _inner(self, envelope: msgspec.json.Decoder[Any], body: bytes) -> Any:
        inner = envelope.decode(body)
        for _ in range(self._depth):
            inner = inner.inner
        return inner

    def _no_records(self, found: Any, origin: str) -> SourceFaultError:
        what = "nothing" if found is None else f"{_kind(found)} instead of a list"
        return SourceFaultError(
            f"{origin} answered, but there is {what} at `{self._path}`, where the records should be.",
            cure="Compare `records` in the manifest with what the application answers.",
        )


def not_json(
    body: bytes,
    *,
    origin: str,
    content_type: str,
    fault: Exception | None = None,
    hidden: Iterable[str] = (),
) -> SourceFaultError:
    """One sentence on what came instead of JSON; broken JSON may hold a reporter's data and is not quoted."""
    start = body.lstrip()[:1]
    what = content_type.partition(";")[0].strip() or "no content type"
    if not body.strip():
        came = "an empty body"
    elif start in (b"{", b"["):
        came = f"JSON that is cut short or broken ({len(body):,} bytes)"
    else:
        came = f"“{_excerpt(body, hidden)}”"
    return SourceFaultError(
        f"{origin} answered with {came} ({what}) where JSON was due.",
        detail=str(fault) if fault and start in (b"{", b"[") else "",
        cure="Check the address in the manifest and whether the application is healthy.",
    )


def _excerpt(body: bytes, hidden: Iterable[str]) -> str:
    title = _TITLE.search(body)
    text = title.group(1) if title else _TAG.sub(b" ", body[:2000])
    words = " ".join(text.decode("utf-8", "replace").split())
    for value in hidden:
        for secret in (value, value.rpartition(" ")[2]):
            words = words.replace(secret, "…") if secret else words
    return re.sub(r"\d{5,}", "…", words)[:60]


def _kind(value: Any) -> str:
    names = {dict: "an object", str: "a text", bool: "a truth value", int: "a number", float: "a number"}
    return names.get(type(value), "something")


def _same_places(slices: list[Any], body: bytes, mended: bytes, start: int) -> list[bytes]:
    """The bytes as they came of consecutive slices of `mended`, whose list begins at `start`."""
    found = []
    for piece in map(bytes, slices):
        start = mended.index(piece, start)
        found.append(body[start : start + len(piece)])
        start += len(piece)
    return found


def _envelope_decoder(path: str, shape: Any = list[msgspec.Raw]) -> msgspec.json.Decoder[Any]:
    """A decoder that leaves the records undecoded: nested structs for `a.b.c`, a bare list for "@"."""
    for name in reversed(path.split(".") if path != "@" else []):
        shape = msgspec.defstruct("Envelope", [("inner", shape)], rename={"inner": name})
    return msgspec.json.Decoder(shape)
