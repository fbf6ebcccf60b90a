"""The book's schema: made and moved by Alembic, checked at every start without it."""

import re
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, insert, inspect, select, text

from lapor_gateway.book.crypto import KEY_BYTES, MasterKeys
from lapor_gateway.book.database import Book, open_engine, reachable
from lapor_gateway.book.tables import book
from lapor_gateway.clock import Clock
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.shipped import shipped

_REVISION: Final = re.compile(r"^revision = ['\"](\w+)['\"]", re.MULTILINE)
_DOWN_REVISION: Final = re.compile(r"^down_revision = ['\"](\w+)['\"]", re.MULTILINE)


def head_revision() -> str:
    """The newest migration this program carries."""
    texts = [path.read_text("utf-8") for path in sorted((shipped("migrations") / "versions").glob("*.py"))]
    revisions = {match for text in texts for match in _REVISION.findall(text)}
    (head,) = revisions - {match for text in texts for match in _DOWN_REVISION.findall(text)}
    return str(head)


@reachable()
def current_revision(engine: Engine) -> str | None:
    """The migration that the database stands at; None for an empty one. Raises `OutOfReachError`."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@reachable()
def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to `revision` (`base` takes everything away again)."""
    from alembic import command  # noqa: PLC0415 - heavy, and needed by few commands
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")).replace("%", "%%"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        move = command.downgrade if revision == "base" else command.upgrade
        move(config, revision)
        connection.commit()


@reachable()
def create_book(url: str, master: MasterKeys, *, environment: str, at: datetime) -> None:
    """Make or upgrade the schema, and give a new book its identity and keys. Safe to run twice."""
    engine = open_engine(url)
    try:
        migrate(engine)
        with engine.begin() as connection:
            known = {row.name: row.value for row in connection.execute(select(book.c.name, book.c.value))}
            values = {
                "id": secrets.token_hex(8),
                "environment": environment,
                "epoch": "1",
                "created_at": at.isoformat(),
                "push": "on",
            }
            for name in ("reference", "digest", "index", "seal"):
                values[f"key:{name}"] = master.wrap(
                    secrets.token_bytes(KEY_BYTES), f"book/{name}".encode()
                ).hex()
            missing = [{"name": name, "value": value} for name, value in values.items() if name not in known]
            if missing:
                connection.execute(insert(book), missing)
    finally:
        engine.dispose()


def open_book(
    url: str, master: MasterKeys, clock: Clock | None = None, *, archive: Path | None = None
) -> Book:
    """The book at `url`, its closed years in the folder `archive`.

    Raises `ConfigurationError` where the schema is not this program's, `OutOfReachError`.
    """
    engine = open_engine(url)
    current, head = current_revision(engine), head_revision()
    if current != head:
        engine.dispose()
        state = (
            "has no tables yet"
            if current is None
            else f"stands at migration {current}, this program needs {head}"
        )
        raise ConfigurationError(f"The book {state}.", cure="Run `lapor-gateway db upgrade`.")
    return Book(engine, master, clock, archive)
