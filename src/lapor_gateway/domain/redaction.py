"""Takes a reporter's own known values, and every 16-digit number, out of text that leaves."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from lapor_gateway.domain.complaint import Reporter
from lapor_gateway.domain.text import words

MARK: Final = "[disamarkan]"

# A run of digits that may be spelt with separators ("0812-3456-7890", "3523 0141 0190 0001").
_DIGIT_RUN = re.compile(r"[0-9](?:[\s.\-()/]{0,2}[0-9]){5,}")
_DIGITS = re.compile(r"[0-9]+")
_SIXTEEN_SHAPES = frozenset({(4, 4, 4, 4), (6, 6, 4), (6, 10), (12, 4), (2, 2, 2, 6, 4), (8, 8)})
_SHAPE_SIZES = (5, 4, 3, 2)
_NOT_DIGITS = re.compile(r"[^0-9]+")
_ZEROES = bytes.maketrans(b"123456789", b"000000000")
_BETWEEN_DIGITS = b" \t\n\r\v\f\x1c\x1d\x1e\x1f.-()/"
_SHORTEST_NUMBER = 6
_PHONE_PREFIXES = ("0062", "620", "62", "0")

_SHORTEST_NAME_PART = 4
_SHORTEST_ADDRESS = 8
_STREET = frozenset({"jl", "jln", "jalan"})
_WORD = re.compile(r"\w+")
# Words that stand in name columns and identify nobody; to take them out everywhere would only harm the text.
_NO_NAMES = words(
    "anonim anonymous anonimus hamba allah warga masyarakat pelapor pengadu nama tanpa tidak ada user admin "
    "bapak ibu saudara saudari mbak kakak haji hajah"
)


def redact(text: str, reporter: Reporter) -> str:
    """`text` with `[disamarkan]` for the reporter's values and every 16-digit number.

    The values are name, NIK, KK, phone, e-mail and address. The name goes as a whole and by each of its parts
    of at least four letters; numbers in any usual spelling. Other numbers, such as bank accounts of 10 to 15
    digits, survive. Names of strangers in prose are not known here and cannot be promised.
    """
    lowered = text.lower()
    if _names(lowered, reporter):
        patterns = [
            *_literal_patterns(lowered, reporter.email, reporter.nik, reporter.kk, reporter.phone),
            *_address_patterns(lowered, reporter.address),
            *_name_patterns(lowered, reporter.name),
        ]
        if patterns:
            text = re.sub("|".join(patterns), MARK, text, flags=re.IGNORECASE)
    if not _may_hold_a_run(text) or _DIGIT_RUN.search(text) is None:
        return text
    return _without_numbers(text, reporter)


def _may_hold_a_run(text: str) -> bool:
    """False only where `_DIGIT_RUN` finds nothing: the pattern takes three times as long to say that."""
    return not text.isascii() or b"000000" in text.encode().translate(_ZEROES, _BETWEEN_DIGITS)


def _names(lowered: str, reporter: Reporter) -> bool:
    """Whether one of the signs is there: a plain loop, in a third of the time of any()."""
    for sign in _signs(reporter):  # noqa: SIM110
        if sign in lowered:
            return True
    return False


@lru_cache(maxsize=512)
def _signs(reporter: Reporter) -> tuple[str, ...]:
    """What stands in every lower-cased text that names the reporter: one of these; most texts have none."""
    literals = (reporter.email, reporter.nik, reporter.kk, reporter.phone)
    signs = [value.lower() for value in literals if value and not value.isdigit()]
    if reporter.name:
        names = [part.strip(".,") for part in reporter.name.lower().split()]
        # What is shorter only goes with the whole name, and that has its longest part in it.
        signs += [part for part in names if len(part) >= _SHORTEST_NAME_PART] or [
            max(names, key=len, default="")
        ]
    if reporter.address:
        streets = [part for part in _WORD.findall(reporter.address.lower()) if part not in _STREET]
        signs.append(max(streets, key=len, default=""))
    return tuple(signs)


def _without_numbers(text: str, reporter: Reporter) -> str:
    pieces = []
    position = 0
    for start, end in _merged(_number_spans(text, reporter)):
        pieces += [text[position:start], MARK]
        position = end
    return "".join([*pieces, text[position:]])


def _literal_patterns(lowered: str, *values: str | None) -> Iterator[str]:
    """Values as they were typed: e-mail addresses, and numbers with letters in them."""
    for value in values:
        if value and len(value) >= _SHORTEST_NUMBER and not value.isdigit() and value.lower() in lowered:
            yield rf"(?<!\w){re.escape(value)}(?!\w)"


def _address_patterns(lowered: str, address: str | None) -> Iterator[str]:
    if not address or len(address) < _SHORTEST_ADDRESS:
        return
    parts = _WORD.findall(address.lower())
    if len(parts) < 2 or not all(part in lowered for part in parts if part not in _STREET):
        return
    spelled = r"\W{1,4}".join("(?:jl|jln|jalan)" if part in _STREET else re.escape(part) for part in parts)
    yield rf"(?<!\w){spelled}(?!\w)"


def _name_patterns(lowered: str, name: str | None) -> Iterator[str]:
    if not name or len(name) < 2:
        return
    spelt = name.lower().split()
    parts = [part.strip(".,") for part in spelt]
    if all(part in _NO_NAMES for part in parts):
        return
    if all(part in lowered for part in parts):
        spelled = r"\s+".join(re.escape(part) for part in spelt)
        yield rf"(?<!\w){spelled}(?!\w)"
    for part in parts:
        if len(part) >= _SHORTEST_NAME_PART and part not in _NO_NAMES and part in lowered:
            yield rf"(?<!\w){re.escape(part)}(?!\w)"


def _number_spans(text: str, reporter: Reporter) -> Iterator[tuple[int, int]]:
    for run in _DIGIT_RUN.finditer(text):
        yield from _sixteen_digit_spans(run)
        for value in (reporter.nik, reporter.kk):
            yield from _known_spans(text, run, _NOT_DIGITS.sub("", value or ""), prefixes=())
        # Without country code or leading zero, so that each spelling of the number holds it.
        phone = _NOT_DIGITS.sub("", reporter.phone or "").removeprefix("62").removeprefix("0")
        yield from _known_spans(text, run, phone, prefixes=_PHONE_PREFIXES)


def _sixteen_digit_spans(run: re.Match[str]) -> Iterator[tuple[int, int]]:
    groups = [(match.start() + run.start(), match.end() + run.start()) for match in _DIGITS.finditer(run[0])]
    sizes = [end - start for start, end in groups]
    for index, (start, end) in enumerate(groups):
        if end - start >= 16:
            yield start, end
        for count in _SHAPE_SIZES:
            shape = tuple(sizes[index : index + count])
            if shape in _SIXTEEN_SHAPES:
                yield start, groups[index + len(shape) - 1][1]


def _known_spans(
    text: str, run: re.Match[str], number: str, prefixes: tuple[str, ...]
) -> Iterator[tuple[int, int]]:
    """Where the digits of `number` stand in the run, with one of `prefixes` and an opening `+` or `(`."""
    if len(number) < _SHORTEST_NUMBER:
        return
    places = [place for place in range(run.start(), run.end()) if text[place].isdigit()]
    digits = "".join(text[place] for place in places)
    found = digits.find(number)
    while found >= 0:
        last = found + len(number)
        prefix = next((prefix for prefix in prefixes if digits.endswith(prefix, 0, found)), "")
        start = places[found - len(prefix)]
        opened = prefixes and start and text[start - 1] in "+("
        yield start - 1 if opened else start, places[last - 1] + 1
        found = digits.find(number, last)


def _merged(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
