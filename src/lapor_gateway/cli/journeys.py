"""One complaint's whole journey for a person: what came, what it became, every entry, what was sent."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import msgspec

from lapor_gateway.book.journey import AttemptView, EntryView, Journey
from lapor_gateway.book.past import PastView
from lapor_gateway.book.queries import ComplaintView
from lapor_gateway.catalogue import is_known, text
from lapor_gateway.cli.screen import moment, print_table, say
from lapor_gateway.domain.complaint import Reporter


def print_journey(whole: Journey, zone: tzinfo | None) -> None:
    """Print it in the order in which it happened; instants in the region's `zone`."""
    _print_head(whole.complaint, zone)
    if whole.archived:
        say("journey.archived", years=", ".join(map(str, whole.archived)))
    _tell_missing(whole.archive_missing)
    say("journey.raw")
    for raw in whole.raw_records:
        print(f"  {moment(raw.received_at, zone)}  {raw.channel}  {raw.bytes} B")
        if raw.content is not None:
            print(f"    {raw.content}")
    say("journey.versions")
    _print_versions(whole, zone)
    say("journey.entries")
    rows = [(e.seq, moment(e.at, zone), e.kind, _move(e), e.actor, _facts(e.facts)) for e in whole.entries]
    print_table(("number", "time", "event", "states", "actor", "facts"), rows, numbers=("number",))
    if whole.attempts:
        say("journey.attempts")
        tried = [_attempt(one, zone) for one in whole.attempts]
        print_table(
            ("number", "time", "account", "outcome", "tracking_id", "detail"), tried, numbers=("number",)
        )
    if whole.sent_as:
        say("journey.sent_as")
        for field in whole.sent_as:
            print(f"  {field.field}: {field.value}{f' ({field.name})' if field.name else ''}")
    if whole.attachments:
        say("journey.attachments")
        for one in whole.attachments:
            reason = f", {one.reason}" if one.reason else ""
            print(f"  {one.name or one.address}  ({text(f'file.{one.status}')}{reason})")
    _print_travel(whole, zone)
    for finding in whole.findings:
        say("journey.finding", kind=finding.kind, state=finding.state, at=moment(finding.opened_at, zone))
    commands = [verb.replace("_", "-") for verb in whole.possible]
    say("journey.possible", verbs=", ".join(f"`{command}`" for command in commands) or "-")


def _print_travel(whole: Journey, zone: tzinfo | None) -> None:
    if whole.follow_ups:
        say("journey.follow_ups")
    for one in whole.follow_ups:
        side, author = text(f"side.{one.side}"), one.institution or text(f"author.{one.author}")
        words = " ".join(one.text.split()) or text("journey.hidden")
        say(
            "journey.follow_up",
            at=moment(one.written_at or one.seen_at, zone),
            side=side,
            author=author,
            words=words,
        )
    if whole.deliveries:
        say("journey.deliveries")
        rows = [
            (d.id, d.direction, d.target, d.kind, d.state, d.attempts, d.reason) for d in whole.deliveries
        ]
        headings = ("id", "direction", "target", "kind", "state", "attempts", "reason")
        print_table(headings, rows, numbers=("id", "attempts"))


def _print_versions(whole: Journey, zone: tzinfo | None) -> None:
    for version in whole.versions:
        mark = text("journey.current") if version.current else ""
        say("journey.version", number=version.version, at=moment(version.mapped_at, zone), mark=mark)
        for fault in version.faults:
            print(f"    {fault.field}: {fault.rule} {fault.value}".rstrip())
        if version.canonical is not None:
            _print_reporter(version.canonical.reporter)
        for flag in version.canonical.flags if version.canonical else ():
            print(f"    {flag.field}: {flag.rule} {flag.value}".rstrip())


def _print_reporter(reporter: Reporter) -> None:
    """Masked, unless the journey was read with the reporter revealed."""
    known = [value for value in msgspec.structs.astuple(reporter) if value]
    if known:
        print(f"    {text('journey.reporter')}: {', '.join(known)}")


def print_past(complaint: PastView, zone: tzinfo | None) -> None:
    """A complaint as it was known at a time that has been."""
    say("journey.then", at=moment(complaint.at, zone), version=complaint.version, entries=complaint.entries)
    _print_head(complaint, zone)
    _tell_missing(complaint.archive_missing)


def _tell_missing(years: Sequence[int]) -> None:
    if years:
        say("journey.archive_missing", files=", ".join(f"{year}.db" for year in years))


def _print_head(complaint: ComplaintView, zone: tzinfo | None) -> None:
    shown: list[tuple[str, Any]] = [
        ("reference", complaint.reference),
        ("id", complaint.id),
        ("channel", complaint.channel),
        ("source_id", complaint.source_id),
        ("state", complaint.state),
        ("reason", complaint.reason),
        ("waiting_for", complaint.waiting_for),
        ("tracking_id", complaint.tracking_id),
        ("account", complaint.account),
        ("kind", complaint.kind),
        ("visibility", complaint.visibility),
        ("regional_status", complaint.regional_word or complaint.regional_status),
        ("national_status", complaint.national_word or complaint.national_status),
        ("created", moment(complaint.source_created_at, zone)),
        ("received", moment(complaint.received_at, zone)),
        ("title", complaint.title),
    ]
    named = [(text(f"column.{name}"), value) for name, value in shown if value is not None]
    width = max(len(name) for name, _ in named)
    for name, value in named:
        print(f"{name:<{width}}  {value}")
    if complaint.reason and is_known(f"reason.{complaint.reason}"):
        say(f"reason.{complaint.reason}")
    print()
    print(complaint.body or text("journey.erased" if complaint.erased else "journey.no_text"))
    print()


def _move(entry: EntryView) -> str:
    if entry.from_state == entry.to_state:
        return entry.to_state or "-"
    return f"{entry.from_state or ''} → {entry.to_state or ''}".strip()


def _facts(facts: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in facts.items())


def _attempt(one: AttemptView, zone: tzinfo | None) -> tuple[Any, ...]:
    outcome = one.outcome or text("journey.under_way")
    return (one.number, moment(one.sent_at, zone), one.account, outcome, one.tracking_id, one.detail)
