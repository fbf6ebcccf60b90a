"""Master lists: fetched whole or not at all, used to send names as numbers and to check what manifests say."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final, cast

from sqlalchemy import select

from lapor_gateway.book.channels import Mode
from lapor_gateway.book.masters import (
    Kept,
    Master,
    MasterList,
    due_kinds,
    keep_list,
    lists_of,
    note_trouble,
    rows_of,
)
from lapor_gateway.book.sending import load_account
from lapor_gateway.book.tables import channels
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.errors import NotAllowedError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.line import Line
from lapor_gateway.national.dialects import dialect_of
from lapor_gateway.national.lapor_v3 import FIELDS, Names, folded, is_name, unambiguous
from lapor_gateway.national.port import Ability, HasMasters, MasterKind, MasterRow, NoTrust
from lapor_gateway.settings_sections import NationalAccount
from lapor_gateway.sources.manifest import MANIFEST_FILE, ChannelManifest, RegionManifest
from lapor_gateway.sources.manifest_faults import KeyPath, ManifestFault, key_lines, line_of, nearest

_MOST_PAGES: Final = 1_000
_OLD: Final = timedelta(days=1) // timedelta(microseconds=1)
_AGAIN: Final = timedelta(hours=3) // timedelta(microseconds=1)


def accounts_of_age(gateway: Gateway) -> list[AccountName]:
    """The accounts with a live channel, not paused, whose lists are a day old (after a failure: three hours)."""
    with gateway.book.read() as connection:
        query = select(channels.c.account).where(channels.c.mode == str(Mode.LIVE)).distinct()
        live = sorted(connection.execute(query).scalars())
        paused = {name for name in live if load_account(connection, name).paused_at is not None}
    now = gateway.clock.now()
    return [
        AccountName(name)
        for name in live
        if name not in paused
        and (settings := gateway.settings.national.get(name)) is not None
        and settings.is_open_to(gateway.environment)
        and due_kinds(
            gateway.book, AccountName(name), _kinds(settings), oldest=now - _OLD, again=now - _AGAIN
        )
    ]


async def refresh_masters(gateway: Gateway, account: AccountName) -> list[MasterList]:
    """Fetch every list of an account; the lists that could not be read to their end.

    A list that fails stays as it was. Raises `ConfigurationError`, `NotAllowedError` where the account cannot be asked.
    """
    settings = gateway.account(account)
    _require_open(gateway, account, settings)
    async with Line(account, settings, gateway.resolve, gateway.clock) as line:
        for kind in _kinds(settings):
            rows = await _whole_list(line, kind)
            if isinstance(rows, NoTrust):
                note_trouble(gateway.book, account, kind, rows.reason)
                if rows.pauses:
                    break  # the same credential would be refused four times more
            else:
                _keep(gateway, account, kind, rows)
    return [one for one in lists_of(gateway.book, account) if one.trouble is not None]


def _kinds(settings: NationalAccount) -> tuple[MasterKind, ...]:
    """The lists that an account's dialect has."""
    dialect = dialect_of(settings)
    return cast(HasMasters, dialect).master_kinds if Ability.MASTERS in dialect.can else ()


def _require_open(gateway: Gateway, account: AccountName, settings: NationalAccount) -> None:
    if not settings.is_open_to(gateway.environment):
        raise NotAllowedError(
            "A training book never speaks to a production account.",
            detail=account,
            cure="Set `environment` of the book or of the account right.",
        )
    if Ability.MASTERS not in dialect_of(settings).can:
        raise NotAllowedError(f"The dialect of the account {account} has no master lists.")


def _keep(gateway: Gateway, account: AccountName, kind: MasterKind, rows: list[MasterRow]) -> Kept:
    return keep_list(gateway.book, account, kind, [Master(row.id, row.name, row.content) for row in rows])


async def _whole_list(line: Line, kind: MasterKind) -> list[MasterRow] | NoTrust:
    """All pages of a list; an empty one is no list, since nothing could be sent by it."""
    dialect = cast(HasMasters, line.dialect)
    found: dict[str, MasterRow] = {}
    for number in range(1, _MOST_PAGES + 1):
        page = dialect.decode_masters(await line.ask(dialect.encode_masters(kind, number)))
        if isinstance(page, NoTrust):
            return page
        before = len(found)
        found |= {row.id: row for row in page.rows}
        if (
            not page.more or len(found) == before
        ):  # the end, or a list that knows no pages and shows itself again
            return list(found.values()) or NoTrust("an empty list")
    return NoTrust(f"no end after {_MOST_PAGES} pages")


def names_for(gateway: Gateway, account: AccountName, settings: NationalAccount) -> Names:
    """The lists by which names are sent as numbers; none where no manifest and no setting says a name."""
    said: dict[str, list[Any]] = {
        field: [settings.fields[field]] for field in FIELDS if field in settings.fields
    }
    for channel in gateway.channels.values():
        if channel.account == account:
            for field, _, value in _said(channel):
                said.setdefault(field, []).append(value)
    if settings.follow_ups is not None:
        for field, value in settings.follow_ups.fields.items():
            said.setdefault(field, []).append(value)
    kinds = {
        FIELDS[field] for field, values in said.items() if field in FIELDS and any(map(_may_be_name, values))
    }
    return {kind: _shown(gateway, account, kind) for kind in kinds}


def _may_be_name(value: Any) -> bool:
    return value is None or is_name(value)


def _shown(gateway: Gateway, account: AccountName, kind: MasterKind) -> dict[str, int | str]:
    rows = rows_of(gateway.book, account, kind)
    return unambiguous(MasterRow(row.id, row.name) for row in rows if row.gone_at is None)


def _said(channel: ChannelManifest) -> Iterator[tuple[str, KeyPath, Any]]:
    """Field, place and value of everything that a channel may send by a list; None for what the record itself says."""
    top: KeyPath = ("channels", channel.name)
    for field, steps in channel.spec.national.items():
        if field not in FIELDS:
            continue
        for step in steps:
            place = (*top, "national", field)
            words = channel.spec.values.get(step.values or "", {})
            if step.values is None and step.const is None:
                yield field, place, None
            for value in (step.const, step.default):
                if value is not None:
                    yield field, place, value
            for word, value in words.items():
                if word != "*":
                    yield field, (*top, "values", str(step.values), word), value


def manifest_faults(gateway: Gateway, region: RegionManifest) -> tuple[list[ManifestFault], list[str]]:
    """Ids and names of a region's manifest that the account's lists do not have; and the lists that were needed
    but never fetched.
    """
    settings = gateway.settings.national.get(region.account)
    if settings is None or Ability.MASTERS not in dialect_of(settings).can:
        return [], []
    fetched = {one.kind for one in lists_of(gateway.book, region.account) if one.fetched_at is not None}
    path = region.folder / MANIFEST_FILE
    lines = key_lines(path.read_text("utf-8"))
    faults, missing, known = [], set(), dict[str, list[Master]]()
    for channel in region.channels.values():
        for field, place, value in _said(channel):
            kind = FIELDS[field]
            if value is None:
                continue
            if kind not in fetched:
                missing.add(str(kind))
                continue
            rows = known.setdefault(kind, rows_of(gateway.book, region.account, kind))
            told = _fault(kind, value, rows)
            if told:
                key = ".".join(str(part) for part in place)
                faults.append(ManifestFault(str(path), line_of(place, lines), key, told))
    return faults, sorted(missing)


def _fault(kind: MasterKind, value: Any, rows: list[Master]) -> str | None:
    """What is wrong with a value by its list; None where it names one row that LAPOR! shows."""
    if is_name(value):
        found = [row for row in rows if folded(row.name) == folded(value)]
    else:
        found = [row for row in rows if row.id == str(value).strip()]
    shown = [row for row in found if row.gone_at is None]
    if len(shown) == 1:
        return None
    if len(shown) > 1:
        return (
            f'"{value}" is the name of {len(shown)} {kind}: write one of {", ".join(row.id for row in shown)}'
        )
    if found:
        return f"{value} is gone from the {kind} since {found[0].gone_at}"
    hint = nearest(str(value), [row.name for row in rows if row.gone_at is None]) if is_name(value) else ""
    return f"{value} is not among the {kind}{hint}"
