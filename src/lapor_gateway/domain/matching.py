"""Whether two texts are the same report: one retyped by hand, or the very text that was sent."""

from typing import Final

import msgspec

from lapor_gateway.domain.reference import Reference, carried_by, comparable

_RETYPED_ALIKE: Final = 88.0
_SHORTEST_PART: Final = 40
_MOST_WORDS: Final = 3000  # compared word by word; telling two texts apart takes far fewer
_MOST_DIFFERENCES: Final = 50


class Difference(msgspec.Struct, frozen=True):
    """Words of ours that stand otherwise there; "" where one side has nothing."""

    ours: str
    theirs: str


def retyped_alike(ours: str, theirs: str) -> bool:
    """Whether `theirs` is `ours` as a person retypes it: case, punctuation, spaces and slips allowed for.

    A heading or a sentence around the text is allowed where the text itself is long enough to be telling.
    """
    from rapidfuzz import fuzz, utils  # noqa: PLC0415 - 25 ms at every start, for what is seldom compared

    left, right = utils.default_process(comparable(ours)), utils.default_process(comparable(theirs))
    if not left or not right:
        return False
    if fuzz.ratio(left, right, score_cutoff=_RETYPED_ALIKE):
        return True
    if min(len(left), len(right)) < _SHORTEST_PART or len(left) > len(right):
        return False
    return fuzz.partial_ratio(left, right, score_cutoff=_RETYPED_ALIKE) > 0


def is_claimed_rightly(reference: Reference, body: str, text: str, later_text: str = "") -> bool:
    """Whether a report at LAPOR! is the complaint that claims its number: the same text, as it came or as it is now.

    One under our line of another complaint belongs to that one.
    """
    if carried_by(text) not in (None, reference):
        return False
    return retyped_alike(body, text) or (later_text != "" and retyped_alike(body, later_text))


def differences(ours: str, theirs: str) -> list[Difference]:
    """Where two texts differ, word by word, as a look-up compares them; the first fifty places."""
    from rapidfuzz.distance import Indel  # noqa: PLC0415 - as above; and difflib takes minutes where words repeat

    left, right = comparable(ours).split()[:_MOST_WORDS], comparable(theirs).split()[:_MOST_WORDS]
    found: list[Difference] = []
    open_at: tuple[int, int] | None = None
    for part in [*Indel.opcodes(left, right), None]:
        if part is not None and part.tag != "equal":
            open_at = open_at or (part.src_start, part.dest_start)
        elif open_at is not None:
            end, their_end = (part.src_start, part.dest_start) if part else (len(left), len(right))
            words = " ".join(left[open_at[0] : end]), " ".join(right[open_at[1] : their_end])
            found.append(Difference(*words))
            open_at = None
    return found[:_MOST_DIFFERENCES]
