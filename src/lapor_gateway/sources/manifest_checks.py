"""What no single key of a manifest shows: tables that are not there, and words no field understands."""

from collections.abc import Iterator
from typing import Any

from lapor_gateway.domain.complaint import Kind, StatusMeaning
from lapor_gateway.domain.mapping_words import HOLD, QUARANTINE
from lapor_gateway.sources.manifest_faults import KeyPath, Problem, nearest

_DATES = ("incident_at", "created_at", "updated_at")
_WITHOUT_TABLE = (
    "source_id",
    *_DATES,
    "reporter_nik",
    "reporter_kk",
    "reporter_phone",
    "reporter_email",
    "latitude",
    "longitude",
    "attachments",
    "national_number",
)
_TRUTHS: tuple[Any, ...] = (True, False, "true", "false", "ya", "tidak", "yes", "no", "1", "0", 1, 0)
_MEANINGS: dict[str, tuple[Any, ...]] = {
    "kind": tuple(kind.value for kind in Kind),
    "regional_status": tuple(
        meaning.value for meaning in StatusMeaning if meaning is not StatusMeaning.UNKNOWN
    ),
    "anonymous": _TRUTHS,
    "secret": _TRUTHS,
}


def check_channel(name: str, channel: dict[str, Any]) -> Iterator[Problem]:
    """Problems of one channel's table, as `tomllib` read it; what has a wrong type is left to the models."""
    prefix: KeyPath = ("channels", name)
    tables = channel.get("values")
    tables = tables if isinstance(tables, dict) else {}
    if channel.get("source") == "webhook" and "schedule" in channel:
        yield Problem((*prefix, "schedule"), "a webhook has no schedule: its records come by themselves")
    for part in ("fields", "national"):
        fields = channel.get(part)
        for field, value in fields.items() if isinstance(fields, dict) else ():
            for step in _step_tables(value):
                yield from _check_step((*prefix, part, field), part == "national", step, tables)
    fields = channel.get("fields")
    for field, meanings in _MEANINGS.items():
        for step in _step_tables(fields.get(field)) if isinstance(fields, dict) else ():
            yield from _check_meanings(prefix, field, meanings, step, tables)


def _step_tables(value: Any) -> list[dict[str, Any]]:
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, dict)]


def _check_step(
    path: KeyPath, is_national: bool, step: dict[str, Any], tables: dict[str, Any]
) -> Iterator[Problem]:
    named = step.get("values")
    if isinstance(named, str) and named not in tables:
        key = f"[{'.'.join(str(part) for part in path[:2])}.values.{named}]"
        yield Problem(
            (*path, "values"), f'no table "{named}"{nearest(named, tables)} (it would stand under {key})'
        )
    if is_national:
        return
    field = path[-1]
    if named is not None and field in _WITHOUT_TABLE:
        yield Problem((*path, "values"), "this field takes no table of values")
    if "date" in step and field not in _DATES:
        yield Problem((*path, "date"), f"only {', '.join(_DATES)} are dates")


def _check_meanings(
    prefix: KeyPath, field: str, meanings: tuple[Any, ...], step: dict[str, Any], tables: dict[str, Any]
) -> Iterator[Problem]:
    table = tables.get(step["values"]) if isinstance(step.get("values"), str) else None
    words = table if isinstance(table, dict) else {}
    path = (*prefix, "values", step.get("values", ""))
    for word, meaning in words.items():
        if meaning not in meanings and meaning not in (HOLD, QUARANTINE):
            yield Problem((*path, word), _unknown(field, meaning, (*meanings, HOLD, QUARANTINE)))
    keys = ("default",) if words else ("default", "const")
    for key in keys:
        if step.get(key) is not None and step[key] not in meanings:
            yield Problem((*prefix, "fields", field, key), _unknown(field, step[key], meanings))


def _unknown(field: str, meaning: Any, known: tuple[Any, ...]) -> str:
    spelled = [str(word).lower() for word in dict.fromkeys(str(word).lower() for word in known)]
    return f'"{meaning}" is no {field}{nearest(str(meaning), spelled)} (one of {", ".join(spelled)})'
