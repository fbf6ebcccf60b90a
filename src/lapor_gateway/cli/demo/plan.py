"""What a demo is made of, written down at its first start: a second run goes on from it, another is refused."""

import os
import tomllib
from pathlib import Path
from typing import Final

import msgspec

from lapor_gateway.errors import ConfigurationError
from lapor_gateway.settings import FILE_NAME
from lapor_gateway.shipped import shipped

FILE: Final = "demo.json"
SIMULATORS: Final = "simulators"
CONNECTORS: Final = "connectors"


class Plan(msgspec.Struct):
    """`regions` holds each region's part of `complaints`; `national_url` is a foreign endpoint's.

    `finished` says that the second pass was made and its disappearances were accepted.
    """

    complaints: int
    seed: int
    regions: dict[str, int]
    national_url: str | None = None
    finished: bool = False


def read_plan(folder: Path) -> Plan | None:
    """The plan of the demo that lives in `folder`; None where none does. Raises `ConfigurationError`."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Plan)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(
            f"{path} cannot be read.", detail=str(error), cure="Use another data folder for the demo."
        ) from None


def write_plan(folder: Path, plan: Plan) -> None:
    """Write it whole or not at all, so that a kill leaves the plan before or after."""
    path = folder / FILE
    fresh = path.with_name(FILE + ".new")
    with fresh.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(plan), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def plan_for(folder: Path, complaints: int, seed: int, national_url: str | None) -> Plan:
    """The plan to follow: the one in `folder`, or a new one, written there.

    Raises `ConfigurationError` for a folder with other values, or with something else than a demo in it.
    """
    known = read_plan(folder)
    if known is None:
        _refuse_a_real_one(folder)
        folder.mkdir(parents=True, exist_ok=True)
        plan = Plan(complaints, seed, dealt_out(complaints, shares()), national_url)
        write_plan(folder, plan)
        return plan
    if (known.complaints, known.seed) != (complaints, seed):
        raise ConfigurationError(
            f"The demo in {folder} has {known.complaints} complaints of seed {known.seed}.",
            cure=f"Use --complaints {known.complaints} --seed {known.seed}, or another --data folder.",
        )
    if national_url is not None and known.national_url is None:
        raise ConfigurationError(
            f"The demo in {folder} has a simulated national endpoint of its own.",
            cure="Leave --national-url out, or use another --data folder.",
        )
    if national_url is not None and national_url != known.national_url:
        known.national_url = national_url
        write_plan(folder, known)
    return known


def shares() -> dict[str, float]:
    """The regions that can be simulated, each with its part of all complaints."""
    found: dict[str, float] = {}
    for path in sorted(shipped("connectors").glob("*/simulator.toml")):
        share = tomllib.loads(path.read_text("utf-8")).get("share", 0)
        if share > 0:
            found[path.parent.name] = float(share)
    if not found:
        raise ConfigurationError(
            "This installation carries no region folders to simulate.", cure="Install the package again."
        )
    return found


def dealt_out(complaints: int, parts: dict[str, float]) -> dict[str, int]:
    """`complaints` dealt out by share, at least one each, nothing lost to rounding.

    Raises `ConfigurationError` for fewer complaints than regions.
    """
    if complaints < len(parts):
        raise ConfigurationError(
            f"{complaints} complaints are too few for {len(parts)} regions.",
            cure="Ask for more with --complaints.",
        )
    total = sum(parts.values())
    exact = {name: complaints * part / total for name, part in parts.items()}
    dealt = {name: max(1, int(value)) for name, value in exact.items()}
    by_need = sorted(parts, key=lambda name: dealt[name] - exact[name])
    while (left := complaints - sum(dealt.values())) != 0:
        for name in by_need[:left] if left > 0 else by_need[left:]:
            dealt[name] += 1 if left > 0 else -1 if dealt[name] > 1 else 0
    return dealt


def _refuse_a_real_one(folder: Path) -> None:
    for name in ("book.db", FILE_NAME, "secret.key"):
        if (folder / name).exists():
            raise ConfigurationError(
                f"{folder} holds a gateway that is no demo ({name}).",
                cure="Use another folder: --data demo-data.",
            )
