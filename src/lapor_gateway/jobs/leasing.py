"""Holding a lease for the time of a block: whoever holds it otherwise is waited for."""

import contextlib
from collections.abc import AsyncIterator
from typing import Final

from lapor_gateway.book.leases import LEASE_SECONDS, Lease, LeaseTakenError, acquire
from lapor_gateway.jobs.gateway import Gateway

_LEASE_TRY_SECONDS: Final = 1.0


@contextlib.asynccontextmanager
async def leased(gateway: Gateway, name: str, patience: float) -> AsyncIterator[Lease]:
    """Hold a lease; waits for another holder as long as `patience`, and for a dead one's 30 seconds at least."""
    deadline = gateway.clock.elapsed() + max(patience, LEASE_SECONDS + 2 * _LEASE_TRY_SECONDS)
    lease: Lease | None = None
    while lease is None:
        try:
            lease = acquire(gateway.book, name)
        except LeaseTakenError:
            if gateway.clock.elapsed() > deadline:
                raise
            await gateway.clock.sleep(_LEASE_TRY_SECONDS)
    try:
        yield lease
    finally:
        lease.release()
