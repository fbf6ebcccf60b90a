"""`deliveries`: what is on its way to a region's application or to LAPOR!, and a person's decision about one."""

from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import moment, print_json, print_table, say
from lapor_gateway.cli.words import known_state
from lapor_gateway.errors import ExitCode

group = typer.Typer(help=text("help.deliveries"), no_args_is_help=True, rich_markup_mode=None)
_CHOICES = ("replay", "confirm", "drop")

Number = Annotated[int, typer.Argument(metavar="ID", help=text("help.deliveries.id"))]
Because = Annotated[str, typer.Option("--reason", metavar="TEXT", help=text("help.reason"))]


def add_to(app: typer.Typer) -> None:
    for word in _CHOICES:
        _add_choice(word)
    app.add_typer(group, name="deliveries")


@group.command("list", **described("deliveries list"))
def list_all(
    context: typer.Context,
    state: Annotated[
        str | None, typer.Option("--state", metavar="WORD", help=text("help.deliveries.state"))
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="NAME", help=text("help.deliveries.target"))
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, metavar="N", help=text("help.complaints.limit"))] = 50,
    as_json: AsJson = False,
) -> None:
    from lapor_gateway.book.deliveries import list_deliveries
    from lapor_gateway.book.parcels import ParcelState

    known_state(state, ParcelState)
    with gateway_of(context) as gateway:
        found, more = list_deliveries(gateway.book, state=state, target=target, limit=limit)
    if as_json:
        print_json(found)
        return
    if not found:
        say("deliveries.none")
        return
    rows = [
        (one.id, one.direction, one.target, one.kind, one.reference, one.state, one.attempts, moment(one.made_at),
         one.reason)
        for one in found
    ]  # fmt: skip
    headings = ("id", "direction", "target", "kind", "reference", "state", "attempts", "since", "reason")
    print_table(headings, rows, numbers=("id", "attempts"))
    if more:
        say("list.more", limit=limit)


def _add_choice(word: str) -> None:
    @group.command(word, **described(f"deliveries {word}"))
    def decide(context: typer.Context, which: Number, reason: Because, by: By = None) -> int:
        from lapor_gateway.book.deliveries import Choice, decide_delivery, find_delivery

        with gateway_of(context) as gateway:
            decide_delivery(gateway.book, which, Choice(word), by=person(by), reason=reason)
            say("deliveries.decided", id=which, state=find_delivery(gateway.book, which).state)
        return ExitCode.DONE
