"""What the endpoint has truly committed: complaints in memory, and in SQLite when they must outlive it."""

import html
import random
import re
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from lapor_gateway.simulators.national.clock import wib
from lapor_gateway.simulators.national.logs import Log

# Any reference of the form LG-XXXX-XXXX-XXXX (Crockford base 32); the endpoint itself gives it no meaning.
_REFERENCE = re.compile(r"\b[A-Z]{2}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS complaints (
    id INTEGER PRIMARY KEY, account TEXT, title TEXT NOT NULL, content TEXT NOT NULL, shown TEXT NOT NULL,
    committed_at REAL NOT NULL, visible_at REAL NOT NULL, status_name TEXT NOT NULL,
    preloaded INTEGER NOT NULL, body BLOB NOT NULL, logs BLOB NOT NULL, follow_ups BLOB NOT NULL
)
"""
_FILES = """
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, file_name TEXT NOT NULL, content BLOB NOT NULL,
    complaint_id INTEGER, request INTEGER
)
"""
# Columns that stores of earlier versions lack, with what stands in them there.
_LATER = {
    "disposition_id": "INTEGER",
    "via": "TEXT NOT NULL DEFAULT 'API'",
    "skew": "REAL NOT NULL DEFAULT 0",
    "hand_overs": "BLOB NOT NULL DEFAULT x'5b5d'",
}
_PLACES = ", ".join("?" * 16)
_WRITE = f"INSERT OR REPLACE INTO complaints VALUES ({_PLACES})"  # noqa: S608 - places only
_WRITE_FILE = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)"


def reference_in(content: str) -> str | None:
    """The reference in the first line of a complaint's text, if there is one."""
    found = _REFERENCE.search(content.partition("\n")[0])
    return found.group() if found else None


_LOGS = msgspec.json.Decoder(list[Log])


@dataclass(slots=True, eq=False)
class Complaint:
    """A committed complaint. Times are seconds since the epoch; `shown` is what the list gives back."""

    id: int
    account: str | None  # None: typed in by hand for no account in particular; every account sees it
    title: str
    content: str
    shown: str
    committed_at: float
    visible_at: float
    status_name: str = "Belum Terverifikasi"
    preloaded: bool = False
    body: bytes = b"{}"
    logs: list[Log] = field(default_factory=list)
    follow_ups: list[Log] = field(default_factory=list)
    disposition_id: int | None = None
    via: str = "API"  # the channel that the export names: API, or where a citizen wrote
    skew: float = 0.0  # seconds that LAPOR!'s clock was off when it came
    hand_overs: list[dict[str, Any]] = field(default_factory=list)
    _searchable: str = field(default="", init=False)

    @property
    def created_at(self) -> str:
        """When LAPOR! says it came: dd-mm-YYYY HH:MM:SS in WIB, by its own clock."""
        return wib(self.committed_at + self.skew)

    @property
    def fields(self) -> dict[str, Any]:
        """The create call's body."""
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found

    @property
    def searchable(self) -> str:
        """Title and text in lower case, made at the first search."""
        if not self._searchable:
            self._searchable = f"{self.title}\n{self.shown}".lower()
        return self._searchable


@dataclass(slots=True)
class File:
    """A file that was uploaded; `complaint_id` once a complaint names it. `request` is the one that brought it."""

    id: int
    account: str
    file_name: str
    content: bytes
    complaint_id: int | None = None
    request: int | None = None

    @property
    def entry(self) -> dict[str, str]:
        """The file as a log line names it."""
        stem, _, extension = self.file_name.rpartition(".")
        name = stem or self.file_name
        return {"path": f"/storage/{self.id}/{self.file_name}", "file_name": name, "extension": extension}


@dataclass(frozen=True, slots=True)
class Awkwardness:
    """How far the store departs from what a client would wish; shares are between 0 and 1.

    `maximum_lag` is in seconds: the list shows a complaint after a drawn delay of 0 to that.
    """

    maximum_lag: float = 1.0
    altered_share: float = 0.1
    shuffled: bool = True


class Store:
    """All complaints; nothing is durable before `flush` has returned."""

    def __init__(self, path: Path | None, seed: int, awkwardness: Awkwardness) -> None:
        """`path` is the SQLite file, or None to keep complaints in memory only."""
        self._awkwardness = awkwardness
        self._random = random.Random(f"store {seed}")
        self._by_id: dict[int, Complaint] = {}
        self._listed: list[Complaint] = []
        self._sorted = True
        self._unwritten: dict[int, Complaint | None] = {}
        self.files: dict[int, File] = {}
        self._unwritten_files: dict[int, File] = {}
        self._database = None if path is None else _open(path)
        self._last_id = 4_000_000 + self._random.randrange(900_000)
        for complaint in self._read():
            self._keep(complaint)
            if not complaint.preloaded:
                self._last_id = max(self._last_id, complaint.id)
        for file in self._read_files():
            self.files[file.id] = file
            self._last_id = max(self._last_id, file.id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Complaint]:
        return iter(self._by_id.values())

    def get(self, complaint_id: int, account: str) -> Complaint | None:
        complaint = self._by_id.get(complaint_id)
        return complaint if complaint is not None and complaint.account in (None, account) else None

    def by_id(self, complaint_id: int) -> Complaint | None:
        """Whoever's it is."""
        return self._by_id.get(complaint_id)

    def new_id(self) -> int:
        """The next number: rising, but with gaps, as where many agencies share the counter."""
        while True:
            self._last_id += 1 + self._random.randrange(7)
            if self._last_id not in self._by_id and self._last_id not in self.files:
                return self._last_id

    def keep_file(self, file: File) -> None:
        """Keep an upload as it is, new or changed."""
        self.files[file.id] = self._unwritten_files[file.id] = file

    def commit(
        self, account: str | None, title: str, content: str, body: bytes, now: float, skew: float = 0.0
    ) -> Complaint:
        """Keep one complaint that came in; `now` is in seconds since the epoch, `skew` what the clock is off."""
        lag = self._awkwardness.maximum_lag
        complaint = Complaint(
            id=self.new_id(),
            account=account,
            title=title,
            content=content,
            shown=self._alter(content),
            committed_at=now,
            visible_at=now + self._random.random() * lag if lag else now,
            body=body,
            skew=skew,
        )
        self.put(complaint)
        return complaint

    def put(self, complaint: Complaint) -> None:
        """Keep a complaint as it is, new or changed."""
        self._keep(complaint)
        self._unwritten[complaint.id] = complaint

    def remove(self, complaint_id: int) -> bool:
        """Make a complaint disappear, as if an administrator had deleted it."""
        complaint = self._by_id.pop(complaint_id, None)
        if complaint is None:
            return False
        self._listed.remove(complaint)
        self._unwritten[complaint_id] = None
        return True

    def visible(self, account: str, search: str, at: float) -> list[Complaint]:
        """What the list shows an account at a time (seconds since the epoch), in the list's own order."""
        if not self._sorted:
            self._listed.sort(key=self._order)
            self._sorted = True
        wanted = search.lower()
        return [
            complaint
            for complaint in self._listed
            if complaint.visible_at <= at
            and complaint.account in (None, account)
            and (not wanted or wanted in complaint.searchable)
        ]

    def flush(self) -> None:
        """Write what is new to disk in one transaction."""
        if (self._unwritten or self._unwritten_files) and self._database is not None:
            kept = [_row(complaint) for complaint in self._unwritten.values() if complaint is not None]
            gone = [(key,) for key, complaint in self._unwritten.items() if complaint is None]
            with self._database:
                self._database.executemany(_WRITE, kept)
                self._database.executemany("DELETE FROM complaints WHERE id = ?", gone)
                self._database.executemany(
                    _WRITE_FILE, [_file_row(f) for f in self._unwritten_files.values()]
                )
        self._unwritten.clear()
        self._unwritten_files.clear()

    def close(self) -> None:
        self.flush()
        if self._database is not None:
            self._database.close()

    def _keep(self, complaint: Complaint) -> None:
        if complaint.id not in self._by_id:
            self._listed.append(complaint)
            self._sorted = False
        self._by_id[complaint.id] = complaint

    def _order(self, complaint: Complaint) -> int:
        # A checksum is as good as a shuffle, and stays the same from page to page and after a restart.
        return zlib.crc32(str(complaint.id).encode()) if self._awkwardness.shuffled else complaint.id

    def _alter(self, content: str) -> str:
        """Now and then the text comes back HTML-escaped, or with other white space."""
        draw = self._random.random()
        share = self._awkwardness.altered_share
        if draw >= share:
            return content
        if draw < share / 2:
            return html.escape(content, quote=True).replace("&#x27;", "&#039;")
        return re.sub(r"[ \t]+", " ", content.strip()).replace("\r\n", "\n").replace("\n", "\r\n")

    def _read(self) -> Iterator[Complaint]:
        if self._database is None:
            return
        for row in self._database.execute("SELECT * FROM complaints"):
            *plain, logs, follow_ups, disposition_id, via, skew, hand_overs = row
            complaint = Complaint(*plain)
            complaint.logs, complaint.follow_ups = _LOGS.decode(logs), _LOGS.decode(follow_ups)
            complaint.disposition_id, complaint.via, complaint.skew = disposition_id, via, skew
            complaint.hand_overs = msgspec.json.decode(hand_overs)
            yield complaint

    def _read_files(self) -> Iterator[File]:
        if self._database is not None:
            for row in self._database.execute("SELECT * FROM files"):
                yield File(*row)


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    # Enough for a process that is killed; this is a simulator, not the book.
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute(_SCHEMA)
    database.execute(_FILES)
    there = {row[1] for row in database.execute("PRAGMA table_info(complaints)")}
    for name, kind in _LATER.items():
        if name not in there:
            database.execute(f"ALTER TABLE complaints ADD COLUMN {name} {kind}")
    database.commit()
    return database


def _row(complaint: Complaint) -> tuple[object, ...]:
    return (
        complaint.id,
        complaint.account,
        complaint.title,
        complaint.content,
        complaint.shown,
        complaint.committed_at,
        complaint.visible_at,
        complaint.status_name,
        complaint.preloaded,
        complaint.body,
        msgspec.json.encode(complaint.logs),
        msgspec.json.encode(complaint.follow_ups),
        complaint.disposition_id,
        complaint.via,
        complaint.skew,
        msgspec.json.encode(complaint.hand_overs),
    )


def _file_row(file: File) -> tuple[object, ...]:
    return (file.id, file.account, file.file_name, file.content, file.complaint_id, file.request)
