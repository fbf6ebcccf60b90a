"""The shipped region folders: every recorded sample becomes what `expected/` says, and nothing else."""

from pathlib import Path

import pytest

from lapor_gateway.shipped import shipped
from lapor_gateway.sources.conformance import check_samples
from lapor_gateway.sources.manifest import load_region

FOLDERS = sorted(path.parent for path in shipped("connectors").glob("*/connector.toml"))
in_every_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


@in_every_folder
def test_every_sample_normalizes_to_what_is_expected(folder: Path) -> None:
    results = check_samples(load_region(folder))
    assert len(results) > 10
    assert not [result for result in results if not result.conforms]


@in_every_folder
def test_every_channel_has_samples(folder: Path) -> None:
    region = load_region(folder)
    assert {result.channel for result in check_samples(region)} == set(region.channels)


@in_every_folder
def test_channels_of_one_origin_map_alike(folder: Path) -> None:
    digests: dict[str, set[str]] = {}
    for channel in load_region(folder).channels.values():
        digests.setdefault(channel.origin, set()).add(channel.digest)
    assert all(len(found) == 1 for found in digests.values())
