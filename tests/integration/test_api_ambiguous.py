"""Unknown outcomes over the API: listed, compared, and decided in bulk, each by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book.access import create_key
from tests.support.offices import Offices, message, open_offices


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Offices]:
    with open_offices(tmp_path) as world:
        world.deliver("satu.pesan", *[message(f"S{n}") for n in range(4)])
        world.deliver("dua.pesan", message("D1"))
        with world.gateway.book.write() as connection:
            connection.exec_driver_sql("UPDATE complaints SET state = 'ambiguous' WHERE id <> 4")
        yield world


async def asked(offices: Offices, method: str, path: str, json: Any = None, token: str = "") -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with offices.client(headers=headers) as client:
        return await client.request(method, path, json=json)


async def test_the_list_holds_every_unknown_outcome_and_no_other(offices: Offices) -> None:
    answer = await asked(offices, "GET", "/v1/ambiguous?limit=3")
    assert [one["source_id"] for one in answer.json()["items"]] == ["D1", "S2", "S1"]
    assert "next" in answer.headers["link"]


async def test_many_are_decided_at_once_and_one_that_cannot_be_stops_no_other(offices: Offices) -> None:
    body = {
        "reason": "sudah dicek di LAPOR!",
        "complaints": [{"complaint": one} for one in ("1", "4", "999", "2")],
    }
    answer = await asked(offices, "POST", "/v1/ambiguous/resend", body)
    decided = answer.json()
    assert (answer.status_code, decided["done"]) == (200, 2)
    assert [one["complaint"] for one in decided["refused"]] == ["4", "999"]
    assert "not ambiguous" in decided["refused"][0]["detail"]
    entries = (await asked(offices, "GET", "/v1/complaints/1/journey")).json()["entries"]
    assert (entries[-1]["kind"], entries[-1]["facts"]) == ("resend", {"reason": "sudah dicek di LAPOR!"})


async def test_adopting_needs_the_number_of_each(offices: Offices) -> None:
    complaints = [{"complaint": "1", "number": "9000001"}, {"complaint": "2"}]
    body = {"reason": "dicocokkan dengan layar LAPOR!", "complaints": complaints}
    decided = (await asked(offices, "POST", "/v1/ambiguous/adopt", body)).json()
    assert (decided["done"], [one["complaint"] for one in decided["refused"]]) == (1, ["2"])
    assert (await asked(offices, "GET", "/v1/complaints/1")).json()["tracking_id"] == "9000001"


@pytest.mark.parametrize(
    "body", [{}, {"reason": "x", "complaints": []}, {"complaints": [{"complaint": "1"}]}]
)
async def test_a_decision_without_reason_or_complaints_is_refused(offices: Offices, body: Any) -> None:
    assert (await asked(offices, "POST", "/v1/ambiguous/give-up", body)).status_code == 422
    assert (await asked(offices, "GET", "/v1/complaints/1")).json()["state"] == "ambiguous"


async def test_a_bound_key_sees_compares_and_decides_only_its_own(offices: Offices) -> None:
    _, token = create_key(offices.gateway.book, "uji", ["operate"], by="Uji", region="dua")
    listed = await asked(offices, "GET", "/v1/ambiguous", token=token)
    assert [one["source_id"] for one in listed.json()["items"]] == ["D1"]
    body = {"reason": "x", "complaints": [{"complaint": "1"}]}
    decided = (await asked(offices, "POST", "/v1/ambiguous/resend", body, token)).json()
    assert (decided["done"], len(decided["refused"])) == (0, 1)
    assert (await asked(offices, "GET", "/v1/complaints/1/candidates", token=token)).status_code == 404
    own = (await asked(offices, "GET", "/v1/complaints/5/candidates", token=token)).json()
    assert (own["asked"], own["candidates"]) == (None, [])
