"""Checkpoints as signed notes (C2SP tlog-checkpoint, signed-note): their text, to write and to read. Pure.

A checkpoint's body is the origin, the tree's size and its root in base64, each in a line of its own, then two lines
of ours: `epoch N`, the book's life since it was last restored, and `number K time T`, counting checkpoints without
a gap, with the instant of sealing in microseconds since the epoch, UTC. A signature line is `— NAME BASE64`, where
the bytes begin with four that name the key.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from typing import Final

import msgspec

ED25519: Final = 1
COSIGNATURE: Final = 4
ORIGIN: Final = "lapor-gateway/"
_DASH: Final = "\u2014 "
_BODY: Final = re.compile(
    r"(lapor-gateway/[0-9a-zA-Z._-]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n"
    r"epoch ([1-9][0-9]{0,17})\nnumber ([1-9][0-9]{0,17}) time (0|[1-9][0-9]{0,17})\n"
)
_NOTE: Final = re.compile(
    rf"(?P<body>{_BODY.pattern})\n(?P<signatures>(?:{_DASH}[^\s+]+ [A-Za-z0-9+/=]+\n)+)"
)
_SIGNATURE: Final = re.compile(rf"{_DASH}([^\s+]+) ([A-Za-z0-9+/=]+)")


class Checkpoint(msgspec.Struct, frozen=True):
    """What a checkpoint states. `at` in microseconds since the epoch, UTC."""

    book: str
    epoch: int
    number: int
    size: int
    root: bytes
    at: int

    @property
    def origin(self) -> str:
        return ORIGIN + self.book

    @property
    def body(self) -> str:
        """The text that is signed, its last line end included."""
        root = base64.b64encode(self.root).decode()
        extension = f"epoch {self.epoch}\nnumber {self.number} time {self.at}\n"
        return f"{self.origin}\n{self.size}\n{root}\n{extension}"


class Signature(msgspec.Struct, frozen=True):
    """One signature line: who says to have signed, the four bytes that name the key, and what follows them."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


class Note(msgspec.Struct, frozen=True):
    """A checkpoint with its signatures, as it is handed on."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...]

    @property
    def text(self) -> str:
        return f"{self.checkpoint.body}\n" + "".join(one.line for one in self.signatures)


class VerifierKey(msgspec.Struct, frozen=True):
    """A public key in the form NAME+HASH+BASE64 of signed notes; `kind` is ED25519 or COSIGNATURE."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that a signature by this key begins with."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        key = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"


def parse_key(text: str) -> VerifierKey | None:
    """The key that `NAME+HASH+BASE64` spells; None for anything else."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    value = _decoded(encoded)
    if not name or len(value) != 33 or value[0] not in (ED25519, COSIGNATURE):
        return None
    key = VerifierKey(name, value[0], value[1:])
    return key if key.id.hex() == key_id else None


def parse_note(text: str) -> Note | None:
    """The note that `text` is from its first to its last character; None for anything else."""
    found = _NOTE.fullmatch(text)
    return None if found is None else _note_of(found)


def notes_in(text: str) -> Iterator[Note]:
    """Every note of ours that stands somewhere in a text: a mail, a saved page, notes one after another."""
    for found in _NOTE.finditer(text.replace("\r\n", "\n")):
        note = _note_of(found)
        if note is not None:
            yield note


def signatures_in(text: str) -> list[Signature]:
    """The signature lines of a text: what a witness answers."""
    return [one for line in text.splitlines() if (one := _signature(line)) is not None]


def _note_of(found: re.Match[str]) -> Note | None:
    origin, size, root, epoch, number, at = found.groups()[1:7]
    digest = _decoded(root)
    if len(digest) != 32:
        return None
    signatures = signatures_in(found["signatures"])
    checkpoint = Checkpoint(origin.removeprefix(ORIGIN), int(epoch), int(number), int(size), digest, int(at))
    is_canonical = found["body"] == checkpoint.body
    return Note(checkpoint, tuple(signatures)) if signatures and is_canonical else None


def _signature(line: str) -> Signature | None:
    found = _SIGNATURE.fullmatch(line)
    value = _decoded(found[2]) if found else b""
    return Signature(found[1], value[:4], value[4:]) if found and len(value) > 4 else None


def _decoded(text: str) -> bytes:
    """The bytes that base64 spells, in the one spelling that they have; empty for anything else."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return value if base64.b64encode(value).decode() == text else b""
