"""From a raw record to a canonical complaint, or to the list of its faults; pure, compiled once a channel."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from lapor_gateway.domain import identity, text
from lapor_gateway.domain import mapping_fields as fields
from lapor_gateway.domain import mapping_words as words
from lapor_gateway.domain.complaint import (
    Complaint,
    Fault,
    Mapped,
    MappingResult,
    Place,
    Reporter,
    Unmappable,
    Visibility,
)
from lapor_gateway.domain.mapping_notes import Notes, Reader
from lapor_gateway.domain.mapping_steps import FieldFaultError, Step, Table, Word, choices

RULES = 1  # raised when this module reads the same record differently, so that digests tell the two apart

REQUIRED_FIELDS = ("source_id", "body")

_REPORTER = {
    "reporter_name": ("name", fields.one_line_reader),
    "reporter_nik": ("nik", fields.identity_reader(identity.normalize_nik)),
    "reporter_kk": ("kk", fields.identity_reader(identity.normalize_kk)),
    "reporter_phone": ("phone", fields.identity_reader(identity.normalize_phone)),
    "reporter_email": ("email", fields.identity_reader(identity.normalize_email)),
    "reporter_address": ("address", fields.one_line_reader),
}
_PLACE = {
    "place": ("text", fields.text_reader),
    "district": ("district", fields.text_reader),
    "village": ("village", fields.text_reader),
    "latitude": ("latitude", fields.degrees_reader),
    "longitude": ("longitude", fields.degrees_reader),
}
_COMPLAINT = {
    "title": ("title", fields.one_line_reader),
    "body": ("body", fields.text_reader),
    "kind": ("kind", words.kind_reader),
    "category": ("category", fields.one_line_reader),
    "incident_at": ("incident_at", fields.date_field_reader),
    "created_at": ("created_at", fields.date_field_reader),
    "updated_at": ("updated_at", fields.date_field_reader),
    "attachments": ("attachments", fields.attachments_reader),
    "national_number": ("national_number", fields.national_number_reader),
}

CANONICAL_FIELDS = ("source_id", *_COMPLAINT, "anonymous", "secret", *_REPORTER, *_PLACE, "regional_status")

_Readers = tuple[tuple[str, str, Reader], ...]
"""(canonical name, attribute it fills, its reader)"""


class MappingSpec(msgspec.Struct, frozen=True):
    """What decides a mapping: the region's zone, the fields' steps, the vocabularies, the national fields."""

    zone: str
    fields: dict[str, tuple[Step, ...]]
    values: dict[str, dict[str, Word]] = {}
    national: dict[str, tuple[Step, ...]] = {}

    def digest(self) -> str:
        """SHA-256 of what decides the mapping; comments, order and tables that no step names do not."""
        steps = (step for found in (*self.fields.values(), *self.national.values()) for step in found)
        used = {step.values for step in steps if step.values is not None}
        deciding = msgspec.structs.replace(self, values={name: self.values[name] for name in used})
        return hashlib.sha256(msgspec.json.encode((RULES, deciding), order="sorted")).hexdigest()


class Mapping:
    """A compiled mapping. `apply` and `source_id` are pure; `digest` names the version of the mapping."""

    __slots__ = (
        "_anonymous",
        "_complaint",
        "_fixed",
        "_national",
        "_place",
        "_reporter",
        "_secret",
        "_source_id",
        "_status",
        "digest",
    )

    def __init__(self, spec: MappingSpec) -> None:
        zone = ZoneInfo(spec.zone)
        tables = {name: Table.of(listed) for name, listed in spec.values.items()}

        def compiled(readers: dict[str, Any]) -> _Readers:
            return tuple(
                (name, attribute, compile_reader(name, choices(spec.fields[name], tables, zone)))
                for name, (attribute, compile_reader) in readers.items()
                if name in spec.fields
            )

        def single(name: str, compile_reader: Callable[..., Reader]) -> Reader | None:
            return (
                compile_reader(name, choices(spec.fields[name], tables, zone))
                if name in spec.fields
                else None
            )

        self.digest = spec.digest()
        self._source_id = fields.source_id_reader(
            "source_id", choices(spec.fields["source_id"], tables, zone)
        )
        self._complaint = compiled(_COMPLAINT)
        self._reporter = compiled(_REPORTER)
        self._place = compiled(_PLACE)
        self._status = single("regional_status", words.regional_status_reader)
        self._anonymous = single(
            "anonymous", partial(words.truth_reader, other_is_mapped="secret" in spec.fields)
        )
        self._secret = single(
            "secret", partial(words.truth_reader, other_is_mapped="anonymous" in spec.fields)
        )
        national = tuple(
            (
                f"national.{name}",
                name,
                words.national_reader(f"national.{name}", choices(steps, tables, zone)),
            )
            for name, steps in spec.national.items()
        )
        # What no record can change is read once: most of an agency's fields are constants.
        fixed = {name for name, steps in spec.national.items() if steps[0].is_fixed}
        self._fixed = _read(tuple(one for one in national if one[1] in fixed), {}, Notes())
        self._national = tuple(one for one in national if one[1] not in self._fixed)

    @classmethod
    def compile(cls, spec: MappingSpec) -> "Mapping":
        """The mapping of `spec`, which names both `REQUIRED_FIELDS`."""
        return cls(spec)

    def source_id(self, record: Any) -> str | None:
        """The record's id at its source, as text; None where it is missing or unreadable."""
        return _guarded("source_id", self._source_id, record, Notes()) if isinstance(record, dict) else None

    def apply(self, record: Any) -> MappingResult:
        """The record as a complaint with its flags and holds, or every fault that keeps it from being one."""
        if not isinstance(record, dict):
            return Unmappable(None, (Fault("record", "type", type(record).__name__),))
        notes = Notes()
        source_id = _guarded("source_id", self._source_id, record, notes)
        values = _read(self._complaint, record, notes)
        body = values.get("body")
        if body is None and not any(fault.field == "body" for fault in notes.faults):
            notes.fault("body", "required")
        visibility = self._visibility(record, notes)
        reporter = _read(self._reporter, record, notes)
        place = _read(self._place, record, notes)
        national = self._fixed | _read(self._national, record, notes)
        if self._status is not None:
            status = _guarded("regional_status", self._status, record, notes)
            values["regional_word"], values["regional_status"] = status or (None, None)
        if notes.faults or body is None:
            return Unmappable(source_id, tuple(notes.faults), tuple(notes.flags))
        if values.get("title") is None:
            values["title"] = text.title_from(body)
            notes.flag("title", "made_from_body")
        if reporter:
            values["reporter"] = Reporter(**reporter)
        if place:
            values["place"] = Place(**place)
        if national:
            values["national_fields"] = national
        return Mapped(
            Complaint(source_id=source_id or "", visibility=visibility, flags=tuple(notes.flags), **values),
            tuple(notes.holds),
        )

    def _visibility(self, record: dict[str, Any], notes: Notes) -> Visibility:
        """Both hidden as soon as one of the two is in doubt: what was shown cannot be hidden again."""
        anonymous = _guarded("anonymous", self._anonymous, record, notes) if self._anonymous else False
        secret = _guarded("secret", self._secret, record, notes) if self._secret else False
        if anonymous is None or secret is None:
            return Visibility.ANONYMOUS_SECRET
        return Visibility.of(anonymous=anonymous, secret=secret)


def _guarded(name: str, read: Reader, record: dict[str, Any], notes: Notes) -> Any:
    try:
        return read(record, notes)
    except FieldFaultError as fault:
        notes.fault(name, fault.rule, fault.value)
        return None


def _read(readers: _Readers, record: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """The values that are there, by the attributes they fill; a fault is noted, and the rest is read."""
    values: dict[str, Any] = {}
    for name, attribute, read in readers:
        try:
            value = read(record, notes)
        except FieldFaultError as fault:
            notes.fault(name, fault.rule, fault.value)
            continue
        if value is not None:
            values[attribute] = value
    return values
