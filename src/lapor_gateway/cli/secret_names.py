"""Which secrets the manifests and the settings name, and who uses each."""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import SecretStr

from lapor_gateway.jobs.gateway import Gateway

_PREFIX: Final = "secret:"


def needed_secrets(gateway: Gateway) -> dict[str, list[str]]:
    """Secrets by name, each with the channels and accounts that use it."""
    users: dict[str, list[str]] = {}
    for channel in gateway.channels.values():
        for name in sorted(set(_named_in(channel.settings.model_dump()))):
            users.setdefault(name, []).append(channel.id)
    for account, settings in gateway.settings.national.items():
        for name in sorted(set(_named_in(settings.model_dump()))):
            users.setdefault(name, []).append(f"[national.{account}]")
    for region, officers in gateway.settings.reminders.officers.items():
        for name in sorted(set(_named_in(officers))):
            users.setdefault(name, []).append(f"[reminders.officers] {region}")
    return users


def _named_in(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, str):
        if value.startswith(_PREFIX):
            yield value.removeprefix(_PREFIX)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _named_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _named_in(inner)
