"""The family `rest`: JSON listings over HTTP, with the next page fetched while the current one is handled."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b
from typing import Any

import httpx
import jmespath
import msgspec

from lapor_gateway.errors import OutOfReachError, SourceFaultError
from lapor_gateway.outgoing import MAX_BODY_BYTES, Answer, Patience, send
from lapor_gateway.sources.ahead import Ahead
from lapor_gateway.sources.json_records import Listing, RecordReader
from lapor_gateway.sources.port import Checkpoint, Page, RawRecord
from lapor_gateway.sources.rest_auth import Secrets, open_credential, refused, resolve
from lapor_gateway.sources.rest_paging import Pass, Position, Reading, Reread, Turner
from lapor_gateway.sources.settings import CursorPaging, RestChanged, RestSettings

_STALE_POSITION = (400, 404, 410, 422)  # what applications answer to a cursor that has expired
_NO_PATIENCE_NEEDED = Patience(tries=1, overall=60.0)


class _Cursor(msgspec.Struct, frozen=True):
    """The checkpoint's cursor of this family; `of` is the digest of what was asked."""

    reading: Reading
    full: bool
    of: str


class _Turned(msgspec.Struct, frozen=True):
    listing: Listing
    following: Position | None
    total: int | None


class _StalePositionError(Exception):
    """The position that a resumed pass begins with means nothing to the application any more."""


class RestSource:
    """A REST application's listing. `zone` is the region's, for applications that speak local time."""

    def __init__(
        self,
        settings: RestSettings,
        *,
        zone: tzinfo,
        secrets: Secrets,
        http: httpx.AsyncClient,
        owns_client: bool = False,
        patience: Patience | None = None,
    ) -> None:
        self._settings = settings
        self._zone = zone
        self._secrets = secrets
        self._http = http
        self._owns_client = owns_client
        self._patience = patience or Patience()
        self._credential = open_credential(settings.auth, secrets, http, self._patience)
        self._turner = Turner(settings.paging)
        self._reader = RecordReader(settings.records)
        self._total = jmespath.compile(settings.total) if settings.total else None
        self._url = httpx.URL(settings.url)
        self._origin = self._url.netloc.decode("ascii")
        self._ahead: Ahead[_Turned] = Ahead()
        self._sent: tuple[str, ...] = ()  # what a message must not quote, should an application echo it
        self._encoder = msgspec.json.Encoder(order="sorted")

    async def pages(self, checkpoint: Checkpoint, *, full: bool = False) -> AsyncGenerator[Page, None]:
        resumed = self._resumed(checkpoint, full=full)
        if resumed:
            full = resumed.full
            try:
                async with aclosing(self._pass(checkpoint.watermark, resumed)) as pages:
                    async for page in pages:
                        yield page
                return
            except _StalePositionError:
                pass  # the application has forgotten the cursor: the pass begins anew and loses nothing
        async with aclosing(self._pass(checkpoint.watermark, self._fresh(checkpoint, full=full))) as pages:
            async for page in pages:
                yield page

    async def check(self) -> str:
        """One request for the first page, without a second try."""
        turned = await self._turn(self._turner.first, self._params(None), _NO_PATIENCE_NEEDED)
        counted = "" if turned.total is None else f" of {turned.total:,}"
        return f"{self._origin} answered with {len(turned.listing.records):,}{counted} records."

    async def close(self) -> None:
        await self._ahead.drop()
        if self._owns_client:
            await self._http.aclose()

    async def _pass(self, watermark: datetime | None, cursor: _Cursor) -> AsyncGenerator[Page, None]:
        params = self._params(None if cursor.full else watermark)
        whole = not (self._settings.changed and params.keys() & {self._settings.changed.parameter})
        reading = Pass(
            cursor.reading,
            self._turner.first,
            self._reread(),
            max_pages=self._settings.max_pages,
            whole=whole,
        )
        may_be_stale = cursor.reading != Reading(at=self._turner.first)
        self._ahead.begin(self._turn(reading.reading.at, params, may_be_stale=may_be_stale))
        try:
            while True:
                turned = await self._ahead.result()
                records = turned.listing.records
                shown = reading.take(self._digestible(records), turned.following, turned.total)
                if shown.last:
                    complete = shown.complete and whole
                    yield Page(
                        records if shown.new else (), last=True, complete_listing=complete, total=turned.total
                    )
                    return
                self._ahead.begin(self._turn(reading.reading.at, params))
                if shown.new:
                    resume = msgspec.to_builtins(_Cursor(reading.reading, cursor.full, cursor.of))
                    yield Page(records, cursor=resume, total=turned.total)
        finally:
            await self._ahead.drop()

    async def _turn(
        self,
        at: Position,
        params: Mapping[str, str],
        patience: Patience | None = None,
        *,
        may_be_stale: bool = False,
    ) -> _Turned:
        answer = await self._get(self._turner.address(self._url, params, at), patience or self._patience)
        if may_be_stale and answer.status in _STALE_POSITION:
            raise _StalePositionError
        self._refuse_faults(answer)
        content_type = answer.headers.get("content-type", "")
        listing = self._reader.read(
            answer.body, origin=self._origin, content_type=content_type, hidden=self._sent
        )
        link = httpx.Response(200, headers=answer.headers).links.get("next", {}).get("url")
        following = self._turner.following(at, listing.body, len(listing.records), link)
        total = self._total.search(listing.body) if self._total and isinstance(listing.body, dict) else None
        return _Turned(listing, following, total if type(total) is int else None)

    async def _get(self, address: httpx.URL, patience: Patience) -> Answer:
        """The answer to one page's request; after a refusal once more with a renewed token."""
        fixed = {name: resolve(value, self._secrets) for name, value in self._settings.headers.items()}
        renewed = False
        while True:
            headers = {**fixed, **await self._credential.headers()}
            self._sent = tuple(headers.values())
            request = self._http.build_request("GET", address, headers=headers)
            answer = await send(self._http, request, limit=MAX_BODY_BYTES, patience=patience)
            if answer.status not in (401, 403):
                return answer
            if renewed or not await self._credential.renew():
                raise refused(self._origin, self._credential.secret_names, status=answer.status)
            renewed = True

    def _refuse_faults(self, answer: Answer) -> None:
        if 200 <= answer.status < 300:
            return
        if answer.status == 429 or answer.status >= 500:
            raise OutOfReachError(
                f"{self._origin} cannot answer now (HTTP {answer.status}).",
                cure="It is tried again at the next scheduled pass; nothing is lost.",
            )
        detail, cure = f"HTTP {answer.status}", "Check the address and `params` in the manifest."
        if 300 <= answer.status < 400:
            target = httpx.URL(answer.headers.get("location", "")).copy_with(query=None, fragment=None)
            raise SourceFaultError(
                f"{self._origin} sends us elsewhere; redirects are not followed.",
                detail=f"{detail} to {target}",
                cure="Put the final address in the manifest.",
            )
        raise SourceFaultError(f"{self._origin} does not take the request.", detail=detail, cure=cure)

    def _params(self, watermark: datetime | None) -> dict[str, str]:
        params = {name: _query_text(value, self._secrets) for name, value in self._settings.params.items()}
        if self._settings.changed and watermark:
            params[self._settings.changed.parameter] = _instant(self._settings.changed, watermark, self._zone)
        return params

    def _reread(self) -> Reread:
        if self._settings.reread == "auto":
            return "head" if isinstance(self._settings.paging, CursorPaging) else "listing"
        return self._settings.reread

    def _digestible(self, records: tuple[RawRecord, ...]) -> list[bytes]:
        """What decides whether a page is the same: its records without the keys the manifest ignores."""
        if not self._settings.ignore:
            return [record.raw for record in records]
        ignored = frozenset(self._settings.ignore)
        return [self._encoder.encode(_without(record.value, ignored)) for record in records]

    def _fresh(self, checkpoint: Checkpoint, *, full: bool) -> _Cursor:
        watermark = None if full else checkpoint.watermark
        return _Cursor(Reading(at=self._turner.first), full, self._asking(watermark))

    def _resumed(self, checkpoint: Checkpoint, *, full: bool) -> _Cursor | None:
        """The unfinished pass's cursor, unless something else is asked now (a full pass, a new manifest)."""
        if checkpoint.cursor is None:
            return None
        try:
            cursor = msgspec.convert(checkpoint.cursor, _Cursor)
        except msgspec.ValidationError:
            return None
        fits = cursor.of == self._asking(None if cursor.full else checkpoint.watermark)
        return cursor if fits and (cursor.full or not full) else None

    def _asking(self, watermark: datetime | None) -> str:
        described = self._settings.model_dump_json(include={"url", "params", "records", "paging", "changed"})
        return blake2b(f"{described} {watermark}".encode(), digest_size=8).hexdigest()


def _query_text(value: str | int | bool, secrets: Secrets) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return resolve(value, secrets) if isinstance(value, str) else str(value)


def _instant(changed: RestChanged, watermark: datetime, zone: tzinfo) -> str:
    """The watermark as the application reads times, down to the second (the parameter is inclusive)."""
    match changed.format:
        case "iso":
            return watermark.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "local":
            return watermark.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        case "epoch":
            return str(int(watermark.timestamp()))


def _without(value: Any, ignored: frozenset[str]) -> Any:
    return (
        {key: kept for key, kept in value.items() if key not in ignored} if isinstance(value, dict) else value
    )
