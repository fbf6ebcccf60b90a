"""`/v1/deliveries` and `/v1/inbox`: what is on its way to either side, and what LAPOR! has for a region."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from lapor_gateway.api.answers import Listed, answer, returns
from lapor_gateway.api.complaints import next_link
from lapor_gateway.api.engines import wake_engine
from lapor_gateway.api.parameters import DeliveryQuery, InboxQuery, ReasonBody
from lapor_gateway.api.principal import Operator, Reader, bounds_of, gateway_of, name_of
from lapor_gateway.book.deliveries import (
    Choice,
    DeliveryView,
    decide_delivery,
    find_delivery,
    list_deliveries,
)
from lapor_gateway.book.inbox import InboxView, list_inbox

router: Final = APIRouter(prefix="/v1", tags=["both ways"])


@router.get(
    "/deliveries", responses=returns(Listed[DeliveryView], "Newest first."), summary="List deliveries"
)
def list_(request: Request, principal: Reader, asked: Annotated[DeliveryQuery, Query()]) -> Response:
    """To regional applications (`direction` region) and to LAPOR! (national), each with its attempts and its end."""
    rows, following = list_deliveries(
        gateway_of(request).book, **asked.model_dump(), bounds=bounds_of(principal)
    )
    return answer(Listed(rows, following), headers=next_link(request, following))


@router.post(
    "/deliveries/{delivery}/{choice}",
    responses=returns(DeliveryView, "As it stands now."),
    summary="Decide about a delivery",
)
def decide(
    request: Request, principal: Operator, delivery: int, choice: Choice, body: ReasonBody
) -> Response:
    """`replay` sends it again, `confirm` says that it has arrived after all, `drop` gives it up."""
    book, bounds = gateway_of(request).book, bounds_of(principal)
    decide_delivery(book, delivery, choice, by=name_of(principal), reason=body.reason, bounds=bounds)
    wake_engine(request)
    return answer(find_delivery(book, delivery, bounds=bounds))


@router.get("/inbox", responses=returns(Listed[InboxView], "Newest first."), summary="List the inbox")
def inbox(request: Request, principal: Reader, asked: Annotated[InboxQuery, Query()]) -> Response:
    """Complaints that citizens filed at LAPOR! itself, for a region."""
    rows, following = list_inbox(gateway_of(request).book, **asked.model_dump(), bounds=bounds_of(principal))
    return answer(Listed(rows, following), headers=next_link(request, following))
