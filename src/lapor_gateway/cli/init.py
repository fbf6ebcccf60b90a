"""`init`: a commented configuration, an example region folder and a master key; never overwrites."""

from pathlib import Path
from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import call_of
from lapor_gateway.cli.screen import say
from lapor_gateway.cli.templates import CONFIGURATION, EXAMPLE_REGION
from lapor_gateway.errors import ConfigurationError

_EXAMPLE = Path("connectors") / "contoh"


def add_to(app: typer.Typer) -> None:
    app.command("init", **described("init"))(init)


def init(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help=text("help.init.dir"), show_default=False)
    ] = Path(),
) -> None:
    from lapor_gateway.book.crypto import write_key_file
    from lapor_gateway.settings import FILE_NAME

    data = call_of(context).asked_data_dir or folder / "data"
    if (data / "book.db").exists() and not (data / "secret.key").exists():
        raise ConfigurationError(
            f"The folder {data} holds a book without its master key; a new key could not read it.",
            cure="Put back the secret.key that belongs to this data folder, or name another folder.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    if (folder / _EXAMPLE.parent).is_dir():
        say("init.connectors_kept", path=folder / _EXAMPLE.parent)
    else:
        for name, content in EXAMPLE_REGION.items():
            _write(folder / _EXAMPLE / name, content)
    _write(folder / FILE_NAME, CONFIGURATION)
    try:
        write_key_file(data / "secret.key")
        say("init.key", path=data / "secret.key")
    except FileExistsError:
        say("init.kept", path=data / "secret.key")
    say("init.next", folder=folder.resolve(), file=folder / FILE_NAME, example=folder / _EXAMPLE)


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
        say("init.written", path=path)
    except FileExistsError:
        say("init.kept", path=path)
