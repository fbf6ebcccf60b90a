"""`/v1/push`, the one switch for everything outgoing, and `/v1/keys`, who may call."""

from typing import Final, Literal

import msgspec
from fastapi import APIRouter, Request, Response

from lapor_gateway.api.answers import Listed, answer, returns
from lapor_gateway.api.engines import wake_engine
from lapor_gateway.api.parameters import KeyBody
from lapor_gateway.api.principal import Admin, Operator, Reader, gateway_of, name_of, require_unbound
from lapor_gateway.book.access import KeyEntry, create_key, list_keys, revoke_key
from lapor_gateway.book.database import Book
from lapor_gateway.book.decisions import push_is_on, set_push
from lapor_gateway.clock import isoformat
from lapor_gateway.errors import ConfigurationError

router: Final = APIRouter(prefix="/v1", tags=["switches"])


class Push(msgspec.Struct, frozen=True):
    """Whether anything may leave at all."""

    push: Literal["on", "off"]


class KeyView(msgspec.Struct, frozen=True):
    """An API key as it may be shown."""

    id: str
    label: str
    scopes: tuple[str, ...]
    region: str | None
    channel: str | None
    created_at: str | None
    revoked_at: str | None


class NewKey(msgspec.Struct, frozen=True):
    """A new key: its token is shown this once."""

    id: str
    token: str


@router.get("/push", responses=returns(Push, "The switch."), summary="Read the switch")
def read(request: Request, _: Reader) -> Response:
    return _switch(gateway_of(request).book)


@router.post("/push/stop", responses=returns(Push, "Off."), summary="Stop everything outgoing")
def stop(request: Request, principal: Operator) -> Response:
    """Nothing is sent from now on, for no region; what is in flight is finished."""
    return _set(request, principal, on=False)


@router.post("/push/start", responses=returns(Push, "On."), summary="Let it flow again")
def start(request: Request, principal: Operator) -> Response:
    return _set(request, principal, on=True)


@router.get("/keys", responses=returns(Listed[KeyView], "The keys."), summary="List API keys")
def keys(request: Request, principal: Admin) -> Response:
    require_unbound(principal)
    return answer(Listed([_view(one) for one in list_keys(gateway_of(request).book)], None))


@router.post(
    "/keys", responses=returns(NewKey, "The new key.", 201), status_code=201, summary="Create an API key"
)
def create(request: Request, principal: Admin, body: KeyBody) -> Response:
    """The first key ends the rights that this machine has without any: create one with `admin` first."""
    require_unbound(principal)
    gateway = gateway_of(request)
    if body.region is not None and body.region not in gateway.regions:
        raise ConfigurationError(f"There is no region {body.region!r}.", cure="GET /v1/regions lists them.")
    if body.channel is not None:
        gateway.channel(body.channel)
    made = create_key(
        gateway.book,
        body.label,
        body.scopes,
        by=name_of(principal),
        region=body.region,
        channel=body.channel,
    )
    return answer(NewKey(*made), 201)


@router.post(
    "/keys/{key}/revoke", responses=returns(Listed[KeyView], "The keys."), summary="Revoke an API key"
)
def revoke(request: Request, principal: Admin, key: str) -> Response:
    require_unbound(principal)
    revoke_key(gateway_of(request).book, key, by=name_of(principal))
    return keys(request, principal)


def _set(request: Request, principal: Operator, *, on: bool) -> Response:
    require_unbound(principal)
    book = gateway_of(request).book
    set_push(book, on, by=name_of(principal))
    wake_engine(request)
    return _switch(book)


def _switch(book: Book) -> Response:
    return answer(Push("on" if push_is_on(book) else "off"))


def _view(key: KeyEntry) -> KeyView:
    created, revoked = isoformat(key.created_at), isoformat(key.revoked_at)
    return KeyView(key.id, key.label, key.scopes, key.region, key.channel, created, revoked)
