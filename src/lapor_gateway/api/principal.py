"""Who calls, and what they may: API keys with scopes and bounds; without any key, this machine alone."""

import base64
import binascii
import ipaddress
from collections.abc import Callable
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from lapor_gateway.api.problems import ForbiddenError, UnauthorizedError
from lapor_gateway.book.access import SCOPES, Principal, authenticate, has_keys
from lapor_gateway.book.database import Book
from lapor_gateway.book.queries import Bounds
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.jobs.gateway import Gateway

LOCAL: Final = Principal("local", frozenset(SCOPES))
_LOCAL_NAMES: Final = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_PORTS: Final = {"http": 80, "https": 443}
_ALSO_READ: Final = frozenset({"operate", "admin"})
_bearer = HTTPBearer(auto_error=False, description="An API key: `lapor-gateway keys create`.")


class Binding(msgspec.Struct, frozen=True):
    """How a server may listen: whether it asks for keys, and the sentence to say at its start."""

    asks_for_keys: bool
    sentence: str


def binding_rule(book: Book, host: str) -> Binding:
    """Whether the server may listen on `host`. Raises `ConfigurationError` for an open address without any key."""
    if has_keys(book):
        return Binding(True, "Every call needs an API key.")
    if not is_loopback_name(host):
        raise ConfigurationError(
            f"Without any API key the server does not listen on {host}: everybody could read and decide.",
            cure="Run `lapor-gateway keys create LABEL --scope read`, or leave --host out to serve this machine only.",
        )
    return Binding(
        False,
        "There is no API key: the server listens on this machine only, and whoever uses it may do everything.",
    )


def caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Principal:
    """Who calls. Raises `UnauthorizedError`; `ForbiddenError` for a page of another site in a browser here."""
    book = gateway_of(request).book
    token = credentials.credentials if credentials is not None else _key_of_a_browser(request)
    if token is not None:
        found = authenticate(book, token)
        if found is None:
            raise UnauthorizedError(
                "This API key is not in force.", cure="Ask an administrator for a new one."
            )
        return found
    if not is_local(request) or has_keys(book):
        raise UnauthorizedError("An API key is needed.", cure="Send it as `Authorization: Bearer <key>`.")
    _refuse_other_sites(request)
    return LOCAL


def _key_of_a_browser(request: Request) -> str | None:
    """The key that a person typed as the password when a browser asked (any name goes): for reading only.

    A browser sends it with every request to this server, also with one that another site's page makes; so
    it never counts for a request that changes something.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or request.method not in _SAFE_METHODS:
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None


def needs(scope: str) -> Callable[[Principal], Principal]:
    """A dependency: the caller, who has `scope`. Raises `ForbiddenError`."""

    def scoped(principal: Annotated[Principal, Depends(caller)]) -> Principal:
        if principal.may(scope) or (scope == "read" and principal.scopes & _ALSO_READ):
            return principal
        raise ForbiddenError(
            f"This key lacks the scope `{scope}`.", cure="Ask an administrator for a key that has it."
        )

    return scoped


Reader = Annotated[Principal, Depends(needs("read"))]
Operator = Annotated[Principal, Depends(needs("operate"))]
Sender = Annotated[Principal, Depends(needs("send"))]
Admin = Annotated[Principal, Depends(needs("admin"))]
IdentityReader = Annotated[Principal, Depends(needs("identity"))]


def bounds_of(principal: Principal) -> Bounds:
    """What the caller may see at all."""
    return Bounds(principal.region, principal.channel)


def name_of(principal: Principal) -> str:
    """How the ledger names who decided."""
    return "this machine" if principal is LOCAL else f"API key {principal.id}"


def require_unbound(principal: Principal) -> None:
    """Raises `ForbiddenError` for a key of one region or channel: this is about all of them."""
    if not bounds_of(principal).is_everything:
        raise ForbiddenError(
            "This concerns all regions; the key is bound to one.", cure="Use an unbound key."
        )


def gateway_of(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


def is_local(request: Request) -> bool:
    """Whether the connection comes from this machine, and not through a proxy that says so."""
    forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    return request.client is not None and is_loopback_name(request.client.host) and not forwarded


def is_loopback_name(host: str) -> bool:
    """Whether `host` (a name or an address) means this machine."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name in _LOCAL_NAMES


def _refuse_other_sites(request: Request) -> None:
    """A browser here also runs other people's pages: they must not speak with the rights of this machine."""
    host = urlsplit(f"//{request.headers.get('host', '')}")
    if not is_loopback_name(host.hostname or ""):
        raise ForbiddenError(
            "This server is for this machine only.",
            cure="Call it by 127.0.0.1 or localhost, or create an API key.",
        )
    origin = request.headers.get("origin")
    if request.method in _SAFE_METHODS or origin is None:
        return
    site = urlsplit(origin)
    port = site.port or _PORTS.get(site.scheme)
    if site.hostname != host.hostname or port != (host.port or _PORTS.get(request.url.scheme)):
        raise ForbiddenError("This request comes from a page of another site.", cure="Call the API itself.")
