"""What surrounds every request: a limit on its body, safe headers on its answer, no exception beyond this line."""

from collections.abc import MutableMapping
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lapor_gateway.api.problems import problem
from lapor_gateway.observability import Logger, where

MAXIMUM_BODY: Final = 1024 * 1024
_HEADERS: Final = {
    "content-security-policy": "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
_log = Logger("api")


class _TooLargeError(Exception):
    """More bytes came than a body may have."""


class Guard:
    """ASGI middleware around the whole application; `maximum_body` in bytes."""

    def __init__(self, app: ASGIApp, maximum_body: int = MAXIMUM_BODY) -> None:
        self._app = app
        self._maximum = maximum_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _harden(message)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, sending)
            return
        try:
            await self._app(scope, self._counted(receive), sending)
        except _TooLargeError:
            await self._too_large()(scope, receive, sending)
        except Exception as error:
            # A traceback's messages may quote a citizen: the type and the way must do.
            _log.error("request broke", path=_route(scope), error=type(error).__name__, where=where(error))
            if started:
                raise RuntimeError("the answer broke off") from None
            await problem("internal", "The gateway could not do this; its log says where.")(
                scope, receive, sending
            )

    def _refusal(self, scope: Scope) -> Any:
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if length.isdigit() and int(length) > self._maximum:
            return self._too_large()
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        names = [name for name, _ in pairs]
        if "\0" in scope["path"] or any("\0" in part for pair in pairs for part in pair):
            return problem("configuration", "A NUL character is in the address.")
        twice = next((name for name in names if names.count(name) > 1), None)
        return problem("configuration", f"{twice[:80]} is given twice.") if twice is not None else None

    def _counted(self, receive: Receive) -> Receive:
        left = self._maximum

        async def counted() -> MutableMapping[str, Any]:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _TooLargeError
            return message

        return counted

    def _too_large(self) -> Any:
        kilobytes = self._maximum // 1024
        return problem(
            "too-large",
            f"A body may have {kilobytes} KiB.",
            cure="Send fewer records at a time, and attachments as addresses.",
            headers={"connection": "close"},
        )


def _harden(message: Message) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)


def _route(scope: Scope) -> str:
    """The route's own path, in which no value of the caller stands."""
    return str(getattr(scope.get("route"), "path", "unknown"))
