"""What may travel and what may not: edits, secrecy, identities, an operator's own words, and LAPOR!'s complaints."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book.deliveries import Choice, decide_delivery, list_deliveries
from lapor_gateway.book.inbox import list_inbox
from lapor_gateway.book.journey import journey
from lapor_gateway.book.milestones import differing
from lapor_gateway.book.writing_follow_ups import write_follow_up
from lapor_gateway.errors import NotAllowedError
from tests.support.command_line import lapor_gateway
from tests.support.national import NationalSimulator
from tests.support.regional_application import RegionalApplication
from tests.support.round_trip import REST, SQL, Office, follow_ups_at


@pytest.fixture
def national(tmp_path: Path) -> Iterator[NationalSimulator]:
    with NationalSimulator(tmp_path / "national", plain=True) as running:
        yield running


async def accepted(office: Office, **columns: Any) -> tuple[str, str]:
    (one,) = office.add(**({"anonim": 0} | columns))
    await office.sync()
    number = office.ours()[one].tracking_id
    assert number is not None
    return one, number


async def synced(office: Office, times: int = 2) -> None:
    for _ in range(times):
        assert not (await office.sync()).failures


async def test_an_edit_after_acceptance_travels_as_a_follow_up_and_sends_nothing_anew(
    tmp_path: Path, national: NationalSimulator
) -> None:
    office = Office(tmp_path / "data", national.url, write_back=SQL)
    one, number = await accepted(office)
    office.change(one, isi="Sekarang lubangnya tiga, dan lampu jalan juga padam.")
    await synced(office)
    (text,) = follow_ups_at(national, number)
    assert text.endswith(
        "Pelapor memperbarui laporannya menjadi:\nSekarang lubangnya tiga, dan lampu jalan juga padam."
    )
    assert national.counts()["complaints"] == 1
    assert office.answers(one) == [], "the region was told of its own reporter's edit"


async def test_tightened_secrecy_lets_no_text_leave_and_hides_it_everywhere(
    tmp_path: Path, national: NationalSimulator
) -> None:
    office = Office(tmp_path / "data", national.url, write_back=SQL)
    one, number = await accepted(
        office, nama="Sulastri Wulandari", isi="Kepala dusun meminta uang kepada warga."
    )
    office.change(one, anonim=1, isi="Saya Sulastri Wulandari, kepala dusun meminta uang.")
    office.answer(one, "Kami sudah memanggil Sulastri Wulandari untuk keterangan.")
    await synced(office, 3)
    assert follow_ups_at(national, number) == []
    reference = office.ours()[one].reference
    assert ("secrecy_tightened", reference, "open") in office.findings()
    with office.gateway() as gateway:
        shown = journey(gateway.book, reference)
        assert "Sulastri" not in str(shown)
        assert [one.state for one in list_deliveries(gateway.book, direction="national")[0]] == ["stopped"]


async def test_a_finding_that_a_person_accepts_lets_the_answer_out_redacted(
    tmp_path: Path, national: NationalSimulator
) -> None:
    office = Office(tmp_path / "data", national.url, write_back=SQL)
    one, number = await accepted(office, nama="Sulastri Wulandari")
    office.change(one, anonim=1)
    office.answer(one, "Kami sudah memanggil Sulastri Wulandari untuk keterangan.")
    await synced(office, 2)
    assert follow_ups_at(national, number) == []
    (finding,) = office.query("SELECT id FROM findings WHERE kind = 'secrecy_tightened'")
    said = lapor_gateway("--data", office.root, "findings", "accept", str(finding[0]), "--reason", "boleh")
    assert said.code == 0, said.err
    with office.gateway() as gateway:
        (stopped,), _ = list_deliveries(gateway.book, state="stopped")
        decide_delivery(gateway.book, stopped.id, Choice.REPLAY, by="Uji", reason="disunting")
    await synced(office)
    (text,) = follow_ups_at(national, number)
    assert text.endswith("Kami sudah memanggil [disamarkan] untuk keterangan.")


async def test_an_answer_to_an_anonymous_report_goes_out_without_the_reporters_values(
    tmp_path: Path, national: NationalSimulator
) -> None:
    office = Office(tmp_path / "data", national.url, write_back=SQL)
    one, number = await accepted(office, anonim=1, nama="Bambang Hermanto")
    office.answer(one, "Pak Bambang Hermanto (NIK 3523014101900001) sudah kami temui.")
    await synced(office)
    (text,) = follow_ups_at(national, number)
    assert text.endswith("Pak [disamarkan] (NIK [disamarkan]) sudah kami temui.")


async def test_a_change_of_status_in_the_region_is_told_and_an_echo_of_ours_is_not(
    tmp_path: Path, national: NationalSimulator
) -> None:
    office = Office(tmp_path / "data", national.url, write_back=SQL)
    one, number = await accepted(office)
    office.change(one, status="selesai")
    await synced(office)
    assert [text.partition("\n")[2] for text in follow_ups_at(national, number)] == [
        "Status di aplikasi daerah: selesai"
    ]

    other, second = await accepted(office)
    national.change(int(second), status_name="Selesai")
    await synced(office, 4)
    assert office.shown(other)["status"] == "selesai", "written back in the region's own word"
    assert follow_ups_at(national, second) == []


async def test_an_operators_follow_up_reaches_both_sides_once(
    tmp_path: Path, national: NationalSimulator
) -> None:
    office = Office(tmp_path / "data", national.url, write_back=SQL)
    one, number = await accepted(office)
    reference = office.ours()[one].reference
    said = lapor_gateway(
        "--data",
        office.root,
        "complaints",
        "follow-up",
        reference,
        "--text",
        "Kami cek besok.",
        "--by",
        "Sri",
    )
    assert said.code == 0, said.err
    await synced(office, 3)
    assert [text.partition("\n")[2] for text in follow_ups_at(national, number)] == ["Kami cek besok."]
    assert office.answers(one) == ["Kami cek besok."]
    shown = lapor_gateway("--data", office.root, "complaints", "show", reference)
    assert "Kami cek besok." in shown.out
    with office.gateway() as gateway:
        assert list(differing(gateway.book)) == []


async def test_nothing_is_followed_up_before_lapor_has_the_complaint(tmp_path: Path) -> None:
    office = Office(tmp_path / "data", "http://127.0.0.1:9", live=False)
    (one,) = office.add()
    with office.gateway() as gateway:
        await office.sync(patience=0.1)
        with pytest.raises(NotAllowedError):
            write_follow_up(gateway.book, office.ours()[one].reference, "Halo", by="Uji")


async def test_answers_that_came_before_acceptance_follow_it(
    tmp_path: Path, national: NationalSimulator
) -> None:
    office = Office(tmp_path / "data", national.url, write_back=SQL)
    (one,) = office.add(anonim=0)
    office.answer(one, "Sudah kami tangani sejak pagi.")
    await synced(office)
    number = office.ours()[one].tracking_id
    assert number is not None
    assert len(follow_ups_at(national, number)) == 1


async def test_status_says_within_what_time_every_open_complaint_is_looked_at(
    tmp_path: Path, national: NationalSimulator
) -> None:
    office = Office(tmp_path / "data", national.url, write_back=SQL)
    await accepted(office)
    said = lapor_gateway("--data", office.root, "status", "--json").json
    (looking,) = said["looking"]
    assert looking["open"] == 1
    assert 1.0 <= looking["bound_hours"] < 1.1
    assert "every 1.0 hours" in lapor_gateway("--data", office.root, "status").out


@pytest.mark.parametrize("edited", [False, True])
async def test_a_report_filed_at_lapor_is_delivered_listed_by_the_region_and_never_sent(
    tmp_path: Path, national: NationalSimulator, edited: bool
) -> None:
    application = RegionalApplication(tmp_path / "data" / "source.db")
    try:
        office = Office(tmp_path / "data", national.url, write_back=REST, app=application.url)
        office.remember_secrets()
        application.edits = edited
        national.preload(
            {
                "id": 8_123_456,
                "title": "Banjir di pasar",
                "content": "Pasar tergenang setinggi lutut sejak kemarin.",
            }
        )
        await synced(office, 3)
        with office.gateway() as gateway:
            (kept,), _ = list_inbox(gateway.book)
        assert (kept.tracking_id, kept.state) in {("8123456", "delivered"), ("8123456", "recognised")}
        assert kept.regional_id is not None
        await synced(office, 3)
        ours = office.ours()[kept.regional_id]
        assert (ours.state, ours.tracking_id) == ("accepted", "8123456")
        assert national.counts()["complaints"] == 1
        assert national.counts()["posts"] == 0
        with office.gateway() as gateway:
            (kept,), _ = list_inbox(gateway.book)
            assert kept.state == "recognised"
        if edited:
            assert not [one for one in office.findings() if one[0] == "number_wrong" and one[2] == "open"]
        office.answer(kept.regional_id, "Pompa sudah dikirim ke pasar.")
        await synced(office, 3)
        assert len(follow_ups_at(national, "8123456")) == 1
    finally:
        application.close()
