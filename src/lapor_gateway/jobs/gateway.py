"""The gateway as a job sees it: settings, book, regions and secrets, opened once and passed on."""

import contextlib
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import msgspec

from lapor_gateway.book import channels as book_channels
from lapor_gateway.book.channels import Registration
from lapor_gateway.book.crypto import MasterKeys
from lapor_gateway.book.database import Book
from lapor_gateway.book.due import Rule
from lapor_gateway.book.erasing import lay_to_rest
from lapor_gateway.book.intake import Door
from lapor_gateway.book.schema import open_book
from lapor_gateway.book.standing import environment_of, require_living
from lapor_gateway.book.vault import MissingSecretError, resolve, secret
from lapor_gateway.clock import Clock
from lapor_gateway.domain.complaint import ChannelId
from lapor_gateway.domain.notes import Note
from lapor_gateway.errors import ConfigurationError, NotFoundError
from lapor_gateway.settings import Settings
from lapor_gateway.settings_sections import Environment, NationalAccount
from lapor_gateway.sources.manifest import ChannelManifest, RegionManifest, read_regions
from lapor_gateway.sources.manifest_faults import ManifestError
from lapor_gateway.sources.settings import secret_name


class Gateway:
    """Everything a job needs. Close it, or use `opened`."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.book: Book = open_book(
            settings.book_url,
            MasterKeys(settings.master_keys(), settings.master_keys),
            clock,
            archive=settings.archive_dir,
        )
        self.met: dict[str, tuple[float, Note | None]] = {}
        """What each witness showed last, and when (`clock.elapsed`); kept by `jobs.fence`."""
        try:
            self.environment = _environment(settings, self.book)
        except Exception:
            self.book.close()
            raise

    @property
    def clock(self) -> Clock:
        return self.book.clock

    @cached_property
    def regions(self) -> dict[str, RegionManifest]:
        """The regions whose folders are right; `manifest_error` tells of the others."""
        return self._manifests[0]

    @property
    def manifest_error(self) -> ManifestError | None:
        """The faults of the regions that are left out, None where all are right."""
        return self._manifests[1]

    @cached_property
    def _manifests(self) -> tuple[dict[str, RegionManifest], ManifestError | None]:
        return read_regions(self.settings.connectors_dir)

    @cached_property
    def channels(self) -> dict[ChannelId, ChannelManifest]:
        return {c.id: c for region in self.regions.values() for c in region.channels.values()}

    def channel(self, identifier: str) -> ChannelManifest:
        """One channel's manifest. Raises `NotFoundError` naming the channels there are, `ManifestError`."""
        found = self.channels.get(ChannelId(identifier))
        if found is None:
            faulty = self.manifest_error and self.manifest_error.of_region(identifier.partition(".")[0])
            if faulty:
                raise faulty
            known = ", ".join(sorted(self.channels)) or "none"
            raise NotFoundError(f"There is no channel {identifier}.", cure=f"Known are: {known}.")
        return found

    def secret(self, name: str) -> str:
        """A secret by its name. Raises `MissingSecretError`."""
        return secret(self.book, name)

    def resolve(self, value: str) -> str:
        """A value, or the secret that it names as `secret:a/b`."""
        return resolve(self.book, value)

    def credential_print(self, channel: ChannelManifest) -> bytes:
        """A digest of all secrets that a channel names: tells a changed credential from the one that failed."""
        names = sorted(_secrets_named(channel.settings.model_dump(mode="json")))
        values = [f"{name}\0{self._secret_or_nothing(name)}" for name in names]
        return self.book.digest("\0".join(values).encode("utf-8", "surrogatepass"))

    def _secret_or_nothing(self, name: str) -> str:
        try:
            return self.secret(name)
        except MissingSecretError:
            return ""

    def account(self, name: str) -> NationalAccount:
        """A national account's settings. Raises `ConfigurationError` where the settings name none."""
        found = self.settings.national.get(name)
        if found is None:
            raise ConfigurationError(
                f"The national account {name} is not configured.",
                cure=f"Add a section [national.{name}] to lapor-gateway.toml.",
            )
        return found

    def register_channels(self) -> None:
        """Make the book know every channel of the manifests; a new one starts in shadow."""
        book_channels.register(
            self.book,
            [Registration(c.id, c.region, c.origin, c.account, c.digest) for c in self.channels.values()],
        )

    def door_of(self, channel: ChannelManifest) -> Door:
        return Door(channel.id, channel.region, channel.origin, channel.account)

    def rules(self, *names: ChannelId) -> dict[ChannelId, Rule]:
        """How the named channels, or else all, are judged at the gate, as the book has it now."""
        asked = [self.channels[name] for name in names] or list(self.channels.values())
        policies = book_channels.policies(
            self.book, {channel.id: channel.duplicates == "hold" for channel in asked}
        )
        by_hand = {name for name, account in self.settings.national.items() if account.is_by_hand}
        return {
            channel.id: Rule(
                channel.mapping,
                msgspec.structs.replace(policies[channel.id], by_hand=channel.account in by_hand),
            )
            for channel in asked
        }

    def close(self) -> None:
        self.book.close()


def _environment(settings: Settings, book: Book) -> Environment:
    """Production only where settings and book both say so: a copy for training stays one under any settings.

    Raises `ConfigurationError` for a book that lives elsewhere by now.
    """
    with book.read() as connection:
        require_living(connection)
        own = environment_of(connection)
    return "production" if settings.environment == own == "production" else "training"


def _secrets_named(value: Any) -> set[str]:
    if isinstance(value, str):
        name = secret_name(value)
        return {name} if name else set()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {name for part in parts for name in _secrets_named(part)}


@contextlib.contextmanager
def opened(settings: Settings, clock: Clock | None = None) -> Iterator[Gateway]:
    """A gateway whose channels are registered and whose erased complaints are erased, closed at the end."""
    gateway = Gateway(settings, clock)
    try:
        gateway.register_channels()
        lay_to_rest(gateway.book, settings.tombstones_file)
        yield gateway
    finally:
        gateway.close()
