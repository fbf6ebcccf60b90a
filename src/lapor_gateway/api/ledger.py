"""`/v1/ledger`: checkpoints, the sealed entries in their order, and the proof that one checkpoint continues another."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response

from lapor_gateway.api.answers import Listed, answer, returns
from lapor_gateway.api.complaints import next_link
from lapor_gateway.api.parameters import ConsistencyQuery, PageQuery
from lapor_gateway.api.principal import Reader, gateway_of, require_unbound
from lapor_gateway.book.checkpoints import CheckpointView, consistency, list_checkpoints, public_key
from lapor_gateway.book.cursors import decode_cursor, encode_cursor
from lapor_gateway.book.proofs import SealedEntry, sealed_entries

router: Final = APIRouter(prefix="/v1/ledger", tags=["ledger"])


class Checkpoints(msgspec.Struct, frozen=True):
    """Checkpoints, newest first, and the public key that checks their signatures (NAME+HASH+BASE64)."""

    items: list[CheckpointView]
    next_cursor: str | None
    key: str


class Consistency(msgspec.Struct, frozen=True):
    """RFC 9162: the hashes, in hex, which show that the tree of `new` entries begins with that of `old`."""

    old: int
    new: int
    path: list[str]


@router.get(
    "/checkpoints", responses=returns(Checkpoints, "Checkpoints, newest first."), summary="List checkpoints"
)
def checkpoints(request: Request, _: Reader, asked: Annotated[PageQuery, Query()]) -> Response:
    """Signed notes (C2SP tlog-checkpoint). Whoever keeps one can prove later what the ledger held."""
    book = gateway_of(request).book
    rows, following = list_checkpoints(book, limit=asked.limit, cursor=asked.cursor)
    return answer(Checkpoints(rows, following, public_key(book)), headers=next_link(request, following))


@router.get(
    "/consistency", responses=returns(Consistency, "The proof."), summary="Prove that checkpoints agree"
)
def consistency_(request: Request, _: Reader, asked: Annotated[ConsistencyQuery, Query()]) -> Response:
    """`old` and `new` are the sizes of two checkpoints."""
    path = consistency(gateway_of(request).book, asked.old, asked.new)
    return answer(Consistency(asked.old, asked.new, [step.hex() for step in path]))


@router.get(
    "/entries",
    responses=returns(Listed[SealedEntry], "Entries in the tree's order."),
    summary="List sealed entries",
)
def entries(request: Request, principal: Reader, asked: Annotated[PageQuery, Query()]) -> Response:
    """Every sealed entry once, oldest first, for a key that is bound to no region. Keep the last cursor to go on."""
    require_unbound(principal)
    (first,) = (0,) if asked.cursor is None else decode_cursor(asked.cursor, 1)
    rows = sealed_entries(gateway_of(request).book, first, asked.limit)
    following = encode_cursor(first + len(rows)) if len(rows) == asked.limit else None
    return answer(Listed(rows, following), headers=next_link(request, following))
