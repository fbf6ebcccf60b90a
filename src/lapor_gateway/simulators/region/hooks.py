"""Sending webhooks signed by Standard Webhooks: never again after an error, remembered over restarts."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec

IN_FLIGHT = 8
ANSWER_WITHIN = 30.0  # seconds
ASK_AGAIN_AFTER = 0.1  # seconds between attempts while the address refuses connections at the start


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook: its id (the same when repeated), the message it is about, its day, and the body."""

    webhook_id: str
    subject: str
    day: str
    body: bytes


class Sent(msgspec.Struct):
    """A line of the log: the `turn`-th delivery of the plan, and the answer's status (None: no answer)."""

    turn: int
    webhook_id: str
    status: int | None


def signature(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>` over id, time (seconds since the epoch) and body; `secret` is `whsec_<base64>`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


class Sender:
    """Works through the planned deliveries in order, a few at a time."""

    def __init__(self, log: Path) -> None:
        """`log` holds what was sent before; what is there is not sent again."""
        self._log = log
        self._planned: list[Delivery] = []
        self._next = 0
        self._sent: dict[int, int | None] = {}
        for line in _whole_lines(log):
            sent = msgspec.json.decode(line, type=Sent)
            self._sent[sent.turn] = sent.status
        self._target: tuple[str, str] | None = None
        self._wait = False
        self._task: asyncio.Task[None] | None = None

    def plan(self, deliveries: list[Delivery]) -> None:
        self._planned += deliveries
        if self._task is not None:
            self.wake(self._task.get_loop())

    def aim(self, url: str, secret: str, *, wait: bool) -> None:
        self._target, self._wait = (url, secret), wait

    def wake(self, loop: asyncio.AbstractEventLoop) -> None:
        """Go on sending, unless that is under way."""
        if self._target is not None and (self._task is None or self._task.done()):
            self._task = loop.create_task(self._send_all(*self._target))

    def state(self) -> dict[str, Any]:
        """How far it is; `tally` counts distinct messages that were sent, by their day."""
        planned = len(self._planned)
        answers = Counter(str(status or "none") for status in self._sent.values())
        subjects = {(d.day, d.subject) for turn, d in enumerate(self._planned) if turn in self._sent}
        return {
            "planned": planned,
            "sent": len(self._sent),
            "done": len(self._sent) >= planned,
            "answers": dict(answers),
            "tally": dict(sorted(Counter(day for day, _ in subjects).items())),
        }

    async def _send_all(self, url: str, secret: str) -> None:
        limits = httpx.Limits(max_connections=IN_FLIGHT)
        async with httpx.AsyncClient(timeout=ANSWER_WITHIN, limits=limits, trust_env=False) as client:
            await asyncio.gather(*(self._work(client, url, secret) for _ in range(IN_FLIGHT)))

    async def _work(self, client: httpx.AsyncClient, url: str, secret: str) -> None:
        while self._next < len(self._planned):
            turn = self._next
            self._next += 1
            if turn not in self._sent:
                status = await self._post(client, url, secret, self._planned[turn])
                self._remember(turn, status)

    async def _post(self, client: httpx.AsyncClient, url: str, secret: str, delivery: Delivery) -> int | None:
        """The answer's status, or None. Nothing is tried again, save a refused connection at the start."""
        while True:
            now = int(time.time())
            headers = {
                "content-type": "application/json",
                "webhook-id": delivery.webhook_id,
                "webhook-timestamp": str(now),
                "webhook-signature": signature(secret, delivery.webhook_id, now, delivery.body),
            }
            try:
                answer = await client.post(url, content=delivery.body, headers=headers)
            except httpx.ConnectError:
                if not self._wait:
                    return None
                await asyncio.sleep(ASK_AGAIN_AFTER)
            except httpx.HTTPError:
                return None
            else:
                self._wait = False
                return answer.status_code

    def _remember(self, turn: int, status: int | None) -> None:
        self._sent[turn] = status
        line = msgspec.json.encode(Sent(turn, self._planned[turn].webhook_id, status))
        with self._log.open("ab") as file:
            file.write(line + b"\n")


def _whole_lines(log: Path) -> list[bytes]:
    """The log's lines; a last one that a kill cut short is left out, and so its delivery is repeated."""
    if not log.exists():
        return []
    return log.read_bytes().split(b"\n")[:-1]
