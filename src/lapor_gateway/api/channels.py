"""`/v1/regions` and `/v1/channels`: where each stands; sync, pause, resume, test, go live."""

import asyncio
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response

from lapor_gateway.api.answers import Listed, Said, answer, returns
from lapor_gateway.api.engines import engine_of, required_engine, wake_engine
from lapor_gateway.api.parameters import ApprovalBody, ChannelQuery, PauseBody, TallyBody
from lapor_gateway.api.principal import Operator, Reader, Sender, gateway_of, name_of
from lapor_gateway.book import channels as book_channels
from lapor_gateway.book.access import Principal
from lapor_gateway.book.channels import WentLive
from lapor_gateway.book.queries import RunView, find_run
from lapor_gateway.book.tallies import keep_tally
from lapor_gateway.clock import isoformat, to_datetime, to_instant
from lapor_gateway.errors import ConfigurationError, NotAllowedError, NotFoundError, OutOfReachError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.status import ChannelStatus, read_status
from lapor_gateway.moments import moment
from lapor_gateway.sources.manifest import ChannelManifest, RegionManifest
from lapor_gateway.sources.registry import open_source

TEST_SECONDS: Final = 30
router: Final = APIRouter(prefix="/v1", tags=["channels"])


class RegionView(msgspec.Struct, frozen=True):
    """A region as its folder describes it; `contact` is whom to call."""

    id: str
    code: str
    name: str
    zone: str
    account: str
    contact: dict[str, str] | None
    channels: list[str]


class ChannelView(msgspec.Struct, frozen=True):
    """A channel: how it is read, when it runs next, and where it stands."""

    id: str
    region: str
    source: str
    schedule: str | None
    next_run: str | None
    status: ChannelStatus


class TallyView(msgspec.Struct, frozen=True):
    """A sender's tally against the book: `missing` are the ids that never came."""

    channel: str
    date: str
    count: int
    seen: int
    missing: list[str]


@router.get("/regions", responses=returns(Listed[RegionView], "The regions."), summary="List regions")
def regions(request: Request, principal: Reader) -> Response:
    found = [
        _region(one, principal)
        for one in gateway_of(request).regions.values()
        if _sees_region(principal, one)
    ]
    return answer(Listed(found, None))


@router.get("/regions/{region}", responses=returns(RegionView, "The region."), summary="Read a region")
def region_(request: Request, principal: Reader, region: str) -> Response:
    found = gateway_of(request).regions.get(region)
    if found is None or not _sees_region(principal, found):
        raise NotFoundError(f"There is no region {region[:80]!r}.", cure="GET /v1/regions lists them.")
    return answer(_region(found, principal))


@router.get("/channels", responses=returns(Listed[ChannelView], "The channels."), summary="List channels")
def list_(request: Request, principal: Reader, asked: Annotated[ChannelQuery, Query()]) -> Response:
    gateway = gateway_of(request)
    names = visible_channels(gateway, principal, asked.region)
    shown = [_view(request, one) for one in read_status(gateway, names).channels]
    return answer(Listed(shown, None))


@router.get("/channels/{channel}", responses=returns(ChannelView, "The channel."), summary="Read a channel")
def read(request: Request, principal: Reader, channel: str) -> Response:
    return answer(_shown(request, principal, channel))


@router.post(
    "/channels/{channel}/sync", responses=returns(RunView, "The run to follow.", 202), summary="Sync now"
)
def sync(request: Request, principal: Operator, channel: str) -> Response:
    """Pull, normalize, push and settle this channel as soon as possible."""
    found = visible_channel(gateway_of(request), principal, channel)
    run = required_engine(request).submit(found.id)
    return answer(find_run(gateway_of(request).book, run), 202, {"location": f"/v1/runs/{run}"})


@router.post(
    "/channels/{channel}/pause", responses=returns(ChannelView, "Paused."), summary="Pause a channel"
)
def pause(request: Request, principal: Operator, channel: str, body: PauseBody | None = None) -> Response:
    """Stop pulling; the checkpoint stays, and webhooks are taken all the same."""
    gateway = gateway_of(request)
    reason = (body or PauseBody()).reason
    book_channels.pause(
        gateway.book, visible_channel(gateway, principal, channel).id, reason, by=name_of(principal)
    )
    return answer(_shown(request, principal, channel))


@router.post(
    "/channels/{channel}/resume", responses=returns(ChannelView, "Resumed."), summary="Resume a channel"
)
def resume(request: Request, principal: Operator, channel: str) -> Response:
    """Pull again, from the checkpoint where it stopped."""
    gateway = gateway_of(request)
    book_channels.resume(gateway.book, visible_channel(gateway, principal, channel).id, by=name_of(principal))
    return answer(_shown(request, principal, channel))


@router.post(
    "/channels/{channel}/test", responses=returns(Said, "What was seen."), summary="Test the connection"
)
def test(request: Request, principal: Operator, channel: str) -> Response:
    """Try the connection with the least effect. 502 or 503 say what is wrong with it."""
    gateway = gateway_of(request)
    found = visible_channel(gateway, principal, channel)
    if found.source == "webhook":
        return answer(Said(f"It takes webhooks at /hooks/{found.id}; there is nothing to call."))
    return answer(Said(asyncio.run(_check(gateway, found))))


@router.post(
    "/channels/{channel}/go-live", responses=returns(WentLive, "What it set free."), summary="Approve"
)
def go_live(request: Request, principal: Operator, channel: str, body: ApprovalBody) -> Response:
    """A named person approves that this channel pushes. What has been sent cannot be recalled."""
    gateway = gateway_of(request)
    found = visible_channel(gateway, principal, channel)
    start = None if body.from_ is None else moment(body.from_, found.zone)
    went = book_channels.go_live(gateway.book, found.id, by=body.by, push_from=start, canary=body.canary)
    wake_engine(request)
    return answer(went)


@router.post(
    "/channels/{channel}/tally", responses=returns(TallyView, "Compared."), summary="Post a day's tally"
)
def tally(request: Request, principal: Sender, channel: str, body: TallyBody) -> Response:
    """The sender's own count and ids of one day; a later one for the same day takes its place.

    The answer names the ids that never came: send them again. Whatever is still missing at the next count of the
    balance is a gap and a finding, until it comes. Needs the scope `send`.
    """
    gateway = gateway_of(request)
    found = visible_channel(gateway, principal, channel)
    if found.source != "webhook":
        raise NotAllowedError(
            f"The channel {found.id} is read by the gateway itself; nobody sends to it.",
            cure="Post the tally to the channel that takes the webhooks.",
        )
    if body.day > to_datetime(gateway.clock.now()).astimezone(found.zone).date():
        raise ConfigurationError(
            f"The day {body.day} has not come yet.", cure="Send the tally of a past day."
        )
    missing = keep_tally(gateway.book, found.id, body.day, body.source_ids, by=name_of(principal))
    seen = body.count - len(missing)
    return answer(TallyView(found.id, body.day.isoformat(), body.count, seen, missing))


def visible_channels(gateway: Gateway, principal: Principal, region: str | None = None) -> frozenset[str]:
    """The ids of the channels that the caller may see, of one region if it is given."""
    return frozenset(
        one.id
        for one in gateway.channels.values()
        if _sees_channel(principal, one) and region in (None, one.region)
    )


async def _check(gateway: Gateway, channel: ChannelManifest) -> str:
    source = open_source(
        channel, secrets=gateway.secret, data_dir=gateway.settings.data_dir, clock=gateway.clock
    )
    try:
        async with asyncio.timeout(TEST_SECONDS):
            return await source.check()
    except TimeoutError:
        raise OutOfReachError(
            f"{channel.id} did not answer within {TEST_SECONDS} seconds.",
            cure="Check its address and the network.",
        ) from None
    finally:
        await source.close()


def visible_channel(gateway: Gateway, principal: Principal, channel: str) -> ChannelManifest:
    """The channel of this id. Raises `NotFoundError` alike for one that is not there and one that is hidden."""
    if channel not in visible_channels(gateway, principal):
        raise NotFoundError(f"There is no channel {channel[:80]!r}.", cure="GET /v1/channels lists them.")
    return gateway.channel(channel)


def _shown(request: Request, principal: Principal, channel: str) -> ChannelView:
    gateway = gateway_of(request)
    found = visible_channel(gateway, principal, channel)
    (status,) = read_status(gateway, frozenset({found.id})).channels
    return _view(request, status)


def _view(request: Request, status: ChannelStatus) -> ChannelView:
    manifest = gateway_of(request).channel(status.id)
    engine = engine_of(request)
    due = engine.next_run(manifest.id) if engine else None
    next_run = None if due is None else isoformat(to_instant(due))
    return ChannelView(status.id, status.region, manifest.source, manifest.schedule, next_run, status)


def _region(region: RegionManifest, principal: Principal) -> RegionView:
    contact: dict[str, Any] | None = region.contact.model_dump(exclude_none=True) if region.contact else None
    channels = [one.id for one in region.channels.values() if _sees_channel(principal, one)]
    return RegionView(
        region.region_id, region.code, region.name, str(region.zone), region.account, contact, list(channels)
    )


def _sees_region(principal: Principal, region: RegionManifest) -> bool:
    return any(_sees_channel(principal, one) for one in region.channels.values())


def _sees_channel(principal: Principal, channel: ChannelManifest) -> bool:
    return principal.region in (None, channel.region) and principal.channel in (None, channel.id)
