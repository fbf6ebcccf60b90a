"""`status`: where every channel stands, and whether its balance closes."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lapor_gateway import catalogue
from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, gateway_of, run_async
from lapor_gateway.cli.screen import moment, print_json, print_table, say
from lapor_gateway.errors import ConfigurationError, ExitCode, GatewayError

if TYPE_CHECKING:
    from lapor_gateway.domain.complaint import ChannelId
    from lapor_gateway.jobs.gateway import Gateway
    from lapor_gateway.jobs.status import ChannelStatus, Status
    from lapor_gateway.sources.manifest import ChannelManifest


def add_to(app: typer.Typer) -> None:
    app.command("status", **described("status"))(status)


def status(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help=text("help.status.check"))] = False,
    national: Annotated[
        Path | None, typer.Option("--national", metavar="FILE", help=text("help.status.national"))
    ] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help=text("help.at"))] = None,
    as_json: AsJson = False,
) -> int:
    if at is not None:
        if check:
            raise ConfigurationError("--at and --check do not go together.", cure="Leave one of them out.")
        return _status_then(context, at, as_json=as_json)
    from lapor_gateway.cli.sync import report_failures
    from lapor_gateway.jobs.status import read_status

    if national is not None and not check:
        raise ConfigurationError("`--national` counts anew.", cure="Add --check.")
    failures: list[GatewayError] = []
    with gateway_of(context, with_world=check) as gateway:
        if check:
            failures = _count(gateway, national)
        found = read_status(gateway)
        channels = gateway.channels
    if as_json:
        print_json(found)
    elif not found.channels:
        say("channels.none")
        _print_needs(found)
    else:
        print_balance(found)
        _print_health(found, channels)
        _print_looking(found)
        _print_needs(found)
    report_failures(failures)
    codes = {failure.exit_code for failure in failures}
    if ExitCode.WRONG_USAGE in codes:
        return ExitCode.WRONG_USAGE
    if ExitCode.OUT_OF_REACH in codes:
        return ExitCode.OUT_OF_REACH
    return ExitCode.NEEDS_A_PERSON if found.needs_a_person or codes or found.push != "on" else ExitCode.DONE


def _count(gateway: "Gateway", national: Path | None) -> list[GatewayError]:
    from lapor_gateway.jobs.alarm import judge_balance
    from lapor_gateway.jobs.balance import count_anew

    channels = list(gateway.channels.values())
    failures = run_async(lambda: count_anew(gateway, channels, national_export=national))
    judge_balance(gateway, {channel.origin for channel in channels})
    return failures


def _status_then(context: typer.Context, at: str, *, as_json: bool) -> int:
    """Every channel's complaints by state at a time that has been; a day ends when its region's day does."""
    from lapor_gateway.book.past import PastStatus, states_at
    from lapor_gateway.cli.times import instant_of
    from lapor_gateway.clock import isoformat

    with gateway_of(context) as gateway:
        zones = {str(channel.id): channel.zone for channel in gateway.channels.values()}
        instants = {zone: instant_of(gateway, at, zone) for zone in {*zones.values(), None}}
        counted = {instant: states_at(gateway.book, instant) for instant in set(instants.values())}
        region_of = {str(channel.id): channel.region for channel in gateway.channels.values()}
    rows = []
    for name in sorted({*zones, *(channel for states in counted.values() for channel in states)}):
        by_state = counted[instants[zones.get(name)]].get(name, {})
        rows.append(PastStatus(name, region_of.get(name, ""), sum(by_state.values()), by_state))
    if as_json:
        print_json({"at": isoformat(instants[None]), "channels": rows})
        return ExitCode.DONE
    from lapor_gateway.domain.lifecycle import State

    columns = [str(state) for state in State]
    say("status.then", at=moment(instants[None]))
    table = [(one.id, one.seen, *(one.by_state.get(state, 0) for state in columns)) for one in rows]
    print_table(("channel", "seen", *columns), table, numbers=("seen", *columns))
    return ExitCode.DONE


def print_balance(found: "Status") -> None:
    """A table of the states of each channel, whose row must close, and the verdict of its counts."""
    columns = (
        "seen",
        "accepted",
        "linked",
        "historical",
        "withdrawn",
        "rejected",
        "held",
        "quarantined",
        "ambiguous",
    )
    rows = [
        (one.id, *(states_of(one)[name] for name in columns), states_of(one)["pending"],
         text(f"verdict.{one.balance.verdict}"), one.balance.source, one.balance.ledger, one.balance.national)
        for one in found.channels
    ]  # fmt: skip
    counts = ("count_source", "count_ledger", "count_national")
    headings = ("channel", *columns, "pending", "verdict", *counts)
    print_table(headings, rows, numbers=(*columns, "pending", *counts))
    say("status.balanced" if found.balanced else "status.unbalanced")


def states_of(channel: "ChannelStatus") -> dict[str, int]:
    """A channel's counts by state, with `seen` and the aggregate `pending`."""
    from lapor_gateway.domain.lifecycle import PENDING

    pending = sum(channel.by_state.get(state, 0) for state in PENDING)
    return {**channel.by_state, "seen": channel.seen, "pending": pending}


def _print_health(found: "Status", channels: "Mapping[ChannelId, ChannelManifest]") -> None:
    by_name = {str(name): manifest for name, manifest in channels.items()}
    manifests = [by_name[one.id] for one in found.channels]
    rows = [
        (one.id, one.mode, catalogue.sentence(one.paused or one.health), moment(one.last_success_at, manifest.zone),
         moment(_next_run(manifest), manifest.zone), one.account_paused or "-", one.open_findings)
        for one, manifest in zip(found.channels, manifests, strict=True)
    ]  # fmt: skip
    for one in found.channels:
        say("status.counts", channel=one.id, counts=_counts(one, by_name[one.id].zone))
    headings = ("channel", "mode", "health", "last_success", "next_run", "account_paused", "findings")
    print_table(headings, rows, numbers=("findings",))
    for account, can in sorted({one.account: one.can for one in found.channels}.items()):
        if can:
            say("accounts.can", account=account, can=", ".join(text(f"ability.{one}") for one in can))


def _print_looking(found: "Status") -> None:
    """Within which time every open complaint is looked at, an account a line."""
    for one in found.looking:
        if one.open:
            say(
                "status.looking",
                account=one.account,
                count=one.open,
                hours=one.bound_hours,
                oldest=moment(one.oldest_look_at),
                limit=one.requests_per_hour,
                last=moment(one.last_round_at),
            )
        if one.trouble:
            say("status.looking.trouble", account=one.account, why=one.trouble)


def _print_deliveries(found: "Status") -> None:
    from lapor_gateway.jobs.status import UNDECIDED

    for state in UNDECIDED:
        if found.deliveries.get(state):
            say("status.deliveries", count=found.deliveries[state], state=state)


def _counts(channel: "ChannelStatus", zone: tzinfo) -> str:
    """Each side of the balance with its count and when that was taken."""
    parts = []
    for side, at in channel.balance.counted_at.items():
        value = getattr(channel.balance, side)
        when = text("status.not_counted") if at is None else f"{value} ({moment(at, zone)})"
        parts.append(f"{text(f'column.count_{side}')} {when}")
    return ", ".join(parts)


def _next_run(channel: "ChannelManifest") -> datetime | None:
    """When a running `serve` pulls the channel next; None for one that is sent to."""
    from lapor_gateway.sources.schedule import cron_trigger

    if channel.schedule is None:
        return None
    due: datetime | None = cron_trigger(channel.schedule, channel.zone).get_next_fire_time(
        None, datetime.now(channel.zone)
    )
    return due


def _print_needs(found: "Status") -> None:
    """What a person should do next, one line each."""
    if found.push != "on":
        say(f"status.push_{found.push}")
    for fault in found.manifest_faults:
        say("status.manifest", fault=fault)
    _print_deliveries(found)
    for one in found.channels:
        if one.paused:
            say("status.paused", channel=one.id, why=catalogue.sentence(one.paused))
        if one.account_paused:
            say("status.account_paused", account=one.account, why=catalogue.sentence(one.account_paused))
        if one.balance.verdict != "balanced":
            say(
                "status.verdict",
                channel=one.id,
                verdict=text(f"verdict.{one.balance.verdict}"),
                why=catalogue.details(one.balance.detail) or "-",
            )
        if one.open_findings:
            say("status.findings", channel=one.id, count=one.open_findings)
        for state in ("quarantined", "held", "rejected", "ambiguous"):
            if one.by_state.get(state):
                say("status.waiting", channel=one.id, count=one.by_state[state], state=state)
