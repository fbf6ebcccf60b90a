"""Finds the folders that travel with the package: migrations, the region folders, and the stand-alone verifier."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The folder `name` ("migrations", "connectors" or "scripts") as this installation carries it.

    A wheel holds it inside the package; in a work tree it lies at the repository's top. Does not check that
    the folder exists: a caller says better what its absence means.
    """
    inside = _PACKAGE / "_data" / name
    if inside.is_dir():
        return inside
    return _PACKAGE.parent.parent / name
