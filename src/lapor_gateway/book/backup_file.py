"""The file of a backup: a ZIP of one member a table, and a manifest, sealed under the book's own key, as its last.

A member holds batches of rows, each as four bytes of length (big-endian) and MessagePack. The file is written beside
its place and linked into it when it is whole and durable, so that no half of one ever bears the name.
"""

import contextlib
import fcntl
import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

import msgspec

from lapor_gateway.book.copying import Row
from lapor_gateway.book.crypto import MasterKeys, keyed_digest
from lapor_gateway.durable import sync_folder
from lapor_gateway.errors import ConfigurationError, GatewayError

FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_LENGTH: Final = 4
_LARGEST_BATCH: Final = 1 << 30
_LARGEST_MANIFEST: Final = 1 << 20
_rows = msgspec.msgpack.Decoder(list[tuple[Any, ...]])
_encoder = msgspec.json.Encoder(order="sorted")


class DamagedBackupError(GatewayError):
    """A backup that is cut off, changed, or none at all; nothing was restored from it."""

    kind = "damaged-backup"


class Member(msgspec.Struct, frozen=True):
    """One table: how many rows it has, its columns in the rows' order, and the digest of its uncompressed bytes."""

    rows: int
    columns: tuple[str, ...]
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself. `at` in microseconds; `size` and `root` are the newest checkpoint's.

    `key` is the book's digest key as the master key wrapped it: it opens under the right master key only, and
    `seal`, a digest under it, shows that the rest is as it was written.
    """

    format: int
    book: str
    environment: str
    epoch: int
    migration: str
    at: int
    size: int
    root: str
    entries: int
    drawn: dict[str, int]
    key: str
    members: dict[str, Member]
    seal: str = ""

    def sealed(self, digest_key: bytes) -> "Manifest":
        return msgspec.structs.replace(self, seal=self._seal(digest_key))

    def is_whole(self, master: MasterKeys) -> bool:
        """Whether it was sealed like this under this master key. Raises `WrongKeyError` for another one."""
        digest_key = master.unwrap(bytes.fromhex(self.key), b"book/digest")
        return self._seal(digest_key) == self.seal

    def _seal(self, digest_key: bytes) -> str:
        return keyed_digest(digest_key, _encoder.encode(msgspec.structs.replace(self, seal=""))).hex()


class BackupWriter:
    """A new backup at `path`. Readable by its owner only; raises `ConfigurationError` where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self.members: dict[str, Member] = {}

    def __enter__(self) -> Self:
        if os.path.lexists(self._path):
            raise _is_there(self._path)
        try:
            self._file = self._opened()
        except OSError as error:
            raise ConfigurationError(
                f"The backup {self._path} cannot be written.",
                detail=error.strerror or type(error).__name__,
                cure="Name a file in a folder that exists and may be written to.",
            ) from None
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._zip.close()
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            self._part.unlink()

    def add(self, name: str, columns: tuple[str, ...], parts: Iterable[list[Row]]) -> None:
        """Write one table."""
        digest, count = hashlib.sha256(), 0
        with self._writing(), self._zip.open(f"{name}.rows", "w", force_zip64=True) as member:
            for rows in parts:
                batch = msgspec.msgpack.encode(rows)
                framed = len(batch).to_bytes(_LENGTH) + batch
                digest.update(framed)
                member.write(framed)
                count += len(rows)
        self.members[name] = Member(count, columns, digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, make everything durable, and give the file its name."""
        with self._writing():
            self._zip.writestr(_MANIFEST, _encoder.encode(manifest))
            self._zip.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            give_name(self._part, self._path)

    def _opened(self) -> IO[bytes]:
        """The part file, under a lock: what a killed backup left is written over, one under way is let alone."""
        descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        file = os.fdopen(descriptor, "w+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise ConfigurationError(
                f"The backup {self._path} is just being written by another process.",
                cure="Wait until it has finished, or name another file.",
            ) from None
        os.fchmod(file.fileno(), 0o600)
        file.truncate(0)
        return file

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise GatewayError(
                f"The backup {self._path} could not be written to its end; nothing was left of it.",
                detail=error.strerror or type(error).__name__,
                cure="Make room on that disk, or name a file on another one.",
            ) from None


class BackupReader:
    """A backup to restore from. Raises `ConfigurationError` where there is none, `DamagedBackupError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except zipfile.BadZipFile:
            raise self._damaged("it is cut off, or no backup at all") from None
        except OSError as error:
            raise ConfigurationError(
                f"The backup {path} cannot be read.",
                detail=error.strerror or type(error).__name__,
                cure="Name the file that `lapor-gateway backup` wrote.",
            ) from None
        self.manifest = self._manifest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def require_whole(self, master: MasterKeys) -> None:
        """Raises `WrongKeyError` for another master key, `DamagedBackupError` for a manifest that was changed."""
        if not self.manifest.is_whole(master):
            raise self._damaged("its manifest was changed")

    def parts(self, name: str) -> Iterator[list[Row]]:
        """A table's rows in batches. Raises `DamagedBackupError` at the latest after the last of them."""
        expected = self.manifest.members[name]
        digest, count = hashlib.sha256(), 0
        try:
            with self._zip.open(f"{name}.rows") as member:
                while head := member.read(_LENGTH):
                    size = int.from_bytes(head)
                    batch = member.read(size) if size <= _LARGEST_BATCH else b""
                    digest.update(head + batch)
                    rows: list[Row] = _rows.decode(batch)
                    count += len(rows)
                    yield rows
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, msgspec.MsgspecError, OSError) as error:
            raise self._damaged(f"the table {name}: {type(error).__name__}") from None
        if (count, digest.hexdigest()) != (expected.rows, expected.sha256):
            raise self._damaged(f"the table {name} is not what the manifest says")

    def _manifest(self) -> Manifest:
        try:
            if self._zip.getinfo(_MANIFEST).file_size > _LARGEST_MANIFEST:
                raise self._damaged("its manifest is too large")
            manifest = msgspec.json.decode(self._zip.read(_MANIFEST), type=Manifest)
            bytes.fromhex(manifest.key)
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError, OSError) as error:
            raise self._damaged(f"its manifest: {type(error).__name__}") from None
        if manifest.format != FORMAT:
            raise ConfigurationError(
                f"The backup {self._path} has the format {manifest.format}; this program reads {FORMAT}.",
                cure="Restore it with the version of lapor-gateway that wrote it.",
            )
        return manifest

    def _damaged(self, why: str) -> DamagedBackupError:
        return DamagedBackupError(
            f"The backup {self._path} is damaged; nothing was restored from it.",
            detail=why,
            cure="Use another copy of it, or an older backup.",
        )


def give_name(part: Path, path: Path) -> None:
    """Give a finished file its name, for good also after a power cut. Never takes a name that is there already."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise _is_there(path) from None
    except OSError:  # a file system without links
        if os.path.lexists(path):
            raise _is_there(path) from None
        part.rename(path)
    sync_folder(path.parent)


def _is_there(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"The file {path} is there already.", cure="Name another one: nothing is ever overwritten."
    )
