"""Every operator's verb in every state: tables, time travel, `ledger verify` and reconciliation stay of one mind."""

from typing import Any, cast

import pytest

from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.ledger_index import fold_ledger
from lapor_gateway.book.past import PastView, complaint_at
from lapor_gateway.book.queries import ComplaintView, find_complaint
from lapor_gateway.book.sending import AccountState, Finished, Outbox
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.outcomes import Accepted, Outcome, Refused, Unknown
from lapor_gateway.errors import NotAllowedError
from lapor_gateway.jobs.verification import verify_book
from lapor_gateway.national.lapor_v3 import LaporV3
from tests.support.books import ACCOUNT, Desk, ManualClock, desk
from tests.support.sealed import NoFence

FIRST = "utama"
NOT_LOOKED_BACK_AT = frozenset({"next_attempt_at", "national_status", "national_word"})
"""Where work stands and what LAPOR! says follow from no entry."""


def outcomes(state: State, count: int) -> list[Outcome]:
    """What LAPOR! answers, so that complaints come to a state."""
    said: dict[State, Outcome] = {State.REJECTED: Refused("HTTP 422"), State.AMBIGUOUS: Unknown("time-out")}
    return [said.get(state) or Accepted(f"90{number:05}") for number in range(count)]


def bring_to(own: Desk, state: State, names: list[str]) -> None:
    """Complaints that came to a state by the ways there are."""
    records: list[dict[str, Any]] = [{"id": name} for name in names]
    own.bring({"id": FIRST})
    if state is State.RECEIVED:
        own.show(*records)
        return
    own.bring(*({**one, "fault": "x"} if state is State.QUARANTINED else one for one in records))
    by_hand = {
        State.HELD: Verb.HOLD,
        State.HISTORICAL: Verb.SET_ASIDE,
        State.LINKED: Verb.LINK,
        State.WITHDRAWN: Verb.WITHDRAW,
    }
    for name in names if state in by_hand else ():
        act(own, name, by_hand[state])
    if state in (State.SUBMITTING, State.ACCEPTED, State.REJECTED, State.AMBIGUOUS):
        lease, text = cast("Lease", NoFence()), LaporV3().sent_text
        way = Outbox(own.book, ACCOUNT, lease, text, timeout=90, can_look_up=True)
        attempts = way.exchange([], len(names) + 1, AccountState())
        if state is not State.SUBMITTING:
            answers = outcomes(state, len(attempts))
            done = [Finished(one, outcome) for one, outcome in zip(attempts, answers, strict=True)]
            way.exchange(done, 0, AccountState())


def act(own: Desk, name: str, verb: Verb) -> None:
    which, first = own.row(name).reference, own.row(FIRST).reference
    other = first if verb is Verb.LINK else None
    number = f"80{own.row(name).id:05}"
    decide(own.book, which, verb, by="Uji", reason="sudah diperiksa", number=number, other=other)


def compared(view: ComplaintView | PastView) -> dict[str, Any]:
    """What both must say alike; a text that there is none of may be empty."""
    names = [name for name in ComplaintView.__struct_fields__ if name not in NOT_LOOKED_BACK_AT]
    return {name: getattr(view, name) or None for name in names}


@pytest.mark.parametrize("state", State)
def test_after_any_verb_in_any_state_all_that_reads_the_ledger_says_the_same(
    state: State, database_url: str
) -> None:
    clock = ManualClock()
    with desk(database_url, clock) as own:
        bring_to(own, state, list(Verb))
        assert {own.state(verb) for verb in Verb} == {state}
        for verb in Verb:
            for then in (verb, Verb.SPLIT, Verb.ADOPT, Verb.LINK, verb, Verb.SPLIT):
                clock.advance(minutes=1)
                try:
                    act(own, verb, then)
                except NotAllowedError:
                    continue
                now = find_complaint(own.book, own.row(verb).id)
                past = complaint_at(own.book, now.id, clock.now())
                assert compared(past) == compared(now), (verb, then)
        found = verify_book(own.book, database_url, [], processes=1)
        assert found.faults == []
        with own.book.read() as connection:
            rows = list(
                fold_ledger(own.book, connection, is_in_scope=lambda *_: True, home_of=lambda _: None)
            )
    assert len(rows) == len(Verb) + 1
    assert [one.folded_number for one in rows if not one.linked] == [
        one.number for one in rows if not one.linked
    ]
