"""`obstacles`: what keeps the regions from being heard at LAPOR!, who cares for it, and how it ended."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import moment, print_json, print_table, say
from lapor_gateway.errors import ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from lapor_gateway.book.obstacles import ObstacleView

group = typer.Typer(help=text("help.obstacles"), no_args_is_help=True, rich_markup_mode=None)

Number = Annotated[int, typer.Argument(metavar="ID", help=text("help.obstacles.id"))]
Owner = Annotated[str | None, typer.Option("--owner", metavar="NAME", help=text("help.obstacles.owner"))]
Commitment = Annotated[
    str | None, typer.Option("--commitment", metavar="TEXT", help=text("help.obstacles.commitment"))
]
Due = Annotated[str | None, typer.Option("--due", metavar="DAY", help=text("help.obstacles.due"))]


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="obstacles")


@group.command("list", **described("obstacles list"))
def list_all(
    context: typer.Context,
    region: Annotated[
        str | None, typer.Option("--region", metavar="REGION", help=text("help.report.region"))
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=text("help.obstacles.all"))] = False,
    as_json: AsJson = False,
) -> None:
    from lapor_gateway.book.obstacles import list_obstacles
    from lapor_gateway.domain.obstacles import ObstacleState
    from lapor_gateway.jobs.obstacles import look_for_obstacles

    with gateway_of(context) as gateway:
        look_for_obstacles(gateway)
        state = None if every else ObstacleState.OPEN
        found = list_obstacles(gateway.book, state=state, region=region)
    if as_json:
        print_json(found)
    else:
        print_obstacles(found)


def print_obstacles(found: "list[ObstacleView]") -> None:
    """The obstacles as a table, or that there are none."""
    from lapor_gateway.cli.report.wording import obstacle_text

    if not found:
        say("obstacles.none")
        return
    rows = [
        (one.id, one.region, one.channel, obstacle_text(one), moment(one.since)[:10], one.owner, one.commitment,
         one.due_on, one.outcome or (text("obstacle.resolved") if one.state == "resolved" else None))
        for one in found
    ]  # fmt: skip
    headings = ("id", "region", "channel", "obstacle", "since", "owner", "commitment", "due", "outcome")
    print_table(headings, rows, numbers=("id",))


@group.command("add", **described("obstacles add"))
def add(
    context: typer.Context,
    region: Annotated[str, typer.Argument(metavar="REGION", help=text("help.report.region"))],
    description: Annotated[str, typer.Argument(metavar="TEXT", help=text("help.obstacles.description"))],
    owner: Owner = None,
    commitment: Commitment = None,
    due: Due = None,
    by: By = None,
) -> None:
    from lapor_gateway.book.obstacles import add_obstacle

    due_on = _day(due)
    with gateway_of(context) as gateway:
        if region not in gateway.regions:
            raise NotFoundError(
                f"There is no region {region}.", cure="`lapor-gateway channels list` shows the regions."
            )
        promised = {"owner": owner, "commitment": commitment}
        number = add_obstacle(
            gateway.book, region=region, description=description, by=person(by), due_on=due_on, **promised
        )
    say("obstacles.added", id=number)


@group.command("assign", **described("obstacles assign"))
def assign(
    context: typer.Context,
    number: Number,
    owner: Owner = None,
    commitment: Commitment = None,
    due: Due = None,
    by: By = None,
) -> None:
    from lapor_gateway.book.obstacles import assign_obstacle

    due_on = _day(due)
    with gateway_of(context) as gateway:
        promised = {"owner": owner, "commitment": commitment}
        assign_obstacle(gateway.book, number, by=person(by), due_on=due_on, **promised)
    say("obstacles.assigned", id=number)


@group.command("resolve", **described("obstacles resolve"))
def resolve(
    context: typer.Context,
    number: Number,
    outcome: Annotated[str, typer.Option("--outcome", metavar="TEXT", help=text("help.obstacles.outcome"))],
    by: By = None,
) -> None:
    from lapor_gateway.book.obstacles import resolve_obstacle

    with gateway_of(context) as gateway:
        resolve_obstacle(gateway.book, number, by=person(by), outcome=outcome)
    say("obstacles.resolved", id=number)


def _day(words: str | None) -> date | None:
    try:
        return None if words is None else date.fromisoformat(words)
    except ValueError:
        raise ConfigurationError(f"--due {words!r} is no day.", cure="Write it as 2026-04-30.") from None
