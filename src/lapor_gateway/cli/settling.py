"""`complaints settle` and `complaints candidates`: doubts settled at once by LAPOR!'s spreadsheet, or one by one."""

from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lapor_gateway.catalogue import is_known, text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person, run_async
from lapor_gateway.cli.screen import moment, print_json, print_table, say
from lapor_gateway.cli.times import time_of
from lapor_gateway.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from lapor_gateway.jobs.candidates import Candidate, Candidates
    from lapor_gateway.jobs.settle_by_export import ExportSettled, Settlement

_MOST_SHOWN = 50

Export = Annotated[Path, typer.Option("--national", metavar="FILE", help=text("help.national_file"))]
TakenAt = Annotated[str | None, typer.Option("--taken-at", metavar="TIME", help=text("help.settle.taken_at"))]


def add_to(group: typer.Typer) -> None:
    group.command("settle", **described("complaints settle"))(settle)
    group.command("candidates", **described("complaints candidates"))(candidates)


def settle(
    context: typer.Context,
    national: Export,
    account: Annotated[
        str | None, typer.Option("--account", metavar="NAME", help=text("help.settle.account"))
    ] = None,
    taken_at: TakenAt = None,
    adopt_edited: Annotated[
        bool, typer.Option("--adopt-edited", help=text("help.settle.adopt_edited"))
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("help.settle.dry_run"))] = False,
    by: By = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help=text("help.reason"))] = None,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.jobs.settle_by_export import OPEN, settle_by_export

    if adopt_edited and not (reason or "").strip():
        raise ConfigurationError("`--adopt-edited` needs a reason.", cure='Add --reason "…".')
    with gateway_of(context) as gateway:
        done = settle_by_export(
            gateway,
            national,
            by=person(by),
            account=account,
            taken_at=time_of("--taken-at", taken_at),
            adopt_edited=reason if adopt_edited else None,
            dry_run=dry_run,
        )
    if as_json:
        print_json(done)
    else:
        print_settled(done)
    return ExitCode.NEEDS_A_PERSON if done.count(*OPEN) else ExitCode.DONE


def print_settled(done: "ExportSettled") -> None:
    """What the file was, what it settled, and what is still open and why."""
    from lapor_gateway.jobs.settle_by_export import OPEN, Verdict

    say("settle.file", file=done.file, rows=done.rows, oldest=moment(done.oldest), newest=moment(done.newest))
    for fault, count in done.faults.items():
        if count:
            rows = ", ".join(str(one.row) for one in done.named if one.fault == fault)
            say(f"settle.fault.{fault}", count=count, rows=rows)
    if done.dry_run:
        say("settle.dry_run")
    for verdict in Verdict:
        if done.count(verdict):
            say(f"settle.{verdict}", count=done.count(verdict))
    if not done.settlements:
        say("settle.nothing")
    _print_open([one for one in done.settlements if one.verdict in OPEN])


def _print_open(still_open: "list[Settlement]") -> None:
    if not still_open:
        return
    rows = [
        (one.reference, one.channel, ", ".join(one.tracking_ids) or "-", one.why)
        for one in still_open[:_MOST_SHOWN]
    ]
    print_table(("reference", "channel", "tracking_id", "reason"), rows)
    if len(still_open) > _MOST_SHOWN:
        say("list.more", limit=_MOST_SHOWN)
    for why in sorted({(one.why or "").partition(":")[0] for one in still_open}):
        if is_known(f"reason.{why}"):
            say(f"reason.{why}")


def candidates(
    context: typer.Context,
    which: Annotated[str, typer.Argument(metavar="ID", help=text("help.complaints.which"))],
    national: Annotated[
        Path | None, typer.Option("--national", metavar="FILE", help=text("help.national_file"))
    ] = None,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.jobs.candidates import candidates as look

    with gateway_of(context, with_world=national is None) as gateway:
        found = run_async(lambda: look(gateway, which, export=national))
        region = gateway.regions.get(found.complaint.region)
    if as_json:
        print_json(found)
    else:
        print_candidates(found, region.zone if region else None)
    return ExitCode.OUT_OF_REACH if found.trouble is not None else ExitCode.DONE


def print_candidates(found: "Candidates", zone: tzinfo | None) -> None:
    """What was sent, then each report that may be it, with the words that differ."""
    one = found.complaint
    say("candidates.complaint", reference=one.reference, state=one.state, reason=one.reason or "-")
    for sent in found.sent:
        outcome = sent.outcome or text("journey.under_way")
        say("candidates.sent", number=sent.number, at=moment(sent.sent_at, zone), outcome=outcome)
    sent_text = next((sent.text for sent in reversed(found.sent) if sent.text is not None), None)
    if found.sent:
        print(sent_text or text("journey.no_text"))
    print()
    if found.trouble is not None:
        say("candidates.trouble", why=found.trouble)
    elif found.asked is None:
        say("candidates.not_asked")
    elif not found.candidates:
        say(f"candidates.none.{found.asked}")
    for candidate in found.candidates:
        _print_candidate(candidate, zone)


def _print_candidate(candidate: "Candidate", zone: tzinfo | None) -> None:
    like = text(f"likeness.{candidate.likeness}")
    say("candidates.one", number=candidate.tracking_id, likeness=like, status=candidate.status or "-",
        at=moment(candidate.created_at, zone))  # fmt: skip
    if candidate.belongs_to is not None:
        say("candidates.belongs_to", reference=candidate.belongs_to)
    print(candidate.text or text("journey.no_text"))
    for difference in candidate.differences:
        print(f"  - {difference.ours or '∅'}")
        print(f"  + {difference.theirs or '∅'}")
    print()
