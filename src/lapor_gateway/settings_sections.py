"""The sections of the settings: accounts, the nightly reconciliation, obstacles, deadlines, reminders, witnesses."""

import ipaddress
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from lapor_gateway.domain.complaint import StatusMeaning
from lapor_gateway.domain.notes import parse_key
from lapor_gateway.domain.quiet import Span, opens_at, parse_hours
from lapor_gateway.durations import Duration

_CRON_FIELDS: Final = 5
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "lapor-v3": ("url", "auth", "token"),
    "lapor-stream": ("url", "token"),
    "manual": (),
}
_WIB: Final = ZoneInfo("Asia/Jakarta")
Environment = Literal["training", "production"]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LookUp(Section):
    """The list endpoint that an agency was granted, and how far it may lag behind."""

    path: str = "/complaints"
    parameter: str = "search"
    page_size: int = Field(100, ge=1, le=1000)
    maximum_lag: Duration = Field(default="15m", validate_default=True)


class F01List(Section):
    """The list of `lapor-f01`, the only look-up beside `lapor-stream`.

    What LAPOR! calls its parts is not public: `path` with the call's name, and the names in a row, as the agency was
    told them.
    """

    path: str
    token: SecretStr
    tracking_id: str
    content: str
    rows: str = ""
    title: str = ""
    status: str = ""
    created_at: str = ""
    page_parameter: str = ""
    search_parameter: str = ""
    maximum_lag: Duration = Field(default="15m", validate_default=True)


class Maintenance(Section):
    """An announced span in which LAPOR! is not spoken to; times with their offset."""

    start: AwareDatetime
    end: AwareDatetime

    @model_validator(mode="after")
    def _ends_later(self) -> "Maintenance":
        if self.end <= self.start:
            raise ValueError("a maintenance ends after its start")
        return self


class FollowUps(Section):
    """How the agency writes follow-ups: `user_id` is another one than the create call's; `fields` go along with each.

    The limits are what LAPOR!'s own form and clients say; files beyond them are refused here, before they leave.
    """

    user_id: int | str
    fields: dict[str, Any] = {}
    max_files: int = Field(5, ge=0, le=20)
    max_file_bytes: int = Field(5_000_000, ge=1)
    kinds: frozenset[str] = frozenset({"doc", "docx", "pdf", "jpg", "jpeg", "png"})


class AttachmentLimits(Section):
    """What one complaint may carry to LAPOR!: so many files, each of so many bytes after cleaning."""

    max_files: int = Field(5, ge=0, le=20)
    max_file_bytes: int = Field(5_000_000, ge=1_000)


class Refresh(Section):
    """How statuses and follow-ups come back: at most `per_hour` requests an hour, listings included.

    An open complaint is looked at again after `soonest` at first and `latest` in the end, or when the list shows that
    its status has changed. `status` says the bound that follows from these and from how many are open.
    """

    per_hour: int = Field(1800, ge=24, le=1_000_000)
    soonest: Duration = Field(default="15m", validate_default=True)
    latest: Duration = Field(default="24h", validate_default=True)


class NationalAccount(Section):
    """One account at LAPOR!. `timeout` is for a whole request; `commits_within` counts from the time-out on.

    `status_words` says what status words mean that the shipped table lacks (`*` stands for any rest).
    `export_lag` is how late the national spreadsheet export may show a complaint after it was committed.
    `quiet_hours` (in WIB) and `maintenance` are when nothing is asked or sent.
    `attachments_form` is how a submission names uploaded files, `no_attachments` what it says without any.
    `masters` are paths of master lists that differ from the shipped ones.
    """

    dialect: Literal["lapor-v3", "lapor-stream", "manual"] = "lapor-v3"
    url: str = ""
    auth: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    auth_header: Literal["Authorization", "auth"] = "Authorization"
    environment: Environment | None = None
    look_up: LookUp | F01List | None = None
    timeout: Duration = Field(default="90s", validate_default=True)
    commits_within: Duration = Field(default="10m", validate_default=True)
    export_lag: Duration = Field(default="15m", validate_default=True)
    max_in_flight: int = Field(8, ge=1, le=256)
    rate_per_second: float = Field(5, gt=0, le=100_000)
    create_path: str | None = None
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
    quiet_hours: tuple[str, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("not an http or https address")
        return url

    @model_validator(mode="after")
    def _has_what_its_dialect_needs(self) -> "NationalAccount":
        given = {"url": self.url, **{n: getattr(self, n).get_secret_value() for n in ("auth", "token")}}
        missing = [name for name in _NEEDS[self.dialect] if not given[name]]
        if missing:
            raise ValueError(f"an account of the dialect {self.dialect} needs {' and '.join(missing)}")
        is_f01 = isinstance(self.look_up, F01List)
        if self.look_up is not None and is_f01 is not (self.dialect == "lapor-stream"):
            raise ValueError(f"a look_up of this form does not go with the dialect {self.dialect}")
        return self

    @property
    def is_by_hand(self) -> bool:
        """Whether a person types complaints into LAPOR! and brings the numbers back."""
        return self.dialect == "manual"

    @property
    def listing(self) -> LookUp | None:
        """The list that shows all of the account's complaints, secret ones included: what counting may rest on."""
        return self.look_up if isinstance(self.look_up, LookUp) else None

    @field_validator("quiet_hours")
    @classmethod
    def _are_hours(cls, quiet_hours: Sequence[str]) -> Sequence[str]:
        opens_at(datetime(2026, 1, 1, tzinfo=_WIB), [parse_hours(one) for one in quiet_hours], ())
        return quiet_hours

    def opens_at(self, now: datetime) -> datetime:
        """The first moment from `now` (aware) on at which LAPOR! may be spoken to."""
        if not self.quiet_hours and not self.maintenance:
            return now
        spans = [Span(one.start, one.end) for one in self.maintenance]
        return opens_at(now.astimezone(_WIB), [parse_hours(one) for one in self.quiet_hours], spans)

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


class ObstacleBounds(Section):
    """From when on the gateway names an obstacle by itself.

    A backlog: at least `backlog` complaints that wait longer than `backlog_after`. Complaints at LAPOR! are unanswered
    `unanswered_after` without a follow-up; a source is silent after `silent_after` without a pull that succeeded.
    """

    backlog: int = Field(10, ge=1)
    backlog_after: Duration = Field(default="3d", validate_default=True)
    unanswered_after: Duration = Field(default="7d", validate_default=True)
    silent_after: Duration = Field(default="3d", validate_default=True)


class DeadlineSettings(Section):
    """Files of the installation's own: `rules` beside the shipped ones, a `calendar` of days off; what `soon` means.

    `soon` is in working days: so many before its day a deadline is due soon.
    """

    rules: Path | None = None
    calendar: Path | None = None
    soon: int = Field(2, ge=0, le=30)


class ReminderSettings(Section):
    """Reminders of deadlines: from when on (`at`, the region's zone, on working days), and to which `officers`.

    `officers` has, by region, the names of secrets that hold addresses as apprise takes them (mailto://…, tgram://…).
    """

    at: time = time(7, 30)
    officers: dict[str, tuple[str, ...]] = {}

    @field_validator("officers", mode="before")
    @classmethod
    def _are_secrets(cls, value: object) -> object:
        regions = value.items() if isinstance(value, dict) else ()
        for region, targets in regions:
            for target in [targets] if isinstance(targets, str) else targets:
                if not str(target).startswith("secret:"):
                    raise ValueError(
                        f"an address of {region} stands in the open; name a secret that holds it"
                    )
        return {name: [one] if isinstance(one, str) else one for name, one in regions}


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
