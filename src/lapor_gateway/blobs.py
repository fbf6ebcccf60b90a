"""Where files lie that are too large for the book: a folder, one sub-folder a complaint. What is in them is sealed."""

import os
import re
import shutil
from pathlib import Path
from typing import Final

from lapor_gateway.durable import sync_folder

_NAME: Final = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9-]+")


class BlobFolder:
    """Files by names of the form `owner/name`. Made when the first is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, content: bytes) -> None:
        """Write a file, durably and as a whole: it is there with all its bytes, or not at all. Replaces one."""
        path = self._path(name)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_name(f"{path.name}.part")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
        sync_folder(self._folder)

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None where it is not there (a book restored without its files)."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, owner: str) -> None:
        """Remove all of an owner's files, drafts included. Safe to repeat."""
        folder = self._path(f"{owner}/x").parent
        if folder.is_dir():
            shutil.rmtree(folder)
            sync_folder(self._folder)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("no name of a file in the store")
        return self._folder / name
