"""Errors as RFC 9457 problems: a stable type, a sentence, the cause and the cure; never a stack trace."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from lapor_gateway.book.crypto import WrongKeyError
from lapor_gateway.errors import GatewayError

URN: Final = "urn:lapor-gateway:problem:"
MEDIA_TYPE: Final = "application/problem+json"
_KINDS: Final[Mapping[str, tuple[int, str]]] = {
    "bad-request": (400, "The request cannot be read"),
    "unauthorized": (401, "Who asks is not known"),
    "forbidden": (403, "This key may not do that"),
    "not-found": (404, "Not found"),
    "method-not-allowed": (405, "Not possible here"),
    "not-allowed": (409, "Not possible in this state"),
    "conflict": (409, "Changed by somebody else meanwhile"),
    "lease-taken": (409, "Being worked on"),
    "lease-lost": (409, "Being worked on"),
    "not-whole": (409, "The ledger is not what was sealed"),
    "archive": (409, "An archived year is not here"),
    "error": (409, "Needs a person"),
    "too-large": (413, "The body is too large"),
    "configuration": (422, "A value is wrong"),
    "internal": (500, "A fault of the gateway"),
    "source-fault": (502, "The application answered what cannot be read"),
    "credential": (502, "A credential was refused"),
    "out-of-reach": (503, "Out of reach"),
}
_BY_STATUS: Final = {400: "bad-request", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}
_PARTS: Final = frozenset({"query", "path", "body", "header"})


class UnauthorizedError(GatewayError):
    """No key, or one that is not in force."""

    kind = "unauthorized"


class ForbiddenError(GatewayError):
    """A key without the scope, or a page of somebody else's asking in this person's name."""

    kind = "forbidden"


class WrongValue(msgspec.Struct, frozen=True):
    """One value of a request that is wrong: where it stands, and what is wrong with it."""

    where: str
    fault: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457. `detail` is a sentence about this very case, `cause` the technical reason, `cure` what to do."""

    type: str
    title: str
    status: int
    detail: str
    cause: str = ""
    cure: str = ""
    errors: tuple[WrongValue, ...] = ()


def problem(
    kind: str,
    detail: str,
    *,
    cause: str = "",
    cure: str = "",
    errors: Sequence[WrongValue] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that says what went wrong."""
    status, title = _KINDS[kind]
    body = msgspec.json.encode(
        Problem(URN + kind, title, status, _sendable(detail), _sendable(cause), cure, tuple(errors))
    )
    return Response(body, status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem."""
    app.add_exception_handler(GatewayError, _of_gateway)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(PoolTimeoutError, _of_overload)


def _of_gateway(request: Request, error: Exception) -> Response:
    assert isinstance(error, GatewayError)
    if isinstance(error, WrongKeyError):  # a configuration of ours, no fault of the caller
        return problem("internal", error.message, cure=error.cure)
    kind = error.kind if error.kind in _KINDS else "error"
    # A page asks the browser for the key (as the password); a program is told to send a bearer token.
    asks = 'Basic realm="lapor-gateway", charset="UTF-8"' if request.url.path == "/" else "Bearer"
    headers = {"www-authenticate": asks} if kind == "unauthorized" else None
    return problem(kind, error.message, cause=error.detail, cure=error.cure, headers=headers)


def _of_validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [_wrong_value(fault) for fault in error.errors()]
    named = "; ".join(f"{fault.where}: {fault.fault}" for fault in faults)
    return problem("configuration", named or "The request is wrong.", errors=faults)


def _of_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = _BY_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "internal")
    return problem(kind, error.detail, headers=error.headers)


def _of_overload(_: Request, __: Exception) -> Response:
    return problem(
        "out-of-reach", "The gateway is busy.", cure="Ask again in a moment.", headers={"retry-after": "5"}
    )


def _wrong_value(fault: Mapping[str, Any]) -> WrongValue:
    """A fault of pydantic's without the value itself, which may be a citizen's."""
    place = [str(part) for part in fault["loc"] if part not in _PARTS] or [str(fault["loc"][0])]
    if fault["type"] == "extra_forbidden":
        return WrongValue(_sendable(".".join(place)[:80]), "is not known here")
    said = str(fault["msg"]).removeprefix("Value error, ")
    return WrongValue(_sendable(".".join(place)[:80]), _sendable(said))


def _sendable(text: str) -> str:
    """`text` without lone surrogates, which no answer can carry."""
    return text.encode("utf-8", "replace").decode()
