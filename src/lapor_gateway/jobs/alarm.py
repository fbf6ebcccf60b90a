"""The alarm of the balance: a gap is a finding and a warning from the first count that shows it, until it is closed."""

from collections.abc import Collection

from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, raise_finding, settle_finding
from lapor_gateway.domain.balance import Verdict
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.status import ChannelStatus, read_status
from lapor_gateway.observability import logger

_log = logger("balance")


def judge_balance(gateway: Gateway, origins: Collection[str]) -> None:
    """Raise or settle the finding `balance_gap` of these origins by the last counts.

    Only the first count that shows a gap is logged as a warning: an alarm that rings every hour is not heard. One
    whose counts are missing closes no gap.
    """
    by_origin: dict[str, ChannelStatus] = {}
    for one in read_status(gateway).channels:
        if one.origin in origins and (one.origin not in by_origin or one.balance.verdict is Verdict.GAP):
            by_origin[one.origin] = one
    for one in by_origin.values():
        _judge(gateway.book, one)


def _judge(book: Book, one: ChannelStatus) -> None:
    kind = FindingKind.BALANCE_GAP
    if one.balance.verdict is Verdict.GAP:
        with book.write() as connection:
            opened = raise_finding(book, connection, kind, one.origin, one.id, {"why": one.balance.detail})
        if opened:
            _log.warning("balance does not close", origin=one.origin, why=one.balance.detail)
    elif one.balance.verdict is Verdict.BALANCED:
        with book.write() as connection:
            closed = settle_finding(book, connection, kind, one.origin)
        if closed:
            _log.warning("balance closes again", origin=one.origin)
