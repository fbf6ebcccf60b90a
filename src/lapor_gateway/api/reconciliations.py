"""`/v1/reconciliations`: start one, list them, read one with its differences."""

from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Query, Request, Response

from lapor_gateway.api.answers import Listed, answer, returns
from lapor_gateway.api.channels import visible_channel, visible_channels
from lapor_gateway.api.complaints import next_link
from lapor_gateway.api.engines import required_engine
from lapor_gateway.api.parameters import (
    DifferenceQuery,
    PageQuery,
    ReconciliationBody,
)
from lapor_gateway.api.principal import Operator, Reader, bounds_of, gateway_of
from lapor_gateway.book.reconciliations import (
    DifferenceView,
    ReconciliationView,
    find_reconciliation,
    list_differences,
    list_reconciliations,
)
from lapor_gateway.clock import to_instant
from lapor_gateway.errors import NotFoundError
from lapor_gateway.jobs.reconcile import select_for
from lapor_gateway.moments import moment

router: Final = APIRouter(prefix="/v1", tags=["history"])


class ReconciliationDetail(msgspec.Struct, frozen=True):
    """A run and one page of its differences."""

    run: ReconciliationView
    items: list[DifferenceView]
    next_cursor: str | None


@router.get(
    "/reconciliations",
    responses=returns(Listed[ReconciliationView], "Runs, newest first."),
    summary="List reconciliations",
)
def list_(request: Request, principal: Reader, asked: Annotated[PageQuery, Query()]) -> Response:
    book, bounds = gateway_of(request).book, bounds_of(principal)
    rows, following = list_reconciliations(book, limit=asked.limit, cursor=asked.cursor, bounds=bounds)
    return answer(Listed(rows, following), headers=next_link(request, following))


@router.get(
    "/reconciliations/{run}",
    responses=returns(ReconciliationDetail, "The run and its differences."),
    summary="Read a reconciliation",
)
def read(
    request: Request, principal: Reader, run: int, asked: Annotated[DifferenceQuery, Query()]
) -> Response:
    """What each side could prove, the differences by class, and one page of them."""
    book = gateway_of(request).book
    view = find_reconciliation(book, run, bounds=bounds_of(principal))
    rows, following = list_differences(
        book, view.run, kind=asked.kind, state=asked.state, limit=asked.limit, cursor=asked.cursor
    )
    detail = ReconciliationDetail(view, rows, following)
    return answer(detail, headers=next_link(request, following))


@router.post(
    "/reconciliations",
    responses=returns(ReconciliationView, "The run to follow.", 202),
    summary="Reconcile",
)
def start(request: Request, principal: Operator, body: ReconciliationBody | None = None) -> Response:
    """Compare source, ledger and LAPOR! as soon as possible, and mend what is safe."""
    gateway, wanted = gateway_of(request), body or ReconciliationBody()
    names = wanted.channels or sorted(visible_channels(gateway, principal))
    channels = [visible_channel(gateway, principal, name) for name in names]
    if not channels:
        raise NotFoundError("There is no channel to reconcile.", cure="GET /v1/channels lists them.")
    zone = channels[0].zone
    since, until = _window(wanted, zone)
    selection = select_for(gateway, channels, since=since, until=until)
    for name in selection.channels:
        visible_channel(gateway, principal, name)  # a channel that shares an origin comes along
    run = required_engine(request).reconcile(selection)
    location = {"location": f"/v1/reconciliations/{run}"}
    return answer(find_reconciliation(gateway.book, run), 202, location)


def _window(wanted: ReconciliationBody, zone: ZoneInfo) -> tuple[int | None, int | None]:
    since = None if wanted.since is None else to_instant(moment(wanted.since, zone))
    return since, None if wanted.until is None else to_instant(moment(wanted.until, zone, end=True))
