"""The demo's summary: a column a region that must add up, the verdict, and what a person should look at."""

from collections.abc import Callable, Iterable
from typing import Final

from lapor_gateway.catalogue import text
from lapor_gateway.cli.screen import print_columns, say
from lapor_gateway.cli.status import states_of
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.status import ChannelStatus, Status

_ASIDE: Final = (
    "linked",
    "historical",
    "withdrawn",
    "rejected",
    "held",
    "quarantined",
    "ambiguous",
    "pending",
)
_FOR_A_PERSON: Final = (State.QUARANTINED, State.HELD, State.REJECTED, State.AMBIGUOUS)


def print_summary(gateway: Gateway, status: Status) -> None:
    """One column a region and one for all of them."""
    regions = {
        region: [one for one in status.channels if one.region == region]
        for region in dict.fromkeys(one.region for one in status.channels)
    }
    columns = [*regions.values(), status.channels]
    titles = ["", *(gateway.regions[name].name for name in regions), text("summary.all")]
    rows: list[list[object]] = [
        [text("summary.seen"), *(_total(own, "seen") for own in columns)],
        [f"= {State.ACCEPTED}", *(_total(own, State.ACCEPTED) for own in columns)],
        *([f"+ {state}", *(_total(own, state) for own in columns)] for state in _ASIDE),
        [text("summary.source"), *(_count(own, lambda one: one.balance.source) for own in columns)],
        [text("summary.ledger"), *(_count(own, lambda one: one.balance.ledger) for own in columns)],
        [text("summary.national"), *(_count(own, lambda one: one.balance.national) for own in columns)],
        [text("summary.balance"), *(_verdict(own) for own in columns)],
    ]
    print()
    print_columns(titles, rows, lines_after={0, 9, 12})
    say("status.balanced" if status.balanced else "status.unbalanced")
    for one in status.channels:
        if not one.balanced:
            verdict = text(f"verdict.{one.balance.verdict}")
            say("status.verdict", channel=one.id, verdict=verdict, why=one.balance.detail or "-")
    _print_needs(status)


def _print_needs(status: Status) -> None:
    waiting = {state: _total(status.channels, state) for state in _FOR_A_PERSON}
    findings = sum(one.open_findings for one in status.channels)
    if not findings and not any(waiting.values()):
        return
    say("summary.person")
    for state, count in waiting.items():
        if count:
            say("summary.waiting", count=count, state=state, meaning=text(f"state.{state}"))
    if findings:
        say("summary.findings", count=findings)


def _total(channels: Iterable[ChannelStatus], state: str) -> int:
    return sum(states_of(one)[state] for one in channels)


def _count(channels: Iterable[ChannelStatus], value: Callable[[ChannelStatus], int | None]) -> int | str:
    """An origin's count once, though several channels share it; a dash where one was never taken."""
    by_origin = {one.origin: value(one) for one in channels}
    known = [count for count in by_origin.values() if count is not None]
    return sum(known) if len(known) == len(by_origin) else "-"


def _verdict(channels: list[ChannelStatus]) -> str:
    words = {str(one.balance.verdict) for one in channels}
    worst = next((word for word in ("gap", "unproven") if word in words), "balanced")
    return text(f"mark.{worst}")
