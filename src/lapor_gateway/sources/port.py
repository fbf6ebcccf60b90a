"""The one interface every source family obeys: pages of raw records, and where the next pass begins."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any, Protocol

import msgspec


class RawRecord(msgspec.Struct, frozen=True):
    """What a source said about one complaint: its bytes as they came, and the same decoded."""

    raw: bytes
    value: Any


class Checkpoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a channel stands between two pages.

    `cursor` is the family's own resume token inside an unfinished pass (JSON-able, None at a pass's start);
    `pass_started_at` is when the unfinished pass began; `watermark` is the instant (inclusive) from which
    the next pass asks for changes, moved only when a pass is complete.
    """

    cursor: Any = None
    watermark: datetime | None = None
    pass_started_at: datetime | None = None


class Page(msgspec.Struct, frozen=True):
    """Some records of a pass and the cursor that resumes after them; `cursor` None on the pass's last page.

    `complete_listing` on the last page says that the pass showed every record the source has (so that what
    was not seen has disappeared there). `total` is the source's own count where it tells one (for progress).
    """

    records: tuple[RawRecord, ...]
    cursor: Any = None
    last: bool = False
    complete_listing: bool = False
    total: int | None = None


class Source(Protocol):
    """A channel's application, ready to be read. Opened by `sources.registry.open_source`."""

    def pages(self, checkpoint: Checkpoint, *, full: bool = False) -> AsyncGenerator[Page, None]:
        """Pages from `checkpoint` on; `full` ignores the watermark and lists everything there is.

        The pass ends with exactly one page whose `last` is true. Raises `OutOfReachError`, `CredentialError`
        or `SourceFaultError`; pages already given stay valid.
        """
        ...

    async def check(self) -> str:
        """Try the connection with the least effect; one sentence on what was seen. Raises as `pages` does."""
        ...

    async def close(self) -> None: ...
