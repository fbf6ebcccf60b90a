"""Keys of the book: the master key outside it, the book's own keys wrapped by it, a data key per complaint.

AES-256-GCM throughout, 12-byte random nonces in front. A wrapped key begins with four bytes that name the master
key, so that several can be in force during a rotation. What a key sealed is bound to its purpose by associated data.
"""

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lapor_gateway.durable import sync_folder
from lapor_gateway.errors import ConfigurationError, NotAllowedError

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_NAME_BYTES: Final = 4
DIGEST_BYTES: Final = 16
ERASED: Final = b""
"""What stands where a complaint's wrapped key was: nothing, so that there is nothing to unwrap."""


class WrongKeyError(ConfigurationError):
    """What was sealed cannot be opened with the keys at hand."""


class ErasedError(NotAllowedError):
    """What is asked for was sealed with a key that has been destroyed."""

    kind = "erased"


class MasterKeys:
    """The keys that wrap all others; the first wraps, every one unwraps.

    `values` are 32-byte keys as url-safe base64, newest first. `again` reads them anew: a process that runs while
    another rotates the master key meets a key it does not know yet. Raises `ConfigurationError` for anything else.
    """

    def __init__(self, values: list[str], again: Callable[[], list[str]] | None = None) -> None:
        self._again = again
        self._take(values)

    def _take(self, values: list[str]) -> None:
        keys = [_decoded(value) for value in values]
        if not keys:
            raise ConfigurationError(
                "There is no master key.",
                cure="Run `lapor-gateway init`, or set LAPOR_GATEWAY_SECRET_KEY or …_SECRET_KEY_FILE.",
            )
        # One assignment: another thread may be wrapping while the keys are read anew.
        self._in_force = _name_of(keys[0]), {_name_of(key): AESGCM(key) for key in keys}

    def refresh(self) -> None:
        """Read the keys anew where they can be; keeps those at hand if that fails."""
        if self._again is not None:
            with contextlib.suppress(ConfigurationError):
                self._take(self._again())

    @property
    def count(self) -> int:
        """How many keys are in force."""
        return len(self._in_force[1])

    def is_current(self, sealed: bytes) -> bool:
        """Whether the newest key sealed this."""
        return sealed[:_NAME_BYTES] == self._in_force[0]

    def rewrap(self, sealed: bytes, purpose: bytes) -> bytes:
        """The same content under the newest key. Raises `WrongKeyError`."""
        return self.wrap(self.unwrap(sealed, purpose), purpose)

    def wrap(self, plain: bytes, purpose: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        first, ciphers = self._in_force
        return first + nonce + ciphers[first].encrypt(nonce, plain, purpose)

    def unwrap(self, sealed: bytes, purpose: bytes) -> bytes:
        """What `wrap` was given. Raises `WrongKeyError`, `ErasedError`."""
        if sealed == ERASED:
            raise ErasedError(
                "The complaint was erased; what was written in it cannot be read any more.",
                cure="Nothing brings it back; the ledger keeps that it was there.",
            )
        if sealed[:_NAME_BYTES] not in self._in_force[1]:
            self.refresh()
        cipher = self._in_force[1].get(sealed[:_NAME_BYTES])
        if cipher is None:
            raise WrongKeyError(
                "This book was written under another master key.",
                cure="Put back the secret.key that belongs to this data folder.",
            )
        start = _NAME_BYTES + _NONCE_BYTES
        try:
            return cipher.decrypt(sealed[_NAME_BYTES:start], sealed[start:], purpose)
        except InvalidTag:
            raise WrongKeyError(
                "A sealed value of the book does not open: it was changed outside the gateway.",
                cure="Restore the book from a backup.",
            ) from None


class DataKey:
    """One complaint's key: seals its raw records, canonical versions and faults."""

    __slots__ = ("_cipher", "value")

    def __init__(self, value: bytes) -> None:
        self.value = value
        self._cipher = AESGCM(value)

    @classmethod
    def new(cls) -> "DataKey":
        return cls(os.urandom(KEY_BYTES))

    def seal(self, plain: bytes, purpose: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, purpose)

    def open(self, sealed: bytes, purpose: bytes) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose)
        except InvalidTag:
            raise WrongKeyError("A sealed record does not open with its complaint's key.") from None

    def commitment(self, content: bytes) -> str:
        """A keyed digest for the ledger: proves the content while the key lives, says nothing after."""
        return hashlib.blake2b(content, key=self.value, digest_size=DIGEST_BYTES).hexdigest()


def keyed_digest(key: bytes, content: bytes) -> bytes:
    """16 bytes that only the key's holder can compute (BLAKE2b)."""
    return hashlib.blake2b(content, key=key, digest_size=DIGEST_BYTES).digest()


def new_key_text() -> str:
    """A fresh master key as it stands in `secret.key`."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def write_key_file(path: Path) -> None:
    """Create `path` with a new master key, readable by its owner only; raises `FileExistsError`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(new_key_text() + "\n")
        file.flush()
        os.fsync(file.fileno())


def add_key_on_top(path: Path) -> None:
    """Put a new master key above those in `path`: at every moment the file holds the old ones, or all of them."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    write_key_file(draft)
    with draft.open("a", encoding="ascii") as file:
        file.write("\n".join(path.read_text("ascii").split()) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def _decoded(value: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(value.strip())
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationError(
            "The master key is not 32 bytes in url-safe base64.",
            cure="Use the line that `lapor-gateway init` wrote into secret.key.",
        )
    return key


def _name_of(key: bytes) -> bytes:
    return hashlib.blake2b(key, person=b"lapor-gw-key", digest_size=_NAME_BYTES).digest()
