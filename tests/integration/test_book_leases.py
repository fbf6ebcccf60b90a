"""Leases with fences: one holder at a time, taken over when silent or dead, never by two."""

import os
import subprocess
import threading
from collections.abc import Iterator

import pytest

from lapor_gateway.book import leases
from lapor_gateway.book.database import Book
from lapor_gateway.book.leases import Lease, LeaseTakenError, acquire
from lapor_gateway.errors import LeaseLostError
from tests.support.books import ManualClock, make_book
from tests.support.waiting import eventually


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def book(database_url: str, clock: ManualClock) -> Iterator[Book]:
    made = make_book(database_url, clock)
    yield made
    made.close()


def require(book: Book, lease: Lease) -> None:
    with book.write() as connection:
        lease.require(connection)


def held_by(book: Book, holder: str) -> None:
    with book.write() as connection:
        connection.exec_driver_sql(f"UPDATE leases SET holder = '{holder}'")


def test_a_lease_has_one_holder_and_a_fence_that_grows(book: Book) -> None:
    first = acquire(book, "push:uji")
    with pytest.raises(LeaseTakenError):
        acquire(book, "push:uji")
    other = acquire(book, "pull:uji")
    first.release()
    other.release()
    second = acquire(book, "push:uji")
    assert second.fence == first.fence + 1
    with pytest.raises(LeaseLostError):
        require(book, first)
    require(book, second)
    second.release()


def test_a_silent_holder_is_replaced_after_the_lease_and_not_before(book: Book, clock: ManualClock) -> None:
    """It may be on another machine: only its silence tells."""
    first = acquire(book, "push:uji")
    held_by(book, "elsewhere/boot/space/1/1")
    clock.advance(seconds=leases.LEASE_SECONDS - 1)
    with pytest.raises(LeaseTakenError):
        acquire(book, "push:uji")
    clock.advance(seconds=1)
    second = acquire(book, "push:uji")
    assert second.fence == first.fence + 1
    with pytest.raises(LeaseLostError):
        require(book, first)
    assert not first.is_held
    second.release()
    first.release()


def test_a_holder_that_could_not_renew_starts_nothing_before_another_may_take_over(
    book: Book, clock: ManualClock
) -> None:
    lease = acquire(book, "push:uji")
    clock.advance(seconds=leases.LEASE_SECONDS - leases.HEARTBEAT_SECONDS - 1)
    assert lease.is_held
    clock.advance(seconds=1)
    assert not lease.is_held
    lease.release()


def test_a_holder_of_this_machine_that_has_died_is_replaced_at_once(book: Book) -> None:
    lease = acquire(book, "push:uji")
    machine = leases._machine()
    ended = subprocess.Popen(["true"])
    ended.wait()
    held_by(book, f"{machine}/{ended.pid}/1")
    second = acquire(book, "push:uji")
    assert second.fence == lease.fence + 1
    second.release()
    lease.release()


def test_a_process_that_has_the_number_of_a_dead_one_is_not_mistaken_for_it(book: Book) -> None:
    lease = acquire(book, "push:uji")
    held_by(book, f"{leases._machine()}/{os.getpid()}/12345")  # our number, another beginning
    second = acquire(book, "push:uji")
    second.release()
    lease.release()


def test_a_release_by_a_former_holder_takes_nothing_from_the_new_one(book: Book, clock: ManualClock) -> None:
    first = acquire(book, "push:uji")
    held_by(book, "elsewhere/boot/space/1/1")
    clock.advance(seconds=60)
    second = acquire(book, "push:uji")
    first.release()
    require(book, second)
    with pytest.raises(LeaseTakenError):
        acquire(book, "push:uji")
    second.release()


def test_of_many_who_come_at_once_one_gets_it(book: Book) -> None:
    got: list[Lease] = []
    begin = threading.Barrier(6)

    def come() -> None:
        begin.wait()
        try:
            got.append(acquire(book, "push:uji"))
        except LeaseTakenError:
            return

    threads = [threading.Thread(target=come) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    got[0].release()


def test_a_beating_heart_keeps_the_lease(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LEASE_SECONDS", 0.6)
    monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 0.05)
    book = make_book(database_url)
    lease = acquire(book, "push:uji")

    def renewed_at() -> int:
        with book.read() as connection:
            return int(connection.exec_driver_sql("SELECT renewed_at FROM leases").scalar_one())

    first = renewed_at()
    eventually(lambda: renewed_at() > first + 1_000_000, within=10, what="renewed for longer than a lease")
    assert lease.is_held
    lease.release()
    book.close()


def test_on_postgresql_a_transaction_that_sleeps_keeps_nobody_out_for_longer_than_the_lease(
    fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suspended process holds its row locks; after a pipeline of statements the server's own time-out is off."""
    monkeypatch.setattr(leases, "LEASE_SECONDS", 1)
    book = make_book(fresh_postgres_url)
    acquire(book, "push:uji").release()
    with book.engine.connect() as asleep:
        asleep.exec_driver_sql("SELECT * FROM leases FOR UPDATE")
        asleep.exec_driver_sql("UPDATE leases SET fence = fence WHERE name = %s", [("a",), ("b",)])
        with pytest.raises(LeaseTakenError):
            acquire(book, "push:uji")

        def taken_over() -> Lease | None:
            try:
                return acquire(book, "push:uji")
            except LeaseTakenError:
                return None

        lease = eventually(taken_over, within=10)
        assert lease is not None
        assert lease.fence == 2
        lease.release()
        asleep.invalidate()
    book.close()
