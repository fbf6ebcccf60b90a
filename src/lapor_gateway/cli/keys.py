"""`keys create|revoke|list`: API keys, whose token is shown once and never again."""

from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import moment, print_json, print_table, say, tell

group = typer.Typer(help=text("help.keys"), no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="keys")


@group.command("create", **described("keys create"))
def create(
    context: typer.Context,
    label: Annotated[str, typer.Argument(metavar="LABEL", help=text("help.keys.label"))],
    scope: Annotated[list[str], typer.Option("--scope", metavar="SCOPE", help=text("help.keys.scope"))],
    region: Annotated[str | None, typer.Option(metavar="REGION", help=text("help.keys.region"))] = None,
    channel: Annotated[str | None, typer.Option(metavar="CHANNEL", help=text("help.keys.channel"))] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    from lapor_gateway.book.access import create_key
    from lapor_gateway.errors import NotFoundError

    with gateway_of(context) as gateway:
        if channel is not None:
            gateway.channel(channel)
        if region is not None and region not in gateway.regions:
            known = ", ".join(sorted(gateway.regions))
            raise NotFoundError(f"There is no region {region}.", cure=f"Known are: {known}.")
        scopes = [word for words in scope for word in words.replace(",", " ").split()]
        key_id, token = create_key(gateway.book, label, scopes, by=person(by), region=region, channel=channel)
    if as_json:
        print_json({"id": key_id, "label": label, "scopes": scopes, "token": token})
        return
    tell("keys.created", id=key_id)
    print(token)


@group.command("revoke", **described("keys revoke"))
def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="ID", help=text("help.keys.id"))],
    by: By = None,
) -> None:
    from lapor_gateway.book.access import revoke_key

    with gateway_of(context) as gateway:
        revoke_key(gateway.book, key, by=person(by))
    say("keys.revoked", id=key)


@group.command("list", **described("keys list"))
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    from lapor_gateway.book.access import list_keys
    from lapor_gateway.clock import isoformat

    with gateway_of(context) as gateway:
        found = list_keys(gateway.book)
    if as_json:
        print_json(
            [
                {
                    "id": one.id,
                    "label": one.label,
                    "scopes": one.scopes,
                    "region": one.region,
                    "channel": one.channel,
                    "created_at": isoformat(one.created_at),
                    "revoked_at": isoformat(one.revoked_at),
                }
                for one in found
            ]
        )
    elif not found:
        say("keys.none")
    else:
        rows = [
            (one.id, one.label, " ".join(one.scopes), one.channel or one.region or text("word.everything"),
             moment(one.created_at), moment(one.revoked_at))
            for one in found
        ]  # fmt: skip
        print_table(("id", "label", "scopes", "bound_to", "created", "revoked"), rows)
