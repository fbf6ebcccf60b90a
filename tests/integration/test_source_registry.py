"""A channel's manifest opens the family it names."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from lapor_gateway.clock import SystemClock
from lapor_gateway.domain.complaint import ChannelId
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.sources.files import FilesSource
from lapor_gateway.sources.registry import open_source
from lapor_gateway.sources.rest import RestSource
from lapor_gateway.sources.settings import FilesSettings, RestSettings, SqlSettings, WebhookSettings
from lapor_gateway.sources.sql import SqlSource


class NoMapping:
    def source_id(self, _record: Any, /) -> str | None:
        return None


class OtherSettings(BaseModel):
    """Of a family that some package would bring."""


@dataclass
class Channel:
    settings: BaseModel
    source: str = "rest"
    id: ChannelId = field(default_factory=lambda: ChannelId("kota.aplikasi"))
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Jakarta"))
    mapping: NoMapping = field(default_factory=NoMapping)


def opened(channel: Channel, data_dir: Path) -> Any:
    return open_source(channel, secrets=lambda name: name, data_dir=data_dir, clock=SystemClock())


@pytest.mark.parametrize(
    ("settings", "family"),
    [
        (RestSettings(url="https://aplikasi.example/api"), RestSource),
        (SqlSettings(url="sqlite:///pengaduan.db", table="pengaduan", key="id"), SqlSource),
        (FilesSettings(folder="inbox", headings=("No",)), FilesSource),
    ],
)
async def test_each_family_is_opened_by_its_settings(
    settings: BaseModel, family: type, tmp_path: Path
) -> None:
    source = opened(Channel(settings), tmp_path)
    assert isinstance(source, family)
    await source.close()


async def test_a_webhook_cannot_be_pulled(tmp_path: Path) -> None:
    settings = WebhookSettings.model_validate({"verify": {"kind": "bearer", "token": "secret:kota/token"}})
    with pytest.raises(ConfigurationError, match=r"kota\.aplikasi is a webhook"):
        opened(Channel(settings), tmp_path)


async def test_a_family_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="“open311”, which is not installed"):
        opened(Channel(OtherSettings(), source="open311"), tmp_path)
