"""Help of the commands: what one does and an example, from the catalogue."""

from typing import TypedDict

from lapor_gateway.catalogue import text


class Described(TypedDict):
    """What Typer's `command()` takes."""

    help: str
    epilog: str


def described(command: str) -> Described:
    """Help and example of `command` ("channels go-live"); `\\b` keeps the example's line as it is."""
    example = text("help.example", example=text(f"example.{command}"))
    return {"help": text(f"help.{command}"), "epilog": f"\b\n{example}"}
