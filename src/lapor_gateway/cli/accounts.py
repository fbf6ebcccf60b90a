"""`accounts list|resume`: the national accounts of the settings, and how the book sees them."""

from typing import Annotated, Any

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import print_json, print_table, say
from lapor_gateway.errors import ExitCode

group = typer.Typer(help=text("help.accounts"), no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="accounts")


@group.command("list", **described("accounts list"))
def list_all(context: typer.Context, as_json: AsJson = False) -> int:
    from lapor_gateway.book.sending import load_account
    from lapor_gateway.domain.complaint import AccountName

    with gateway_of(context) as gateway, gateway.book.read() as connection:
        used = {channel.account for channel in gateway.channels.values()}
        names = sorted({*gateway.settings.national, *used})
        found: list[dict[str, Any]] = []
        for name in names:
            settings, state = gateway.settings.national.get(name), load_account(connection, AccountName(name))
            found.append(
                {
                    "name": name,
                    "configured": settings is not None,
                    "url": settings and settings.url,
                    "environment": settings and settings.speaks_to,
                    "look_up": settings is not None and settings.look_up is not None,
                    "channels": sorted(c.id for c in gateway.channels.values() if c.account == name),
                    "paused": state.pause_reason if state.paused_at is not None else None,
                }
            )
    if as_json:
        print_json(found)
    elif not found:
        say("accounts.none")
    else:
        rows = [
            (one["name"], one["url"] or text("accounts.unconfigured"), one["environment"], one["look_up"],
             ", ".join(one["channels"]), one["paused"])
            for one in found
        ]  # fmt: skip
        print_table(("account", "address", "environment", "look_up", "channels", "paused"), rows)
    in_trouble = any(one["paused"] or (one["channels"] and not one["configured"]) for one in found)
    return ExitCode.NEEDS_A_PERSON if in_trouble else ExitCode.DONE


@group.command("resume", **described("accounts resume"))
def resume(
    context: typer.Context,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help=text("help.accounts.name"))],
    by: By = None,
) -> None:
    from lapor_gateway.book.accounts import resume_account
    from lapor_gateway.domain.complaint import AccountName

    with gateway_of(context) as gateway:
        gateway.account(account)
        resume_account(gateway.book, AccountName(account), by=person(by))
    say("accounts.resumed", account=account)
