"""The witness port: who keeps checkpoints outside the book; and the witness that is a file."""

import email
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from lapor_gateway.clock import isoformat
from lapor_gateway.domain.notes import Note, Signature, notes_in, parse_note
from lapor_gateway.errors import ConfigurationError, GatewayError, OutOfReachError
from lapor_gateway.settings_sections import WitnessSettings

_TAIL: Final = 64 * 1024
_LARGEST: Final = 256 * 1024 * 1024


class Guard(StrEnum):
    """What a witness is, and so whom it guards against: the words of the catalogue, `witness.guards.…`."""

    DATA_FOLDER = "data_folder"
    FILE = "file"
    ADDRESS = "address"
    MAILBOX = "mailbox"


class WitnessAheadError(GatewayError):
    """The witness has seen more, or something else, than this book has: it was restored, copied or rewritten."""

    kind = "witness-ahead"


class Handed(msgspec.Struct, frozen=True):
    """Checkpoints on their way to a witness.

    `notes` are all those it has not taken yet, oldest first, at least one. `old_size` is what it took last, 0 for
    nothing; `proof(old)` shows that the newest tree begins with the one of `old` leaves.
    """

    notes: tuple[Note, ...]
    old_size: int
    proof: Callable[[int], list[bytes]]

    @property
    def newest(self) -> Note:
        return self.notes[-1]


class Witness(Protocol):
    """Somebody outside the database who remembers what the ledger was."""

    name: str
    guard: Guard
    every: timedelta

    async def hand_over(self, handed: Handed) -> list[Signature]:
        """Make it take checkpoints; its own signatures. Raises `OutOfReachError`, `WitnessAheadError`."""
        ...

    async def notes(self, book: str) -> list[Note] | None:
        """Everything it has of a book, oldest first; None for one that cannot be asked. Raises `OutOfReachError`."""
        ...

    async def last_seen(self, book: str) -> Note | None:
        """The newest checkpoint that it has of a book. Raises `OutOfReachError`."""
        ...


class FileWitness:
    """A file to which a line is added for every checkpoint: JSON with the book, epoch, size, root, time and note.

    `guard` says whether it lies in the data folder, which whoever changes the book can usually change, too.
    """

    def __init__(self, path: Path, guard: Guard, every: timedelta = timedelta(0)) -> None:
        self.name = str(path)
        self.guard = guard
        self.every = every
        self._path = path

    async def hand_over(self, handed: Handed) -> list[Signature]:
        last = await self.last_seen(handed.newest.checkpoint.book)
        new = handed.notes if last is None else _behind(last, handed.notes, self.name)
        if new:
            self._append(b"".join(line_of(note) for note in new))
        return []

    async def notes(self, book: str) -> list[Note] | None:
        return [note for note in notes_of(self._read()) if note.checkpoint.book == book]

    async def last_seen(self, book: str) -> Note | None:
        own = [note for note in notes_of(self._tail()) if note.checkpoint.book == book]
        return newest_of(own or await self.notes(book) or [])

    def _append(self, lines: bytes) -> None:
        try:
            with self._path.open("ab+") as file:
                if file.tell() and not self._tail().endswith(b"\n"):  # a line that a crash cut off
                    lines = b"\n" + lines
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._out_of_reach(error) from None

    def _read(self) -> bytes:
        try:
            if self._path.stat().st_size > _LARGEST:
                raise ConfigurationError(
                    f"The witness file {self.name} is larger than 256 MB.",
                    cure="Keep its newer half in a new file.",
                )
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise self._out_of_reach(error) from None

    def _tail(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
                return file.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise self._out_of_reach(error) from None

    def _out_of_reach(self, error: OSError) -> OutOfReachError:
        return OutOfReachError(
            f"The witness {self.name} cannot be reached.",
            detail=error.strerror or type(error).__name__,
            cure="Check the path, its rights and whether the share is mounted; what waits is handed over later.",
        )


def newest_of(notes: Sequence[Note]) -> Note | None:
    """The newest of a witness's notes, given oldest first: the latest life's, of two with one number the later one."""
    return max(reversed(notes), key=_life_and_number, default=None)


def _life_and_number(note: Note) -> tuple[int, int]:
    return note.checkpoint.epoch, note.checkpoint.number


def line_of(note: Note) -> bytes:
    """What a witness file keeps of a checkpoint."""
    one = note.checkpoint
    line: dict[str, Any] = {
        "book": one.book,
        "epoch": one.epoch,
        "number": one.number,
        "size": one.size,
        "root": one.root.hex(),
        "time": isoformat(one.at),
        "note": note.text,
    }
    return msgspec.json.encode(line) + b"\n"


def notes_of(content: bytes) -> list[Note]:
    """Every checkpoint in what somebody has kept: lines of a witness file, notes, a saved mail with notes in it."""
    found = list(_notes(content.decode("utf-8", "replace")))
    if found:
        return found
    parts = [part.get_payload(decode=True) for part in email.message_from_bytes(content).walk()]
    texts = [part.decode("utf-8", "replace") for part in parts if isinstance(part, bytes)]
    return [note for text in texts for note in notes_in(text)]


def _notes(text: str) -> Iterator[Note]:
    rest = []
    for line in text.splitlines(keepends=True):
        if line.startswith("{"):
            try:
                kept = msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.DecodeError:
                continue
            note = parse_note(str(kept.get("note", "")))
            if note is not None:
                yield note
        else:
            rest.append(line)
    yield from notes_in("".join(rest))


def _behind(last: Note, notes: tuple[Note, ...], name: str) -> list[Note]:
    """The notes that follow what the witness saw last. Raises `WitnessAheadError` where they do not follow it."""
    seen = last.checkpoint
    newest = notes[-1].checkpoint
    if newest.epoch > seen.epoch:  # a later life of the book, which began behind the end of the one before
        return [note for note in notes if _life_and_number(note) > _life_and_number(last)]
    same = [note for note in notes if note.checkpoint.number == seen.number]
    is_other = bool(same) and same[0].checkpoint != seen
    is_behind = newest.epoch < seen.epoch or newest.number < seen.number or newest.size < seen.size
    if is_other or is_behind:
        raise WitnessAheadError(
            f"The witness {name} has seen another ledger of this book.",
            detail=f"it has checkpoint {seen.number} of {seen.size} entries, the book {newest.number} of {newest.size}",
            cure="The book was restored, copied or changed: run `lapor-gateway ledger verify` before anything else.",
        )
    return [note for note in notes if note.checkpoint.number > seen.number]


def file_witness(settings: WitnessSettings, data_dir: Path) -> FileWitness:
    """The witness that a path in the settings names."""
    path = data_dir / settings.to
    inside = path.resolve().is_relative_to(data_dir.resolve())
    return FileWitness(path, Guard.DATA_FOLDER if inside else Guard.FILE, settings.every or timedelta(0))
