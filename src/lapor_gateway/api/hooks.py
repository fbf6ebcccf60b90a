"""`/hooks/{channel}`: webhooks in; answered when their records are on disk."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from lapor_gateway.api.answers import Said, answer, returns
from lapor_gateway.api.engines import wake_engine
from lapor_gateway.api.principal import gateway_of
from lapor_gateway.api.problems import problem
from lapor_gateway.jobs.hooks import HookAnswer, receive

router: Final = APIRouter(tags=["webhooks"])
_PROBLEMS: Final = {401: "unauthorized", 409: "conflict", 503: "out-of-reach"}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {}}},
        "description": "As the channel's application sends it, signed as its manifest says.",
    }
}


@router.post(
    "/hooks/{channel}",
    status_code=202,
    responses=returns(Said, "Taken, and on disk.", 202) | returns(Said, "Seen before; nothing new."),
    openapi_extra=_BODY,
    summary="Send a record",
)
async def hook(request: Request, channel: str) -> Response:
    """The signature stands for a key. 401: not believed (it is kept aside). 409: this id had another body."""
    body = await request.body()
    told = await run_in_threadpool(receive, gateway_of(request), channel, dict(request.headers), body)
    if told.status == 202:
        await run_in_threadpool(wake_engine, request)
    return _answered(told)


def _answered(told: HookAnswer) -> Response:
    kind = _PROBLEMS.get(told.status)
    return (
        answer(Said(told.detail), told.status)
        if kind is None
        else problem(kind, f"{told.detail}.".capitalize())
    )
