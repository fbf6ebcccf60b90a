"""Typing by hand: the sheet that a person takes, and the numbers that come back, each checked before it is believed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from lapor_gateway.book import hand_entry
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.hand_entry import Waiting
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.outcomes import tracking_id_of
from lapor_gateway.domain.reference import Reference, parse
from lapor_gateway.domain.tracking_numbers import doubt_about
from lapor_gateway.errors import ConfigurationError, NotAllowedError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.national.dialects import dialect_of
from lapor_gateway.spreadsheets import Form, Spreadsheet, cell_of, heading_key

REFERENCE: Final = "Rujukan"
NUMBER: Final = "Nomor LAPOR!"
_TAKES_A_NUMBER: Final = {State.READY: Verb.NUMBER, State.HELD: Verb.ADOPT, State.AMBIGUOUS: Verb.ADOPT}


class ToType(msgspec.Struct, frozen=True):
    """A complaint as it is to be typed: the text with our line on top, without which nothing finds it again."""

    reference: Reference
    channel: str
    title: str
    text: str
    kind: str
    category: str | None
    place: str | None
    incident: str | None
    is_anonymous: bool
    is_secret: bool
    is_given_out: bool
    name: str | None = None
    phone: str | None = None
    email: str | None = None


class Entered(StrEnum):
    """What became of one row of numbers."""

    ENTERED = "entered"
    ALREADY = "already"
    EMPTY = "empty"
    UNKNOWN_REFERENCE = "unknown_reference"
    NO_NUMBER = "no_number"
    REPEATED = "repeated"
    DOUBTFUL = "doubtful"
    NOT_POSSIBLE = "not_possible"


WELL: Final = frozenset({Entered.ENTERED, Entered.ALREADY, Entered.EMPTY})


class NumberRow(msgspec.Struct, frozen=True):
    """One row of the sheet that came back, and what became of it; `why` in words of the error it was."""

    row: int
    reference: str
    number: str
    result: Entered
    why: str | None = None


def accounts_by_hand(gateway: Gateway, account: str | None) -> list[AccountName]:
    """The accounts that persons type for. Raises `ConfigurationError` where there is none, `NotFoundError`."""
    if account is not None and not gateway.account(account).is_by_hand:
        raise ConfigurationError(
            f"The account {account} is not entered by hand.",
            cure=f'Set dialect = "manual" under [national.{account}] where it is to be.',
        )
    names = [account] if account else [n for n, one in gateway.settings.national.items() if one.is_by_hand]
    if not names:
        raise ConfigurationError(
            "No national account is entered by hand.",
            cure='Set dialect = "manual" under [national.…] in lapor-gateway.toml where one is to be.',
        )
    return [AccountName(name) for name in names]


def queue(gateway: Gateway, accounts: Sequence[AccountName], most: int) -> list[ToType]:
    """What waits to be typed, oldest first, no identity in it."""
    return [_to_type(gateway, one, reveal=False) for one in hand_entry.waiting(gateway.book, accounts, most)]


def take(
    gateway: Gateway, accounts: Sequence[AccountName], most: int, *, by: str, reason: str | None
) -> list[ToType]:
    """Give what waits, and nobody has yet, to a person; with `reason` also who reports, where the report is open.

    Committed before anything is shown: what was given out is never sent by a machine without a person's word.
    """
    free = [one for one in hand_entry.waiting(gateway.book, accounts, most) if not one.is_given_out]
    texts = {one.id: _text_of(gateway, one) for one in free}
    taken = set(hand_entry.give_out(gateway.book, texts, by=by, reason=reason))
    return [_to_type(gateway, one, reveal=reason is not None) for one in free if one.id in taken]


def _to_type(gateway: Gateway, one: Waiting, *, reveal: bool) -> ToType:
    complaint = one.complaint
    reporter = complaint.reporter if reveal and not complaint.visibility.is_anonymous else None
    return ToType(
        one.reference,
        one.channel,
        complaint.title,
        _text_of(gateway, one),
        str(complaint.kind),
        complaint.category,
        complaint.place.text,
        None if complaint.incident_at is None else f"{complaint.incident_at:%d-%m-%Y}",
        complaint.visibility.is_anonymous,
        complaint.visibility.is_secret,
        one.is_given_out,
        *(() if reporter is None else (reporter.name, reporter.phone, reporter.email)),
    )


def _text_of(gateway: Gateway, one: Waiting) -> str:
    return dialect_of(gateway.account(one.account)).sent_text(one.complaint, one.reference)


def read_numbers(path: Path) -> Iterator[tuple[int, str, str]]:
    """(row, reference, number) as they stand in the sheet that came back. Raises `SourceFaultError`."""
    form = Form(
        headings=(REFERENCE, NUMBER),
        cure="Use the sheet that `complaints queue --xlsx` wrote, or one with these two headings.",
    )
    for table in Spreadsheet(path, form).tables():
        places = {heading_key(name): place for place, name in enumerate(table.headings)}
        columns = [places[heading_key(name)] for name in (REFERENCE, NUMBER)]
        for row, cells in enumerate(table.rows, table.first_row):
            found = [cell_of(cells[place]) if place < len(cells) else None for place in columns]
            reference, number = (_text(cell) for cell in found)
            if reference or number:
                yield row, reference, number


def _text(cell: object) -> str:
    """A number as people see it in the sheet: without the fraction that a spreadsheet keeps."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


def enter_numbers(
    gateway: Gateway, rows: Iterable[tuple[int, str, str]], *, by: str, dry_run: bool, doubtful: bool
) -> list[NumberRow]:
    """Enter every number that can be believed, each a decision of its own; what became of every row.

    `doubtful` also enters numbers that look mistyped. A number or a complaint that the sheet has twice is never
    entered. Safe to repeat.
    """
    given = list(rows)
    counted = [Counter(one[place] for one in given if one[place]) for place in (1, 2)]
    clerk = _Clerk(gateway, by, dry_run=dry_run, doubtful=doubtful)
    found = []
    for row, reference, number in given:
        is_repeated = bool(number) and max(counted[0][reference], counted[1][number]) > 1
        result, why = (Entered.REPEATED, None) if is_repeated else clerk.enter(reference, number)
        found.append(NumberRow(row, reference, number, result, why))
    return found


class _Clerk:
    def __init__(self, gateway: Gateway, by: str, *, dry_run: bool, doubtful: bool) -> None:
        self._gateway = gateway
        self._by = by
        self._dry_run = dry_run
        self._doubtful = doubtful
        self._known: dict[AccountName, list[str]] = {}

    def enter(self, reference: str, number: str) -> tuple[Entered, str | None]:
        parsed = parse(reference)
        standing = None if parsed is None else hand_entry.standing_of(self._gateway.book, parsed)
        if standing is None:
            return Entered.UNKNOWN_REFERENCE, None
        account, state, has = standing
        if not number:
            return Entered.EMPTY, None
        if tracking_id_of(number) is None:
            return Entered.NO_NUMBER, None
        if state is State.ACCEPTED and has == number:
            return Entered.ALREADY, None
        doubt = None if self._doubtful else doubt_about(number, self._numbers(account))
        if doubt is not None:
            return Entered.DOUBTFUL, f"number_doubt.{doubt}"
        return self._decide(reference, state, number)

    def _decide(self, reference: str, state: State, number: str) -> tuple[Entered, str | None]:
        verb = _TAKES_A_NUMBER.get(state)
        if verb is None:
            return Entered.NOT_POSSIBLE, f"state.{state}"
        if not self._dry_run:
            try:
                decide(self._gateway.book, reference, verb, by=self._by, number=number)
            except NotAllowedError as refusal:
                return Entered.NOT_POSSIBLE, refusal.message
        return Entered.ENTERED, None

    def _numbers(self, account: AccountName) -> list[str]:
        if account not in self._known:
            self._known[account] = hand_entry.latest_numbers(self._gateway.book, account)
        return self._known[account]
