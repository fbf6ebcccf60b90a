"""A region folder's own test: what each record in `samples/` becomes, against what `expected/` says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from lapor_gateway.domain.complaint import Mapped
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.sources.answers import AnswersReader
from lapor_gateway.sources.manifest import ChannelManifest, RegionManifest

SAMPLES = "samples"
EXPECTED = "expected"


@dataclass(frozen=True, slots=True)
class Sample:
    """One recorded raw record; the file's name begins with its channel's: `aplikasi.biasa.json`."""

    name: str
    channel: ChannelManifest
    record: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that came out otherwise; None where it is absent on one side."""

    path: str
    expected: Any
    actual: Any


@dataclass(frozen=True, slots=True)
class SampleResult:
    """What became of a sample. `problem` says in a sentence why it could not be compared."""

    name: str
    channel: str
    differences: tuple[Difference, ...] = ()
    problem: str = ""

    @property
    def conforms(self) -> bool:
        return not self.differences and not self.problem


def check_samples(region: RegionManifest) -> tuple[SampleResult, ...]:
    """Every sample mapped and compared, and every expectation without a sample; by name.

    Raises `ConfigurationError` for a file that is no JSON or belongs to no channel.
    """
    expected = region.folder / EXPECTED
    samples = {sample.name: sample for sample in read_samples(region)}
    results = [_compared(sample, expected / f"{name}.json") for name, sample in samples.items()]
    results += [
        SampleResult(path.stem, path.stem.partition(".")[0], problem=f"no sample {SAMPLES}/{path.name}")
        for path in expected.glob("*.json")
        if path.stem not in samples
    ]
    return tuple(sorted(results, key=lambda result: result.name))


def read_samples(region: RegionManifest) -> Iterator[Sample]:
    """The recorded raw records of the region's folder, by file name."""
    for path in sorted((region.folder / SAMPLES).glob("*.json")):
        channel = region.channels.get(path.stem.partition(".")[0])
        if channel is None:
            raise ConfigurationError(
                f"The sample {path} belongs to no channel of {region.region_id}.",
                cure=f"Begin its name with a channel's: {', '.join(region.channels)}.",
            )
        yield Sample(path.stem, channel, _json(path))


def write_expected(region: RegionManifest) -> tuple[str, ...]:
    """Writes what is not there yet in `expected/`, for a person to read through; the names written."""
    folder = region.folder / EXPECTED
    folder.mkdir(exist_ok=True)
    written = []
    for sample in read_samples(region):
        path = folder / f"{sample.name}.json"
        if not path.exists():
            outcome = msgspec.json.encode(expected_form(sample))
            path.write_bytes(msgspec.json.format(outcome, indent=2) + b"\n")
            written.append(sample.name)
    return tuple(written)


def expected_form(sample: Sample) -> dict[str, Any]:
    """A sample's outcome as `expected/` holds it: the complaint with its holds, or its faults; officers' answers."""
    result, outcome = sample.channel.mapping.apply(sample.record), dict[str, Any]()
    if isinstance(result, Mapped):
        outcome = msgspec.to_builtins(result.complaint)
        outcome |= {"holds": msgspec.to_builtins(result.holds)} if result.holds else {}
    else:
        outcome = {"faults": msgspec.to_builtins(result.faults)}
    table = sample.channel.answers
    answers = [] if table is None else AnswersReader(table, sample.channel.zone).read(sample.record)
    return outcome | ({"answers": msgspec.to_builtins(answers)} if answers else {})


def _compared(sample: Sample, expected: Path) -> SampleResult:
    channel = sample.channel.name
    if not expected.is_file():
        return SampleResult(sample.name, channel, problem=f"no expectation {EXPECTED}/{expected.name}")
    # Through JSON and back, so that tuples and lists, enums and their words are the same.
    outcome = msgspec.json.decode(msgspec.json.encode(expected_form(sample)))
    return SampleResult(sample.name, channel, tuple(_differences("", _json(expected), outcome)))


def _differences(path: str, expected: Any, actual: Any) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted(expected.keys() | actual.keys()):
            inner = f"{path}.{key}" if path else key
            yield from _differences(inner, expected.get(key), actual.get(key))
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from _differences(f"{path}[{index}]", one, other)
    elif expected != actual or type(expected) is not type(actual):
        yield Difference(path, expected, actual)


def _json(path: Path) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(
            f"{path} cannot be read as JSON.", detail=str(error), cure="Correct the file."
        ) from None
