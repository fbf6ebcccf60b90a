"""Reconciliations that nobody watches: when they run by themselves, and how one that was cut off ends after all."""

from typing import Final
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from lapor_gateway.book.reconciliations import unfinished
from lapor_gateway.book.running import finish_run
from lapor_gateway.errors import ConfigurationError, GatewayError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.reconcile import carry_on
from lapor_gateway.sources.schedule import cron_trigger

_WIB: Final = ZoneInfo("Asia/Jakarta")
_PATIENCE: Final = 3_600.0  # seconds; another run may be at work
_DAY: Final = 86_400 * 1_000_000


def nightly_trigger(gateway: Gateway) -> CronTrigger | None:
    """When the scheduled run begins; None for never. Raises `ConfigurationError`."""
    schedule = gateway.settings.reconcile.schedule
    if not schedule:
        return None
    try:
        return cron_trigger(schedule, _WIB)
    except ValueError as error:
        raise ConfigurationError(
            f"The schedule of the reconciliation cannot be read: {error}.",
            cure="Correct `schedule` under [reconcile] in lapor-gateway.toml.",
        ) from None


def cut_off(gateway: Gateway) -> list[int]:
    """Runs of the last day that have no end; what is older would compare indexes of too different times."""
    return unfinished(gateway.book, gateway.clock.now() - _DAY)


async def finish_in_time(gateway: Gateway, run: int) -> list[GatewayError]:
    """Carry a run to its end; its failures. One that cannot end says so in its row instead of running for ever."""
    try:
        return (await carry_on(gateway, run, patience=_PATIENCE)).failures
    except GatewayError as error:
        finish_run(gateway.book, run, {}, str(error))
        return [error]
