"""The fence between two lives of one book: before anything is pushed, and while it is, the witnesses are asked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from lapor_gateway.book.signing import signer
from lapor_gateway.book.standing import Seen, Standing, judge, recovery_of
from lapor_gateway.domain.notes import Note
from lapor_gateway.errors import GatewayError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.sealing import seal_ledger, witnesses_of
from lapor_gateway.jobs.witness import Guard, Witness
from lapor_gateway.observability import Logger

WATCH_SECONDS: Final = 5.0
"""How often the witnesses are asked while a push runs: another life of the book must show within that time."""
ASK_SECONDS: Final = 30.0
"""How long what a witness at an address has said is good; a file is read every time."""
_START_SECONDS: Final = 5.0  # a request starts within so much of its attempt, or not at all
_ANNOUNCEMENTS: Final = 2  # one may begin the epoch, the next then hands it on
_FILES: Final = (Guard.DATA_FOLDER, Guard.FILE)
_log = Logger("fence")


async def meet(gateway: Gateway) -> Standing:
    """Ask the witnesses, and hold the book against what they show; where it stands from now on.

    A new epoch is sealed and handed to them at once. A witness that does not answer stops nobody; it only keeps a
    recovery from beginning.
    """
    found = judge(gateway.book, await _asked(gateway))
    for _ in range(_ANNOUNCEMENTS):
        if found is not Standing.RECOVERY or _is_announced(gateway):
            break
        with contextlib.suppress(GatewayError):  # written down with the witness, and shown by `doctor`
            await seal_ledger(gateway)
        gateway.met.clear()
        found = judge(gateway.book, await _asked(gateway))
    return found


@contextlib.asynccontextmanager
async def watched(gateway: Gateway) -> AsyncIterator[None]:
    """Meet the witnesses now, and again and again while the block runs: whoever is superseded stops within it."""
    await meet(gateway)
    watching = asyncio.create_task(_watch(gateway))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def others_are_silent_after(gateway: Gateway) -> float:
    """Seconds from the announcing of an epoch until every other life that sees the same witnesses has stopped."""
    guards = {one.guard for one in witnesses_of(gateway)}
    asking = 0.0 if guards <= set(_FILES) else ASK_SECONDS
    return asking + 2 * WATCH_SECONDS + _START_SECONDS


async def _watch(gateway: Gateway) -> None:
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            await meet(gateway)
        except GatewayError as error:
            _log.warning("witnesses not met", kind=error.kind, reason=error.message)


async def _asked(gateway: Gateway) -> Seen:
    with gateway.book.read() as connection:
        book = signer(gateway.book, connection).book_id
    newest: list[tuple[str, Note | None]] = []
    asked_all = True
    try:
        witnesses = witnesses_of(gateway)
    except GatewayError as error:  # a witness's own credential is missing
        _log.warning("witnesses not asked", reason=error.message)
        return Seen((), asked_all=False)
    for witness in witnesses:
        if witness.guard is Guard.MAILBOX:
            continue
        try:
            newest.append((witness.name, await _newest(gateway, witness, book)))
        except GatewayError as error:
            asked_all = False
            _log.warning("witness not asked", witness=witness.name, reason=error.message)
    return Seen(tuple(newest), asked_all)


async def _newest(gateway: Gateway, witness: Witness, book: str) -> Note | None:
    now = gateway.clock.elapsed()
    asked_at, note = gateway.met.get(witness.name, (None, None))
    if asked_at is None or witness.guard in _FILES or now - asked_at >= ASK_SECONDS:
        note = await witness.last_seen(book)
        gateway.met[witness.name] = (now, note)
    return note


def _is_announced(gateway: Gateway) -> bool:
    with gateway.book.read() as connection:
        recovery = recovery_of(connection)
        return recovery is None or recovery.announced_at is not None
