"""`recovery status|adopt|finish|take-over`: a book that was put back, and what a person decides about it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lapor_gateway.catalogue import sentence, text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person, run_async
from lapor_gateway.cli.screen import moment, print_json, say
from lapor_gateway.errors import ExitCode

if TYPE_CHECKING:
    from lapor_gateway.jobs.recovery import RecoveryStatus

group = typer.Typer(help=text("help.recovery"), no_args_is_help=True, rich_markup_mode=None)

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=text("help.recovery.reason"))]


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="recovery")


@group.command("status", **described("recovery status"))
def status(context: typer.Context, as_json: AsJson = False) -> int:
    from lapor_gateway.jobs.fence import meet
    from lapor_gateway.jobs.recovery import read_recovery

    with gateway_of(context) as gateway:
        run_async(lambda: meet(gateway))
        found = read_recovery(gateway)
    if as_json:
        print_json(found)
    else:
        _print(found)
    stands_well = found.standing in ("on", "off") and not found.held
    return ExitCode.DONE if stands_well else ExitCode.NEEDS_A_PERSON


@group.command("adopt", **described("recovery adopt"))
def adopt(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("help.recovery adopt.file"))],
    by: By = None,
) -> int:
    from lapor_gateway.jobs.recovery import adopt_from_export, read_recovery

    with gateway_of(context) as gateway:
        done = adopt_from_export(gateway, file, by=person(by))
        held = read_recovery(gateway).held
    say("recovery.adopted", adopted=done.adopted, doubted=done.doubted, held=held)
    return ExitCode.NEEDS_A_PERSON if held or done.doubted else ExitCode.DONE


@group.command("finish", **described("recovery finish"))
def finish(context: typer.Context, reason: Reason, by: By = None) -> None:
    from lapor_gateway.jobs.recovery import conclude

    with gateway_of(context) as gateway:
        held = conclude(gateway, by=person(by), reason=reason)
    say("recovery.finished", count=held)


@group.command("take-over", **described("recovery take-over"))
def take_over(context: typer.Context, reason: Reason, by: By = None) -> None:
    from lapor_gateway.book import standing
    from lapor_gateway.jobs.fence import meet

    with gateway_of(context) as gateway:
        run_async(lambda: meet(gateway))
        standing.take_over(gateway.book, by=person(by), reason=reason)
        run_async(lambda: meet(gateway))
    say("recovery.taken_over")


def _print(found: "RecoveryStatus") -> None:
    say(f"recovery.{found.standing}", epoch=found.epoch)
    if found.cause is not None:
        say(f"recovery.cause.{found.cause}", time=moment(found.since))
    if found.standing == "recovery" and found.announced_at is None:
        say("recovery.unannounced")
    for name, one in found.accounts.items():
        if one.cleared_at is not None:
            say("recovery.account.cleared", account=name, count=one.adopted)
        elif not one.can_look_up:
            say("recovery.account.no_look_up", account=name)
        elif one.trouble is not None:
            say("recovery.account.trouble", account=name, why=sentence(one.trouble))
        elif one.next_at is None:
            say("recovery.account.begins", account=name)
        else:
            say("recovery.account.waits", account=name, time=moment(one.next_at), count=one.adopted)
    if found.held:
        say("recovery.held", count=found.held)
