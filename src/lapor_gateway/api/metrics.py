"""The gateway in numbers for Prometheus, counted from the book at each scrape; states and verdicts, no identities."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from lapor_gateway.book.tables import accounts, channels, deliveries, findings
from lapor_gateway.domain.balance import Verdict
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.status import Status, read_status


def registry_of(gateway: Gateway) -> CollectorRegistry:
    """A registry whose numbers are read from the gateway's book when it is scraped."""
    registry = CollectorRegistry()
    registry.register(BookCollector(gateway))
    return registry


class BookCollector(Collector):
    """Collects from the book."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        status = read_status(self._gateway)
        yield from _complaints(status)
        yield from _channels(status)
        yield from self._from_book()

    def _from_book(self) -> Iterator[Metric]:
        now = self._gateway.clock.now()
        with self._gateway.book.read() as connection:
            last = connection.execute(select(channels.c.id, channels.c.last_success_at)).all()
            lines = connection.execute(select(accounts)).all()
            hooks = connection.execute(
                select(deliveries.c.channel, deliveries.c.refused.is_not(None), func.count()).group_by(
                    deliveries.c.channel, deliveries.c.refused.is_not(None)
                )
            ).all()
            opened = connection.execute(
                select(findings.c.kind, findings.c.state, func.count()).group_by(
                    findings.c.kind, findings.c.state
                )
            ).all()
        age = _gauge("last_success_age_seconds", "Seconds since a channel was last read whole.", "channel")
        for row in last:
            if row.last_success_at is not None:
                age.add_metric([row.id], (now - row.last_success_at) / 1e6)
        yield age
        paused = _gauge("account_paused", "1 while an account's credential is refused.", "account")
        breaker = _gauge("account_breaker_open", "1 while only probes go out.", "account")
        for line in lines:
            paused.add_metric([line.name], float(line.paused_at is not None))
            breaker.add_metric([line.name], float(line.open_until > now))
        yield paused
        yield breaker
        webhooks = CounterMetricFamily(
            "lapor_gateway_webhooks",
            "Webhooks by channel: taken, or kept aside unbelieved.",
            labels=["channel", "result"],
        )
        for channel, refused, count in hooks:
            webhooks.add_metric([channel, "refused" if refused else "taken"], count)
        yield webhooks
        found = _gauge("findings", "Findings by kind and state.", "kind", "state")
        for kind, state, count in opened:
            found.add_metric([kind, state], count)
        yield found


def _complaints(status: Status) -> Iterator[Metric]:
    standing = _gauge("complaints", "Complaints by channel and state.", "channel", "state")
    seen = _gauge("complaints_seen", "Complaints a channel has shown.", "channel")
    for channel in status.channels:
        seen.add_metric([channel.id], channel.seen)
        for state, count in channel.by_state.items():
            standing.add_metric([channel.id, state], count)
    yield standing
    yield seen


def _channels(status: Status) -> Iterator[Metric]:
    balance = _gauge("balance", "1 at the verdict of a channel's balance.", "channel", "verdict")
    counted = _gauge("balance_count", "The last count of one side of a balance.", "channel", "side")
    counted_at = _gauge(
        "balance_counted_seconds", "When a side was last counted, in seconds since 1970.", "channel", "side"
    )
    paused = _gauge("channel_paused", "1 while a channel is not pulled.", "channel")
    live = _gauge("channel_live", "1 while a channel pushes.", "channel")
    for channel in status.channels:
        for verdict in Verdict:
            balance.add_metric([channel.id, verdict], float(channel.balance.verdict is verdict))
        for side, at in channel.balance.counted_at.items():
            if at is not None:
                counted.add_metric([channel.id, side], getattr(channel.balance, side))
                counted_at.add_metric([channel.id, side], datetime.fromisoformat(at).timestamp())
        paused.add_metric([channel.id], float(channel.paused is not None))
        live.add_metric([channel.id], float(channel.mode == "live"))
    due = _gauge("deadlines", "Deadlines that a region owes, by channel and state.", "channel", "state")
    for channel in status.channels:
        for state, count in msgspec.structs.asdict(channel.deadlines).items():
            due.add_metric([channel.id, state], count)
    push = _gauge("push_on", "1 unless everything outgoing is stopped.")
    push.add_metric([], float(status.push == "on"))
    yield from (balance, counted, counted_at, paused, live, due, push)


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"lapor_gateway_{name}", text, labels=labels)
