"""The status page at `/` and the documentation page at `/docs`: plain HTML, no script, nothing from elsewhere."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from lapor_gateway import catalogue
from lapor_gateway.api.channels import visible_channels
from lapor_gateway.api.described import calls_of, shapes_of
from lapor_gateway.api.engines import engine_of
from lapor_gateway.api.principal import Reader, gateway_of
from lapor_gateway.book.obstacles import ObstacleView
from lapor_gateway.catalogue.page import PAGE
from lapor_gateway.clock import to_datetime
from lapor_gateway.jobs.engine import Engine
from lapor_gateway.jobs.status import ChannelStatus, read_status
from lapor_gateway.moments import DEFAULT_ZONE
from lapor_gateway.sources.manifest import RegionManifest

Language = Annotated[Literal["id", "en"] | None, Query()]
router: Final = APIRouter(include_in_schema=False)


@router.get("/")
def status_page(request: Request, principal: Reader, lang: Language = None) -> Response:
    """Where everything stands, for people."""
    gateway = gateway_of(request)
    status = read_status(gateway, visible_channels(gateway, principal))
    engine = engine_of(request)
    by_region: dict[str, list[ChannelStatus]] = {}
    for channel in status.channels:
        by_region.setdefault(channel.region, []).append(channel)
    regions = [_region(gateway.regions[name], channels, engine) for name, channels in by_region.items()]
    now = _local(to_datetime(gateway.clock.now()), DEFAULT_ZONE)
    worker = engine is not None and engine.is_alive
    language = lang or gateway.settings.lang
    catalogue.use(language)  # of this request alone: a context of its own
    obstacles = [_obstacle(one, gateway.regions) for one in status.obstacles]
    shown = {"status": status, "regions": regions, "obstacles": obstacles, "now": now, "worker": worker}
    return _page(request, "status", lang, **shown)


@router.get("/docs")
def documentation(request: Request, lang: Language = None) -> Response:
    """Every call of the API, made from the OpenAPI document."""
    document = request.app.openapi()
    shown = {"document": document, "calls": calls_of(document), "shapes": shapes_of(document)}
    return _page(request, "docs", lang, **shown)


@router.get("/static/gateway.css")
async def look() -> Response:
    return Response(_look(), media_type="text/css", headers={"cache-control": "max-age=3600"})


def _page(request: Request, name: str, lang: Literal["id", "en"] | None, **values: Any) -> Response:
    language = lang or gateway_of(request).settings.lang
    template = _templates().get_template(f"{name}.html")
    other = "en" if language == "id" else "id"
    catalogue.use(language)  # of this request alone: a context of its own
    words = {"t": _texts(language), "said": catalogue.sentence, "details": catalogue.details}
    text = template.render(page=name, lang=language, other=other, **words, **values)
    return Response(text, media_type="text/html", headers={"content-language": language})


def _texts(language: str) -> Callable[[str], str]:
    index = 0 if language == "id" else 1
    return lambda key: PAGE[key][index] if key in PAGE else key


def _obstacle(one: ObstacleView, regions: Mapping[str, RegionManifest]) -> dict[str, Any]:
    region = regions.get(one.region)
    said = catalogue.text(f"obstacle.{one.kind}", **{**one.facts, "description": one.description or ""})
    return {
        "id": one.id,
        "region": region.name if region else one.region,
        "said": f"{said} ({one.channel})" if one.channel else said,
        "since": _local(datetime.fromisoformat(one.since), region.zone if region else DEFAULT_ZONE),
        "owner": one.owner,
        "commitment": one.commitment,
        "due_on": one.due_on,
    }


def _region(region: RegionManifest, channels: list[ChannelStatus], engine: Engine | None) -> dict[str, Any]:
    return {
        "id": region.region_id,
        "name": region.name,
        "contact": region.contact,
        "channels": [_channel(one, region, engine) for one in channels],
    }


def _channel(status: ChannelStatus, region: RegionManifest, engine: Engine | None) -> dict[str, Any]:
    (manifest,) = (one for one in region.channels.values() if one.id == status.id)
    due = engine.next_run(manifest.id) if engine else None
    success = status.last_success_at
    return {
        "id": status.id,
        "status": status,
        "next_run": due and _local(due, region.zone),
        "last_success": success and _local(datetime.fromisoformat(success), region.zone),
        "counted_at": {
            side: at and _local(datetime.fromisoformat(at), region.zone)
            for side, at in status.balance.counted_at.items()
        },
    }


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%d-%m-%Y %H.%M %Z")


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("lapor_gateway.api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _look() -> str:
    return (files("lapor_gateway.api") / "static" / "gateway.css").read_text("utf-8")
