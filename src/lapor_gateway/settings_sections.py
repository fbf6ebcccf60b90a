"""The sections of the settings: a national account, the nightly reconciliation, the witnesses."""

import ipaddress
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from lapor_gateway.domain.complaint import StatusMeaning
from lapor_gateway.domain.notes import parse_key
from lapor_gateway.durations import Duration

_CRON_FIELDS: Final = 5
Environment = Literal["training", "production"]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LookUp(Section):
    """The list endpoint that an agency was granted, and how far it may lag behind."""

    path: str = "/complaints"
    parameter: str = "search"
    page_size: int = Field(100, ge=1, le=1000)
    maximum_lag: Duration = Field(default="15m", validate_default=True)


class FollowUps(Section):
    """How the agency writes follow-ups: `user_id` is another one than the create call's; `fields` go along with each.

    The limits are what LAPOR!'s own form and clients say; files beyond them are refused here, before they leave.
    """

    user_id: int | str
    fields: dict[str, Any] = {}
    max_files: int = Field(5, ge=0, le=20)
    max_file_bytes: int = Field(5_000_000, ge=1)
    kinds: frozenset[str] = frozenset({"doc", "docx", "pdf", "jpg", "jpeg", "png"})


class Refresh(Section):
    """How statuses and follow-ups come back: at most `per_hour` requests an hour, listings included.

    An open complaint is looked at again after `soonest` at first and `latest` in the end, or when the list shows that
    its status has changed. `status` says the bound that follows from these and from how many are open.
    """

    per_hour: int = Field(1800, ge=24, le=1_000_000)
    soonest: Duration = Field(default="15m", validate_default=True)
    latest: Duration = Field(default="24h", validate_default=True)


class AttachmentLimits(Section):
    """What one complaint may carry to LAPOR!: so many files, each of so many bytes after cleaning."""

    max_files: int = Field(5, ge=0, le=20)
    max_file_bytes: int = Field(5_000_000, ge=1_000)


class NationalAccount(Section):
    """One account at LAPOR!. `timeout` is for a whole request; `commits_within` counts from the time-out on.

    `status_words` says what status words mean that the shipped table lacks (`*` stands for any rest).
    `export_lag` is how late the national spreadsheet export may show a complaint after it was committed.
    `attachments_form` is how a submission names uploaded files, `no_attachments` what it says without any.
    `masters` are paths of master lists that differ from the shipped ones.
    """

    dialect: Literal["lapor-v3"] = "lapor-v3"
    url: str
    auth: SecretStr
    token: SecretStr
    auth_header: Literal["Authorization", "auth"] = "Authorization"
    environment: Environment | None = None
    look_up: LookUp | None = None
    timeout: Duration = Field(default="90s", validate_default=True)
    commits_within: Duration = Field(default="10m", validate_default=True)
    export_lag: Duration = Field(default="15m", validate_default=True)
    max_in_flight: int = Field(8, ge=1, le=256)
    rate_per_second: float = Field(5, gt=0, le=100_000)
    create_path: str = "/complaints/complaint"
    fields: dict[str, Any] = {}
    attachments_form: str = "[{ids}]"
    no_attachments: bool | str = False
    attachments: AttachmentLimits = AttachmentLimits()
    follow_ups: FollowUps | None = None
    refresh: Refresh = Refresh()
    masters: dict[
        Literal["institutions", "categories", "classifications", "locations", "templates"], str
    ] = {}
    unavailable_means_not_taken: bool = False
    wire: Literal["pyreqwest", "httpx"] = "pyreqwest"
    status_words: dict[str, StatusMeaning] = {}

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("not an http or https address")
        return url

    @field_validator("attachments_form")
    @classmethod
    def _holds_the_ids(cls, form: str) -> str:
        if "{ids}" not in form:
            raise ValueError("a form that holds {ids}, as in [{ids}]")
        return form

    @property
    def speaks_to(self) -> Environment:
        """Which world it belongs to: as said, else training on loopback and production anywhere else."""
        if self.environment is not None:
            return self.environment
        return "training" if is_loopback(self.url) else "production"

    def is_open_to(self, environment: Environment) -> bool:
        """Whether a book of that environment may speak to it: a training book never to a production account."""
        return environment == "production" or self.speaks_to == "training"


class Reconciling(Section):
    """When `serve` reconciles by itself, over which window, and what it then says.

    `schedule` is a cron line in WIB, empty for never; `days` back from the run by creation at the source, 0 for all
    time. A complaint is stuck after `stuck_after` in one state. `keep` runs can be repeated from their indexes.
    """

    schedule: str = "30 1 * * *"
    days: int = Field(90, ge=0, le=36_500)
    stuck_after: Duration = Field(default="3d", validate_default=True)
    keep: int = Field(8, ge=1, le=10_000)

    @field_validator("schedule")
    @classmethod
    def _is_cron(cls, schedule: str) -> str:
        if schedule and len(schedule.split()) != _CRON_FIELDS:
            raise ValueError("a schedule has 5 fields: minute hour day month weekday")
        return schedule


class WitnessSettings(Section):
    """Who keeps our checkpoints outside the book: a file's path, an https address, or a mailbox as `mailto:`.

    A relative path is within the data folder. With `key`, a witness at an address must sign each checkpoint, too.
    `every` is the shortest time between two checkpoints handed over; for a mailbox a day where it is not said.
    """

    to: str
    key: str | None = None
    every: Duration | None = None
    auth: SecretStr | None = None
    through: str = "smtp://localhost"
    sender: str | None = None
    password: SecretStr | None = None

    @field_validator("to")
    @classmethod
    def _is_place(cls, to: str) -> str:
        parts = urlsplit(to)
        if parts.username or parts.password:
            raise ValueError("an address without a user; set `auth` for what it asks for")
        is_open = parts.scheme == "http" and not is_loopback(to)
        if not to or is_open or (parts.scheme in ("http", "https") and not parts.hostname):
            raise ValueError("not a path, an https address or mailto:")
        if parts.scheme == "mailto" and "@" not in parts.path.strip("@"):
            raise ValueError("not a mailbox")
        if parts.scheme not in ("", "http", "https", "mailto") or any(not one.isprintable() for one in to):
            raise ValueError("not a path, an https address or mailto:")
        return to

    @field_validator("key")
    @classmethod
    def _is_key(cls, key: str | None) -> str | None:
        if key is not None and parse_key(key) is None:
            raise ValueError("not a public key of the form NAME+HASH+BASE64")
        return key

    @field_validator("through")
    @classmethod
    def _is_mail_server(cls, through: str) -> str:
        parts = urlsplit(through)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.password:
            raise ValueError("not an smtp or smtps address (its password is set as `password`)")
        return through


def is_loopback(url: str) -> bool:
    """Whether an address is this very machine's."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
