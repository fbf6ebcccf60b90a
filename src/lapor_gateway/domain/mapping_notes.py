"""What every reader of a field shares: its notes on a record, and the usual forms of a value."""

from collections.abc import Callable
from typing import Any

from lapor_gateway.domain import identity, text
from lapor_gateway.domain.complaint import Fault, Flag
from lapor_gateway.domain.mapping_steps import Choice, Getter

_SHOWN = 120  # characters of a value that a flag or a fault repeats


class Notes:
    """What is to be said about one record besides its values."""

    __slots__ = ("faults", "flags", "holds")

    def __init__(self) -> None:
        self.flags: list[Flag] = []
        self.faults: list[Fault] = []
        self.holds: list[Fault] = []

    def flag(self, field: str, rule: str, value: str = "") -> None:
        self.flags.append(Flag(field, rule, value[:_SHOWN]))

    def fault(self, field: str, rule: str, value: str = "") -> None:
        self.faults.append(Fault(field, rule, value[:_SHOWN]))

    def hold(self, field: str, rule: str, value: str = "") -> None:
        self.holds.append(Fault(field, rule, value[:_SHOWN]))


Reader = Callable[[Any, Notes], Any]


def as_word(value: Any) -> str:
    """A value as a table's word: `true`, `0`, `selesai`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return identity.as_text(value) or ""


def cleaned_text(field: str, value: Any, notes: Notes) -> str | None:
    """A value as clean text; what has no text form (a list, an object) is left out and flagged."""
    if isinstance(value, str):
        cleaned, rule = text.clean(value)
        if rule is not None:
            notes.flag(field, rule)
        return cleaned or None
    rendered = as_word(value)
    if not rendered:
        notes.flag(field, "type", type(value).__name__)
    return rendered or None


def usual_getter(choices: tuple[Choice, ...]) -> Getter:
    """The first step's getter. Readers try it on the usual form of a value first, in a few 100 ns.

    Whatever is not of that form, they read again the whole way.
    """
    return choices[0].get
