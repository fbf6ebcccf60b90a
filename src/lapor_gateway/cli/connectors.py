"""`connectors list|check|test|preview`: region folders, their manifests, and what their records become."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, call_of, gateway_of, run_async
from lapor_gateway.cli.screen import print_json, print_table, say, tell
from lapor_gateway.errors import ExitCode, NotFoundError

if TYPE_CHECKING:
    from lapor_gateway.jobs.gateway import Gateway
    from lapor_gateway.settings import Settings
    from lapor_gateway.sources.manifest import ChannelManifest, RegionManifest

group = typer.Typer(help=text("help.connectors"), no_args_is_help=True, rich_markup_mode=None)

Regions = Annotated[
    list[str] | None, typer.Argument(metavar="[REGION]…", help=text("help.connectors.region"))
]


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="connectors")


@group.command("list", **described("connectors list"))
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    from lapor_gateway.sources.manifest import load_regions

    regions = load_regions(call_of(context).settings.connectors_dir).values()
    found = [
        {
            "region": region.region_id,
            "code": region.code,
            "name": region.name,
            "account": region.account,
            "channels": [
                {"id": c.id, "source": c.source, "schedule": c.schedule} for c in region.channels.values()
            ],
            "folder": str(region.folder),
        }
        for region in regions
    ]
    if as_json:
        print_json(found)
    elif not found:
        say("connectors.none")
    else:
        rows = [
            (region.region_id, region.code, region.name, region.account,
             ", ".join(f"{c.id} ({c.source})" for c in region.channels.values()))
            for region in regions
        ]  # fmt: skip
        print_table(("region", "code", "name", "account", "channels"), rows)


@group.command("check", **described("connectors check"))
def check(context: typer.Context, region: Regions = None) -> None:
    chosen = _chosen(context, region)
    if chosen and _has_book(call_of(context).settings):
        _check_by_masters(context, chosen)
    for one in chosen:
        say("connectors.good", region=one.region_id, channels=", ".join(one.channels))


def _has_book(settings: "Settings") -> bool:
    """Whether there is an installation whose master lists can be asked: manifests are checked without one, too."""
    return settings.secret_key is not None or settings.key_file.is_file()


def _check_by_masters(context: typer.Context, regions: "Sequence[RegionManifest]") -> None:
    """Ids and names by the lists of the accounts, as they were last fetched. Raises `ManifestError`."""
    from lapor_gateway.jobs.masters import manifest_faults
    from lapor_gateway.sources.manifest_faults import ManifestError

    faults = []
    with gateway_of(context) as gateway:
        for one in regions:
            found, missing = manifest_faults(gateway, one)
            faults += found
            if missing:
                names = ", ".join(text(f"master.{kind}") for kind in missing)
                tell("connectors.no_masters", region=one.region_id, lists=names, account=one.account)
    if faults:
        raise ManifestError(tuple(faults))


@group.command("test", **described("connectors test"))
def conform(
    context: typer.Context,
    region: Regions = None,
    write_missing: Annotated[
        bool, typer.Option("--write-missing", help=text("help.connectors.write"))
    ] = False,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.sources.conformance import check_samples, write_expected

    for chosen in _chosen(context, region) if write_missing else ():
        for name in write_expected(chosen):
            tell("connectors.wrote", region=chosen.region_id, sample=name)
    results = {one.region_id: check_samples(one) for one in _chosen(context, region)}
    failed = {name: [one for one in found if not one.conforms] for name, found in results.items()}
    if as_json:
        print_json(
            {
                name: {"samples": len(found), "failed": [_told(one) for one in failed[name]]}
                for name, found in results.items()
            }
        )
    for name, found in results.items() if not as_json else ():
        for one in failed[name]:
            say("connectors.differs", sample=one.name, problem=one.problem)
            for difference in one.differences:
                print(f"    {difference.path}: {difference.expected!r} -> {difference.actual!r}")
        key = (
            "connectors.failed" if failed[name] else "connectors.passed" if found else "connectors.no_samples"
        )
        say(key, region=name, samples=len(found), failed=len(failed[name]))
    return ExitCode.NEEDS_A_PERSON if any(failed.values()) else ExitCode.DONE


@group.command("preview", **described("connectors preview"))
def preview(
    context: typer.Context,
    region: Annotated[str, typer.Argument(metavar="REGION", help=text("help.connectors.region"))],
    channel: Annotated[
        str | None, typer.Option("--channel", metavar="CHANNEL", help=text("help.channel"))
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, metavar="N", help=text("help.preview.limit"))] = 5,
    samples: Annotated[bool, typer.Option("--samples", help=text("help.preview.samples"))] = False,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.cli.previews import as_plain, print_preview

    with gateway_of(context, with_world=not samples) as gateway:
        manifest = _region(gateway, region)
        channels = [c for c in manifest.channels.values() if channel in (None, c.name, c.id)]
        if not channels:
            raise NotFoundError(
                f"The region {region} has no channel {channel}.",
                cure=f"Known are: {', '.join(manifest.channels)}.",
            )
        found = {one.id: _records(gateway, manifest, one, limit, samples=samples) for one in channels}
        if as_json:
            print_json([as_plain(gateway.channel(name), records) for name, records in found.items()])
        else:
            for name, records in found.items():
                print_preview(gateway.channel(name), records)
    return ExitCode.DONE


def _chosen(context: typer.Context, names: Sequence[str] | None) -> "list[RegionManifest]":
    """The regions named, each by its id or its folder; all of the connectors folder where none is."""
    from lapor_gateway.sources.manifest import load_region, load_regions

    connectors = call_of(context).settings.connectors_dir
    if not names:
        return list(load_regions(connectors).values())
    folders = [Path(name) if Path(name).is_dir() else connectors / name for name in names]
    return [load_region(folder) for folder in folders]


def _region(gateway: "Gateway", name: str) -> "RegionManifest":
    found = gateway.regions.get(name)
    if found is None:
        known = ", ".join(sorted(gateway.regions))
        raise NotFoundError(f"There is no region {name}.", cure=f"Known are: {known}.")
    return found


def _records(
    gateway: "Gateway", region: "RegionManifest", channel: "ChannelManifest", limit: int, *, samples: bool
) -> list[Any]:
    """Up to `limit` raw records: live ones, or the folder's samples where asked or where nobody can be asked."""
    from lapor_gateway.sources.conformance import read_samples

    if samples or channel.source == "webhook":
        return [one.record for one in read_samples(region) if one.channel.id == channel.id][:limit]
    return run_async(lambda: _live(gateway, channel, limit))


async def _live(gateway: "Gateway", channel: "ChannelManifest", limit: int) -> list[Any]:
    from contextlib import aclosing

    from lapor_gateway.sources.port import Checkpoint
    from lapor_gateway.sources.registry import open_source

    source = open_source(
        channel, secrets=gateway.secret, data_dir=gateway.settings.data_dir, clock=gateway.clock
    )
    records: list[Any] = []
    try:
        async with aclosing(source.pages(Checkpoint(), full=True)) as pages:
            async for page in pages:
                records += [record.value for record in page.records]
                if len(records) >= limit:
                    break
    finally:
        await source.close()
    return records[:limit]


def _told(result: Any) -> dict[str, Any]:
    return {
        "sample": result.name,
        "problem": result.problem,
        "differences": [
            {"path": d.path, "expected": d.expected, "actual": d.actual} for d in result.differences
        ],
    }
