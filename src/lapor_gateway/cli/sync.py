"""`sync`: pull, normalize, push and settle once, now; or, as a dry run, show what would be sent."""

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lapor_gateway import catalogue
from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, gateway_of, run_async
from lapor_gateway.cli.screen import complain, is_terminal, print_json, print_table, say, tell
from lapor_gateway.errors import ConfigurationError, ExitCode, GatewayError

if TYPE_CHECKING:
    from lapor_gateway.jobs.gateway import Gateway
    from lapor_gateway.jobs.sync import Progress, Synced
    from lapor_gateway.sources.manifest import ChannelManifest


def add_to(app: typer.Typer) -> None:
    app.command("sync", **described("sync"))(sync)


def sync(
    context: typer.Context,
    channel: Annotated[
        list[str] | None, typer.Argument(metavar="[CHANNEL]…", help=text("help.sync.channel"))
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=text("help.sync.all"))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("help.sync.dry_run"))] = False,
    as_json: AsJson = False,
) -> int:
    if bool(channel) == every:
        raise ConfigurationError(
            "Name the channels to sync, or say --all."
            if not every
            else "Name channels or say --all, not both.",
            cure="`lapor-gateway channels list` shows the channels there are.",
        )
    from lapor_gateway.jobs import sync as job

    with gateway_of(context, with_world=True) as gateway:
        channels = job.chosen(gateway, channel or [])
        if dry_run:
            return _rehearse(gateway, channels, as_json=as_json)
        with shown_progress(quiet=as_json) as progress:
            synced = run_async(lambda: job.sync(gateway, channels, progress=progress))
        code = exit_code(gateway, [one.id for one in channels], synced)
        if as_json:
            print_json(told(synced, code))
        else:
            _print(synced)
            if code == ExitCode.NEEDS_A_PERSON:
                tell("sync.person")
        report_failures(synced.failures)
    return code


def exit_code(gateway: "Gateway", channels: list[str], synced: "Synced") -> ExitCode:
    """The sync's own code; 1 also where these channels leave anything that needs a person."""
    from lapor_gateway.jobs.status import read_status

    if synced.exit_code != ExitCode.DONE:
        return synced.exit_code
    status = read_status(gateway, frozenset(channels))
    waiting = any(channel.needs_a_person for channel in status.channels) or status.push != "on"
    return ExitCode.NEEDS_A_PERSON if waiting else ExitCode.DONE


def report_failures(failures: "list[GatewayError]") -> None:
    """Every failure of a sync in the one form of an error, each once."""
    for message, detail, cure in dict.fromkeys((one.message, one.detail, one.cure) for one in failures):
        complain(catalogue.sentence(message), detail, catalogue.sentence(cure))


def told(synced: "Synced", code: int) -> dict[str, Any]:
    """A sync as JSON-able values."""
    import msgspec

    pulled = {
        name: {
            "new": one.new,
            "changed": one.changed,
            "seen": one.seen,
            "pages": one.pages,
            "error": one.error,
        }
        for name, one in sorted(synced.channels.items())
    }
    pushed = {name: msgspec.to_builtins(one) for name, one in sorted(synced.accounts.items())}
    failures = [{"message": one.message, "detail": one.detail, "cure": one.cure} for one in synced.failures]
    return {"exit_code": int(code), "channels": pulled, "accounts": pushed, "failures": failures}


def _print(synced: "Synced") -> None:
    for name, pulled in sorted(synced.channels.items()):
        say("sync.channel", channel=name, new=pulled.new, changed=pulled.changed, seen=pulled.seen)
    for name, pushed in sorted(synced.accounts.items()):
        say(
            "sync.account",
            account=name,
            accepted=pushed.accepted + pushed.found,
            adopted=pushed.adopted,
            refused=pushed.refused,
            unknown=pushed.unknown,
            not_taken=pushed.not_taken,
        )
        if pushed.stopped:
            say("sync.stopped", account=name, why=pushed.stopped)


@contextlib.contextmanager
def shown_progress(*, quiet: bool) -> "Iterator[Progress | None]":
    """Bars on a terminal; elsewhere nothing while it runs, since the lines at its end say all."""
    if quiet or not is_terminal():
        yield None
        return
    from lapor_gateway.cli.progress import bars

    with bars() as progress:
        yield progress


def _rehearse(gateway: "Gateway", channels: "list[ChannelManifest]", *, as_json: bool) -> int:
    from lapor_gateway.jobs.rehearsal import rehearse

    found, failures = [], []
    for channel in channels:
        try:
            found.append(run_async(partial(rehearse, gateway, channel)))
        except GatewayError as error:
            failures.append(error)
    if as_json:
        print_json(found)
    for one in found if not as_json else ():
        say(
            "dry_run.channel",
            channel=one.channel,
            new=one.new,
            changed=one.changed,
            ready=one.ready,
            mode=one.mode,
        )
        if one.would:
            say("dry_run.would", states=", ".join(f"{state} {count}" for state, count in one.would.items()))
        if one.unsent:
            say("dry_run.unsent", count=one.unsent)
        if one.sends:
            say("dry_run.sends.shadow" if one.mode == "shadow" else "dry_run.sends")
            print_table(("source_id", "kind", "title"), [(s.source_id, s.kind, s.title) for s in one.sends])
    report_failures(failures)
    if not as_json:
        say("dry_run.end")
    codes = {failure.exit_code for failure in failures}
    order = (ExitCode.WRONG_USAGE, ExitCode.OUT_OF_REACH, ExitCode.NEEDS_A_PERSON)
    return next((code for code in order if code in codes), ExitCode.DONE)
