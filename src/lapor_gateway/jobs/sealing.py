"""The sealer: gives waiting entries their place in the tree, and hands new checkpoints to the witnesses."""

from datetime import timedelta
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from lapor_gateway.book import checkpoints
from lapor_gateway.book.checkpoints import Taken
from lapor_gateway.book.database import Book
from lapor_gateway.book.leases import Lease, LeaseTakenError, acquire
from lapor_gateway.book.sealing import LEASE, is_due, newest, seal
from lapor_gateway.domain.notes import Note, parse_key
from lapor_gateway.errors import GatewayError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.witness import Handed, Witness, file_witness
from lapor_gateway.jobs.witness_address import AddressWitness
from lapor_gateway.jobs.witness_mail import MailWitness
from lapor_gateway.observability import Logger
from lapor_gateway.settings_sections import WitnessSettings

SEAL_SECONDS: Final = 30
"""How often a running engine looks for entries to seal: an unsealed tail stays younger than 60 s."""
_MICROSECONDS: Final = timedelta(microseconds=1)
_log = Logger("sealing")


class Sealed(msgspec.Struct):
    """What one call of the sealer did: checkpoints written, and the witnesses that could not be given them."""

    checkpoints: int = 0
    failures: list[GatewayError] = []


async def seal_ledger(gateway: Gateway) -> Sealed:
    """Seal all that waits and hand it to the witnesses. Nothing at all where another process is just doing so.

    Raises `NotWholeError` where the ledger is not what it was at the last seal. A witness that cannot be reached
    is no error: it is written down, shown by `doctor` and `ledger verify`, and tried again.
    """
    witnesses = witnesses_of(gateway)
    if not is_due(gateway.book) and not any(_waiting(gateway.book, one) for one in witnesses):
        return Sealed()
    try:
        lease = acquire(gateway.book, LEASE)
    except LeaseTakenError:
        return Sealed()
    try:
        return await _sealed(gateway.book, lease, witnesses)
    finally:
        lease.release()


def witnesses_of(gateway: Gateway) -> list[Witness]:
    """The witnesses of the settings. Raises `MissingSecretError`."""
    return [_witness(gateway, one) for one in gateway.settings.witness]


def witness_at(gateway: Gateway, url: str) -> Witness:
    """The witness at an address: as the settings have it, else one that asks for no credential."""
    known = [one for one in gateway.settings.witness if one.to == url]
    return _witness(gateway, known[0]) if known else AddressWitness(url)


async def _sealed(book: Book, lease: Lease, witnesses: list[Witness]) -> Sealed:
    done = Sealed()
    while seal(book, lease) is not None:
        done.checkpoints += 1
    for witness in witnesses:
        failure = await _hand_over(book, witness)
        if failure is not None:
            _log.warning("witness not reached", witness=witness.name, reason=failure.message)
            done.failures.append(failure)
    return done


async def _hand_over(book: Book, witness: Witness) -> GatewayError | None:
    """Give a witness what it has not taken yet, if it is time; the failure, which the book remembers."""
    while waiting := _waiting(book, witness):
        taken, handed = waiting
        try:
            signatures = await witness.hand_over(handed)
        except GatewayError as error:
            checkpoints.note_taken(book, witness.name, msgspec.structs.replace(taken, trouble=error.message))
            return error
        number = handed.newest.checkpoint.number
        checkpoints.note_taken(book, witness.name, Taken(number, book.clock.now()), signatures)
    return None


def _waiting(book: Book, witness: Witness) -> tuple[Taken, Handed] | None:
    """What a witness took last, and what it is to be given now; None where nothing is new or it is too early."""
    with book.read() as connection:
        taken, last = checkpoints.taken_by(connection, witness.name), newest(connection)
        if last is None or last.checkpoint.number == taken.number:
            return None
        old = checkpoints.note_of(connection, taken.number)
        is_new_life = old is not None and old.checkpoint.epoch < last.checkpoint.epoch
        is_early = taken.taken_at is not None and (
            book.clock.now() - taken.taken_at < witness.every / _MICROSECONDS
        )
        if is_early and not is_new_life:
            return None
        notes = checkpoints.notes_behind(connection, taken.number)
    return taken, Handed(tuple(notes) or (last,), _size(old), lambda size: _proof(book, size, last, notes))


def _proof(book: Book, old: int, last: Note, notes: list[Note]) -> list[bytes]:
    newest_handed = (notes or [last])[-1].checkpoint
    return checkpoints.consistency(book, old, newest_handed.size)


def _size(note: Note | None) -> int:
    return 0 if note is None else note.checkpoint.size


def _witness(gateway: Gateway, settings: WitnessSettings) -> Witness:
    parts = urlsplit(settings.to)
    if parts.scheme in ("http", "https"):
        return AddressWitness(
            settings.to,
            key=None if settings.key is None else parse_key(settings.key),
            authorization=None
            if settings.auth is None
            else gateway.resolve(settings.auth.get_secret_value()),
            every=settings.every or timedelta(0),
        )
    if parts.scheme == "mailto":
        secret = None if settings.password is None else gateway.resolve(settings.password.get_secret_value())
        return MailWitness(
            unquote(parts.path),
            settings.through,
            sender=settings.sender,
            password=secret,
            every=settings.every,
        )
    return file_witness(settings, gateway.settings.data_dir)
