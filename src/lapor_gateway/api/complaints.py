"""`/v1/complaints`: find, read, follow, decide."""

import asyncio
from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from lapor_gateway.api.answers import Listed, answer, returns
from lapor_gateway.api.engines import wake_engine
from lapor_gateway.api.parameters import ComplaintQuery, DecisionBody, FollowUpBody, PastQuery, ReasonBody
from lapor_gateway.api.principal import IdentityReader, Operator, Reader, bounds_of, gateway_of, name_of
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.journey import Journey, journey, note_reveal
from lapor_gateway.book.past import complaint_at
from lapor_gateway.book.proofs import Proof, prove
from lapor_gateway.book.queries import ComplaintView, find_complaint, list_complaints
from lapor_gateway.book.writing_follow_ups import write_follow_up
from lapor_gateway.clock import to_datetime, to_instant
from lapor_gateway.jobs.candidates import Candidates, candidates
from lapor_gateway.moments import DEFAULT_ZONE, moment_then

router: Final = APIRouter(prefix="/v1/complaints", tags=["complaints"])


class Decision(StrEnum):
    """A decision as its address spells it."""

    REPLAY = "replay"
    HOLD = "hold"
    RELEASE = "release"
    INCLUDE = "include"
    SET_ASIDE = "set-aside"
    LINK = "link"
    SPLIT = "split"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    ADOPT = "adopt"
    RESEND = "resend"
    GIVE_UP = "give-up"
    TRACKING_ID = "tracking-id"
    UNDO = "undo"

    @property
    def verb(self) -> Verb:
        return Verb.NUMBER if self is Decision.TRACKING_ID else Verb(self.value.replace("-", "_"))


@router.get(
    "", responses=returns(Listed[ComplaintView], "Complaints, newest first."), summary="List complaints"
)
def list_(request: Request, principal: Reader, asked: Annotated[ComplaintQuery, Query()]) -> Response:
    gateway = gateway_of(request)
    region = gateway.regions.get(asked.region or "")
    wanted = asked.filter(region.zone if region else DEFAULT_ZONE)
    rows, following = list_complaints(
        gateway.book, wanted, limit=asked.limit, cursor=asked.cursor, bounds=bounds_of(principal)
    )
    return answer(Listed(rows, following), headers=next_link(request, following))


@router.get(
    "/{complaint}",
    responses=returns(ComplaintView, "The complaint; with `at` the shape PastView."),
    summary="Read a complaint",
)
def read(
    request: Request, principal: Reader, complaint: str, asked: Annotated[PastQuery, Query()]
) -> Response:
    """`complaint` is its id or its reference. With `at`: what the gateway knew of it then, from the ledger."""
    gateway, bounds = gateway_of(request), bounds_of(principal)
    found = find_complaint(gateway.book, complaint, bounds=bounds)
    if asked.at is None:
        return answer(found)
    region = gateway.regions.get(found.region)
    zone = region.zone if region else DEFAULT_ZONE
    at = to_instant(moment_then(asked.at, zone, to_datetime(gateway.clock.now())))
    return answer(complaint_at(gateway.book, found.id, at, bounds=bounds))


@router.get(
    "/{complaint}/journey", responses=returns(Journey, "Its whole journey."), summary="Follow a complaint"
)
def follow(request: Request, principal: Reader, complaint: str) -> Response:
    """Raw records, versions, ledger entries, attempts, attachments and findings; identities are masked."""
    return answer(journey(gateway_of(request).book, complaint, bounds=bounds_of(principal)))


@router.get(
    "/{complaint}/candidates", responses=returns(Candidates, "Side by side."), summary="Compare with LAPOR!"
)
def compare(request: Request, principal: Reader, complaint: str) -> Response:
    """What we sent, what LAPOR!'s list shows for it and what differs; texts are redacted.

    `asked` is null where no list is granted; `trouble` says why the list gave no answer that can be trusted.
    """
    found = candidates(gateway_of(request), complaint, bounds=bounds_of(principal))
    return answer(asyncio.run(found))


@router.get("/{complaint}/proof", responses=returns(Proof, "Its proof."), summary="Prove a complaint")
def prove_(request: Request, principal: Reader, complaint: str) -> Response:
    """Its sealed entries, each with its way to a signed checkpoint. `scripts/verify_proof.py` checks it anywhere."""
    book = gateway_of(request).book
    return answer(prove(book, find_complaint(book, complaint, bounds=bounds_of(principal)).id))


@router.post(
    "/{complaint}/reveal", responses=returns(Journey, "The journey, unmasked."), summary="See an identity"
)
def reveal(request: Request, principal: IdentityReader, complaint: str, body: ReasonBody) -> Response:
    """The journey with raw records and identities. Needs the scope `identity`; ledger and audit keep who and why."""
    book, bounds = gateway_of(request).book, bounds_of(principal)
    note_reveal(book, complaint, by=name_of(principal), reason=body.reason, bounds=bounds)
    return answer(journey(book, complaint, reveal=True, bounds=bounds))


@router.post(
    "/{complaint}/follow-ups", responses=returns(Journey, "Its journey now."), summary="Write a follow-up"
)
def follow_up(request: Request, principal: Operator, complaint: str, body: FollowUpBody) -> Response:
    """Told to LAPOR! and to the region's application. 409 where the complaint is not at LAPOR!."""
    book, bounds = gateway_of(request).book, bounds_of(principal)
    write_follow_up(book, complaint, body.text, by=name_of(principal), bounds=bounds)
    wake_engine(request)
    return answer(journey(book, complaint, bounds=bounds))


@router.post(
    "/{complaint}/{decision}", responses=returns(ComplaintView, "As it stands now."), summary="Decide"
)
def decide_(
    request: Request,
    principal: Operator,
    complaint: str,
    decision: Decision,
    body: DecisionBody | None = None,
) -> Response:
    """An operator's decision. 409 where the complaint's state does not allow it."""
    book, bounds = gateway_of(request).book, bounds_of(principal)
    said = body or DecisionBody()
    found = find_complaint(book, complaint, bounds=bounds)
    other = None if said.other is None else str(find_complaint(book, said.other, bounds=bounds).id)
    decide(
        book,
        str(found.id),
        decision.verb,
        by=name_of(principal),
        reason=said.reason,
        number=said.number,
        other=other,
    )
    wake_engine(request)
    return answer(find_complaint(book, found.id))


def next_link(request: Request, cursor: str | None) -> dict[str, str]:
    """The RFC 8288 header that leads to the next page, where there is one."""
    if cursor is None:
        return {}
    address = request.url.include_query_params(cursor=cursor)
    return {"link": f'<{address.path}?{address.query}>; rel="next"'}
