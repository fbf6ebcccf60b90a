"""What goes wrong with a regional application's own calls: ordered by whoever tests, by turn or by seeded share."""

import random
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from lapor_gateway.simulators.region.script import ScriptError

Kind = Literal["html", "down", "repeat-page", "endless", "reset", "silence"]
Calls = Literal["any", "login", "read", "write"]


class Faults(msgspec.Struct, forbid_unknown_fields=True):
    """What goes wrong with the application's own calls (never with `/_control` or its page).

    `status` is an HTTP code, or: html (a page with 200), down (hangs up), reset (TCP reset), silence (no answer
    until the client gives up), repeat-page (every page is the first), endless (the pages begin again after the
    last). Sound for `after` calls, then wrong for `times` (None: from then on); `share` strikes that part of the
    calls, drawn by `seed`. `on` names the calls: any, login, read, write. `commit` says whether a struck write is
    done all the same: no, yes, or late (silence: `delay` s after the client has hung up). `rules` hold further
    orders, asked in turn.
    """

    status: int | Kind | None = None
    times: int | None = None
    after: int = 0
    on: Calls = "any"
    share: float | None = None
    seed: int = 1
    commit: Literal["no", "yes", "late"] = "no"
    delay: float = 0.5
    expire_tokens: bool = False
    rules: list["Faults"] = []

    def strike(self, call: str, rng: random.Random) -> "Faults | None":
        """The order that strikes this call, or None; counts down. `rng` draws the shares."""
        for order in (self, *self.rules):
            if order.status is None or order.times == 0 or order.on not in ("any", call):
                continue
            if order.after:
                order.after -= 1
                continue
            if order.share is not None and rng.random() >= order.share:
                continue
            if order.times is not None:
                order.times -= 1
            return order
        return None


def read_faults(path: Path) -> Faults:
    """Raises `ScriptError` for a file that orders no faults."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Faults)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise ScriptError(f"{path}: {wrong}") from wrong
