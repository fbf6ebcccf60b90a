"""`serve`: API and status page; on this machine also the schedule and the worker, until Ctrl-C."""

from typing import Annotated

import typer

from lapor_gateway import catalogue
from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import gateway_of
from lapor_gateway.cli.screen import tell


def add_to(app: typer.Typer) -> None:
    app.command("serve", **described("serve"))(serve)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help=text("help.serve.host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="PORT", help=text("help.port"))] = 8080,
    no_worker: Annotated[bool, typer.Option("--no-worker", help=text("help.serve.no_worker"))] = False,
) -> None:
    from lapor_gateway.api.principal import binding_rule
    from lapor_gateway.cli.serving import Service

    with gateway_of(context, with_world=True) as gateway:
        binding = binding_rule(gateway.book, host)
        with Service(gateway, host, port, with_worker=not no_worker) as service:
            tell("serve.begins", url=service.url, docs=f"{service.url}/docs")
            tell("serve.worker" if not no_worker else "serve.no_worker", channels=len(gateway.channels))
            if binding.sentence:
                tell("serve.binding", sentence=catalogue.sentence(binding.sentence))
            service.wait()
        tell("serve.ended")
