"""What the endpoint has truly committed: complaints in memory, and in SQLite when they must outlive it."""

import html
import random
import re
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

# Any reference of the form LG-XXXX-XXXX-XXXX (Crockford base 32); the endpoint itself gives it no meaning.
_REFERENCE = re.compile(r"\b[A-Z]{2}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS complaints (
    id INTEGER PRIMARY KEY, account TEXT, title TEXT NOT NULL, content TEXT NOT NULL, shown TEXT NOT NULL,
    committed_at REAL NOT NULL, visible_at REAL NOT NULL, status_name TEXT NOT NULL,
    preloaded INTEGER NOT NULL, body BLOB NOT NULL, logs BLOB NOT NULL, follow_ups BLOB NOT NULL
)
"""
_WRITE = "INSERT OR REPLACE INTO complaints VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def reference_in(content: str) -> str | None:
    """The reference in the first line of a complaint's text, if there is one."""
    found = _REFERENCE.search(content.partition("\n")[0])
    return found.group() if found else None


class Log(msgspec.Struct):
    """One entry of a complaint's history or one follow-up, in the fields of the dialect."""

    content: str
    institution_from_name: str
    institution_to_name: str
    created_at: str
    data: str = "{}"  # a JSON text within the JSON, as the real one has it
    attachments: list[dict[str, str]] = []


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
    _searchable: str = field(default="", init=False)

    @property
    def searchable(self) -> str:
        """Title and text in lower case, made at the first search."""
        if not self._searchable:
            self._searchable = f"{self.title}\n{self.shown}".lower()
        return self._searchable


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
        self._database = None if path is None else _open(path)
        self._last_id = 4_000_000 + self._random.randrange(900_000)
        for complaint in self._read():
            self._keep(complaint)
            if not complaint.preloaded:
                self._last_id = max(self._last_id, complaint.id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Complaint]:
        return iter(self._by_id.values())

    def get(self, complaint_id: int, account: str) -> Complaint | None:
        complaint = self._by_id.get(complaint_id)
        return complaint if complaint is not None and complaint.account in (None, account) else None

    def new_id(self) -> int:
        """The next number: rising, but with gaps, as where many agencies share the counter."""
        while True:
            self._last_id += 1 + self._random.randrange(7)
            if self._last_id not in self._by_id:
                return self._last_id

    def commit(self, account: str, title: str, content: str, body: bytes, now: float) -> Complaint:
        """Keep one complaint that came in by the API; `now` is in seconds since the epoch."""
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
        if self._unwritten and self._database is not None:
            kept = [_row(complaint) for complaint in self._unwritten.values() if complaint is not None]
            gone = [(key,) for key, complaint in self._unwritten.items() if complaint is None]
            with self._database:
                self._database.executemany(_WRITE, kept)
                self._database.executemany("DELETE FROM complaints WHERE id = ?", gone)
        self._unwritten.clear()

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
            *plain, logs, follow_ups = row
            complaint = Complaint(*plain)
            complaint.logs, complaint.follow_ups = _LOGS.decode(logs), _LOGS.decode(follow_ups)
            yield complaint


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    # Enough for a process that is killed; this is a simulator, not the book.
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute(_SCHEMA)
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
    )
