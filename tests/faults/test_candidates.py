"""What an operator sees of a doubt: what was sent, what stands at LAPOR!, what differs; and decisions, one or many."""

from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.errors import ConfigurationError, NotFoundError
from lapor_gateway.jobs.candidates import Candidates, Likeness, candidates
from tests.support import national_export
from tests.support.command_line import Answered
from tests.support.endpoint import IndependentEndpoint
from tests.support.forked_command import forked_gateway
from tests.support.world import World, judge

TEXT = "Lampu jalan di depan pasar padam sejak minggu lalu, mohon segera diperbaiki."


async def seen(world: World, which: str, export: Path | None = None) -> Candidates:
    with world.gateway() as gateway:
        return await candidates(gateway, world.ours()[which].reference, export=export)


async def doubted(tmp_path: Path, endpoint: IndependentEndpoint, fate: str, **columns: Any) -> World:
    """A world with one complaint in doubt, which nothing settles by itself within the test."""
    endpoint.order(fate=fate)
    world = World(tmp_path / "data", endpoint.url, look_up={"maximum_lag": "1h"})
    world.add(1, **columns)
    world.configure(look_up=None)
    await world.sync(patience=0.1)
    assert world.states() == {"ambiguous": 1}
    return world


def command(world: World, *words: str | Path) -> Answered:
    return forked_gateway("complaints", *words, "--data", world.root)


async def test_what_stands_there_is_shown_beside_what_was_sent_by_list_and_by_export(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await doubted(tmp_path, endpoint, "500-after")
        endpoint.order(export=str(tmp_path / "unduhan.xlsx"))
        (their,) = endpoint.kept()
        by_export = await seen(world, "1", tmp_path / "unduhan.xlsx")
        world.configure(look_up={"maximum_lag": "1h"})
        by_list = await seen(world, "1")
    for found in (by_export, by_list):
        (one,) = found.candidates
        assert (one.tracking_id, one.likeness, one.differences) == (their.tracking_id, Likeness.OURS, [])
        assert [(sent.number, sent.outcome) for sent in found.sent] == [(1, "unknown")]
        assert found.sent[0].text == one.text
    assert (by_export.asked, by_list.asked) == ("export", "list")


async def test_an_edited_text_shows_the_words_that_differ(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await doubted(tmp_path, endpoint, "500-after", isi=TEXT)
        (their,) = endpoint.kept()
        edited = their.body["content"].replace("padam", "mati").replace("mohon segera", "mohon")
        endpoint.order(rewrite={their.tracking_id: edited}, export=str(tmp_path / "unduhan.csv"))
        (one,) = (await seen(world, "1", tmp_path / "unduhan.csv")).candidates
    assert one.likeness is Likeness.EDITED
    assert [(d.ours, d.theirs) for d in one.differences] == [("padam", "mati"), ("segera", "")]


async def test_a_report_typed_in_by_hand_is_a_candidate_and_another_persons_is_none(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await doubted(tmp_path, endpoint, "500-before", isi=TEXT)
        endpoint.order(
            keep=[
                {"complaint_id": 11, "title": "Lampu", "content": TEXT.upper()},
                {"complaint_id": 12, "title": "Sampah", "content": "Sampah menumpuk di pasar."},
            ],
            export=str(tmp_path / "unduhan.xlsx"),
        )
        found = await seen(world, "1", tmp_path / "unduhan.xlsx")
    assert [(one.tracking_id, one.likeness) for one in found.candidates] == [("11", Likeness.ALIKE)]


async def test_a_number_that_belongs_to_another_complaint_says_so(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await doubted(tmp_path, endpoint, "500-before", isi=TEXT)
        endpoint.order(fate=None)
        world.query("UPDATE accounts SET failures = 0, open_until = 0")
        world.add(1, isi=TEXT)
        await world.sync(patience=0.1)
        other = world.ours()["2"]
        rows = [national_export.row(other.tracking_id, endpoint.kept()[0].at, "x", TEXT)]
        path = national_export.write_export(tmp_path / "unduhan.xlsx", rows)
        (one,) = (await seen(world, "1", path)).candidates
    assert (one.likeness, one.belongs_to) == (Likeness.ALIKE, other.reference)


@pytest.mark.parametrize("anonymous", [0, 1])
async def test_the_reporter_is_masked_on_both_sides(tmp_path: Path, anonymous: int) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        text = "Saya Sukarnawati melapor: " + TEXT
        world = await doubted(tmp_path, endpoint, "500-after", isi=text, nama="Sukarnawati", anonim=anonymous)
        endpoint.order(export=str(tmp_path / "unduhan.xlsx"))
        found = await seen(world, "1", tmp_path / "unduhan.xlsx")
        answered = command(world, "candidates", "1", "--national", tmp_path / "unduhan.xlsx", "--json")
    assert found.candidates
    assert "Sukarnawati" not in repr(found)
    assert answered.code == 0
    assert "Sukarnawati" not in answered.out


async def test_a_list_that_does_not_answer_is_told_and_is_no_empty_list(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await doubted(tmp_path, endpoint, "500-after")
        world.configure(look_up={"maximum_lag": "1h"})
        endpoint.order(list_bad=1.0)
        found = await seen(world, "1")
        assert found.asked == "list"
        assert found.trouble
        assert found.candidates == []


async def test_without_a_list_nothing_is_asked_and_a_wrong_name_or_file_is_an_error(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await doubted(tmp_path, endpoint, "500-after")
        before = endpoint.mark()
        assert (await seen(world, "1")).asked is None
        assert endpoint.mark() == before
        with world.gateway() as gateway:
            with pytest.raises(NotFoundError):
                await candidates(gateway, "LG-0000-0000-0000")
            with pytest.raises(ConfigurationError):
                await candidates(gateway, 1, export=world.root / "lapor-gateway.toml")


async def test_the_commands_show_settle_and_decide(tmp_path: Path) -> None:
    """As an operator does it: look, try, settle; then the rest in bulk, with a reason."""
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await doubted(tmp_path, endpoint, "500-after", isi=TEXT)
        path = tmp_path / "unduhan.xlsx"
        endpoint.order(export=str(path))
        assert "This account was granted no list" in command(world, "candidates", "1").out
        assert "our line, the same text" in command(world, "candidates", "1", "--national", path).out
        tried = command(world, "settle", "--national", path, "--dry-run")
        assert (tried.code, "Dry run" in tried.out, world.states()) == (0, True, {"ambiguous": 1})
        settled = command(world, "settle", "--national", path, "--by", "Sri", "--json")
        assert (settled.code, settled.json["settlements"][0]["verdict"]) == (0, "found")
        endpoint.order(fate="500-before")
        world.add(2)
        await world.sync(patience=0.1)
        world.query("UPDATE accounts SET failures = 0, open_until = 0")
        await world.sync(patience=0.1)
        open_still = command(world, "settle", "--national", path)
        assert (open_still.code, world.states()["ambiguous"]) == (1, 2)
        assert "export_ends_too_early" in open_still.out
        refused = command(world, "resend", "--all", "--yes")
        assert (refused.code, "needs a reason" in refused.err) == (2, True)
        done = command(world, "resend", "--all", "--reason", "sudah dicek di LAPOR!", "--by", "Sri", "--yes")
        assert (done.code, world.states()["ready"]) == (0, 2)
        endpoint.order(fate=None)
        world.query("UPDATE accounts SET failures = 0, open_until = 0")
        await world.sync()
        assert world.states() == {"accepted": 3}
        judge(world, endpoint)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["settle"], "Missing option"),
        (["settle", "--national", "tidak-ada.xlsx"], "There is no file"),
        (["settle", "--national", "lapor-gateway.toml", "--adopt-edited"], "needs a reason"),
        (["settle", "--national", "lapor-gateway.toml"], "The file lapor-gateway.toml"),
        (["candidates", "999"], "There is no complaint"),
        (["give-up", "--all", "--state", "ready", "--yes", "--reason", "x"], "needs --state"),
    ],
)
def test_wrong_usage_is_one_clear_sentence(tmp_path: Path, words: list[str], sentence: str) -> None:
    world = World(tmp_path / "data", "http://127.0.0.1:9")
    answer = forked_gateway("complaints", *words, "--data", ".", cwd=world.root)
    assert answer.code == 2, answer
    assert sentence in answer.err
    assert "Traceback" not in answer.err
