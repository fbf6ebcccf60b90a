"""Where tests keep what they throw away: in memory where the machine has room for it, else in the usual place.

Every commit of a book waits for the disk; a test that kills a process loses nothing by it if there is none.
"""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 4 * 1024**3


def scratch_root() -> Path:
    """The folder to make temporary folders in."""
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM:
        return _MEMORY
    return Path(tempfile.gettempdir())


def scratch_folder(prefix: str) -> Path:
    """A new temporary folder; whoever asked for it removes it."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=scratch_root()))
