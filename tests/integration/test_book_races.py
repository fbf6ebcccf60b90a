"""Many hands at once: the same new complaints through two channels, edits under a push, approvals under a gate."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import cast

import msgspec
import pytest

from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.gating import Gate, Rule
from lapor_gateway.book.intake import Incoming, take_in
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.sending import AccountState, Finished, Outbox
from lapor_gateway.domain.outcomes import Accepted
from lapor_gateway.errors import GatewayError, NotAllowedError
from lapor_gateway.national.lapor_v3 import LaporV3
from tests.support.books import ACCOUNT, CHANNEL, SECOND_CHANNEL, Desk, desk
from tests.support.virtual import HeldLease

ROUNDS = 12


@pytest.fixture
def own(database_url: str) -> Iterator[Desk]:
    with desk(database_url) as made:
        yield made


def at_once(*works: Callable[[], object]) -> list[BaseException]:
    """Run every work in a thread of its own, all begun at the same moment; what they raised."""
    begin, raised = threading.Barrier(len(works)), list[BaseException]()

    def run(work: Callable[[], object]) -> None:
        begin.wait()
        try:
            work()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def taking(own: Desk, channel: str, records: list[dict[str, object]]) -> Callable[[], object]:
    raws = [msgspec.json.encode(record) for record in records]
    incoming = [Incoming(str(record["id"]), raw, raw) for record, raw in zip(records, raws, strict=True)]
    door = own.door(channel)  # type: ignore[arg-type]
    return lambda: own.book.transact(lambda connection: take_in(own.book, connection, door, incoming))


def judging(own: Desk) -> Callable[[], object]:
    rules = {name: Rule(own.mapper, own.policy(name)) for name in (CHANNEL, SECOND_CHANNEL)}
    return lambda: Gate(own.book, rules).pass_batch()


def is_whole(own: Desk) -> None:
    """State and fold agree, every chain is unbroken, every version has its record."""
    rows = own.query(
        "SELECT c.reference, c.ledger_seq, count(e.seq), max(e.seq) FROM complaints c"
        " LEFT JOIN ledger_entries e ON e.subject = c.reference GROUP BY c.reference, c.ledger_seq"
    )
    assert all(row[1] == row[2] == row[3] for row in rows), rows
    lost = own.query(
        "SELECT 1 FROM complaint_versions v LEFT JOIN raw_records r ON r.id = v.raw_record WHERE r.id IS NULL"
    )
    assert lost == []


def test_the_same_new_complaints_through_two_channels_at_once_are_one_each(own: Desk) -> None:
    for number in range(ROUNDS):
        records: list[dict[str, object]] = [{"id": f"{number}-{one}"} for one in range(8)]
        raised = at_once(
            taking(own, CHANNEL, records),
            taking(own, SECOND_CHANNEL, records[::-1]),
            taking(own, CHANNEL, records[2:6]),
        )
        assert raised == []
    assert own.query("SELECT count(*) FROM complaints")[0][0] == 8 * ROUNDS
    own.gate()
    is_whole(own)


def test_edits_gate_and_outcomes_at_once_lose_none_of_each_other(own: Desk) -> None:
    lease = cast("Lease", HeldLease())
    box = Outbox(own.book, ACCOUNT, lease, LaporV3().sent_text, timeout=90, can_look_up=True)
    numbers = iter(range(9_000_001, 9_100_000))
    for round_number in range(ROUNDS):
        ids = [f"{round_number}-{one}" for one in range(6)]
        own.bring(*({"id": one} for one in ids))
        attempts = box.exchange([], 6, AccountState())
        finished = [Finished(attempt, Accepted(str(next(numbers)))) for attempt in attempts]
        edits: list[dict[str, object]] = [{"id": one, "body": f"diubah {round_number}"} for one in ids]
        raised = at_once(
            lambda finished=finished: box.exchange(finished, 0, AccountState()),  # type: ignore[misc]
            taking(own, CHANNEL, edits[::-1]),
            judging(own),
        )
        assert raised == []
        own.gate()
    assert {row.state for row in own.query("SELECT state FROM complaints")} == {"accepted"}
    assert {row.current_version for row in own.query("SELECT current_version FROM complaints")} == {2}
    is_whole(own)


def test_two_decisions_at_once_on_one_complaint_are_one_decision(own: Desk) -> None:
    own.bring(*({"id": number} for number in range(ROUNDS)))
    for number in range(ROUNDS):
        reference = own.row(number).reference

        def hold(reference: str = reference) -> object:
            return decide(own.book, reference, Verb.HOLD, by="Satu")

        def set_aside(reference: str = reference) -> object:
            return decide(own.book, reference, Verb.SET_ASIDE, by="Dua")

        raised = at_once(hold, set_aside)
        assert all(isinstance(error, NotAllowedError | GatewayError) for error in raised)
    is_whole(own)


def test_a_number_adopted_and_accepted_at_once_is_one_complaints(own: Desk) -> None:
    """A person types the very number that an answer is bringing."""
    lease = cast("Lease", HeldLease())
    box = Outbox(own.book, ACCOUNT, lease, LaporV3().sent_text, timeout=90, can_look_up=True)
    for number in range(ROUNDS):
        own.bring({"id": f"kirim-{number}"}, {"id": f"tahan-{number}", "holds": ["unknown_value"]})
        (attempt,) = box.exchange([], 1, AccountState())
        tracking_id = str(8_000_001 + number)
        held = own.row(f"tahan-{number}").reference
        raised = at_once(
            lambda a=attempt, n=tracking_id: box.exchange([Finished(a, Accepted(n))], 0, AccountState()),  # type: ignore[misc]
            lambda h=held, n=tracking_id: decide(own.book, h, Verb.ADOPT, by="Uji", number=n),  # type: ignore[misc]
        )
        assert all(isinstance(error, GatewayError) for error in raised), raised
        states = Counter([own.state(f"kirim-{number}"), own.state(f"tahan-{number}")])
        assert states["accepted"] == 1, states
        own.execute(
            f"UPDATE complaints SET state = 'withdrawn' WHERE source_id = 'kirim-{number}' AND state <> 'accepted'"
        )
    is_whole(own)
