"""The tables of a manifest that every source family shares: region, channel, fields, values, national."""

import re
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    create_model,
    model_validator,
)

from lapor_gateway.domain.dates import FORMAT_WORDS
from lapor_gateway.domain.mapping import CANONICAL_FIELDS, REQUIRED_FIELDS
from lapor_gateway.domain.mapping_steps import Part, Step
from lapor_gateway.durations import Duration
from lapor_gateway.sources.schedule import cron_trigger
from lapor_gateway.sources.settings import HttpUrl
from lapor_gateway.sources.write_back_settings import AnswersTable, WriteBack

_HEADING = re.compile(r"\w+\.\s")
_DIRECTIVES = frozenset("aAwdbBmyYHIpMSfzZjUWcxXGuV%")


class UnknownWordError(ValueError):
    """A word that is none of `known`; the nearest right spelling goes into the message."""

    def __init__(self, word: str, known: tuple[str, ...], problem: str) -> None:
        super().__init__(problem)
        self.word = word
        self.known = known


def _jmespath(expression: str) -> str:
    if _HEADING.match(expression):
        # JMESPath would read "No. Tiket" as No.Tiket, find nothing, and say nothing.
        raise ValueError(f'"{expression}" looks like a heading; write it {{ column = "{expression}" }}')
    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        raise ValueError(
            f"not a JMESPath expression: {str(error).splitlines()[0].rstrip(':')}; "
            f'a key with spaces or dashes is written {{ column = "{expression}" }}'
        ) from None
    return expression


def _schedule(expression: str) -> str:
    try:
        cron_trigger(expression, ZoneInfo("UTC"))
    except ValueError as error:
        raise ValueError(f'not a schedule such as "*/10 * * * *": {error}') from None
    return expression


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise UnknownWordError(name, tuple(available_timezones()), f'unknown time zone "{name}"')
    return name


def _date_form(form: str) -> str:
    if "%" not in form:
        if form not in FORMAT_WORDS:
            raise UnknownWordError(form, FORMAT_WORDS, f'unknown date form "{form}"')
        return form
    directives = form.replace("%%", "").split("%")[1:]
    if not all(directive[:1] in _DIRECTIVES for directive in directives):
        raise ValueError(f'"{form}" is no date form, such as "%d/%m/%Y"')
    return form


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _steps(value: Any) -> Any:
    """One step or several, each a table or a bare JMESPath expression, as a list of tables."""
    entries = value if isinstance(value, list) else [value]
    return [{"from": entry} if isinstance(entry, str) else entry for entry in entries]


def _parts(value: Any) -> Any:
    return (
        [{"from": entry} if isinstance(entry, str) else entry for entry in value]
        if isinstance(value, list)
        else value
    )


class Table(BaseModel):
    """A table of the manifest: an unknown key is a fault, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Expression = Annotated[str, Field(min_length=1), AfterValidator(_jmespath)]
Word = StrictBool | StrictInt | StrictFloat | StrictStr
DateForms = Annotated[
    tuple[Annotated[str, AfterValidator(_date_form)], ...],
    BeforeValidator(_several, json_schema_input_type=str | list[str]),
]


class PartTable(Table):
    """One value that is joined with others."""

    path: Expression | None = Field(default=None, alias="from")
    column: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.column is None):
            raise ValueError("needs one of `from` and `column`")
        return self


class StepTable(Table):
    """One way to a value: where it stands (`from`, `column`, `const` or `join`), and how it is read."""

    path: Expression | None = Field(default=None, alias="from")
    column: str | None = None
    const: Any = None
    join: Annotated[
        tuple[PartTable, ...], BeforeValidator(_parts, json_schema_input_type=list[str | PartTable])
    ] = ()
    separator: str = " "
    values: str | None = None
    date: DateForms = ()
    html: bool = False
    default: Any = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = (self.path is not None, self.column is not None, self.const is not None, bool(self.join))
        if sum(places) != 1:
            raise ValueError("needs exactly one of `from`, `column`, `const` and `join`")
        return self

    def step(self) -> Step:
        """The same as the domain's mapping takes it."""
        if self.join:
            parts = tuple(Part(part.path, part.column) for part in self.join)
        else:
            parts = () if self.const is not None else (Part(self.path, self.column),)
        return Step(
            parts=parts,
            joined=bool(self.join),
            separator=self.separator,
            const=self.const,
            default=self.default,
            values=self.values,
            date=self.date,
            html=self.html,
        )


Steps = Annotated[
    tuple[StepTable, ...],
    BeforeValidator(_steps, json_schema_input_type=str | StepTable | list[str | StepTable]),
    Field(min_length=1),
]

FieldsTable = create_model(
    "FieldsTable",
    __base__=Table,
    __doc__="Canonical field = JMESPath, a step, or steps tried until one gives a value.",
    **{name: (Steps, ...) if name in REQUIRED_FIELDS else (Steps | None, None) for name in CANONICAL_FIELDS},  # type: ignore[call-overload]
)


class Decree(Table):
    """The decree that names the managing team (SK Tim Pengelola)."""

    number: str
    date: date


class Contact(Table):
    """Whom to call when the channel fails."""

    name: str
    phone: str


class AttachmentsTable(Table):
    """The files that records name go along with the complaint. Without this table they are only listed.

    A relative address is added to `base` (the channel's own address where none is said); `folder` (within the data
    folder, or absolute) holds them for a source that names files, not addresses. `hosts` may be fetched from beside
    the channel's own host and that of `base`. The text waits for its files as long as `wait`, then it goes alone.
    """

    base: HttpUrl | None = None
    folder: str | None = Field(default=None, min_length=1)
    hosts: tuple[str, ...] = ()
    max_bytes: int = Field(default=25_000_000, ge=1, le=100_000_000)
    wait: Duration = timedelta(minutes=30)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.base is not None and self.folder is not None:
            raise ValueError("needs one of `base` and `folder`, not both")
        return self


class RegionTable(Table):
    code: str = Field(pattern=r"^\d{2}(\.\d{2})?$", description="Kemendagri code, such as 35.23")
    name: str = Field(min_length=1)
    zone: Annotated[str, AfterValidator(_zone)]
    account: str = Field(default="default", min_length=1, description="name of the national account")
    sk_tim_pengelola: Decree | None = None
    contact: Contact | None = None


class ChannelTable(Table):
    """What every channel may say, whatever its family; the family's own keys stand beside these."""

    source: str
    origin: Name | None = Field(
        default=None, description="the system the ids belong to; the channel's name by default"
    )
    schedule: Annotated[str, AfterValidator(_schedule)] | None = None
    deleted: Literal["finding", "accept"] = "finding"
    duplicates: Literal["flag", "hold"] = "flag"
    attachments: AttachmentsTable | None = None
    fields: FieldsTable
    values: dict[str, dict[str, Word]] = {}
    national: dict[str, Any] = {}
    write_back: WriteBack | None = None
    answers: AnswersTable | None = None
