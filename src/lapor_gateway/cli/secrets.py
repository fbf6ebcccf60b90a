"""`secrets set|list`: secrets come from a prompt, a file or standard input, never as an argument."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import moment, print_json, print_table, say
from lapor_gateway.errors import ConfigurationError

group = typer.Typer(help=text("help.secrets"), no_args_is_help=True, rich_markup_mode=None)
_LONGEST = 64 * 1024


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="secrets")


@group.command("set", **described("secrets set"))
def set_one(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=text("help.secrets.name"))],
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help=text("help.secrets.file"))
    ] = None,
    by: By = None,
) -> None:
    from lapor_gateway.book.vault import set_secret

    with gateway_of(context) as gateway:
        set_secret(gateway.book, name.removeprefix("secret:"), _value(name, file), by=person(by))
    say("secrets.set", name=name.removeprefix("secret:"))


@group.command("list", **described("secrets list"))
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    from lapor_gateway.book.vault import list_secrets
    from lapor_gateway.cli.secret_names import needed_secrets
    from lapor_gateway.clock import isoformat

    with gateway_of(context) as gateway:
        kept = {entry.name: entry.updated_at for entry in list_secrets(gateway.book)}
        needed = needed_secrets(gateway)
    names = sorted(kept.keys() | needed.keys())
    if as_json:
        print_json(
            [
                {"name": name, "set_at": isoformat(kept.get(name)), "used_by": needed.get(name, [])}
                for name in names
            ]
        )
    elif not names:
        say("secrets.none")
    else:
        rows = [(name, moment(kept.get(name)), ", ".join(needed.get(name, []))) for name in names]
        print_table(("name", "set", "used_by"), rows)


def _value(name: str, file: Path | None) -> str:
    """The secret, without the line end that files and pipes bring along. Raises `ConfigurationError`."""
    if file is not None:
        try:
            content = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"The file {file} cannot be read.", detail=type(error).__name__
            ) from None
    elif sys.stdin.isatty():
        content = typer.prompt(text("secrets.prompt", name=name), hide_input=True, confirmation_prompt=True)
    else:
        content = sys.stdin.read(_LONGEST + 1)
    value = content.rstrip("\r\n")
    if not value or len(value) > _LONGEST:
        raise ConfigurationError(
            f"The secret {name} is empty or longer than 64 KiB.",
            cure="Give it in a file, by a pipe or at the prompt.",
        )
    return value
