"""All complaints of one simulated application: made from a seed, changed pass by pass, and known exactly."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from lapor_gateway.simulators.region import dirt, prose
from lapor_gateway.simulators.region.people import invent
from lapor_gateway.simulators.region.report import Report
from lapor_gateway.simulators.region.script import Script
from lapor_gateway.simulators.region.truth import Pass, Retyped, Truth

RECENT_DAYS, YEAR_DAYS = 120, 365
ENOUGH_FOR_EVERYTHING = 20  # from so many complaints on, every share above 0 has at least one


class World:
    """The same `script`, `count`, `seed` and `now` always make the same complaints; so do the same passes."""

    def __init__(
        self, name: str, script: Script, count: int, seed: int, now: datetime, *, grows: bool = True
    ) -> None:
        """`now` is aware, in the region's zone: no complaint is younger. `grows`: later passes bring new ones."""
        self.name, self.script, self.count, self.seed, self.now = name, script, count, seed, now
        self.grows = grows
        self.reports: dict[str, Report] = {}
        self.deleted: list[str] = []
        self.filed = 0  # complaints that came by hand or from LAPOR!, which no pass changes
        self.passes: list[Pass] = []
        self.preload: list[Retyped] = []
        self.dirt: dict[str, list[str]] = {}
        self.traits: dict[str, list[str]] = {}
        self.numbers: dict[str, dict[str, str]] = {"right": {}, "other_text": {}, "absent": {}}
        self.sent_twice: list[tuple[str, str]] = []
        self._populate()

    def chance(self, *names: object) -> random.Random:
        return random.Random(":".join(map(str, (self.seed, self.name, *names))))

    def _many(self, share: float) -> int:
        """A share of the first complaints as a number: at least one, where there are enough of them."""
        wanted = round(share * self.count)
        return max(1, wanted) if share > 0 and self.count >= ENOUGH_FOR_EVERYTHING else wanted

    # The first state

    def _populate(self) -> None:
        rng = self.chance("population")
        made = [
            invent(self.script, self.script.ids.first + place, created, self.chance("report", place))
            for place, created in enumerate(self._creation_times(rng))
        ]
        self.reports = {report.id: report for report in made}
        spoiled = dirt.deal_out(self.script, self.count, rng)
        self.dirt = {kind: [made[place].id for place in places] for kind, places in spoiled.items()}
        touched = {place for places in spoiled.values() for place in places}
        clean = [report for place, report in enumerate(made) if place not in touched]
        self._progress(made, rng)
        self._same_moments(made, rng)
        self._send_twice(clean, rng)
        self._number(clean, rng)
        self._characterize(clean, rng)
        for kind in dirt.ORDER:
            for place in spoiled.get(kind, []):
                dirt.SPOIL[kind](made[place], self.script, rng)

    def _creation_times(self, rng: random.Random) -> list[datetime]:
        """Rising: most within the last months, some older than a year; office and evening hours."""
        older = self._many(self.script.shares.older)
        days = [rng.uniform(YEAR_DAYS + 5, 2 * YEAR_DAYS) for _ in range(older)]
        days += [rng.triangular(0.05, RECENT_DAYS, 0.05) for _ in range(self.count - older)]
        times = sorted(self.now - timedelta(days=day) for day in days)
        return [moment.replace(microsecond=0) for moment in times]

    def _progress(self, made: Sequence[Report], rng: random.Random) -> None:
        """Older complaints are further on; whoever moved is updated later than created."""
        shares = self.script.shares
        chosen = rng.sample(made, k=self._many(shares.in_progress) + self._many(shares.done))
        chosen.sort(key=lambda report: report.created)
        done = self._many(shares.done)
        for place, report in enumerate(chosen):
            self._move(report, "done" if place < done else "in_progress")
            later = report.created + timedelta(hours=rng.uniform(1, 200))
            report.updated = min(later, self.now).replace(microsecond=0)

    def _move(self, report: Report, meaning: str) -> None:
        report.meaning, report.status = meaning, self.script.words.statuses[meaning]

    def _same_moments(self, made: Sequence[Report], rng: random.Random) -> None:
        """One clerk's bulk update gives neighbours one and the same second, across the edges of pages."""
        length = self._many(self.script.shares.equal_times)
        if not length:
            return
        first = rng.randrange(max(1, len(made) - length))
        block = made[first : first + length]
        moment = max(report.updated for report in block)
        for report in block:
            report.updated = moment
        for earlier, later in zip(block[::7], block[1::7], strict=False):
            later.created = earlier.created

    def _send_twice(self, clean: list[Report], rng: random.Random) -> None:
        """The same person presses the button again: another id, the same text."""
        wanted = min(self._many(self.script.shares.sent_twice), len(clean) // 4)
        for first in rng.sample(clean[:-1:2], k=min(wanted, len(clean[:-1:2]))):
            again = clean[clean.index(first) + 1]
            for attribute in ("title", "body", "category", "category_id", "kind", "name", "nik", "phone"):
                setattr(again, attribute, getattr(first, attribute))
            self.sent_twice.append((first.id, again.id))

    def _number(self, clean: list[Report], rng: random.Random) -> None:
        """Some were retyped into LAPOR! by staff; one or two of the numbers are wrong."""
        self._leave_out(clean, {id_ for pair in self.sent_twice for id_ in pair})
        year_ago = self.now - timedelta(days=YEAR_DAYS)
        recent = [report for report in clean if report.created > year_ago]
        wanted = min(self._many(self.script.shares.numbered), len(recent))
        chosen = rng.sample(recent, k=max(wanted, min(3, len(recent))) if wanted else 0)
        wrong = self.script.numbers.wrong[: 0 if len(chosen) < 3 else 1 if len(chosen) < 5 else 2]
        for place, report in enumerate(chosen):
            self._give_number(report, wrong[place] if place < len(wrong) else "right", place, rng)
        self._leave_out(clean, {report.id for report in chosen})

    def _give_number(self, report: Report, correctness: str, place: int, rng: random.Random) -> None:
        self._move(report, "in_progress")
        numbers = self.script.numbers
        first = {"right": numbers.first, "other_text": numbers.other, "absent": numbers.absent}[correctness]
        number = first + place
        report.national_number = str(number)
        self.numbers[correctness][report.id] = report.national_number
        if correctness == "absent":
            return
        typed = min(report.created + timedelta(hours=rng.uniform(1, 40)), self.now).replace(microsecond=0)
        text, title = report.body, prose.headline(report)
        if correctness == "other_text":
            stranger = invent(self.script, 0, report.created, self.chance("stranger", place))
            text, title = stranger.body, prose.headline(stranger)
        retyped = Retyped(number, prose.retyped(title, rng), prose.retyped(text, rng), typed.isoformat())
        self.preload.append(retyped)

    def _characterize(self, clean: list[Report], rng: random.Random) -> None:
        """Anonymous, secret, quoting oneself, asking for secrecy, looking like our reference."""
        shares, text = self.script.shares, self.script.prose
        for name, share in (("anonymous", shares.anonymous), ("secret", shares.secret)):
            chosen = rng.sample(clean, k=min(self._many(share), len(clean)))
            for report in chosen:
                setattr(report, name, True)
            self.traits[name] = sorted(report.id for report in chosen)
        added = (
            ("quotes_identity", shares.quotes_identity, text.identities, " "),
            ("asks_secrecy", shares.asks_secrecy, text.secrecy, " "),
            ("look_alike", shares.look_alike, [self.script.words.look_alike], "\n"),
        )
        for name, share, fragments, separator in added:
            chosen = rng.sample(clean, k=min(self._many(share), len(clean)))
            for report in chosen:
                report.body += separator + prose.fragment(fragments, report, rng)
            self.traits[name] = sorted(report.id for report in chosen)

    @staticmethod
    def _leave_out(clean: list[Report], ids: set[str]) -> None:
        clean[:] = [report for report in clean if report.id not in ids]

    # Later passes

    def advance(self, at: datetime) -> Pass:
        """Edit, move on, delete, add; `at` is aware and becomes the changed ones' `updated`."""
        at = at.astimezone(self.now.tzinfo).replace(microsecond=0)
        rng = self.chance("pass", len(self.passes))
        done = Pass(at)
        sound = self._sound()
        self._edit(sound, done, rng)
        self._move_on(sound, done, rng)
        self._mend(done, rng)
        self._tighten(sound, done, rng)
        self._delete(sound, done, rng)
        self._add(done)
        for id_ in done.changed():
            self.reports[id_].updated = at
            self.reports[id_].version += 1
        self.passes.append(done)
        return done

    def _sound(self) -> list[Report]:
        """Those a pass may change without a fault or a number being lost from sight."""
        kept = {id_ for ids in self.dirt.values() for id_ in ids}
        kept |= {id_ for ids in self.numbers.values() for id_ in ids}
        kept |= {id_ for pair in self.sent_twice for id_ in pair}
        return [r for r in self.reports.values() if r.id not in kept and not r.filed_by]

    def _take(self, sound: list[Report], share: float, rng: random.Random) -> list[Report]:
        """Draw a share of all and take it out of `sound`, so that each changes in one way only."""
        chosen = rng.sample(sound, k=min(self._many(share), len(sound)))
        self._leave_out(sound, {report.id for report in chosen})
        return chosen

    def _edit(self, sound: list[Report], done: Pass, rng: random.Random) -> None:
        for report in self._take(sound, self.script.shares.edited, rng):
            report.body += "\n" + prose.fragment(self.script.prose.additions, report, rng)
            done.edited.append(report.id)

    def _move_on(self, sound: list[Report], done: Pass, rng: random.Random) -> None:
        movable = [report for report in sound if report.meaning != "done"]
        for report in self._take(movable, self.script.shares.moved, rng):
            self._move(report, "in_progress" if report.meaning == "open" else "done")
            done.moved.append(report.id)
            if report.meaning == "done":
                done.closed.append(report.id)
        self._leave_out(sound, set(done.moved))

    def _mend(self, done: Pass, rng: random.Random) -> None:
        """A clerk fills in one empty text, so that a quarantined record becomes a good one."""
        for id_ in self.dirt.get("body_empty", []):
            report = self.reports.get(id_)
            if report is None or report.body.strip():
                continue
            topic = rng.choice(self.script.topics)
            _, report.body = prose.compose(self.script, topic, report, rng)
            done.mended.append(id_)
            return

    def _tighten(self, sound: list[Report], done: Pass, rng: random.Random) -> None:
        """One reporter asks for anonymity afterwards, where the application knows such a thing."""
        public = [report for report in sound if not report.anonymous]
        if not self.script.shares.anonymous or not public:
            return
        report = rng.choice(public)
        report.anonymous = True
        done.tightened.append(report.id)
        self._leave_out(sound, {report.id})

    def _delete(self, sound: list[Report], done: Pass, rng: random.Random) -> None:
        for report in self._take(sound, self.script.shares.deleted, rng):
            del self.reports[report.id]
            done.deleted.append(report.id)
            self.deleted.append(report.id)

    def _add(self, done: Pass) -> None:
        """New complaints, all of this second; their numbers go on from the highest ever given."""
        if not self.grows:
            return
        used = self.script.ids.first + self.count + sum(len(earlier.added) for earlier in self.passes)
        for place in range(self._many(self.script.shares.added)):
            report = invent(self.script, used + place, done.at, self.chance("report", used + place))
            self.reports[report.id] = report
            done.added.append(report.id)

    # What is true

    def truth(self, sending: dict[str, list[str]] | None = None) -> Truth:
        """The whole truth as of the last pass."""
        reports = self.reports.values()
        year_ago = self.now - timedelta(days=YEAR_DAYS)
        traits = self.traits | {
            "older": [report.id for report in reports if report.created < year_ago],
            "closed": [report.id for report in reports if report.meaning == "done"],
        }
        return Truth(
            region=self.name,
            family=self.script.family,
            complaints=self.count,
            seed=self.seed,
            now=self.now,
            distinct=len(reports),
            ids=list(self.reports),
            dirt=self.dirt,
            traits=traits,
            numbers=self.numbers,
            sent_twice=self.sent_twice,
            deleted=self.deleted,
            passes=self.passes,
            sending=sending or {},
        )
