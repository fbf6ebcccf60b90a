"""One invented complaint, clean: a person, a place, a time, a topic and its text."""

import random
from datetime import datetime, timedelta

from lapor_gateway.simulators.region import prose
from lapor_gateway.simulators.region.report import Report
from lapor_gateway.simulators.region.script import People, Script

FEMALE_DAY = 40  # a woman's NIK carries her day of birth plus 40


def invent(script: Script, number: int, created: datetime, rng: random.Random) -> Report:
    """A complaint of the application's `number`, entered at `created`; open, public and without a fault."""
    topic = rng.choice(script.topics)
    district, villages = rng.choice(list(script.places.districts.items()))
    words = script.words
    given, surname = rng.choice(script.people.given), rng.choice(script.people.surnames)
    incident = created - timedelta(days=rng.randint(0, 6), minutes=rng.randint(0, 600))
    report = Report(
        number=number,
        id=script.ids.format.format(number=number, year=created.year),
        user_id=200 + rng.randrange(400),
        kind=rng.choices(list(words.kinds), weights=list(words.kinds.values()))[0],
        category=topic.category,
        category_id=1 + script.topics.index(topic),
        title=None,
        body="",
        meaning="open",
        status=words.statuses["open"],
        incident=incident,
        created=created,
        updated=created,
        date_form=rng.choice(words.dates),
        street=rng.choice(script.places.streets),
        district=district,
        village=rng.choice(villages),
        latitude=f"{rng.uniform(*script.places.latitude):.6f}",
        longitude=f"{rng.uniform(*script.places.longitude):.6f}",
        address="",
        name=f"{given} {surname}",
        nik=_nik(script.people, rng),
        phone=f"{script.people.phone_prefix}{rng.randrange(10**8):08d}",
        email=f"{given}.{surname}{rng.randrange(100)}@{script.people.email_domain}".lower(),
    )
    report.address = f"{report.street} No. {rng.randint(1, 90)}, {report.village}"
    report.title, report.body = prose.compose(script, topic, report, rng)
    if rng.random() < script.shares.untitled:
        report.title = None
    if words.image and rng.random() < script.shares.photo:
        report.images = [words.image.format(id=report.id, n=n) for n in range(1, rng.randint(2, 4))]
    return report


def _nik(people: People, rng: random.Random) -> str:
    day = rng.randint(1, 28) + FEMALE_DAY * rng.randrange(2)
    year = rng.choice([rng.randint(55, 99), rng.randint(0, 6)])
    return f"{people.nik_prefix}{day:02d}{rng.randint(1, 12):02d}{year:02d}9{rng.randrange(1000):03d}"
