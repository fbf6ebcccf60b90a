"""Retention by approved rules, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from lapor_gateway.book import holds, retention
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.erasing import erase
from tests.support.books import CHANNEL, Desk, ManualClock, desk
from tests.support.markers import record

YEAR = timedelta(days=365)
RULES = {"withdrawn": YEAR, "withdrawn:aspirasi": 3 * YEAR}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def own(database_url: str, clock: ManualClock) -> Iterator[Desk]:
    """Four withdrawn complaints, the last an aspiration; a fifth that waits; all a year and a day old."""
    with desk(database_url, clock) as made:
        made.bring(*(record(number) for number in range(1, 6)))
        for number in range(1, 5):
            decide(made.book, str(made.row(number).id), Verb.WITHDRAW, by="Uji", reason="dicabut")
        made.execute("UPDATE complaints SET kind = 'aspirasi' WHERE source_id = '4'")
        clock.advance(days=366)
        yield made


def due(own: Desk) -> dict[str, int]:
    return {one.rule: one.count for one in retention.due(own.book, RULES)}


def test_what_is_past_its_time_is_due_by_the_rule_of_its_class(own: Desk, clock: ManualClock) -> None:
    assert due(own) == {"withdrawn": 3}
    (line,) = retention.due(own.book, RULES)
    assert (line.region, line.channel) == ("uji", CHANNEL)
    assert retention.due_ids(own.book, RULES, "withdrawn", 2) == [own.row(n).id for n in (1, 2)]
    clock.advance(days=800)
    assert due(own) == {"withdrawn": 3, "withdrawn:aspirasi": 1}


def test_what_happened_lately_what_is_held_and_what_is_erased_is_not_due(own: Desk) -> None:
    holds.hold_complaint(own.book, str(own.row(1).id), by="Uji", reason="perkara")
    erase(own.book, [own.row(2).id], by=None, reason="retention")
    assert due(own) == {"withdrawn": 1}
    holds.hold_channel(own.book, CHANNEL, by="Uji", reason="perkara")
    assert due(own) == {}
    assert own.kinds("2")[-1] == "erased"


def test_rules_erase_by_themselves_only_as_they_were_approved(own: Desk) -> None:
    assert not retention.is_approved(own.book, RULES)
    retention.approve(own.book, RULES, by="Uji")
    retention.approve(own.book, RULES, by="Uji")
    assert retention.is_approved(own.book, RULES)
    assert not retention.is_approved(own.book, RULES | {"withdrawn": 2 * YEAR})
    kinds = own.query("SELECT kind FROM ledger_entries WHERE subject = 'book'")
    assert [row.kind for row in kinds] == ["retention_approved"] * 2
