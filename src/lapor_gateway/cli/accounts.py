"""`accounts list|masters|resume`: the national accounts of the settings, and how the book sees them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person, run_async
from lapor_gateway.cli.screen import moment, print_json, print_table, say
from lapor_gateway.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from lapor_gateway.book.masters import Master, MasterList

group = typer.Typer(help=text("help.accounts"), no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="accounts")


@group.command("list", **described("accounts list"))
def list_all(context: typer.Context, as_json: AsJson = False) -> int:
    from lapor_gateway.book.masters import lists_of
    from lapor_gateway.book.sending import load_account
    from lapor_gateway.domain.complaint import AccountName
    from lapor_gateway.jobs.line import dialect_of

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
                    "can": [] if settings is None else sorted(dialect_of(settings).can),
                    "masters": lists_of(gateway.book, AccountName(name)),
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
        for one in found:
            _print_abilities(one)
    in_trouble = any(one["paused"] or (one["channels"] and not one["configured"]) for one in found)
    return ExitCode.NEEDS_A_PERSON if in_trouble else ExitCode.DONE


def _print_abilities(account: dict[str, Any]) -> None:
    """What can be done under an account, and how old its lists are."""
    if not account["configured"]:
        return
    can = ", ".join(text(f"ability.{one}") for one in account["can"])
    say("accounts.can", account=account["name"], can=can)
    oldest = min((one.fetched_at for one in account["masters"] if one.fetched_at), default=None)
    if oldest is None:
        say("accounts.no_masters", account=account["name"])
    else:
        say("accounts.masters", account=account["name"], at=moment(oldest))


@group.command("masters", **described("accounts masters"))
def masters(
    context: typer.Context,
    account: Annotated[
        str | None, typer.Option("--account", metavar="ACCOUNT", help=text("help.accounts.name"))
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help=text("help.masters.kind"))
    ] = None,
    find: Annotated[str, typer.Option("--find", metavar="TEXT", help=text("help.masters.find"))] = "",
    offline: Annotated[bool, typer.Option("--offline", help=text("help.masters.offline"))] = False,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.book.masters import lists_of, rows_of
    from lapor_gateway.domain.complaint import AccountName
    from lapor_gateway.jobs.masters import refresh_masters
    from lapor_gateway.national.port import MasterKind

    if kind is not None and kind not in set(MasterKind):
        known = ", ".join(MasterKind)
        raise ConfigurationError(f"There is no master list {kind}.", cure=f"Known are: {known}.")
    with gateway_of(context, with_world=not offline) as gateway:
        used = {channel.account for channel in gateway.channels.values()}
        names = [account] if account else sorted(used & gateway.settings.national.keys())
        for name in () if offline else names:
            one = AccountName(name)
            run_async(lambda one=one: refresh_masters(gateway, one))  # type: ignore[misc]
        lists = {name: lists_of(gateway.book, AccountName(name)) for name in names}
        rows = {
            name: [
                row
                for row in rows_of(gateway.book, AccountName(name), kind)
                if find.casefold() in row.name.casefold()
            ]
            for name in names
            if kind is not None
        }
    if as_json:
        print_json(rows if kind is not None else lists)
    else:
        _print_masters(rows if kind is not None else {}, lists)
    trouble = any(one.trouble for found in lists.values() for one in found)
    return ExitCode.OUT_OF_REACH if trouble and not offline else ExitCode.DONE


def _print_masters(rows: "dict[str, list[Master]]", lists: "dict[str, list[MasterList]]") -> None:
    if rows:
        shown = [
            (name, row.id, row.name, moment(row.gone_at) if row.gone_at else "")
            for name, found in rows.items()
            for row in found
        ]
        print_table(("account", "id", "name", "gone"), shown)
        return
    ages = [
        (name, text(f"master.{one.kind}"), one.rows, one.gone, moment(one.fetched_at), one.trouble or "")
        for name, found in lists.items()
        for one in found
    ]
    if ages:
        print_table(("account", "list", "rows", "gone", "fetched", "trouble"), ages, numbers=("rows", "gone"))
    else:
        say("masters.none")


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
