"""The demo's own region folders and settings, so that every other command works on its data folder, too."""

import json
import os
import re
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lapor_gateway.cli.demo.plan import CONNECTORS, Plan
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.settings import DEFAULT_ACCOUNT, FILE_NAME, PREFIX
from lapor_gateway.shipped import shipped

_TABLE: Final = re.compile(r"^\s*\[([^\[\]]+)\]")
_KEY: Final = re.compile(r"^(\s*)([A-Za-z0-9_-]+)(\s*=\s*)")
_DUMMY: Final = {"auth": "latihan-auth", "token": "latihan-token"}
_WRITING_USER: Final = 77  # follow-ups are written under another user than complaints
_BOUNDS: Final = {
    "timeout": ("TIMEOUT", "5"),
    "commits_within": ("COMMITS_WITHIN", "1"),
    "max_in_flight": ("MAX_IN_FLIGHT", "8"),
    "rate_per_second": ("RATE_PER_SECOND", "200"),
}


def copy_regions(folder: Path, plan: Plan, overrides: Mapping[str, Mapping[str, str]]) -> None:
    """The shipped region folders with the addresses of the running simulators in place of the examples'."""
    for region in plan.regions:
        source, target = shipped("connectors") / region, folder / CONNECTORS / region
        if not target.is_dir():
            fresh = target.with_name(f".{region}.new")
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.copytree(source, fresh, copy_function=shutil.copyfile)
            fresh.replace(target)
        values = {f"channels.{path}": value for path, value in overrides.get(region, {}).items()}
        if plan.national_url is not None:
            values["region.account"] = DEFAULT_ACCOUNT
        manifest = target / "connector.toml"
        _write(manifest, overridden(manifest.read_text("utf-8"), values))


def overridden(manifest: str, values: Mapping[str, str]) -> str:
    """A TOML text with the strings at dotted paths replaced. Raises `ConfigurationError` where a path is not there."""
    table, lines, left = "", [], dict(values)
    for line in manifest.splitlines(keepends=True):
        found = _TABLE.match(line)
        if found:
            table = found[1].strip()
        key = _KEY.match(line)
        path = f"{table}.{key[2]}" if key else ""
        # A JSON string is a TOML string.
        lines.append(f"{key[0]}{json.dumps(left.pop(path))}\n" if key and path in left else line)
    if left:
        raise ConfigurationError(
            f"The region folder has no key {', '.join(sorted(left))} to point at a simulator."
        )
    return "".join(lines)


def write_settings(
    folder: Path, plan: Plan, national_url: str, environ: Mapping[str, str] | None = None
) -> None:
    """The demo's lapor-gateway.toml: one account a region, or the account `default` at a foreign endpoint."""
    if plan.national_url is not None:
        accounts = {DEFAULT_ACCOUNT: account_from(os.environ if environ is None else environ, national_url)}
    else:
        accounts = {
            name: account_of_region(national_url, institution)
            for name, institution in _institutions(folder, plan).items()
        }
    lines = [
        "# Ditulis oleh `lapor-gateway demo`. / Written by `lapor-gateway demo`.",
        'environment = "training"',
    ]
    for name, account in accounts.items():
        lines += ["", f"[national.{name}]", *(f"{key} = {value}" for key, value in account.items())]
        lines += [f'auth = "secret:national/{name}/auth"', f'token = "secret:national/{name}/token"']
    _write(folder / FILE_NAME, "\n".join(lines) + "\n")


def account_names(folder: Path, plan: Plan) -> dict[str, str]:
    """The national account of each region, as its manifest names it."""
    return {region: str(_manifest(folder, region)["region"]["account"]) for region in plan.regions}


def account_of_region(url: str, institution: int) -> dict[str, str]:
    """An account at the simulated endpoint, as TOML values; the bounds are those the simulator keeps.

    `institution` is the region's own id there: what stands beside its follow-ups.
    """
    bounds = {key: value for key, (_, value) in _BOUNDS.items()}
    follow_ups = f"{{ user_id = {_WRITING_USER}, fields = {{ institution_from_id = {institution} }} }}"
    return {
        "url": json.dumps(url),
        **bounds,
        "look_up": "{ maximum_lag = 1 }",
        "follow_ups": follow_ups,
    }


def _institutions(folder: Path, plan: Plan) -> dict[str, int]:
    """By account, the institution that its region's manifest hands complaints to."""
    manifests = [_manifest(folder, region) for region in plan.regions]
    return {
        str(one["region"]["account"]): int(next(iter(one["channels"].values()))["national"]["disposition_id"])
        for one in manifests
    }


def _manifest(folder: Path, region: str) -> dict[str, Any]:
    return tomllib.loads((folder / CONNECTORS / region / "connector.toml").read_text("utf-8"))


def account_from(environ: Mapping[str, str], url: str) -> dict[str, str]:
    """The account at a foreign endpoint, its bounds and look-up from `LAPOR_GATEWAY_NATIONAL_…`."""
    prefix = f"{PREFIX}NATIONAL_"
    account = {"url": json.dumps(url)}
    for key, (name, usual) in _BOUNDS.items():
        account[key] = _value(environ.get(prefix + name) or usual)
    for key in ("dialect", "auth_header", "wire"):
        if environ.get(prefix + key.upper()):
            account[key] = json.dumps(environ[prefix + key.upper()])
    granted = environ.get(f"{prefix}LOOK_UP")
    if granted != "none":
        lag = _value(environ.get(f"{prefix}MAXIMUM_LAG") or "1")
        path = f"path = {json.dumps(granted)}, " if granted else ""
        account["look_up"] = f"{{ {path}maximum_lag = {lag} }}"
    return account


def credentials_from(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """`auth` and `token` for the account `default`: from the environment or the files it names, else dummies."""
    environ = os.environ if environ is None else environ
    found = {}
    for key, dummy in _DUMMY.items():
        name = f"{PREFIX}NATIONAL_{key.upper()}"
        file = environ.get(f"{name}_FILE")
        try:
            found[key] = Path(file).read_text("utf-8").strip() if file else environ.get(name) or dummy
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{name}_FILE cannot be read.", detail=type(error).__name__) from None
    return found


def _value(text: str) -> str:
    """A number as it stands, anything else as a TOML string (`90s`)."""
    try:
        float(text)
    except ValueError:
        return json.dumps(text)
    return text


def _write(path: Path, content: str) -> None:
    if path.is_file() and path.read_text("utf-8") == content:
        return
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(content, "utf-8")
    fresh.replace(path)
