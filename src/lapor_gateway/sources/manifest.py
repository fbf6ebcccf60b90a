"""Loads a region's manifest: one folder, one `connector.toml`, checked whole before any of it is used."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from lapor_gateway.domain.complaint import AccountName, ChannelId, Origin
from lapor_gateway.domain.mapping import CANONICAL_FIELDS, Mapping, MappingSpec
from lapor_gateway.domain.mapping_steps import Step
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.sources.manifest_checks import check_channel
from lapor_gateway.sources.manifest_faults import (
    KeyPath,
    ManifestError,
    ManifestFault,
    Problem,
    key_lines,
    line_of,
    nearest,
    problems,
    syntax_problem,
)
from lapor_gateway.sources.manifest_models import (
    AttachmentsTable,
    ChannelTable,
    Contact,
    Decree,
    RegionTable,
    StepTable,
)
from lapor_gateway.sources.settings import SETTINGS
from lapor_gateway.sources.write_back_settings import AnswersTable, WriteBack

MANIFEST_FILE = "connector.toml"
FAMILY_GROUP = "lapor_gateway.sources"

_TOP_KEYS = ("region", "channels")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_NAMING = "is written in small letters, digits, - and _"
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ChannelManifest:
    """One channel of a region, ready to be opened (`settings`) and mapped (`mapping`)."""

    id: ChannelId
    region: str
    name: str
    origin: Origin
    source: str
    schedule: str | None
    deleted: Literal["finding", "accept"]
    duplicates: Literal["flag", "hold"]
    zone: ZoneInfo
    account: AccountName
    attachments: AttachmentsTable | None
    settings: BaseModel
    spec: MappingSpec
    mapping: Mapping
    write_back: WriteBack | None = None
    answers: AnswersTable | None = None

    @property
    def digest(self) -> str:
        """The mapping's digest: unchanged by comments, addresses and schedules."""
        return self.mapping.digest


@dataclass(frozen=True, slots=True)
class RegionManifest:
    """A region as its folder describes it; `region_id` is the folder's name."""

    region_id: str
    code: str
    name: str
    zone: ZoneInfo
    account: AccountName
    contact: Contact | None
    sk_tim_pengelola: Decree | None
    channels: dict[str, ChannelManifest]
    folder: Path


def load_regions(connectors_dir: Path) -> dict[str, RegionManifest]:
    """Every region folder in `connectors_dir`, by region id. Raises `ManifestError` with all their faults."""
    regions, error = read_regions(connectors_dir)
    if error is not None:
        raise error
    return regions


def read_regions(connectors_dir: Path) -> tuple[dict[str, RegionManifest], ManifestError | None]:
    """The regions whose manifests are right, and the faults of the others: one region's typo stops no other.

    Raises `ConfigurationError` where the folder itself is missing.
    """
    regions: dict[str, RegionManifest] = {}
    faults: list[ManifestFault] = []
    if not connectors_dir.is_dir():
        raise ConfigurationError(
            f"The connectors folder {connectors_dir} is not there.",
            cure="Create it, or let LAPOR_GATEWAY_CONNECTORS_DIR name the folder of the region folders.",
        )
    for folder in sorted(path.parent for path in connectors_dir.glob(f"*/{MANIFEST_FILE}")):
        try:
            regions[folder.name] = load_region(folder)
        except ManifestError as error:
            faults += error.faults
        except ConfigurationError as error:
            why = f"{error.message} ({error.detail})" if error.detail else error.message
            faults.append(ManifestFault(str(folder / MANIFEST_FILE), 1, "", why))
    return regions, ManifestError(tuple(faults)) if faults else None


def load_region(folder: Path) -> RegionManifest:
    """The region of `folder`. Raises `ManifestError` (all faults) or `ConfigurationError` (no such file)."""
    path = folder / MANIFEST_FILE
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The manifest {path} cannot be read.",
            detail=error.strerror or "" if isinstance(error, OSError) else "not UTF-8 text",
            cure=f"A region is a folder that holds a {MANIFEST_FILE}.",
        ) from None
    try:
        document = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        line, sentence = syntax_problem(error, source)
        raise ManifestError((ManifestFault(str(path), line, "", sentence),)) from None
    found = _Reading(folder.name, document)
    region = found.region_manifest(folder)
    if region is None:
        lines = key_lines(source)
        raise ManifestError(
            tuple(
                sorted(
                    (_placed(str(path), problem, lines) for problem in found.problems),
                    key=lambda fault: (fault.line, fault.key),
                )
            )
        )
    return region


def _placed(file: str, problem: Problem, lines: dict[KeyPath, int]) -> ManifestFault:
    key = ".".join(_spelled(part) for part in problem.path)
    return ManifestFault(file, line_of(problem.path, lines), key, problem.text)


def _spelled(part: str | int) -> str:
    plain = isinstance(part, int) or part.replace("-", "").replace("_", "").isalnum()
    return str(part) if plain else f'"{part}"'


@cache
def settings_model(source: str) -> type[BaseModel] | None:
    """The settings of a source family: one of ours, or the `Settings` of an installed package's family."""
    if source in SETTINGS:
        return SETTINGS[source]
    for entry in entry_points(group=FAMILY_GROUP, name=source):
        model = getattr(entry.load(), "Settings", None)
        if isinstance(model, type) and issubclass(model, BaseModel):
            return model
        raise ConfigurationError(
            f'The source family "{source}" cannot be used.',
            detail=f"{entry.value} has no pydantic model named Settings",
            cure="Ask the maker of the package that offers it for a version that fits.",
        )
    return None


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


class _Reading:
    """One manifest on its way from TOML to a `RegionManifest`; collects every problem on the way."""

    def __init__(self, region_id: str, document: dict[str, Any]) -> None:
        self.region_id = region_id
        self.problems: list[Problem] = [
            Problem((key,), f"unknown key{nearest(key, _TOP_KEYS)}")
            for key in document
            if key not in _TOP_KEYS
        ]
        if not _NAME.fullmatch(region_id):
            self.problems.append(Problem((), f'the folder "{region_id}" {_NAMING}'))
        self._region = self._read_region(document.get("region"))
        self._channels = dict(self._read_channels(document.get("channels")))

    def region_manifest(self, folder: Path) -> RegionManifest | None:
        """The manifest, or None where `problems` has anything to say."""
        region = self._region
        if self.problems or region is None:
            return None
        zone = ZoneInfo(region.zone)
        return RegionManifest(
            region_id=self.region_id,
            code=region.code,
            name=region.name,
            zone=zone,
            account=AccountName(region.account),
            contact=region.contact,
            sk_tim_pengelola=region.sk_tim_pengelola,
            channels={
                name: _channel(self.region_id, name, table, settings, region)
                for name, (table, settings) in self._channels.items()
            },
            folder=folder,
        )

    def _read_region(self, region: Any) -> RegionTable | None:
        if region is None:
            self.problems.append(Problem(("region",), "missing; a manifest has a [region]"))
            return None
        return self._validated(RegionTable, ("region",), region)

    def _read_channels(self, channels: Any) -> Iterator[tuple[str, tuple[ChannelTable, BaseModel]]]:
        if not isinstance(channels, dict) or not channels:
            self.problems.append(
                Problem(("channels",), "missing; a region has at least one [channels.<name>]")
            )
            return
        for name, channel in channels.items():
            if not _NAME.fullmatch(name):
                self.problems.append(Problem(("channels", name), f"a channel's name {_NAMING}"))
            if not isinstance(channel, dict):
                self.problems.append(Problem(("channels", name), f"a channel is a table: [channels.{name}]"))
                continue
            self.problems += check_channel(name, channel)
            read = self._read_channel(("channels", name), channel)
            if read is not None:
                yield name, read

    def _read_channel(self, path: KeyPath, channel: dict[str, Any]) -> tuple[ChannelTable, BaseModel] | None:
        """The channel in its two halves: what every family shares, and the family's own settings."""
        shared = {key: value for key, value in channel.items() if key in ChannelTable.model_fields}
        own = {key: value for key, value in channel.items() if key not in shared}
        table = self._validated(ChannelTable, path, shared)
        self._check_national(path, shared.get("national"))
        source = channel.get("source")
        model = settings_model(source) if isinstance(source, str) else None
        if model is None:
            if isinstance(source, str):
                text = f'unknown source "{source}"{nearest(source, SETTINGS)} (one of {", ".join(SETTINGS)})'
                self.problems.append(Problem((*path, "source"), text))
            return None
        settings = self._validated(model, path, own, beside=tuple(ChannelTable.model_fields))
        return None if table is None or settings is None else (table, settings)

    def _check_national(self, path: KeyPath, national: Any) -> None:
        for name, value in national.items() if isinstance(national, dict) else ():
            for step in _steps_of(value):
                self._validated(StepTable, (*path, "national", name), step)

    def _validated(
        self, model: type[_Model], path: KeyPath, value: Any, beside: Iterable[str] = ()
    ) -> _Model | None:
        """`value` as `model`, or None with its problems noted; `beside` are keys that another model reads."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            schema = _schema(model)
            properties = {**schema.get("properties", {}), **{key: {} for key in beside}}
            self.problems += problems(error, path, value, {**schema, "properties": properties})
            return None


def _steps_of(value: Any) -> list[dict[str, Any]]:
    """The step tables of a national field; empty for a constant."""
    entries = value if isinstance(value, list) and value else [value]
    return entries if all(isinstance(entry, dict) for entry in entries) else []


def _channel(
    region_id: str, name: str, table: ChannelTable, settings: BaseModel, region: RegionTable
) -> ChannelManifest:
    spec = MappingSpec(
        zone=region.zone,
        fields={
            field: tuple(step.step() for step in getattr(table.fields, field))
            for field in CANONICAL_FIELDS
            if field in table.fields.model_fields_set
        },
        values=table.values,
        national={field: _national_steps(value) for field, value in table.national.items()},
    )
    return ChannelManifest(
        id=ChannelId(f"{region_id}.{name}"),
        region=region_id,
        name=name,
        origin=Origin(f"{region_id}/{table.origin or name}"),
        source=table.source,
        schedule=table.schedule,
        deleted=table.deleted,
        duplicates=table.duplicates,
        zone=ZoneInfo(region.zone),
        account=AccountName(region.account),
        attachments=table.attachments,
        settings=settings,
        spec=spec,
        mapping=Mapping.compile(spec),
        write_back=table.write_back,
        answers=table.answers,
    )


def _national_steps(value: Any) -> tuple[Step, ...]:
    steps = _steps_of(value)
    return tuple(StepTable.model_validate(step).step() for step in steps) if steps else (Step(const=value),)
