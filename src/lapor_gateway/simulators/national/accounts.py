"""Which national account a request belongs to, by its two credentials."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from lapor_gateway.simulators.national.http11 import Request

_NAMED = re.compile(r"(?:(?P<name>[A-Za-z0-9_.-]+)=)?(?P<auth>.+):(?P<token>[^:]+)")


@dataclass(frozen=True, slots=True)
class Account:
    """One agency's account; `auth` without the word Bearer, `token` with its braces."""

    name: str
    auth: str
    token: str


def parse_account(text: str) -> Account:
    """Read `NAME=AUTH:TOKEN` or `AUTH:TOKEN`. Raises ValueError."""
    found = _NAMED.fullmatch(text)
    if found is None:
        raise ValueError("an account is written NAME=AUTH:TOKEN or AUTH:TOKEN")
    auth, token = found["auth"], found["token"]
    return Account(found["name"] or _name_of(auth, token), auth, token)


class Accounts:
    """The accounts that are let in; with none named, every pair of credentials is an account of its own."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._names = {(account.auth, account.token): account.name for account in accounts}
        self._open = not self._names
        self._expire_at: dict[str, float] = {}  # seconds since the epoch, by account; "" for every account
        self._seen: dict[tuple[bytes | None, bytes | None, bytes | None], str | None] = {}

    def identify(self, request: Request) -> str | None:
        """The account's name, or None where a credential is missing or wrong."""
        headers = request.headers
        key = (headers.get(b"authorization"), headers.get(b"auth"), headers.get(b"token"))
        if key not in self._seen:
            self._seen[key] = self._look_up(request)
        return self._seen[key]

    def by_token(self, token: str) -> str | None:
        """The account of a call that brings its token alone, as the older dialects do; None for a wrong one."""
        if self._open:
            return _name_of("", token) if token else None
        return next((name for (_, known), name in self._names.items() if known == token), None)

    def names(self) -> list[str]:
        """The accounts that are let in by name, and those seen so far."""
        return sorted({*self._names.values(), *(name for name in self._seen.values() if name)})

    def expire(self, account: str, at: float) -> None:
        """Let the credential of an account ("" for all) run out at a time in seconds since the epoch."""
        self._expire_at[account] = at

    def renew(self, account: str, auth: str | None = None, token: str | None = None) -> None:
        """Let an account ("" for all) in again, with new credentials where they are given."""
        if not account:
            self._expire_at.clear()
        self._expire_at.pop(account, None)
        if auth is not None and token is not None:
            self._names = {key: name for key, name in self._names.items() if name != account}
            self._names[auth, token] = account
            self._open = False
        self._seen.clear()

    def has_expired(self, account: str, now: float) -> bool:
        ends = (self._expire_at[name] for name in (account, "") if name in self._expire_at)
        return any(now >= at for at in ends)

    def _look_up(self, request: Request) -> str | None:
        scheme, _, auth = request.header(b"authorization").partition(" ")
        if scheme.lower() != "bearer":
            auth = request.header(b"auth").removeprefix("Bearer ")  # some deployments' header
        token = request.header(b"token")
        if not auth or not token:
            return None
        if self._open:
            # "Bearer Bearer x" is what a client sends that does not normalise a stored value.
            return None if auth.startswith("Bearer ") else _name_of(auth, token)
        return self._names.get((auth, token))


def _name_of(auth: str, token: str) -> str:
    """A name that tells accounts apart in logs without showing a credential."""
    return "account-" + sha256(f"{auth}\n{token}".encode()).hexdigest()[:8]
