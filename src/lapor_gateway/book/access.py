"""API keys: hashed in the book, with scopes, bound to everything, a region or a channel."""

import hashlib
import hmac
import secrets
from typing import Final

import msgspec
from sqlalchemy import insert, select, update

from lapor_gateway.book.database import Book
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.tables import api_keys
from lapor_gateway.errors import ConfigurationError, NotFoundError

SCOPES: Final = ("read", "operate", "admin", "audit", "send", "identity")
_PREFIX: Final = "lgk"


class Principal(msgspec.Struct, frozen=True):
    """Who calls, and what it may: `region` or `channel` None means all of them."""

    id: str
    scopes: frozenset[str]
    region: str | None = None
    channel: str | None = None

    def may(self, scope: str) -> bool:
        return scope in self.scopes


class KeyEntry(msgspec.Struct, frozen=True):
    """A key as it may be shown: never its secret. Instants in microseconds."""

    id: str
    label: str
    scopes: tuple[str, ...]
    region: str | None
    channel: str | None
    created_at: int
    revoked_at: int | None


def create_key(
    book: Book,
    label: str,
    scopes: list[str],
    *,
    by: str,
    region: str | None = None,
    channel: str | None = None,
) -> tuple[str, str]:
    """A new key: its id, and the token that is shown this once. Raises `ConfigurationError` for an unknown scope."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise ConfigurationError(
            f"Unknown scope {', '.join(unknown)}." if unknown else "A key needs a scope.",
            cure=f"Scopes are: {', '.join(SCOPES)}.",
        )
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    with book.write() as connection:
        connection.execute(
            insert(api_keys).values(
                id=key_id,
                digest=_digest(secret),
                label=label,
                scopes=" ".join(sorted(set(scopes))),
                region=region,
                channel=channel,
                created_at=book.clock.now(),
            )
        )
        actor = pseudonym(book, connection, by)
        write_audit(
            book, connection, actor, "create_key", key_id, {"scopes": " ".join(scopes), "region": region}
        )
    return key_id, f"{_PREFIX}_{key_id}_{secret}"


def revoke_key(book: Book, key_id: str, *, by: str) -> None:
    """Make a key worthless at once. Raises `NotFoundError`; safe to repeat."""
    with book.write() as connection:
        if connection.execute(select(api_keys.c.id).where(api_keys.c.id == key_id)).first() is None:
            raise NotFoundError(f"There is no key {key_id}.", cure="`lapor-gateway keys list` shows them.")
        connection.execute(
            update(api_keys)
            .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=book.clock.now())
        )
        write_audit(book, connection, pseudonym(book, connection, by), "revoke_key", key_id, {})


def list_keys(book: Book) -> list[KeyEntry]:
    a = api_keys.c
    columns = (a.id, a.label, a.scopes, a.region, a.channel, a.created_at, a.revoked_at)
    with book.read() as connection:
        rows = connection.execute(select(*columns).order_by(a.created_at, a.id)).all()
    return [
        KeyEntry(
            row.id,
            row.label,
            tuple(row.scopes.split()),
            row.region,
            row.channel,
            row.created_at,
            row.revoked_at,
        )
        for row in rows
    ]


def has_keys(book: Book) -> bool:
    """Whether any key is in force: without one, only this machine may ask."""
    with book.read() as connection:
        query = select(api_keys.c.id).where(api_keys.c.revoked_at.is_(None)).limit(1)
        return connection.execute(query).first() is not None


def authenticate(book: Book, token: str) -> Principal | None:
    """Who holds this token; None for anybody unknown or revoked. Takes the same time for a wrong secret."""
    prefix, _, rest = token.partition("_")
    key_id, _, secret = rest.partition("_")
    with book.read() as connection:
        row = connection.execute(
            select(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        ).first()
    known = row.digest if row is not None else bytes(32)
    if not hmac.compare_digest(known, _digest(secret)) or prefix != _PREFIX or row is None:
        return None
    return Principal(row.id, frozenset(row.scopes.split()), row.region, row.channel)


def _digest(secret: str) -> bytes:
    # 256 random bits need no slow hash; a fast one keeps every request cheap.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
