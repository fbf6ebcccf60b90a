"""`/v1/runs`, `/v1/changes` and `/v1/findings`: what ran, what changed, what a person should decide."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response

from lapor_gateway.api.answers import Listed, answer, returns
from lapor_gateway.api.complaints import next_link
from lapor_gateway.api.parameters import ChangeQuery, FindingQuery, ReasonBody, RunQuery
from lapor_gateway.api.principal import Operator, Reader, bounds_of, gateway_of, name_of
from lapor_gateway.book.decisions import accept_finding
from lapor_gateway.book.feed import ChangeView, changes
from lapor_gateway.book.queries import FindingView, RunView, find_finding, find_run, list_findings, list_runs

router: Final = APIRouter(prefix="/v1", tags=["history"])


class Changes(msgspec.Struct, frozen=True):
    """Changes in order, and the cursor to ask with next time; null until there is a first change."""

    items: list[ChangeView]
    cursor: str | None


@router.get("/runs", responses=returns(Listed[RunView], "Runs, newest first."), summary="List runs")
def runs(request: Request, principal: Reader, asked: Annotated[RunQuery, Query()]) -> Response:
    rows, following = list_runs(gateway_of(request).book, **asked.model_dump(), bounds=bounds_of(principal))
    return answer(Listed(rows, following), headers=next_link(request, following))


@router.get("/runs/{run}", responses=returns(RunView, "The run."), summary="Read a run")
def run_(request: Request, principal: Reader, run: int) -> Response:
    return answer(find_run(gateway_of(request).book, run, bounds=bounds_of(principal)))


@router.get("/changes", responses=returns(Changes, "Changes after the cursor."), summary="Follow all changes")
def changes_(request: Request, principal: Reader, asked: Annotated[ChangeQuery, Query()]) -> Response:
    """Every ledger entry once, in order: for systems that can only ask. Keep `cursor` and ask again with it."""
    rows, cursor = changes(gateway_of(request).book, asked.cursor, asked.limit, bounds=bounds_of(principal))
    return answer(Changes(rows, cursor))


@router.get(
    "/findings", responses=returns(Listed[FindingView], "Findings, newest first."), summary="List findings"
)
def findings(request: Request, principal: Reader, asked: Annotated[FindingQuery, Query()]) -> Response:
    wanted = asked.model_dump() | {"state": None if asked.state == "all" else asked.state}
    rows, following = list_findings(gateway_of(request).book, **wanted, bounds=bounds_of(principal))
    return answer(Listed(rows, following), headers=next_link(request, following))


@router.post(
    "/findings/{finding}/accept", responses=returns(FindingView, "Accepted."), summary="Accept a finding"
)
def accept(request: Request, principal: Operator, finding: int, body: ReasonBody) -> Response:
    """A person says why it is no fault. It re-opens if it comes back with other facts."""
    book, bounds = gateway_of(request).book, bounds_of(principal)
    found = find_finding(book, finding, bounds=bounds)
    accept_finding(book, found.id, by=name_of(principal), reason=body.reason)
    return answer(find_finding(book, found.id))
