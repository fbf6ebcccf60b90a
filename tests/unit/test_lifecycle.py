"""The life of a complaint: exactly the arrows of the drawn table, no other, and every state has a way on or an end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.domain.lifecycle import (
    PENDING,
    Event,
    IllegalTransitionError,
    State,
    allowed_events,
    is_allowed,
    next_state,
)

# Copied by hand from the table that is promised, not from the code: event, from, to.
PROMISED = """
mapped               received                                                  ready held historical
unmappable           received                                                  quarantined
replayed             quarantined rejected held ready historical                received
edited               received quarantined held ready rejected historical      received
hold                 ready                                                     held
release              held                                                      ready
include              historical                                                ready
set_aside            ready held                                                historical
attempted            ready                                                     submitting
taken                submitting                                                accepted
refused              submitting                                                rejected
not_taken            submitting                                                ready
unknown              submitting                                                ambiguous
lost_holder          submitting                                                ambiguous
found                ambiguous                                                 accepted
believably_absent    ambiguous                                                 ready
resend               ambiguous                                                 ready
give_up              ambiguous                                                 withdrawn
adopt                received held ready rejected historical ambiguous         accepted
number               ready                                                     accepted
undo                 accepted                                                  held
link                 ready held                                                linked
split                linked                                                    held
withdraw             received quarantined held ready rejected historical       withdrawn
restore              withdrawn                                                 held
"""
ARROWS = [
    (Event(event), {State(word) for word in sources.split()}, {State(word) for word in targets.split()})
    for event, sources, targets in (
        (line[:21].strip(), line[21:78], line[78:]) for line in PROMISED.splitlines() if line.strip()
    )
]


def test_the_promised_table_names_every_event() -> None:
    assert {event for event, _, _ in ARROWS} == set(Event)


@pytest.mark.parametrize(("event", "sources", "targets"), ARROWS, ids=[arrow[0] for arrow in ARROWS])
@pytest.mark.parametrize("state", State)
def test_an_event_leads_where_the_table_says_and_is_refused_elsewhere(
    state: State, event: Event, sources: set[State], targets: set[State]
) -> None:
    for choice in State:
        if state in sources and choice in targets:
            assert next_state(state, event, choice) is choice
        else:
            with pytest.raises(IllegalTransitionError):
                next_state(state, event, choice)
    assert is_allowed(state, event) == (state in sources)
    assert (event in allowed_events(state)) == (state in sources)
    if state in sources and len(targets) == 1:
        assert {next_state(state, event)} == targets
    else:
        with pytest.raises(IllegalTransitionError):
            next_state(state, event)


@given(st.lists(st.tuples(st.sampled_from(Event), st.sampled_from(State)), max_size=60))
def test_nothing_is_sent_while_an_earlier_attempt_may_have_been_taken(
    steps: list[tuple[Event, State]],
) -> None:
    """Between two attempts there is always a word on the first one: surely not taken, absent, or a person's."""
    state, unsettled = State.RECEIVED, False
    for event, choice in steps:
        try:
            state = next_state(state, event, choice if event is Event.MAPPED else None)
        except IllegalTransitionError:
            continue
        if event is Event.ATTEMPTED:
            assert not unsettled
            unsettled = True
        elif event not in (Event.UNKNOWN, Event.LOST_HOLDER):
            unsettled = unsettled and state in (State.SUBMITTING, State.AMBIGUOUS)


@given(st.lists(st.tuples(st.sampled_from(Event), st.sampled_from(State)), max_size=40))
def test_an_edit_never_brings_an_accepted_complaint_back_to_sending(steps: list[tuple[Event, State]]) -> None:
    state = State.ACCEPTED
    for event, choice in steps:
        if event is Event.UNDO:  # a person's own decision
            continue
        try:
            state = next_state(state, event, choice)
        except IllegalTransitionError:
            continue
    assert state is State.ACCEPTED


def test_pending_is_what_moves_on_by_itself() -> None:
    assert {State.RECEIVED, State.READY, State.SUBMITTING} == PENDING


def test_every_state_but_the_wanted_one_has_a_way_to_it() -> None:
    reached = {State.ACCEPTED}
    while grown := {
        state
        for state in State
        for event in allowed_events(state)
        for target in State
        if state not in reached and target in reached and leads(state, event, target)
    }:
        reached |= grown
    assert reached == set(State)


def leads(state: State, event: Event, target: State) -> bool:
    try:
        return next_state(state, event, target) is target
    except IllegalTransitionError:
        return False
