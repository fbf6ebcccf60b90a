"""A sender's own tally of a day is a count: what it names and never came is told at once, and a gap until it comes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book.access import create_key
from lapor_gateway.domain.balance import Verdict
from lapor_gateway.jobs.alarm import judge_balance
from lapor_gateway.jobs.balance import count_anew
from lapor_gateway.jobs.status import Balance, read_status
from tests.support.offices import Offices, message, open_offices

DESK = "dua.pesan"
PATH = f"/v1/channels/{DESK}/tally"


@pytest.fixture
def offices(tmp_path: Path, database_url: str) -> Iterator[Offices]:
    with open_offices(tmp_path, database_url=database_url) as world:
        world.deliver(DESK, message("D1"), message("D2"))
        yield world


async def post(offices: Offices, *ids: Any, count: int | None = None, day: str = "2026-08-21") -> Any:
    body = {"date": day, "count": len(ids) if count is None else count, "ids": list(ids)}
    async with offices.client() as client:
        return await client.post(PATH, json=body)


async def counted(offices: Offices) -> Balance:
    """The balance of the desk after a fresh count, its alarm included."""
    gateway = offices.gateway
    await count_anew(gateway, [gateway.channel(DESK)])
    judge_balance(gateway, {gateway.channel(DESK).origin})
    (channel,) = read_status(gateway, frozenset({DESK})).channels
    return channel.balance


async def findings(offices: Offices) -> dict[str, Any]:
    async with offices.client() as client:
        items = (await client.get(f"/v1/findings?channel={DESK}")).json()["items"]
    return {one["kind"]: one for one in items if one["kind"] in ("tally_differs", "balance_gap")}


async def test_a_tally_that_agrees_leaves_the_balance_closed(offices: Offices) -> None:
    answer = await post(offices, "D1", "D2")
    assert answer.status_code == 200
    assert answer.json() == {
        "channel": DESK,
        "date": "2026-08-21",
        "count": 2,
        "seen": 2,
        "missing": [],
    }
    balance = await counted(offices)
    assert (balance.verdict, balance.source, balance.ledger) == (Verdict.BALANCED, 2, 2)
    assert await findings(offices) == {}


async def test_what_never_came_is_named_at_once_and_is_a_gap_until_it_comes(offices: Offices) -> None:
    assert (await post(offices, "D1", "D2", "D3", 4)).json()["missing"] == ["D3", "4"]
    balance = await counted(offices)
    assert (balance.verdict, balance.source, balance.ledger) == (Verdict.GAP, 4, 2)
    assert "D3, 4" in balance.detail
    found = await findings(offices)
    assert found["tally_differs"]["facts"] == {
        "day": "2026-08-21",
        "count": 4,
        "missing": 2,
        "source_ids": "D3 4",
    }
    assert found["balance_gap"]["subject"] == "dua/pesan"
    offices.deliver(DESK, message("D3"), message("4"))
    balance = await counted(offices)
    assert (balance.verdict, balance.source) == (Verdict.BALANCED, 4)
    assert await findings(offices) == {}


async def test_a_later_tally_for_the_same_day_takes_the_place_of_the_first(offices: Offices) -> None:
    await post(offices, "D1", "D2", "D9")
    assert (await counted(offices)).verdict is Verdict.GAP
    for _ in range(2):  # the same again changes nothing
        assert (await post(offices, "D1", "D2")).json()["missing"] == []
    balance = await counted(offices)
    assert (balance.verdict, balance.source) == (Verdict.BALANCED, 2)
    assert await findings(offices) == {}


async def test_tallies_of_several_days_stand_beside_each_other(offices: Offices) -> None:
    await post(offices, "D1", "X1", day="2026-08-20")
    await post(offices, "D2", "X2")
    assert (await counted(offices)).source == 4


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"count": 3}, 422),
        ({"count": -1}, 422),
        ({"day": "21-08-2026"}, 422),
        ({"day": "2999-01-01"}, 422),
        ({"count": 1}, 422),
    ],
)
async def test_a_tally_that_makes_no_sense_is_refused(
    offices: Offices, changed: dict[str, Any], status: int
) -> None:
    answer = await post(offices, "D1", "D2", **changed)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (await counted(offices)).verdict is Verdict.BALANCED


async def test_only_a_channel_that_is_sent_to_takes_a_tally(offices: Offices) -> None:
    async with offices.client() as client:
        body = {"date": "2026-08-21", "count": 0, "ids": []}
        read = await client.post("/v1/channels/satu.tabel/tally", json=body)
        unknown = await client.post("/v1/channels/tiga.pesan/tally", json=body)
    assert (read.status_code, unknown.status_code) == (409, 404)
    assert "nobody sends to it" in read.json()["detail"]


async def test_a_tally_needs_the_scope_of_a_sender_bound_to_its_own_channel(offices: Offices) -> None:
    body = {"date": "2026-08-21", "count": 0, "ids": []}
    statuses = {}
    for name, scopes, bound in (
        ("reader", ["read"], {}),
        ("sender", ["send"], {"channel": DESK}),
        ("other", ["send"], {"channel": "satu.pesan"}),
    ):
        _, token = create_key(offices.gateway.book, name, scopes, by="Uji", **bound)  # type: ignore[arg-type]
        async with offices.client(headers={"authorization": f"Bearer {token}"}) as client:
            statuses[name] = (await client.post(PATH, json=body)).status_code
    assert statuses == {"reader": 403, "sender": 200, "other": 404}


async def test_metrics_and_the_status_page_show_the_counts_and_their_ages(offices: Offices) -> None:
    await post(offices, "D1", "D2", "D3")
    await counted(offices)
    async with offices.client() as client:
        metrics = (await client.get("/metrics")).text
        page = (await client.get("/")).text
    assert f'lapor_gateway_balance{{channel="{DESK}",verdict="gap"}} 1.0' in metrics
    assert f'lapor_gateway_balance_count{{channel="{DESK}",side="source"}} 3.0' in metrics
    assert f'lapor_gateway_balance_counted_seconds{{channel="{DESK}",side="ledger"}}' in metrics
    assert 'lapor_gateway_findings{kind="balance_gap",state="open"} 1.0' in metrics
    assert "D3" in page
