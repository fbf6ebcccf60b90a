"""A pull does not run far ahead of its push, and is never held up by one that stands still."""

import asyncio
from typing import cast

from lapor_gateway.book.database import Book
from lapor_gateway.book.fresh import JustMapped
from lapor_gateway.domain.complaint import Complaint
from lapor_gateway.jobs.push import Push


class _Book:
    def __init__(self, mapped: int) -> None:
        self.just_mapped = JustMapped()
        for number in range(mapped):
            self.just_mapped.keep(f"LG-{number}", 1, b"digest", Complaint(str(number), "Jalan", "Rusak"))


def push(*, mapped: int, in_flight: int) -> Push:
    """As much of a push as catching up looks at."""
    one = Push.__new__(Push)
    one._book = cast("Book", _Book(mapped))
    one._in_flight = in_flight
    one._caught_up = asyncio.Event()
    return one


async def test_a_page_waits_until_what_was_mapped_before_it_is_on_its_way() -> None:
    busy = push(mapped=300, in_flight=32)
    page = asyncio.create_task(busy.catch_up())
    await asyncio.sleep(0)
    assert not page.done()
    busy._caught_up.set()
    await page


async def test_a_page_waits_for_no_push_that_stands_still_or_has_little_to_do() -> None:
    for one in (push(mapped=300, in_flight=0), push(mapped=10, in_flight=32)):
        page = asyncio.create_task(one.catch_up())
        await asyncio.sleep(0)
        assert page.done()


async def test_a_national_side_that_never_answers_delays_a_page_by_a_moment_only() -> None:
    async with asyncio.timeout(10):
        await push(mapped=300, in_flight=32).catch_up()
