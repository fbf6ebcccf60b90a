"""`demo`: four simulated regions into a simulated LAPOR!, a summary that must balance, then API and status page."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, call_of
from lapor_gateway.errors import ConfigurationError, ExitCode

_USUAL = 400


def add_to(app: typer.Typer) -> None:
    app.command("demo", **described("demo"))(demo)


def demo(
    context: typer.Context,
    complaints: Annotated[int, typer.Option(min=1, metavar="N", help=text("help.demo.complaints"))] = _USUAL,
    seed: Annotated[int, typer.Option(metavar="S", help=text("help.demo.seed"))] = 1,
    no_serve: Annotated[bool, typer.Option("--no-serve", help=text("help.demo.no_serve"))] = False,
    national_url: Annotated[
        str | None, typer.Option(metavar="URL", help=text("help.demo.national_url"))
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="PORT", help=text("help.port"))] = 8080,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.cli.demo.plan import plan_for
    from lapor_gateway.cli.demo.run import Demo
    from lapor_gateway.settings import PREFIX
    from lapor_gateway.settings_sections import is_loopback

    if national_url is not None and not is_loopback(national_url):
        raise ConfigurationError(
            "The demo speaks to loopback addresses only, never to the real LAPOR!.",
            cure="Give an address such as http://127.0.0.1:8090, or leave --national-url out.",
        )
    folder = call_of(context).asked_data_dir or Path(os.environ.get(f"{PREFIX}DATA_DIR") or "data")
    plan = plan_for(folder.absolute(), complaints, seed, national_url)
    # With --json the one object is all that standard output gets.
    talk = sys.stderr if as_json else sys.stdout
    balanced, code = Demo(folder.absolute(), plan, talk=talk, port=port).run(
        serve=not no_serve, as_json=as_json
    )
    return ExitCode.DONE if balanced else code
