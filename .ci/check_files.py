"""Looks through the tracked files for what must never be committed: a registry's host, a second lock file."""

import re
import subprocess
import sys
from pathlib import Path

# Spelled as patterns, so that this file does not hold what it looks for.
REGISTRY_HOST = re.compile(
    rb"\b(?:pyp[i][.]org|[a-z.]*pythonhoste[d][.]org|registry[.](?:npmj[s]|yarnpk[g])[.](?:org|com)"
    rb"|(?:deb|security)[.]debian[.]org|proxy[.]golang[.]org|(?:static[.])?crates[.]io)\b"
)
FOREIGN_LOCKS = frozenset({"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock"})
LOCK_ADDRESS = re.compile(rb"^[^#]*(?:https?|file)://|^\s*-(?:i|f|-index-url|-find-links)\b", re.MULTILINE)


def tracked() -> list[Path]:
    """The files of the repository as git knows them, relative to its root."""
    listing = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True).stdout
    return [Path(name) for name in listing.decode().split("\0") if name]


def faults(path: Path) -> list[str]:
    """What is wrong with one file, in words."""
    if path.name in FOREIGN_LOCKS:
        return [f"{path}: dependencies are locked in requirements/ only; remove this file"]
    if not path.is_file():
        return []
    content = path.read_bytes()
    lines = [content.count(b"\n", 0, hit.start()) + 1 for hit in REGISTRY_HOST.finditer(content)]
    found = [f"{path}:{line}: names a package registry's host" for line in lines]
    if path.parent.name == "requirements" and LOCK_ADDRESS.search(content):
        found.append(f"{path}: a lock file holds a download address; run `make lock`")
    return found


def main() -> int:
    """Prints every fault; 1 when there is one."""
    found = [fault for path in tracked() for fault in faults(path)]
    print("\n".join(found) if found else "files: no registry hosts, no foreign lock files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
