"""One account's live connection: its wire, dialect and flow control, shared by the push and the look-ups."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from lapor_gateway.book.crypto import keyed_digest
from lapor_gateway.clock import Clock
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.national.flow import Throttle
from lapor_gateway.national.lapor_v3 import FollowUpLimits, LaporV3, LaporV3Settings, Names
from lapor_gateway.national.port import Answer, Dialect, Request
from lapor_gateway.national.wire import HttpxWire, PyreqwestWire, Wire
from lapor_gateway.settings_sections import FollowUps, LookUp, NationalAccount


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
        self.dialect = dialect_of(account, names)
        self.throttle = Throttle(account.rate_per_second, clock.elapsed())
        self.timeout = account.timeout.total_seconds()
        self._clock = clock
        auth, token = secret(account.auth.get_secret_value()), secret(account.token.get_secret_value())
        self.credential_print = keyed_digest(b"lapor-gateway/credential", f"{auth}\0{token}".encode())
        headers = _credentials(account, auth, token)
        self._wire: Wire = (
            HttpxWire(account.url, headers)
            if account.wire == "httpx"
            else PyreqwestWire(account.url, headers)
        )

    async def send(self, request: Request, timeout: float) -> Answer:
        return await self._wire.send(request, timeout)

    async def ask(self, request: Request) -> Answer:
        """A look-up's request, in its turn under the account's cap on requests per second."""
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


def dialect_of(account: NationalAccount, names: Names | None = None) -> Dialect:
    """The codec that an account's settings name; `names` are its master lists, where it sends names as numbers."""
    listing = account.look_up or LookUp()
    return LaporV3(
        LaporV3Settings(
            create_path=account.create_path,
            list_path=listing.path,
            search_parameter=listing.parameter,
            page_size=listing.page_size,
            lists=account.look_up is not None,
            fields=account.fields,
            attachments_form=account.attachments_form,
            no_attachments=account.no_attachments,
            unavailable_means_not_taken=account.unavailable_means_not_taken,
            names=names or {},
            master_paths={str(kind): path for kind, path in account.masters.items()},
            **_follow_up_options(account.follow_ups),
        )
    )


def _follow_up_options(follow_ups: FollowUps | None) -> dict[str, Any]:
    if follow_ups is None:
        return {}
    return {
        "follow_up_fields": {**follow_ups.fields, "user_id": follow_ups.user_id},
        "follow_up_limits": FollowUpLimits(follow_ups.max_files, follow_ups.max_file_bytes, follow_ups.kinds),
    }


def _credentials(account: NationalAccount, auth: str, token: str) -> dict[str, str]:
    """Both headers on every call; a stored value that already begins with `Bearer ` is not prefixed again."""
    bearer = auth.strip().removeprefix("Bearer ").strip()
    value = f"Bearer {bearer}" if account.auth_header == "Authorization" else bearer
    return {account.auth_header: value, "token": token.strip()}
