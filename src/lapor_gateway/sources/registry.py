"""From a channel's manifest to a source that can be read: our families, and those of installed packages."""

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from lapor_gateway.clock import Clock, to_datetime
from lapor_gateway.domain.complaint import ChannelId
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.sources.port import Source
from lapor_gateway.sources.settings import FilesSettings, RestSettings, SqlSettings, WebhookSettings

if TYPE_CHECKING:
    import httpx

# A family is loaded when a channel of it is opened: HTTP, databases and spreadsheets cost a tenth of a second each.
# ruff: noqa: PLC0415

FAMILY_GROUP = "lapor_gateway.sources"
"""The entry point group under which a package offers a family: an object with `Settings` and `open`."""


class _Mapping(Protocol):
    def source_id(self, record: Any, /) -> str | None: ...


class Channel(Protocol):
    """What of a channel's manifest a family needs."""

    @property
    def id(self) -> ChannelId: ...
    @property
    def source(self) -> str: ...
    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def settings(self) -> BaseModel: ...
    @property
    def mapping(self) -> _Mapping: ...


class Family(Protocol):
    """A source family that an installed package offers."""

    Settings: type[BaseModel]

    def open(
        self,
        channel: Channel,
        *,
        secrets: Callable[[str], str],
        data_dir: Path,
        client: "httpx.AsyncClient",
        clock: Clock,
    ) -> Source: ...


def open_source(
    channel: Channel,
    *,
    secrets: Callable[[str], str],
    data_dir: Path,
    clock: Clock,
    client: "httpx.AsyncClient | None" = None,
) -> Source:
    """The channel's application, not yet connected to; close it after use.

    `secrets` gives a secret's value by its name ("wilayah/token", without "secret:"). Without a `client` the
    source makes a guarded one and closes it with itself. Raises `ConfigurationError` for a family that is not
    installed and for `webhook`, which waits to be called.
    """
    settings = channel.settings
    match settings:
        case RestSettings():
            from lapor_gateway import outgoing
            from lapor_gateway.sources.rest import RestSource

            http = client or outgoing.client("sources", timeout=settings.timeout)
            return RestSource(
                settings, zone=channel.zone, secrets=secrets, http=http, owns_client=client is None
            )
        case SqlSettings():
            from lapor_gateway.sources.sql import SqlSource
            from lapor_gateway.sources.sql_session import open_engine

            now = to_datetime(clock.now())
            engine = open_engine(settings, secrets=secrets, zone=channel.zone, data_dir=data_dir, now=now)
            return SqlSource(settings, engine, zone=channel.zone)
        case FilesSettings():
            from lapor_gateway.sources.files import FilesSource

            return FilesSource(settings, data_dir=data_dir, source_id=channel.mapping.source_id, clock=clock)
        case WebhookSettings():
            raise ConfigurationError(
                f"The channel {channel.id} is a webhook: it waits for messages and cannot be pulled.",
                cure=f"Let the application send to /hooks/{channel.id}.",
            )
        case _:
            from lapor_gateway import outgoing

            http = client or outgoing.client("sources")
            return _family(channel).open(
                channel, secrets=secrets, data_dir=data_dir, client=http, clock=clock
            )


def _family(channel: Channel) -> Family:
    for entry in entry_points(group=FAMILY_GROUP, name=channel.source):
        family: Family = entry.load()
        return family
    raise ConfigurationError(
        f"The channel {channel.id} wants the source family “{channel.source}”, which is not installed.",
        cure="Install its package, or use rest, sql, files or webhook.",
    )
