"""The yardstick: what a script without a book would do on aiohttp, 32 requests in flight. Nothing is kept.

It reads the same pages and posts the same bodies, so that the ratio to it tells what the book costs.
"""

import asyncio
import json
import sys
from typing import Any

import aiohttp

from tests.bench.work import CATEGORIES, FIXED_FIELDS, KINDS

_HEADERS = {"Authorization": "Bearer contoh-auth", "token": "contoh-token", "Accept": "application/json"}


def body_of(record: dict[str, Any]) -> dict[str, Any]:
    """The submission of one record; the reference has the length of a real one."""
    return {
        "title": record["title"],
        "content": f"[Rujukan LG-0000-{record['id']:09d}]\n{record['description']}",
        "is_inbox": True,
        "is_approval": False,
        "is_priority": False,
        "attachments": False,
        "date_of_incident": record["complaint_date"],
        **FIXED_FIELDS,
        "classification_id": KINDS[record["type"]],
        "category_id": CATEGORIES[record["category"]],
        "is_anonymous": record["is_anonymous"],
        "is_secret": record["is_secret"],
    }


async def post_all(
    session: aiohttp.ClientSession, url: str, records: asyncio.Queue[dict[str, Any] | None]
) -> int:
    posted = 0
    while (record := await records.get()) is not None:
        async with session.post(f"{url}/complaints/complaint", json=body_of(record)) as answer:
            accepted = await answer.json()
            assert answer.status == 200, accepted
            posted += bool(accepted["data"]["complaint_id"])
    return posted


async def main(source: str, national: str, in_flight: int) -> None:
    records: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(maxsize=200)
    async with aiohttp.ClientSession(headers=_HEADERS) as session:
        senders = [asyncio.create_task(post_all(session, national, records)) for _ in range(in_flight)]
        cursor = "0"
        while cursor is not None:
            async with session.get(f"{source}/complaints", params={"cursor": cursor}) as answer:
                page = await answer.json()
            for record in page["data"]:
                await records.put(record)
            cursor = page["next_cursor"]
        for _ in senders:
            await records.put(None)
        posted = sum(await asyncio.gather(*senders))
    print(json.dumps({"posted": posted}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
