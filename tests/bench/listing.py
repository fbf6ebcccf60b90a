"""LAPOR!'s listing of a made-up book by the page, as the API answers; and the source's table that both sides have."""

import json
import sqlite3
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import uvloop

from tests.bench.servers import Server, serve, whole
from tests.bench.work import record

FIRST_NUMBER = 1_000_000
WORD, MOVED_WORD = "Terverifikasi", "Dalam Proses"


class Listing(Server):
    """Complaints by number, one in a thousand missing and one in a thousand moved on; texts from the source's table."""

    def __init__(self, path: Path, complaints: int) -> None:
        super().__init__()
        self._path = path
        self._complaints = complaints

    def served(self, url: bytes) -> bytes:
        query = parse_qs(urlsplit(url).query)
        page, size = (int(query[name][0]) for name in (b"page", b"page_size"))
        first, last = (page - 1) * size + 1, page * size
        with sqlite3.connect(f"file:{self._path}?mode=ro", uri=True) as database:
            rows = database.execute(
                "SELECT c.id, l.line, c.body FROM complaint c JOIN line l USING (id) WHERE c.id BETWEEN ? AND ?",
                (first, last),
            ).fetchall()
        listed = [_listed(*row) for row in rows if row[0] % 1000 != 1]
        more = "next" if last < self._complaints else None
        return whole(json.dumps({"results": {"data": listed, "next_page_url": more}}).encode())


def _listed(number: int, line: str, body: str) -> dict[str, object]:
    return {
        "complaint_id": FIRST_NUMBER + number,
        "title": "",
        "content": f"{line}\n{body}",
        "status_name": MOVED_WORD if number % 1000 == 2 else WORD,
        "created_at": "02-03-2026 08:00:00",
    }


def write_source(path: Path, complaints: int) -> None:
    """The region's table."""
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE complaint (id INTEGER PRIMARY KEY, title TEXT, body TEXT, status TEXT, created TEXT)"
        )
        database.execute("CREATE TABLE line (id INTEGER PRIMARY KEY, line TEXT)")
        rows = (record(number) for number in range(1, complaints + 1))
        database.executemany(
            "INSERT INTO complaint VALUES (?, ?, ?, 'pending', ?)",
            ((one["id"], one["title"], one["description"], one["created_at"]) for one in rows),
        )


if __name__ == "__main__":
    where, count = Path(sys.argv[1]), int(sys.argv[2])
    write_source(where, count)
    uvloop.run(serve(Listing(where, count)))
