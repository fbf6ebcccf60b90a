"""`complaints list|show` and every decision of an operator: find one, read its journey, decide."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import print_json, print_json_line, print_table, say
from lapor_gateway.errors import ConfigurationError

group = typer.Typer(help=text("help.complaints"), no_args_is_help=True, rich_markup_mode=None)
_PAGE = 500
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
_TITLE = 48

Which = Annotated[str, typer.Argument(metavar="ID", help=text("help.complaints.which"))]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help=text("help.reason"))]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help=text("help.complaints.number"))]
Other = Annotated[str, typer.Argument(metavar="OTHER", help=text("help.complaints.other"))]
Word = Annotated[str | None, typer.Option(metavar="WORD")]
When = Annotated[
    datetime | None, typer.Option(formats=_FORMATS, metavar="TIME", help=text("help.complaints.time"))
]


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="complaints")


@group.command("list", **described("complaints list"))
def list_all(
    context: typer.Context,
    region: Word = None,
    channel: Word = None,
    origin: Word = None,
    source_id: Word = None,
    tracking_id: Word = None,
    reference: Word = None,
    state: Annotated[str | None, typer.Option(metavar="WORD", help=text("help.complaints.state"))] = None,
    waiting_for: Annotated[
        str | None, typer.Option(metavar="WORD", help=text("help.complaints.waiting"))
    ] = None,
    kind: Word = None,
    national_status: Word = None,
    q: Annotated[str | None, typer.Option("--q", metavar="TEXT", help=text("help.complaints.q"))] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=_FORMATS, metavar="TIME", help=text("help.complaints.from")),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=_FORMATS, metavar="TIME", help=text("help.complaints.to")),
    ] = None,
    updated_since: When = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help=text("help.complaints.limit"))] = 50,
    as_json: AsJson = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help=text("help.jsonl"))] = False,
) -> None:
    from lapor_gateway.book.queries import ComplaintFilter, list_complaints

    wanted = ComplaintFilter(
        region=region,
        channel=channel,
        origin=origin,
        source_id=source_id,
        tracking_id=tracking_id,
        reference=reference,
        state=_known_state(state),
        waiting_for=waiting_for,
        kind=kind,
        national_status=national_status,
        q=q,
        since=_aware(since),
        until=_aware(until),
        updated_since=_aware(updated_since),
    )
    with gateway_of(context) as gateway:
        left, cursor, found = limit, None, []
        while True:
            size = _PAGE if jsonl else min(left, _PAGE)
            rows, cursor = list_complaints(gateway.book, wanted, limit=size, cursor=cursor)
            if jsonl:
                for row in rows:
                    print_json_line(row)
            else:
                found += rows
                left -= len(rows)
            if cursor is None or (not jsonl and left <= 0):
                break
    if jsonl:
        return
    if as_json:
        print_json(found)
    elif not found:
        say("complaints.none")
    else:
        rows_shown = [
            (
                one.id,
                one.reference,
                one.channel,
                one.source_id,
                one.state,
                one.reason,
                one.tracking_id,
                _short(one.title),
            )
            for one in found
        ]
        headings = ("id", "reference", "channel", "source_id", "state", "reason", "tracking_id", "title")
        print_table(headings, rows_shown, numbers=("id",))
        if cursor is not None:
            say("list.more", limit=limit)


@group.command("show", **described("complaints show"))
def show(
    context: typer.Context,
    which: Which,
    reveal: Annotated[bool, typer.Option("--reveal", help=text("help.complaints.reveal"))] = False,
    by: By = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    from lapor_gateway.book.journey import journey, note_reveal
    from lapor_gateway.cli.journeys import print_journey

    with gateway_of(context) as gateway:
        if reveal:
            note_reveal(gateway.book, which, by=person(by), reason=reason or "")
        whole = journey(gateway.book, which, reveal=reveal)
        if as_json:
            print_json(whole)
        else:
            region = gateway.regions.get(whole.complaint.region)
            print_journey(whole, region.zone if region else None)


def _decide(
    context: typer.Context, which: str, verb: str, by: str | None, reason: str | None = None,
    *, number: str | None = None, other: str | None = None,
) -> None:  # fmt: skip
    from lapor_gateway.book.decisions import Verb, decide
    from lapor_gateway.book.queries import find_complaint
    from lapor_gateway.jobs.pull import pass_gate

    with gateway_of(context) as gateway:
        identifier = decide(
            gateway.book, which, Verb(verb), by=person(by), reason=reason, number=number, other=other
        )
        pass_gate(gateway)
        now = find_complaint(gateway.book, identifier)
    say("complaints.decided", reference=now.reference, state=now.state, reason=now.reason or "-")


@group.command("replay", **described("complaints replay"))
def replay(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "replay", by, reason)


@group.command("hold", **described("complaints hold"))
def hold(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "hold", by, reason)


@group.command("release", **described("complaints release"))
def release(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "release", by, reason)


@group.command("include", **described("complaints include"))
def include(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "include", by, reason)


@group.command("set-aside", **described("complaints set-aside"))
def set_aside(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "set_aside", by, reason)


@group.command("link", **described("complaints link"))
def link(context: typer.Context, which: Which, other: Other, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "link", by, reason, other=other)


@group.command("split", **described("complaints split"))
def split(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "split", by, reason)


@group.command("withdraw", **described("complaints withdraw"))
def withdraw(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "withdraw", by, reason)


@group.command("restore", **described("complaints restore"))
def restore(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "restore", by, reason)


@group.command("adopt", **described("complaints adopt"))
def adopt(context: typer.Context, which: Which, number: Number, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "adopt", by, reason, number=number)


@group.command("resend", **described("complaints resend"))
def resend(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "resend", by, reason)


@group.command("give-up", **described("complaints give-up"))
def give_up(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "give_up", by, reason)


@group.command("number", **described("complaints number"))
def number_(
    context: typer.Context, which: Which, number: Number, by: By = None, reason: Reason = None
) -> None:
    _decide(context, which, "number", by, reason, number=number)


@group.command("undo", **described("complaints undo"))
def undo(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> None:
    _decide(context, which, "undo", by, reason)


def _known_state(state: str | None) -> str | None:
    from lapor_gateway.domain.lifecycle import State

    known = [*State, "pending"]
    if state is not None and state not in known:
        raise ConfigurationError(f"There is no state {state}.", cure=f"Known are: {', '.join(known)}.")
    return state


def _aware(moment: datetime | None) -> datetime | None:
    """A time without an offset means the machine's own zone, as the person typing it does."""
    return (
        None if moment is None else moment.astimezone() if moment.tzinfo is None else moment.astimezone(UTC)
    )


def _short(title: str | None) -> str:
    words = " ".join((title or "").split())
    return words if len(words) <= _TITLE else words[: _TITLE - 1] + "…"
