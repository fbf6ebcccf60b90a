"""The application: routes, errors, the guard around them, and the engine beside them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from lapor_gateway import __version__
from lapor_gateway.api import (
    ambiguous,
    channels,
    complaints,
    deadlines,
    health,
    history,
    hooks,
    ledger,
    pages,
    problems,
    reconciliations,
    reports,
    switches,
)
from lapor_gateway.api.answers import PROBLEMS
from lapor_gateway.api.guard import Guard
from lapor_gateway.api.openapi import document_of
from lapor_gateway.api.repeats import Repeats
from lapor_gateway.jobs.engine import Engine
from lapor_gateway.jobs.gateway import Gateway

_ROUTERS: Final = (
    complaints.router,
    ambiguous.router,
    channels.router,
    deadlines.router,
    history.router,
    reconciliations.router,
    reports.router,
    ledger.router,
    switches.router,
    hooks.router,
    health.router,
    pages.router,
)


def create_app(gateway: Gateway, engine: Engine | None = None) -> FastAPI:
    """The API over an open gateway. With an `engine`, the application starts it and stops it with itself."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        if engine is not None:
            engine.start()
        yield
        if engine is not None:
            await asyncio.to_thread(engine.stop)

    app = bare_app()
    app.router.lifespan_context = life
    app.state.gateway = gateway
    app.state.engine = engine
    return app


def bare_app() -> FastAPI:
    """The application without anything behind it: enough to describe itself."""
    app = FastAPI(
        title="lapor-gateway",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        responses=PROBLEMS,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    for router in _ROUTERS:
        app.include_router(router)
    problems.install(app)
    app.add_middleware(Repeats)
    app.add_middleware(Guard)  # the last one added is the outermost
    app.openapi = lambda: document_of(app)  # type: ignore[method-assign]
    return app


def _operation_id(route: APIRoute) -> str:
    """`list_complaints`: what a generated client calls a call."""
    return (route.summary or route.name).lower().rstrip("?").replace(" ", "_")
