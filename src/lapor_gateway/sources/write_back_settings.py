"""What a manifest may say about writing back: how a region's application is told of what happens at LAPOR!."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from lapor_gateway.durations import Duration
from lapor_gateway.sources.settings import Auth, HttpUrl, JmesPath, Name, SecretRef

KINDS: Final = ("accepted", "status", "follow_up", "new")
"""What travels: the number at LAPOR!, a new status, a follow-up, a complaint filed at LAPOR! itself."""
FIELDS: Final = (
    "source_id", "tracking_id", "reference", "status", "national_status", "follow_up", "author", "at", "title", "body",
    "delivery",
)  # fmt: skip
"""What a template in braces, or a parameter of a statement behind a colon, may name."""
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_PARAMETER: Final = re.compile(r"(?<![:\w\\]):(\w+)")
_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WRITING: Final = ("insert", "update", "with", "replace", "merge", "call")


def _known(name: str) -> None:
    if name not in FIELDS:
        raise ValueError(f'unknown field "{name}" (one of {", ".join(FIELDS)})')


def _template(value: Any) -> Any:
    """A text, list or table whose `{…}` all name something that there is."""
    if isinstance(value, str):
        for name in _PLACEHOLDER.findall(value):
            _known(name)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        _template(part)
    return value


def _statement(value: str) -> str:
    bare = _QUOTED.sub(" ", value).strip().rstrip(";").rstrip()
    first, *_ = bare.lower().split(maxsplit=1) or [""]
    if first not in _WRITING or ";" in bare:
        raise ValueError("one statement that writes (INSERT, UPDATE, …), without a semicolon inside")
    for name in _PARAMETER.findall(bare):
        _known(name)
    return re.sub(r"[\s;]+$", "", value)


def _as_table(value: object) -> object:
    return {"statement": value} if isinstance(value, str) else value


class _WriteBack(BaseModel):
    """`statuses` translates LAPOR!'s status words, or what they mean, into the application's own; "*" is any other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statuses: Mapping[str, str] = {}
    training: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """What the application is told."""
        return frozenset(kind for kind in KINDS if getattr(self, kind, None) is not None)


class RestCall(BaseModel):
    """One call. `{source_id}` and the like stand in `url` and `body`; a text that is nothing else keeps null as null.

    `success` is a JMESPath that must be true of the answer, beside its status of 2xx. `repeatable` says that the same
    call twice does no harm; PUT and PATCH are taken to be so, and a call with a key. `key_header` is the header under
    which the application takes one, the same over all tries. `id` is where the answer to `new` tells the new id.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["POST", "PUT", "PATCH"] = "PUT"
    url: Annotated[HttpUrl, AfterValidator(_template)]
    body: Annotated[Any, AfterValidator(_template)] = None
    form: bool = False
    success: JmesPath | None = None
    id: JmesPath | None = None
    repeatable: bool | None = None
    key_header: Name | None = None

    @property
    def may_repeat(self) -> bool:
        if self.repeatable is None:
            return self.method != "POST" or self.key_header is not None
        return self.repeatable


class RestWriteBack(_WriteBack):
    """A call for each kind of news. Without `auth` the channel's own credential is used."""

    kind: Literal["rest"]
    auth: Auth | None = None
    timeout: Duration = timedelta(seconds=30)
    accepted: RestCall | None = None
    status: RestCall | None = None
    follow_up: RestCall | None = None
    new: RestCall | None = None


class SqlStatement(BaseModel):
    """One statement, run in a transaction of its own. `repeatable` as with a call; an UPDATE is taken to be so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statement: Annotated[str, AfterValidator(_statement)]
    repeatable: bool | None = None

    @property
    def is_update(self) -> bool:
        return _QUOTED.sub(" ", self.statement).split(maxsplit=1)[0].lower() == "update"

    @property
    def may_repeat(self) -> bool:
        return self.is_update if self.repeatable is None else self.repeatable

    @property
    def parameters(self) -> frozenset[str]:
        return frozenset(_PARAMETER.findall(_QUOTED.sub(" ", self.statement)))


Statement = Annotated[SqlStatement, BeforeValidator(_as_table, json_schema_input_type=str | SqlStatement)]


class SqlWriteBack(_WriteBack):
    """A named statement for each kind of news, under an account that may write; reading keeps its own."""

    kind: Literal["sql"]
    url: Name
    password: SecretRef | None = None
    timeout: Duration = timedelta(seconds=30)
    accepted: Statement | None = None
    status: Statement | None = None
    follow_up: Statement | None = None
    new: Statement | None = None


class _Eventful(_WriteBack):
    events: tuple[Literal["accepted", "status", "follow_up", "new"], ...] = (
        "accepted",
        "status",
        "follow_up",
    )

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(self.events)


class FilesWriteBack(_Eventful):
    """A spreadsheet of whatever changed, put into a folder (within the data folder, or absolute) at every round.

    `columns` are its headings; one row a complaint, as it stands then.
    """

    kind: Literal["files"]
    folder: Name
    columns: Mapping[
        Literal["source_id", "tracking_id", "status", "follow_up", "at", "title", "body", "reference"], str
    ] = {
        "source_id": "Nomor",
        "tracking_id": "Nomor LAPOR!",
        "status": "Status LAPOR!",
        "follow_up": "Jawaban Terakhir",
        "at": "Waktu",
    }


class WebhookWriteBack(_Eventful):
    """A message for each piece of news, signed as Standard Webhooks asks; its id stays the same over all tries.

    `data` is what it says, in the application's own names; without it, all that is known under the names used here.
    What is not known is left out.
    """

    kind: Literal["webhook"]
    url: HttpUrl
    secret: SecretRef
    data: Annotated[Mapping[str, Any] | None, AfterValidator(_template)] = None
    timeout: Duration = timedelta(seconds=30)


WriteBack = Annotated[
    RestWriteBack | SqlWriteBack | FilesWriteBack | WebhookWriteBack, Field(discriminator="kind")
]


class AnswersTable(BaseModel):
    """What the region's officers answer, and how it is read: out of each record, or by a second query (`sql`).

    `records` is where the answers lie in a record; without it the fields are the record's own. With `query`, `key`
    is a unique column in whose order answers come, and `source_id` the column that names their complaint. `status`
    says whether changes of the application's own status are told to LAPOR!, too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    records: JmesPath | None = None
    query: str | None = None
    key: Name | None = None
    source_id: Name | None = None
    text: JmesPath | None = None
    html: bool = False
    at: JmesPath | None = None
    date: tuple[str, ...] = ()
    id: JmesPath | None = None
    status: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.query is not None and (self.key is None or self.source_id is None):
            raise ValueError("with `query` also needs `key` and `source_id`")
        if self.text is None and (self.records is not None or self.query is not None):
            raise ValueError("needs `text`: where an answer's text is")
        return self
