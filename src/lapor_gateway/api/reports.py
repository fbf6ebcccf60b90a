"""`/v1/indicators` and `/v1/obstacles`: the figures of a month, and what keeps the regions from being heard."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response

from lapor_gateway.api.answers import answer, returns
from lapor_gateway.api.parameters import (
    AssignmentBody,
    IndicatorQuery,
    ObstacleBody,
    ObstacleQuery,
    OutcomeBody,
)
from lapor_gateway.api.principal import Operator, Reader, bounds_of, gateway_of, name_of
from lapor_gateway.book.access import Principal
from lapor_gateway.book.obstacles import (
    ObstacleView,
    add_obstacle,
    assign_obstacle,
    find_obstacle,
    list_obstacles,
    resolve_obstacle,
)
from lapor_gateway.domain.indicators import Figures, Level
from lapor_gateway.domain.obstacles import ObstacleState
from lapor_gateway.errors import NotFoundError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.indicators import figures_of, month_asked

router: Final = APIRouter(prefix="/v1", tags=["reports"])


class Indicators(msgspec.Struct, frozen=True):
    """The figures of a month, the widest scope first; a bound key sees those of its region or channel."""

    month: str
    items: list[Figures]


class Obstacles(msgspec.Struct, frozen=True):
    """Obstacles, the longest-standing first."""

    items: list[ObstacleView]


@router.get(
    "/indicators", responses=returns(Indicators, "The figures of the month."), summary="Read indicators"
)
def indicators(request: Request, principal: Reader, asked: Annotated[IndicatorQuery, Query()]) -> Response:
    """The five by the ministry's formulas and, under other names, what the gateway measures.

    What cannot be known has the type `unmeasured` and says why; it is never a zero.
    """
    gateway, month = gateway_of(request), month_asked(asked.month)
    bounds = bounds_of(principal)
    region = asked.region or bounds.region or (bounds.channel and bounds.channel.partition(".")[0])
    if bounds.region not in (None, region):
        raise _no_region(str(region))
    found = figures_of(gateway, month, region=region)
    if bounds.channel is not None:
        found = [one for one in found if (one.scope.level, one.scope.id) == (Level.CHANNEL, bounds.channel)]
    return answer(Indicators(asked.month, found))


@router.get("/obstacles", responses=returns(Obstacles, "Obstacles."), summary="List obstacles")
def obstacles(request: Request, principal: Reader, asked: Annotated[ObstacleQuery, Query()]) -> Response:
    state = None if asked.state == "all" else ObstacleState(asked.state)
    book, bounds = gateway_of(request).book, bounds_of(principal)
    return answer(Obstacles(list_obstacles(book, state=state, region=asked.region, bounds=bounds)))


@router.post("/obstacles", responses=returns(ObstacleView, "Entered.", 201), summary="Add an obstacle")
def add(request: Request, principal: Operator, body: ObstacleBody) -> Response:
    """What a person knows to stand in a region's way."""
    gateway = gateway_of(request)
    _require_region(gateway, principal, body.region)
    number = add_obstacle(gateway.book, **body.model_dump(), by=name_of(principal))
    return answer(find_obstacle(gateway.book, number), 201, {"location": f"/v1/obstacles/{number}"})


@router.get(
    "/obstacles/{obstacle}", responses=returns(ObstacleView, "The obstacle."), summary="Read an obstacle"
)
def read(request: Request, principal: Reader, obstacle: int) -> Response:
    return answer(find_obstacle(gateway_of(request).book, obstacle, bounds=bounds_of(principal)))


@router.post(
    "/obstacles/{obstacle}/assign", responses=returns(ObstacleView, "Assigned."), summary="Assign an obstacle"
)
def assign(request: Request, principal: Operator, obstacle: int, body: AssignmentBody) -> Response:
    """Who cares for it, what they promise, by when; what is left out stays."""
    book = gateway_of(request).book
    found = find_obstacle(book, obstacle, bounds=bounds_of(principal))
    assign_obstacle(book, found.id, **body.model_dump(), by=name_of(principal))
    return answer(find_obstacle(book, found.id))


@router.post(
    "/obstacles/{obstacle}/resolve",
    responses=returns(ObstacleView, "Resolved."),
    summary="Resolve an obstacle",
)
def resolve(request: Request, principal: Operator, obstacle: int, body: OutcomeBody) -> Response:
    """One that the gateway found opens again while its cause stands."""
    book = gateway_of(request).book
    found = find_obstacle(book, obstacle, bounds=bounds_of(principal))
    resolve_obstacle(book, found.id, by=name_of(principal), outcome=body.outcome)
    return answer(find_obstacle(book, found.id))


def _require_region(gateway: Gateway, principal: Principal, region: str) -> None:
    """Raises `NotFoundError` for a region that there is not, or that the caller may not see as a whole."""
    bounds = bounds_of(principal)
    if region not in gateway.regions or bounds.channel is not None or bounds.region not in (None, region):
        raise _no_region(region)


def _no_region(region: str) -> NotFoundError:
    return NotFoundError(f"There is no region {region[:80]!r}.", cure="GET /v1/regions lists them.")
