"""The wire: request bytes out, response bytes or a failure in. Two clients behind it, one contract.

What decides is the difference between "surely never left" (`NotSent`) and everything else (`Lost`): a connection
that was refused, a name that does not resolve or a TLS handshake that failed sent no byte of a request.
"""

import asyncio
from datetime import timedelta
from types import TracebackType
from typing import Final, Protocol, Self

import httpx
from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError
from pyreqwest.http import HeaderMap

from lapor_gateway import __version__
from lapor_gateway.national.port import Answer, Lost, NotSent, Request, Response

USER_AGENT: Final = f"lapor-gateway/{__version__} (SP4N-LAPOR integration gateway)"
_CONNECT_SECONDS: Final = 4.0  # below the 5 s within which a request starts or not at all
LARGEST_ANSWER: Final = 16 * 1024 * 1024
"""Bytes; no answer of the interface comes near it, and none that is longer is read to its end."""
_FAREWELL_SECONDS: Final = 0.02
_NO_TIME: Final = "time-out"
# What hyper says of a failure while the connection was being made. The exception's class cannot tell: every
# time-out before an answer's headers is a `ConnectTimeoutError`, also of a request that was sent.
_CONNECTING: Final = "client error (Connect)"


class Wire(Protocol):
    """Moves one request's bytes at a time, many at once; never retries, never follows a redirect."""

    async def send(self, request: Request, timeout: float) -> Answer:
        """Send and wait for the whole answer, `timeout` seconds at the most."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class PyreqwestWire:
    """The fast one, for the push: a Rust client."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._url = url.rstrip("/")
        self._client = (
            ClientBuilder()
            .default_headers(headers)
            .user_agent(USER_AGENT)
            .follow_redirects(False)
            .no_proxy()
            .gzip(False)
            .brotli(False)
            .zstd(False)
            .deflate(False)
            .connect_timeout(timedelta(seconds=_CONNECT_SECONDS))
            .build()
        )

    async def send(self, request: Request, timeout: float) -> Answer:
        building = self._client.request(request.method, self._url + request.path).headers(request.headers)
        try:
            sending = building.timeout(timedelta(seconds=timeout)).body_bytes(request.body)
            async with sending.build_streamed() as response:
                body = bytes(await response.body_reader.read(LARGEST_ANSWER + 1) or b"")
                # Only what is no success is read by its headers: when to come back, from which clock.
                headers = {} if response.status < 300 else _headers(response.headers)
                answer = Response(response.status, headers, body)
        except PyreqwestError as error:
            if _CONNECTING in _causes(error):
                return NotSent(_cause(error))
            return Lost(_NO_TIME if isinstance(error, RequestTimeoutError) else _cause(error))
        return _within_bounds(answer)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()
        # Its threads let go of Python's objects a moment later; a process that ended just then would be aborted.
        await asyncio.sleep(_FAREWELL_SECONDS)


class HttpxWire:
    """The plain one: the same contract on httpx, where its ecosystem (mocks, proxies, tracing) is wanted."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"} | headers,
            timeout=httpx.Timeout(None, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(
                max_connections=None
            ),  # nothing may wait here: a request starts at once or never
            follow_redirects=False,
            trust_env=False,
        )

    async def send(self, request: Request, timeout: float) -> Answer:
        try:
            async with asyncio.timeout(timeout):  # httpx counts each read anew; the whole has a bound here
                async with self._client.stream(
                    request.method, request.path, headers=dict(request.headers), content=request.body or None
                ) as response:
                    body = bytearray()
                    async for part in response.aiter_raw():  # compression that nobody asked for stays
                        body += part
                        if len(body) > LARGEST_ANSWER:
                            break
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return NotSent(type(error).__name__)
        except (httpx.TimeoutException, TimeoutError):
            return Lost(_NO_TIME)
        except httpx.HTTPError as error:
            return Lost(type(error).__name__)
        return _within_bounds(Response(response.status_code, dict(response.headers), bytes(body)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()


class NoWire:
    """Of an account that has no interface: nothing ever leaves."""

    async def send(self, _: Request, __: float) -> Answer:
        return NotSent("this account is entered by hand")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""


def _headers(headers: HeaderMap) -> dict[str, str]:
    try:
        return {name.lower(): value for name, value in headers.items()}
    except ValueError:  # bytes that are no text: nothing is read from any of them
        return {}


def _within_bounds(answer: Response) -> Answer:
    return (
        answer
        if len(answer.body) <= LARGEST_ANSWER
        else Lost(f"an answer of more than {LARGEST_ANSWER} bytes")
    )


def _cause(error: PyreqwestError) -> str:
    """The innermost cause, for a person; it names the network's trouble, never what was sent."""
    return (_causes(error) or [type(error).__name__])[-1][:200]


def _causes(error: PyreqwestError) -> list[str]:
    """What led to the failure, outermost first."""
    details = error.args[1] if len(error.args) > 1 else None
    causes = details.get("causes") if isinstance(details, dict) else None
    return [str(cause["message"]) for cause in causes or ()]
