"""Marks and echoes: how what we wrote on one side is known again there, so that it is not sent round. Pure."""

import re
from typing import Final

from lapor_gateway.domain.reference import Reference, comparable, neutralise, unescaped

_MARK: Final = re.compile(r"\[Rujukan (LG-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})/([0-9]{1,9})\]")
_LONGEST_FRAME: Final = 80
_SHORTEST_QUOTED: Final = 12


def with_mark(reference: Reference, number: int, text: str) -> str:
    """A follow-up as it is sent to LAPOR!: our line on top, every look-alike in the text neutralised."""
    return f"[Rujukan {reference}/{number}]\n{neutralise(text)}"


def marked_number(text: str, reference: Reference) -> int | None:
    """Which follow-up of the complaint `reference` this is by *our* line at the top of its text; None for others'."""
    found = _MARK.match(unescaped(text).lstrip())
    return int(found[2]) if found is not None and found[1] == reference else None


def without_mark(text: str) -> str:
    """The text below our line."""
    return _MARK.sub("", unescaped(text).lstrip(), count=1).lstrip()


def is_echo(shown: str, written: str) -> bool:
    """Whether `shown` is `written` as the other side gives it back: the same, or framed by a few words of its own.

    Case, white space and HTML escaping do not matter. A text in which ours is only quoted beside an answer is none.
    """
    left, right = comparable(shown).casefold(), comparable(without_mark(written)).casefold()
    if left == right:
        return True
    return (
        len(right) >= _SHORTEST_QUOTED
        and right in left
        and len(left) - len(right) <= min(_LONGEST_FRAME, len(right))
    )
