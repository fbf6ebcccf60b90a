"""The gate: who may go out, who waits and for whom; the first rule that applies decides."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lapor_gateway.domain.admission import (
    Policy,
    Reason,
    WaitingFor,
    admit,
    secrecy_tightened,
    set_aside_reason,
)
from lapor_gateway.domain.complaint import Complaint, Fault, Mapped, StatusMeaning, Unmappable, Visibility
from lapor_gateway.domain.lifecycle import Event, State

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LIVE = Policy(live=True, push_from=NOW - timedelta(days=30), live_since=NOW - timedelta(days=1))


def mapped(*holds: str, **fields: Any) -> Mapped:
    complaint = Complaint("1", "Jalan rusak", "Berlubang", **({"created_at": NOW} | fields))
    return Mapped(complaint, tuple(Fault("kind", rule) for rule in holds))


CASES: list[tuple[str, Mapped | Unmappable, Policy, bool, State, str | None, WaitingFor]] = [
    ("fresh on a live channel", mapped(), LIVE, False, State.READY, None, WaitingFor.NOBODY),
    ("on a channel in shadow", mapped(), Policy(), False, State.HELD, "shadow", WaitingFor.OPERATOR),
    ("older than push_from", mapped(created_at=NOW - timedelta(days=31)), LIVE, False, State.HISTORICAL,
     "older_than_push_from", WaitingFor.NOBODY),
    ("closed before going live", mapped(created_at=NOW - timedelta(days=2), regional_status=StatusMeaning.DONE),
     LIVE, False, State.HISTORICAL, "closed_before_live", WaitingFor.NOBODY),
    ("closed since going live", mapped(regional_status=StatusMeaning.DONE), LIVE, False, State.READY, None,
     WaitingFor.NOBODY),
    ("of an unknown status", mapped(regional_status=StatusMeaning.UNKNOWN), LIVE, False, State.READY, None,
     WaitingFor.NOBODY),
    ("with a value to hold", mapped("unknown_value"), LIVE, False, State.HELD, "unknown_value:kind",
     WaitingFor.OPERATOR),
    ("with a number of LAPOR!", mapped(national_number="9876543"), LIVE, False, State.HELD, "number_unchecked",
     WaitingFor.NATIONAL),
    ("with a number, in shadow", mapped(national_number="9876543"), Policy(), False, State.HELD, "number_unchecked",
     WaitingFor.NATIONAL),
    ("that looks double, where doubles are flagged", mapped(), LIVE, True, State.READY, None, WaitingFor.NOBODY),
    ("that looks double, where doubles are held", mapped(), Policy(live=True, hold_doubles=True), True, State.HELD,
     "suspected_double", WaitingFor.OPERATOR),
    ("behind the canary", mapped(), Policy(live=True, canary_left=0), False, State.HELD, "canary",
     WaitingFor.OPERATOR),
    ("within the canary", mapped(), Policy(live=True, canary_left=1), False, State.READY, None, WaitingFor.NOBODY),
    ("that cannot be read", Unmappable("1", (Fault("body", "empty"), Fault("title", "x"))), LIVE, False,
     State.QUARANTINED, "empty:body", WaitingFor.OPERATOR),
    ("that cannot be read, in shadow", Unmappable(None, (Fault("source_id", "missing"),)), Policy(), False,
     State.QUARANTINED, "missing:source_id", WaitingFor.OPERATOR),
]  # fmt: skip


@pytest.mark.parametrize(
    ("result", "policy", "double", "state", "reason", "waiting_for"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_record_goes_where_the_first_rule_that_applies_sends_it(
    result: Any, policy: Policy, double: bool, state: State, reason: str | None, waiting_for: WaitingFor
) -> None:
    word = admit(result, policy, received_at=NOW, looks_double=double)
    assert (word.state, word.reason, word.waiting_for) == (state, reason, waiting_for)
    assert word.event is (Event.UNMAPPABLE if state is State.QUARANTINED else Event.MAPPED)


def test_without_any_time_of_its_own_a_complaint_is_as_old_as_its_receipt() -> None:
    one = Complaint("1", "t", "b")
    assert set_aside_reason(one, LIVE, received_at=NOW) is None
    assert set_aside_reason(one, LIVE, received_at=NOW - timedelta(days=40)) is Reason.OLDER_THAN_PUSH_FROM


def test_the_very_instant_of_push_from_is_pushed() -> None:
    assert LIVE.push_from is not None
    assert admit(mapped(created_at=LIVE.push_from), LIVE, received_at=NOW).state is State.READY


@pytest.mark.parametrize("before", Visibility)
@pytest.mark.parametrize("after", Visibility)
def test_secrecy_is_tightened_when_anything_more_is_hidden(before: Visibility, after: Visibility) -> None:
    hides_more = (not before.is_anonymous and after.is_anonymous) or (
        not before.is_secret and after.is_secret
    )
    assert secrecy_tightened(before, after) is hides_more
