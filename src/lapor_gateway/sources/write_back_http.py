"""One request to a region's application and what its answer, or the lack of one, means for a delivery."""

from datetime import UTC, datetime
from typing import Final

import httpx

from lapor_gateway.errors import GatewayError
from lapor_gateway.outgoing import Answer, retry_after, send_once
from lapor_gateway.sources.write_back import Declined, Doubtful, Ending, NotDelivered

_LARGEST_ANSWER: Final = 1024 * 1024
_NEVER: Final = frozenset({400, 404, 405, 409, 410, 413, 415, 422})


async def ask(http: httpx.AsyncClient, request: httpx.Request, *, may_repeat: bool) -> Answer | Ending:
    """Send once: the answer where it is a 2xx or a refused credential (401, 403), else what became of the delivery."""
    try:
        answer = await send_once(http, request, _LARGEST_ANSWER)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        return NotDelivered(type(error).__name__, away=True)
    except (httpx.HTTPError, GatewayError) as error:
        why = type(error).__name__
        return NotDelivered(why, away=True) if may_repeat else Doubtful(why)
    status = answer.status
    if 200 <= status < 300 or status in (401, 403):
        return answer
    if status == 429:
        return NotDelivered("HTTP 429", retry_after=retry_after(answer.headers, datetime.now(UTC)))
    if status in _NEVER or 300 <= status < 400:
        return Declined(f"HTTP {status}")
    if may_repeat:
        return NotDelivered(f"HTTP {status}", retry_after=retry_after(answer.headers, datetime.now(UTC)))
    return Doubtful(f"HTTP {status}")
