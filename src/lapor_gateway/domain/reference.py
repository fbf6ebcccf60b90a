"""Our reference: one per complaint, for life, derived from where it came from, and never mistaken for another.

Shown as `LG-XXXX-XXXX-XXXX`: eleven characters of Crockford's base 32 (55 bits of an HMAC) and a check character.
"""

import hashlib
import html
import re
from functools import lru_cache
from typing import Final, NewType

Reference = NewType("Reference", str)

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE: Final = {character: value for value, character in enumerate(_ALPHABET)}
_AS_DIGITS: Final = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_BODY_LENGTH: Final = 11
_SHIFTS: Final = tuple(range(50, -5, -5))
_CHECK_PRIME: Final = 31  # the largest prime below 32: finds every single wrong character but 0/Z, most swaps

_DASHES = "-\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d_"
_LOOK_ALIKE: Final = re.compile(
    rf"([LlＬ\u216c\u217c][GgＧ])[ \t]*[{_DASHES}][ \t]*"
    rf"(\w{{4}})[ \t]*[{_DASHES}][ \t]*(\w{{4}})[ \t]*[{_DASHES}][ \t]*(\w{{4}})"
)
_LINE_START: Final = "[Rujukan "
_OUR_LINE: Final = re.compile(r"\s*\[Rujukan (LG-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\]\s")
_DEEPEST_ESCAPING: Final = 4


def derive(key: bytes, origin: str, source_id: str) -> Reference:
    """The reference of `(origin, source_id)` under the book's reference key (32 bytes)."""
    number = _number(key, origin, source_id)
    body = "".join([_ALPHABET[(number >> shift) & 31] for shift in _SHIFTS])
    body += _check_character(body)
    return Reference(f"LG-{body[:4]}-{body[4:8]}-{body[8:]}")


def is_derived(reference: str, key: bytes, origin: str, source_id: str) -> bool:
    """Whether `reference` is that of `(origin, source_id)`; its check character is not looked at."""
    body = (reference[3:7] + reference[8:12] + reference[13:16]).translate(_AS_DIGITS)
    try:
        return int(body, 32) == _number(key, origin, source_id)
    except ValueError:
        return False


def _number(key: bytes, origin: str, source_id: str) -> int:
    message = _begin(origin) + source_id.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(message, key=key, digest_size=8).digest()) >> 9


@lru_cache(maxsize=256)
def _begin(origin: str) -> bytes:
    return len(origin.encode()).to_bytes(2) + origin.encode()


def parse(text: str) -> Reference | None:
    """The reference a person typed, forgiving case and the letters I, L, O; None if its check fails."""
    compact = re.sub(r"[\s-]", "", text.upper())
    if not compact.startswith("LG"):
        return None
    body = compact[2:].replace("O", "0").replace("I", "1").replace("L", "1")
    if len(body) != _BODY_LENGTH + 1 or any(character not in _VALUE for character in body):
        return None
    if _check_character(body[:_BODY_LENGTH]) != body[_BODY_LENGTH]:
        return None
    return Reference(f"LG-{body[:4]}-{body[4:8]}-{body[8:]}")


def _check_character(body: str) -> str:
    weighted = sum([_VALUE[character] * weight for weight, character in enumerate(body, 1)])
    return _ALPHABET[weighted % _CHECK_PRIME]


def with_reference(reference: Reference, text: str) -> str:
    """`text` as it is sent: our line on top, and every look-alike in the citizen's words neutralised."""
    return f"{_LINE_START}{reference}]\n{neutralise(text)}"


def neutralise(text: str) -> str:
    """`text` in which nothing reads as a reference of ours; dots take the place of the dashes."""
    if text.isascii() and "lg" not in text.lower():
        return text  # nearly always; the pattern would try every letter
    return _LOOK_ALIKE.sub(r"\1.\2.\3.\4", text)


def carried_by(text: str) -> Reference | None:
    """The reference in *our* line at the very top of a text seen at LAPOR!, else None.

    HTML escaping and white space around the line are allowed for; a reference further down is a citizen's.
    """
    match = _OUR_LINE.match(unescaped(text) + "\n")
    return Reference(match.group(1)) if match else None


def comparable(text: str) -> str:
    """`text` reduced to what must be equal: HTML unescaped, white space folded, trimmed."""
    plain = unescaped(text)
    flat = plain.replace("\n", " ")
    if flat.isprintable() and "  " not in flat:  # no other white space is printable; a fifth of the time
        return flat.strip()
    return " ".join(plain.split())


def unescaped(text: str) -> str:
    """HTML character references resolved, also where they were escaped again on the way there or back."""
    for _ in range(_DEEPEST_ESCAPING):
        if "&" not in text:
            break
        text = html.unescape(text)
    return text
