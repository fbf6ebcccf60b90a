"""One account's live connection: its wire, dialect and flow control, shared by the push and the look-ups."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from lapor_gateway.book.crypto import keyed_digest
from lapor_gateway.clock import Clock, to_datetime
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.national.dialects import dialect_of
from lapor_gateway.national.flow import Throttle
from lapor_gateway.national.lapor_v3 import Names
from lapor_gateway.national.port import Answer, NotSent, Request
from lapor_gateway.national.wire import HttpxWire, NoWire, PyreqwestWire, Wire
from lapor_gateway.settings_sections import NationalAccount


class Line:
    """A line to LAPOR! under one account's credentials. Use as an async context manager."""

    def __init__(
        self,
        name: AccountName,
        account: NationalAccount,
        secret: Callable[[str], str],
        clock: Clock,
        names: Names | None = None,
    ) -> None:
        self.name = name
        self.account = account
        self.throttle = Throttle(account.rate_per_second, clock.elapsed())
        self.timeout = account.timeout.total_seconds()
        self._clock = clock
        auth, token = secret(account.auth.get_secret_value()), secret(account.token.get_secret_value())
        self.dialect = dialect_of(account, secret, names)
        self.credential_print = keyed_digest(b"lapor-gateway/credential", f"{auth}\0{token}".encode())
        headers = _credentials(account, auth, token)
        self._wire: Wire = _wire(account, headers)

    async def send(self, request: Request, timeout: float) -> Answer:
        return await self._wire.send(request, timeout)

    async def ask(self, request: Request) -> Answer:
        """A look-up's request, in its turn under the account's cap on requests per second; none in quiet hours."""
        now = to_datetime(self._clock.now())
        if (opens := self.account.opens_at(now)) > now:
            return NotSent(f"quiet hours until {opens.isoformat(timespec='minutes')}")
        while self.throttle.available(self._clock.elapsed()) < 1:
            await self._clock.sleep(self.throttle.wait())
        self.throttle.take(1)
        return await self._wire.send(request, self.timeout)

    async def __aenter__(self) -> Self:
        await self._wire.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._wire.__aexit__(kind, error, trace)


def _wire(account: NationalAccount, headers: dict[str, str]) -> Wire:
    if account.is_by_hand:
        return NoWire()
    return (HttpxWire if account.wire == "httpx" else PyreqwestWire)(account.url, headers)


def _credentials(account: NationalAccount, auth: str, token: str) -> dict[str, str]:
    """Both headers on every call; a stored value that already begins with `Bearer ` is not prefixed again.

    The other dialects carry their token within the body.
    """
    if account.dialect != "lapor-v3":
        return {}
    bearer = auth.strip().removeprefix("Bearer ").strip()
    value = f"Bearer {bearer}" if account.auth_header == "Authorization" else bearer
    return {account.auth_header: value, "token": token.strip()}
