"""`/v1/deadlines`: which deadlines are due or breached, and what will be breached this week."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from lapor_gateway.api.answers import Listed, answer, returns
from lapor_gateway.api.complaints import next_link
from lapor_gateway.api.parameters import DeadlineQuery
from lapor_gateway.api.principal import Reader, bounds_of, gateway_of
from lapor_gateway.book.deadline_lists import URGENT, DeadlineFilter, DeadlineView, Forecast, list_deadlines
from lapor_gateway.jobs.deadlines import Counter, forecasts

router: Final = APIRouter(prefix="/v1/deadlines", tags=["deadlines"])


@router.get("", responses=returns(Listed[DeadlineView], "Deadlines."), summary="List deadlines")
def deadlines(request: Request, principal: Reader, asked: Annotated[DeadlineQuery, Query()]) -> Response:
    """Without `state` those that are breached, due today or due soon; the one due first first."""
    wanted = DeadlineFilter(
        asked.region, asked.channel, asked.clock, asked.owed_by, tuple(asked.state) or URGENT
    )
    rows, following = list_deadlines(
        gateway_of(request).book, wanted, limit=asked.limit, cursor=asked.cursor, bounds=bounds_of(principal)
    )
    return answer(Listed(rows, following), headers=next_link(request, following))


@router.get(
    "/forecast",
    responses=returns(list[Forecast], "A line a region."),
    summary="Forecast breaches of deadlines",
)
def forecast(request: Request, principal: Reader) -> Response:
    """What each region will have breached by the end of this week if nobody acts, and has breached already."""
    gateway = gateway_of(request)
    return answer(forecasts(gateway, Counter(gateway), bounds_of(principal)))
