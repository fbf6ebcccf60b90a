"""Differences planted at random on each side of a synced world, and the classes in which they must be found."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.support.endpoint import IndependentEndpoint, Theirs
from tests.support.world import Ours, World

Found = set[tuple[str, str]]
"""(class, subject) of differences."""


@dataclass
class Garden:
    """What was planted: all of it, and the part that a repair mends by itself."""

    world: World
    endpoint: IndependentEndpoint
    chance: random.Random
    planted: Found = field(default_factory=set)
    mended: Found = field(default_factory=set)
    deleted: Found = field(default_factory=set)

    def __post_init__(self) -> None:
        ours = [one for one in self.world.ours().values() if one.state == "accepted"]
        self.chance.shuffle(ours)
        self._left = ours
        self._there = {one.tracking_id: one for one in self.endpoint.kept()}
        self.strangers = 5_000_000

    def plant(self, each: int) -> None:
        """`each` of every kind, no two on the same complaint."""
        for kind in PLANTERS:
            for _ in range(each):
                kind(self)

    def take(self) -> Ours:
        return self._left.pop()

    def theirs(self, one: Ours) -> Theirs:
        assert one.tracking_id is not None
        return self._there[one.tracking_id]

    def expect(self, kind: str, subject: str, *, mends: bool = False) -> None:
        self.planted.add((kind, subject))
        if mends:
            self.mended.add((kind, subject))

    def stranger(self) -> int:
        self.strangers += 1
        return self.strangers


def lost_here(garden: Garden) -> None:
    """A record that the source has and no pull ever took in."""
    (source_id,) = garden.world.add(1, seed=garden.chance.randrange(10**6))
    with garden.world.gateway() as gateway:
        garden.expect("missing_here", gateway.book.reference("uji/tabel", source_id), mends=True)


def deleted_at_source(garden: Garden) -> None:
    one = garden.take()
    garden.world.remove(one.source_id)
    garden.expect("missing_at_source", one.reference)


def altered_at_source(garden: Garden) -> None:
    one = garden.take()
    garden.world.change(one.source_id, isi="Isi ini diubah di sumber sesudah diterima.")
    garden.expect("content_differs", one.reference, mends=True)


def moved_on_at_source(garden: Garden) -> None:
    one = garden.take()
    garden.world.change(one.source_id, status="selesai")
    garden.expect("status_differs", one.reference, mends=True)


def lost_at_national(garden: Garden) -> None:
    one = garden.take()
    garden.endpoint.order(drop=[one.tracking_id])
    garden.expect("missing_at_national", one.reference)


def doubled_at_national(garden: Garden) -> None:
    one = garden.take()
    body = garden.theirs(one).body
    copy = {"complaint_id": garden.stranger(), "title": body["title"], "content": body["content"]}
    garden.endpoint.order(keep=[copy])
    garden.expect("twice_at_national", one.reference)


def altered_at_national(garden: Garden) -> None:
    one = garden.take()
    line = garden.theirs(one).body["content"].partition("\n")[0]
    garden.endpoint.order(rewrite={one.tracking_id: f"{line}\nIsi lain sama sekali."})
    garden.expect("content_differs", one.reference)


def moved_on_at_national(garden: Garden) -> None:
    one = garden.take()
    garden.endpoint.order(words={one.tracking_id: garden.chance.choice(["Dalam Proses", "Selesai"])})
    garden.expect("status_differs", one.reference, mends=True)


def unknown_at_national(garden: Garden) -> None:
    number = garden.stranger()
    other = {"complaint_id": number, "title": "Bukan dari kami", "content": "Ditulis orang lain."}
    garden.endpoint.order(keep=[other])
    garden.expect("unknown_at_national", f"uji:{number}")


def of_no_book_at_national(garden: Garden) -> None:
    """Our own line over a text, under a reference that no complaint here has."""
    with garden.world.gateway() as gateway:
        reference = gateway.book.reference("uji/tabel", f"lain-{garden.chance.randrange(10**9)}")
    number = garden.stranger()
    text = f"[Rujukan {reference}]\nDari buku lain."
    garden.endpoint.order(keep=[{"complaint_id": number, "title": "Lain", "content": text}])
    garden.expect("unknown_at_national", reference)


def swapped_at_national(garden: Garden) -> None:
    """Each of two numbers leads to the other's text there."""
    one, other = garden.take(), garden.take()
    texts = {
        one.tracking_id: garden.theirs(other).body["content"],
        other.tracking_id: garden.theirs(one).body["content"],
    }
    garden.endpoint.order(rewrite=texts)
    garden.expect("content_differs", one.reference)
    garden.expect("content_differs", other.reference)


def swapped_here(garden: Garden) -> None:
    """Each of two complaints was given the other's number in the book."""
    one, other = garden.take(), garden.take()
    setting = "UPDATE complaints SET tracking_id = :number WHERE reference = :of"
    garden.world.query(setting, number=None, of=one.reference)
    garden.world.query(setting, number=one.tracking_id, of=other.reference)
    garden.world.query(setting, number=other.tracking_id, of=one.reference)
    garden.expect("content_differs", one.reference)
    garden.expect("content_differs", other.reference)


def deleted_here(garden: Garden) -> None:
    """A complaint whose row somebody took out of the book by hand."""
    one = garden.take()
    garden.world.query("DELETE FROM complaints WHERE reference = :of", of=one.reference)
    garden.expect("missing_here", one.reference)
    garden.deleted.add(("missing_here", one.reference))


PLANTERS: list[Callable[[Garden], None]] = [
    lost_here,
    deleted_at_source,
    altered_at_source,
    moved_on_at_source,
    lost_at_national,
    doubled_at_national,
    altered_at_national,
    moved_on_at_national,
    unknown_at_national,
    of_no_book_at_national,
    swapped_at_national,
    swapped_here,
    deleted_here,
]


def put_right(garden: Garden) -> None:
    """What people do about the rest, on the side where it belongs; what somebody deleted here stays deleted."""
    world, endpoint = garden.world, garden.endpoint
    there = {one.tracking_id: one for one in endpoint.kept()}
    strangers = [str(number) for number in range(5_000_001, garden.strangers + 1)]
    endpoint.order(drop=[*strangers, *there])
    endpoint.order(
        keep=[
            {"complaint_id": int(number), "title": one.body["title"], "content": one.body["content"]}
            for number, one in there.items()
        ]
    )
    for number in (None, True):
        for one in there.values():
            world.query(
                "UPDATE complaints SET tracking_id = :number WHERE reference = :of",
                number=number and one.tracking_id,
                of=one.reference,
            )
