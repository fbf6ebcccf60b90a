"""`simulate national|region`: the simulators on their own, as processes that know nothing of the gateway."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import call_of
from lapor_gateway.shipped import shipped

_OPEN = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
_ENDING = frozenset({"--advance", "--describe"})
Words = Annotated[list[str] | None, typer.Argument(metavar="[OPTIONS]…", help=text("help.simulate.words"))]

group = typer.Typer(help=text("help.simulate"), no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="simulate")


@group.command("national", context_settings=_OPEN, **described("simulate national"))
def national(words: Words = None) -> None:
    _become("national", words or [])


@group.command("region", context_settings=_OPEN, **described("simulate region"))
def region(context: typer.Context, words: Words = None) -> None:
    given = words or []
    helping = "--help" in given or not given
    if not helping and not any(word == "--data" or word.startswith("--data=") for word in given):
        given = [*given, "--data", str(call_of(context).settings.data_dir / "simulators" / _folder_of(given))]
    if not helping and not _ENDING.intersection(given):
        given = [*given, "--page"]  # who starts it by hand wants to look at it
    _become("region", given if helping else [_found(given[0]), *given[1:]])


def _found(folder: str) -> str:
    """The folder itself, or else the one of that name that came with this installation."""
    ours = shipped("connectors") / Path(folder).name
    return str(ours) if not Path(folder).is_dir() and ours.is_dir() else folder


def _folder_of(words: list[str]) -> str:
    return Path(words[0]).resolve().name


def _become(simulator: str, words: list[str]) -> None:
    """This process becomes the simulator: signals, exit code and output are its own."""
    sys.stdout.flush()
    module = f"lapor_gateway.simulators.{simulator}"
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, *words])  # noqa: S606 - our own module, no shell
