"""A database server for tests, wherever it comes from, and the throw-away databases made on it."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.engine import URL, make_url

from tests.support.absence import AbsentError


class Connect(Protocol):
    """Opens a DB-API connection in autocommit; raises the driver's error when the server does not answer."""

    def __call__(self, url: URL) -> Any: ...


@dataclass(frozen=True)
class Server:
    """A running server on which tests may create databases.

    `admin` names a database that always exists; `origin` says in words where the server was found.
    """

    admin: URL
    origin: str
    connect: Connect
    create_statement: str
    drop_statement: str
    close: Callable[[], None] = lambda: None

    def create_database(self, template: str | None = None) -> str:
        """Makes an empty database (PostgreSQL: or a copy of `template`) and returns its SQLAlchemy URL."""
        name = f"lapor_test_{secrets.token_hex(6)}"
        self._run(self.create_statement.format(name=name, template=template or "template0"))
        return self.admin.set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Drops a database made here, whoever is still connected to it."""
        self._run(self.drop_statement.format(name=make_url(url).database))

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """A database for the length of a block, as an SQLAlchemy URL."""
        url = self.create_database(template)
        try:
            yield url
        finally:
            self.drop_database(url)

    def _run(self, statement: str) -> None:
        with closing(self.connect(self.admin)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(statement)


def first_found(ways: Iterable[tuple[str, Callable[[], Server]]]) -> Server:
    """The server of the first way that leads to one; AbsentError lists what each of them answered."""
    tried = []
    for name, find in ways:
        try:
            return find()
        except AbsentError as absent:
            tried.append(f"{name}: {absent}")
    raise AbsentError("; ".join(tried) or "every way to one is switched off")
