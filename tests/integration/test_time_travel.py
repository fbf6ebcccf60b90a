"""What the gateway knew at an instant, by the ledger, on both databases."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from lapor_gateway.book.decisions import Verb, accept_finding, decide
from lapor_gateway.book.erasing import erase
from lapor_gateway.book.findings import FindingKind, raise_finding
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.past import PastView, complaint_at, states_at
from lapor_gateway.book.queries import find_complaint
from lapor_gateway.book.sending import AccountState, Finished, Outbox
from lapor_gateway.domain.outcomes import Accepted, NotTaken, Outcome, Unknown
from lapor_gateway.errors import ConfigurationError, NotFoundError
from lapor_gateway.national.lapor_v3 import LaporV3
from tests.support.books import ACCOUNT, CHANNEL, SECOND_CHANNEL, Desk, ManualClock, desk
from tests.support.markers import record


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def own(database_url: str, clock: ManualClock) -> Iterator[Desk]:
    with desk(database_url, clock) as made:
        yield made


class Held:
    """A lease that nobody else wants."""

    fence = 1

    def require(self, _connection: object) -> None:
        """It is held."""


def send(own: Desk, clock: ManualClock, outcome: Outcome) -> None:
    """One attempt for the one complaint that is ready; its outcome comes a minute later."""
    way = Outbox(own.book, ACCOUNT, cast("Lease", Held()), LaporV3().sent_text, timeout=90, can_look_up=True)
    (attempt,) = way.exchange([], 1, AccountState())
    clock.advance(minutes=1)
    way.exchange([Finished(attempt, outcome)], 0, AccountState())


def tick(own: Desk, clock: ManualClock) -> int:
    """The present instant; the next thing happens a minute later."""
    now = own.book.clock.now()
    clock.advance(minutes=1)
    return now


def then(own: Desk, at: int, source_id: Any = 1) -> PastView:
    return complaint_at(own.book, own.row(source_id).id, at)


def test_every_moment_of_a_complaint_can_be_looked_back_to(own: Desk, clock: ManualClock) -> None:
    own.bring(record(1, body="Isi pertama"))
    first = tick(own, clock)
    own.bring(record(1, body="Isi kedua"))
    second = tick(own, clock)
    send(own, clock, NotTaken("429"))
    third = tick(own, clock)
    send(own, clock, Unknown("timeout: body of the answer"))
    fourth = tick(own, clock)
    decide(own.book, str(own.row(1).id), Verb.ADOPT, by="Uji", number="900001")
    fifth = tick(own, clock)
    decide(own.book, str(own.row(1).id), Verb.UNDO, by="Uji", reason="nomor salah")
    sixth = tick(own, clock)
    seen = [then(own, at) for at in (first, second, third, fourth, fifth, sixth)]
    assert [one.state for one in seen] == ["ready", "ready", "ready", "ambiguous", "accepted", "held"]
    assert [one.attempts for one in seen] == [0, 0, 1, 2, 2, 2]
    assert [one.tracking_id for one in seen] == [None, None, None, None, "900001", None]
    assert [one.version for one in seen] == [1, 2, 2, 2, 2, 2]
    assert [one.body for one in seen] == ["Isi pertama"] + ["Isi kedua"] * 5
    assert [one.reason for one in seen] == [None, None, "429", "timeout", None, "operator"]
    assert [one.accepted_at is not None for one in seen] == [False] * 4 + [True, False]


def test_the_present_seen_from_the_ledger_is_what_the_tables_say(own: Desk, clock: ManualClock) -> None:
    own.bring(
        record(1), record(2, holds=["unknown_value"]), record(3, fault="empty"), record(4, status="done")
    )
    own.bring(record(4, status="open"), record(2, body="Diubah", holds=["unknown_value"]))
    decide(own.book, str(own.row(2).id), Verb.LINK, by="Uji", other=own.row(1).reference)
    own.bring(record(5), record(6), record(7))
    for number, given in ((5, "900005"), (6, "900006"), (7, "900007")):
        decide(own.book, str(own.row(number).id), Verb.ADOPT, by="Uji", number=given)
    decide(own.book, str(own.row(6).id), Verb.LINK, by="Uji", other=own.row(5).reference)
    decide(own.book, str(own.row(7).id), Verb.LINK, by="Uji", other=own.row(5).reference)
    decide(own.book, str(own.row(7).id), Verb.SPLIT, by="Uji")
    missing = FindingKind.MISSING_AT_SOURCE
    with own.book.write() as connection:
        raise_finding(own.book, connection, missing, own.row(5).reference, CHANNEL, {})
    (finding,) = own.query("SELECT id FROM findings WHERE kind = 'missing_at_source'")
    accept_finding(own.book, finding.id, by="Uji", reason="memang dihapus")
    now = tick(own, clock)
    same = (
        "accepted_at",
        "disappeared_at",
        "id",
        "reference",
        "state",
        "attempts",
        "waiting_for",
        "tracking_id",
        "linked_to",
        "title",
        "body",
    )
    more = ("kind", "visibility", "regional_status", "regional_word", "reason", "received_at", "erased")
    for number in range(1, 8):
        past, present = then(own, now, number), find_complaint(own.book, own.row(number).id)
        for name in (*same, *more) if number != 3 else (*same[:9], "reason"):
            assert getattr(past, name) == getattr(present, name), (number, name)


def test_a_linked_complaint_had_the_number_that_its_first_one_had_then(own: Desk, clock: ManualClock) -> None:
    own.bring(record(1))
    send(own, clock, Unknown("timeout"))
    own.bring(record(2))
    decide(own.book, str(own.row(2).id), Verb.LINK, by="Uji", other=own.row(1).reference)
    before = tick(own, clock)
    decide(own.book, str(own.row(1).id), Verb.ADOPT, by="Uji", number="900002")
    after = tick(own, clock)
    decide(own.book, str(own.row(2).id), Verb.SPLIT, by="Uji")
    split = tick(own, clock)
    seen = [then(own, at, 2) for at in (before, after, split)]
    assert [one.tracking_id for one in seen] == [None, "900002", None]
    assert [one.linked_to for one in seen] == [own.row(1).id] * 2 + [None]


def test_a_version_that_changed_nothing_is_not_taken_for_the_current_one(
    own: Desk, clock: ManualClock
) -> None:
    own.bring(record(1, body="Isi baru", updated_at="2026-03-01T10:00:00+07:00"))
    own.bring(record(1, body="Isi lama", updated_at="2026-02-01T10:00:00+07:00"))
    late = tick(own, clock)
    own.execute("UPDATE complaints SET state = 'ambiguous'")
    own.bring(record(1, fault="empty", updated_at="2026-03-02T10:00:00+07:00"))
    unread = tick(own, clock)
    assert [then(own, at).body for at in (late, unread)] == ["Isi baru", "Isi baru"]


def test_what_became_secret_is_hidden_in_the_past_too(own: Desk, clock: ManualClock) -> None:
    own.bring(record(1, body="Isi yang terbuka"))
    before = tick(own, clock)
    own.bring(record(1, body="Isi yang terbuka", visibility="secret"))
    seen = then(own, before)
    assert (seen.title, seen.body, seen.visibility) == ("", "", "secret")


def test_an_erased_complaint_keeps_its_past_but_not_its_words(own: Desk, clock: ManualClock) -> None:
    own.bring(record(1))
    before = tick(own, clock)
    erase(own.book, [own.row(1).id], by="Uji", reason="diminta", withdraw=True)
    after = tick(own, clock)
    assert [(one.state, one.body, one.erased) for one in (then(own, before), then(own, after))] == [
        ("ready", "", True),
        ("withdrawn", "", True),
    ]


def test_what_was_not_known_yet_and_what_has_not_come_yet_are_refused(own: Desk, clock: ManualClock) -> None:
    early = tick(own, clock)
    own.bring(record(1))
    with pytest.raises(NotFoundError, match="not known yet"):
        then(own, early)
    for ask in (lambda at: then(own, at), lambda at: states_at(own.book, at)):
        with pytest.raises(ConfigurationError, match="future"):
            ask(own.book.clock.now() + 1)


def test_states_by_channel_are_counted_as_they_were(own: Desk, clock: ManualClock) -> None:
    early = tick(own, clock)
    own.bring(record(1), record(2))
    first = tick(own, clock)
    own.bring(record(3), channel=SECOND_CHANNEL)
    decide(own.book, str(own.row(2).id), Verb.WITHDRAW, by="Uji", reason="dicabut")
    second = tick(own, clock)
    assert states_at(own.book, early) == {}
    assert states_at(own.book, first)[CHANNEL]["ready"] == 2
    found = states_at(own.book, second)
    assert (found[CHANNEL]["ready"], found[CHANNEL]["withdrawn"], found[SECOND_CHANNEL]["ready"]) == (1, 1, 1)


def test_a_number_given_by_the_national_side_has_its_time(own: Desk, clock: ManualClock) -> None:
    own.bring(record(1))
    send(own, clock, Accepted("900003"))
    now = tick(own, clock)
    present = find_complaint(own.book, own.row(1).id)
    assert (then(own, now).accepted_at, then(own, now).tracking_id) == (present.accepted_at, "900003")
