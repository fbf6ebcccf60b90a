"""The book's tables made once a run by the migrations; a test's own database is a copy of that."""

import contextlib
import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from lapor_gateway.book.database import open_engine
from lapor_gateway.book.schema import migrate
from tests.support.databases import Server


def migrate_at(url: str) -> None:
    """Bring the database at `url` to the newest migration."""
    engine = open_engine(url)
    try:
        migrate(engine)
    finally:
        engine.dispose()


@functools.cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory(prefix="lapor-test-") as folder:
        path = Path(folder) / "book.db"
        migrate_at(f"sqlite:///{path}")
        assert not path.with_name("book.db-wal").exists(), "the last one out leaves everything in the file"
        return path.read_bytes()


def lay_tables(url: str) -> None:
    """Put a file with the book's tables at an SQLite `url` where there is none yet; leave any other database alone."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(parsed.database or "")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_migrated_file())


@contextlib.contextmanager
def migrated_template(server: Server) -> Iterator[str]:
    """The name of a database with the book's tables, for `server.database(template)`; nobody may stay connected."""
    with server.database() as url:
        migrate_at(url)
        yield str(make_url(url).database)
