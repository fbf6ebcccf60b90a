"""The outbox: attempts committed in groups before their requests, outcomes after them, one number for one complaint."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from sqlalchemy.exc import IntegrityError

from lapor_gateway.book import settling
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.leases import Lease, acquire
from lapor_gateway.book.sending import AccountState, Attempt, Finished, Outbox, load_account
from lapor_gateway.domain.admission import WaitingFor
from lapor_gateway.domain.outcomes import Accepted, NotTaken, Outcome, Refused, Unknown
from lapor_gateway.errors import LeaseLostError
from lapor_gateway.national.lapor_v3 import LaporV3
from tests.support.books import ACCOUNT, Desk, ManualClock, desk

TIMEOUT = 90
SECOND = 1_000_000


class Fence:
    """A lease that stands in for one of another process: the same table, another fence."""

    name = f"push:{ACCOUNT}"
    is_held = True

    def __init__(self, fence: int) -> None:
        self.fence = fence

    def require(self, _connection: object) -> None:
        """Nobody else is there."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def own(database_url: str, clock: ManualClock) -> Iterator[Desk]:
    with desk(database_url, clock) as made:
        made.bring(*({"id": number} for number in range(1, 7)))
        yield made


def outbox(own: Desk, fence: int = 1) -> Outbox:
    lease = cast("Lease", Fence(fence))
    return Outbox(own.book, ACCOUNT, lease, LaporV3().sent_text, timeout=TIMEOUT, can_look_up=True)


def begin(own: Desk, want: int, fence: int = 1) -> list[Attempt]:
    return outbox(own, fence).exchange([], want, AccountState())


def finish(own: Desk, *outcomes: tuple[Attempt, Outcome], retry_at: int = 0) -> None:
    finished = [Finished(attempt, outcome, retry_at) for attempt, outcome in outcomes]
    outbox(own).exchange(finished, 0, AccountState())


def source_of(own: Desk, attempt: Attempt) -> str:
    return str(own.query(f"SELECT source_id FROM complaints WHERE id = {attempt.subject.id}")[0].source_id)


def test_a_group_of_attempts_is_committed_before_any_request_may_leave(own: Desk, clock: ManualClock) -> None:
    attempts = begin(own, 4)
    rows = own.query("SELECT complaint, number, sent_at, times_out_at, outcome FROM outbound ORDER BY id")
    assert [row.complaint for row in rows] == [attempt.subject.id for attempt in attempts]
    assert {(row.number, row.sent_at, row.outcome) for row in rows} == {(1, clock.now(), None)}
    assert {row.times_out_at for row in rows} == {clock.now() + TIMEOUT * SECOND}
    assert [own.state(number) for number in range(1, 7)] == ["submitting"] * 4 + ["ready"] * 2
    assert begin(own, 10)[0].subject.id == own.row(5).id, "what is on its way is not begun again"
    assert begin(own, 10) == []


def test_one_complaint_has_one_open_attempt_and_the_database_holds_to_it(own: Desk) -> None:
    begin(own, 1)
    with pytest.raises(IntegrityError):
        own.execute(
            "INSERT INTO outbound (id, kind, complaint, account, number, fence, sent_digest, sent_at, times_out_at)"
            " SELECT 999, kind, complaint, account, 2, fence, sent_digest, sent_at, times_out_at FROM outbound"
        )


@pytest.mark.parametrize(
    ("outcome", "state", "kind", "waiting_for"),
    [
        (Accepted("9000001"), "accepted", "taken", "nobody"),
        (Refused("HTTP 422: title"), "rejected", "refused", "operator"),
        (NotTaken("HTTP 429"), "ready", "not_taken", "national"),
        (Unknown("time-out"), "ambiguous", "unknown", "national"),
    ],
)
def test_each_outcome_has_its_state_and_its_entry(
    own: Desk, outcome: Outcome, state: str, kind: str, waiting_for: str
) -> None:
    (attempt,) = begin(own, 1)
    finish(own, (attempt, outcome), retry_at=own.book.clock.now() + 5 * SECOND)
    row = own.row(1)
    assert (row.state, row.attempts, row.waiting_for) == (state, 1, waiting_for)
    assert own.kinds(1)[-2:] == ["attempted", kind]
    assert own.query("SELECT count(*) FROM outbound WHERE outcome IS NULL")[0][0] == 0


def test_what_was_not_taken_waits_for_its_time(own: Desk, clock: ManualClock) -> None:
    attempts = begin(own, 6)
    finish(own, *((one, NotTaken("HTTP 429")) for one in attempts), retry_at=clock.now() + 5 * SECOND)
    assert begin(own, 6) == []
    clock.advance(seconds=5)
    assert [attempt.number for attempt in begin(own, 6)] == [2] * 6


def test_a_citizens_words_quoted_in_a_refusal_stay_out_of_the_ledger(own: Desk) -> None:
    (attempt,) = begin(own, 1)
    finish(own, (attempt, Refused("HTTP 422: Siti Rekaan sudah melapor")))
    (entry,) = own.query("SELECT facts FROM ledger_entries WHERE kind = 'refused'")
    assert "Siti" not in entry.facts


@pytest.mark.parametrize("together", [True, False], ids=["in one group", "in two groups"])
def test_a_number_given_twice_is_accepted_once(own: Desk, together: bool) -> None:
    first, second = begin(own, 2)
    if together:
        finish(own, (first, Accepted("9000001")), (second, Accepted("9000001")))
    else:
        finish(own, (first, Accepted("9000001")))
        finish(own, (second, Accepted("9000001")))
    assert [own.state(1), own.state(2)] == ["accepted", "ambiguous"]
    assert "9000001 already belongs to another" in own.row(2).reason
    assert own.row(2).tracking_id is None


def test_the_same_number_under_another_account_is_another_complaint(own: Desk) -> None:
    own.execute(
        "UPDATE complaints SET account = 'lain', tracking_id = '9000001', state = 'accepted' WHERE source_id = '6'"
    )
    (attempt,) = begin(own, 1)
    finish(own, (attempt, Accepted("9000001")))
    assert own.state(1) == "accepted"


def test_a_fence_that_is_no_longer_ours_writes_nothing(database_url: str, clock: ManualClock) -> None:
    with desk(database_url, clock) as own:
        own.bring({"id": 1}, {"id": 2})
        lease = acquire(own.book, f"push:{ACCOUNT}")
        box = Outbox(own.book, ACCOUNT, lease, LaporV3().sent_text, timeout=TIMEOUT, can_look_up=True)
        (attempt,) = box.exchange([], 1, AccountState())
        own.execute("UPDATE leases SET fence = fence + 1")
        with pytest.raises(LeaseLostError):
            box.exchange([Finished(attempt, Accepted("9000001"))], 5, AccountState(failures=3))
        assert [own.state(1), own.state(2)] == ["submitting", "ready"]
        with own.book.read() as connection:
            assert load_account(connection, ACCOUNT).failures == 0
        lease.release()


def test_open_attempts_of_a_dead_holder_become_ambiguous_at_their_time_out_and_not_before(
    own: Desk, clock: ManualClock
) -> None:
    begin(own, 2, fence=1)
    new = cast("Lease", Fence(2))
    clock.advance(seconds=TIMEOUT - 1)
    mine = begin(own, 1, fence=2)
    assert settling.lose_holders(own.book, new, ACCOUNT, WaitingFor.NATIONAL) == 0
    clock.advance(seconds=1)
    assert settling.lose_holders(own.book, new, ACCOUNT, WaitingFor.NATIONAL) == 2
    clock.advance(seconds=TIMEOUT)
    assert settling.lose_holders(own.book, new, ACCOUNT, WaitingFor.NATIONAL) == 0, "never one's own"
    assert [own.state(number) for number in range(1, 4)] == ["ambiguous", "ambiguous", "submitting"]
    assert own.kinds(1)[-1] == "lost_holder"
    assert source_of(own, mine[0]) == "3"


def doubtful(own: Desk, clock: ManualClock, count: int = 1) -> list[settling.Doubt]:
    attempts = begin(own, count)
    finish(own, *((attempt, Unknown("time-out")) for attempt in attempts))
    return settling.due_doubts(own.book, ACCOUNT, 10)


def test_what_is_found_is_accepted_and_a_second_one_there_is_a_finding(own: Desk, clock: ManualClock) -> None:
    (doubt,) = doubtful(own, clock)
    assert settling.write_found(own.book, cast("Lease", Fence(1)), ACCOUNT, doubt, ["9000005", "9000009"])
    row = own.row(1)
    assert (row.state, row.tracking_id, row.reason) == ("accepted", "9000005", None)
    (finding,) = own.query("SELECT kind, subject FROM findings")
    assert tuple(finding) == ("twice_at_national", row.reference)
    assert not settling.write_found(own.book, cast("Lease", Fence(1)), ACCOUNT, doubt, ["9000005"]), (
        "only once"
    )


def test_an_absence_that_was_proved_for_an_earlier_attempt_frees_nothing(
    own: Desk, clock: ManualClock
) -> None:
    (earlier,) = doubtful(own, clock)
    decide(own.book, earlier.reference, Verb.RESEND, by="Uji", reason="dicek")
    own.execute("UPDATE complaints SET state = 'held' WHERE state = 'ready' AND source_id <> '1'")
    (later,) = doubtful(own, clock)
    assert later.attempt != earlier.attempt
    settling.write_absent(own.book, cast("Lease", Fence(1)), earlier, {"witness": "uji"})
    assert own.state(1) == "ambiguous"
    settling.write_absent(own.book, cast("Lease", Fence(1)), later, {"witness": "uji"})
    assert own.state(1) == "ready"


def test_a_number_that_is_found_but_belongs_to_another_waits_for_a_person(
    own: Desk, clock: ManualClock
) -> None:
    own.execute("UPDATE complaints SET tracking_id = '9000005', state = 'accepted' WHERE source_id = '6'")
    (doubt,) = doubtful(own, clock)
    assert not settling.write_found(own.book, cast("Lease", Fence(1)), ACCOUNT, doubt, ["9000005"])
    row = own.row(1)
    assert (row.state, row.tracking_id, row.reason, row.waiting_for) == (
        "ambiguous",
        None,
        "number_taken",
        "operator",
    )


def test_the_digests_of_every_text_that_may_have_been_taken_are_looked_for(
    own: Desk, clock: ManualClock
) -> None:
    """The text was edited between two attempts: either may be the one that arrived."""
    (doubt,) = doubtful(own, clock)
    settling.write_absent(own.book, cast("Lease", Fence(1)), doubt, {})
    own.bring({"id": 1, "body": "Isi yang diubah setelah percobaan pertama"})
    attempt = next(one for one in begin(own, 9) if one.subject.id == doubt.id)
    finish(own, (attempt, Unknown("time-out")))
    (again,) = [one for one in settling.due_doubts(own.book, ACCOUNT, 10) if one.id == doubt.id]
    assert len(again.digests) == 2
    assert doubt.digests < again.digests


def test_an_edit_while_the_outcome_is_open_goes_out_if_it_must_go_again(
    own: Desk, clock: ManualClock
) -> None:
    (doubt,) = doubtful(own, clock)
    own.bring({"id": 1, "body": "Isi yang baru", "visibility": "anonymous"})
    assert own.state(1) == "ambiguous"
    settling.write_absent(own.book, cast("Lease", Fence(1)), doubt, {})
    attempt = next(one for one in begin(own, 9) if one.subject.id == doubt.id)
    assert attempt.complaint.body == "Isi yang baru"
    assert attempt.complaint.visibility.is_anonymous


def test_an_attempt_that_became_unreadable_meanwhile_sends_the_last_text_that_was_read(
    own: Desk, clock: ManualClock
) -> None:
    (doubt,) = doubtful(own, clock)
    own.bring({"id": 1, "fault": "empty"})
    settling.write_absent(own.book, cast("Lease", Fence(1)), doubt, {})
    attempts: list[Any] = begin(own, 9)
    assert (
        "Jalan di depan rumah nomor 1" in next(a for a in attempts if a.subject.id == doubt.id).complaint.body
    )
