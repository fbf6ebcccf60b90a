"""Writing back by calls of the application's own interface."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import jmespath
import msgspec

from lapor_gateway import outgoing
from lapor_gateway.errors import GatewayError, OutOfReachError
from lapor_gateway.outgoing import Answer, Patience
from lapor_gateway.sources.rest_auth import open_credential
from lapor_gateway.sources.settings import NoAuth, RestSettings
from lapor_gateway.sources.write_back import (
    Channel,
    Declined,
    Delivered,
    Doubtful,
    Ending,
    NotDelivered,
    Notice,
    filled,
    one_by_one,
    values_of,
)
from lapor_gateway.sources.write_back_http import ask
from lapor_gateway.sources.write_back_settings import RestCall, RestWriteBack

_ONE_TRY = Patience(tries=1)


class RestWriter:
    """Calls under the write-back's own credential, else the channel's."""

    def __init__(self, how: RestWriteBack, channel: Channel, secrets: Callable[[str], str]) -> None:
        self._how = how
        self._zone = channel.zone
        self._http = outgoing.client("write-back", timeout=how.timeout)
        own = channel.settings.auth if isinstance(channel.settings, RestSettings) else NoAuth()
        self._credential = open_credential(how.auth or own, secrets, self._http, _ONE_TRY)

    def may_repeat(self, kind: str) -> bool:
        return self._call(kind).may_repeat

    async def deliver(self, notices: Sequence[Notice]) -> list[Ending]:
        return await one_by_one(notices, self._deliver)

    async def close(self) -> None:
        await self._http.aclose()

    def _call(self, kind: str) -> RestCall:
        call = getattr(self._how, kind)
        assert isinstance(call, RestCall)
        return call

    async def _deliver(self, notice: Notice) -> Ending:
        call = self._call(notice.kind)
        try:
            answer = await ask(self._http, await self._request(call, notice), may_repeat=call.may_repeat)
            if isinstance(answer, Answer) and answer.status in (401, 403) and await self._credential.renew():
                answer = await ask(self._http, await self._request(call, notice), may_repeat=call.may_repeat)
        except OutOfReachError as error:
            return NotDelivered(error.message, away=True)
        except GatewayError as error:  # the credential: a person mends it, and everything goes on
            return NotDelivered(error.message, away=True)
        if not isinstance(answer, Answer):
            return answer
        if answer.status in (401, 403):
            return NotDelivered(f"HTTP {answer.status}: the credential was refused", away=True)
        return _read(call, answer)

    async def _request(self, call: RestCall, notice: Notice) -> httpx.Request:
        values = values_of(notice, self._zone)
        in_address = {name: quote(str(value or ""), safe="") for name, value in values.items()}
        headers = dict(await self._credential.headers())
        body = filled(call.body, values)
        content: dict[str, Any] = {}
        if call.form:
            told = {name: "" if value is None else value for name, value in (body or {}).items()}
            content = {"content": urlencode(told)}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif body is not None:
            content = {"json": body}
        if call.key_header is not None:
            headers[call.key_header] = notice.delivery
        url = str(filled(call.url, in_address))
        return self._http.build_request(call.method, url, headers=headers, **content)


def _read(call: RestCall, answer: Answer) -> Ending:
    if call.success is None and call.id is None:
        return Delivered()
    try:
        value = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        why = f"HTTP {answer.status} without JSON"
        return NotDelivered(why) if call.may_repeat else Doubtful(why)
    if call.success is not None and not jmespath.search(call.success, value):
        return Declined("the answer does not tell of success")
    found = None if call.id is None else jmespath.search(call.id, value)
    is_id = isinstance(found, str | int) and not isinstance(found, bool)
    return Delivered(str(found) if is_id else None)
