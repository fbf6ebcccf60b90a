"""`findings list` and `findings accept`: what a person should know, and the decision that it is no fault."""

from typing import TYPE_CHECKING, Annotated

import typer

from lapor_gateway.catalogue import is_known, text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import moment, print_json, print_table, say
from lapor_gateway.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from lapor_gateway.book.database import Book

group = typer.Typer(help=text("help.findings"), no_args_is_help=True, rich_markup_mode=None)
_MOST = 500


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="findings")


@group.command("list", **described("findings list"))
def list_all(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help=text("help.findings.kind"))] = None,
    channel: Annotated[str | None, typer.Option(metavar="CHANNEL", help=text("help.channel"))] = None,
    closed: Annotated[bool, typer.Option("--closed", help=text("help.findings.closed"))] = False,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.book.queries import list_findings

    with gateway_of(context) as gateway:
        state = None if closed else "open"
        found, more = list_findings(gateway.book, state=state, kind=kind, channel=channel, limit=_MOST)
        zones = {str(name): manifest.zone for name, manifest in gateway.channels.items()}
    if as_json:
        print_json(found)
    elif not found:
        say("findings.none")
    else:
        rows = [
            (
                one.id,
                one.kind,
                one.channel,
                one.subject,
                one.state,
                moment(one.opened_at, zones.get(str(one.channel))),
            )
            for one in found
        ]
        print_table(("id", "kind", "channel", "subject", "state", "since"), rows, numbers=("id",))
        for kind_seen in sorted({one.kind for one in found}):
            if is_known(f"finding.{kind_seen}"):
                say(f"finding.{kind_seen}")
        if more:
            say("list.more", limit=_MOST)
    needs_a_person = any(one.state == "open" for one in found)
    return ExitCode.NEEDS_A_PERSON if needs_a_person else ExitCode.DONE


def _open_ones(book: "Book", kind: str, channel: str | None) -> list[int]:
    """The numbers of all open findings of a kind."""
    from lapor_gateway.book.queries import list_findings

    found: list[int] = []
    cursor: str | None = None
    while True:
        rows, cursor = list_findings(book, kind=kind, channel=channel, limit=_MOST, cursor=cursor)
        found += [one.id for one in rows]
        if cursor is None:
            return found


@group.command("accept", **described("findings accept"))
def accept(
    context: typer.Context,
    reason: Annotated[str, typer.Option(metavar="TEXT", help=text("help.reason"))],
    finding: Annotated[
        list[int] | None, typer.Argument(metavar="[ID]…", help=text("help.findings.id"))
    ] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help=text("help.findings.kind_all"))] = None,
    channel: Annotated[str | None, typer.Option(metavar="CHANNEL", help=text("help.channel"))] = None,
    by: By = None,
) -> None:
    from lapor_gateway.book.decisions import accept_finding

    if bool(finding) == (kind is not None):
        raise ConfigurationError(
            "Name findings by their numbers, or all of one kind with --kind.",
            cure="`lapor-gateway findings list` shows both.",
        )
    with gateway_of(context) as gateway:
        for identifier in finding or _open_ones(gateway.book, str(kind), channel):
            accept_finding(gateway.book, identifier, by=person(by), reason=reason)
            say("findings.accepted", id=identifier)
