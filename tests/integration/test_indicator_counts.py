"""The incremental counts beside a slow script of its own that reads nothing but the raw tables."""

import json
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.indicators import advance, sums_of
from lapor_gateway.domain.month_counts import Rules
from tests.support.books import CHANNEL, SECOND_CHANNEL, START, Desk, ManualClock, desk
from tests.support.national_life import follow_up, rate, status, taken, written
from tests.support.waiting import eventually

ZONE = ZoneInfo("Asia/Jayapura")
MEANINGS = ["open", "in_progress", "done", "archived", "refused", "unknown"]


def whole_days(start: datetime, end: datetime) -> int:
    return (end - start).days


RULES = Rules(ZONE, whole_days)


def brought_up(own: Desk, basis: str = "uji") -> int:
    """Count all there is; on PostgreSQL that waits for transactions of others on the same server."""
    counted = 0

    def is_whole() -> bool:
        nonlocal counted
        counted += advance(own.book, lambda _: RULES, basis)
        (row,) = own.query(
            "SELECT (SELECT max(id) FROM ledger_entries) AS last, (SELECT entry FROM indicator_cursor) AS entry"
        )
        return bool(row.last == row.entry)

    eventually(is_whole, within=60, what="every entry is counted")
    return counted


def kept(own: Desk) -> Counter[tuple[Any, ...]]:
    """The incremental sums, month by month."""
    found: Counter[tuple[Any, ...]] = Counter()
    with own.book.read() as connection:
        for month in [year * 100 + number for year in range(2020, 2050) for number in range(1, 13)]:
            for (_, channel), grouped in sums_of(connection, month, month).items():
                for (measure, key), count in grouped.items():
                    found[month, channel, measure, key] = count
    return found


def recomputed(own: Desk) -> Counter[tuple[Any, ...]]:
    """The same from the raw ledger, one complaint after the other, sharing no code with the gateway."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in own.query("SELECT id, channel, kind, category, source_created_at FROM complaints"):
        entries = own.query(
            f"SELECT seq, kind, to_state, at, facts FROM ledger_entries WHERE complaint = {row.id} ORDER BY seq"
        )
        ratings = [
            one.rating for one in own.query(f"SELECT rating FROM milestones WHERE complaint = {row.id}")
        ]
        last = entries[-1].to_state
        shown = row.source_created_at if row.source_created_at is not None else entries[0].at
        found[month(shown), row.channel, "seen", last] += 1
        numbers = [i for i, e in enumerate(entries) if e.kind in ("taken", "found", "adopt", "number")]
        if last != "accepted" or not numbers:
            continue
        start = entries[numbers[-1]].at
        when = month(start)
        relations = [e.kind for e in entries if e.kind in ("link", "split") and e.to_state == "accepted"]
        if relations and relations[-1] == "link":
            found[when, row.channel, "double", ""] += 1
            continue
        undone = [i for i, e in enumerate(entries) if e.kind == "undo"]
        ours = institutions_own(entries)
        entries = entries[undone[-1] :] if undone else entries  # before it, it was another report's number
        told = [json.loads(e.facts) for e in entries if e.kind == "national_status"]
        meaning = told[-1]["meaning"] if told else "unread"
        found[when, row.channel, "reports", ""] += 1
        found[when, row.channel, "kind", row.kind or ""] += 1
        found[when, row.channel, "category", row.category or ""] += 1
        found[when, row.channel, "standing", "unread" if meaning == "unknown" else meaning] += 1
        for rating in ratings:
            found[when, row.channel, "rating", str(rating)] += 1
        answers = answers_of(entries, ours)
        if answers:
            found[when, row.channel, "answered", ""] += 1
            if min(answers) >= start:
                days = (min(answers) - start) // 86_400_000_000
                found[when, row.channel, "follow_up_days", str(days)] += 1
        for at in answers:
            found[month(at), row.channel, "action", "follow_up"] += 1
        for at in dispositions_of(entries):
            found[month(at), row.channel, "action", "disposition"] += 1
    return found


def month(at: int) -> int:
    there = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(ZONE)
    return int(there.strftime("%Y%m"))


def institutions_own(entries: list[Any]) -> dict[int, int]:
    """The institution's follow-ups written elsewhere than at LAPOR!: their number, and their entry's place."""
    told = {e.seq: json.loads(e.facts) for e in entries if e.kind == "follow_up"}
    first: dict[int, int] = {}
    for place, facts in told.items():
        if facts["author"] == "institution" and facts["side"] != "national":
            first.setdefault(facts["number"], place)
    return first


def answers_of(entries: list[Any], ours: dict[int, int]) -> list[int]:
    """When the institution's answers came to stand at LAPOR!."""
    found = []
    for entry in entries:
        facts = json.loads(entry.facts)
        at_lapor = (facts.get("side"), facts.get("author")) == ("national", "institution")
        if entry.kind == "follow_up" and at_lapor:
            found.append(facts.get("written_at") or entry.at)
        if entry.kind == "follow_up_written" and ours.get(facts["number"], entry.seq) < entry.seq:
            found.append(entry.at)
    return found


def dispositions_of(entries: list[Any]) -> list[int]:
    moved, before = [], None
    for entry in entries:
        facts = json.loads(entry.facts) if entry.kind == "national_status" else {}
        name = facts.get("disposition")
        if name is not None and name != before:
            if before is not None:
                moved.append(facts.get("since") or entry.at)
            before = name
    return moved


class History:
    """A random life of a small book."""

    def __init__(self, own: Desk, clock: ManualClock, seed: int) -> None:
        self.own, self.clock, self.chance = own, clock, random.Random(seed)
        self.made = 0
        self.numbers = iter(range(1_000_000 * (seed + 1), 1_000_000 * (seed + 2)))

    def live(self, steps: int) -> None:
        for _ in range(steps):
            self.clock.advance(hours=self.chance.randrange(1, 200))
            self.chance.choice(ACTS)(self)
            if self.chance.random() < 0.2:
                brought_up(self.own)

    def any_of(self, *states: str) -> int | None:
        found = [
            int(row.source_id)
            for row in self.own.query("SELECT source_id, state FROM complaints ORDER BY id")
            if not states or row.state in states
        ]
        return self.chance.choice(found) if found else None

    def some_time(self) -> int:
        """A moment that lies between two months before now and now."""
        return self.own.book.clock.now() - self.chance.randrange(60 * 86_400) * 1_000_000

    def decide(self, source_id: int | None, verb: Verb, **more: str) -> None:
        if source_id is not None:
            reference = self.own.row(source_id).reference
            decide(self.own.book, reference, verb, by="Uji", reason="diperiksa", **more)


def comes(history: History) -> None:
    history.made += 1
    created = datetime.fromtimestamp(history.some_time() / 1_000_000, UTC).isoformat()
    record = {"id": history.made, **({"created_at": created} if history.chance.random() < 0.7 else {})}
    history.own.bring(record, channel=history.chance.choice([CHANNEL, SECOND_CHANNEL]))


def is_taken(history: History) -> None:
    which = history.any_of("ready")
    if which is not None:
        taken(history.own, which, next(history.numbers))


def is_shown(history: History) -> None:
    which = history.any_of("accepted")
    if which is not None:
        more: dict[str, object] = {}
        if history.chance.random() < 0.5:
            more["disposition"] = history.chance.choice(["Dinas A", "Dinas B"])
        if history.chance.random() < 0.5:
            more["since"] = history.some_time()
        meaning = history.chance.choice(MEANINGS)
        status(history.own, which, meaning, meaning, **more)


def is_answered(history: History) -> None:
    which = history.any_of("accepted")
    if which is not None:
        side = history.chance.choice(["national", "national", "region", "gateway"])
        author = history.chance.choice(["institution", "institution", "reporter", "system"])
        more = {"written_at": history.some_time()} if history.chance.random() < 0.7 else {}
        number = history.chance.randrange(1, 99)
        follow_up(history.own, which, number, side=side, author=author, **more)
        if side != "national" and history.chance.random() < 0.6:
            history.clock.advance(hours=history.chance.randrange(1, 90))
            written(history.own, which, number)


def is_rated(history: History) -> None:
    which = history.any_of("accepted")
    rows = {row.complaint for row in history.own.query("SELECT complaint FROM milestones")}
    if which is not None and history.own.row(which).id not in rows:
        rate(history.own, which, history.chance.randrange(1, 6))


def is_undone(history: History) -> None:
    history.decide(history.any_of("accepted"), Verb.UNDO)


def is_adopted(history: History) -> None:
    history.decide(history.any_of("held", "ready"), Verb.ADOPT, number=str(next(history.numbers)))


def is_linked(history: History) -> None:
    which, first = history.any_of("ready", "held", "accepted"), history.any_of("accepted")
    if None not in (which, first) and which != first:
        firsts = {row.complaint for row in history.own.query("SELECT complaint FROM doubles")}
        if history.own.row(first or 0).linked_to is None and history.own.row(which or 0).id not in firsts:
            history.decide(which, Verb.LINK, other=str(history.own.row(first or 0).reference))


def is_split(history: History) -> None:
    doubles = [row.complaint for row in history.own.query("SELECT complaint FROM doubles")]
    if doubles and history.chance.random() < 0.5:
        row = history.own.query(
            f"SELECT source_id FROM complaints WHERE id = {history.chance.choice(doubles)}"
        )
        if history.own.state(row[0].source_id) == "accepted":
            history.decide(int(row[0].source_id), Verb.SPLIT)
    else:
        history.decide(history.any_of("linked"), Verb.SPLIT)


def is_withdrawn(history: History) -> None:
    history.decide(history.any_of("ready", "held"), Verb.WITHDRAW)


ACTS: list[Callable[[History], None]] = [
    comes, comes, comes, is_taken, is_taken, is_taken, is_shown, is_shown, is_shown, is_answered, is_answered,
    is_rated, is_undone, is_adopted, is_linked, is_split, is_withdrawn,
]  # fmt: skip


@pytest.mark.parametrize("decade", range(10))
def test_the_incremental_counts_equal_a_slow_recount_on_random_histories(
    decade: int, sqlite_url: str
) -> None:
    clock = ManualClock()
    with desk(sqlite_url, clock) as own:
        for seed in range(10 * decade, 10 * decade + 10):
            History(own, clock, seed).live(30) if seed == 10 * decade else _go_on(own, clock, seed)
            brought_up(own)
            assert kept(own) == recomputed(own), f"seed {seed}"


def _go_on(own: Desk, clock: ManualClock, seed: int) -> None:
    """One more history in the same book, over what the ones before have left."""
    history = History(own, clock, seed)
    history.made = own.query("SELECT coalesce(max(id), 0) AS last FROM complaints")[0].last + 1000 * seed
    history.live(30)


def test_the_same_on_postgresql(fresh_postgres_url: str) -> None:
    clock = ManualClock()
    with desk(fresh_postgres_url, clock) as own:
        History(own, clock, 4711).live(80)
        brought_up(own)
        assert kept(own) == recomputed(own)


def test_only_what_is_new_is_read_again(database_url: str) -> None:
    with desk(database_url) as own:
        own.bring({"id": 1}, {"id": 2})
        assert brought_up(own) > 0
        assert brought_up(own) == 0
        taken(own, 1, 7_000_001)
        assert brought_up(own) == 2


def test_other_rules_and_a_copied_ledger_are_counted_from_the_first_entry(database_url: str) -> None:
    with desk(database_url) as own:
        own.bring({"id": 1})
        every = brought_up(own)
        assert brought_up(own, "other rules") == every
        own.execute("UPDATE indicator_cursor SET place = 'LG-elsewhere#7'")
        assert brought_up(own, "other rules") == every
        assert kept(own) == recomputed(own)


def test_two_processes_that_count_at_once_count_once(database_url: str) -> None:
    with desk(database_url) as own:
        for number in range(6):
            own.bring({"id": number})
            taken(own, number, 7_000_000 + number)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: brought_up(own), range(8)))
        assert kept(own) == recomputed(own)


def test_a_month_begins_at_the_regions_own_midnight(sqlite_url: str) -> None:
    eve = datetime(2026, 3, 31, 14, 59, tzinfo=UTC)  # 23.59 WIT
    clock = ManualClock(eve)
    with desk(sqlite_url, clock) as own:
        own.bring({"id": 1}, {"id": 2})
        taken(own, 1, 7_000_001)
        clock.advance(minutes=2)
        taken(own, 2, 7_000_002)
        brought_up(own)
        reports = {key[0]: count for key, count in kept(own).items() if key[2] == "reports"}
        assert reports == {202603: 1, 202604: 1}
        assert eve > START
