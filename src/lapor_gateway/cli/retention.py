"""`retention`: what the rules of the settings say is due; shown, approved by a person, erased."""

from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.decisions import Yes
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import moment, print_json, print_table, say
from lapor_gateway.errors import ConfigurationError


def add_to(app: typer.Typer) -> None:
    app.command("retention", **described("retention"))(retention)


def retention(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("help.retention.dry_run"))] = False,
    by: By = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    from lapor_gateway.book.retention import approve, due
    from lapor_gateway.jobs.privacy import run_retention

    with gateway_of(context) as gateway:
        rules = gateway.settings.retention
        if not rules:
            raise ConfigurationError(
                "There are no retention rules.",
                cure='Write them into lapor-gateway.toml: [retention] accepted = "5y".',
            )
        found = due(gateway.book, rules)
        if dry_run and as_json:
            print_json(found)
            return
        if not as_json:
            rows = [(one.rule, one.region, one.channel, one.count, moment(one.oldest)) for one in found]
            print_table(("rule", "region", "channel", "count", "since"), rows, numbers=("count",))
        total = sum(one.count for one in found)
        if dry_run:
            say("retention.dry_run", count=total)
            return
        if not (yes or typer.confirm(text("retention.ask", count=total))):
            return
        approve(gateway.book, rules, by=person(by))
        erased = run_retention(gateway, by=person(by))
    if as_json:
        print_json(erased)
    else:
        say("retention.done", count=len(erased))
