"""Rows that move while a listing is paged through are neither lost nor taken for gone."""

from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.errors import SourceFaultError
from lapor_gateway.sources.rest_paging import MAX_READINGS, Pass, Position, Reading, Reread, Turner
from lapor_gateway.sources.settings import (
    CursorPaging,
    LinkPaging,
    NextUrlPaging,
    NoPaging,
    OffsetPaging,
    PagePaging,
    Paging,
)

PAGE = PagePaging(kind="page", last_page="last")
PAGE_TO_EMPTY = PagePaging(kind="page")
OFFSET = OffsetPaging(kind="offset")
CURSOR = CursorPaging(kind="cursor", parameter="after", next="next")
URL = httpx.URL("https://aplikasi.example/api/complaints?unit=1")

Row = tuple[int, int]
"""A row's id and its version; an edit makes the next version."""


@dataclass
class Application:
    """A listing that changes between two requests, one change at most each time."""

    rows: dict[int, int]
    order: str
    size: int
    changes: dict[int, tuple[str, int]]
    requests: int = 0
    clock: int = 0
    touched: dict[int, int] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    def listing(self) -> list[Row]:
        by_time = {"newest": -1, "oldest": 1, "by id": 0}[self.order]
        rows = sorted(self.rows.items(), key=lambda row: (by_time * self.touched.get(row[0], 0), row[0]))
        return list(rows)

    def change(self) -> None:
        kind, seed = self.changes.get(self.requests, ("", 0))
        self.requests += 1
        self.clock += 1
        target = sorted(self.rows)[seed % len(self.rows)] if self.rows else None
        if kind == "insert":
            added = max([*self.rows, *self.gone, 0]) + 1
            self.rows[added], self.touched[added] = 0, self.clock
        elif kind == "delete" and target is not None:
            del self.rows[target]
            self.gone.add(target)
        elif kind == "edit" and target is not None:
            self.rows[target] += 1
            self.touched[target] = self.clock

    def answer(self, paging: Paging, at: Position) -> tuple[list[Row], Any]:
        self.change()
        rows = self.listing()
        if isinstance(paging, PagePaging):
            start = (int(at) - 1) * self.size
            return rows[start : start + self.size], {"last": max(1, -(-len(rows) // self.size))}
        if isinstance(paging, OffsetPaging):
            return rows[int(at) : int(at) + self.size], {}
        behind = [row for row in rows if not at or self._key(row[0]) > tuple(map(int, str(at).split(",")))]
        page = behind[: self.size]
        more = len(behind) > self.size
        return page, {"next": ",".join(map(str, self._key(page[-1][0]))) if more else None}

    def _key(self, row: int) -> tuple[int, int]:
        return ({"newest": -1, "oldest": 1, "by id": 0}[self.order] * self.touched.get(row, 0), row)


class Outcome(msgspec.Struct):
    seen: set[Row]
    complete: bool
    requests: int


def run(
    application: Application,
    paging: Paging,
    reread: Reread,
    *,
    crash_at: int | None = None,
    whole: bool = True,
) -> Outcome:
    """A whole pass; a crash after `crash_at` requests goes on from the cursor stored with the last page."""
    turner = Turner(paging)
    stored: Any = Reading(at=turner.first)
    passing = Pass(stored, turner.first, reread, max_pages=10_000, whole=whole)
    seen: set[Row] = set()
    while True:
        rows, body = application.answer(paging, passing.reading.at)
        following = turner.following(passing.reading.at, body, len(rows))
        shown = passing.take([f"{row}".encode() for row in rows], following, len(application.rows))
        if application.requests == crash_at:
            again = msgspec.convert(msgspec.json.decode(msgspec.json.encode(stored)), Reading)
            passing = Pass(again, turner.first, reread, max_pages=10_000, whole=whole)
            continue
        if shown.new:
            seen.update(rows)
            stored = passing.reading
        if shown.last:
            return Outcome(seen, shown.complete, application.requests)


changes = st.dictionaries(
    st.integers(0, 30),
    st.tuples(st.sampled_from(["insert", "delete", "edit"]), st.integers(0, 100)),
    max_size=14,
)


@given(
    rows=st.integers(0, 25),
    size=st.integers(3, 6),
    order=st.sampled_from(["newest", "oldest", "by id"]),
    paging=st.sampled_from([PAGE, PAGE_TO_EMPTY, OFFSET]),
    changed=changes,
    crash_at=st.none() | st.integers(1, 20),
)
def test_no_row_that_stays_is_lost_while_others_move(
    rows: int,
    size: int,
    order: str,
    paging: Paging,
    changed: dict[int, tuple[str, int]],
    crash_at: int | None,
) -> None:
    application = Application(dict.fromkeys(range(1, rows + 1), 0), order, size, changed)
    outcome = run(application, paging, "listing", crash_at=crash_at)
    stayed = {row for row in range(1, rows + 1) if row in application.rows}
    assert stayed <= {row for row, _ in outcome.seen}
    untouched = {(row, 0) for row in stayed if application.rows[row] == 0}
    assert untouched <= outcome.seen


@given(
    rows=st.integers(0, 25),
    size=st.integers(2, 6),
    order=st.sampled_from(["newest", "by id"]),
    changed=changes,
)
def test_a_key_as_cursor_needs_only_its_head_read_again(
    rows: int, size: int, order: str, changed: dict[int, tuple[str, int]]
) -> None:
    application = Application(dict.fromkeys(range(1, rows + 1), 0), order, size, changed)
    outcome = run(application, CURSOR, "head", whole=False)
    stayed = {row for row in range(1, rows + 1) if row in application.rows}
    during_the_pass = {row for row in stayed if application.touched.get(row, 0)}
    assert stayed - during_the_pass <= {row for row, _ in outcome.seen}


def test_a_row_that_slides_to_a_page_already_read_is_found() -> None:
    application = Application(dict.fromkeys(range(1, 7), 0), "by id", 2, {1: ("delete", 0)})
    outcome = run(application, PAGE, "listing")
    assert (3, 0) in outcome.seen
    assert outcome.complete


def test_the_same_row_is_lost_without_a_second_reading() -> None:
    """What the second reading is for; should this test fail, it has become superfluous."""
    application = Application(dict.fromkeys(range(1, 7), 0), "by id", 2, {1: ("delete", 0)})
    assert (3, 0) not in run(application, PAGE, "never", whole=False).seen


def test_a_row_brought_to_the_front_by_an_edit_is_found_by_the_head() -> None:
    application = Application(dict.fromkeys(range(1, 9), 0), "newest", 2, {1: ("edit", 6)})
    outcome = run(application, CURSOR, "head", whole=False)
    assert {row for row, _ in outcome.seen} == set(range(1, 9))
    assert outcome.requests == 5  # four pages, the last of them short, and the head


def test_a_listing_at_rest_is_read_twice_and_no_more() -> None:
    application = Application(dict.fromkeys(range(1, 11), 0), "by id", 2, {})
    assert run(application, PAGE, "listing").requests == 10


@pytest.mark.parametrize("paging", [NoPaging(), PAGE, CURSOR], ids=lambda paging: paging.kind)
def test_a_listing_of_one_page_is_one_request(paging: Paging) -> None:
    application = Application({1: 0}, "by id", 5, {})
    outcome = run(application, paging, "listing") if paging.kind != "none" else _one_answer()
    assert outcome.requests == 1
    assert outcome.complete


def _one_answer() -> Outcome:
    shown = Pass(Reading(at=""), "", "listing", max_pages=1, whole=True).take([b"1"], None, 1)
    return Outcome(set(), shown.complete and shown.last, 1)


def test_a_listing_that_never_rests_ends_without_claiming_to_be_complete() -> None:
    restless = dict.fromkeys(range(1000), ("edit", 0))
    outcome = run(Application(dict.fromkeys(range(1, 11), 0), "by id", 2, restless), PAGE, "listing")
    assert not outcome.complete
    assert outcome.requests == 5 * MAX_READINGS


def take_all(
    passing: Pass, pages: list[tuple[list[bytes], Position | None]], total: int | None = None
) -> None:
    for records, following in pages:
        passing.take(records, following, total)


def test_an_application_that_ignores_the_page_number_is_found_out() -> None:
    passing = Pass(Reading(at=1), 1, "listing", max_pages=1000, whole=True)
    with pytest.raises(SourceFaultError, match="same page again"):
        take_all(passing, [([b"a", b"b"], number) for number in (2, 3, 4, 5)])


def test_addresses_that_go_in_a_circle_are_found_out() -> None:
    passing = Pass(Reading(at=""), "", "listing", max_pages=1000, whole=True)
    with pytest.raises(SourceFaultError, match="same page again"):
        take_all(passing, [([b"a"], "?p=2"), ([b"b"], "?p=3"), ([b"c"], "?p=2"), ([b"d"], "?p=3")])


def test_a_listing_that_never_ends_is_found_out() -> None:
    passing = Pass(Reading(at=1), 1, "listing", max_pages=50, whole=True)
    with pytest.raises(SourceFaultError, match="did not end within 50 pages"):
        take_all(passing, [([b"%d" % number], number + 1) for number in range(1, 100)])


def test_a_listing_cut_short_of_its_own_total_is_found_out() -> None:
    passing = Pass(Reading(at=""), "", "never", max_pages=50, whole=True)
    with pytest.raises(SourceFaultError, match="ended after 1 records; the application counts 500"):
        take_all(passing, [([b"a"], None)], total=500)


@pytest.mark.parametrize(
    ("paging", "at", "body", "count", "link", "following"),
    [
        (NoPaging(), "", {}, 3, None, None),
        (PAGE_TO_EMPTY, 4, {}, 3, None, 5),
        (PAGE_TO_EMPTY, 4, {}, 0, None, None),
        (PAGE, 4, {"last": 5}, 3, None, 5),
        (PAGE, 5, {"last": 5}, 3, None, None),
        (OFFSET, 100, {}, 50, None, 150),  # the server gives fewer than asked for
        (OFFSET, 100, {}, 0, None, None),
        (CURSOR, "", {"next": "abc"}, 3, None, "abc"),
        (CURSOR, "", {"next": 17}, 3, None, "17"),
        (CURSOR, "abc", {"next": None}, 3, None, None),
        (CURSOR, "abc", {"next": "abc"}, 0, None, None),
        (CURSOR, "abc", {}, 3, None, None),
        (
            NextUrlPaging(kind="next-url", next="links.next"),
            "",
            {"links": {"next": "/x?page=2"}},
            3,
            None,
            "/x?page=2",
        ),
        (NextUrlPaging(kind="next-url", next="links.next"), "", {"links": {"next": ""}}, 3, None, None),
        (
            LinkPaging(kind="link"),
            "",
            {},
            3,
            "https://aplikasi.example/?p=2",
            "https://aplikasi.example/?p=2",
        ),
        (LinkPaging(kind="link"), "", {}, 3, None, None),
    ],
)
def test_where_the_next_page_is(
    paging: Paging, at: Position, body: Any, count: int, link: str | None, following: Position | None
) -> None:
    assert Turner(paging).following(at, body, count, link) == following


@pytest.mark.parametrize(
    ("paging", "at", "address"),
    [
        (NoPaging(), "", "https://aplikasi.example/api/complaints?unit=1&since=5"),
        (PAGE_TO_EMPTY, 2, "https://aplikasi.example/api/complaints?unit=1&since=5&page=2"),
        (OFFSET, 100, "https://aplikasi.example/api/complaints?unit=1&since=5&offset=100&limit=100"),
        (CURSOR, "", "https://aplikasi.example/api/complaints?unit=1&since=5"),
        (CURSOR, "a b", "https://aplikasi.example/api/complaints?unit=1&since=5&after=a+b"),
    ],
)
def test_the_address_of_a_page(paging: Paging, at: Position, address: str) -> None:
    assert str(Turner(paging).address(URL, {"since": "5"}, at)) == str(httpx.URL(address))


@pytest.mark.parametrize(
    "told",
    [
        "https://aplikasi.example/api/complaints?page=2",
        "http://aplikasi.example/api/complaints?page=2",
        "?page=2",
    ],
)
def test_a_next_address_keeps_the_filter_it_forgot_and_the_scheme_of_the_manifest(told: str) -> None:
    address = Turner(NextUrlPaging(kind="next-url", next="next")).address(URL, {"since": "5"}, told)
    assert str(address) == "https://aplikasi.example/api/complaints?page=2&since=5"


@pytest.mark.parametrize(
    "told", ["https://elsewhere.example/?page=2", "//elsewhere.example/", "https://aplikasi.example:81/"]
)
def test_a_credential_is_never_sent_to_another_host(told: str) -> None:
    with pytest.raises(SourceFaultError, match="the credential is not sent there"):
        Turner(LinkPaging(kind="link")).address(URL, {}, told)
