"""`complaints list|show`: find complaints, read the journey of one."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli import follow_up, hand_entry, settling, verbs
from lapor_gateway.cli.decisions import Reason, Which
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import print_json, print_json_line, print_table, say
from lapor_gateway.cli.times import time_of
from lapor_gateway.cli.words import known_state
from lapor_gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from lapor_gateway.book.queries import ComplaintFilter, ComplaintView
    from lapor_gateway.jobs.gateway import Gateway

group = typer.Typer(help=text("help.complaints"), no_args_is_help=True, rich_markup_mode=None)
_PAGE = 500
_TITLE = 48

Word = Annotated[str | None, typer.Option(metavar="WORD")]
InState = Annotated[str | None, typer.Option("--state", metavar="WORD", help=text("help.complaints.state"))]
Waiting = Annotated[
    str | None, typer.Option("--waiting-for", metavar="WORD", help=text("help.complaints.waiting"))
]
Words = Annotated[str | None, typer.Option("--q", metavar="TEXT", help=text("help.complaints.q"))]
From = Annotated[str | None, typer.Option("--from", metavar="TIME", help=text("help.complaints.from"))]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help=text("help.complaints.to"))]
Limit = Annotated[int, typer.Option(min=1, metavar="N", help=text("help.complaints.limit"))]
Lines = Annotated[bool, typer.Option("--jsonl", help=text("help.jsonl"))]
When = Annotated[str | None, typer.Option(metavar="TIME", help=text("help.complaints.time"))]


def add_to(app: typer.Typer) -> None:
    settling.add_to(group)
    hand_entry.add_to(group)
    verbs.add_to(group)
    follow_up.add_to(group)
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
    state: InState = None,
    waiting_for: Waiting = None,
    kind: Word = None,
    national_status: Word = None,
    q: Words = None,
    since: From = None,
    until: To = None,
    updated_since: When = None,
    limit: Limit = 50,
    as_json: AsJson = False,
    jsonl: Lines = False,
) -> None:
    from lapor_gateway.book.queries import ComplaintFilter
    from lapor_gateway.domain.lifecycle import State

    words = (
        region,
        channel,
        origin,
        source_id,
        tracking_id,
        reference,
        known_state(state, [*State, "pending"]),
    )
    with gateway_of(context) as gateway:
        known = gateway.regions.get(region or "")
        zone = known.zone if known else None
        times = (
            time_of("--from", since, zone),
            time_of("--to", until, zone, end=True),
            time_of("--updated-since", updated_since, zone),
        )
        wanted = ComplaintFilter(*words, waiting_for, kind, national_status, q, *times)
        if jsonl:
            for row in _found(gateway, wanted, None):
                print_json_line(row)
            return
        found = list(_found(gateway, wanted, limit + 1))
    if as_json:
        print_json(found[:limit])
    else:
        _print_list(found[:limit], limit, more=len(found) > limit)


def _found(gateway: "Gateway", wanted: "ComplaintFilter", most: int | None) -> "Iterator[ComplaintView]":
    """Complaints from every page; at most `most` of them."""
    from lapor_gateway.book.queries import list_complaints

    cursor, left = None, most
    while left is None or left > 0:
        size = _PAGE if left is None else min(left, _PAGE)
        rows, cursor = list_complaints(gateway.book, wanted, limit=size, cursor=cursor)
        yield from rows
        left = None if left is None else left - len(rows)
        if cursor is None:
            return


def _print_list(found: "Sequence[ComplaintView]", limit: int, *, more: bool) -> None:
    if not found:
        say("complaints.none")
        return
    rows = [
        (c.id, c.reference, c.channel, c.source_id, c.state, c.reason, c.tracking_id, _short(c.title))
        for c in found
    ]
    headings = ("id", "reference", "channel", "source_id", "state", "reason", "tracking_id", "title")
    print_table(headings, rows, numbers=("id",))
    if more:
        say("list.more", limit=limit)


@group.command("show", **described("complaints show"))
def show(
    context: typer.Context,
    which: Which,
    reveal: Annotated[bool, typer.Option("--reveal", help=text("help.complaints.reveal"))] = False,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help=text("help.at"))] = None,
    by: By = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    from lapor_gateway.book.journey import journey, note_reveal
    from lapor_gateway.cli.journeys import print_journey

    with gateway_of(context) as gateway:
        if at is not None:
            if reveal:
                raise ConfigurationError(
                    "--at and --reveal do not go together.", cure="Leave one of them out."
                )
            _show_then(gateway, which, at, as_json=as_json)
            return
        if reveal:
            note_reveal(gateway.book, which, by=person(by), reason=reason or "")
        whole = journey(gateway.book, which, reveal=reveal)
        if as_json:
            print_json(whole)
        else:
            region = gateway.regions.get(whole.complaint.region)
            print_journey(whole, region.zone if region else None)


def _show_then(gateway: "Gateway", which: str, at: str, *, as_json: bool) -> None:
    """What the gateway knew of a complaint at a time that has been."""
    from lapor_gateway.book.past import complaint_at
    from lapor_gateway.book.queries import find_complaint
    from lapor_gateway.cli.journeys import print_past
    from lapor_gateway.cli.times import instant_of

    region = gateway.regions.get(find_complaint(gateway.book, which).region)
    zone = region.zone if region else None
    found = complaint_at(gateway.book, which, instant_of(gateway, at, zone))
    if as_json:
        print_json(found)
    else:
        print_past(found, zone)


def _short(title: str | None) -> str:
    words = " ".join((title or "").split())
    return words if len(words) <= _TITLE else words[: _TITLE - 1] + "…"
