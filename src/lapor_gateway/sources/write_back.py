"""Writing back: one port for every way in which a region's application is told what happens at LAPOR!."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import msgspec

from lapor_gateway.sources.write_back_settings import (
    FilesWriteBack,
    RestWriteBack,
    SqlWriteBack,
    WebhookWriteBack,
    WriteBack,
)

# ruff: noqa: PLC0415 - a family is loaded when something is written by it

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


class Notice(msgspec.Struct, frozen=True):
    """One piece of news for a region's application; `delivery` names it over all tries. `at` is aware.

    `status` is in the application's own words where the manifest translates them, `national_status` in LAPOR!'s.
    """

    delivery: str
    kind: str
    at: datetime
    source_id: str | None = None
    tracking_id: str | None = None
    reference: str | None = None
    status: str | None = None
    national_status: str | None = None
    follow_up: str | None = None
    author: str | None = None
    title: str | None = None
    body: str | None = None


class Delivered(msgspec.Struct, frozen=True):
    """The application has it; `regional_id` where it gave a new complaint an id of its own."""

    regional_id: str | None = None


class NotDelivered(msgspec.Struct, frozen=True):
    """Not yet, and it may be sent again. `away` says that the application could not be reached at all.

    `retry_after` in seconds, where it said so.
    """

    reason: str
    away: bool = False
    retry_after: float | None = None


class Declined(msgspec.Struct, frozen=True):
    """The application will never take it as it is."""

    reason: str


class Doubtful(msgspec.Struct, frozen=True):
    """Perhaps taken, perhaps not, and twice would do harm: a person decides."""

    reason: str


Ending = Delivered | NotDelivered | Declined | Doubtful


class Writer(Protocol):
    """A region's application, ready to be written to. Never raises for what it answers."""

    def may_repeat(self, kind: str) -> bool:
        """Whether the same news twice does no harm there."""
        ...

    async def deliver(self, notices: Sequence[Notice]) -> list[Ending]:
        """Tell all of these, each of another complaint; an ending for each, in order."""
        ...

    async def close(self) -> None: ...


async def one_by_one(
    notices: Sequence[Notice], deliver: Callable[[Notice], Awaitable[Ending]]
) -> list[Ending]:
    """An ending for each; once the application is away it is not asked again for the rest."""
    endings: list[Ending] = []
    for notice in notices:
        away = bool(endings) and isinstance(endings[-1], NotDelivered) and endings[-1].away
        endings.append(endings[-1] if away else await deliver(notice))
    return endings


class Channel(Protocol):
    """What of a channel's manifest a writer needs."""

    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def settings(self) -> Any: ...


def open_writer(how: WriteBack, channel: Channel, *, secrets: Callable[[str], str], data_dir: Path) -> Writer:
    """The channel's application, not yet connected to; close it after use. Raises as `sources.registry.open_source`."""
    match how:
        case RestWriteBack():
            from lapor_gateway.sources.write_back_rest import RestWriter

            return RestWriter(how, channel, secrets)
        case SqlWriteBack():
            from lapor_gateway.sources.write_back_sql import SqlWriter

            return SqlWriter(how, channel, secrets, data_dir)
        case FilesWriteBack():
            from lapor_gateway.sources.write_back_files import FilesWriter

            return FilesWriter(how, channel, data_dir)
        case WebhookWriteBack():
            from lapor_gateway.sources.write_back_webhook import WebhookWriter

            return WebhookWriter(how, channel, secrets)


def values_of(notice: Notice, zone: ZoneInfo) -> dict[str, Any]:
    """A notice's fields by the names that templates and statements use; the time is local, without offset."""
    values = msgspec.structs.asdict(notice)
    return values | {"at": notice.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")}


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """A template with every `{name}` filled in; a text that is one placeholder alone stays null where its value is."""
    if isinstance(template, str):
        alone = _PLACEHOLDER.fullmatch(template)
        if alone is not None:
            return values[alone[1]]
        return _PLACEHOLDER.sub(lambda found: str(values[found[1]] or ""), template)
    if isinstance(template, dict):
        return {name: filled(part, values) for name, part in template.items()}
    return [filled(part, values) for part in template] if isinstance(template, list) else template
