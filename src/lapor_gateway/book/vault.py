"""Secrets kept in the book, sealed by the master key and bound to their names."""

import os
import re
from collections.abc import Mapping

import msgspec
from sqlalchemy import delete, insert, select

from lapor_gateway.book.database import Book
from lapor_gateway.book.people import pseudonym
from lapor_gateway.book.tables import secrets
from lapor_gateway.book.writing import record
from lapor_gateway.errors import ConfigurationError

_PREFIX = "secret:"
_NAME = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


class SecretEntry(msgspec.Struct, frozen=True):
    """A secret's name and when it was set (microseconds); never its value."""

    name: str
    updated_at: int


class MissingSecretError(ConfigurationError):
    """A secret that is named is neither in the environment nor in the book."""


def variable_of(name: str) -> str:
    """The environment variable that may hold a secret instead of the book."""
    return "LAPOR_GATEWAY_SECRET_" + re.sub(r"[^A-Za-z0-9]", "_", name).upper()


def set_secret(book: Book, name: str, value: str, *, by: str | None = None) -> None:
    """Keep a secret; a newer value replaces the older one. The ledger learns that, never what."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{name!r} is no name for a secret.", cure="Write it like wilayah/password.")
    with book.write() as connection:
        connection.execute(delete(secrets).where(secrets.c.name == name))
        sealed = book.master.wrap(value.encode(), b"secret/" + name.encode())
        now = book.clock.now()
        connection.execute(insert(secrets).values(name=name, value=sealed, updated_at=now))
        actor = pseudonym(book, connection, by) if by else "operator"
        record(connection, f"secret:{name}", "secret_set", {}, at=now, actor=actor)


def list_secrets(book: Book) -> list[SecretEntry]:
    with book.read() as connection:
        rows = connection.execute(select(secrets.c.name, secrets.c.updated_at).order_by(secrets.c.name)).all()
    return [SecretEntry(*row) for row in rows]


def secret(book: Book, name: str, environ: Mapping[str, str] | None = None) -> str:
    """The secret `name`: the environment's first, else the book's.

    Raises `MissingSecretError` naming the secret and how to set it.
    """
    found = (os.environ if environ is None else environ).get(variable_of(name))
    if found:
        return found
    with book.read() as connection:
        sealed = connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar()
    if sealed is None:
        raise MissingSecretError(
            f"The secret {name} is not set.",
            cure=f"Run `lapor-gateway secrets set {name}`, or set {variable_of(name)}.",
        )
    return book.master.unwrap(sealed, b"secret/" + name.encode()).decode()


def resolve(book: Book, value: str) -> str:
    """`value` itself, or the secret that it names as `secret:a/b`."""
    return secret(book, value.removeprefix(_PREFIX)) if value.startswith(_PREFIX) else value
