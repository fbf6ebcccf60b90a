"""The command line's door: global options, every command group, and the one place where errors become exit codes."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from lapor_gateway import __version__, catalogue
from lapor_gateway.catalogue import text
from lapor_gateway.cli import (
    accounts,
    archive,
    backup,
    channels,
    complaints,
    connectors,
    database,
    deadlines,
    doctor,
    findings,
    holds,
    init,
    keys,
    ledger,
    obstacles,
    push,
    reconcile,
    recovery,
    reporters,
    retention,
    rotation,
    secrets,
    serve,
    simulate,
    status,
    sync,
)
from lapor_gateway.cli.demo import command as demo
from lapor_gateway.cli.opening import Call
from lapor_gateway.cli.report import command as report
from lapor_gateway.cli.screen import complain, tell
from lapor_gateway.errors import ExitCode, GatewayError

_INTERRUPTED = 130
_PASSES_ON = "simulate"  # a simulator has a --data of its own


class GatewayGroup(TyperGroup):
    """Takes `--data DIR` and `--debug` before the command or anywhere after it."""

    def parse_args(self, ctx, args):  # type: ignore[no-untyped-def]
        return super().parse_args(ctx, hoisted(args))


app = typer.Typer(
    cls=GatewayGroup,
    help=text("help.app"),
    epilog=text("help.app.epilog"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _group in (
    sync,
    status,
    serve,
    init,
    demo,
    doctor,
    simulate,
    push,
    complaints,
    channels,
    findings,
    deadlines,
    reconcile,
    connectors,
):
    _group.add_to(app)
for _group in (reporters, retention, holds, archive, secrets, rotation, keys, accounts):
    _group.add_to(app)
for _group in (report, obstacles):
    _group.add_to(app)
for _group in (database, ledger, backup, recovery):
    _group.add_to(app)


def _tell_version(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


@app.callback()
def global_options(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help=text("help.data"))] = None,
    debug: Annotated[bool, typer.Option("--debug", help=text("help.debug"))] = False,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help=text("help.version"))
    ] = False,
) -> None:
    context.obj = Call(data, debug=debug)


def hoisted(words: Sequence[str]) -> list[str]:
    """The words of a command line with the global options first, wherever they stood."""
    first, rest = [], []
    left = list(words)
    while left:
        word = left.pop(0)
        if word in ("--", _PASSES_ON):
            rest += [word, *left]
            break
        if word == "--debug" or word.startswith("--data="):
            first.append(word)
        elif word == "--data" and left:
            first += [word, left.pop(0)]
        else:
            rest.append(word)
    return first + rest


def run(words: Sequence[str]) -> int:
    """Run one command line; its exit code. Only `--debug` lets a traceback through."""
    debug = "--debug" in words
    try:
        return int(app(args=list(words), prog_name="lapor-gateway", standalone_mode=False) or 0)
    except GatewayError as error:
        if debug:
            raise
        complain(catalogue.sentence(error.message), error.detail, catalogue.sentence(error.cure))
        return error.exit_code
    except TyperException as error:
        return _usage(error)
    except (KeyboardInterrupt, Abort):
        tell("interrupted.sync" if "sync" in words else "interrupted")
        return _INTERRUPTED
    except Exception as error:
        if debug:
            raise
        complain(text("error.unexpected"), f"{type(error).__name__}: {error}", text("error.unexpected.cure"))
        return ExitCode.NEEDS_A_PERSON


def _usage(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.format_message())
        return ExitCode.WRONG_USAGE
    command = context.command_path if context is not None else "lapor-gateway"
    complain(catalogue.sentence(error.format_message()), "", text("error.usage.cure", command=command))
    return ExitCode.WRONG_USAGE


def main() -> None:
    """The entry point `lapor-gateway`."""
    sys.exit(run(sys.argv[1:]))
