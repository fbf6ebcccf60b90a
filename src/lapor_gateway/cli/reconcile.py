"""`reconcile`: the source, the ledger and LAPOR! beside each other; mends what is safe, shows what is left."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from lapor_gateway import catalogue
from lapor_gateway.catalogue import is_known, text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, gateway_of, run_async
from lapor_gateway.cli.screen import is_terminal, moment, print_json, print_table, say, tell
from lapor_gateway.cli.times import time_of
from lapor_gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from lapor_gateway.book.reconciliations import ReconciliationView
    from lapor_gateway.jobs.gateway import Gateway
    from lapor_gateway.jobs.reconcile import Reconciled
    from lapor_gateway.sources.manifest import ChannelManifest

_MOST_SHOWN = 50
_MOST_TOLD = 1_000


def add_to(app: typer.Typer) -> None:
    app.command("reconcile", **described("reconcile"))(reconcile)


def reconcile(
    context: typer.Context,
    channel: Annotated[
        list[str] | None, typer.Argument(metavar="[CHANNEL]…", help=text("help.reconcile.channel"))
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=text("help.reconcile.all"))] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help=text("help.reconcile.since"))
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help=text("help.reconcile.until"))
    ] = None,
    national: Annotated[
        Path | None, typer.Option("--national", metavar="FILE", help=text("help.reconcile.national"))
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help=text("help.reconcile.xlsx"))
    ] = None,
    repeated: Annotated[
        int | None, typer.Option("--repeat", metavar="RUN", min=1, help=text("help.reconcile.repeat"))
    ] = None,
    as_json: AsJson = False,
) -> int:
    _check_words(channel or [], every=every, repeated=repeated, more=(since, until, national))
    _require_folder(xlsx)
    with gateway_of(context, with_world=True) as gateway:
        if repeated is not None:
            done = _again(gateway, repeated)
        else:
            done = _anew(gateway, channel or [], since, until, national)
        if xlsx is not None:
            from lapor_gateway.cli.reconciliation_sheet import write_report

            write_report(gateway, done.view, xlsx)
        _print(gateway, done, as_json=as_json, xlsx=xlsx)
    return done.exit_code


def _check_words(channels: list[str], *, every: bool, repeated: int | None, more: tuple[object, ...]) -> None:
    if repeated is not None:
        if channels or every or any(one is not None for one in more):
            raise ConfigurationError(
                "--repeat takes a run as it was; it goes with --xlsx and --json alone.",
                cure="Leave the channels, the window and --national out.",
            )
    elif bool(channels) == every:
        raise ConfigurationError(
            "Name channels or say --all, not both."
            if every
            else "Name the channels to reconcile, or say --all.",
            cure="`lapor-gateway channels list` shows the channels there are.",
        )


def _require_folder(xlsx: Path | None) -> None:
    """Better now than after an hour's work."""
    if xlsx is not None and not xlsx.absolute().parent.is_dir():
        raise ConfigurationError(
            f"There is no folder {xlsx.absolute().parent}.",
            cure="Create it, or name another file for --xlsx.",
        )


def _anew(
    gateway: "Gateway",
    names: list[str],
    since: str | None,
    until: str | None,
    national: Path | None,
) -> "Reconciled":
    from lapor_gateway.jobs import reconcile as job
    from lapor_gateway.jobs.sync import chosen

    channels = chosen(gateway, names)
    zone = _zone_of(channels)
    window = {
        "since": _instant("--since", since, zone),
        "until": _instant("--until", until, zone, is_end=True),
    }
    selection = job.select_for(gateway, channels, **window, export=national)
    done = run_async(lambda: job.reconcile(gateway, selection, progressed=_progress))
    if channels.left_out is not None:
        done.failures.append(channels.left_out)
    return done


def _again(gateway: "Gateway", run: int) -> "Reconciled":
    """Go on with a run that was cut off; repeat one that was not."""
    from lapor_gateway.book.reconciliations import find_reconciliation
    from lapor_gateway.jobs import reconcile as job

    if find_reconciliation(gateway.book, run).state == "running":
        return run_async(lambda: job.carry_on(gateway, run, progressed=_progress))
    view = job.repeat(gateway, run)
    tell("reconcile.same", run=run)
    return job.Reconciled(view, [])


def _progress(step: str, of: str) -> None:
    if is_terminal():
        tell(f"reconcile.step.{step}", of=of)


def _zone_of(channels: "list[ChannelManifest]") -> ZoneInfo:
    """The zone of days in --since and --until. Raises `ConfigurationError` where the channels have several."""
    zones = {channel.zone.key: channel.zone for channel in channels}
    if len(zones) > 1:
        raise ConfigurationError(
            f"These channels lie in several time zones: {', '.join(sorted(zones))}.",
            cure="Reconcile the channels of one zone at a time, or leave --since and --until out.",
        )
    return next(iter(zones.values()))


def _instant(option: str, words: str | None, zone: ZoneInfo, *, is_end: bool = False) -> int | None:
    """Microseconds; a time without an offset is the region's, and a day as an end means its whole."""
    from lapor_gateway.clock import to_instant

    when = time_of(option, words, zone, end=is_end)
    return None if when is None else to_instant(when)


def _print(gateway: "Gateway", done: "Reconciled", *, as_json: bool, xlsx: Path | None) -> None:
    from lapor_gateway.book.reconciliations import list_differences
    from lapor_gateway.cli.sync import report_failures

    view = done.view
    if as_json:
        rows, following = list_differences(gateway.book, view.run, state="open", limit=_MOST_TOLD)
        more = following is not None
        print_json({"exit_code": int(done.exit_code), **_plain(view), "open": rows, "more": more})
    else:
        _print_sides(view)
        _print_tally(view)
        _print_open(gateway, view)
        if xlsx is not None:
            say("reconcile.written", file=xlsx)
    report_failures(done.failures)


def _plain(view: "ReconciliationView") -> dict[str, object]:
    import msgspec

    return {name: getattr(view, name) for name in msgspec.structs.asdict(view)}


def _print_sides(view: "ReconciliationView") -> None:
    say("reconcile.run", run=view.run, channels=", ".join(view.channels))
    if view.since or view.until:
        start = moment(view.since) if view.since else "…"
        say("reconcile.window", since=start, until=moment(view.until) if view.until else "…")
    rows = [
        (text(f"side.{one.side}"), one.of, one.rows, text(f"proves.{one.proves}"), catalogue.sentence(one.why or "-"))
        for one in view.sides
    ]  # fmt: skip
    print_table(("side", "name", "count", "proves", "detail"), rows, numbers=("count",))


def _print_tally(view: "ReconciliationView") -> None:
    rows = [
        (kind, states.get("found", 0), states.get("repaired", 0), states.get("accepted", 0), states.get("open", 0))
        for kind, states in sorted(view.differences.items())
    ]  # fmt: skip
    if rows:
        counts = ("found", "repaired", "accepted_reason", "open")
        print_table(("difference", *counts), rows, numbers=counts)
    if not any(states.get("open") for states in view.differences.values()):
        say("reconcile.clean" if view.is_clean else "reconcile.nothing_open")


def _print_open(gateway: "Gateway", view: "ReconciliationView") -> None:
    from lapor_gateway.book.reconciliations import list_differences

    rows, more = list_differences(gateway.book, view.run, state="open", limit=_MOST_SHOWN)
    if not rows:
        return
    shown = [(one.kind, one.channel, one.subject, told(one.facts)) for one in rows]
    print_table(("difference", "channel", "subject", "detail"), shown)
    if more:
        say("list.more", limit=_MOST_SHOWN)
    for kind in sorted({one.kind for one in rows}):
        if is_known(f"finding.{kind}"):
            say(f"finding.{kind}")
    say("reconcile.findings")


def told(facts: dict[str, str]) -> str:
    """A difference's facts in words."""
    return "; ".join(
        f"{text(f'fact.{name}') if is_known(f'fact.{name}') else name}: {value}"
        for name, value in facts.items()
    )
