"""What a region's simulator.toml says, typed: everything specific to a region comes from there."""

import tomllib
from pathlib import Path

import msgspec


class Ids(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the application names its complaints; `format` may use {number} and {year}."""

    format: str = "{number}"
    first: int = 1


class Numbers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """National numbers of complaints that staff retyped: right ones, one of another text, one of none.

    `wrong` gives the order in which the two wrong kinds are used when there is room for one only.
    """

    first: int
    other: int
    absent: int
    wrong: tuple[str, ...] = ("other_text", "absent")


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The application's own vocabulary. A kind's number is its weight; dates are strftime forms,
    `serial` (a spreadsheet's day number) or `cell` (a spreadsheet's date)."""

    kinds: dict[str, int]
    statuses: dict[str, str]
    status_capital: str
    status_unknown: str
    dates: list[str]
    look_alike: str
    dates_odd: list[str] = []
    date_impossible: str = "0000-00-00"
    kind_unknown: str = ""
    category_unknown: str = ""
    image: str = ""
    visibility: dict[str, str] = {}


class Shares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parts of all complaints, between 0 and 1; the last four are of one later pass."""

    older: float = 0.0
    in_progress: float = 0.0
    done: float = 0.0
    anonymous: float = 0.0
    secret: float = 0.0
    quotes_identity: float = 0.0
    asks_secrecy: float = 0.0
    look_alike: float = 0.0
    numbered: float = 0.0
    photo: float = 0.0
    untitled: float = 0.0
    equal_times: float = 0.0
    sent_twice: float = 0.0
    edited: float = 0.0
    moved: float = 0.0
    deleted: float = 0.0
    added: float = 0.0


class DirtGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One group of faults and its share of all complaints."""

    share: float
    kinds: list[str]


class Gateway(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a gateway is pointed at the running simulator: settings and secrets, filled in when it is ready."""

    overrides: dict[str, str] = {}
    secrets: dict[str, str] = {}
    hook: str = ""


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Invented reporters; prefixes are of ranges that are assigned to nobody."""

    given: list[str]
    surnames: list[str]
    nik_prefix: str
    phone_prefix: str
    email_domain: str = "contoh.example"
    username: str = "baca@contoh.example"


class Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Streets, and villages by district; latitudes and longitudes are bounds in degrees."""

    streets: list[str]
    districts: dict[str, list[str]]
    latitude: tuple[float, float] = (-8.0, -7.0)
    longitude: tuple[float, float] = (112.0, 113.0)


class Prose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fragments of complaints; see `prose.py` for the names that may stand in braces."""

    openings: list[str]
    effects: list[str]
    requests: list[str]
    closings: list[str]
    additions: list[str]
    identities: list[str]
    secrecy: list[str]


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One subject: the application's category for it, and what people write about it."""

    category: str
    titles: list[str]
    problems: list[str]


class Desk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How badly a message desk sends its webhooks: shares of all messages."""

    never_sent: float = 0.0
    repeated: float = 0.0
    disorder: float = 0.0
    late: float = 0.0


class Sheets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the spreadsheets look. A column whose value is "" is blank; `titles` may use {date} and {count}."""

    titles: list[str]
    columns: list[tuple[str, str]]
    total: dict[str, str]
    window_days: int = 30


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole simulator.toml. `fields` maps a path in the application's record to a value's name.

    `share` is the region's part of all complaints where several regions are simulated together. `takes_keys`: an
    `Idempotency-Key` that comes twice is honoured; else the same write-back twice is done twice.
    """

    family: str
    ids: Ids
    numbers: Numbers
    words: Words
    shares: Shares
    dirt: dict[str, DirtGroup | float]
    people: People
    places: Places
    prose: Prose
    topics: list[Topic]
    gateway: Gateway = Gateway()
    fields: dict[str, str] = {}
    constants: dict[str, str] = {}
    zone: str = "Asia/Jakarta"
    share: float = 0.0
    page_size: int = 100
    token_requests: int = 1000
    takes_keys: bool = True
    desk: Desk = Desk()
    sheets: Sheets | None = None

    def dirt_groups(self) -> dict[str, DirtGroup]:
        return {name: group for name, group in self.dirt.items() if isinstance(group, DirtGroup)}

    def dirt_pool(self) -> float:
        """The share of complaints among which all groups of faults are dealt out."""
        pool = self.dirt.get("pool", 0.0)
        return pool if isinstance(pool, float) else 0.0


class ScriptError(Exception):
    """A simulator.toml that cannot be used; the message names the file and the fault."""


def read_script(folder: Path) -> Script:
    """Raises `ScriptError` when the file is missing, is no TOML, or lacks or misspells a key."""
    path = folder / "simulator.toml"
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Script)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as fault:
        raise ScriptError(f"{path}: {fault}") from fault
