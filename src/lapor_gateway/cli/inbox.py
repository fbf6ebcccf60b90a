"""`inbox`: complaints that citizens filed at LAPOR! itself, for a region's officers."""

from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, gateway_of
from lapor_gateway.cli.screen import moment, print_json, print_table, say
from lapor_gateway.cli.words import known_state

group = typer.Typer(help=text("help.inbox"), no_args_is_help=True, rich_markup_mode=None)
_TITLE = 48


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="inbox")


@group.callback()
def several() -> None:
    """A group also with a single command."""


@group.command("list", **described("inbox list"))
def list_all(
    context: typer.Context,
    region: Annotated[
        str | None, typer.Option("--region", metavar="WORD", help=text("help.inbox.region"))
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="WORD", help=text("help.inbox.state"))
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, metavar="N", help=text("help.complaints.limit"))] = 50,
    as_json: AsJson = False,
) -> None:
    from lapor_gateway.book.inbox import InboxState, list_inbox

    known_state(state, InboxState)
    with gateway_of(context) as gateway:
        found, more = list_inbox(gateway.book, region=region, state=state, limit=limit)
    if as_json:
        print_json(found)
        return
    if not found:
        say("inbox.none")
        return
    rows = [
        (one.tracking_id, one.region, one.state, one.status, moment(one.filed_at), one.title[:_TITLE])
        for one in found
    ]
    print_table(("tracking_id", "region", "state", "national_status", "filed", "title"), rows)
    if more:
        say("list.more", limit=limit)
