"""The job engine as the API sees it: there may be none in this process."""

from fastapi import Request

from lapor_gateway.errors import OutOfReachError
from lapor_gateway.jobs.engine import Engine


def engine_of(request: Request) -> Engine | None:
    engine: Engine | None = request.app.state.engine
    return engine


def required_engine(request: Request) -> Engine:
    """The engine. Raises `OutOfReachError` where this process has none."""
    engine = engine_of(request)
    if engine is None:
        raise OutOfReachError(
            "No worker runs in this process.",
            cure="Start `lapor-gateway serve` without --no-worker, or run `sync`.",
        )
    return engine


def wake_engine(request: Request) -> None:
    """Tell the engine, where there is one, that something may have become due."""
    engine = engine_of(request)
    if engine is not None:
        engine.wake()
