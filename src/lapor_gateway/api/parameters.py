"""What a caller may ask for: every filter and body, checked before anything is done."""

from datetime import date
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    model_validator,
)

from lapor_gateway.book.findings import FindingKind, FindingState
from lapor_gateway.book.queries import DEFAULT_LIMIT, MAXIMUM_LIMIT, ComplaintFilter
from lapor_gateway.domain.admission import WaitingFor
from lapor_gateway.domain.complaint import Kind
from lapor_gateway.domain.deadline_rules import Clock
from lapor_gateway.domain.deadlines import DueState
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.obstacles import ObstacleState
from lapor_gateway.domain.reconciliation import DifferenceKind
from lapor_gateway.moments import moment


def _is_moment(text: str) -> str:
    moment(text, end=True)
    return text


def _is_plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return text


Word = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_is_plain)]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_is_plain)
]
Moment = Annotated[
    str, AfterValidator(_is_moment), Field(examples=["2026-08-21", "2026-08-21T10:00:00+07:00"])
]
StateWord = Literal["pending"] | State


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PageQuery(_Asked):
    """Which page of a list."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAXIMUM_LIMIT)
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class ConsistencyQuery(_Asked):
    """The sizes of two checkpoints, in entries."""

    old: int = Field(ge=1, le=2**62)
    new: int = Field(ge=1, le=2**62)


class ComplaintQuery(PageQuery):
    """Filters of complaints; all that are given must hold."""

    region: Word | None = None
    channel: Word | None = None
    origin: Word | None = None
    source_id: Word | None = None
    tracking_id: Word | None = None
    reference: Word | None = None
    state: StateWord | None = Field(
        None, description="A state, or `pending`: received, ready and submitting."
    )
    waiting_for: WaitingFor | None = None
    kind: Kind | None = None
    national_status: Word | None = None
    q: Word | None = Field(
        None, description="Words in title or text, or a reference, source id or tracking id."
    )
    from_: Moment | None = Field(
        None, alias="from", description="Created at the source (or received) from then on."
    )
    to: Moment | None = Field(None, description="Created before then; a date means its whole day.")
    updated_since: Moment | None = None

    def filter(self, zone: ZoneInfo) -> ComplaintFilter:
        """The book's filter; dates are days in `zone`."""
        same = self.model_dump(exclude={"limit", "cursor", "from_", "to", "updated_since"})
        return ComplaintFilter(
            **same,
            since=None if self.from_ is None else moment(self.from_, zone),
            until=None if self.to is None else moment(self.to, zone, end=True),
            updated_since=None if self.updated_since is None else moment(self.updated_since, zone),
        )


class DeadlineQuery(PageQuery):
    """Filters of deadlines; all that are given must hold."""

    region: Word | None = None
    channel: Word | None = None
    clock: Clock | None = None
    owed_by: Literal["region", "national"] | None = Field(None, description="Who must act.")
    state: list[DueState] = Field([], description="May be repeated; without it those that need attention.")


class RunQuery(PageQuery):
    """Filters of runs; `subject` is a channel's id or an account's name."""

    subject: Word | None = None
    kind: Literal["sync", "pull", "push", "reconcile", "settle"] | None = None
    state: Literal["running", "done", "failed"] | None = None


class FindingQuery(PageQuery):
    """Filters of findings; without `state` the open ones."""

    state: FindingState | Literal["all"] = FindingState.OPEN
    kind: FindingKind | None = None
    channel: Word | None = None
    subject: Word | None = None


class DifferenceQuery(PageQuery):
    """Filters of a reconciliation's differences."""

    kind: DifferenceKind | None = None
    state: Literal["open", "repaired", "accepted"] | None = None


class ReconciliationBody(_Asked):
    """What to compare: all channels and all time where nothing is said; times are of creation at the source."""

    channels: list[Word] = Field(default=[], max_length=1000)
    since: Moment | None = None
    until: Moment | None = Field(None, description="Before then; a date means its whole day.")


class ChangeQuery(_Asked):
    """Where to go on in the feed of changes; without `cursor` from the beginning."""

    cursor: str | None = None
    limit: int = Field(MAXIMUM_LIMIT, ge=1, le=MAXIMUM_LIMIT)


class PastQuery(_Asked):
    """Of when."""

    at: Moment | None = Field(
        None,
        description="As the gateway knew it then; a date means the end of that day in the region's zone.",
    )


class ChannelQuery(_Asked):
    """Which channels."""

    region: Word | None = None


class DecisionBody(_Asked):
    """What a decision needs: a reason, a number of LAPOR!, the other complaint; each where its verb asks for it."""

    reason: Text | None = None
    number: Word | None = Field(None, description="For `adopt` and `tracking-id`: the number at LAPOR!.")
    other: Word | None = Field(None, description="For `link`: the complaint that stays, by id or reference.")


class OneOfMany(_Asked):
    """One complaint by id or reference, and for `adopt` its number at LAPOR!."""

    complaint: Word
    number: Word | None = None


class ManyBody(_Asked):
    """A decision about many complaints, and its reason."""

    complaints: list[OneOfMany] = Field(min_length=1, max_length=MAXIMUM_LIMIT)
    reason: Text


class IndicatorQuery(_Asked):
    """Which month, and of which region; without one of all."""

    month: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", examples=["2026-03"])
    region: Word | None = None


class ObstacleQuery(_Asked):
    """Filters of obstacles; without `state` those that stand."""

    state: ObstacleState | Literal["all"] = ObstacleState.OPEN
    region: Word | None = None


class AssignmentBody(_Asked):
    """Who cares for an obstacle, what they promise, and by which day."""

    owner: Text | None = None
    commitment: Text | None = None
    due_on: date | None = Field(None, examples=["2026-04-30"])


class ObstacleBody(AssignmentBody):
    """An obstacle that a person names."""

    region: Word
    description: Text


class OutcomeBody(_Asked):
    """How an obstacle ended."""

    outcome: Text


class ReasonBody(_Asked):
    """Why."""

    reason: Text


class PauseBody(_Asked):
    """Why a channel is paused."""

    reason: Text = "paused by an operator"


class ApprovalBody(_Asked):
    """A person's approval that a channel pushes."""

    by: Text = Field(description="The name of the person who approves; the book records it.")
    from_: Moment | None = Field(None, alias="from", description="Push what was created from then on.")
    canary: int | None = Field(None, ge=0, le=1_000_000, description="Let so many out first; the rest waits.")


class KeyBody(_Asked):
    """A new API key; without region and channel it is for all."""

    label: Text
    scopes: list[Word] = Field(min_length=1, max_length=10)
    region: Word | None = None
    channel: Word | None = None


class TallyBody(_Asked):
    """What a sender of webhooks says it sent on one day (of the region's zone): how many complaints, and which."""

    day: date = Field(alias="date", examples=["2026-08-21"])
    count: int = Field(ge=0, description="As many as there are different `ids`.")
    ids: list[Word | StrictInt] = Field(max_length=20_000, description="Their ids at the source.")

    @property
    def source_ids(self) -> list[str]:
        """The ids as the book has them: text, each once."""
        return list(dict.fromkeys(str(one).strip() for one in self.ids))

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.count != len(self.source_ids):
            raise ValueError(f"count is {self.count}, but {len(self.source_ids)} different ids are named")
        return self
