"""`/v1/ambiguous`: every unknown outcome, and one decision about many of them."""

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response

from lapor_gateway.api.answers import Listed, answer, returns
from lapor_gateway.api.complaints import next_link
from lapor_gateway.api.engines import wake_engine
from lapor_gateway.api.parameters import ManyBody, PageQuery
from lapor_gateway.api.principal import Operator, Reader, bounds_of, gateway_of, name_of
from lapor_gateway.book.database import Book
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.queries import Bounds, ComplaintFilter, ComplaintView, find_complaint, list_complaints
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.errors import ConfigurationError, NotAllowedError, NotFoundError

router: Final = APIRouter(prefix="/v1/ambiguous", tags=["complaints"])


class Bulk(StrEnum):
    """A decision about many unknown outcomes, as its address spells it."""

    ADOPT = "adopt"
    RESEND = "resend"
    GIVE_UP = "give-up"


class Refusal(msgspec.Struct, frozen=True):
    """One complaint that stayed as it was, and why."""

    complaint: str
    detail: str
    cure: str


class Decided(msgspec.Struct, frozen=True):
    """How many were decided, and which were not."""

    done: int
    refused: list[Refusal]


@router.get("", responses=returns(Listed[ComplaintView], "Newest first."), summary="List unknown outcomes")
def list_(request: Request, principal: Reader, asked: Annotated[PageQuery, Query()]) -> Response:
    rows, following = list_complaints(
        gateway_of(request).book,
        ComplaintFilter(state=State.AMBIGUOUS),
        limit=asked.limit,
        cursor=asked.cursor,
        bounds=bounds_of(principal),
    )
    return answer(Listed(rows, following), headers=next_link(request, following))


@router.post("/{decision}", responses=returns(Decided, "Done."), summary="Decide about many")
def decide_(request: Request, principal: Operator, decision: Bulk, body: ManyBody) -> Response:
    """Each complaint is decided by itself, and one that cannot be stops no other.

    `adopt` needs the number of each. A reason is written beside each decision.
    """
    book, bounds = gateway_of(request).book, bounds_of(principal)
    verb = Verb(decision.value.replace("-", "_"))
    refused: list[Refusal] = []
    for one in body.complaints:
        try:
            which = _ambiguous(book, one.complaint, bounds)
            decide(book, which, verb, by=name_of(principal), reason=body.reason, number=one.number)
        except (NotAllowedError, NotFoundError, ConfigurationError) as error:
            refused.append(Refusal(one.complaint, error.message, error.cure))
    wake_engine(request)
    return answer(Decided(len(body.complaints) - len(refused), refused))


def _ambiguous(book: Book, which: str, bounds: Bounds) -> str:
    """The id of an ambiguous complaint. Raises `NotFoundError`, `NotAllowedError` where its outcome is known."""
    found = find_complaint(book, which, bounds=bounds)
    if found.state != State.AMBIGUOUS:
        raise NotAllowedError(f"The complaint {found.reference} is {found.state}, not ambiguous.")
    return str(found.id)
