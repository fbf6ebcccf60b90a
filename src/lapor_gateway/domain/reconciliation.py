"""What three indexes of the same complaints differ in: the source's, the ledger's, LAPOR!'s. Pure, one merge.

All three are sorted by our reference, which is derived from origin and source id and stands on top of what we sent:
the one key that all three sides have. Nothing here asks anybody, so that a stored run gives the same result again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from lapor_gateway.domain.index_rows import (
    DIGEST_BYTES,
    LedgerRow,
    NationalProof,
    NationalRow,
    SourceRow,
    Terms,
)
from lapor_gateway.domain.lifecycle import State


class DifferenceKind(StrEnum):
    """The classes of difference (docs/guarantees.md)."""

    MISSING_HERE = "missing_here"
    MISSING_AT_NATIONAL = "missing_at_national"
    TWICE_AT_NATIONAL = "twice_at_national"
    UNKNOWN_AT_NATIONAL = "unknown_at_national"
    MISSING_AT_SOURCE = "missing_at_source"
    STATUS_DIFFERS = "status_differs"
    CONTENT_DIFFERS = "content_differs"
    STUCK = "stuck"


class Against(StrEnum):
    """Which side the ledger differs from; `ledger` is the book's own tables."""

    SOURCE = "source"
    NATIONAL = "national"
    LEDGER = "ledger"


class Repair(StrEnum):
    """What mends a difference without a person; each is safe to run twice."""

    PULL = "pull"
    ADOPT = "adopt"
    REFRESH = "refresh"
    RECORD_GONE = "record_gone"


class Difference(msgspec.Struct, frozen=True, gc=False):
    """One difference. `facts` are the same as long as the difference is: no ages, no times of looking."""

    kind: DifferenceKind
    against: Against
    subject: str
    channel: str
    facts: dict[str, str]
    repair: Repair | None = None


class Group(msgspec.Struct, frozen=True, gc=False):
    """Everything the three sides say under one reference."""

    reference: str
    sources: Sequence[SourceRow]
    ledger: LedgerRow | None
    nationals: Sequence[NationalRow]


_MOVING: Final = frozenset({State.RECEIVED, State.READY, State.SUBMITTING})
_UNSETTLED: Final = _MOVING | {State.AMBIGUOUS, State.HELD, State.QUARANTINED, State.REJECTED}
_WAITS_FOR_APPROVAL: Final = frozenset({"shadow", "canary"})
_ADOPTABLE: Final = frozenset(
    {State.AMBIGUOUS, State.READY, State.HELD, State.REJECTED, State.HISTORICAL, State.RECEIVED}
)


def is_same_standing(before: str, after: str) -> bool:
    """Whether two states are one as far as waiting goes: trying again and again is no progress."""
    return before == after or (before in _MOVING and after in _MOVING)


def merged(
    sources: Iterable[SourceRow], ledger: Iterable[LedgerRow], nationals: Iterable[NationalRow]
) -> Iterator[Group]:
    """One pass over the three indexes, each sorted by reference (by bytes); the ledger's has every one once."""
    source_rows, ledger_rows, national_rows = iter(sources), iter(ledger), iter(nationals)
    source, row, national = next(source_rows, None), next(ledger_rows, None), next(national_rows, None)
    while source is not None or row is not None or national is not None:
        reference = _lowest(source, row, national)
        shown, listed = [], []
        known = None
        while source is not None and source.reference == reference:
            shown.append(source)
            source = next(source_rows, None)
        if row is not None and row.reference == reference:
            known, row = row, next(ledger_rows, None)
        while national is not None and national.reference == reference:
            listed.append(national)
            national = next(national_rows, None)
        yield Group(reference, shown, known, listed)


def _lowest(source: SourceRow | None, row: LedgerRow | None, national: NationalRow | None) -> str:
    """The reference that comes next, of at least one that is there."""
    if source and row and national and source.reference == row.reference == national.reference:
        return row.reference  # nearly always
    return min(one.reference for one in (source, row, national) if one is not None)


def compare(terms: Terms, group: Group) -> list[Difference]:
    """Every difference of one reference; none for a complaint outside the run's channels and window."""
    known = group.ledger
    if known is None:
        return _unknown_here(terms, group)
    if not known.in_scope or _is_plainly_the_same(group, known):
        return []
    found = _against_source(terms, group.sources, known) + _against_national(terms, group.nationals, known)
    if known.is_whole and known.number != known.folded_number and not known.linked:
        numbers = {"number": known.number or "", "ledger": known.folded_number or ""}
        found.append(_of(known, DifferenceKind.CONTENT_DIFFERS, Against.LEDGER, numbers))
    if _is_stuck(terms, known):
        state = {"state": known.state}
        found.append(_of(known, DifferenceKind.STUCK, Against.LEDGER, state))
    return found


def _is_plainly_the_same(group: Group, known: LedgerRow) -> bool:
    """What holds for nearly all complaints, decided at once: accepted, and the same on all three sides."""
    if len(group.nationals) != 1 or len(group.sources) != 1:
        return False
    (listed,) = group.nationals
    return (
        known.state == State.ACCEPTED
        and known.is_whole
        and not known.linked
        and known.number == known.folded_number
        and group.sources[0].raw == known.raw is not None
        and listed.is_ours
        and listed.is_held
        and listed.text == known.sent
        and listed.word in (None, known.national_word)
    )


def stranger(terms: Terms, channel: str, row: NationalRow) -> Difference | None:
    """A listed complaint that carries no line of ours and whose number nobody here has."""
    if not terms.covers(row.created_at):
        return None
    subject = f"{row.account}:{row.number}"
    kind = DifferenceKind.UNKNOWN_AT_NATIONAL
    return Difference(kind, Against.NATIONAL, subject, channel, {"number": row.number})


def refreshed_word(group: Group) -> tuple[str, str] | None:
    """(number, word) of an accepted complaint whose status at LAPOR! was never read before."""
    known = group.ledger
    if known is None or known.national_word is not None or known.state != State.ACCEPTED:
        return None
    row = _own_row(group.nationals)
    return (row.number, row.word) if row is not None and row.word else None


def _unknown_here(terms: Terms, group: Group) -> list[Difference]:
    ours = [row for row in group.nationals if row.is_ours]
    if group.sources:
        shown = group.sources[0]
        if not any(terms.covers(row.created_at or terms.at) for row in group.sources):
            return []
        facts = {"source_id": shown.source_id} | _numbers(ours)
        kind, subject = DifferenceKind.MISSING_HERE, group.reference
        return [Difference(kind, Against.SOURCE, subject, shown.channel, facts, Repair.PULL)]
    if not ours or not any(terms.covers(row.created_at) for row in ours):
        return []
    kind = DifferenceKind.UNKNOWN_AT_NATIONAL
    return [Difference(kind, Against.NATIONAL, group.reference, "", _numbers(ours))]


def _against_source(terms: Terms, shown: Sequence[SourceRow], known: LedgerRow) -> list[Difference]:
    proof = terms.sources.get(known.origin)
    if proof is None:
        return []
    if not known.is_whole:
        facts = {"source_id": known.source_id, "ledger": "known"}
        return [_of(known, DifferenceKind.MISSING_HERE, Against.LEDGER, facts)]
    if not shown:
        due = proof.is_complete and known.received_at < proof.began_at and not known.disappeared
        repair = Repair.RECORD_GONE if proof.accepts_deletion else None
        facts = {"source_id": known.source_id}
        return [_of(known, DifferenceKind.MISSING_AT_SOURCE, Against.SOURCE, facts, repair)] if due else []
    changed_meanwhile = known.shown_at >= proof.began_at
    if not proof.is_detailed or changed_meanwhile or any(_is_same(row, known) for row in shown):
        return []
    newest = shown[-1]
    if (
        newest.updated_at is not None
        and known.updated_at is not None
        and newest.updated_at < known.updated_at
    ):
        return []  # this listing is behind what a webhook has brought already
    facts = {"source_id": known.source_id}
    if not any(_says_the_same(row, known) for row in shown):
        return [_of(known, DifferenceKind.CONTENT_DIFFERS, Against.SOURCE, facts, Repair.PULL)]
    if any(row.status == known.status for row in shown):
        return []
    words = {"source": newest.status or "", "source_here": known.status or ""}
    return [_of(known, DifferenceKind.STATUS_DIFFERS, Against.SOURCE, words, Repair.PULL)]


def _is_same(row: SourceRow, known: LedgerRow) -> bool:
    return row.raw is not None and row.raw == known.raw


def _says_the_same(row: SourceRow, known: LedgerRow) -> bool:
    return row.canonical is not None and row.canonical == known.canonical


def _against_national(terms: Terms, listed: Sequence[NationalRow], known: LedgerRow) -> list[Difference]:
    proof = terms.nationals.get(known.account)
    if proof is None or not known.is_whole or known.linked:
        return []
    ours = [row for row in listed if row.is_ours]
    if known.state != State.ACCEPTED:
        return _there_and_not_accepted(ours, known)
    found = _accepted_against(proof, listed, ours, known)
    row = _own_row(listed)
    if row is not None and row.word and known.national_word not in (None, row.word):
        words = {"number": row.number, "national": row.word, "national_here": known.national_word or ""}
        found.append(_of(known, DifferenceKind.STATUS_DIFFERS, Against.NATIONAL, words, Repair.REFRESH))
    return found


def _there_and_not_accepted(ours: list[NationalRow], known: LedgerRow) -> list[Difference]:
    """LAPOR! has what the book does not know as accepted: a lost answer, a resend, a complaint given up."""
    if not ours or known.state in (State.SUBMITTING, State.LINKED):
        return []
    surely = known.state in _ADOPTABLE and any(_was_sent(row, known) for row in ours)
    facts = {"state": known.state} | _numbers(ours)
    repair = Repair.ADOPT if surely else None
    found = [_of(known, DifferenceKind.MISSING_HERE, Against.NATIONAL, facts, repair)]
    return found + _twice(ours, known)


def _accepted_against(
    proof: NationalProof, listed: Sequence[NationalRow], ours: list[NationalRow], known: LedgerRow
) -> list[Difference]:
    held = next((row for row in listed if row.is_held), None)
    number = {"number": known.number or ""}
    if held is None and not ours:
        due = proof.due_from <= (known.accepted_at or 0) < proof.due_before
        is_missing = proof.is_complete and due
        return (
            [_of(known, DifferenceKind.MISSING_AT_NATIONAL, Against.NATIONAL, number)] if is_missing else []
        )
    differs, against = DifferenceKind.CONTENT_DIFFERS, Against.NATIONAL
    if held is None:
        return [_of(known, differs, against, number | {"there": _joined(ours)}), *_twice(ours, known)]
    if held.other is not None:
        there = {"there": _joined(ours)} if ours else {}
        return [_of(known, differs, against, number | {"carries": held.other} | there)]
    found = _twice({*ours, held}, known)
    if held.is_ours and known.sent and not _was_sent(held, known):
        found.append(_of(known, differs, against, number | {"text": "other"}))
    if not held.is_ours and held.alike is False:
        found.append(_of(known, differs, against, number | {"text": "other"}))
    return found


def _twice(rows: Iterable[NationalRow], known: LedgerRow) -> list[Difference]:
    numbers = sorted({row.number for row in rows})
    if len(numbers) < 2:
        return []
    facts = {"tracking_ids": " ".join(numbers)}
    return [_of(known, DifferenceKind.TWICE_AT_NATIONAL, Against.NATIONAL, facts)]


def _own_row(listed: Sequence[NationalRow]) -> NationalRow | None:
    """The listed complaint that this one surely is: its number, under our line or under nobody's."""
    return next((row for row in listed if row.is_held and row.other is None), None)


def _was_sent(row: NationalRow, known: LedgerRow) -> bool:
    sent = known.sent
    return any(sent[start : start + DIGEST_BYTES] == row.text for start in range(0, len(sent), DIGEST_BYTES))


def sent_numbers(rows: Iterable[NationalRow], known: LedgerRow) -> list[str]:
    """The numbers under which a text that was really sent is listed, lowest (oldest) first."""
    return sorted(
        {row.number for row in rows if row.is_ours and _was_sent(row, known)}, key=lambda n: (len(n), n)
    )


def _is_stuck(terms: Terms, known: LedgerRow) -> bool:
    waits = known.state in _UNSETTLED and known.reason not in _WAITS_FOR_APPROVAL
    return known.is_whole and waits and terms.at - known.since > terms.stuck_after


def _numbers(rows: Sequence[NationalRow]) -> dict[str, str]:
    return {"number": _joined(rows)} if rows else {}


def _joined(rows: Iterable[NationalRow]) -> str:
    return " ".join(sorted({row.number for row in rows}))


def _of(
    known: LedgerRow,
    kind: DifferenceKind,
    against: Against,
    facts: Mapping[str, str],
    repair: Repair | None = None,
) -> Difference:
    return Difference(kind, against, known.reference, known.channel, dict(facts), repair)
