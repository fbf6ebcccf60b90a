"""The faults of real records: which complaints get which, and what each does to a record."""

import math
import random
from collections import defaultdict
from collections.abc import Callable

from lapor_gateway.simulators.region import prose
from lapor_gateway.simulators.region.report import Report
from lapor_gateway.simulators.region.script import Script

ENOUGH_FOR_ALL_KINDS = 60  # from so many complaints on, every kind of fault occurs at least once


def deal_out(script: Script, count: int, rng: random.Random) -> dict[str, list[int]]:
    """Kind of fault → places (0 … count-1) of the complaints that get it.

    All groups share one pool, so that a complaint may have several faults and the rest is clean;
    the text of an empty body is left alone, and each group gives a complaint one fault at most.
    """
    places = rng.sample(range(count), k=min(count, math.ceil(script.dirt_pool() * count)))
    dealt: dict[str, list[int]] = defaultdict(list)
    for name, group in sorted(script.dirt_groups().items()):
        taken = set(dealt["body_empty"]) if name == "text" else set()
        free = [place for place in places if place not in taken]
        least = len(group.kinds) if count >= ENOUGH_FOR_ALL_KINDS else 1
        wanted = min(len(free), max(least, math.ceil(group.share * count)))
        kinds = rng.sample(group.kinds, k=len(group.kinds))
        for turn, place in enumerate(rng.sample(free, k=wanted)):
            dealt[kinds[turn % len(kinds)]].append(place)
    return {kind: sorted(chosen) for kind, chosen in dealt.items() if chosen}


Spoil = Callable[[Report, Script, random.Random], None]


def _nik_short(report: Report, _script: Script, rng: random.Random) -> None:
    report.nik = report.nik[: rng.randint(6, 14)]


def _nik_letters(report: Report, _script: Script, _rng: random.Random) -> None:
    report.nik = report.nik[:12].replace("0", "O") + "ABCD"


def _nik_overflow(report: Report, _script: Script, _rng: random.Random) -> None:
    report.nik = "2147483647"


def _status_null(report: Report, _script: Script, _rng: random.Random) -> None:
    report.meaning, report.status = "open", None


def _status_capital(report: Report, script: Script, _rng: random.Random) -> None:
    report.meaning, report.status = "in_progress", script.words.status_capital


def _status_unknown(report: Report, script: Script, _rng: random.Random) -> None:
    report.meaning, report.status = "open", script.words.status_unknown


def _title_missing(report: Report, _script: Script, rng: random.Random) -> None:
    report.title = rng.choice([None, ""])


def _body_empty(report: Report, _script: Script, rng: random.Random) -> None:
    report.body = rng.choice(["", "   "])


def _body_long(report: Report, script: Script, rng: random.Random) -> None:
    report.body = prose.very_long(script, report, rng)


def _text_html(report: Report, _script: Script, _rng: random.Random) -> None:
    first, _, rest = report.body.partition(". ")
    marked = f"<p>{first}.</p><p><b>Mohon perhatian</b> &amp; tindak lanjut.<br />{rest}</p>"
    report.body = marked + "<script>alert(1)</script>"


def _text_nul(report: Report, _script: Script, rng: random.Random) -> None:
    cut = rng.randrange(1, len(report.body))
    report.body = report.body[:cut] + "\0" + report.body[cut:]


def _text_emoji(report: Report, _script: Script, rng: random.Random) -> None:
    report.body += " " + rng.choice(["😡🙏🏽", "🚧🕳️ 🙏", "😭😭 tolong 👨‍👩‍👧‍👦"])


def _date_odd(report: Report, script: Script, rng: random.Random) -> None:
    report.date_form = rng.choice(script.words.dates_odd)


def _date_impossible(report: Report, script: Script, _rng: random.Random) -> None:
    report.impossible_date = script.words.date_impossible


def _category_unknown(report: Report, script: Script, _rng: random.Random) -> None:
    report.category = script.words.category_unknown


def _kind_unknown(report: Report, script: Script, _rng: random.Random) -> None:
    report.kind = script.words.kind_unknown


def _listed_twice(_report: Report, _script: Script, _rng: random.Random) -> None:
    """The record itself is sound: the family shows it twice."""


SPOIL: dict[str, Spoil] = {
    "nik_short": _nik_short,
    "nik_letters": _nik_letters,
    "nik_overflow": _nik_overflow,
    "status_null": _status_null,
    "status_capital": _status_capital,
    "status_unknown": _status_unknown,
    "title_missing": _title_missing,
    "body_empty": _body_empty,
    "body_long": _body_long,
    "text_html": _text_html,
    "text_nul": _text_nul,
    "text_emoji": _text_emoji,
    "date_odd": _date_odd,
    "date_impossible": _date_impossible,
    "category_unknown": _category_unknown,
    "kind_unknown": _kind_unknown,
    "listed_twice": _listed_twice,
}

# Faults of one text are done in this order, so that each is still there afterwards.
ORDER = list(SPOIL)
