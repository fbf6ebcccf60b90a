"""`channels list|test|pause|resume|go-live`: how each channel stands, and who let it go live."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

import typer

from lapor_gateway import catalogue
from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person, run_async
from lapor_gateway.cli.screen import complain, moment, print_json, print_table, say
from lapor_gateway.errors import ExitCode, GatewayError

group = typer.Typer(help=text("help.channels"), no_args_is_help=True, rich_markup_mode=None)
_TEST_SECONDS = 30.0

Channel = Annotated[str, typer.Argument(metavar="CHANNEL", help=text("help.channel"))]


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="channels")


@group.command("list", **described("channels list"))
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    from lapor_gateway.jobs.status import read_status

    with gateway_of(context) as gateway:
        status = read_status(gateway)
        found = [
            {
                "id": one.id,
                "region": one.region,
                "source": gateway.channel(one.id).source,
                "schedule": gateway.channel(one.id).schedule,
                "mode": one.mode,
                "health": one.health,
                "health_detail": one.health_detail,
                "paused": one.paused,
                "account": one.account,
                "push_from": one.push_from,
                "canary_left": one.canary_left,
                "approved_by": one.approved_by,
                "last_success_at": one.last_success_at,
            }
            for one in status.channels
        ]
        zones = {name: region.zone for name, region in gateway.regions.items()}
    if as_json:
        print_json(found)
        return
    if not found:
        say("channels.none")
        return
    rows = [
        (one["id"], one["source"], one["schedule"] or "-", one["mode"], one["paused"] or one["health"],
         moment(one["last_success_at"], zones[str(one["region"])]), one["account"], one["approved_by"])
        for one in found
    ]  # fmt: skip
    headings = ("channel", "source", "schedule", "mode", "health", "last_success", "account", "approved_by")
    print_table(headings, rows)


@group.command("test", **described("channels test"))
def try_connection(
    context: typer.Context,
    channel: Annotated[list[str], typer.Argument(metavar="CHANNEL…", help=text("help.channel"))],
) -> int:
    worst = ExitCode.DONE
    with gateway_of(context, with_world=True) as gateway:
        for name in channel:
            manifest = gateway.channel(name)
            try:
                seen = run_async(partial(tried, gateway, manifest, _TEST_SECONDS))
            except GatewayError as error:
                complain(
                    f"{name}: {catalogue.sentence(error.message)}",
                    error.detail,
                    catalogue.sentence(error.cure),
                )
                worst = max(worst, error.exit_code, key=_severity)
            else:
                say("channels.tested", channel=name, seen=seen)
    return worst


async def tried(gateway: Any, manifest: Any, seconds: float) -> str:
    """What the connection shows, in a sentence. Raises as the source does, `OutOfReachError` after `seconds`."""
    import asyncio

    from lapor_gateway.errors import OutOfReachError
    from lapor_gateway.sources.registry import open_source

    if manifest.source == "webhook":
        from lapor_gateway.sources.settings import WebhookSettings

        assert isinstance(manifest.settings, WebhookSettings)
        for value in manifest.settings.verify.model_dump().values():
            gateway.resolve(str(value))
        return text("channels.webhook", path=f"/hooks/{manifest.id}")
    source = open_source(
        manifest, secrets=gateway.secret, data_dir=gateway.settings.data_dir, clock=gateway.clock
    )
    try:
        async with asyncio.timeout(seconds):
            return catalogue.sentence(str(await source.check()))
    except TimeoutError:
        raise OutOfReachError(
            f"The application did not answer within {seconds:g} seconds.",
            cure="Check its address and the network.",
        ) from None
    finally:
        await source.close()


@group.command("pause", **described("channels pause"))
def pause(
    context: typer.Context,
    channel: Channel,
    by: By = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help=text("help.reason"))] = None,
) -> None:
    from lapor_gateway.book import channels

    with gateway_of(context) as gateway:
        gateway.channel(channel)
        name = person(by)
        channels.pause(gateway.book, channel, reason or text("channels.pause_reason", name=name), by=name)
    say("channels.paused", channel=channel)


@group.command("resume", **described("channels resume"))
def resume(context: typer.Context, channel: Channel, by: By = None) -> None:
    from lapor_gateway.book import channels

    with gateway_of(context) as gateway:
        gateway.channel(channel)
        channels.resume(gateway.book, channel, by=person(by))
    say("channels.resumed", channel=channel)


@group.command("go-live", **described("channels go-live"))
def go_live(
    context: typer.Context,
    channel: Channel,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help=text("help.by.approval"))],
    start: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help=text("help.go_live.from")),
    ] = None,
    canary: Annotated[
        int | None, typer.Option("--canary", min=0, metavar="N", help=text("help.go_live.canary"))
    ] = None,
) -> None:
    from lapor_gateway.book import channels
    from lapor_gateway.jobs.pull import pass_gate

    with gateway_of(context) as gateway:
        manifest = gateway.channel(channel)
        gateway.account(manifest.account)
        pass_gate(gateway)
        push_from = start.replace(tzinfo=manifest.zone) if start else None
        went = channels.go_live(gateway.book, channel, by=by, push_from=push_from, canary=canary)
    say(
        "channels.live",
        channel=channel,
        by=by,
        released=went.released,
        aside=went.set_aside,
        waiting=went.waiting,
    )
    if went.oldest_released is not None:
        say("channels.oldest", moment=moment(went.oldest_released, manifest.zone))


def _severity(code: int) -> int:
    return [ExitCode.DONE, ExitCode.NEEDS_A_PERSON, ExitCode.OUT_OF_REACH, ExitCode.WRONG_USAGE].index(
        ExitCode(code)
    )
