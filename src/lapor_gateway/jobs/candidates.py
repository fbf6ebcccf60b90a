"""The candidates of one complaint side by side: what we sent, what stands at LAPOR!, and what differs.

For a person who decides. Texts are shown as everywhere: redacted, and not at all for a secret report.
"""

import asyncio
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from lapor_gateway.book.queries import EVERYTHING, Bounds, ComplaintView, find_complaint
from lapor_gateway.book.sending import text_digest
from lapor_gateway.book.sent_texts import Sending, owner_of, sending_of
from lapor_gateway.clock import isoformat, to_instant
from lapor_gateway.domain.complaint import AccountName, Complaint, ComplaintId
from lapor_gateway.domain.matching import Difference, differences, retyped_alike
from lapor_gateway.domain.outcomes import Listed
from lapor_gateway.domain.redaction import redact
from lapor_gateway.domain.reference import carried_by, unescaped
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.line import Line
from lapor_gateway.jobs.look_up import Listing, Untrusted
from lapor_gateway.national.dialects import dialect_of
from lapor_gateway.national.export import NationalExport

LIST_SECONDS: Final = 60.0
_DAY: Final = 86_400_000_000


class Likeness(StrEnum):
    """What makes a report at LAPOR! a candidate; only `ours` is ever adopted without a person."""

    OURS = "ours"
    EDITED = "edited"
    CLAIMED = "claimed"
    ALIKE = "alike"
    OTHER = "other"


class Candidate(msgspec.Struct, frozen=True):
    """A report at LAPOR!. `belongs_to` is another complaint of ours that has this number already."""

    tracking_id: str
    likeness: Likeness
    title: str
    text: str
    status: str | None
    created_at: str | None
    belongs_to: str | None
    differences: list[Difference]


class SentView(msgspec.Struct, frozen=True):
    """One attempt; `text` as it was sent, None where no version has it any more."""

    number: int
    sent_at: str | None
    outcome: str | None
    text: str | None


class Candidates(msgspec.Struct, frozen=True):
    """The complaint, what was sent of it, and what stands there. `asked` is where it was looked for, or None.

    `trouble` says why the list gave no answer that can be trusted.
    """

    complaint: ComplaintView
    sent: list[SentView]
    asked: str | None
    trouble: str | None
    candidates: list[Candidate]


class _Seen(msgspec.Struct, frozen=True):
    """A report as the list or the export shows it; `created_at` in microseconds."""

    listed: Listed
    created_at: int | None = None


async def candidates(
    gateway: Gateway, which: int | str, *, export: Path | None = None, bounds: Bounds = EVERYTHING
) -> Candidates:
    """What stands at LAPOR! for the complaint `which`: by the file `export`, else by the list where one is granted.

    Raises `NotFoundError`, and `ConfigurationError` where the file is no national export.
    """
    shown = find_complaint(gateway.book, which, bounds=bounds)
    dialect = dialect_of(gateway.account(shown.account))
    sending = sending_of(gateway.book, ComplaintId(shown.id), dialect.sent_text)
    asked, trouble, seen = await _look(gateway, sending, export)
    eyes = _Eyes(gateway, sending)
    found = [one for one in map(eyes.candidate, seen) if one is not None]
    found.sort(key=lambda one: (list(Likeness).index(one.likeness), len(one.tracking_id), one.tracking_id))
    return Candidates(shown, eyes.sent(), asked, trouble, found)


async def _look(
    gateway: Gateway, sending: Sending, export: Path | None
) -> tuple[str | None, str | None, Iterator[_Seen]]:
    """Where was looked, what stood in the way, and all that was seen."""
    if export is not None:
        return "export", None, _exported(export)
    account = gateway.account(sending.account)
    if account.look_up is None or not account.is_open_to(gateway.environment):
        return None, None, iter(())
    line = Line(AccountName(sending.account), account, gateway.resolve, gateway.clock)
    try:
        async with asyncio.timeout(LIST_SECONDS), line:
            listed = await Listing(line, gateway.clock).search(sending.reference)
            if sending.claimed_number is not None:  # typed in by hand, so without our line
                listed += [
                    one
                    for one in await Listing(line, gateway.clock).everything()
                    if one.tracking_id == sending.claimed_number
                ]
    except (Untrusted, TimeoutError) as why:
        return "list", str(why) or "it took too long", iter(())
    return "list", None, (_Seen(one) for one in {one.tracking_id: one for one in listed}.values())


def _exported(path: Path) -> Iterator[_Seen]:
    for row in NationalExport(path).complaints():
        created = None if row.created_at is None else to_instant(row.created_at)
        yield _Seen(Listed(row.tracking_id, row.title, row.first_text, row.status), created)


class _Eyes:
    """Compares what is seen with one complaint, and shows it as a person may see it."""

    def __init__(self, gateway: Gateway, sending: Sending) -> None:
        self._book = gateway.book
        self._sending = sending
        self._digests = {one.digest for one in sending.attempts}
        sent = [one for one in sending.attempts if one.complaint is not None]
        self._complaint: Complaint | None = sent[-1].complaint if sent else sending.current
        self._text = (sent[-1].text if sent else None) or (sending.current.body if sending.current else "")
        attempts = [one.sent_at for one in sending.attempts]
        self._not_before = min(attempts, default=0) - _DAY
        self._numbers = {sending.claimed_number, sending.tracking_id} | {
            one.tracking_id for one in sending.attempts
        }

    def sent(self) -> list[SentView]:
        return [
            SentView(one.number, isoformat(one.sent_at), one.outcome, one.text and self._shown(one.text))
            for one in self._sending.attempts
        ]

    def candidate(self, seen: _Seen) -> Candidate | None:
        """The report as a candidate; None where nothing speaks for it."""
        likeness = self._likeness(seen)
        if likeness is None:
            return None
        one = seen.listed
        owner = owner_of(self._book, self._sending.account, one.tracking_id)
        ours, theirs = self._shown(self._text), self._shown(one.content)
        return Candidate(
            one.tracking_id,
            likeness,
            self._shown(one.title),
            theirs,
            one.status,
            isoformat(seen.created_at),
            None if owner == self._sending.reference else owner,
            [] if likeness is Likeness.OURS else differences(ours, theirs),
        )

    def _likeness(self, seen: _Seen) -> Likeness | None:
        one = seen.listed
        carried = carried_by(one.content)
        if carried == self._sending.reference:
            return Likeness.OURS if text_digest(one.content) in self._digests else Likeness.EDITED
        named = one.tracking_id in self._numbers
        if carried is not None:
            return Likeness.OTHER if named else None
        body = self._complaint.body if self._complaint is not None else ""
        if named:
            return Likeness.CLAIMED if retyped_alike(body, one.content) else Likeness.OTHER
        too_old = seen.created_at is not None and seen.created_at < self._not_before
        return Likeness.ALIKE if not too_old and retyped_alike(body, one.content) else None

    def _shown(self, text: str) -> str:
        """A text without what belongs to the reporter; nothing of a report that is, or was sent as, a secret one."""
        versions = [one for one in (self._complaint, self._sending.current) if one is not None]
        if not versions or any(one.visibility.is_secret for one in versions):
            return ""
        text = unescaped(text).strip()  # a name in HTML's spelling would not be known for one
        for one in versions:
            text = redact(text, one.reporter)
        return text
