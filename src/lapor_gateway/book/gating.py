"""The gate at work: raw records become versions, and complaints move on as `domain.admission` decides."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, insert, update

from lapor_gateway.book.archived import raw_records_of, versions_of
from lapor_gateway.book.database import Book, Statement
from lapor_gateway.book.doubles import Doubles
from lapor_gateway.book.due import Due, Read, Rule, due_of, load_due
from lapor_gateway.book.findings import FindingKind, raise_finding
from lapor_gateway.book.intake import Fresh
from lapor_gateway.book.lost import lost_number
from lapor_gateway.book.tables import channels, complaint_versions
from lapor_gateway.book.writing import SYSTEM, Pen
from lapor_gateway.clock import to_instant
from lapor_gateway.domain.admission import (
    Admission,
    Policy,
    Reason,
    WaitingFor,
    admit,
    held,
    secrecy_tightened,
)
from lapor_gateway.domain.complaint import (
    ChannelId,
    Complaint,
    Mapped,
    StatusMeaning,
    Visibility,
)
from lapor_gateway.domain.digests import canonical_bytes
from lapor_gateway.domain.identity import known_by
from lapor_gateway.domain.lifecycle import Event, State, is_allowed
from lapor_gateway.domain.redaction import redact
from lapor_gateway.domain.reference import Reference

CANONICAL: Final = b"canonical"
FAULTS: Final = b"faults"
BATCH: Final = 500
_VERSION_COLUMNS: Final = tuple(column.name for column in complaint_versions.columns)
_insert_versions = Statement(
    insert(complaint_versions).values({n: bindparam(n) for n in _VERSION_COLUMNS}), _VERSION_COLUMNS
)


class Gate:
    """Judges due complaints in batches, one transaction a batch."""

    def __init__(self, book: Book, rules: Mapping[ChannelId, Rule]) -> None:
        self._book = book
        self._rules = rules
        self.was_full = False

    def pass_batch(self, limit: int = BATCH) -> int:
        """Judge up to `limit` due complaints of the known channels; how many records there were.

        `was_full` says afterwards whether there may be more.
        """
        return self._book.transact(lambda connection: self._judge(connection, limit))

    def _judge(self, connection: Connection, limit: int) -> int:
        due = load_due(self._book, connection, self._rules, limit)
        self.was_full = len(due) == limit
        pen = Pen(connection, self._book.clock.now())
        judged = self._judge_all(pen, due)
        pen.flush()
        return judged

    def judge_fresh(self, pen: Pen, fresh: Sequence[Fresh]) -> None:
        """Judge complaints that are being entered, in the transaction that stores their records."""
        pen.actor = SYSTEM
        self._judge_all(pen, [due_of(one, self._rules) for one in fresh])

    def _judge_all(self, pen: Pen, due: list[Due]) -> int:
        batch = _Batch(self._book, pen, self._rules, due)
        judged = sum([batch.judge(complaint) for complaint in due])
        batch.finish()
        return judged


class _Batch:
    def __init__(self, book: Book, pen: Pen, rules: Mapping[ChannelId, Rule], due: list[Due]) -> None:
        self._book = book
        self._connection = pen.connection
        known = {
            (one.subject.id, read.raw_id): (one.region, identity)
            for one in due
            for read in one.read
            if (identity := known_by(read.complaint))
        }
        self._lost = lost_number(pen.connection, [one.subject.reference for one in due])
        self._reporters = {which: book.blind_index(*who) for which, who in known.items()}
        former = {old: self._reporters[w] for w, who in known.items() if (old := book.former_index(*who))}
        self._doubles = Doubles(pen.connection, self._reporters.values(), former)
        self._rules = rules
        self._pen = pen
        self._versions: list[tuple[Any, ...]] = []
        self._canary = {channel: rule.policy.canary_left for channel, rule in rules.items()}

    def judge(self, due: Due) -> int:
        """Judge every record that was read, oldest first; how many."""
        for read in due.read:
            self._judge_record(due, read)
            is_last = read.raw_id == due.raws[-1][0]
            self._pen.amend(
                due.subject, gated_raw=read.raw_id, gate_due=int(not is_last), last_version=due.version
            )
        if _is_contested(due):
            self._hold_contested(due)
        return len(due.read)

    def _hold_contested(self, due: Due) -> None:
        """One id, two different records at the same moment: whose complaint it is only a person can tell."""
        if due.subject.state is State.READY:
            standing: dict[str, Any] = {
                "reason": str(Reason.SAME_ID),
                "waiting_for": str(WaitingFor.OPERATOR),
            }
            self._pen.transition(due.subject, Event.HOLD, {"reason": str(Reason.SAME_ID)}, **standing)
        facts = {"records": len(due.read), "versions": f"{due.version - len(due.read) + 1}-{due.version}"}
        kind = FindingKind.SAME_ID_TWICE
        raise_finding(self._book, self._connection, kind, due.subject.reference, due.channel, facts)

    def finish(self) -> None:
        """Write the versions and what is left of the canaries; the pen's owner writes the rest."""
        _insert_versions.run(self._connection, self._versions)
        for channel, left in self._canary.items():
            if left is not None and left != self._rules[channel].policy.canary_left:
                self._connection.execute(
                    update(channels).where(channels.c.id == channel).values(canary_left=left)
                )

    def _judge_record(self, due: Due, read: Read) -> None:
        complaint = read.complaint
        content = b"" if complaint is None else canonical_bytes(complaint)
        digest = self._book.digest(content) if complaint else None
        due.version += 1
        self._keep_version(due, read, digest)
        is_new = due.subject.state is State.RECEIVED
        if complaint and not is_new and _is_late(complaint, due.source_updated_at):
            current = due.current_raw_digest or _current_raw_digest(self._book, self._connection, due)
            self._pen.note(due.subject, "late_version", {"version": due.version}, raw_digest=current)
            return
        facts = {"version": due.version, "content": due.key.commitment(content)}
        columns = self._columns(due, read, digest)
        if is_new:
            self._admit(due, read, facts, columns)
        elif digest is not None and digest == due.canonical_digest:
            self._note_status(due, complaint, columns)
        elif is_allowed(due.subject.state, Event.EDITED):
            kept = _hold_that_stays(due, complaint)
            self._pen.transition(due.subject, Event.EDITED, {"version": due.version})
            self._admit(due, read, facts, columns, stays=kept)
        elif complaint is None:  # what may still be sent is the last version that could be read
            self._pen.note(due.subject, "edited", facts, raw_digest=read.raw_digest)
            return
        else:
            self._keep_beside(due, complaint, facts, columns)
        _remember(due, complaint, digest)
        due.current_raw_digest = read.raw_digest

    def _admit(
        self,
        due: Due,
        read: Read,
        facts: dict[str, Any],
        columns: dict[str, Any],
        *,
        stays: Reason | None = None,
    ) -> None:
        double = self._double(due, read, columns)
        word = admit(
            read.result,
            self._policy(due.channel),
            received_at=due.received_at,
            looks_double=double is not None,
        )
        number = self._lost.get(due.subject.reference)
        if word.state is not State.QUARANTINED:
            if stays is not None and (number is None or stays is Reason.OPERATOR):
                word = held(stays)
            elif number is not None:  # sent in a life that a restore has lost
                word = held(Reason.NUMBER_UNCHECKED, WaitingFor.NATIONAL)
                columns = columns | {"national_number": number}
        if word.state is State.READY:
            self._use_canary(due.channel)
            if read.complaint is not None:
                reference, digest = due.subject.reference, columns["canonical_digest"]
                self._book.just_mapped.keep(reference, due.version, digest, read.complaint)
        due.reason = word.reason
        self._pen.transition(
            due.subject, word.event, facts | _why(word), to=word.state, **columns, **_standing(word)
        )

    def _double(self, due: Due, read: Read, columns: dict[str, Any]) -> Reference | None:
        """An earlier complaint that this one repeats; flagged as a finding, whatever the channel's rule is."""
        reporter = self._reporters.get((due.subject.id, read.raw_id))
        other = self._doubles.of(reporter, due.subject.reference, columns.get("body") or "")
        if other is not None:
            kind, facts = FindingKind.SUSPECTED_DOUBLE, {"other": other}
            raise_finding(self._book, self._connection, kind, due.subject.reference, due.channel, facts)
        return other

    def _policy(self, channel: ChannelId) -> Policy:
        policy = self._rules[channel].policy
        left = self._canary[channel]
        return policy if left == policy.canary_left else msgspec.structs.replace(policy, canary_left=left)

    def _use_canary(self, channel: ChannelId) -> None:
        left = self._canary[channel]
        if left is not None:
            self._canary[channel] = left - 1

    def _note_status(self, due: Due, complaint: Complaint | None, columns: dict[str, Any]) -> None:
        word = complaint.regional_word if complaint else None
        if word == due.regional_word:
            self._pen.amend(due.subject, **columns)
        else:
            self._pen.note(due.subject, "regional_status", {"version": due.version}, **columns)

    def _keep_beside(
        self, due: Due, complaint: Complaint, facts: dict[str, Any], columns: dict[str, Any]
    ) -> None:
        tightened = due.visibility is not None and secrecy_tightened(
            Visibility(due.visibility), complaint.visibility
        )
        self._pen.note(due.subject, "edited", facts | {"tightened": tightened}, **columns)
        if tightened:
            raise_finding(
                self._book,
                self._connection,
                FindingKind.SECRECY_TIGHTENED,
                due.subject.reference,
                due.channel,
                {"version": due.version},
            )

    def _keep_version(self, due: Due, read: Read, digest: bytes | None) -> None:
        result = read.result
        canonical = faults = None
        if isinstance(result, Mapped):
            canonical = due.key.seal(msgspec.json.encode(result.complaint), CANONICAL)
            if result.holds:
                faults = due.key.seal(msgspec.json.encode(result.holds), FAULTS)
        else:
            faults = due.key.seal(msgspec.json.encode(result.faults), FAULTS)
        self._versions.append(
            (
                due.subject.id,
                due.version,
                read.raw_id,
                read.rule.mapping.digest,
                digest,
                canonical,
                faults,
                self._pen.at,
            )
        )

    def _columns(self, due: Due, read: Read, digest: bytes | None) -> dict[str, Any]:
        complaint = read.complaint
        columns: dict[str, Any] = {"current_version": due.version, "raw_digest": read.raw_digest}
        if complaint is None:
            return columns | {"canonical_digest": None}
        if complaint.regional_status is StatusMeaning.UNKNOWN:
            word = complaint.regional_word or ""
            raise_finding(
                self._book,
                self._connection,
                FindingKind.UNMAPPED_STATUS,
                f"{due.channel}:{word}",
                due.channel,
                {"word": word},
            )
        secret = complaint.visibility.is_secret
        return columns | {
            "canonical_digest": digest,
            "title": "" if secret else redact(complaint.title, complaint.reporter),
            "body": "" if secret else redact(complaint.body, complaint.reporter),
            "kind": str(complaint.kind),
            "category": complaint.category,
            "visibility": str(complaint.visibility),
            "regional_word": complaint.regional_word,
            "regional_status": complaint.regional_status and str(complaint.regional_status),
            "national_number": complaint.national_number,
            "reporter_index": self._reporters.get((due.subject.id, read.raw_id)),
            "source_created_at": _instant(complaint.created_at or complaint.incident_at),
            "source_updated_at": _instant(complaint.updated_at),
        }


def _hold_that_stays(due: Due, complaint: Complaint | None) -> Reason | None:
    """The hold that no edit at the source ends: a person's, and one that says it may be at LAPOR! already.

    A record that brings another number is checked by that instead. What a person was given to type is held, too:
    the old text may stand at LAPOR! by now.
    """
    if due.subject.state is State.READY and due.reason == Reason.GIVEN_OUT:
        return Reason.GIVEN_OUT
    if due.subject.state is not State.HELD:
        return None
    if due.reason in (Reason.OPERATOR, Reason.RECOVERY, Reason.GIVEN_OUT):
        return Reason(due.reason)
    claims = complaint is not None and complaint.national_number is not None
    return Reason.NUMBER_OTHER_TEXT if due.reason == Reason.NUMBER_OTHER_TEXT and not claims else None


def _is_contested(due: Due) -> bool:
    """Whether one page showed the id with different contents, and no time of change to tell the newer one."""
    if len(due.read) < 2:
        return False
    found = {
        (read.received_at, canonical_bytes(read.complaint), read.complaint.updated_at)
        for read in due.read
        if read.complaint
    }
    moments = {(received_at, updated_at) for received_at, _, updated_at in found}
    return len(moments) < len(found)


def _current_raw_digest(book: Book, connection: Connection, due: Due) -> bytes:
    """What "seen before" must compare with again after a late version: the current version's raw record.

    Empty where that is in an archive that is not here: then the source's next showing is kept as a version.
    """
    absent: set[int] = set()
    versions = versions_of(book, connection, [due.subject.id], absent=absent).get(due.subject.id, [])
    raws = raw_records_of(book, connection, [due.subject.id], absent=absent).get(due.subject.id, [])
    current = {one.raw_record for one in versions if one.version == due.current_version}
    return next((raw.digest for raw in raws if raw.id in current), b"")


def _is_late(complaint: Complaint, newest: int | None) -> bool:
    return (
        complaint.updated_at is not None and newest is not None and to_instant(complaint.updated_at) < newest
    )


def _remember(due: Due, complaint: Complaint | None, digest: bytes | None) -> None:
    due.current_version = due.version
    due.canonical_digest = digest
    if complaint is not None:
        due.source_updated_at = _instant(complaint.updated_at)
        due.visibility = complaint.visibility
        due.regional_word = complaint.regional_word


def _why(word: Admission) -> dict[str, Any]:
    return {"reason": str(word.reason)} if word.reason else {}


def _standing(word: Admission) -> dict[str, Any]:
    return {
        "reason": None if word.reason is None else str(word.reason),
        "waiting_for": str(word.waiting_for),
        "next_attempt_at": 0,
    }


def _instant(moment: datetime | None) -> int | None:
    return None if moment is None else to_instant(moment)
