"""Checkpoints from outside that somebody holds against the ledger: a witness's file, a saved mail, an address."""

from pathlib import Path

from lapor_gateway.book.signing import signer
from lapor_gateway.domain.notes import Note
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.sealing import witness_at
from lapor_gateway.jobs.witness import notes_of


async def held_by(gateway: Gateway, place: str) -> list[tuple[str, Note]]:
    """The checkpoints of this book at `place`, a path or an http(s) address, each with the place's name.

    Raises `ConfigurationError` where there is none, `OutOfReachError` for an address that does not answer.
    """
    with gateway.book.read() as connection:
        book = signer(gateway.book, connection).book_id
    if place.startswith(("http://", "https://")):
        notes = await witness_at(gateway, place).notes(book) or []
    else:
        notes = [note for note in notes_of(_read(Path(place))) if note.checkpoint.book == book]
    if not notes:
        raise ConfigurationError(
            f"{place} holds no checkpoint of this book.",
            cure="Give a witness file, a saved mail or an address that holds checkpoints of this very book.",
        )
    return [(place, note) for note in notes]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"The witness file {path} cannot be read.",
            detail=error.strerror or type(error).__name__,
            cure="Correct the path after --witness.",
        ) from None
