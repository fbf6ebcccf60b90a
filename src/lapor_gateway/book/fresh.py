"""Complaints that this process has just mapped: the push of the same process need not open and decode them again."""

from typing import Final

from lapor_gateway.domain.complaint import Complaint

_MOST: Final = 2_000


class JustMapped:
    """Canonical complaints by reference and version, in memory only, each given away once.

    A transaction that mapped one may have been rolled back: only the digest in the book says that this is the
    complaint that stands there.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], tuple[bytes, Complaint]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, reference: str, version: int, digest: bytes, complaint: Complaint) -> None:
        """Remember a complaint; where there are too many, all others are forgotten."""
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[reference, version] = (digest, complaint)

    def take(self, reference: str, version: int, digest: bytes | None) -> Complaint | None:
        """The complaint whose canonical digest is `digest`, None where it is not here (any more)."""
        found = self._kept.pop((reference, version), None)
        return found[1] if found is not None and found[0] == digest else None

    def forget(self) -> None:
        self._kept.clear()
