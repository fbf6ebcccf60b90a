"""Erasure as a person asks for it, retention by approved rules, and what keeps both true while the gateway runs."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from lapor_gateway.blobs import BlobFolder
from lapor_gateway.book import retention
from lapor_gateway.book.attachments import blobs_removed, erased_owners
from lapor_gateway.book.erasing import Erased, apply_unsettled, erase, lay_to_rest
from lapor_gateway.book.scrubbing import scrub
from lapor_gateway.book.tombstones import unscrubbed, unsettled, write_file
from lapor_gateway.clock import isoformat, to_datetime, to_instant
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.observability import logger

_DAY = timedelta(days=1)
_log = logger("privacy")


class Notice(msgspec.Struct, frozen=True):
    """Who else has what was erased, and under which numbers: a region's application, or LAPOR! by an account."""

    whom: str
    name: str
    numbers: list[str]


class Erasure(msgspec.Struct, frozen=True):
    """What an erasure did. `scrubbed`: the database's files are clean; `backups_until`: when the last copy expires."""

    erased: list[Erased]
    scrubbed: bool
    erased_at: str | None
    backups_until: str | None
    tell: list[Notice]


def erase_complaints(
    gateway: Gateway, ids: Sequence[int], *, by: str, reason: str, withdraw: bool = False
) -> Erasure:
    """Erase complaints, keep their tombstones beside the book, and clean the database's files.

    Raises `NotAllowedError` before anything is erased where one cannot be.
    """
    if not reason.strip():
        raise ConfigurationError("Erasing needs a reason.", cure='Add --reason "…".')
    try:
        erased = erase(gateway.book, ids, by=by, reason=reason.strip(), withdraw=withdraw)
    finally:
        write_file(gateway.book, gateway.settings.tombstones_file)
        remove_blobs(gateway)
    now = gateway.clock.now()
    kept = gateway.settings.backup_retention
    until = None if kept is None else isoformat(to_instant(to_datetime(now) + kept))
    return Erasure(erased, scrub(gateway.book), isoformat(now), until, _notices(gateway, erased))


def run_retention(gateway: Gateway, *, by: str | None) -> list[Erased]:
    """Erase what the rules of the settings say is due, oldest first, in batches; safe to repeat."""
    rules = gateway.settings.retention
    erased: list[Erased] = []
    for rule in rules:
        while ids := retention.due_ids(gateway.book, rules, rule, retention.BATCH):
            reason = f"retention: {rule}, {rules[rule].days} days"
            erased += erase(gateway.book, ids, by=by, reason=reason)
    if erased:
        write_file(gateway.book, gateway.settings.tombstones_file)
        remove_blobs(gateway)
        scrub(gateway.book)
    return erased


def remove_blobs(gateway: Gateway) -> None:
    """Remove the files of erased complaints; nobody can open them since their keys are gone. Safe to repeat."""
    store = BlobFolder(gateway.settings.attachments_dir)
    for owner in erased_owners(gateway.book):
        store.remove(owner)
        blobs_removed(gateway.book, owner)


class Housekeeping:
    """What a running gateway does every minute, and once a day."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._retained_at: int | None = None

    def run(self) -> None:
        """Read keys anew, finish erasures that had to wait, and let approved retention rules do their work."""
        book = self._gateway.book
        book.master.refresh()
        book.forget_keys()
        lay_to_rest(book, self._gateway.settings.tombstones_file)
        if unsettled(book):
            applied = apply_unsettled(book)
            if applied.erased:
                _log.info("tombstones applied", erased=applied.erased, waiting=len(applied.waiting))
        if unscrubbed(book):
            scrub(book)
        remove_blobs(self._gateway)
        self._retain()

    def _retain(self) -> None:
        gateway = self._gateway
        now, rules = gateway.clock.now(), gateway.settings.retention
        day = _DAY // timedelta(microseconds=1)
        if not rules or (self._retained_at is not None and now - self._retained_at < day):
            return
        self._retained_at = now
        if retention.is_approved(gateway.book, rules):
            erased = run_retention(gateway, by=None)
            _log.info("retention done", erased=len(erased))


def _notices(gateway: Gateway, erased: Sequence[Erased]) -> list[Notice]:
    """The region that still shows what was erased, and the ministry where LAPOR! has taken it."""
    by_region: dict[str, list[str]] = {}
    by_account: dict[str, list[str]] = {}
    for one in erased:
        by_region.setdefault(one.region, []).append(one.source_id)
        if one.tracking_id is not None:
            by_account.setdefault(one.account, []).append(one.tracking_id)
    notices = []
    for region, ids in by_region.items():
        manifest = gateway.regions.get(region)
        notices.append(Notice("region", manifest.name if manifest else region, ids))
    return notices + [Notice("ministry", account, numbers) for account, numbers in by_account.items()]
