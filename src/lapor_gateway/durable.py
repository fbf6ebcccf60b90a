"""What makes a file's name as durable as its content."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Bring the folder's own entries to the disk: a new name is lost with the power as long as this is not done."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
