"""The one guarded HTTP client: whatever address a manifest, a page or an operator names goes through here."""

import asyncio
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore
import httpx
import msgspec
import tenacity

from lapor_gateway import __version__
from lapor_gateway.errors import OutOfReachError, SourceFaultError

MAX_BODY_BYTES = 64 * 1024 * 1024
"""The largest answer that is read, after decompression (one network read of 64 KiB may go beyond it)."""

_METADATA = frozenset({"100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"})
_SHARED = IPv4Network("100.64.0.0/10")  # carrier-grade NAT and private overlays: neither global nor private
_THIS_NETWORK = IPv4Network("0.0.0.0/8")
_NAT64 = IPv6Network("64:ff9b::/96")
_IPAddress = IPv4Address | IPv6Address
_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class AddressRefusedError(OutOfReachError):
    """The address is one that no application lives at (link-local, cloud metadata, multicast, …)."""


class Patience(msgspec.Struct, frozen=True):
    """How long a request that can safely be repeated is tried: pauses in seconds, with jitter.

    A `Retry-After` longer than `longest_pause` ends the trying: the next scheduled pass comes anyway.
    """

    tries: int = 3
    first_pause: float = 0.5
    longest_pause: float = 30.0
    overall: float = 300.0


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer, read whole and within bounds."""

    status: int
    headers: httpx.Headers
    body: bytes


def client(
    purpose: str,
    *,
    allow_private: bool = True,
    timeout: timedelta = timedelta(seconds=30),
    max_connections: int = 8,
) -> httpx.AsyncClient:
    """A client that follows no redirect and connects to decent addresses only.

    `purpose` (ASCII) stands in the User-Agent. Regional applications live on private networks, so private and
    loopback addresses are allowed unless `allow_private` is false; link-local ones, cloud metadata, multicast
    and unspecified ones never are. The name is resolved here and the checked address connected to, so that a
    second resolution cannot bring another. `timeout` holds for connecting, for sending and for each read.
    """
    limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections)
    return httpx.AsyncClient(
        transport=_GuardedTransport(limits, allow_private=allow_private),
        headers={
            "User-Agent": f"lapor-gateway/{__version__} (integrasi SP4N-LAPOR; {purpose})",
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
        },
        timeout=timeout.total_seconds(),
        follow_redirects=False,
        trust_env=False,  # a proxy of the environment would connect for us, past the guard
    )


async def send(
    http: httpx.AsyncClient,
    request: httpx.Request,
    *,
    limit: int = MAX_BODY_BYTES,
    patience: Patience | None = None,
) -> Answer:
    """The answer to a request that is safe to repeat, whatever its status.

    Trouble with the connection, 429 and 5xx are tried again within `patience`. Raises `OutOfReachError` when
    the host cannot be reached, and `SourceFaultError` for an answer larger than `limit` bytes or one whose
    compression is broken. No message holds a query string, a header or a credential.
    """
    patience = patience or Patience()
    trying = tenacity.AsyncRetrying(
        stop=tenacity.stop_after_attempt(patience.tries) | tenacity.stop_after_delay(patience.overall),
        retry=tenacity.retry_if_exception_type(httpx.TransportError)
        | tenacity.retry_if_result(lambda answer: _worth_another_try(answer, patience)),
        wait=lambda state: _pause(state, patience),
        retry_error_callback=_last_result,
    )
    host = request.url.netloc.decode("ascii")
    try:
        async with asyncio.timeout(patience.overall):
            answer: Answer = await trying(send_once, http, request, limit)
    except httpx.DecodingError:
        raise SourceFaultError(f"{host} answered with a body whose compression is broken.") from None
    except (httpx.HTTPError, TimeoutError) as trouble:
        raise OutOfReachError(
            f"{host} could not be reached.",
            detail=_reason(trouble),
            cure="Check the address, the network and whether the application is running; nothing is lost.",
        ) from None
    return answer


def retry_after(headers: httpx.Headers, now: datetime) -> float | None:
    """Seconds that the answer asks us to wait (RFC 9110, 10.2.3), or None where it says nothing readable."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError):
        return None


async def send_once(http: httpx.AsyncClient, request: httpx.Request, limit: int = MAX_BODY_BYTES) -> Answer:
    """One try at a request that may not be repeated. Raises what httpx raises, and as `send` for a large answer."""
    response = await http.send(request, stream=True)
    try:
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > limit:
                raise SourceFaultError(
                    f"{request.url.netloc.decode('ascii')} answered with more than {limit:,} bytes.",
                    cure="Ask for smaller pages.",
                )
        return Answer(response.status_code, response.headers, bytes(body))
    finally:
        await response.aclose()


def _worth_another_try(answer: Answer, patience: Patience) -> bool:
    if answer.status != 429 and answer.status < 500:
        return False
    return (retry_after(answer.headers, datetime.now(UTC)) or 0) <= patience.longest_pause


def _pause(state: tenacity.RetryCallState, patience: Patience) -> float:
    if state.outcome and not state.outcome.failed:
        asked = retry_after(state.outcome.result().headers, datetime.now(UTC))
        if asked is not None:
            return asked
    return tenacity.wait_random_exponential(patience.first_pause, patience.longest_pause)(state)


def _last_result(state: tenacity.RetryCallState) -> Any:
    assert state.outcome is not None
    return state.outcome.result()


def _reason(trouble: BaseException) -> str:
    if isinstance(trouble, httpx.TimeoutException | TimeoutError):
        return "no answer in time"
    return str(trouble) or type(trouble).__name__


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    # SSL_CERT_FILE and SSL_CERT_DIR are honoured: government networks have their own certificate authorities.
    return httpx.create_ssl_context(trust_env=True)


class _GuardedPool(httpcore.AsyncConnectionPool):
    """Reads the certificate authorities (30 ms) when the first https address is connected to."""

    def create_connection(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
        if origin.scheme == b"https":
            self._ssl_context = _tls()
        return super().create_connection(origin)


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport on a pool of ours; only the opening of connections differs."""

    def __init__(self, limits: httpx.Limits, *, allow_private: bool) -> None:
        self._pool = _GuardedPool(
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_GuardedBackend(allow_private=allow_private),
        )


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name, refuses what must not be reached, and connects to the very address it has checked."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await _resolve(host, port, timeout)
        allowed = [address for address in addresses if is_allowed(address, allow_private=self._allow_private)]
        if not allowed:
            raise AddressRefusedError(
                f"{host} leads to an address that the gateway never connects to.",
                detail=", ".join(sorted({str(address) for address in addresses})),
                cure="Name the application's own address in the manifest.",
            )
        trouble: Exception | None = None
        for address in allowed:
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        assert trouble is not None
        raise trouble

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


async def _resolve(host: str, port: int, timeout: float | None) -> list[_IPAddress]:
    try:
        async with asyncio.timeout(timeout):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    except TimeoutError:
        raise httpcore.ConnectTimeout("the name could not be resolved in time") from None
    except (OSError, UnicodeError):
        raise httpcore.ConnectError("the name could not be resolved") from None
    return list(dict.fromkeys(ip_address(str(address[0]).partition("%")[0]) for *_, address in found))


def is_allowed(address: _IPAddress, *, allow_private: bool) -> bool:
    """Whether the gateway may connect to `address`; a mapped or translated IPv4 address counts as that."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_allowed(inner, allow_private=allow_private)
    if str(address) in _METADATA or address.is_link_local or address.is_multicast or address in _THIS_NETWORK:
        return False
    if address.is_loopback or address in _SHARED:
        return allow_private
    if address.is_unspecified or address.is_reserved:
        return False
    return allow_private if address.is_private else address.is_global
