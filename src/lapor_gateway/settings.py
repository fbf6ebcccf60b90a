"""One typed settings object: `lapor-gateway.toml` and `LAPOR_GATEWAY_…` variables, read once and passed on.

The environment wins. Paths in the file are relative to the file's folder. A value that starts with `secret:` names a
secret; a credential itself never stands in the file.
"""

import os
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import unquote

from pydantic import Field, SecretStr, ValidationError, field_validator

from lapor_gateway.durations import Duration
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.settings_sections import (
    DeadlineSettings,
    Environment,
    NationalAccount,
    ObstacleBounds,
    Reconciling,
    ReminderSettings,
    Section,
    WitnessSettings,
)

PREFIX: Final = "LAPOR_GATEWAY_"
FILE_NAME: Final = "lapor-gateway.toml"
DEFAULT_ACCOUNT: Final = "default"

_EXAMPLES: Final = {
    "url": "https://api-splp.layanan.go.id/lapor/3.0.0",
    "timeout": '"90s"',
    "commits_within": '"10m"',
    "maximum_lag": '"15m"',
    "environment": '"training" or "production"',
    "dialect": '"lapor-v3"',
    "log_level": '"INFO"',
    "lang": '"id" or "en"',
    "schedule": '"30 1 * * *"',
    "stuck_after": '"3d"',
    "max_in_flight": "8",
    "rate_per_second": "5",
    "auth": '"secret:national/wilayah/auth"',
    "token": '"secret:national/wilayah/token"',
    "attachments_url": '"/srv/lapor/lampiran" or "file:///srv/lapor/lampiran"',
    "retention": 'accepted = "5y"',
    "backup_retention": '"90d"',
    "witness": '["witness.log", "/mnt/inspektorat/witness.log", "https://saksi.example/checkpoints"]',
    "to": '"witness.log", "https://…" or "mailto:…"',
    "key": '"saksi.example+1a2b3c4d+AQ…", as the witness publishes it',
    "through": '"smtp://mail.example:587"',
    "soon": "2",
    "at": '"07:30"',
    "officers": 'contoh = ["secret:reminders/contoh/mail"]',
    "database_url": '"postgresql://user@host/lapor" or "sqlite:///data/book.db"',
}
_RETAINED: Final = ("accepted", "linked", "historical", "rejected", "withdrawn")
_KINDS: Final = ("pengaduan", "aspirasi", "permintaan_informasi")
_SHORTEST_RETENTION: Final = timedelta(days=30)
_NATIONAL_KEYS: Final = (
    "url",
    "dialect",
    "auth",
    "token",
    "auth_header",
    "environment",
    "timeout",
    "commits_within",
    "max_in_flight",
    "rate_per_second",
    "wire",
)


class Settings(Section):
    """Everything the gateway is told from outside."""

    data_dir: Path = Path("data")
    database_url: str | None = None
    connectors_dir: Path = Path("connectors")
    secret_key: SecretStr | None = None
    secret_key_file: Path | None = None
    environment: Environment = "training"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"
    lang: Literal["id", "en"] = "id"
    national: dict[str, NationalAccount] = Field(default_factory=dict)
    reconcile: Reconciling = Reconciling()
    obstacles: ObstacleBounds = ObstacleBounds()
    deadlines: DeadlineSettings = DeadlineSettings()
    reminders: ReminderSettings = ReminderSettings()
    backup_retention: Duration | None = None
    retention: dict[str, Duration] = Field(default_factory=dict)
    attachments_url: str | None = None

    @field_validator("attachments_url")
    @classmethod
    def _is_folder(cls, url: str | None) -> str | None:
        if url is not None and "://" in url and not url.startswith("file:///"):
            raise ValueError("not a folder; write its path, or file:///…")
        return url

    @field_validator("retention")
    @classmethod
    def _are_rules(cls, rules: dict[str, timedelta]) -> dict[str, timedelta]:
        for rule, span in rules.items():
            state, _, kind = rule.partition(":")
            if state not in _RETAINED or (":" in rule and kind not in _KINDS):
                raise ValueError(f"{rule} is no class; one is {', '.join(_RETAINED)}, alone or with :kind")
            if span < _SHORTEST_RETENTION:
                raise ValueError(f"{rule} would be kept for less than 30 days")
        return rules

    witness: tuple[WitnessSettings, ...] = (WitnessSettings(to="witness.log"),)

    @field_validator("witness", mode="before")
    @classmethod
    def _are_witnesses(cls, value: object) -> object:
        """One or several, each a table or only its place; `none` for no witness at all."""
        if value == "none":
            return ()
        several = value.replace(",", " ").split() if isinstance(value, str) else value
        several = several if isinstance(several, list | tuple) else [several]
        return tuple({"to": one} if isinstance(one, str) else one for one in several)

    @property
    def book_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'book.db'}"

    @property
    def tombstones_file(self) -> Path:
        """Where tombstones stand beside the book, which a backup does not hold."""
        return self.data_dir / "tombstones.jsonl"

    @property
    def archive_dir(self) -> Path:
        """Where the files of closed years stand; a backup of the book does not hold them."""
        return self.data_dir / "archive"

    @property
    def attachments_dir(self) -> Path:
        """Where complaints' files lie, sealed; a backup of the book does not hold them."""
        if self.attachments_url is None:
            return self.data_dir / "attachments"
        return Path(unquote(self.attachments_url.removeprefix("file://")))

    @property
    def key_file(self) -> Path:
        return self.secret_key_file or self.data_dir / "secret.key"

    def master_keys(self) -> list[str]:
        """Master keys, newest first: from the setting (comma-separated), else the file's lines.

        Raises `ConfigurationError` when there is none.
        """
        if self.secret_key is not None:
            return [key for key in self.secret_key.get_secret_value().replace(",", " ").split() if key]
        try:
            return self.key_file.read_text("ascii").split()
        except FileNotFoundError:
            if not self.data_dir.is_dir():
                raise ConfigurationError(
                    f"There is no installation here: neither {FILE_NAME} nor a data folder {self.data_dir} was found."
                    if not Path(FILE_NAME).is_file()
                    else f"The data folder {self.data_dir} is not there.",
                    cure="Go to the folder of `lapor-gateway init`, or name its data folder: --data DIR.",
                ) from None
            raise ConfigurationError(
                f"The master key {self.key_file} is not there.",
                cure="Run `lapor-gateway init` for a new installation, or put back the key that belongs to this data.",
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"The master key {self.key_file} cannot be read.", detail=type(error).__name__
            ) from None


def load_settings(data_dir: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from file and environment; `data_dir` (from `--data`) wins over both.

    The file is `LAPOR_GATEWAY_CONFIG`, else the one in the data folder that was asked for, else the one in the
    current folder. Raises `ConfigurationError` naming the setting, its fault and an example, never a secret.
    """
    environ = os.environ if environ is None else environ
    asked = data_dir or (Path(environ[f"{PREFIX}DATA_DIR"]) if environ.get(f"{PREFIX}DATA_DIR") else None)
    path = _settings_file(asked, environ)
    values = _read(path) if path else {}
    if path:
        _resolve_paths(values, path.parent)
    _overlay(values, environ)
    if asked is not None:
        values["data_dir"] = asked
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _explained(error, path) from None


def _settings_file(asked: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = environ.get(f"{PREFIX}CONFIG")
    if named:
        if not Path(named).is_file():
            raise ConfigurationError(
                f"The settings file {named} is not there.", cure=f"Correct {PREFIX}CONFIG."
            )
        return Path(named)
    candidates = [asked / FILE_NAME] if asked is not None else []
    return next((path for path in [*candidates, Path(FILE_NAME)] if path.is_file()), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{path} is not valid TOML.", detail=str(error), cure="Correct the line that is named."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read.", detail=type(error).__name__) from None


def _resolve_paths(values: dict[str, Any], folder: Path) -> None:
    for name in ("data_dir", "connectors_dir", "secret_key_file"):
        if isinstance(values.get(name), str):
            values[name] = folder / values[name]
    own = values.get("deadlines")
    for name in ("rules", "calendar"):
        if isinstance(own, dict) and isinstance(own.get(name), str):
            own[name] = folder / own[name]
    values.setdefault("data_dir", folder / "data")
    values.setdefault("connectors_dir", folder / "connectors")


def _overlay(values: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name in (
        "database_url",
        "connectors_dir",
        "secret_key",
        "secret_key_file",
        "environment",
        "log_level",
        "lang",
        "backup_retention",
        "witness",
        "attachments_url",
    ):
        value = environ.get(PREFIX + name.upper())
        if value:
            values[name] = value
    if "database_url" not in values and environ.get("DATABASE_URL"):
        values["database_url"] = environ["DATABASE_URL"]
    account = _account_from(environ)
    if account:
        national = values.setdefault("national", {})
        national[DEFAULT_ACCOUNT] = national.get(DEFAULT_ACCOUNT, {}) | account


def _account_from(environ: Mapping[str, str]) -> dict[str, Any]:
    """The account `default` in its short form, `LAPOR_GATEWAY_NATIONAL_…`."""
    account: dict[str, Any] = {}
    for key in _NATIONAL_KEYS:
        name = f"{PREFIX}NATIONAL_{key.upper()}"
        value, file = environ.get(name), environ.get(f"{name}_FILE")
        if file:
            try:
                value = Path(file).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigurationError(
                    f"{name}_FILE cannot be read.", detail=type(error).__name__
                ) from None
        if value:
            account[key] = _number_or_text(value) if key in ("timeout", "commits_within") else value
    lag = environ.get(f"{PREFIX}NATIONAL_MAXIMUM_LAG")
    granted = environ.get(f"{PREFIX}NATIONAL_LOOK_UP")
    if granted not in (None, "none"):
        account["look_up"] = {"path": granted} | ({"maximum_lag": _number_or_text(lag)} if lag else {})
    elif lag and granted != "none":
        account["look_up"] = {"maximum_lag": _number_or_text(lag)}
    return account if "url" in account else {}


def _number_or_text(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value


def _explained(error: ValidationError, path: Path | None) -> ConfigurationError:
    fault = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    example = _EXAMPLES.get(str(fault["loc"][-1]) if fault["loc"] else "")
    more = error.error_count() - 1
    return ConfigurationError(
        f"The setting {where} is wrong: {fault['msg'].removeprefix('Value error, ')}.",
        detail=f"{path or 'environment'}" + (f", and {more} more" if more else ""),
        cure=f"For example: {example}."
        if example
        else "Compare it with the file that `lapor-gateway init` writes.",
    )
