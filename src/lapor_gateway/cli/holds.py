"""`complaints legal-hold|legal-holds`, `channels legal-hold`: what nothing may erase until a person lifts it."""

from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli import channels, complaints
from lapor_gateway.cli.decisions import Reason, Which
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import moment, print_json, print_table, say

Lift = Annotated[bool, typer.Option("--lift", help=text("help.holds.lift"))]
Channel = Annotated[str, typer.Argument(metavar="CHANNEL", help=text("help.channel"))]


def add_to(_: typer.Typer) -> None:
    """Nothing of its own: its commands belong to the groups of complaints and channels."""


@complaints.group.command("legal-hold", **described("complaints legal-hold"))
def of_complaint(
    context: typer.Context, which: Which, lift: Lift = False, by: By = None, reason: Reason = None
) -> None:
    from lapor_gateway.book.holds import hold_complaint, release_complaint

    change = release_complaint if lift else hold_complaint
    with gateway_of(context) as gateway:
        subject = change(gateway.book, which, by=person(by), reason=reason or "")
    _tell(subject, lift=lift)


@channels.group.command("legal-hold", **described("channels legal-hold"))
def of_channel(
    context: typer.Context, channel: Channel, lift: Lift = False, by: By = None, reason: Reason = None
) -> None:
    from lapor_gateway.book.holds import hold_channel, release_channel

    change = release_channel if lift else hold_channel
    with gateway_of(context) as gateway:
        change(gateway.book, channel, by=person(by), reason=reason or "")
    _tell(channel, lift=lift)


@complaints.group.command("legal-holds", **described("complaints legal-holds"))
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    from lapor_gateway.book.holds import list_holds

    with gateway_of(context) as gateway:
        found = list_holds(gateway.book)
    if as_json:
        print_json(found)
    elif not found:
        say("holds.none")
    else:
        rows = [(hold.subject, moment(hold.at), hold.held_by, hold.reason) for hold in found]
        print_table(("subject", "since", "actor", "reason"), rows)


def _tell(subject: str, *, lift: bool) -> None:
    if lift:
        say("holds.lifted", subject=subject)
    else:
        say("holds.held", subject=subject)
