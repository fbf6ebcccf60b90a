"""The alarm of the balance: a gap is a finding from the first count that shows it until the balance closes."""

from collections.abc import Collection

import msgspec

from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, raise_finding, settle_finding
from lapor_gateway.domain.balance import Verdict
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.status import ChannelStatus, read_status


class Rung(msgspec.Struct, frozen=True):
    """What is new about an origin's balance: a gap and why, or (`gap` false) that it closes again."""

    origin: str
    gap: bool
    why: str


def judge_balance(gateway: Gateway, origins: Collection[str]) -> list[Rung]:
    """Raise or settle the finding `balance_gap` of these origins by their last counts; what is new by that.

    A gap that is known already is not new: an alarm that rings every hour is not heard. One whose counts are
    missing closes no gap.
    """
    by_origin: dict[str, ChannelStatus] = {}
    for one in read_status(gateway).channels:
        if one.origin in origins and (one.origin not in by_origin or one.balance.verdict is Verdict.GAP):
            by_origin[one.origin] = one
    return [rung for one in by_origin.values() if (rung := _judge(gateway.book, one)) is not None]


def _judge(book: Book, one: ChannelStatus) -> Rung | None:
    kind, why = FindingKind.BALANCE_GAP, one.balance.detail
    is_gap = one.balance.verdict is Verdict.GAP
    if not is_gap and one.balance.verdict is not Verdict.BALANCED:
        return None
    with book.write() as connection:
        is_new = (
            raise_finding(book, connection, kind, one.origin, one.id, {"why": why})
            if is_gap
            else settle_finding(book, connection, kind, one.origin)
        )
    return Rung(one.origin, is_gap, why) if is_new else None
