"""`backup` and `restore`: the whole book in one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import call_of, gateway_of
from lapor_gateway.cli.screen import moment, say, tell
from lapor_gateway.errors import ExitCode

_MEGABYTE = 1_000_000


def add_to(app: typer.Typer) -> None:
    app.command("backup", **described("backup"))(backup)
    app.command("restore", **described("restore"))(restore)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("help.backup.file"))],
) -> None:
    from lapor_gateway.jobs.backup import back_up

    settings = call_of(context).settings
    with gateway_of(context) as gateway:
        done = back_up(gateway.book, file)
    say("backup.done", file=done.file, size=f"{done.size / _MEGABYTE:.1f}", entries=done.entries)
    if settings.secret_key is not None:
        tell("backup.key.environment")
    else:
        tell("backup.key", key=settings.key_file)
    tell("backup.witness")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("help.restore.file"))],
    training: Annotated[bool, typer.Option("--training", help=text("help.restore.training"))] = False,
) -> int:
    from lapor_gateway.jobs import backup as job

    settings = call_of(context).settings
    done = job.restore(settings, file, training=training)
    say("restore.done", book=done.book, time=moment(done.at), entries=done.entries)
    if training:
        say("restore.training")
        return ExitCode.DONE
    say("restore.next")
    return ExitCode.DONE
