"""A region's complaints as its officers see and change them, whatever keeps them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from lapor_gateway.simulators.region.acts import (
    CITIZEN,
    Act,
    Acts,
    Answered,
    Changed,
    Filed,
    UnknownComplaintError,
)
from lapor_gateway.simulators.region.report import Report, local
from lapor_gateway.simulators.region.script import Script


@dataclass(frozen=True, slots=True)
class Line:
    """One answer; `by` is officer, lapor or citizen, "" where the application does not know."""

    text: str
    author: str
    at: str
    by: str


@dataclass(frozen=True, slots=True)
class Case:
    """One complaint; times are written as the application writes them."""

    id: str
    title: str
    body: str
    status: str
    created: str
    reporter: str
    visibility: str
    national_number: str
    national_status: str
    filed_by: str
    answers: list[Line] = field(default_factory=list)


class Cases(Protocol):
    """What a page needs of an application. Acts on an unknown id raise `UnknownComplaintError`."""

    statuses: list[str]
    categories: list[str]
    knows_secrecy: bool

    def all(self) -> list[Case]:
        """Newest first."""

    def answer(self, id_: str, text: str) -> None: ...

    def set_status(self, id_: str, status: str) -> None: ...

    def edit(self, id_: str, text: str) -> None: ...

    def file(self, filed: Filed) -> str:
        """A citizen's complaint; its id."""


class WorldCases:
    """The complaints of a world, changed by acts."""

    def __init__(self, acts: Acts, do: Callable[[Act], Report], now: Callable[[], datetime]) -> None:
        script = acts.world.script
        self._acts, self._do, self._now = acts, do, now
        self.statuses = list(script.words.statuses.values())
        self.categories = [topic.category for topic in script.topics]
        self.knows_secrecy = bool(script.shares.anonymous or script.shares.secret)

    def all(self) -> list[Case]:
        reports = sorted(self._acts.world.reports.values(), key=lambda r: (r.created, r.number), reverse=True)
        return [_case(report) for report in reports]

    def answer(self, id_: str, text: str) -> None:
        self._do(Answered(at=self._now(), id=id_, text=text, author=officer_of(self._acts.world.script)))

    def set_status(self, id_: str, status: str) -> None:
        self._do(Changed(at=self._now(), id=id_, status=status))

    def edit(self, id_: str, text: str) -> None:
        self._do(Changed(at=self._now(), id=id_, by=CITIZEN, body=text))

    def file(self, filed: Filed) -> str:
        return self._do(filed).id


def officer_of(script: Script) -> str:
    """The invented officer who answers on the page."""
    return f"Petugas {script.people.surnames[0]}"


def find(cases: Cases, id_: str) -> Case:
    """Raises `UnknownComplaintError`."""
    found = next((case for case in cases.all() if case.id == id_), None)
    if found is None:
        raise UnknownComplaintError(id_)
    return found


def _case(report: Report) -> Case:
    kinds = [word for is_so, word in ((report.anonymous, "anonim"), (report.secret, "rahasia")) if is_so]
    return Case(
        id=report.id,
        title=report.title or "",
        body=report.body,
        status=report.status or "",
        created=local(report.created),
        reporter=report.name,
        visibility=", ".join(kinds),
        national_number=report.national_number or "",
        national_status=report.national_status or "",
        filed_by=report.filed_by,
        answers=[Line(a.text, a.author, local(a.at), a.by) for a in report.answers],
    )
