"""Both ways, without faults: what happens at LAPOR! comes back, and what officers do in the region gets there, once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.jobs import pull
from tests.support.national import NationalSimulator
from tests.support.round_trip import SQL, Office, follow_ups_at


async def synced(office: Office, done: Callable[[], bool], tries: int = 25) -> None:
    """Sync until it is so. PostgreSQL shows the ledger's end only when no older transaction of the server runs."""
    for _ in range(tries):
        assert not (await office.sync()).failures
        if done():
            return
    raise AssertionError("it never came to be so")


async def test_a_round_trip_tells_each_side_once(tmp_path: Path, database_url: str) -> None:
    with NationalSimulator(tmp_path / "national", plain=True) as national:
        office = Office(tmp_path / "data", national.url, write_back=SQL, database_url=database_url)
        (one,) = office.add(anonim=0)
        await synced(office, lambda: office.shown(one)["nomor_lapor"] is not None)
        number = office.ours()[one].tracking_id
        assert number is not None
        assert office.shown(one)["nomor_lapor"] == number

        national.change(
            int(number), status_name="Dalam Proses", follow_up="Petugas kami menuju lokasi pagi ini."
        )
        await synced(office, lambda: bool(office.answers(one)))
        assert office.shown(one)["status_lapor"] == "Dalam Proses"
        assert office.answers(one) == ["Petugas kami menuju lokasi pagi ini."]

        office.answer(one, "Jalan sudah ditambal kemarin sore.")
        await synced(office, lambda: len(follow_ups_at(national, number)) > 1)
        for _ in range(3):
            assert not (await office.sync()).failures
        assert [text.partition("\n")[2] or text for text in follow_ups_at(national, number)] == [
            "Petugas kami menuju lokasi pagi ini.",
            "Jalan sudah ditambal kemarin sore.",
        ]
        assert sorted(office.answers(one)) == [
            "Jalan sudah ditambal kemarin sore.",
            "Petugas kami menuju lokasi pagi ini.",
        ]
        (row,) = office.query(
            "SELECT accepted_at, verified_at, first_follow_up_at, last_follow_up_at FROM milestones"
        )
        assert all(row)


async def test_an_answer_to_a_complaint_that_came_while_the_records_were_read_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A citizen reports and an officer answers just between the two queries of one pull."""
    with NationalSimulator(tmp_path / "national", plain=True) as national:
        office = Office(tmp_path / "data", national.url, write_back=SQL)
        (first,) = office.add(anonim=0)
        office.answer(first, "Sudah kami catat, terima kasih.")
        read, came = pull._pass, list[str]()

        async def between(*arguments: Any) -> None:
            await read(*arguments)
            if not came:
                came.extend(office.add(anonim=0))
                office.answer(came[0], "Petugas segera datang.")
                office.answer(first, "Selesai dikerjakan hari ini.")

        monkeypatch.setattr(pull, "_pass", between)

        def numbers() -> list[str | None]:
            return [one.tracking_id for one in office.ours().values()]

        await synced(office, lambda: len(numbers()) == 2 and None not in numbers())
        told = {one: office.ours()[one].tracking_id or "" for one in (first, came[0])}
        await synced(office, lambda: len(follow_ups_at(national, told[came[0]])) == 1)
        await synced(office, lambda: len(follow_ups_at(national, told[first])) == 2)
