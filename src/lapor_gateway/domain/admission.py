"""The gate: what a freshly mapped complaint may do next. Pure; the first rule that applies decides."""

from datetime import datetime
from enum import StrEnum

import msgspec

from lapor_gateway.domain.complaint import Complaint, MappingResult, Unmappable, Visibility
from lapor_gateway.domain.lifecycle import Event, State


class WaitingFor(StrEnum):
    """Who must move before a complaint can."""

    NOBODY = "nobody"
    NATIONAL = "national"
    OPERATOR = "operator"
    REGION = "region"


class Reason(StrEnum):
    """Why a complaint stands where it stands; a hold of the mapping adds its own `rule:field`."""

    SHADOW = "shadow"
    CANARY = "canary"
    NUMBER_UNCHECKED = "number_unchecked"
    NUMBER_ABSENT = "number_absent"
    NUMBER_OTHER_TEXT = "number_other_text"
    NUMBER_TAKEN = "number_taken"
    CLOSED_BEFORE_LIVE = "closed_before_live"
    OLDER_THAN_PUSH_FROM = "older_than_push_from"
    SUSPECTED_DOUBLE = "suspected_double"
    SAME_ID = "same_id"
    OPERATOR = "operator"
    RECOVERY = "recovery"
    GIVEN_OUT = "given_out"


class Policy(msgspec.Struct, frozen=True):
    """What a channel lets through. `push_from` and `live_since` are None while it is in shadow.

    `canary_left` is how many more may go out before the next approval; None means no limit. `by_hand`: a person types
    into LAPOR! what is ready.
    """

    live: bool = False
    push_from: datetime | None = None
    live_since: datetime | None = None
    canary_left: int | None = None
    hold_doubles: bool = False
    by_hand: bool = False


class Admission(msgspec.Struct, frozen=True):
    """The gate's word: an event of the lifecycle, the state it chooses, and why."""

    event: Event
    state: State
    reason: str | None = None
    waiting_for: WaitingFor = WaitingFor.NOBODY


_READY = Admission(Event.MAPPED, State.READY)
_READY_FOR_HANDS = Admission(Event.MAPPED, State.READY, waiting_for=WaitingFor.OPERATOR)


def held(reason: str, waiting_for: WaitingFor = WaitingFor.OPERATOR) -> Admission:
    return Admission(Event.MAPPED, State.HELD, reason, waiting_for)


def admit(
    result: MappingResult, policy: Policy, *, received_at: datetime, looks_double: bool = False
) -> Admission:
    """Where a record goes after mapping (docs/guarantees.md, the event `mapped` and `unmappable`).

    `looks_double` says that a very similar complaint of the same reporter is already in the book.
    """
    if isinstance(result, Unmappable):
        fault = result.faults[0]
        return Admission(
            Event.UNMAPPABLE, State.QUARANTINED, f"{fault.rule}:{fault.field}", WaitingFor.OPERATOR
        )
    complaint = result.complaint
    if complaint.national_number is not None:
        return held(Reason.NUMBER_UNCHECKED, WaitingFor.NATIONAL)
    if result.holds:
        return held(f"{result.holds[0].rule}:{result.holds[0].field}")
    if not policy.live:
        return held(Reason.SHADOW)
    past = set_aside_reason(complaint, policy, received_at=received_at)
    if past is not None:
        return Admission(Event.MAPPED, State.HISTORICAL, past)
    if looks_double and policy.hold_doubles:
        return held(Reason.SUSPECTED_DOUBLE)
    if policy.canary_left == 0:
        return held(Reason.CANARY)
    return _READY_FOR_HANDS if policy.by_hand else _READY


def set_aside_reason(complaint: Complaint, policy: Policy, *, received_at: datetime) -> Reason | None:
    """Why a complaint is history rather than work: older than `push_from`, or closed before going live."""
    created = complaint.created_at or complaint.incident_at or received_at
    if policy.push_from is not None and created < policy.push_from:
        return Reason.OLDER_THAN_PUSH_FROM
    closed = complaint.regional_status is not None and complaint.regional_status.is_closed
    if closed and (policy.live_since is None or created < policy.live_since):
        return Reason.CLOSED_BEFORE_LIVE
    return None


def secrecy_tightened(before: Visibility, after: Visibility) -> bool:
    """Whether an edit hides the reporter or the report more than before."""
    return (after.is_anonymous and not before.is_anonymous) or (after.is_secret and not before.is_secret)
