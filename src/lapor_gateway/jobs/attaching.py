"""Files before the complaint that names them: fetched, cleaned, kept under its key, uploaded. The text never fails
with a file: what cannot be had, or is not fit to leave, is left out and becomes a finding.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Final, cast

import msgspec
import structlog

from lapor_gateway.blobs import BlobFolder
from lapor_gateway.book.attachments import (
    CONTENT,
    Due,
    FileState,
    Shelf,
    Step,
    due_files,
    next_due,
    settle_file,
)
from lapor_gateway.book.decisions import push_is_on
from lapor_gateway.book.leases import Lease
from lapor_gateway.cleaning import Unfit, clean_file
from lapor_gateway.domain.complaint import ChannelId
from lapor_gateway.domain.outcomes import NotTaken, Refused, Unknown
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.line import Line
from lapor_gateway.national.port import Ability, Attaches, File, Uploaded
from lapor_gateway.sources.attached import AttachedFiles, Unobtainable
from lapor_gateway.sources.manifest import ChannelManifest

_A_ROUND: Final = 20
_AT_ONCE: Final = 4
_SECOND: Final = 1_000_000
_FIRST_PAUSE: Final = 2 * _SECOND
_LONGEST_PAUSE: Final = 300 * _SECOND
_ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
_log = structlog.get_logger(__name__)


class Attached(msgspec.Struct):
    """What a round did; `pauses` says why the account must rest, where LAPOR! refused its credential."""

    settled: int = 0
    pauses: str | None = None


def attacher_of(gateway: Gateway, lease: Lease, line: Line) -> "Attacher | None":
    """None where no channel of the account sends files, or its dialect cannot take any."""
    wanted = {
        channel.id: channel
        for channel in gateway.channels.values()
        if channel.account == line.name and channel.attachments is not None
    }
    return Attacher(gateway, lease, line, wanted) if wanted and Ability.ATTACH in line.dialect.can else None


class Attacher:
    """The files of one account, under the push's lease and on its line."""

    def __init__(
        self, gateway: Gateway, lease: Lease, line: Line, channels: Mapping[ChannelId, ChannelManifest]
    ) -> None:
        self._gateway = gateway
        self._book = gateway.book
        self._lease = lease
        self._line = line
        self._dialect = cast(Attaches, line.dialect)
        self._channels = channels
        self._limits = line.account.attachments
        self._store = BlobFolder(gateway.settings.attachments_dir)
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._done = Attached()
        self.shelf = Shelf(self._book, channels, self._limits.max_files)

    def due(self) -> int | None:
        """When the next file is due, in microseconds; None where none is, or nothing may be sent."""
        return next_due(self._book, self._line.name) if push_is_on(self._book) else None

    async def round(self) -> Attached:
        """Take every file that is due one step further, or two."""
        self._done = Attached()
        due = due_files(self._book, self._line.name, _A_ROUND)
        async with AsyncExitStack() as stack:
            sources = {
                channel: await stack.enter_async_context(self._source(channel))
                for channel in {one.channel for one in due}
                if channel in self._channels
            }
            async with asyncio.TaskGroup() as group:
                for one in due:
                    group.create_task(self._advance(one, sources.get(one.channel)))
        return self._done

    def _source(self, channel: ChannelId) -> AttachedFiles:
        manifest = self._channels[channel]
        assert manifest.attachments is not None
        data_dir = self._gateway.settings.data_dir
        return AttachedFiles(manifest, manifest.attachments, secrets=self._gateway.secret, data_dir=data_dir)

    async def _advance(self, due: Due, source: AttachedFiles | None) -> None:
        async with self._turn:
            try:
                step = await self._step(due, source)
            except Exception as error:  # one file's trouble stops no other, and no text
                _log.exception("file failed inside the gateway", complaint=due.reference)
                step = self._again(due, f"internal error: {type(error).__name__}")
            if step is None or not self._lease.is_held:
                return
            if not await asyncio.to_thread(settle_file, self._book, due, step):
                # Perhaps erased meanwhile: then nothing of it may stay. What was not erased is fetched again.
                await asyncio.to_thread(self._store.remove, due.reference)
                return
            self._done.settled += step.state in (FileState.UPLOADED, FileState.FAILED)

    async def _step(self, due: Due, source: AttachedFiles | None) -> Step | None:
        if due.state is FileState.KEPT:
            return await self._upload(due)
        if source is None:
            return Step(FileState.FAILED, "channel_sends_none")
        try:
            content = await source.read(due.source.address)
        except Unobtainable as trouble:
            reason = f"{trouble.rule} ({trouble.detail})" if trouble.detail else trouble.rule
            return self._again(due, reason) if trouble.passing else Step(FileState.FAILED, reason)
        return await asyncio.to_thread(self._clean, due, content)

    def _clean(self, due: Due, content: bytes) -> Step:
        """The cleaned file in the store, sealed; in a thread of its own, since a picture takes a second."""
        cleaned = clean_file(content, at_most=self._limits.max_file_bytes, documents=not due.is_hidden)
        if isinstance(cleaned, Unfit):
            reason = f"{cleaned.rule} ({cleaned.detail})" if cleaned.detail else cleaned.rule
            return Step(FileState.FAILED, reason)
        blob = f"{due.reference}/{due.number}"
        self._store.keep(blob, due.key.seal(cleaned.content, CONTENT))
        digest = due.key.commitment(cleaned.content)
        return Step(FileState.KEPT, kept=(cleaned.media_type, len(cleaned.content), digest, blob))

    async def _upload(self, due: Due) -> Step | None:
        """An upload whose end is unknown is simply sent again: ids that no submission names are idle."""
        sealed = await asyncio.to_thread(self._store.read, due.blob or "")
        if sealed is None:
            return Step(FileState.WAITING)  # a restored book without its files: fetched anew
        name = f"lampiran-{due.number}.{_ENDINGS.get(due.media_type or '', 'docx')}"
        file = File(name, due.media_type or "", due.key.open(sealed, CONTENT))
        if not self._lease.is_held or not push_is_on(self._book):
            return None
        end = self._dialect.decode_files(await self._line.ask(self._dialect.encode_files([file])), 1)
        match end:
            case Uploaded((identifier,)):
                return Step(FileState.UPLOADED, national_id=identifier)
            case Uploaded():
                return self._again(due, "upload_unknown")
            case Refused(reason):
                return Step(FileState.FAILED, f"refused ({reason.partition(':')[0]})")
            case NotTaken(reason, retry_after, pauses):
                self._done.pauses = reason if pauses else self._done.pauses
                pause = _FIRST_PAUSE if retry_after is None else int(min(retry_after, 3600) * _SECOND)
                return Step(due.state, reason, self._book.clock.now() + pause, counts=False)
            case Unknown(reason):
                return self._again(due, f"upload_unknown ({reason})")

    def _again(self, due: Due, reason: str) -> Step:
        """Another try after a growing pause, until the text has waited long enough."""
        manifest = self._channels.get(due.channel)
        wait = manifest.attachments.wait if manifest and manifest.attachments else timedelta(0)
        now = self._book.clock.now()
        if now >= due.since + int(wait.total_seconds() * _SECOND):
            return Step(FileState.FAILED, reason)
        return Step(due.state, reason, now + min(_FIRST_PAUSE << min(due.tries, 10), _LONGEST_PAUSE))
