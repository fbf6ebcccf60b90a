"""Delivering a region's news to its application, one channel at a time: nobody else waits for one that is away."""

from typing import Final

from lapor_gateway.book import delivering
from lapor_gateway.book.delivering import Ended, How, News
from lapor_gateway.book.leases import Lease
from lapor_gateway.clock import to_datetime
from lapor_gateway.errors import OutOfReachError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.settings_sections import is_loopback
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.write_back import (
    Declined,
    Delivered,
    Doubtful,
    Ending,
    NotDelivered,
    Notice,
    open_writer,
)
from lapor_gateway.sources.write_back_settings import (
    FilesWriteBack,
    RestWriteBack,
    WebhookWriteBack,
    WriteBack,
)

_SECOND: Final = 1_000_000
_A_BATCH: Final = 20
_A_SHEET: Final = 1_000
_FIRST_PAUSE: Final = 5 * _SECOND
_LONGEST_PAUSE: Final = 3600 * _SECOND
_TRIED_FOR: Final = 3 * 86_400 * _SECOND
"""So long an application that answers, and always with an error, is tried; one that is away, as long as it is away."""


async def deliver(gateway: Gateway, channel: ChannelManifest, lease: Lease) -> int:
    """Tell the channel's application what waits, until nothing is due or it is away; how many parcels it took."""
    how = channel.write_back
    assert how is not None
    if not _is_open_to(how, gateway):
        return 0
    writer = open_writer(how, channel, secrets=gateway.secret, data_dir=gateway.settings.data_dir)
    try:
        repeatable = frozenset(kind for kind in how.kinds if writer.may_repeat(kind))
        delivering.lose_holders(gateway.book, lease, channel.id, repeatable)
        done = 0
        while lease.is_held and (news := _begin(gateway, channel, lease, how)):
            endings = await writer.deliver([_notice(one, how) for one in news])
            ended = [_ended(gateway, one, ending) for one, ending in zip(news, endings, strict=True)]
            delivering.finish(gateway.book, lease, channel.id, channel.origin, ended)
            done += sum(len(one.news.parcels) for one in ended if one.how is How.DELIVERED)
            away = next((one for one in endings if isinstance(one, NotDelivered) and one.away), None)
            if away is not None:
                raise OutOfReachError(
                    f"The application of {channel.id} could not be written to.",
                    detail=away.reason,
                    cure="Check the address, the network and the credential; what waits is told by itself later.",
                )
        return done
    finally:
        await writer.close()


def _is_open_to(how: WriteBack, gateway: Gateway) -> bool:
    """A training book writes to nobody's real application: only on this machine, or where the manifest allows it."""
    if gateway.environment == "production" or how.training or isinstance(how, FilesWriteBack):
        return True
    if isinstance(how, WebhookWriteBack):
        return is_loopback(how.url)
    if isinstance(how, RestWriteBack):
        calls = [getattr(how, kind) for kind in how.kinds]
        return all(is_loopback(call.url) for call in calls)
    from lapor_gateway.sources.sql_session import database_url  # noqa: PLC0415 - with its drivers

    url = database_url(how, gateway.secret)  # the address may stand in a secret
    host = url.host or "localhost"
    return url.get_backend_name() == "sqlite" or is_loopback(f"//[{host}]" if ":" in host else f"//{host}")


def _begin(gateway: Gateway, channel: ChannelManifest, lease: Lease, how: WriteBack) -> list[News]:
    together = isinstance(how, FilesWriteBack)
    seconds = 30.0 if isinstance(how, FilesWriteBack) else how.timeout.total_seconds()
    # The batch goes out one after the other, each within the time-out.
    time_out = int(seconds * _SECOND) * (1 if together else _A_BATCH)
    return delivering.begin(
        gateway.book,
        lease,
        channel.id,
        _A_SHEET if together else _A_BATCH,
        time_out=time_out,
        together=together,
    )


def _notice(news: News, how: WriteBack) -> Notice:
    words = how.statuses
    status = words.get(news.word or "") or words.get(news.meaning or "") or words.get("*") or news.word
    follow_up = news.last_answer if isinstance(how, FilesWriteBack) else news.follow_up
    return Notice(
        delivery=news.delivery,
        kind=news.kind,
        at=to_datetime(news.at),
        source_id=news.source_id,
        tracking_id=news.tracking_id,
        reference=news.reference,
        status=status if news.word is not None else None,
        national_status=news.word,
        follow_up=follow_up,
        author=news.author,
        title=news.title,
        body=news.body,
    )


def _ended(gateway: Gateway, news: News, ending: Ending) -> Ended:
    now = gateway.clock.now()
    match ending:
        case Delivered(regional_id):
            return Ended(news, How.DELIVERED, regional_id=regional_id)
        case Declined(reason):
            return Ended(news, How.DECLINED, reason)
        case Doubtful(reason):
            return Ended(news, How.DOUBTFUL, reason)
        case NotDelivered(reason, away, retry_after):
            if not away and now - news.at > _TRIED_FOR:
                return Ended(news, How.DECLINED, f"tried for three days: {reason}")
            return Ended(news, How.LATER, reason, now + _pause(news.parcels[0].attempts, retry_after))


def _pause(attempt: int, retry_after: float | None) -> int:
    if retry_after is not None:
        return min(int(retry_after * _SECOND), _LONGEST_PAUSE)
    return int(min(_FIRST_PAUSE * 2 ** min(attempt - 1, 12), _LONGEST_PAUSE))
