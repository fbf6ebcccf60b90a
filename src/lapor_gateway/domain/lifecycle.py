"""The life of a complaint: which event leads from which state to which, and nothing else."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a complaint stands. One word per state, everywhere."""

    RECEIVED = "received"
    READY = "ready"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"
    HELD = "held"
    HISTORICAL = "historical"
    REJECTED = "rejected"
    AMBIGUOUS = "ambiguous"
    LINKED = "linked"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What happens to a complaint; an operator's verbs are these words."""

    MAPPED = "mapped"
    UNMAPPABLE = "unmappable"
    REPLAYED = "replayed"
    EDITED = "edited"
    HOLD = "hold"
    RELEASE = "release"
    INCLUDE = "include"
    SET_ASIDE = "set_aside"
    ATTEMPTED = "attempted"
    TAKEN = "taken"
    REFUSED = "refused"
    NOT_TAKEN = "not_taken"
    UNKNOWN = "unknown"
    LOST_HOLDER = "lost_holder"
    FOUND = "found"
    BELIEVABLY_ABSENT = "believably_absent"
    RESEND = "resend"
    GIVE_UP = "give_up"
    ADOPT = "adopt"
    NUMBER = "number"
    UNDO = "undo"
    LINK = "link"
    SPLIT = "split"
    WITHDRAW = "withdraw"
    RESTORE = "restore"


PENDING: Final = frozenset({State.RECEIVED, State.READY, State.SUBMITTING})
"""The only aggregate word: what will move on by itself."""

_S, _E = State, Event
_EDITABLE = (_S.RECEIVED, _S.QUARANTINED, _S.HELD, _S.READY, _S.REJECTED, _S.HISTORICAL)

_TABLE: Final[dict[Event, tuple[tuple[State, ...], tuple[State, ...]]]] = {
    _E.MAPPED: ((_S.RECEIVED,), (_S.READY, _S.HELD, _S.HISTORICAL)),
    _E.UNMAPPABLE: ((_S.RECEIVED,), (_S.QUARANTINED,)),
    _E.REPLAYED: ((_S.QUARANTINED, _S.REJECTED, _S.HELD, _S.READY, _S.HISTORICAL), (_S.RECEIVED,)),
    _E.EDITED: (_EDITABLE, (_S.RECEIVED,)),
    _E.HOLD: ((_S.READY,), (_S.HELD,)),
    _E.RELEASE: ((_S.HELD,), (_S.READY,)),
    _E.INCLUDE: ((_S.HISTORICAL,), (_S.READY,)),
    _E.SET_ASIDE: ((_S.READY, _S.HELD), (_S.HISTORICAL,)),
    _E.ATTEMPTED: ((_S.READY,), (_S.SUBMITTING,)),
    _E.TAKEN: ((_S.SUBMITTING,), (_S.ACCEPTED,)),
    _E.REFUSED: ((_S.SUBMITTING,), (_S.REJECTED,)),
    _E.NOT_TAKEN: ((_S.SUBMITTING,), (_S.READY,)),
    _E.UNKNOWN: ((_S.SUBMITTING,), (_S.AMBIGUOUS,)),
    _E.LOST_HOLDER: ((_S.SUBMITTING,), (_S.AMBIGUOUS,)),
    _E.FOUND: ((_S.AMBIGUOUS,), (_S.ACCEPTED,)),
    _E.BELIEVABLY_ABSENT: ((_S.AMBIGUOUS,), (_S.READY,)),
    _E.RESEND: ((_S.AMBIGUOUS,), (_S.READY,)),
    _E.GIVE_UP: ((_S.AMBIGUOUS,), (_S.WITHDRAWN,)),
    _E.ADOPT: (
        (_S.RECEIVED, _S.HELD, _S.READY, _S.REJECTED, _S.HISTORICAL, _S.AMBIGUOUS),
        (_S.ACCEPTED,),
    ),
    _E.NUMBER: ((_S.READY,), (_S.ACCEPTED,)),
    _E.UNDO: ((_S.ACCEPTED,), (_S.HELD,)),
    _E.LINK: ((_S.READY, _S.HELD), (_S.LINKED,)),
    _E.SPLIT: ((_S.LINKED,), (_S.HELD,)),
    _E.WITHDRAW: (_EDITABLE, (_S.WITHDRAWN,)),
    _E.RESTORE: ((_S.WITHDRAWN,), (_S.HELD,)),
}


class IllegalTransitionError(Exception):
    """The lifecycle has no such arrow; whoever asked for it is wrong, not the complaint."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"a complaint that is {state} cannot be {event}")
        self.state = state
        self.event = event


def is_allowed(state: State, event: Event) -> bool:
    """Whether `event` may happen to a complaint in `state`."""
    return state in _TABLE[event][0]


def allowed_events(state: State) -> list[Event]:
    """The events that may happen to a complaint in `state`, in the table's order."""
    return [event for event, (sources, _) in _TABLE.items() if state in sources]


def next_state(state: State, event: Event, choice: State | None = None) -> State:
    """The state that `event` leads to; `choice` names one where the gate may choose (`mapped`).

    Raises `IllegalTransitionError` for an arrow that the table lacks.
    """
    sources, targets = _TABLE[event]
    target = choice if choice is not None else targets[0]
    if state not in sources or target not in targets or (choice is None and len(targets) > 1):
        raise IllegalTransitionError(state, event)
    return target
