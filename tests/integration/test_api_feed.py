"""The feed of changes and the lists on both databases: nothing twice, nothing behind a cursor already passed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lapor_gateway.book.cursors import WrongCursorError
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.feed import changes
from lapor_gateway.book.journey import journey
from lapor_gateway.book.queries import (
    Bounds,
    ComplaintFilter,
    list_complaints,
    list_findings,
    list_runs,
)
from lapor_gateway.book.running import start_run
from lapor_gateway.book.writing import record
from tests.support.offices import Offices, message, open_offices


@pytest.fixture
def offices(tmp_path: Path, database_url: str) -> Iterator[Offices]:
    with open_offices(tmp_path, database_url=database_url) as world:
        world.deliver("satu.pesan", message("S1"), message("S2"))
        world.deliver("dua.pesan", message("D1"))
        yield world


def test_the_feed_gives_every_entry_once_in_order_and_a_cursor_that_goes_on(offices: Offices) -> None:
    book = offices.gateway.book
    whole, last = changes(book, None, 500)
    pieces, cursor = [], None
    while True:
        some, cursor = changes(book, cursor, 2)
        if not some:
            break
        pieces += some
    assert pieces == whole
    assert cursor == last
    kinds = [one.kind for one in whole if one.complaint is not None]
    assert kinds == ["received", "received", "mapped", "mapped", "received", "mapped"]
    assert changes(book, last) == ([], last)
    decide(book, "1", Verb.RELEASE, by="Uji")
    (new,), _ = changes(book, last)
    assert (new.kind, new.from_state, new.to_state, new.complaint, new.region) == (
        "release",
        "held",
        "ready",
        1,
        "satu",
    )


def test_an_entry_that_commits_late_is_not_lost_behind_the_cursor(
    tmp_path: Path, fresh_postgres_url: str
) -> None:
    """PostgreSQL lets transactions commit in another order than they began; SQLite has one writer."""
    with open_offices(tmp_path, database_url=fresh_postgres_url) as offices:
        book = offices.gateway.book
        _, cursor = changes(book)
        with book.engine.connect() as slow:
            transaction = slow.begin()
            record(slow, "book", "slow", {}, at=book.clock.now())
            with book.write() as quick:
                record(quick, "secret:quick", "quick", {}, at=book.clock.now())
            between, cursor = changes(book, cursor)
            transaction.commit()
        after, _ = changes(book, cursor)
    assert between == []
    assert sorted(one.kind for one in after) == ["quick", "slow"]


def test_a_bound_caller_gets_only_its_own_changes_runs_and_findings(offices: Offices) -> None:
    book = offices.gateway.book
    for channel in ("satu.pesan", "dua.pesan"):
        start_run(book, "sync", channel)
    own = Bounds(region="dua")
    assert {one.subject for one in list_runs(book, bounds=own)[0]} == {"dua.pesan"}
    seen, _ = changes(book, bounds=own)
    assert {one.subject for one in seen if one.complaint is None} == {"channel:dua.pesan"}
    assert {one.region for one in seen if one.complaint is not None} == {"dua"}
    assert {one.channel for one in list_findings(book, bounds=own)[0]} <= {"dua.pesan"}
    assert len(list_complaints(book, ComplaintFilter(), bounds=Bounds(channel="satu.pesan"))[0]) == 2


def test_search_finds_words_in_any_case_and_takes_wildcards_for_letters(offices: Offices) -> None:
    book = offices.gateway.book
    found, _ = list_complaints(book, ComplaintFilter(q="LAMPU JALAN S1"))
    assert [one.source_id for one in found] == ["S1"]
    for letters in ("%", "_", "\\"):
        assert list_complaints(book, ComplaintFilter(q=letters))[0] == []
    by_reference, _ = list_complaints(book, ComplaintFilter(q=found[0].reference.lower()))
    assert by_reference == found


@pytest.mark.parametrize("cursor", ["", "!", "MQ==", "LTE", "MS4yLjM", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk"])
def test_a_cursor_that_we_did_not_give_is_refused(offices: Offices, cursor: str) -> None:
    book = offices.gateway.book
    if cursor != "MQ==" or not book.is_sqlite:
        with pytest.raises(WrongCursorError):
            changes(book, cursor)
    if cursor != "MQ==":
        with pytest.raises(WrongCursorError):
            list_complaints(book, ComplaintFilter(), cursor=cursor)


def test_a_quarantined_record_has_a_journey_that_quotes_nobody(offices: Offices) -> None:
    offices.deliver("satu.pesan", message("S7", text="", title=None, sender={"nik": "3572010101900001"}))
    book = offices.gateway.book
    ((one,), _) = list_complaints(book, ComplaintFilter(state="quarantined"))
    whole = journey(book, one.reference)
    assert whole.versions[0].faults
    assert "3572010101900001" not in str(whole)
