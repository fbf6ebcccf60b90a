"""`/healthz`, `/readyz`, `/metrics`: alive, able to work, and in numbers."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from lapor_gateway.api.answers import answer, returns
from lapor_gateway.api.engines import engine_of
from lapor_gateway.api.metrics import registry_of
from lapor_gateway.api.principal import caller, gateway_of, is_local, needs
from lapor_gateway.book.schema import current_revision, head_revision
from lapor_gateway.errors import GatewayError
from lapor_gateway.jobs.gateway import Gateway

router: Final = APIRouter(tags=["health"])
_bearer = HTTPBearer(auto_error=False)


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str = "ok"


class Ready(msgspec.Struct, frozen=True):
    """Whether the gateway can do its work. `worker` is null where none runs in this process."""

    ready: bool
    database: bool
    migrations: bool
    worker: bool | None


@router.get("/healthz", responses=returns(Alive, "Alive."), summary="Alive?")
async def healthz() -> Response:
    return answer(Alive())


@router.get(
    "/readyz", responses=returns(Ready, "Ready.") | returns(Ready, "Not ready.", 503), summary="Ready?"
)
def readyz(request: Request) -> Response:
    gateway, engine = gateway_of(request), engine_of(request)
    database, migrations = _book_answers(gateway)
    worker = None if engine is None else engine.is_alive
    ready = Ready(database and migrations and worker is not False, database, migrations, worker)
    return answer(ready, 200 if ready.ready else 503)


@router.get("/metrics", responses={200: {"description": "Prometheus' text format."}}, summary="Metrics")
def metrics(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Response:
    """Open to this machine; from elsewhere it needs a key with the scope `read`. Holds no identities."""
    if not is_local(request):
        needs("read")(caller(request, credentials))
    return Response(generate_latest(registry_of(gateway_of(request))), media_type=CONTENT_TYPE_LATEST)


def _book_answers(gateway: Gateway) -> tuple[bool, bool]:
    """Whether the database answers, and whether its schema is this program's."""
    try:
        return True, current_revision(gateway.book.engine) == head_revision()
    except (GatewayError, SQLAlchemyError):
        return False, False
