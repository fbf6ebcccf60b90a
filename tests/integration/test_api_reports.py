"""`/v1/indicators`, `/v1/obstacles` and the obstacles of the status page: read, decided, bounded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lapor_gateway.book.access import create_key
from lapor_gateway.jobs.obstacles import look_for_obstacles
from tests.support.offices import Offices, message, open_offices


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Offices]:
    with open_offices(tmp_path) as world:
        world.deliver("satu.pesan", *[message(f"S{n}") for n in range(3)])
        yield world


def key(offices: Offices, *scopes: str, **bound: str) -> dict[str, str]:
    _, token = create_key(offices.gateway.book, "uji", list(scopes), by="Uji", **bound)
    return {"authorization": f"Bearer {token}"}


async def test_the_figures_of_a_month_come_with_their_types(offices: Offices) -> None:
    async with offices.client() as client:
        found = (await client.get("/v1/indicators?month=2026-03")).json()
        assert found["month"] == "2026-03"
        whole = found["items"][0]
        assert whole["scope"]["level"] == "all"
        assert whole["ministry"]["keaktifan_akun"] == {"type": "unmeasured", "why": "logins_not_visible"}
        assert whole["ministry"]["jumlah_laporan"] == {"type": "number", "value": 0}
        for wrong in ("", "?month=2026-13", "?month=maret", "?month=2026-03&region=", "?month=2026-03&x=1"):
            assert (await client.get(f"/v1/indicators{wrong}")).status_code == 422
        assert (await client.get("/v1/indicators?month=2026-03&region=lain")).status_code == 404


async def test_a_bound_key_sees_its_own_region_or_channel_alone(offices: Offices) -> None:
    region, channel = key(offices, "read", region="satu"), key(offices, "read", channel="satu.pesan")
    look_for_obstacles(offices.gateway)
    async with offices.client() as client:
        found = (await client.get("/v1/indicators?month=2026-03", headers=region)).json()["items"]
        assert {one["scope"]["id"].partition(".")[0] for one in found} == {"satu"}
        answered = await client.get("/v1/indicators?month=2026-03&region=dua", headers=region)
        assert answered.status_code == 404
        found = (await client.get("/v1/indicators?month=2026-03", headers=channel)).json()["items"]
        assert [one["scope"]["id"] for one in found] == ["satu.pesan"]
        theirs = (await client.get("/v1/obstacles", headers=region)).json()["items"]
        assert {one["region"] for one in theirs} == {"satu"}
        body = {"region": "dua", "description": "Operator pindah"}
        operator = key(offices, "operate", region="satu")
        assert (await client.post("/v1/obstacles", json=body, headers=operator)).status_code == 404
        assert (await client.post("/v1/obstacles", json=body, headers=region)).status_code == 403


async def test_an_obstacle_is_entered_assigned_resolved_and_on_the_first_page(offices: Offices) -> None:
    async with offices.client() as client:
        body = {"region": "satu", "description": "Operator <b>pindah</b>"}
        made = await client.post("/v1/obstacles", json=body)
        assert made.status_code == 201
        place = made.headers["location"]
        assigned = await client.post(f"{place}/assign", json={"owner": "Budi", "due_on": "2026-12-01"})
        assert (assigned.json()["owner"], assigned.json()["due_on"]) == ("Budi", "2026-12-01")
        page = (await client.get("/?lang=en")).text
        assert "Operator &lt;b&gt;pindah&lt;/b&gt;" in page
        assert page.index("Obstacles") < page.index('id="channel-')
        assert (await client.post(f"{place}/resolve", json={})).status_code == 422
        ended = await client.post(f"{place}/resolve", json={"outcome": "Ada penggantinya"})
        assert ended.json()["state"] == "resolved"
        again = await client.post(f"{place}/resolve", json={"outcome": "Lagi"})
        assert again.status_code == 409
        assert (await client.get("/v1/obstacles")).json()["items"] == []
        assert len((await client.get("/v1/obstacles?state=all")).json()["items"]) == 1
        assert (await client.get("/v1/obstacles/4711")).status_code == 404
