"""The gate and going live on both databases: what is kept beside, what is held, and what an approval sets free."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.clock import isoformat, to_instant
from tests.support.books import CHANNEL, START, Desk, ManualClock, desk


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def own(database_url: str, clock: ManualClock) -> Iterator[Desk]:
    with desk(database_url, clock) as made:
        yield made


def test_an_edit_after_acceptance_is_kept_beside_and_the_state_stays(own: Desk) -> None:
    own.bring({"id": 1})
    own.execute("UPDATE complaints SET state = 'accepted', tracking_id = '9000001'")
    own.bring({"id": 1, "body": "Isi yang berubah setelah diterima"})
    assert own.state("1") == "accepted"
    assert own.row("1").current_version == 2
    assert own.kinds("1")[-1] == "edited"
    assert own.query("SELECT 1 FROM findings") == []


@pytest.mark.parametrize("state", ["accepted", "submitting", "ambiguous", "linked"])
def test_secrecy_tightened_after_sending_is_an_urgent_finding_and_hides_at_once(
    own: Desk, state: str
) -> None:
    own.bring({"id": 1, "name": "Siti Rekaan", "body": "Saya Siti Rekaan mengadukan pungutan liar"})
    own.execute(f"UPDATE complaints SET state = '{state}'")
    own.bring(
        {
            "id": 1,
            "name": "Siti Rekaan",
            "body": "Saya Siti Rekaan mengadukan pungutan liar",
            "visibility": "secret",
        }
    )
    row = own.row("1")
    assert (row.state, row.visibility, row.body, row.title) == (state, "secret", "", "")
    (finding,) = own.query("SELECT kind, subject, state FROM findings")
    assert tuple(finding) == ("secrecy_tightened", row.reference, "open")


@pytest.mark.parametrize("state", ["ambiguous", "submitting", "withdrawn", "linked"])
def test_an_edit_that_cannot_be_read_leaves_a_version_that_can_still_be_sent(own: Desk, state: str) -> None:
    """It may come back to ready; what goes out then is the last version that could be read."""
    own.bring({"id": 1, "body": "Isi yang dapat dibaca"})
    own.execute(f"UPDATE complaints SET state = '{state}'")
    own.bring({"id": 1, "fault": "empty"})
    row = own.row("1")
    assert row.state == state
    (current,) = own.query(
        f"SELECT canonical FROM complaint_versions WHERE complaint = {row.id} AND version = {row.current_version}"
    )
    assert current.canonical is not None
    assert own.show({"id": 1, "fault": "empty"}).seen == 1


def test_a_status_that_changes_is_no_edit_and_an_unknown_word_is_a_finding(own: Desk) -> None:
    own.bring({"id": 1, "status": "open"})
    own.bring({"id": 1, "status": "done"})
    assert own.kinds("1") == ["received", "mapped", "shown", "regional_status"]
    assert own.row("1").regional_status == "done"
    own.bring({"id": 1, "status": "unknown"})
    assert [row.kind for row in own.query("SELECT kind FROM findings")] == ["unmapped_status"]
    assert own.state("1") == "ready"


def test_a_complaint_that_a_person_holds_stays_held_through_an_edit(own: Desk) -> None:
    own.bring({"id": 1})
    own.execute("UPDATE complaints SET state = 'held', reason = 'operator'")
    own.bring({"id": 1, "body": "Diubah lagi oleh warga"})
    assert (own.state("1"), own.row("1").reason) == ("held", "operator")


@pytest.mark.parametrize("reason", ["recovery", "number_other_text"])
def test_an_edit_frees_nothing_that_may_be_at_lapor_already(own: Desk, reason: str) -> None:
    own.bring({"id": 1})
    own.execute(f"UPDATE complaints SET state = 'held', reason = '{reason}'")
    own.bring({"id": 1, "body": "Diubah lagi oleh warga"})
    assert (own.state("1"), own.row("1").reason) == ("held", reason)
    assert own.row("1").body == "Diubah lagi oleh warga"


def test_a_quarantined_record_that_is_mended_at_the_source_goes_on(own: Desk) -> None:
    own.bring({"id": 1, "fault": "empty"})
    assert (own.state("1"), own.row("1").reason, own.row("1").waiting_for) == (
        "quarantined",
        "empty:body",
        "operator",
    )
    own.bring({"id": 1, "body": "Sekarang ada isinya"})
    assert own.state("1") == "ready"


def test_a_replay_under_a_mapping_that_reads_times_otherwise_is_judged_and_not_taken_for_late(
    own: Desk,
) -> None:
    own.bring({"id": 1, "updated_at": "2026-03-01T10:00:00+07:00"})
    own.mapper.shifts_times_by = timedelta(hours=-7)
    decide(own.book, own.row("1").reference, Verb.REPLAY, by="Uji")
    own.gate()
    assert own.state("1") == "ready"


def test_nothing_leaves_a_channel_in_shadow_and_an_approval_sets_it_free(
    database_url: str, clock: ManualClock
) -> None:
    with desk(database_url, clock, live=False) as own:
        old = (START - timedelta(days=400)).isoformat()
        closed = {"id": 3, "status": "done", "created_at": (START - timedelta(days=5)).isoformat()}
        own.bring({"id": 1}, {"id": 2, "created_at": old}, closed, {"id": 4, "holds": ["unknown_value"]})
        assert {own.state(number) for number in range(1, 5)} == {"held"}
        went = own.go_live(push_from=START - timedelta(days=30))
        assert (went.released, went.set_aside, went.waiting) == (1, 2, 0)
        assert [own.state(number) for number in range(1, 5)] == ["ready", "historical", "historical", "held"]
        assert own.row("2").reason == "older_than_push_from"
        assert own.row("3").reason == "closed_before_live"
        assert own.query(f"SELECT approved_by FROM channels WHERE id = '{CHANNEL}'")[0][0].startswith(
            "person:"
        )


def test_an_approval_tells_how_far_back_it_reaches(database_url: str, clock: ManualClock) -> None:
    with desk(database_url, clock, live=False) as own:
        old = START - timedelta(days=400)
        own.bring({"id": 1}, {"id": 2, "created_at": old.isoformat()}, {"id": 3, "holds": ["unknown_value"]})
        assert own.go_live().oldest_released == isoformat(to_instant(old))
        assert own.go_live().oldest_released is None


def test_the_canary_lets_the_first_few_out_and_holds_the_rest_until_the_next_approval(
    database_url: str, clock: ManualClock
) -> None:
    with desk(database_url, clock, live=False) as own:
        own.bring(*({"id": number} for number in range(1, 4)))
        own.go_live(canary=5)
        own.bring(*({"id": number} for number in range(4, 9)))
        states = [own.state(number) for number in range(1, 9)]
        assert states == ["ready"] * 5 + ["held"] * 3
        assert {own.row(number).reason for number in range(6, 9)} == {"canary"}
        went = own.go_live()
        assert (went.released, went.waiting) == (3, 0)
        assert {own.state(number) for number in range(1, 9)} == {"ready"}
        own.bring({"id": 9})
        assert own.state("9") == "ready"


def test_two_records_under_one_id_in_one_listing_are_held_and_do_not_grow_with_every_pass(own: Desk) -> None:
    rivals = [{"id": 7, "body": "Jalan berlubang di pasar"}, {"id": 7, "body": "Air keruh di terminal"}]
    own.bring(*rivals)
    row = own.row("7")
    assert (row.state, row.reason) == ("held", "same_id")
    assert [one.kind for one in own.query("SELECT kind FROM findings")] == ["same_id_twice"]
    own.bring(*rivals)
    own.bring(*rivals)
    assert own.row("7").last_version == 2
    own.bring(rivals[0])
    assert own.state("7") == "ready", "the source has mended the id"


def test_an_older_and_a_newer_record_under_one_id_in_one_listing_are_no_rivals(own: Desk) -> None:
    own.bring(
        {"id": 7, "body": "Jalan berlubang", "updated_at": "2026-01-01T00:00:00+00:00"},
        {"id": 7, "body": "Jalan berlubang parah", "updated_at": "2026-01-02T00:00:00+00:00"},
    )
    assert own.state("7") == "ready"
    assert own.query("SELECT 1 FROM findings") == []
