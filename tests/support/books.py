"""A book of a test's own, records taken in and judged without a source, and clocks that a test moves."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from lapor_gateway.book import channels
from lapor_gateway.book.channels import Registration
from lapor_gateway.book.crypto import MasterKeys, new_key_text
from lapor_gateway.book.database import Book
from lapor_gateway.book.due import Rule
from lapor_gateway.book.gating import Gate
from lapor_gateway.book.intake import Advance, Door, Incoming, Taken, take_in
from lapor_gateway.book.schema import create_book, open_book
from lapor_gateway.clock import Clock, to_datetime
from lapor_gateway.domain.admission import Policy
from lapor_gateway.domain.complaint import (
    AccountName,
    ChannelId,
    Complaint,
    Fault,
    Mapped,
    MappingResult,
    Origin,
    Reporter,
    StatusMeaning,
    Unmappable,
    Visibility,
)
from tests.support.migrated import lay_tables

CHANNEL = ChannelId("uji.kanal")
SECOND_CHANNEL = ChannelId("uji.malam")
ORIGIN = Origin("uji/kanal")
ACCOUNT = AccountName("uji")
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class ManualClock:
    """Stands still until a test moves it; asleep, it moves by itself."""

    def __init__(self, start: datetime = START) -> None:
        self._start = int(start.timestamp() * 1_000_000)
        self._elapsed = 0.0

    def now(self) -> int:
        return self._start + int(self._elapsed * 1_000_000)

    def elapsed(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        self._elapsed += seconds

    def advance(self, **span: float) -> None:
        self._elapsed += timedelta(**span).total_seconds()


class PlainMapper:
    """Reads records that already have the canonical names; `{"fault": …}` is none of them."""

    digest = "plain"
    shifts_times_by = timedelta(0)

    def apply(self, value: Any) -> MappingResult:
        if "fault" in value:
            return Unmappable(value.get("id"), (Fault("body", value["fault"]),))
        word = value.get("status")
        return Mapped(
            Complaint(
                source_id=str(value["id"]),
                title=value.get("title", "Jalan rusak"),
                body=value.get("body", f"Jalan di depan rumah nomor {value['id']} berlubang.").replace(
                    "\0", ""
                ),
                visibility=Visibility(value.get("visibility", "public")),
                reporter=Reporter(
                    name=value.get("name"),
                    nik=value.get("nik"),
                    phone=value.get("phone"),
                    email=value.get("email"),
                    address=value.get("address"),
                ),
                created_at=_moment(value.get("created_at")),
                updated_at=self._updated(value),
                regional_word=word,
                regional_status=None if word is None else StatusMeaning(word),
                national_number=value.get("number"),
            ),
            tuple(Fault("kind", rule) for rule in value.get("holds", ())),
        )

    def _updated(self, value: Any) -> datetime | None:
        moment = _moment(value.get("updated_at"))
        return None if moment is None else moment + self.shifts_times_by


class Desk:
    """A book with one channel, live from the start, and short words for what happens to it."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.mapper = PlainMapper()
        both = [Registration(name, "uji", ORIGIN, ACCOUNT, "plain") for name in (CHANNEL, SECOND_CHANNEL)]
        channels.register(book, both)

    def door(self, channel: ChannelId = CHANNEL) -> Door:
        return Door(channel, "uji", ORIGIN, ACCOUNT)

    def show(
        self, *records: dict[str, Any], channel: ChannelId = CHANNEL, advance: Advance | None = None
    ) -> Taken:
        """What a source shows, one page; not yet through the gate."""
        incoming = []
        for record in records:
            raw = msgspec.json.encode(record)
            incoming.append(Incoming(None if record.get("id") is None else str(record["id"]), raw, raw))
        with self.book.write() as connection:
            return take_in(self.book, connection, self.door(channel), incoming, advance=advance)

    def policy(self, channel: ChannelId = CHANNEL) -> Policy:
        return channels.policies(self.book, {channel: False})[channel]

    def gate(self) -> int:
        """Judge all that is due."""
        judged = 0
        names = (CHANNEL, SECOND_CHANNEL)
        while batch := Gate(
            self.book, {name: Rule(self.mapper, self.policy(name)) for name in names}
        ).pass_batch():
            judged += batch
        return judged

    def bring(self, *records: dict[str, Any], channel: ChannelId = CHANNEL) -> None:
        """Show records and let them through the gate."""
        self.show(*records, channel=channel)
        self.gate()

    def go_live(self, **options: Any) -> channels.WentLive:
        for name in (SECOND_CHANNEL, CHANNEL):
            went = channels.go_live(self.book, name, by="Uji", **options)
        return went

    def row(self, source_id: str | int) -> Any:
        with self.book.read() as connection:
            found = connection.exec_driver_sql(
                f"SELECT * FROM complaints WHERE source_id = '{source_id}'"  # a test's own id
            ).first()
        assert found is not None, source_id
        return found

    def state(self, source_id: str | int) -> str:
        return str(self.row(source_id).state)

    def query(self, statement: str) -> list[Any]:
        with self.book.read() as connection:
            return list(connection.exec_driver_sql(statement))

    def execute(self, statement: str) -> None:
        """What somebody does by hand, past the gateway."""
        with self.book.write() as connection:
            connection.exec_driver_sql(statement)

    def kinds(self, source_id: str | int) -> list[str]:
        """The kinds of a complaint's ledger entries, oldest first."""
        reference = self.row(source_id).reference
        rows = self.query(f"SELECT kind FROM ledger_entries WHERE subject = '{reference}' ORDER BY seq")
        return [row.kind for row in rows]


def make_book(url: str, clock: Clock | None = None) -> Book:
    """A new book at `url`, under a master key of its own."""
    master = MasterKeys([new_key_text()])
    lay_tables(url)
    create_book(url, master, environment="training", at=START)
    return open_book(url, master, clock)


@contextlib.contextmanager
def desk(url: str, clock: Clock | None = None, *, live: bool = True) -> Iterator[Desk]:
    book = make_book(url, clock or ManualClock())
    try:
        made = Desk(book)
        if live:
            made.go_live()
        yield made
    finally:
        book.close()


def moment(book: Book) -> datetime:
    return to_datetime(book.clock.now())


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
