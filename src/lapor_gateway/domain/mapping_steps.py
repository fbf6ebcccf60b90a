"""How a value is found in a raw record: paths, columns, constants, joined parts, defaults; compiled once."""

import re
from collections.abc import Callable
from datetime import tzinfo
from operator import methodcaller
from typing import Any

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from lapor_gateway.domain import text
from lapor_gateway.domain.dates import DateReader, date_reader
from lapor_gateway.domain.identity import as_text

Getter = Callable[[Any], Any]
Word = str | int | float | bool

_PLAIN_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


class FieldFaultError(Exception):
    """A value that makes the whole record unmappable; the reader of the field knows its name."""

    def __init__(self, rule: str, value: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.value = value


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place in a record: a JMESPath expression, or a column by its exact heading."""

    path: str | None = None
    column: str | None = None


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way to a field's value, as the manifest says it: where it stands and how it is to be read."""

    parts: tuple[Part, ...] = ()
    joined: bool = False
    separator: str = " "
    const: Any = None
    default: Any = None
    values: str | None = None
    date: tuple[str, ...] = ()
    html: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether it gives the same number, truth value or plain text for every record."""
        plain = not isinstance(self.const, str) or (text.is_plain(self.const) and self.const.strip() != "")
        return not self.parts and self.const is not None and self.values is None and plain


class Table(msgspec.Struct, frozen=True):
    """A vocabulary: words at the source, and what they mean here; `unknown` is what `*` says."""

    exact: dict[str, Word]
    folded: dict[str, Word]
    unknown: Word | None

    @classmethod
    def of(cls, words: dict[str, Word]) -> "Table":
        known = {word: meaning for word, meaning in words.items() if word != "*"}
        folded = {word.strip().casefold(): meaning for word, meaning in known.items()}
        return cls(known, folded, words.get("*"))

    def meaning(self, word: str) -> Word | None:
        """What the word means: as spelt, else whatever its case and outer white space; None if unknown."""
        found = self.exact.get(word)
        return self.folded.get(word.strip().casefold()) if found is None else found


def getter(step: Step) -> Getter:
    """A function from a raw record (a dict) to the step's value before any default, None if absent."""
    if step.joined:
        found = _joined(tuple(_part(part) for part in step.parts), step.separator)
    elif step.parts:
        found = _part(step.parts[0])
    else:
        return lambda _record: step.const
    if not step.html:
        return found

    def without_markup(record: Any) -> Any:
        value = found(record)
        return text.plain_text(value) if isinstance(value, str) else value

    return without_markup


def _part(part: Part) -> Getter:
    if part.column is not None:
        return _key(part.column)
    path = part.path or "@"
    if not _PLAIN_PATH.fullmatch(path):
        # Quoted names, lists, functions: JMESPath itself, at some 2 µs instead of 0.1.
        return _expression(path)
    names = path.split(".")
    return _key(names[0]) if len(names) == 1 else _nested(tuple(names))


def _expression(path: str) -> Getter:
    compiled = jmespath.compile(path)

    def get(record: Any) -> Any:
        try:
            return compiled.search(record)
        except JMESPathError:
            # A function met a type it does not take, such as a null: not to be mistaken for an absent value.
            raise FieldFaultError("expression", path) from None

    return get


def _key(name: str) -> Getter:
    return methodcaller("get", name)


def _nested(names: tuple[str, ...]) -> Getter:
    first, *others = names

    def get(record: Any) -> Any:
        value = record.get(first)
        for name in others:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value

    return get


def _joined(getters: tuple[Getter, ...], separator: str) -> Getter:
    def get(record: Any) -> Any:
        parts = (as_text(part(record)) for part in getters)
        return separator.join(part for part in parts if part) or None

    return get


class Choice(msgspec.Struct, frozen=True):
    """A step, compiled: one of the places where a field's value may be found, and how it is read there."""

    get: Getter
    default: Any
    table: Table | None
    read_date: DateReader

    def is_empty(self, value: Any) -> bool:
        """Nothing to read: None, blank text, "-", an empty list; unless the step's table knows it."""
        if value is None:
            blank = ""
        elif isinstance(value, str):
            blank = value.strip()
            if blank and blank != "-":
                return False
        else:
            return bool(value == [])
        return self.table is None or self.table.meaning(blank) is None


Found = tuple[Any, Choice, bool]
"""A value that is there, the step that found it, and whether it is the step's default, not the record's."""

Locator = Callable[[Any], Found | None]


def choices(steps: tuple[Step, ...], tables: dict[str, Table], zone: tzinfo) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            get=getter(step),
            default=step.default,
            table=tables[step.values] if step.values is not None else None,
            read_date=date_reader(step.date, zone),
        )
        for step in steps
    )


def locator(candidates: tuple[Choice, ...]) -> Locator:
    """Tries the steps in order until one gives a value; a step's default counts as one."""

    def locate(record: Any) -> Found | None:
        for choice in candidates:
            value = choice.get(record)
            if not choice.is_empty(value):
                return value, choice, False
            if choice.default is not None:
                return choice.default, choice, True
        return None

    return locate
