"""`complaints follow-up`: what an operator answers in the gateway itself."""

from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.decisions import Which
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import By, gateway_of, person
from lapor_gateway.cli.screen import say


def add_to(group: typer.Typer) -> None:
    group.command("follow-up", **described("complaints follow-up"))(follow_up)


def follow_up(
    context: typer.Context,
    which: Which,
    words: Annotated[str, typer.Option("--text", metavar="TEXT", help=text("help.follow_up.text"))],
    by: By = None,
) -> None:
    from lapor_gateway.book.queries import find_complaint
    from lapor_gateway.book.writing_follow_ups import write_follow_up

    with gateway_of(context) as gateway:
        number = write_follow_up(gateway.book, which, words, by=person(by))
        say("follow_up.kept", number=number, reference=find_complaint(gateway.book, which).reference)
