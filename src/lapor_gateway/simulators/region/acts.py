"""What people and the gateway did to single complaints: kept line by line, and done again at the next start."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from lapor_gateway.simulators.region.report import Answer, Report
from lapor_gateway.simulators.region.script import Script
from lapor_gateway.simulators.region.world import World

FILE = "acts.jsonl"
FIRST_BY_HAND = (
    500_000  # numbers of what is filed later begin so far above the first: a pass never reaches them
)

CITIZEN, OFFICER, LAPOR = "citizen", "officer", "lapor"


class Filed(msgspec.Struct, tag="filed", kw_only=True):
    """A new complaint: by a citizen here, or delivered from LAPOR!. `passes` counts the passes made before."""

    at: datetime
    passes: int = 0
    by: str = CITIZEN
    key: str = ""
    title: str | None = None
    body: str = ""
    kind: str = ""
    category: str = ""
    name: str = ""
    nik: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    street: str = ""
    district: str = ""
    village: str = ""
    images: list[str] = []
    anonymous: bool = False
    secret: bool = False
    national_number: str | None = None
    national_status: str | None = None


class Answered(msgspec.Struct, tag="answered", kw_only=True):
    """An answer to a complaint; `external_id` is the key that whoever wrote it gave, "" for none."""

    at: datetime
    id: str
    text: str
    passes: int = 0
    by: str = OFFICER
    author: str = ""
    key: str = ""
    external_id: str = ""


class Changed(msgspec.Struct, tag="changed", kw_only=True):
    """New values of a complaint's fields; None leaves a field as it is."""

    at: datetime
    id: str
    passes: int = 0
    by: str = OFFICER
    key: str = ""
    status: str | None = None
    national_number: str | None = None
    national_status: str | None = None
    title: str | None = None
    body: str | None = None
    anonymous: bool | None = None
    secret: bool | None = None


Act = Filed | Answered | Changed
_DECODER = msgspec.json.Decoder(Act)
_FIELDS = ("status", "national_number", "national_status", "title", "body", "anonymous", "secret")


class UnknownComplaintError(LookupError):
    """No complaint has the id that an act names."""


class Acts:
    """Does acts to the complaints of a world, each durable before it is done."""

    def __init__(self, world: World, directory: Path) -> None:
        self.world = world
        self._path = directory / FILE
        self._answers = 0
        self._by_key: dict[str, str | int] = {}

    def kept(self) -> list[Act]:
        """What was done before, in order; a last line that a kill cut short was never answered."""
        if not self._path.exists():
            return []
        return [_DECODER.decode(line) for line in self._path.read_bytes().split(b"\n")[:-1]]

    def do(self, act: Act) -> Report:
        """Keep the act and do it. Raises `UnknownComplaintError`."""
        if not isinstance(act, Filed):
            self.report(act.id)
        act.passes = len(self.world.passes)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(act) + b"\n")
        return self.again(act)

    def again(self, act: Act) -> Report:
        """Do a kept act; a complaint that a pass has deleted since is made anew by none."""
        if isinstance(act, Filed):
            report = self._file(act)
        else:
            report = self.report(act.id)
            if isinstance(act, Answered):
                self._answer(act, report)
            else:
                self._change(act, report)
        report.updated = max(act.at.astimezone(self.world.now.tzinfo).replace(microsecond=0), report.created)
        report.version += 1
        report.touched = True
        return report

    def done_under(self, key: str) -> str | int | None:
        """The id of the complaint, or the number of the answer, that came under an idempotency key."""
        return self._by_key.get(key) if key else None

    def report(self, id_: str) -> Report:
        """Raises `UnknownComplaintError`."""
        found = self.world.reports.get(id_)
        if found is None:
            raise UnknownComplaintError(id_)
        return found

    def numbered(self, national_number: str) -> Report | None:
        """The complaint that carries a number of LAPOR!."""
        matching = (r for r in self.world.reports.values() if r.national_number == national_number)
        return next(matching, None)

    def _change(self, act: Changed, report: Report) -> None:
        for name in _FIELDS:
            value = getattr(act, name)
            if value is not None:
                setattr(report, name, value)
        words = self.world.script.words.statuses
        self._remember(act.key, report.id)
        meaning = (meaning for meaning, word in words.items() if word == report.status)
        report.meaning = next(meaning, report.meaning)

    def _file(self, act: Filed) -> Report:
        world, script = self.world, self.world.script
        number, world.filed = script.ids.first + FIRST_BY_HAND + world.filed, world.filed + 1
        created = act.at.astimezone(world.now.tzinfo).replace(microsecond=0)
        report = Report(
            number=number,
            id=script.ids.format.format(number=number, year=created.year),
            user_id=number,
            kind=act.kind or next(iter(script.words.kinds)),
            category=act.category or script.topics[0].category,
            category_id=_category_id(script, act.category),
            title=act.title or None,
            body=act.body,
            meaning="open",
            status=script.words.statuses["open"],
            incident=created,
            created=created,
            updated=created,
            date_form=script.words.dates[0],
            name=act.name,
            nik=act.nik,
            phone=act.phone,
            email=act.email,
            address=act.address,
            street=act.street,
            district=act.district,
            village=act.village,
            latitude="",
            longitude="",
            images=list(act.images),
            anonymous=act.anonymous,
            secret=act.secret,
            national_number=act.national_number or None,
            national_status=act.national_status or None,
            filed_by=act.by,
            version=0,
        )
        world.reports[report.id] = report
        self._remember(act.key, report.id)
        return report

    def _answer(self, act: Answered, report: Report) -> None:
        self._answers += 1
        at = act.at.astimezone(self.world.now.tzinfo)
        report.answers.append(Answer(self._answers, act.text, act.author, act.by, at, act.external_id))
        self._remember(act.key, self._answers)

    def _remember(self, key: str, what: str | int) -> None:
        if key:
            self._by_key[key] = what


def _category_id(script: Script, category: str) -> int:
    """The number under which the application knows a category; 1 for one that it does not."""
    names = [topic.category for topic in script.topics]
    return 1 + names.index(category) if category in names else 1


def replay(
    acts: Acts,
    passes: list[datetime],
    advance: Callable[[datetime], object],
    acted: Callable[[Act, Report], object] = lambda _act, _report: None,
) -> None:
    """Make the passes and do the acts of earlier starts, in the order in which they happened."""
    waiting = acts.kept()
    for count in range(len(passes) + 1):
        while waiting and waiting[0].passes <= count:
            act = waiting.pop(0)
            if isinstance(act, Filed) or act.id in acts.world.reports:
                acted(act, acts.again(act))
        if count < len(passes):
            advance(passes[count])
