"""Following the ledger: from its entries, in its own order, what must be watched at LAPOR! and what must travel.

One cursor, moved in the transaction that acts on what it passes: nothing is posted twice, nothing is passed over, and
whoever writes entries need not know what follows from them (docs/decisions/0028).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, literal_column, select, update

from lapor_gateway.book import entries, follow_ups, milestones, parcels, tables
from lapor_gateway.book.archived import versions_of
from lapor_gateway.book.crypto import ERASED, DataKey
from lapor_gateway.book.database import Book, Query, Statement
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.parcels import Direction, ParcelKind, Post
from lapor_gateway.book.tables import complaints, followers, ledger_entries, watched
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Pen, Subject, subject_of
from lapor_gateway.domain.complaint import Complaint, StatusMeaning
from lapor_gateway.domain.follow_up import Author, FollowUp, Side
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.reference import comparable

_NAME: Final = "travel"
_ACCEPTING: Final = frozenset({"taken", "found", "adopt", "number"})
_ACTED_ON: Final = _ACCEPTING | {"undo", "national_status", "follow_up", "edited", "regional_status"}
EDIT_LEAD: Final = "Pelapor memperbarui laporannya menjadi:"
STATUS_LEAD: Final = "Status di aplikasi daerah:"
SECRECY: Final = "secrecy_tightened"
_c = complaints.c
_e = ledger_entries.c
_o = followers.c
_decoder = msgspec.json.Decoder(Complaint)
_COMPLAINTS: Final = Query(
    select(
        *SUBJECT_COLUMNS, _c.channel, _c.region, _c.account, _c.tracking_id, _c.national_number, _c.linked_to,
        _c.data_key, _c.regional_word, _c.regional_status, _c.national_status,
    )
    .where(_c.id.in_(bindparam("ids", expanding=True)))
    .with_for_update()
)  # fmt: skip
_LINKED: Final = Query(
    select(_c.id, _c.linked_to, _c.reference, _c.channel).where(
        _c.linked_to.in_(bindparam("ids", expanding=True))
    )
)
_p = tables.parcels.c
_ANSWERED: Final = Query(
    select(_p.complaint, _p.follow_up).where(
        _p.complaint.in_(bindparam("ids", expanding=True)),
        _p.direction == literal_column(f"'{Direction.NATIONAL}'"),
        _p.follow_up.is_not(None),
    )
)
_WATCHED: Final = (
    "complaint", "account", "region", "is_closed", "looked_at", "changed_at", "next_check_at", "failures",
)  # fmt: skip
_watch = Statement(insert(watched).values({name: bindparam(name) for name in _WATCHED}), _WATCHED)
_unwatch = Statement(delete(watched).where(watched.c.complaint == bindparam("which")), ("which",))
_close = Statement(
    update(watched)
    .where(watched.c.complaint == bindparam("which"))
    .values(is_closed=bindparam("is_closed"), changed_at=bindparam("changed_at")),
    ("is_closed", "changed_at", "which"),
)


class Routes(msgspec.Struct, frozen=True):
    """Where things travel, as manifests and settings have it.

    Only channels that are live stand in them. `write_back`: by channel, what its application is told. `writes`:
    channels whose follow-ups can be written at LAPOR!. `tells_status`: those whose changes of status are told there.
    `first_look`: by account, the pause in microseconds before an accepted complaint is first looked at.
    """

    write_back: Mapping[str, frozenset[ParcelKind]]
    writes: frozenset[str]
    tells_status: frozenset[str]
    first_look: Mapping[str, int]


class _Told(msgspec.Struct):
    number: int = 0
    side: str | None = None
    author: str | None = None
    word: str | None = None
    meaning: str | None = None
    tracking_id: str | None = None
    version: int = 0
    tightened: bool = False


class _About(msgspec.Struct):
    """What of a complaint decides where its news go, as its row has it now."""

    id: int
    reference: str
    state: str
    seq: int
    head: bytes
    channel: str
    region: str
    account: str
    tracking_id: str | None
    national_number: str | None
    linked_to: int | None
    data_key: bytes
    regional_word: str | None
    regional_status: str | None
    national_status: str | None


_told = msgspec.json.Decoder(_Told)


def follow(book: Book, routes: Routes, most: int) -> int:
    """Act on up to `most` entries that were not followed yet; how many there were. One transaction."""
    return book.transact(lambda connection: _follow(book, connection, routes, most))


def has_news(book: Book) -> bool:
    """Whether the ledger has grown since it was last followed; asks for one entry."""
    with book.read() as connection:
        found = connection.execute(select(followers).where(_o.name == _NAME)).first()
        return bool(entries.behind(connection, _place(connection, found), 1))


def _follow(book: Book, connection: Connection, routes: Routes, most: int) -> int:
    rows = entries.behind(connection, _position(connection), most)
    if not rows:
        return 0
    news = [
        (row[entries.COMPLAINT], row[2], row[4], row[entries.AT], _told.decode(row[7]))
        for row in rows
        if row[2] in _ACTED_ON and row[entries.COMPLAINT] is not None
    ]
    if news:
        _Sorting(book, connection, routes, sorted({one[0] for one in news})).run(news)
    passed_in, entry = entries.position_of(rows[-1])
    values = {"passed_in": passed_in, "entry": entry, "subject": rows[-1][0], "seq": rows[-1][1]}
    connection.execute(update(followers).where(_o.name == _NAME).values(values))
    return len(rows)


def _position(connection: Connection) -> entries.Position:
    """Where the cursor stands, locked until the transaction ends."""
    found = connection.execute(select(followers).where(_o.name == _NAME).with_for_update()).first()
    if found is None:
        start = {"passed_in": entries.START[0], "entry": entries.START[1], "subject": "", "seq": 0}
        connection.execute(insert(followers).values(name=_NAME, **start))
    return _place(connection, found)


def _place(connection: Connection, found: Any) -> entries.Position:
    """The place of a cursor's entry, found again by its own name where a copy has numbered the ledger anew."""
    if found is None or found.seq == 0:
        return entries.START
    place = select(_e.id, _e.written_in).where(_e.seq == found.seq)
    row = connection.execute(place.where(_e.subject == found.subject, _e.id == found.entry)).first()
    if row is None:
        complaint = select(_c.id).where(_c.reference == found.subject).scalar_subquery()
        about = (_e.complaint == complaint) | (_e.complaint.is_(None) & (_e.subject == found.subject))
        row = connection.execute(place.where(about)).first()
    return (found.passed_in, found.entry) if row is None else (row.written_in or 0, row.id)


class _Sorting:
    """One batch of entries: what each complaint's news make to be watched, kept and posted, in the ledger's order."""

    def __init__(self, book: Book, connection: Connection, routes: Routes, ids: list[int]) -> None:
        self._book = book
        self._connection = connection
        self._routes = routes
        self._about = {row[0]: _About(*row) for row in _in_chunks(_COMPLAINTS, connection, ids)}
        self._linked: dict[int, list[tuple[str, str, int]]] = {}
        for identifier, first, reference, channel in _in_chunks(_LINKED, connection, ids):
            self._linked.setdefault(first, []).append((reference, channel, identifier))
        self._pen = Pen(connection, book.clock.now())
        self._posts: list[Post] = []
        self._watch: dict[int, tuple[Any, ...] | None] = {}
        self._closed: dict[int, tuple[int, int]] = {}
        self._subjects: dict[int, Subject] = {}
        # A follow-up may be met twice: by its own entry, and by that of the acceptance that it waited for.
        self._answered = {(complaint, number) for complaint, number in _in_chunks(_ANSWERED, connection, ids)}

    def run(self, news: Sequence[tuple[int, str, str | None, int, _Told]]) -> None:
        moved: set[int] = set()
        for complaint, kind, state, at, told in news:
            about = self._about.get(complaint)
            if about is None or about.data_key == ERASED:
                continue
            if kind in _ACCEPTING:
                moved.add(complaint)
                self._accepted(about, told, at)
            elif kind == "undo":
                moved.add(complaint)
                self._watch[complaint] = None
            elif state == State.ACCEPTED:
                self._while_accepted(about, kind, told, at)
        self._finish(moved)

    def _finish(self, moved: set[int]) -> None:
        self._pen.flush()
        _unwatch.run(self._connection, [(which,) for which in self._watch])
        _watch.run(self._connection, [row for row in self._watch.values() if row is not None])
        _close.run(self._connection, [(*values, which) for which, values in self._closed.items()])
        milestones.renew(self._connection, moved)
        if self._posts:
            parcels.post(self._book, self._connection, self._posts)

    def _accepted(self, about: _About, told: _Told, at: int) -> None:
        if about.state != State.ACCEPTED or about.tracking_id is None:
            return
        first = at + self._routes.first_look.get(about.account, 0)
        self._watch[about.id] = (about.id, about.account, about.region, 0, at, at, first, 0)
        if about.national_number != told.tracking_id:
            self._to_region(about, ParcelKind.ACCEPTED, word=told.tracking_id)
        if about.channel in self._routes.writes:
            for number in _regional(self._connection, about.id):
                self._to_national(about, number)

    def _while_accepted(self, about: _About, kind: str, told: _Told, at: int) -> None:
        match kind:
            case "national_status":
                closed = told.meaning is not None and StatusMeaning(told.meaning).is_closed
                self._closed[about.id] = (int(closed), at)
                self._to_region(about, ParcelKind.STATUS, word=told.word)
            case "follow_up":
                if told.author != Author.SYSTEM and not _is_from_region(told):
                    self._to_region(about, ParcelKind.FOLLOW_UP, follow_up=told.number)
                if told.side != Side.NATIONAL:
                    self._to_national(about, told.number)
            case "edited":
                self._edited(about, told)
            case _:
                self._status_in_region(about)

    def _to_region(
        self, about: _About, kind: ParcelKind, *, follow_up: int | None = None, word: str | None = None
    ) -> None:
        ours = [(about.reference, about.channel, about.id)]
        for reference, channel, identifier in ours + self._linked.get(about.id, []):
            if kind in self._routes.write_back.get(channel, ()):
                # A linked complaint is told of its first one's news: the follow-up is read from that.
                complaint = about.id if follow_up is not None else identifier
                self._posts.append(
                    Post(Direction.REGION, channel, reference, kind, complaint, follow_up, word)
                )

    def _to_national(self, about: _About, number: int) -> None:
        is_new = (about.id, number) not in self._answered
        if is_new and about.channel in self._routes.writes and about.state == State.ACCEPTED:
            self._answered.add((about.id, number))
            post = Post(
                Direction.NATIONAL, about.account, about.reference, ParcelKind.FOLLOW_UP, about.id, number
            )
            self._posts.append(post)

    def _edited(self, about: _About, told: _Told) -> None:
        """An edit after acceptance travels as a follow-up; one that hides more stops all that has not left."""
        if told.tightened:
            self._posts = [
                one
                for one in self._posts
                if one.complaint != about.id or one.direction is not Direction.NATIONAL
            ]
            parcels.stop_all(self._connection, about.id, self._pen.at, SECRECY)
            return
        texts = self._texts(about, told.version)
        if texts is None or comparable(texts[0]) == comparable(texts[1]):
            return
        self._keep(about, Side.GATEWAY, Author.REPORTER, f"{EDIT_LEAD}\n{texts[1]}", f"edit {told.version}")

    def _status_in_region(self, about: _About) -> None:
        """Told to LAPOR! unless it says what LAPOR! says already: then it is an echo of what we wrote there."""
        if about.channel not in self._routes.tells_status or about.regional_status == about.national_status:
            return
        word = about.regional_word or about.regional_status
        if word is not None and about.regional_status != StatusMeaning.UNKNOWN:
            text = f"{STATUS_LEAD} {word}"
            self._keep(about, Side.REGION, Author.INSTITUTION, text, f"status {self._pen.at}")

    def _keep(self, about: _About, side: Side, author: Author, text: str, own_id: str) -> None:
        """A follow-up of our own making; its entry comes back here and is posted then."""
        row = (about.id, about.reference, about.state, about.seq, about.head)
        subject = self._subjects.setdefault(about.id, subject_of(row))
        one = FollowUp(author, text, own_id=own_id)
        mark = follow_ups.mark_of(self._book, about.reference, side, one)
        if (about.id, str(side), mark) not in follow_ups.known_marks(self._connection, [about.id]):
            follow_ups.add(self._pen, subject, self._key(about), side, [(one, mark)])

    def _key(self, about: _About) -> DataKey:
        return self._book.data_key(about.reference, about.data_key)

    def _texts(self, about: _About, version: int) -> tuple[str, str] | None:
        """The text before an edit and after it; None where either cannot be read."""
        found = versions_of(self._book, self._connection, [about.id], absent=set()).get(about.id, [])
        key = self._key(about)
        bodies = {
            one.version: _decoder.decode(key.open(one.canonical, CANONICAL)).body
            for one in found
            if one.canonical is not None
        }
        before = max((one for one in bodies if one < version), default=None)
        return None if before is None or version not in bodies else (bodies[before], bodies[version])


def _is_from_region(told: _Told) -> bool:
    """An answer made there, or a reporter's edit there: its application has it, and is not told again."""
    is_edit = told.side == Side.GATEWAY and told.author == Author.REPORTER
    return told.side == Side.REGION or is_edit


def _regional(connection: Connection, complaint: int) -> list[int]:
    """A region's answers, in order: those that came before LAPOR! had the complaint are among them."""
    f = tables.follow_ups.c
    query = select(f.number).where(f.complaint == complaint, f.side == str(Side.REGION)).order_by(f.number)
    return list(connection.execute(query).scalars())


def _in_chunks(query: Query, connection: Connection, ids: list[int]) -> list[tuple[Any, ...]]:
    size = 500
    return [
        row
        for start in range(0, len(ids), size)
        for row in query.all(connection, ids=ids[start : start + size])
    ]
