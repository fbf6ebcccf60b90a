"""The family `files`: spreadsheets dropped into a folder; read, never moved or deleted.

Every export shows many rows again, and only the newest one is right about a row. So files are read from the
newest to the oldest, and a row whose id a newer file has shown is passed over: else each pass would bring old
versions back to life. For the same reason a pass that finds an old file anew reads all newer ones with it.

Which files are new is told by their times: a file copied with its old modification time has a new change
time. A file still being written waits for the next pass. One that cannot be read stops the channel, but only
after all others were given.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import closing
from datetime import datetime
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from lapor_gateway.clock import Clock
from lapor_gateway.errors import OutOfReachError, SourceFaultError
from lapor_gateway.observability import Logger
from lapor_gateway.sources.port import Checkpoint, Page, RawRecord
from lapor_gateway.sources.settings import FilesSettings
from lapor_gateway.sources.spreadsheets import RecordSheet
from lapor_gateway.spreadsheets import is_whole

PAGE_ROWS = 500
_SETTLED_S = 2.0  # a text file untouched for so long is taken as written to its end
_UNFINISHED = ("~$*", ".*", "*.part", "*.tmp", "*.crdownload", "*.partial")

_log = Logger("files")


class _File(msgspec.Struct, frozen=True):
    """A file as it was when listed; times in seconds since the epoch."""

    path: Path
    size: int
    modified: float
    appeared: float


class FilesSource:
    """A folder of spreadsheets. `source_id` is the mapping's way to a record's id (None: it has none)."""

    def __init__(
        self,
        settings: FilesSettings,
        *,
        data_dir: Path,
        source_id: Callable[[Any], str | None],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._folder = data_dir / settings.folder
        self._source_id = source_id
        self._clock = clock

    async def pages(self, checkpoint: Checkpoint, *, full: bool = False) -> AsyncGenerator[Page, None]:
        full = full or bool((checkpoint.cursor or {}).get("full"))  # an unfinished pass begins anew
        whole = full or checkpoint.watermark is None
        listed = await asyncio.to_thread(self._listed)
        finished = await self._finished(listed)
        files = finished if whole else _changed_since(finished, checkpoint.watermark)
        shown: set[str] = set()
        faults: list[SourceFaultError] = []
        for number, file in enumerate(reversed(files)):
            sheet = RecordSheet(file.path, self._settings)
            try:
                with closing(self._records(sheet, shown)) as records:
                    while page := await asyncio.to_thread(_some, records):
                        yield Page(page, cursor={"full": full, "files": number})
            except SourceFaultError as fault:
                faults.append(fault)
            _log.info("file read", file=file.path.name, left_out=sheet.left_out)
        if faults:
            raise faults[0]
        complete = whole and bool(files) and len(finished) == len(listed)
        yield Page((), last=True, complete_listing=complete)

    async def check(self) -> str:
        """Lists the folder and looks for the headings of its newest file."""
        files = await asyncio.to_thread(self._listed)
        if not files:
            return (
                f"The folder {self._folder} is there, but holds no {' or '.join(self._settings.pattern)} yet."
            )
        newest = files[-1].path
        await asyncio.to_thread(lambda: next(RecordSheet(newest, self._settings).records(), None))
        return (
            f"The folder {self._folder} holds {len(files):,} files; the newest, {newest.name}, can be read."
        )

    async def close(self) -> None:
        """Nothing stays open between passes."""

    def _records(self, sheet: RecordSheet, shown: set[str]) -> Generator[RawRecord, None, None]:
        """The rows that no newer file has shown; several rows of one file with one id are all given."""
        of_this_file: set[str] = set()
        for record in sheet.records():
            source_id = self._source_id(record.value)
            if source_id is None:
                yield record
            elif source_id not in shown:
                of_this_file.add(source_id)
                yield record
        shown |= of_this_file

    def _listed(self) -> list[_File]:
        """The folder's files, oldest first. Raises `OutOfReachError` where the folder cannot be read."""
        try:
            entries = [
                path for path in self._folder.iterdir() if self._is_wanted(path.name) and path.is_file()
            ]
            return sorted(map(_described, entries), key=lambda file: (file.modified, file.path.name))
        except OSError as trouble:
            raise OutOfReachError(
                f"The folder {self._folder} cannot be read.",
                detail=trouble.strerror or type(trouble).__name__,
                cure="Create it, or check that the shared folder is connected; nothing is lost.",
            ) from None

    def _is_wanted(self, name: str) -> bool:
        name = name.lower()
        if any(fnmatch(name, pattern) for pattern in _UNFINISHED):
            return False
        return any(fnmatch(name, pattern.lower()) for pattern in self._settings.pattern)

    async def _finished(self, files: list[_File]) -> list[_File]:
        """The files that nobody is writing to any more; waits at most `_SETTLED_S` to see that."""
        now = self._clock.now() / 1_000_000
        young = [file for file in files if now - file.modified < _SETTLED_S and not is_whole(file.path)]
        if not young:
            return files
        await self._clock.sleep(_SETTLED_S)
        again = {file.path: file for file in await asyncio.to_thread(self._listed)}
        growing = [file for file in young if again.get(file.path) != file]
        return [file for file in files if file not in growing]


def _some(records: Iterator[RawRecord]) -> tuple[RawRecord, ...]:
    return tuple(islice(records, PAGE_ROWS))


def _described(path: Path) -> _File:
    status = path.stat()
    return _File(path, status.st_size, status.st_mtime, max(status.st_mtime, status.st_ctime))


def _changed_since(files: list[_File], watermark: datetime | None) -> list[_File]:
    """The oldest file (by modification) that is new since the watermark, and all after it."""
    since = watermark.timestamp() if watermark else 0.0
    first = next((place for place, file in enumerate(files) if file.appeared >= since), len(files))
    return files[first:]
