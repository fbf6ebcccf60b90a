"""The ledger's encoding: canonical, versioned, chained per subject. Pure; `writing.py` stores what it makes.

Encoding 1 of an entry is the byte 1 followed by its fields, each as a 4-byte big-endian length and its bytes:
subject, seq, kind, from, to, at, actor, facts, previous. Integers are decimal text, an absent state is the length
0xFFFFFFFF. The hash is SHA-256 over the ASCII word `lapor-gateway/entry` and a NUL, then the encoding. The first
entry's `previous` is 32 zero bytes. Facts are JSON with sorted keys and no white space, hashed as stored.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

ENCODING: Final = 1
GENESIS: Final = bytes(32)
_DOMAIN: Final = b"lapor-gateway/entry\0"
_ABSENT: Final = b"\xff\xff\xff\xff"
_encoder = msgspec.json.Encoder(order="sorted")

Facts = Mapping[str, object]
"""What an entry says beside its kind: texts, whole numbers, truth values and nothing, by name."""


class Entry(msgspec.Struct, frozen=True):
    """One line of the ledger, in the columns' own values. `at` in microseconds since the epoch, UTC."""

    subject: str
    seq: int
    kind: str
    from_state: str | None
    to_state: str | None
    at: int
    actor: str
    facts: str
    previous: bytes
    encoding: int = ENCODING


def facts_text(facts: Facts) -> str:
    """Canonical JSON of an entry's facts."""
    return _encoder.encode(facts).decode() if facts else "{}"


def entry_hash(entry: Entry) -> bytes:
    """The 32 bytes that the subject's next entry carries as `previous`."""
    return hashlib.sha256(_DOMAIN + encode(entry)).digest()


def encode(entry: Entry) -> bytes:
    """The canonical bytes of an entry. Raises `ValueError` for an encoding this program does not know."""
    if entry.encoding != ENCODING:
        raise ValueError(f"unknown ledger encoding {entry.encoding}")
    facts = entry.facts.encode()
    return b"".join(
        (
            b"\x01",
            _field(entry.subject),
            _number(entry.seq),
            _field(entry.kind),
            _ABSENT if entry.from_state is None else _field(entry.from_state),
            _ABSENT if entry.to_state is None else _field(entry.to_state),
            _number(entry.at),
            _field(entry.actor),
            len(facts).to_bytes(4),
            facts,
            len(entry.previous).to_bytes(4),
            entry.previous,
        )
    )


# Kinds, states, actors and the instant of a transaction come again and again: kept, an entry takes a third of the time.
@lru_cache(maxsize=4096)
def _field(text: str) -> bytes:
    value = text.encode()
    return len(value).to_bytes(4) + value


@lru_cache(maxsize=1024)
def _number(number: int) -> bytes:
    return _field(str(number))
