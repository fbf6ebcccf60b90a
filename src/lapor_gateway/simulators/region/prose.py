"""Complaints in the words of people, put together from a region's fragments; and as staff retype them."""

import random
import re

from lapor_gateway.simulators.region.report import Report
from lapor_gateway.simulators.region.script import Script, Topic

SHORTEST, LONGEST = 400, 800  # bytes of an ordinary text
VERY_LONG = 12_000  # characters of an overlong one


def setting(report: Report, rng: random.Random) -> dict[str, str]:
    """What may stand in braces: the place, the person, and numbers that make texts differ."""
    return {
        "street": report.street,
        "village": report.village,
        "district": report.district,
        "name": report.name,
        "nik": report.nik,
        "phone": report.phone,
        "n": str(rng.randint(2, 9)),
        "rt": f"{rng.randint(1, 12):02d}",
        "rw": f"{rng.randint(1, 9):02d}",
    }


def compose(script: Script, topic: Topic, report: Report, rng: random.Random) -> tuple[str, str]:
    """Title and text of one complaint; the text has 400 to 800 bytes where the fragments allow it."""
    prose, words = script.prose, setting(report, rng)
    effects = rng.sample(prose.effects, k=len(prose.effects))
    parts = [
        rng.choice(prose.openings),
        rng.choice(topic.problems),
        effects.pop(),
        rng.choice(prose.requests),
    ]
    while effects and _size(parts, words) < SHORTEST:
        parts.insert(-1, effects.pop())
    closing = rng.choice(prose.closings)
    if _size([*parts, closing], words) <= LONGEST:
        parts.append(closing)
    separator = "\n" if rng.random() < 0.2 else " "
    title = rng.choice(topic.titles).format_map(words)
    return title, separator.join(parts).format_map(words)


def _size(parts: list[str], words: dict[str, str]) -> int:
    return len(" ".join(parts).format_map(words).encode())


def fragment(choices: list[str], report: Report, rng: random.Random) -> str:
    return rng.choice(choices).format_map(setting(report, rng))


def very_long(script: Script, report: Report, rng: random.Random) -> str:
    """More than 12,000 characters, as of someone who pastes a whole correspondence."""
    pieces = [report.body]
    length = len(report.body)
    while length <= VERY_LONG:
        topic = rng.choice(script.topics)
        pieces.append(compose(script, topic, report, rng)[1])
        length += len(pieces[-1]) + 2
    return "\n\n".join(pieces)


def retyped(text: str, rng: random.Random) -> str:
    """The same text as staff type it into LAPOR!: other spaces, capitals and punctuation, same words."""
    text = re.sub(r"\s+", " ", text).strip()
    sentences = re.split(r"(?<=[.!?]) ", text)
    changed = [_retyped_sentence(sentence, rng) for sentence in sentences]
    return rng.choice([" ", "  ", "\n"]).join(changed)


def _retyped_sentence(sentence: str, rng: random.Random) -> str:
    match rng.randrange(6):
        case 0:
            return sentence.rstrip(".") + " ."
        case 1:
            return sentence[:1].lower() + sentence[1:]
        case 2:
            return sentence.replace(", ", " , ", 1)
        case 3:
            return sentence.replace(",", "", 1)
        case _:
            return sentence


def headline(report: Report) -> str:
    """The title staff give a complaint: its own, else its first words."""
    return report.title or " ".join(report.body.split()[:8])
