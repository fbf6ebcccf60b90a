"""When a complaint reached what deadlines and indicators are counted from. Facts only; the rules stand elsewhere."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from lapor_gateway.domain.complaint import StatusMeaning
from lapor_gateway.domain.follow_up import Author, Side


class Milestones(msgspec.Struct, frozen=True):
    """The moments of one complaint, all aware, None where it was not reached or is not known.

    `reported_at`: the citizen's report (at the source, else when we received it). `accepted_at`: LAPOR! took it.
    `verified_at`, `forwarded_at`: first shown there as verified, as assigned to an institution. `first_follow_up_at`,
    `last_follow_up_at`: an institution's answers. `replied_at`: the reporter's last reply. `closed_at`: done,
    archived or refused there; taken back when it is opened again. `rating`: the reporter's satisfaction, 1 to 5.
    """

    reported_at: datetime
    accepted_at: datetime | None = None
    verified_at: datetime | None = None
    forwarded_at: datetime | None = None
    first_follow_up_at: datetime | None = None
    last_follow_up_at: datetime | None = None
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    rating: int | None = None


class Moment(msgspec.Struct, frozen=True):
    """One entry of a complaint's ledger as far as it moves a milestone. `at` is aware; facts that it lacks are None.

    `since` is when the other side says that it happened, where it says so; `number` is the follow-up's.
    """

    kind: str
    at: datetime
    word: str | None = None
    meaning: str | None = None
    disposition: str | None = None
    side: str | None = None
    author: str | None = None
    since: datetime | None = None
    number: int | None = None


TELLING: Final = frozenset(
    {"taken", "found", "adopt", "number", "undo", "national_status", "follow_up", "follow_up_written"}
)
"""The kinds of entries that move a milestone."""
_ACCEPTING: Final = frozenset({"taken", "found", "adopt", "number"})
_VERIFIED_WORDS: Final = ("terverifikasi", "belum ditindaklanjuti", "ditanggapi")
_VERIFIED_MEANINGS: Final = frozenset({StatusMeaning.IN_PROGRESS, StatusMeaning.DONE})


def fold(reported_at: datetime, moments: Iterable[Moment]) -> Milestones:
    """The milestones after these entries, which are given in the order of the complaint's own ledger.

    A region's answer counts from `follow_up_written` on: when LAPOR! shows it, not when it was typed. What the reporter
    wrote there through us, an edit, is no answer of an institution. `undo` takes back all that the wrong number seemed
    to tell.
    """
    reached = Milestones(reported_at)
    answers: set[int | None] = set()
    for moment in moments:
        if moment.kind == "follow_up" and moment.author == Author.INSTITUTION:
            answers.add(moment.number)
        if moment.kind != "follow_up_written" or moment.number in answers:
            reached = _after(reached, moment)
    return reached


def _after(reached: Milestones, moment: Moment) -> Milestones:
    when = moment.since or moment.at
    if moment.kind in _ACCEPTING:
        return replace(reached, accepted_at=moment.at)
    if moment.kind == "undo":
        return Milestones(reached.reported_at)
    if moment.kind == "national_status":
        return _with_status(reached, moment, when)
    if moment.kind == "follow_up_written" or (
        moment.kind == "follow_up" and moment.side == Side.NATIONAL and moment.author == Author.INSTITUTION
    ):
        first = min(reached.first_follow_up_at or when, when)
        last = max(reached.last_follow_up_at or when, when)
        return replace(reached, first_follow_up_at=first, last_follow_up_at=last)
    if moment.kind == "follow_up" and moment.author == Author.REPORTER and moment.side == Side.NATIONAL:
        return replace(reached, replied_at=max(reached.replied_at or when, when))
    return reached


def _with_status(reached: Milestones, moment: Moment, when: datetime) -> Milestones:
    meaning = StatusMeaning(moment.meaning) if moment.meaning else StatusMeaning.UNKNOWN
    spelt = " ".join((moment.word or "").split()).casefold()
    if reached.verified_at is None and (meaning in _VERIFIED_MEANINGS or spelt.startswith(_VERIFIED_WORDS)):
        reached = replace(reached, verified_at=when)
    if reached.forwarded_at is None and moment.disposition:
        reached = replace(reached, forwarded_at=when)
    if meaning is StatusMeaning.UNKNOWN:  # says neither that it is closed nor that it is open
        return reached
    closed_at = (reached.closed_at or when) if meaning.is_closed else None
    return replace(reached, closed_at=closed_at)
