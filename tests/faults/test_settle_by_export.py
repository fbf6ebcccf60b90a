"""Without any list, the national spreadsheet export settles all doubts in one command, and believes no more."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from lapor_gateway.book import verdicts
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.errors import ConfigurationError, GatewayError
from lapor_gateway.jobs import settle_by_export as job
from lapor_gateway.jobs.settle_by_export import ExportSettled, Verdict, settle_by_export
from tests.support import national_export
from tests.support.endpoint import IndependentEndpoint
from tests.support.waiting import eventually
from tests.support.world import World, judge

BOUNDS = {"commits_within": "300ms", "export_lag": "300ms", "look_up": None}


@contextmanager
def doubtful(tmp_path: Path, **options: Any) -> Iterator[tuple[World, IndependentEndpoint]]:
    """A world that was granted no list, whose bounds are fractions of a second."""
    with IndependentEndpoint(tmp_path, time_out=0.5) as endpoint:
        yield World(tmp_path / "data", endpoint.url, **BOUNDS | options), endpoint


async def met(world: World, endpoint: IndependentEndpoint, fate: str | None, count: int) -> list[str]:
    """So many new complaints meet this fate; their ids at the source."""
    endpoint.order(fate=fate)
    ids = world.add(count)
    for _ in range(8):  # the breaker lets single probes out only
        await world.sync(patience=0.1)
        world.query("UPDATE accounts SET failures = 0, open_until = 0")
        if not world.states().get("ready"):
            break
    endpoint.order(fate=None)
    return ids


def settled(world: World, path: Path, **options: Any) -> ExportSettled:
    with world.gateway() as gateway:
        return settle_by_export(gateway, path, by="Sri", **options)


def settled_when_believable(world: World, endpoint: IndependentEndpoint, path: Path) -> ExportSettled:
    """Download and settle until the export reaches far enough."""

    def settle() -> ExportSettled | None:
        endpoint.order(export=str(path))
        done = settled(world, path)
        return None if done.count(Verdict.OPEN) else done

    return eventually(settle, within=10, what="an export that reaches far enough")


async def test_one_export_settles_every_doubt(tmp_path: Path, database_url: str) -> None:
    with doubtful(tmp_path, database_url=database_url) as (world, endpoint):
        await met(world, endpoint, None, 3)
        taken = await met(world, endpoint, "500-after", 4)
        lost = await met(world, endpoint, "500-before", 4)
        assert world.states() == {"accepted": 3, "ambiguous": 8}
        assert {one.waiting_for for one in world.ours().values() if one.state == "ambiguous"} == {"operator"}
        settled_when_believable(world, endpoint, tmp_path / "unduhan.xlsx")
        ours = world.ours()
        assert {ours[one].state for one in taken} == {"accepted"}
        assert {ours[one].state for one in lost} == {"ready"}
        await world.sync()
        assert world.states() == {"accepted": 11}
        judge(world, endpoint)


async def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, None, 2)
        await met(world, endpoint, "500-after", 3)
        endpoint.order(export=str(tmp_path / "unduhan.xlsx"))
        before = world.query("SELECT count(*) FROM ledger_entries")
        done = settled(world, tmp_path / "unduhan.xlsx", dry_run=True)
        assert done.count(Verdict.FOUND) == 3
        assert world.states() == {"accepted": 2, "ambiguous": 3}
        assert world.query("SELECT count(*) FROM ledger_entries") == before
        assert world.query("SELECT count(*) FROM runs WHERE kind = 'settle'") == [(0,)]


async def test_settling_twice_changes_nothing_more(tmp_path: Path) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, "500-after", 3)
        endpoint.order(export=str(tmp_path / "unduhan.xlsx"))
        first = settled(world, tmp_path / "unduhan.xlsx")
        entries = world.query("SELECT count(*) FROM ledger_entries")
        again = settled(world, tmp_path / "unduhan.xlsx")
        assert (first.count(Verdict.FOUND), again.settlements) == (3, [])
        assert world.query("SELECT count(*) FROM ledger_entries") == entries


async def test_another_persons_text_with_our_reference_in_it_is_not_ours(tmp_path: Path) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, None, 1)
        (lost,) = await met(world, endpoint, "500-before", 1)
        reference = world.ours()[lost].reference
        kept = {
            "complaint_id": 5,
            "title": "Lanjutan",
            "content": f"Menyusul [Rujukan {reference}]\nyang lalu",
        }
        endpoint.order(keep=[kept])
        settled_when_believable(world, endpoint, tmp_path / "unduhan.csv")
        assert world.ours()[lost].state == "ready"
        assert world.ours()[lost].tracking_id is None


async def test_our_line_over_another_text_waits_for_a_person_and_can_be_adopted_with_a_reason(
    tmp_path: Path,
) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, None, 1)
        (edited,) = await met(world, endpoint, "500-after", 1)
        (their,) = [t for t in endpoint.kept() if t.reference == world.ours()[edited].reference]
        text = f"[Rujukan {their.reference}]\nSudah diringkas oleh admin."
        endpoint.order(rewrite={their.tracking_id: text})
        path = tmp_path / "unduhan.xlsx"
        endpoint.order(export=str(path))
        done = settled(world, path)
        assert [(one.verdict, one.tracking_ids) for one in done.settlements] == [
            (Verdict.OTHER_TEXT, (their.tracking_id,))
        ]
        assert world.ours()[edited].state == "ambiguous"
        assert ("number_wrong", their.reference, "open") in world.findings()
        done = settled(world, path, adopt_edited="admin meringkasnya, sudah diperiksa")
        assert done.count(Verdict.FOUND) == 1
        assert world.ours()[edited].tracking_id == their.tracking_id
        assert ("number_wrong", their.reference, "repaired") in world.findings()


async def test_a_row_whose_number_cannot_be_read_is_no_absence(tmp_path: Path) -> None:
    path = tmp_path / "unduhan.xlsx"
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, None, 3)
        (taken,) = await met(world, endpoint, "500-after", 1)
        number = endpoint.by_reference()[world.ours()[taken].reference][0].tracking_id
        endpoint.order(export=str(path))
        book = load_workbook(path)
        for row in book.active.iter_rows():
            for cell in row:
                if str(cell.value) == number:
                    cell.value = "#REF!"
        book.save(path)
        done = settled(world, path)
        assert [(one.verdict, one.why) for one in done.settlements] == [
            (Verdict.OPEN, "export_unreadable_row")
        ]
        assert world.ours()[taken].state == "ambiguous"


async def test_what_stands_there_twice_is_adopted_once_and_is_a_finding(tmp_path: Path) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        (twice,) = await met(world, endpoint, "500-after", 1)
        (their,) = endpoint.kept()
        copy = {
            "complaint_id": int(their.tracking_id) + 7,
            "title": "x",
            "content": their.body["content"],
        }
        endpoint.order(keep=[copy], export=str(tmp_path / "unduhan.xlsx"))
        settled(world, tmp_path / "unduhan.xlsx")
        assert world.ours()[twice].tracking_id == their.tracking_id
        assert world.findings() == [("twice_at_national", their.reference, "open")]


async def test_an_export_that_cannot_prove_absence_frees_nothing_and_says_why(tmp_path: Path) -> None:
    """Too old, begun too late, filtered, another account's, without dates: each leaves the doubt as it is."""
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, None, 2)
        (lost,) = await met(world, endpoint, "500-before", 1)
        kept = endpoint.kept()
        (attempt,) = world.query("SELECT max(sent_at) FROM outbound")
        sent = attempt[0] / 1_000_000
        ours = [national_export.row(t.tracking_id, t.at, "x", t.body["content"]) for t in kept]
        early = national_export.row(1, sent - 86_400, "x", "Aspirasi lain")
        late = national_export.row(2, sent + 60, "x", "Aspirasi lain")

        def why(*rows: dict[str, Any]) -> str | None:
            path = national_export.write_export(tmp_path / "unduhan.xlsx", rows)
            (one,) = settled(world, path, dry_run=True).settlements
            return one.why

        undated = [row | {"Tanggal Laporan Masuk": "-"} for row in [*ours, early, late]]
        assert why(early, *ours) == "export_ends_too_early"
        assert why(late) == "export_begins_too_late"
        assert (why(early, late) or "").startswith("export_lacks_ours:LG-")
        assert (why(early, ours[0], late) or "").startswith("export_lacks_ours:LG-")
        assert why(*undated) == "export_without_dates"
        assert why(early, *ours, late) is None
        assert world.ours()[lost].state == "ambiguous"


async def test_an_export_that_shows_nothing_of_ours_proves_nothing(tmp_path: Path) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, "500-before", 1)
        endpoint.order(keep=[{"complaint_id": 3, "title": "x", "content": "Aspirasi orang lain"}])
        (attempt,) = world.query("SELECT max(sent_at) FROM outbound")
        rows = [national_export.row(n, attempt[0] / 1e6 + at, "x", "y") for n, at in ((1, -60), (2, 60))]
        path = national_export.write_export(tmp_path / "unduhan.xlsx", rows)
        (one,) = settled(world, path).settlements
        assert (one.verdict, one.why) == (Verdict.OPEN, "export_shows_none_of_ours")


async def test_a_clock_at_lapor_that_is_ahead_makes_no_export_look_newer_than_it_is(tmp_path: Path) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, None, 2)
        await met(world, endpoint, "500-before", 1)
        ahead = 3600.0
        rows = [
            national_export.row(t.tracking_id, t.at + ahead, "x", t.body["content"]) for t in endpoint.kept()
        ]
        rows.append(national_export.row(1, endpoint.kept()[0].at - 86_400, "x", "y"))
        path = national_export.write_export(tmp_path / "unduhan.xlsx", rows)
        (one,) = settled(world, path).settlements
        assert (one.verdict, one.why) == (Verdict.OPEN, "export_ends_too_early")


async def test_an_oldest_row_that_gives_only_its_day_does_not_show_that_the_file_begins_with_it(
    tmp_path: Path,
) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, None, 2)
        await met(world, endpoint, "500-before", 1)
        kept = endpoint.kept()
        rows = [national_export.row(t.tracking_id, t.at, "x", t.body["content"]) for t in kept]
        rows.append(national_export.row(1, kept[0].at, "x", "y", **{"Waktu Laporan Masuk": "-"}))
        rows.append(national_export.row(2, kept[-1].at + 600, "x", "y"))
        path = national_export.write_export(tmp_path / "unduhan.xlsx", rows)
        (one,) = settled(world, path).settlements
        assert (one.verdict, one.why) == (Verdict.OPEN, "export_begins_too_late")


async def test_a_clock_at_lapor_that_is_behind_makes_no_export_begin_earlier_than_it_does(
    tmp_path: Path,
) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, "500-before", 1)
        await met(world, endpoint, None, 2)
        behind = 3600.0
        kept = endpoint.kept()
        rows = [national_export.row(t.tracking_id, t.at - behind, "x", t.body["content"]) for t in kept]
        rows.append(national_export.row(2, kept[-1].at + 600, "x", "y"))
        path = national_export.write_export(tmp_path / "unduhan.xlsx", rows)
        (one,) = settled(world, path).settlements
        assert (one.verdict, one.why) == (Verdict.OPEN, "export_begins_too_late")


async def test_the_last_open_complaint_is_freed_by_a_persons_word_for_the_time_of_the_download(
    tmp_path: Path,
) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, None, 1)
        (lost,) = await met(world, endpoint, "500-before", 1)
        (their,) = endpoint.kept()
        rows = [national_export.row(their.tracking_id, their.at, "x", their.body["content"])]
        rows.append(national_export.row(1, their.at - 86_400, "x", "y"))
        path = national_export.write_export(tmp_path / "unduhan.xlsx", rows)

        def freed() -> bool:
            done = settled(world, path, taken_at=datetime.now().astimezone())
            return done.count(Verdict.ABSENT) == 1

        assert settled(world, path).count(Verdict.ABSENT) == 0
        eventually(freed, within=10, what="a time that is late enough")
        assert world.ours()[lost].state == "ready"


@pytest.mark.parametrize("hours", [-48, 1])
async def test_a_time_of_download_that_cannot_be_is_refused(tmp_path: Path, hours: float) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, "500-after", 1)
        endpoint.order(export=str(tmp_path / "unduhan.xlsx"))
        with pytest.raises(ConfigurationError, match="cannot have been downloaded"):
            settled(
                world,
                tmp_path / "unduhan.xlsx",
                taken_at=datetime.now().astimezone() + timedelta(hours=hours),
            )
        assert world.states() == {"ambiguous": 1}


async def test_claimed_numbers_are_checked_by_the_export_too(tmp_path: Path, database_url: str) -> None:
    with doubtful(tmp_path, database_url=database_url) as (world, endpoint):
        text = "Lampu jalan di depan pasar padam sejak minggu lalu, mohon segera diperbaiki."
        world.add(1, isi=text, nomor="7000001")
        world.add(1, isi="Sampah menumpuk di depan kantor desa sejak tiga hari ini.", nomor="7000002")
        world.add(1, isi="Saluran air mampet di belakang sekolah dasar.", nomor="7000003")
        await world.sync(patience=0.1)
        assert {one.reason for one in world.ours().values()} == {"number_unchecked"}
        keep = [
            {"complaint_id": 7000001, "title": "Lampu", "content": text.upper()},
            {"complaint_id": 7000002, "title": "Lain", "content": "Hal yang sama sekali lain."},
        ]
        endpoint.order(keep=keep, export=str(tmp_path / "unduhan.xlsx"))
        done = settled(world, tmp_path / "unduhan.xlsx")
        assert [one.verdict for one in done.settlements] == [
            Verdict.ADOPTED,
            Verdict.NUMBER_WRONG,
            Verdict.NUMBER_OPEN,
        ]
        ours = world.ours()
        assert (ours["1"].state, ours["1"].tracking_id) == ("accepted", "7000001")
        assert (ours["2"].state, ours["2"].reason) == ("held", "number_other_text")
        assert (ours["3"].state, ours["3"].reason) == ("held", "number_unchecked")


async def test_a_number_that_the_export_must_show_and_lacks_is_absent(tmp_path: Path) -> None:
    with doubtful(tmp_path) as (world, _endpoint):
        world.add(1, nomor="7000003")
        await world.sync(patience=0.1)
        ((received,),) = world.query("SELECT received_at FROM complaints")
        rows = [
            national_export.row(n, at, "x", "y") for n, at in ((1, 1_700_000_000), (2, received / 1e6 + 60))
        ]
        settled(world, national_export.write_export(tmp_path / "unduhan.xlsx", rows))
        assert world.ours()["1"].reason == "number_absent"


async def test_a_wrong_file_or_account_is_one_clear_error_and_changes_nothing(tmp_path: Path) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, "500-after", 1)
        (tmp_path / "rekap.xlsx").write_bytes(b"bukan lembar kerja")
        for path, options in (
            (tmp_path / "rekap.xlsx", {}),
            (tmp_path / "tidak-ada.xlsx", {}),
            (tmp_path, {}),
            (tmp_path / "rekap.xlsx", {"account": "lain"}),
        ):
            with pytest.raises(GatewayError):
                settled(world, path, **options)
        assert world.states() == {"ambiguous": 1}
        assert world.query("SELECT count(*) FROM runs WHERE kind = 'settle'") == [(0,)]


async def test_a_person_who_was_quicker_is_not_overruled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        (taken,) = await met(world, endpoint, "500-after", 1)
        endpoint.order(export=str(tmp_path / "unduhan.xlsx"))
        with world.gateway() as gateway:
            read = job.read_export

            def reading(*arguments: Any) -> Any:
                decide(gateway.book, world.ours()[taken].reference, Verb.GIVE_UP, by="Budi", reason="ditarik")
                return read(*arguments)

            monkeypatch.setattr(job, "read_export", reading)
            done = settle_by_export(gateway, tmp_path / "unduhan.xlsx", by="Sri")
        assert [(one.verdict, one.why) for one in done.settlements] == [(Verdict.OPEN, "changed_meanwhile")]
        assert world.ours()[taken].state == "withdrawn"


async def test_a_process_that_dies_while_it_settles_leaves_a_batch_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """Whatever it had not committed is as before, and the command is simply run again."""
    with doubtful(tmp_path, database_url=database_url) as (world, endpoint):
        await met(world, endpoint, "500-after", 5)
        path = tmp_path / "unduhan.xlsx"
        endpoint.order(export=str(path))
        enter, entered = verdicts.enter_found, []

        def dying(*arguments: Any) -> bool:
            entered.append(arguments)
            if len(entered) == 4:
                raise KeyboardInterrupt
            return enter(*arguments)

        monkeypatch.setattr(job, "_BATCH", 2)
        monkeypatch.setattr(verdicts, "enter_found", dying)
        with pytest.raises(KeyboardInterrupt):
            settled(world, path)
        assert world.states() == {"accepted": 2, "ambiguous": 3}
        monkeypatch.undo()
        assert settled(world, path).count(Verdict.FOUND) == 3
        assert world.states() == {"accepted": 5}
        judge(world, endpoint)


async def test_an_export_of_an_unknown_number_that_belongs_to_another_complaint_changes_only_the_reason(
    tmp_path: Path,
) -> None:
    with doubtful(tmp_path) as (world, endpoint):
        await met(world, endpoint, None, 1)
        (lost,) = await met(world, endpoint, "500-after", 1)
        mine, other = world.ours()[lost], world.ours()["1"]
        (content,) = [t.body["content"] for t in endpoint.kept() if t.reference == mine.reference]
        rows = [national_export.row(other.tracking_id, endpoint.kept()[0].at, "x", content)]
        done = settled(world, national_export.write_export(tmp_path / "unduhan.csv", rows))
        assert [(one.verdict, one.why) for one in done.settlements] == [(Verdict.OPEN, "changed_meanwhile")]
        assert (world.ours()[lost].state, world.ours()[lost].reason) == ("ambiguous", "number_taken")
