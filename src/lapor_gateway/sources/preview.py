"""Raw beside normalized, for people who write a connector: each field, and each word that no table has."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from lapor_gateway.domain.complaint import Complaint, Fault, Flag, Mapped
from lapor_gateway.domain.identity import mask_email, mask_name, mask_nik, mask_phone
from lapor_gateway.domain.mapping_steps import Part, Step, getter
from lapor_gateway.sources.manifest import ChannelManifest

_MASKS: dict[str, Callable[[str], str]] = {
    "reporter_name": mask_name,
    "reporter_nik": mask_nik,
    "reporter_kk": mask_nik,
    "reporter_phone": mask_phone,
    "reporter_email": mask_email,
    "reporter_address": lambda _address: "***",
}


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One canonical field: where the manifest looks, what is there, what becomes of it (None: nothing)."""

    field: str
    where: str
    raw: Any
    normalized: Any


@dataclass(frozen=True, slots=True)
class Preview:
    """One record, field by field. With `faults` it would be quarantined and no value is normalized."""

    source_id: str | None
    rows: tuple[PreviewRow, ...]
    flags: tuple[Flag, ...]
    holds: tuple[Fault, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word at the source that the field's table lacks, and how many records brought it."""

    field: str
    table: str
    word: str
    count: int


def preview(channel: ChannelManifest, record: Any) -> Preview:
    """What `record` becomes; the reporter's values are masked on both sides."""
    result = channel.mapping.apply(record)
    complaint = result.complaint if isinstance(result, Mapped) else None
    rows = tuple(
        PreviewRow(
            field,
            _where(steps),
            _masked(field, _raw(steps, record)),
            None if complaint is None else _masked(field, _normalized(field, complaint)),
        )
        for field, steps in _fields(channel).items()
    )
    if isinstance(result, Mapped):
        return Preview(result.complaint.source_id, rows, result.complaint.flags, result.holds, ())
    return Preview(result.source_id, rows, result.flags, (), result.faults)


def unknown_words(channel: ChannelManifest, records: Iterable[Any]) -> tuple[UnknownWord, ...]:
    """Every word in `records` that a table lacks, the commonest first: what is still to be written down."""
    counts: Counter[tuple[str, str]] = Counter()
    for record in records:
        result = channel.mapping.apply(record)
        flags = result.complaint.flags if isinstance(result, Mapped) else result.flags
        counts.update((flag.field, flag.value) for flag in flags if flag.rule == "unknown_value")
    fields = _fields(channel)
    return tuple(
        UnknownWord(field, next((step.values for step in fields[field] if step.values), ""), word, count)
        for (field, word), count in counts.most_common()
    )


def silent_fields(channel: ChannelManifest, records: Iterable[Any]) -> tuple[str, ...]:
    """The fields that no record gave a value for: a heading or a path that is likely misspelt."""
    silent = {field: steps for field, steps in _fields(channel).items() if any(step.parts for step in steps)}
    for record in records:
        for field in [field for field, steps in silent.items() if _raw(steps, record) is not None]:
            del silent[field]
    return tuple(silent)


def _fields(channel: ChannelManifest) -> dict[str, tuple[Step, ...]]:
    national = {f"national.{name}": steps for name, steps in channel.spec.national.items()}
    return {**channel.spec.fields, **national}


def _raw(steps: tuple[Step, ...], record: Any) -> Any:
    """What stands in the record, before HTML, dates and tables: the first step's value that is there."""
    if not isinstance(record, dict):
        return None
    found = (getter(msgspec.structs.replace(step, html=False))(record) for step in steps)
    return next((value for value in found if value is not None), None)


def _where(steps: tuple[Step, ...]) -> str:
    return " | ".join(
        " + ".join(_place(part) for part in step.parts) or f"const {step.const!r}" for step in steps
    )


def _place(part: Part) -> str:
    return f'column "{part.column}"' if part.column is not None else part.path or "@"


def _normalized(field: str, complaint: Complaint) -> Any:
    """The field's value in the complaint, which groups what belongs to the reporter and to the place."""
    match field:
        case "anonymous":
            return complaint.visibility.is_anonymous
        case "secret":
            return complaint.visibility.is_secret
        case "place":
            return complaint.place.text
        case "district" | "village" | "latitude" | "longitude":
            return getattr(complaint.place, field)
        case "attachments":
            return tuple(attachment.address for attachment in complaint.attachments) or None
    if field.startswith("reporter_"):
        return getattr(complaint.reporter, field.removeprefix("reporter_"))
    if field.startswith("national."):
        return complaint.national_fields.get(field.removeprefix("national."))
    return getattr(complaint, field)


def _masked(field: str, value: Any) -> Any:
    mask = _MASKS.get(field)
    return value if mask is None or value is None else mask(str(value))
