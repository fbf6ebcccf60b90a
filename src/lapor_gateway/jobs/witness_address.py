"""The witness at an address: checkpoints are posted in the form of C2SP tlog-witness, and it may sign beside us."""

import base64
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import httpx

from lapor_gateway import outgoing
from lapor_gateway.book.signing import is_by
from lapor_gateway.domain.notes import Note, Signature, VerifierKey, signatures_in
from lapor_gateway.errors import OutOfReachError
from lapor_gateway.jobs.witness import Guard, Handed, WitnessAheadError, newest_of, notes_of

_PATIENCE: Final = outgoing.Patience(tries=2, longest_pause=5.0, overall=30.0)
_LARGEST: Final = 256 * 1024 * 1024


class AddressWitness:
    """Whoever answers at `url`. With `key` it must sign; `authorization` is sent as the header of that name.

    A POST brings `old N`, the consistency proof from N leaves on, an empty line, and the note. 200 means taken; 409
    with a size says what it saw last. A GET brings back what it has kept, as notes or as lines of a witness file.
    """

    guard = Guard.ADDRESS

    def __init__(
        self,
        url: str,
        *,
        key: VerifierKey | None = None,
        authorization: str | None = None,
        every: timedelta = timedelta(0),
    ) -> None:
        self.name = url
        self.every = every
        self._key = key
        self._headers = {"Authorization": authorization} if authorization else {}

    async def hand_over(self, handed: Handed) -> list[Signature]:
        old = handed.old_size
        answer = await self._post(handed, old)
        if answer.status == HTTPStatus.CONFLICT:
            seen = _size_in(answer)
            if seen is None or seen > handed.newest.checkpoint.size:
                raise self._ahead(handed.newest, seen)
            answer = await self._post(handed, seen)
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            raise self._refused(f"HTTP {answer.status}")
        return self._signatures(handed.newest, answer)

    async def notes(self, book: str) -> list[Note] | None:
        async with outgoing.client("witness") as http:
            request = http.build_request("GET", self.name, headers=self._headers | {"Accept": "*/*"})
            answer = await outgoing.send(http, request, limit=_LARGEST, patience=_PATIENCE)
        if answer.status in (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED):
            return None
        if answer.status == HTTPStatus.NOT_FOUND:
            return []
        if answer.status != HTTPStatus.OK:
            raise self._refused(f"HTTP {answer.status}")
        return [note for note in notes_of(answer.body) if note.checkpoint.book == book]

    async def last_seen(self, book: str) -> Note | None:
        return newest_of(await self.notes(book) or [])

    async def _post(self, handed: Handed, old: int) -> outgoing.Answer:
        size = handed.newest.checkpoint.size
        proof = handed.proof(old) if 0 < old < size else []
        lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof), ""]
        body = "\n".join(lines) + "\n" + handed.newest.text
        headers = self._headers | {"Content-Type": "text/plain; charset=utf-8", "Accept": "*/*"}
        async with outgoing.client("witness") as http:
            try:
                request = http.build_request("POST", self.name, content=body.encode(), headers=headers)
                return await outgoing.send(http, request, patience=_PATIENCE)
            except httpx.InvalidURL as error:
                raise self._refused(str(error)) from None

    def _signatures(self, note: Note, answer: outgoing.Answer) -> list[Signature]:
        """What it signed, checked; what is signed by a key that we were not told is not kept."""
        if self._key is None:
            return []
        found = signatures_in(answer.body.decode("utf-8", "replace"))
        good = [one for one in found if is_by(one, note.checkpoint.body, self._key)]
        if not good:
            raise self._refused("its answer has no signature by the key that is set for it")
        return good[:1]

    def _refused(self, why: str) -> OutOfReachError:
        return OutOfReachError(
            f"The witness {self.name} did not take the checkpoint.",
            detail=why,
            cure="Ask who keeps it; what waits is handed over later.",
        )

    def _ahead(self, note: Note, seen: int | None) -> WitnessAheadError:
        return WitnessAheadError(
            f"The witness {self.name} has seen another ledger of this book.",
            detail=f"it has seen {'?' if seen is None else seen} entries, the book has {note.checkpoint.size}",
            cure="The book was restored, copied or changed: run `lapor-gateway ledger verify` before anything else.",
        )


def _size_in(answer: outgoing.Answer) -> int | None:
    said = answer.body[:32].decode("ascii", "replace").strip()
    return int(said) if said.isdigit() and len(said) < 19 else None
