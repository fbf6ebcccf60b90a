"""`deadlines`: what is due, by which rules, on which working days; and the officers' reminders."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from lapor_gateway import catalogue
from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, gateway_of
from lapor_gateway.cli.screen import moment, print_json, print_table, say
from lapor_gateway.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from lapor_gateway.book.deadline_lists import DeadlineView, Forecast
    from lapor_gateway.jobs.deadlines import Counter
    from lapor_gateway.jobs.gateway import Gateway

group = typer.Typer(help=text("help.deadlines"), no_args_is_help=True, rich_markup_mode=None)
Region = Annotated[str | None, typer.Option(metavar="REGION", help=text("help.deadlines.region"))]
_Word = TypeVar("_Word", bound=StrEnum)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="deadlines")


@group.command("list", **described("deadlines list"))
def list_all(
    context: typer.Context,
    region: Region = None,
    channel: Annotated[str | None, typer.Option(metavar="CHANNEL", help=text("help.channel"))] = None,
    state: Annotated[
        list[str] | None, typer.Option("--state", metavar="STATE", help=text("help.deadlines.state"))
    ] = None,
    clock: Annotated[str | None, typer.Option(metavar="CLOCK", help=text("help.deadlines.clock"))] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=500, help=text("help.deadlines.limit"))] = 100,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.book.deadline_lists import URGENT, DeadlineFilter, gaps, list_deadlines
    from lapor_gateway.domain.deadline_rules import Clock
    from lapor_gateway.domain.deadlines import DueState
    from lapor_gateway.jobs.deadlines import Counter, calendar_of, forecasts

    states = tuple(_word(DueState, "state", one) for one in state or ()) or URGENT
    if clock is not None:
        _word(Clock, "clock", clock)
    with gateway_of(context) as gateway:
        counter = Counter(gateway)
        calendar = calendar_of(gateway, counter, region)
        counter.refresh()
        wanted = DeadlineFilter(region, channel, clock, states=states)
        found, more = list_deadlines(gateway.book, wanted, limit=limit)
        ahead = [one for one in forecasts(gateway, counter) if region in (None, one.region)]
        with gateway.book.read() as connection:
            unknown = gaps(connection)
        zones = {name: one.zone for name, one in gateway.regions.items()}
    if as_json:
        print_json(
            {"deadlines": found, "more": more is not None, "forecast": ahead, "calendar_gaps": unknown}
        )
    else:
        _print_deadlines(found, ahead, zones)
        if more:
            say("list.more", limit=limit)
        if unknown:
            say("deadlines.gap", count=unknown, year=max(calendar.years))
    urgent = unknown or any(one.breached for one in ahead)
    return ExitCode.NEEDS_A_PERSON if urgent else ExitCode.DONE


def _print_deadlines(
    found: "Sequence[DeadlineView]", ahead: "Sequence[Forecast]", zones: "Mapping[str, ZoneInfo]"
) -> None:
    rows = [
        (one.reference, one.tracking_id, one.channel, one.category, text(f"clock.{one.clock}"),
         text(f"due.{one.state}"), moment(last_moment(one.due_at), zones.get(one.region)))
        for one in found
    ]  # fmt: skip
    headings = ("reference", "tracking_id", "channel", "category", "clock", "state", "due")
    print_table(headings, rows) if rows else say("deadlines.none")
    for one in ahead:
        until = moment(last_moment(one.until), zones.get(one.region))
        say("deadlines.forecast", region=one.region, count=one.this_week, until=until, breached=one.breached)


@group.command("rules", **described("deadlines rules"))
def rules(context: typer.Context, as_json: AsJson = False) -> None:
    from lapor_gateway.jobs.deadlines import Counter

    with gateway_of(context) as gateway:
        file = Counter(gateway).rules.file
    if as_json:
        print_json(file)
        return
    rows = [
        (text(f"clock.{rule.clock}"), rule.days, rule.day, ", ".join(rule.classes) or "-", rule.owed_by,
         rule.effective_from, rule.source)
        for rule in file.rules
    ]  # fmt: skip
    headings = ("clock", "days", "day_kind", "classes", "owed_by", "effective_from", "source")
    print_table(headings, rows, numbers=("days",))


@group.command("calendar", **described("deadlines calendar"))
def calendar(
    context: typer.Context,
    year: Annotated[int, typer.Argument(metavar="YEAR", min=1, max=9999, help=text("help.deadlines.year"))],
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    from lapor_gateway.jobs.deadlines import Counter, calendar_of, year_view

    with gateway_of(context) as gateway:
        view = year_view(calendar_of(gateway, Counter(gateway), region), year)
    if as_json:
        print_json(view)
        return
    rows = [
        (one.date, text(f"weekday.{one.date.weekday()}"), text(f"day.{one.kind}"), one.name)
        for one in view.days
    ]
    print_table(("date", "weekday", "day", "name"), rows)
    counts = {"holidays": view.holidays, "cuti": view.cuti_bersama, "working": view.working_days}
    say("deadlines.year", year=year, source=view.source, **counts)


@group.command("check", **described("deadlines check"))
def check(
    context: typer.Context,
    dates: Annotated[list[str], typer.Argument(metavar="DATE…", help=text("help.deadlines.dates"))],
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    from lapor_gateway.jobs.deadlines import Counter, calendar_of, day_of

    with gateway_of(context) as gateway:
        known = calendar_of(gateway, Counter(gateway), region)
        found = [known.look(day_of(one)) for one in dates]
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.date,
            text(f"weekday.{one.date.weekday()}"),
            text(f"day.{one.kind}"),
            one.name or "-",
            one.source or "-",
        )
        for one in found
    ]
    print_table(("date", "weekday", "day", "name", "source"), rows)


@group.command("remind", **described("deadlines remind"))
def remind(
    context: typer.Context,
    region: Region = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("help.deadlines.dry_run"))] = False,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.jobs.deadlines import Counter, calendar_of

    with gateway_of(context) as gateway:
        counter = Counter(gateway)
        calendar_of(gateway, counter, region)
        counter.refresh()
        if not gateway.settings.reminders.officers:
            say("deadlines.reminders.nobody")
            return ExitCode.NEEDS_A_PERSON
        names = None if region is None else [region]
        if dry_run:
            _rehearse(gateway, counter, names, as_json=as_json)
            return ExitCode.DONE
        return _send(gateway, counter, names, as_json=as_json)


def _rehearse(gateway: "Gateway", counter: "Counter", names: list[str] | None, *, as_json: bool) -> None:
    from lapor_gateway.jobs.reminders import messages

    found = messages(gateway, counter, names)
    if as_json:
        print_json(found)
    elif not found:
        say("deadlines.reminders.none")
    else:
        for one in found:
            say(
                "deadlines.reminders.message",
                target=one.target,
                region=one.region,
                title=one.title,
                body=one.body,
            )


def _send(gateway: "Gateway", counter: "Counter", names: list[str] | None, *, as_json: bool) -> int:
    from lapor_gateway.jobs.reminders import remind as send

    done = send(gateway, counter, names)
    failed = [one for one in done if one.failure is not None]
    if as_json:
        print_json(done)
    elif not done:
        say("deadlines.reminders.none")
    for one in done if not as_json else ():
        if one.failure is None:
            say("deadlines.reminders.sent", region=one.region, target=one.target, count=one.count)
        else:
            why = catalogue.sentence(one.failure)
            say("deadlines.reminders.failed", region=one.region, target=one.target, why=why)
    return ExitCode.OUT_OF_REACH if failed else ExitCode.DONE


def last_moment(due: str | None) -> datetime | None:
    """What people call the deadline: the last minute that is not too late."""
    return None if due is None else datetime.fromisoformat(due) - timedelta(minutes=1)


def _word(kind: type[_Word], name: str, word: str) -> _Word:
    """A word of a vocabulary. Raises `ConfigurationError` naming those there are."""
    if word in set(kind):
        return kind(word)
    cure = f"One is {', '.join(kind)}."
    if name == "clock":
        raise ConfigurationError(f"There is no clock {word[:40]!r}.", cure=cure)
    raise ConfigurationError(f"There is no state {word[:40]!r} of deadlines.", cure=cure)
