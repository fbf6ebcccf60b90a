"""How a REST listing goes on from page to page, and when a pass has shown everything: pure, no I/O.

Why a listing is read again. Pages by number or offset are windows over positions, and rows move while the
windows are read: a deleted row, or one that an edit moves elsewhere, shifts the rows behind it one place
forward, so that one row slides from the next page to a page already read and is never shown. No answer tells
that this happened. So a listing of several pages is read again from its first page until one reading equals
the one before it, page by page: then nothing moved between them, and every row was shown. Only pages that
differ are handed on again; the intake drops what it knows, so a row shown twice is harmless. A listing of one
page is one instant and is not read again, so "nothing new" stays one request.

Where the cursor is a key and not a position (`cursor`), nothing can slide; only rows that an edit brings to
the front of a newest-first listing would be missed, and these stand before the rows that were on the first
page ("head"). An application on which nothing moves may be told so (`reread = "never"`).

On an application that never rests, the reading ends after `MAX_READINGS`; the pass then claims no complete
listing, so that no disappearance is concluded from it. A row that stayed could then only be missed by sliding
past a boundary in each of these readings.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Literal

import httpx
import jmespath
import msgspec

from lapor_gateway.errors import SourceFaultError
from lapor_gateway.sources.settings import (
    CursorPaging,
    LinkPaging,
    NextUrlPaging,
    NoPaging,
    OffsetPaging,
    PagePaging,
    Paging,
)

MAX_READINGS = 6
_REPEATS_TOLERATED = 2  # rows inserted while paging may show a page once more; three in a row are no chance

Position = int | str
"""A page's number, an offset, a cursor or an address; "" is where a listing begins for the last two."""

Reread = Literal["listing", "head", "never"]


class Reading(msgspec.Struct, frozen=True):
    """Where a pass stands, small enough to be the checkpoint's cursor.

    `pages` and `rows` count within this reading of the listing; `fewest` is the smallest total that the
    source told meanwhile, `chain` the digest of the pages so far, `before` that of the whole reading before.
    """

    at: Position
    number: int = 1
    pages: int = 0
    rows: int = 0
    fewest: int | None = None
    chain: str = ""
    before: str | None = None


class Shown(msgspec.Struct, frozen=True):
    """What a page meant: whether to hand it on, and whether the pass ends with it."""

    new: bool
    last: bool = False
    complete: bool = False


class Turner:
    """Turns pages: the first position, the one after an answer, and the request's address for a position."""

    def __init__(self, paging: Paging) -> None:
        self._paging = paging
        path = ""
        if isinstance(paging, CursorPaging | NextUrlPaging):
            path = paging.next
        elif isinstance(paging, PagePaging):
            path = paging.last_page or ""
        self._told = jmespath.compile(path) if path else None

    @property
    def first(self) -> Position:
        match self._paging:
            case PagePaging(first=first):
                return first
            case OffsetPaging():
                return 0
            case _:
                return ""

    def following(self, at: Position, body: Any, count: int, link: str | None = None) -> Position | None:
        """The position after an answer of `count` records at `at`; None where the listing ends."""
        told = self._told.search(body) if self._told else None
        match self._paging:
            case NoPaging():
                return None
            case PagePaging():
                ends = count == 0 or (isinstance(told, int) and int(at) >= told)
                return None if ends else int(at) + 1
            case OffsetPaging():
                return (
                    int(at) + count if count else None
                )  # by what came: a server may give less than asked for
            case CursorPaging():
                cursor = _text(told)
                return None if not cursor or (count == 0 and cursor == at) else cursor
            case NextUrlPaging():
                return _text(told)
            case LinkPaging():
                return link or None

    def address(self, url: httpx.URL, params: Mapping[str, str], at: Position) -> httpx.URL:
        """The address of the page at `at`. Raises `SourceFaultError` for a next page on another host.

        Next-page addresses often lose the query they should keep (Laravel's do), and behind a proxy they
        begin with http: what is missing is put back, and scheme and port stay those of the manifest.
        """
        query = dict(params)
        match self._paging:
            case PagePaging(parameter=parameter, size_parameter=size_parameter, size=size):
                query[parameter] = str(at)
                if size_parameter and size:
                    query[size_parameter] = str(size)
            case OffsetPaging(parameter=parameter, limit_parameter=limit_parameter, limit=limit):
                query |= {parameter: str(at), limit_parameter: str(limit)}
            case CursorPaging(parameter=parameter) if at:
                query[parameter] = str(at)
            case NextUrlPaging() | LinkPaging() if at:
                return _next_address(url, query, str(at))
            case _:
                pass
        return url.copy_merge_params(query)


class Pass:
    """One pass over a listing: what each page means, and when everything was shown.

    `whole` says that no filter was asked for, so that the source's own total must be reached.
    """

    def __init__(
        self, reading: Reading, first: Position, reread: Reread, *, max_pages: int, whole: bool
    ) -> None:
        self.reading = reading
        self._first = first
        self._reread: Reread = reread
        self._max_pages = max_pages
        self._whole = whole
        self._pages: dict[int, bytes] = {}  # this reading's digests over those of the reading before
        self._head: set[bytes] = set()
        self._of_this_reading: set[bytes] = set()
        self._positions: set[Position] = set()
        self._repeats = 0

    def take(self, records: Sequence[bytes], following: Position | None, total: int | None = None) -> Shown:
        """Takes the page at `reading.at` in; `reading` then says which page to ask for next.

        Raises `SourceFaultError` for a page that repeats, a listing that never ends, or one that stays short
        of the source's own `total`.
        """
        digest = blake2b(b"\0".join(records), digest_size=16).digest()
        self._refuse_repetition(digest, empty=not records)
        new = self._pages.get(self.reading.pages) != digest
        at_head = self._is_at_head(records)
        self._pages[self.reading.pages] = digest
        self._advance(digest, len(records), following, total)
        if following is not None and not at_head:
            return Shown(new=new)
        return self._end_of_reading(new=new)

    def _advance(self, digest: bytes, rows: int, following: Position | None, total: int | None) -> None:
        before = self.reading
        chain = blake2b(bytes.fromhex(before.chain) + digest, digest_size=16).hexdigest()
        self.reading = msgspec.structs.replace(
            before,
            at=self._first if following is None else following,
            pages=before.pages + 1,
            rows=before.rows + rows,
            fewest=min((told for told in (before.fewest, total) if told is not None), default=None),
            chain=chain,
        )
        if following is not None and self.reading.pages >= self._max_pages:
            raise SourceFaultError(
                f"The listing did not end within {self._max_pages:,} pages.",
                cure="Check `paging` in the manifest, or raise `max_pages`.",
            )

    def _refuse_repetition(self, digest: bytes, *, empty: bool) -> None:
        again = not empty and digest in self._of_this_reading
        self._repeats = self._repeats + 1 if again else 0
        circles = isinstance(self.reading.at, str) and self.reading.at in self._positions
        if circles or self._repeats > _REPEATS_TOLERATED:
            raise SourceFaultError(
                "The listing shows the same page again and again.",
                detail=f"page {self.reading.pages + 1} of this reading",
                cure="Check `paging` in the manifest: the application seems not to know its parameter.",
            )
        self._of_this_reading.add(digest)
        self._positions.add(self.reading.at)

    def _is_at_head(self, records: Sequence[bytes]) -> bool:
        """Whether a second reading has come back to the first row that the first reading began with."""
        if self._reread != "head":
            return False
        rows = {blake2b(record, digest_size=16).digest() for record in records}
        if self.reading.number == 1 and self.reading.pages == 0:
            self._head = rows
        return self.reading.number > 1 and not self._head.isdisjoint(rows)

    def _end_of_reading(self, *, new: bool) -> Shown:
        one_page = self.reading.pages == 1 and self.reading.number == 1
        calm = one_page or self.reading.chain == self.reading.before
        total = self.reading.fewest if self._whole else None
        short = total is not None and self.reading.rows < total
        if calm and short:
            raise SourceFaultError(
                f"The listing ended after {self.reading.rows:,} records; the application counts {total:,}.",
                cure="Check `paging` in the manifest; if that number means something else, set `total`.",
            )
        if calm or (self._reread == "head" and self.reading.number > 1) or self._needs_no_more(short=short):
            return Shown(new=new, last=True, complete=True)
        if self.reading.number >= MAX_READINGS:
            return Shown(new=new, last=True, complete=False)
        self._begin_again(short=short)
        return Shown(new=new)

    def _needs_no_more(self, *, short: bool) -> bool:
        return self._reread == "never" and not short

    def _begin_again(self, *, short: bool) -> None:
        if short:
            self._reread = "listing"
        self.reading = Reading(at=self._first, number=self.reading.number + 1, before=self.reading.chain)
        self._of_this_reading.clear()
        self._positions.clear()
        self._repeats = 0


def _text(told: Any) -> str | None:
    return str(told) if told is not None and told is not False and told != "" else None


def _next_address(url: httpx.URL, query: Mapping[str, str], told: str) -> httpx.URL:
    following = url.join(told)
    elsewhere = following.host != url.host or (following.port not in (None, url.port))
    if elsewhere:
        raise SourceFaultError(
            f"The next page is said to be at {following.netloc.decode('ascii')}, not at "
            f"{url.netloc.decode('ascii')}; the credential is not sent there.",
            cure="Mend the application's own address (APP_URL), or use another kind of paging.",
        )
    missing = {name: value for name, value in query.items() if name not in following.params}
    return following.copy_with(scheme=url.scheme, port=url.port).copy_merge_params(missing)
