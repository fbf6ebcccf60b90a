"""Writing back by webhooks: Standard Webhooks, with an id that stays the same over all tries."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
from standardwebhooks import Webhook

from lapor_gateway import outgoing
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.outgoing import Answer
from lapor_gateway.sources.settings import secret_name
from lapor_gateway.sources.write_back import Delivered, Ending, NotDelivered, Notice
from lapor_gateway.sources.write_back_http import ask
from lapor_gateway.sources.write_back_settings import WebhookWriteBack


class WebhookWriter:
    """Messages to one address. The receiver knows one that comes again by its id."""

    def __init__(self, how: WebhookWriteBack, secrets: Callable[[str], str]) -> None:
        self._url = how.url
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
        endings: list[Ending] = []
        for notice in notices:
            away = bool(endings) and isinstance(endings[-1], NotDelivered) and endings[-1].away
            endings.append(endings[-1] if away else await self._deliver(notice))
        return endings

    async def close(self) -> None:
        await self._http.aclose()

    async def _deliver(self, notice: Notice) -> Ending:
        body = body_of(notice)
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


def body_of(notice: Notice) -> bytes:
    """The message: its type, when it happened, and what there is to say; what is not known is left out."""
    told = {
        name: value
        for name, value in msgspec.structs.asdict(notice).items()
        if name not in ("delivery", "kind", "at") and value is not None
    }
    return msgspec.json.encode({"type": f"complaint.{notice.kind}", "timestamp": notice.at, "data": told})
