"""`push stop` and `push start`: the one switch for everything outgoing."""

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import By, gateway_of, person
from lapor_gateway.cli.screen import say

group = typer.Typer(help=text("help.push"), no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="push")


@group.command("stop", **described("push stop"))
def stop(context: typer.Context, by: By = None) -> None:
    _switch(context, on=False, by=person(by))
    say("push.stopped")


@group.command("start", **described("push start"))
def start(context: typer.Context, by: By = None) -> None:
    _switch(context, on=True, by=person(by))
    say("push.started")


def _switch(context: typer.Context, *, on: bool, by: str) -> None:
    from lapor_gateway.book.decisions import set_push

    with gateway_of(context) as gateway:
        set_push(gateway.book, on, by=by)
