"""`secrets rotate-master|rotate-index`: new keys while the gateway runs; safe to break off and run again."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lapor_gateway.cli import secrets
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import By, gateway_of, person
from lapor_gateway.cli.screen import moment, say, tell
from lapor_gateway.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from lapor_gateway.settings import Settings

_TOLD_EVERY = 10_000


def add_to(_: typer.Typer) -> None:
    """Nothing of its own: its commands belong to the group of secrets."""


@secrets.group.command("rotate-master", **described("secrets rotate-master"))
def rotate_master(context: typer.Context, by: By = None) -> int:
    from lapor_gateway.book.rotating import note_rotation, rewrap_all

    with gateway_of(context) as gateway:
        settings, book = gateway.settings, gateway.book
        if book.master.count < 2:
            _begin(settings)
            book.master.refresh()
            if not book.is_sqlite:
                say("rotate.copy", path=settings.key_file)
                return ExitCode.NEEDS_A_PERSON
        moved = rewrap_all(book, _progress)
        left = rewrap_all(book, _progress) if moved else 0
        if moved:
            note_rotation(book, by=person(by), moved=moved)
        ready_at = _known_everywhere_at(settings)
        if moved or left or gateway.clock.now() < ready_at:
            say("rotate.master.again", count=moved, at=moment(max(ready_at, gateway.clock.now())))
            return ExitCode.NEEDS_A_PERSON
    say("rotate.master.done", place=_place(settings))
    return ExitCode.DONE


@secrets.group.command("rotate-index", **described("secrets rotate-index"))
def rotate_index(context: typer.Context, by: By = None) -> int:
    from lapor_gateway.book.rotating import begin_index_rotation, index_anew

    with gateway_of(context) as gateway:
        begin_index_rotation(gateway.book, by=person(by))
        done = index_anew(gateway.book, _progress)
    if done.done:
        say("rotate.index.done", count=done.changed)
        return ExitCode.DONE
    say("rotate.index.again", count=done.changed)
    return ExitCode.NEEDS_A_PERSON


def _begin(settings: "Settings") -> None:
    """A new key on top of the file. Raises `ConfigurationError` where the key is no file of ours to change."""
    from lapor_gateway.book.crypto import add_key_on_top

    if settings.secret_key is not None:
        raise ConfigurationError(
            "The master key comes from the environment, which this command cannot change.",
            cure="Set LAPOR_GATEWAY_SECRET_KEY to a new key, a comma and the present one, restart all, run it again.",
        )
    try:
        add_key_on_top(settings.key_file)
    except OSError as error:
        raise ConfigurationError(
            f"The master key {settings.key_file} cannot be written.",
            detail=type(error).__name__,
            cure="Run this as the user whom the file belongs to.",
        ) from None
    say("rotate.begun", path=settings.key_file)


def _known_everywhere_at(settings: "Settings") -> int:
    """When every running process has read the file anew (microseconds); of the environment nothing is known."""
    from lapor_gateway.book.rotating import SETTLES_AFTER

    file: Path = settings.key_file
    if settings.secret_key is not None or not file.exists():
        return 0
    return file.stat().st_mtime_ns // 1000 + SETTLES_AFTER


def _place(settings: "Settings") -> str:
    return "LAPOR_GATEWAY_SECRET_KEY" if settings.secret_key is not None else str(settings.key_file)


def _progress(count: int) -> None:
    if count and count % _TOLD_EVERY == 0:
        tell("rotate.progress", count=count)
