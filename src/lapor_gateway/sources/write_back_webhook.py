"""Writing back by webhooks: Standard Webhooks, with an id that stays the same over all tries."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from standardwebhooks import Webhook

from lapor_gateway import outgoing
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.outgoing import Answer
from lapor_gateway.sources.settings import secret_name
from lapor_gateway.sources.write_back import (
    Channel,
    Delivered,
    Ending,
    NotDelivered,
    Notice,
    filled,
    one_by_one,
    values_of,
)
from lapor_gateway.sources.write_back_http import ask
from lapor_gateway.sources.write_back_settings import WebhookWriteBack


class WebhookWriter:
    """Messages to one address. The receiver knows one that comes again by its id."""

    def __init__(self, how: WebhookWriteBack, channel: Channel, secrets: Callable[[str], str]) -> None:
        self._url = how.url
        self._data = how.data
        self._zone = channel.zone
        self._http = outgoing.client("webhook", timeout=how.timeout)
        name = secret_name(how.secret) or ""
        try:
            self._webhook = Webhook(secrets(name).strip())
        except ValueError:  # what base64 raises for a secret of another form
            raise ConfigurationError(
                f"The secret {name} is no Standard Webhooks secret.",
                cure=f'It begins with "whsec_" and goes on in base64: lapor-gateway secrets set {name}',
            ) from None

    def may_repeat(self, kind: str) -> bool:  # noqa: ARG002 - the id makes every message so
        return True

    async def deliver(self, notices: Sequence[Notice]) -> list[Ending]:
        return await one_by_one(notices, self._deliver)

    async def close(self) -> None:
        await self._http.aclose()

    async def _deliver(self, notice: Notice) -> Ending:
        body = body_of(notice, self._data, self._zone)
        sent_at = datetime.now(UTC)  # of this try: the receiver's window is about now
        headers = {
            "Content-Type": "application/json",
            "webhook-id": notice.delivery,
            "webhook-timestamp": str(int(sent_at.timestamp())),
            "webhook-signature": self._webhook.sign(notice.delivery, sent_at, body.decode()),
        }
        request = self._http.build_request("POST", self._url, content=body, headers=headers)
        answer = await ask(self._http, request, may_repeat=True)
        if not isinstance(answer, Answer):
            return answer
        if answer.status in (401, 403):
            return NotDelivered(f"HTTP {answer.status}: the signature was refused")
        return Delivered()


def body_of(notice: Notice, data: Mapping[str, Any] | None, zone: ZoneInfo) -> bytes:
    """The message: its type, when it happened, and what there is to say; what is not known is left out."""
    if data is None:
        own = {name: value for name, value in msgspec.structs.asdict(notice).items() if name not in _NOT_TOLD}
    else:
        own = filled(dict(data), values_of(notice, zone))
    told = _known(own) or {}
    return msgspec.json.encode({"type": f"complaint.{notice.kind}", "timestamp": notice.at, "data": told})


def _known(value: Any) -> Any:
    """The same without what is null, and without tables in which nothing is left: None for such a one itself."""
    if not isinstance(value, dict):
        return value
    left = {name: known for name, part in value.items() if (known := _known(part)) is not None}
    return left or None


_NOT_TOLD = frozenset({"delivery", "kind", "at"})
