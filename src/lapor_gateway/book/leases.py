"""Leases with fences: one holder at a time for a channel's pull and an account's push, on any number of machines."""

import os
import socket
import threading
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from lapor_gateway.book.database import Book, Query
from lapor_gateway.book.tables import leases
from lapor_gateway.errors import GatewayError, LeaseLostError, OutOfReachError

LEASE_SECONDS: Final = 30
HEARTBEAT_SECONDS: Final = 5
_LOCK_NOT_AVAILABLE: Final = "55P03"
_STUCK_SESSIONS: Final = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
    " AND state IN ('idle in transaction', 'active') AND wait_event = 'ClientRead'"
    " AND state_change < clock_timestamp() - make_interval(secs => :seconds)"
)
_FENCE: Final = Query(select(leases.c.fence).where(leases.c.name == bindparam("name")).with_for_update())


class LeaseTakenError(GatewayError):
    """Somebody else is doing this very work just now."""

    kind = "lease-taken"


class Lease:
    """A held lease, renewed by a thread of its own until released.

    `fence` grows with every holder. `is_held` turns false as soon as a renewal fails or 30 s have passed without
    one (by a clock that runs on while the process is suspended): from then on start no request.
    """

    def __init__(self, book: Book, name: str, fence: int) -> None:
        self.name = name
        self.fence = fence
        self._book = book
        self._renewed = book.clock.elapsed()
        self._lost = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease {name}", daemon=True)
        self._thread.start()

    @property
    def is_held(self) -> bool:
        # Five seconds of reserve: what starts now must have started before another may take over.
        return (
            not self._lost and self._book.clock.elapsed() - self._renewed < LEASE_SECONDS - HEARTBEAT_SECONDS
        )

    def require(self, connection: Connection) -> None:
        """Check the fence inside a write transaction; raises `LeaseLostError` if another took over."""
        if _FENCE.first(connection, name=self.name) != (self.fence,):
            self._lost = True
            raise LeaseLostError(f"Another process has taken over {self.name}.")

    def release(self) -> None:
        self._stop.set()
        self._thread.join()
        with self._book.write() as connection:
            connection.execute(
                update(leases)
                .where(leases.c.name == self.name, leases.c.fence == self.fence)
                .values(holder=None, renewed_at=0)
            )

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_SECONDS):
            started = self._book.clock.elapsed()
            try:
                _end_stuck_sessions(self._book)
                with self._book.write() as connection:
                    if not self._book.is_sqlite:  # our own work may wait, with this row, for a stuck session
                        connection.exec_driver_sql(
                            f"SET LOCAL lock_timeout = {int(HEARTBEAT_SECONDS * 1000)}"
                        )
                    self.require(connection)
                    connection.execute(
                        update(leases)
                        .where(leases.c.name == self.name)
                        .values(renewed_at=self._book.clock.now())
                    )
            except LeaseLostError:
                return
            except OutOfReachError:
                continue  # `is_held` runs out by itself if the database stays away
            self._renewed = started


def acquire(book: Book, name: str) -> Lease:
    """Take a lease that is free, run out, or held by a process of this machine that has died.

    Raises `LeaseTakenError` while another holder is alive.
    """
    _end_stuck_sessions(book)
    try:
        with book.write() as connection:
            fence = _take(book, connection, name)
    except IntegrityError:
        raise LeaseTakenError(f"{name} is being worked on by another process.") from None
    return Lease(book, name, fence)


def _take(book: Book, connection: Connection, name: str) -> int:
    now = book.clock.now()
    found = _locked(connection, name)
    if found is None:
        connection.execute(insert(leases).values(name=name, fence=1, holder=_me(), renewed_at=now))
        return 1
    alive = found.holder is not None and now - found.renewed_at < LEASE_SECONDS * 1_000_000
    if alive and not _is_dead_here(found.holder):
        raise LeaseTakenError(
            f"{name} is being worked on by another process.",
            detail=found.holder,
            cure=f"Wait until it has finished; a dead one is taken over after {LEASE_SECONDS} seconds.",
        )
    connection.execute(
        update(leases)
        .where(leases.c.name == name)
        .values(fence=found.fence + 1, holder=_me(), renewed_at=now)
    )
    return int(found.fence) + 1


def _end_stuck_sessions(book: Book) -> None:
    """End every session of ours that has not gone on inside its transaction for a whole lease (PostgreSQL).

    Its process was suspended or its machine lost, and its row locks would keep everybody out. The server's own
    time-out for idle transactions does not run in, nor after, a pipeline of statements.
    """
    if not book.is_sqlite:
        with book.read() as connection:
            connection.execute(_STUCK_SESSIONS, {"seconds": LEASE_SECONDS})


def _locked(connection: Connection, name: str) -> Row[Any] | None:
    """A lease's row, under lock. One that is locked is just being used by its holder, who is alive then."""
    try:
        query = select(leases).where(leases.c.name == name).with_for_update(nowait=True)
        return connection.execute(query).first()
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise LeaseTakenError(f"{name} is being worked on by another process.") from None
        raise


def _me() -> str:
    """Names this process so that another on the same machine can tell whether it still lives."""
    return f"{_machine()}/{os.getpid()}/{_start_of(os.getpid())}"


def _machine() -> str:
    """This boot of this machine and this process-id name space; empty parts where the system does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        space = str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        boot, space = "", ""
    return f"{socket.gethostname()}/{boot}/{space}"


def _start_of(pid: int) -> str | None:
    """When a process began, in the kernel's ticks; None if it is gone or a zombie, empty if that is not told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else ""
    except OSError:
        return ""
    return None if fields[0] in ("Z", "X") else fields[19]


def _is_dead_here(holder: str) -> bool:
    machine, pid, started = holder.rsplit("/", 2)
    if machine != _machine() or not started or not pid.isdigit():
        return False
    now = _start_of(int(pid))
    return now is None or now not in ("", started)
