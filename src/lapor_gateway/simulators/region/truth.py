"""What is true of the simulated complaints, for tests and trainees to compare with."""

from datetime import datetime

import msgspec


class Retyped(msgspec.Struct):
    """One complaint that is at LAPOR! already, as staff typed it there. `created_at` is ISO 8601."""

    id: int
    title: str
    content: str
    created_at: str


class Pass(msgspec.Struct):
    """What one later pass changed, by ids; `moved` includes the `closed` ones."""

    at: datetime
    edited: list[str] = []
    moved: list[str] = []
    closed: list[str] = []
    deleted: list[str] = []
    added: list[str] = []
    mended: list[str] = []
    tightened: list[str] = []

    def changed(self) -> set[str]:
        return {*self.edited, *self.moved, *self.mended, *self.tightened}


class Truth(msgspec.Struct):
    """Ids by what is the matter with them; `distinct` is what a complete listing holds now.

    `numbers` maps right, other_text and absent to {id: national number}.
    """

    region: str
    family: str
    complaints: int
    seed: int
    now: datetime
    distinct: int
    ids: list[str]
    dirt: dict[str, list[str]]
    traits: dict[str, list[str]]
    numbers: dict[str, dict[str, str]]
    sent_twice: list[tuple[str, str]]
    deleted: list[str]
    passes: list[Pass]
    sending: dict[str, list[str]] = {}
