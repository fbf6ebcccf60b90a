"""What a manifest may say about each source family: typed, frozen, and strict about unknown keys."""

import codecs
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    model_validator,
)

from lapor_gateway.durations import Duration

SECRET_PREFIX = "secret:"  # noqa: S105 - the prefix that says where a secret is, not a secret

_SECRET = re.compile(r"secret:[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")
_TABLE = re.compile(r"[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)?")
_SQL_LITERALS = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`|--[^\n]*|/\*.*?\*/", re.DOTALL)
_SQL_WRITES = re.compile(r"\b(?:insert|update|delete|into)\b", re.IGNORECASE)
_HTTP_URL = TypeAdapter(AnyHttpUrl)


def _jmespath(value: str) -> str:
    try:
        jmespath.compile(value)
    except JMESPathError as fault:
        raise ValueError(f"not a JMESPath expression: {str(fault).splitlines()[0]}") from None
    return value


def _http_url(value: str) -> str:
    _HTTP_URL.validate_python(value)
    return value


def _secret(value: str) -> str:
    if not _SECRET.fullmatch(value):
        raise ValueError(
            'a credential never stands in a manifest: write "secret:<region>/<name>" and store it with '
            "`lapor-gateway secrets set <region>/<name>`"
        )
    return value


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _encoding(value: str) -> str:
    if value != "auto":
        try:
            codecs.lookup(value)
        except LookupError:
            raise ValueError('unknown encoding; usual ones: "auto", "utf-8", "windows-1252"') from None
    return value


def _one_select(query: str) -> str:
    """The query without its closing semicolon; only a single SELECT (or WITH … SELECT) is taken."""
    bare = _SQL_LITERALS.sub(" ", query).strip().rstrip(";").rstrip()
    first, *_ = bare.lower().split(maxsplit=1) or [""]
    if first not in ("select", "with"):
        raise ValueError("the query must be one SELECT (or WITH … SELECT)")
    if ";" in bare:
        raise ValueError("the query must be a single statement, without a semicolon inside")
    if word := _SQL_WRITES.search(bare) or re.search(r"/\*!", query):
        raise ValueError(f"the query must only read: {word.group().upper()} is not allowed")
    return re.sub(r"[\s;]+$", "", query)


def secret_name(value: str) -> str | None:
    """The secret's name ("wilayah/token") where `value` refers to one, else None."""
    return value.removeprefix(SECRET_PREFIX) if value.startswith(SECRET_PREFIX) else None


JmesPath = Annotated[str, Field(min_length=1), AfterValidator(_jmespath)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
SecretRef = Annotated[str, AfterValidator(_secret)]
SecretRefs = Annotated[
    tuple[SecretRef, ...],
    BeforeValidator(_several, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]
Name = Annotated[str, Field(min_length=1)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- rest: authentication -------------------------------------------------------------------------------


class NoAuth(_Settings):
    kind: Literal["none"] = "none"


class BearerAuth(_Settings):
    """`Authorization: Bearer <token>`."""

    kind: Literal["bearer"]
    token: SecretRef


class HeaderAuth(_Settings):
    """A header of the application's own, such as `X-Api-Key`."""

    kind: Literal["header"]
    name: Name
    value: SecretRef


class BasicAuth(_Settings):
    kind: Literal["basic"]
    username: Name
    password: SecretRef


class LoginAuth(_Settings):
    """A login call first (JSON, POST); its answer holds a token that every page's request carries."""

    kind: Literal["login"]
    url: HttpUrl
    username: Name
    password: SecretRef
    username_field: Name = "email"
    password_field: Name = "password"  # noqa: S105 - the field's name
    token: JmesPath = "token"  # noqa: S105 - where the token is in the answer
    scheme: str = "Bearer"


class OAuth2Auth(_Settings):
    """OAuth 2.0 client credentials (RFC 6749, 4.4)."""

    kind: Literal["oauth2"]
    token_url: HttpUrl
    client_id: Name
    client_secret: SecretRef
    scope: str | None = None


Auth = Annotated[
    NoAuth | BearerAuth | HeaderAuth | BasicAuth | LoginAuth | OAuth2Auth, Field(discriminator="kind")
]


# --- rest: paging ---------------------------------------------------------------------------------------


class NoPaging(_Settings):
    """One answer holds everything."""

    kind: Literal["none"] = "none"


class PagePaging(_Settings):
    """`?page=1`, `?page=2`, … until an empty page (or the last page's number, where the answer tells it)."""

    kind: Literal["page"]
    parameter: Name = "page"
    size_parameter: str | None = None
    size: int | None = Field(default=None, ge=1)
    first: int = Field(default=1, ge=0)
    last_page: JmesPath | None = None


class OffsetPaging(_Settings):
    """`?offset=0&limit=100`, `?offset=100&limit=100`, … until an empty page."""

    kind: Literal["offset"]
    parameter: Name = "offset"
    limit_parameter: Name = "limit"
    limit: int = Field(default=100, ge=1)


class CursorPaging(_Settings):
    """The answer holds a cursor that asks for the next page; none, null or "" ends the listing."""

    kind: Literal["cursor"]
    parameter: Name
    next: JmesPath


class LinkPaging(_Settings):
    """The header `Link: <…>; rel="next"` (RFC 8288)."""

    kind: Literal["link"]


class NextUrlPaging(_Settings):
    """The answer holds the next page's address; null, absent or "" ends the listing."""

    kind: Literal["next-url"]
    next: JmesPath


Paging = Annotated[
    NoPaging | PagePaging | OffsetPaging | CursorPaging | LinkPaging | NextUrlPaging,
    Field(discriminator="kind"),
]


class RestChanged(_Settings):
    """How the application is asked for changes only. `field` is where a record tells its own update time."""

    parameter: Name
    field: JmesPath | None = None
    look_back: Duration = timedelta(minutes=10)
    format: Literal["iso", "local", "epoch"] = "iso"


class RestSettings(_Settings):
    """A JSON listing over HTTP.

    `total` is where the answer tells how many records there are (used for progress, and to notice a listing
    that is cut short); "" says that there is no such number. `reread` says how a listing of several pages is
    read again after its end, to find rows that slid to a page already read: "listing" from the first page to
    the last until nothing moves, "head" only the newest part (enough where the cursor is a key, not a
    position), "never"; "auto" is "head" for `cursor` and "listing" for all other paging.
    """

    url: HttpUrl
    params: Mapping[str, str | int | bool] = {}
    headers: Mapping[str, str] = {}
    auth: Auth = NoAuth()
    records: JmesPath = "@"
    paging: Paging = NoPaging()
    changed: RestChanged | None = None
    total: Annotated[str, AfterValidator(lambda path: path and _jmespath(path))] = "meta.total || total"
    reread: Literal["auto", "listing", "head", "never"] = "auto"
    ignore: tuple[str, ...] = ()
    max_pages: int = Field(default=100_000, ge=1)
    timeout: Duration = timedelta(seconds=30)

    @property
    def look_back(self) -> timedelta:
        """What is subtracted from a pass's start to make the next watermark; 0 without `changed`."""
        return self.changed.look_back if self.changed else timedelta(0)


# --- sql ------------------------------------------------------------------------------------------------


class SqlChanged(_Settings):
    """The column with a row's last change, in the region's local time where it has no offset."""

    column: Name
    look_back: Duration = timedelta(minutes=10)


class SqlSettings(_Settings):
    """A read-only look into a database: one SELECT (or a table or view), one row a record.

    `url` is a SQLAlchemy URL ("mysql+pymysql://reader@10.0.0.5/pengaduan") or "secret:…" holding one;
    `password` goes into it, so that the rest may stand in the manifest. `key` is a unique, never-null column
    of the result.
    """

    url: Name
    password: SecretRef | None = None
    query: Annotated[str, AfterValidator(_one_select)] | None = None
    table: Annotated[str, Field(pattern=f"^{_TABLE.pattern}$")] | None = None
    key: Name
    changed: SqlChanged | None = None
    page_size: int = Field(default=1000, ge=1, le=100_000)
    ignore: tuple[str, ...] = ()
    timeout: Duration = timedelta(seconds=30)

    @model_validator(mode="after")
    def _one_of_query_and_table(self) -> "SqlSettings":
        if (self.query is None) == (self.table is None):
            raise ValueError("give either `query` (one SELECT) or `table`, and not both")
        return self

    @property
    def look_back(self) -> timedelta:
        return self.changed.look_back if self.changed else timedelta(0)


# --- files ----------------------------------------------------------------------------------------------


class IgnoredRow(_Settings):
    """Rows whose cell in `column` is `equals` (white space and case aside) are left out, and counted."""

    column: Name
    equals: str


class FilesSettings(_Settings):
    """Spreadsheets (xlsx, csv) dropped into a folder; `folder` is within the data folder, or absolute.

    Without `sheet` every sheet that has the `headings` is read.
    """

    folder: Name
    pattern: Annotated[
        tuple[Name, ...],
        BeforeValidator(_several, json_schema_input_type=str | list[str]),
        Field(min_length=1),
    ] = ("*.xlsx",)
    sheet: str | None = None
    headings: tuple[Name, ...] = Field(min_length=1)
    delimiter: Annotated[str, Field(pattern=r"^(auto|.|\t)$")] = "auto"
    encoding: Annotated[str, AfterValidator(_encoding)] = "auto"
    ignore_rows: tuple[IgnoredRow, ...] = ()
    ignore: tuple[str, ...] = ()

    @property
    def look_back(self) -> timedelta:
        """An hour: a file may have waited for its writer, and file servers' clocks differ from ours."""
        return timedelta(hours=1)


# --- webhook --------------------------------------------------------------------------------------------


class StandardWebhooksVerify(_Settings):
    """Standard Webhooks signature; several secrets while one is being replaced by the next."""

    kind: Literal["standard-webhooks"]
    secret: SecretRefs


class HmacVerify(_Settings):
    """A plain HMAC of the body in a header ("sha256=<hex>" and "<hex>" are both understood)."""

    kind: Literal["hmac"]
    header: Name
    secret: SecretRefs
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"


class BearerVerify(_Settings):
    """`Authorization: Bearer <token>`, for applications that can sign nothing."""

    kind: Literal["bearer"]
    token: SecretRefs


Verify = Annotated[StandardWebhooksVerify | HmacVerify | BearerVerify, Field(discriminator="kind")]


class WebhookSettings(_Settings):
    """Messages sent to `/hooks/<channel>`. `message_id` is the header that names a message."""

    verify: Verify
    records: JmesPath = "@"
    message_id: Name = "webhook-id"
    ignore: tuple[str, ...] = ()

    @property
    def look_back(self) -> timedelta:
        return timedelta(0)


SETTINGS: Mapping[
    str, type[RestSettings] | type[SqlSettings] | type[FilesSettings] | type[WebhookSettings]
] = {
    "rest": RestSettings,
    "sql": SqlSettings,
    "files": FilesSettings,
    "webhook": WebhookSettings,
}
