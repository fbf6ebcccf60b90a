"""The comparison alone: every kind of difference between three indexes, whatever lies around it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lapor_gateway.domain.index_rows import (
    LedgerRow,
    NationalProof,
    NationalRow,
    SourceProof,
    SourceRow,
    Terms,
)
from lapor_gateway.domain.reconciliation import (
    Against,
    Difference,
    DifferenceKind,
    Repair,
    compare,
    merged,
    refreshed_word,
    stranger,
)

BEGAN = 1_000
TERMS = Terms(
    at=2_000,
    since=None,
    until=None,
    stuck_after=500,
    sources={"uji/tabel": SourceProof(BEGAN, True, True)},
    nationals={"uji": NationalProof(True, 900)},
)
RAW, OTHER_RAW = b"r" * 16, b"R" * 16
CANONICAL, OTHER_CANONICAL = b"c" * 16, b"C" * 16
SENT, OTHER_TEXT = b"t" * 16, b"T" * 16
K = DifferenceKind


@dataclass
class Sides:
    """The rows of one complaint on its three sides, and what must be found of them."""

    sources: list[SourceRow] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    nationals: list[NationalRow] = field(default_factory=list)
    found: set[tuple[DifferenceKind, Repair | None]] = field(default_factory=set)


def same(reference: str) -> Sides:
    """Accepted, and the same everywhere."""
    number = f"9{reference}"
    known = LedgerRow(
        reference=reference,
        origin="uji/tabel",
        channel="uji.tabel",
        account="uji",
        source_id=reference,
        state="accepted",
        since=100,
        shown_at=100,
        in_scope=True,
        number=number,
        folded_number=number,
        raw=RAW,
        canonical=CANONICAL,
        status="baru",
        national_word="Terverifikasi",
        received_at=100,
        accepted_at=100,
        sent=SENT,
    )
    shown = SourceRow(reference, "uji.tabel", reference, RAW, CANONICAL, "baru")
    listed = NationalRow(reference, "uji", number, True, True, None, SENT, None, "Terverifikasi", 100)
    return Sides([shown], [known], [listed])


def astray(
    *found: tuple[DifferenceKind, Repair | None],
    source: dict[str, Any] | None = None,
    ledger: dict[str, Any] | None = None,
    national: dict[str, Any] | None = None,
    without: str = "",
    more: Callable[[NationalRow], list[NationalRow]] = lambda _: [],
) -> Callable[[str], Sides]:
    """A complaint whose rows differ from the usual in these fields, or are not there."""

    def made(reference: str) -> Sides:
        usual = same(reference)
        changed = {"source": source or {}, "ledger": ledger or {}, "national": national or {}}
        sides = Sides(
            [replace(row, **changed["source"]) for row in usual.sources],
            [replace(row, **changed["ledger"]) for row in usual.ledger],
            [replace(row, **changed["national"]) for row in usual.nationals] + more(usual.nationals[0]),
            set(found),
        )
        for side in without.split():
            setattr(sides, side, [])
        return sides

    return made


def doubled(row: NationalRow) -> list[NationalRow]:
    return [replace(row, number=f"8{row.reference}", is_held=False)]


def open_(state: str, **columns: Any) -> dict[str, Any]:
    return {"state": state, "number": None, "folded_number": None, "accepted_at": None} | columns


CASES: dict[str, Callable[[str], Sides]] = {
    "the same everywhere": same,
    "changed bytes that say the same": astray(source={"raw": OTHER_RAW}),
    "never taken in": astray((K.MISSING_HERE, Repair.PULL), without="ledger nationals"),
    "never taken in, and there": astray((K.MISSING_HERE, Repair.PULL), without="ledger"),
    "only the ledger knows it": astray((K.MISSING_HERE, None), ledger={"is_whole": False, "number": None}),
    "deleted at the source": astray((K.MISSING_AT_SOURCE, None), without="sources"),
    "deleted, and on record": astray(ledger={"disappeared": True}, without="sources"),
    "came after the listing began": astray(ledger={"received_at": BEGAN}, without="sources"),
    "edited": astray(
        (K.CONTENT_DIFFERS, Repair.PULL), source={"raw": OTHER_RAW, "canonical": OTHER_CANONICAL}
    ),
    "edited while it was listed": astray(
        source={"raw": OTHER_RAW, "canonical": OTHER_CANONICAL}, ledger={"shown_at": BEGAN}
    ),
    "a listing behind a webhook": astray(
        source={"raw": OTHER_RAW, "canonical": OTHER_CANONICAL, "updated_at": 1}, ledger={"updated_at": 2}
    ),
    "unreadable by now": astray(
        (K.CONTENT_DIFFERS, Repair.PULL), source={"raw": OTHER_RAW, "canonical": None}
    ),
    "moved on at the source": astray(
        (K.STATUS_DIFFERS, Repair.PULL), source={"raw": OTHER_RAW, "status": "selesai"}
    ),
    "lost there": astray((K.MISSING_AT_NATIONAL, None), without="nationals"),
    "not listed yet": astray(ledger={"accepted_at": 900}, without="nationals"),
    "twice there": astray((K.TWICE_AT_NATIONAL, None), more=doubled),
    "another text there": astray((K.CONTENT_DIFFERS, None), national={"text": OTHER_TEXT}),
    "another's line there": astray(
        (K.CONTENT_DIFFERS, None), national={"is_ours": False, "other": "LG-ANDERS"}
    ),
    "there under another number": astray(
        (K.CONTENT_DIFFERS, None), national={"number": "77", "is_held": False}
    ),
    "retyped there": astray(national={"is_ours": False, "alike": True, "text": OTHER_TEXT}),
    "retyped otherwise there": astray(
        (K.CONTENT_DIFFERS, None), national={"is_ours": False, "alike": False, "text": OTHER_TEXT}
    ),
    "adopted, and sent all the same": astray(
        (K.TWICE_AT_NATIONAL, None), national={"is_ours": False, "alike": True}, more=doubled
    ),
    "moved on there": astray((K.STATUS_DIFFERS, Repair.REFRESH), national={"word": "Selesai"}),
    "status never read": astray(ledger={"national_word": None}),
    "a number that the ledger does not tell": astray(
        (K.CONTENT_DIFFERS, None), ledger={"folded_number": "1"}
    ),
    "sent twice, the first one taken": astray(ledger={"sent": SENT + OTHER_TEXT}),
    "ambiguous and there": astray(
        (K.MISSING_HERE, Repair.ADOPT),
        ledger=open_("ambiguous", since=1_900),
        national={"is_held": False},
    ),
    "ambiguous and there with another text": astray(
        (K.MISSING_HERE, None),
        ledger=open_("ambiguous", since=1_900),
        national={"is_held": False, "text": OTHER_TEXT},
    ),
    "given up and there": astray(
        (K.MISSING_HERE, None), ledger=open_("withdrawn"), national={"is_held": False}
    ),
    "on its way": astray(ledger=open_("submitting", since=1_900), national={"is_held": False}),
    "linked": astray(ledger={"linked": True, "state": "linked"}, without="nationals"),
    "waiting too long": astray((K.STUCK, None), ledger=open_("ready"), without="nationals"),
    "waiting for an approval": astray(ledger=open_("held", reason="shadow"), without="nationals"),
    "of no book": astray((K.UNKNOWN_AT_NATIONAL, None), without="sources ledger"),
    "out of scope": astray(ledger={"in_scope": False}, without="sources nationals"),
}


def compared(sides: list[Sides], terms: Terms = TERMS) -> list[Difference]:
    groups = merged(
        [row for one in sides for row in one.sources],
        [row for one in sides for row in one.ledger],
        [row for one in sides for row in one.nationals],
    )
    return [found for group in groups for found in compare(terms, group)]


@pytest.mark.parametrize("case", CASES)
def test_each_case_is_found_in_its_class_with_its_repair_and_nothing_beside(case: str) -> None:
    sides = CASES[case]("1")
    assert {(one.kind, one.repair) for one in compared([sides])} == sides.found


@given(st.lists(st.sampled_from(sorted(CASES)), max_size=40))
def test_every_difference_is_found_and_none_invented_whatever_lies_around_it(cases: list[str]) -> None:
    sides = [CASES[case](f"{place:03}") for place, case in enumerate(cases)]
    expected = {
        (f"{place:03}", kind, repair) for place, one in enumerate(sides) for kind, repair in one.found
    }
    found = [(one.subject, one.kind, one.repair) for one in compared(sides)]
    assert len(found) == len(set(found))
    assert set(found) == expected


@given(
    st.lists(st.text("abc", min_size=1, max_size=2)),
    st.sets(st.text("abc", min_size=1, max_size=2)),
    st.lists(st.text("abc", min_size=1, max_size=2)),
)
def test_the_merge_hands_on_every_row_once_under_its_own_reference(
    shown: list[str], known: set[str], listed: list[str]
) -> None:
    (usual,) = same("x").ledger
    groups = list(
        merged(
            [SourceRow(one) for one in sorted(shown)],
            [replace(usual, reference=one) for one in sorted(known)],
            [NationalRow(one, "uji", "1", True, True) for one in sorted(listed)],
        )
    )
    assert [group.reference for group in groups] == sorted({*shown, *known, *listed})
    for group in groups:
        rows = (*group.sources, *([group.ledger] if group.ledger else []), *group.nationals)
        assert {row.reference for row in rows} == {group.reference}
    assert sum(len(group.sources) for group in groups) == len(shown)
    assert sum(group.ledger is not None for group in groups) == len(known)
    assert sum(len(group.nationals) for group in groups) == len(listed)


def test_a_side_that_was_not_taken_proves_nothing() -> None:
    unproven = replace(TERMS, sources={}, nationals={})
    for case in ("deleted at the source", "lost there", "edited", "twice there"):
        assert compared([CASES[case]("1")], unproven) == []


def test_an_incomplete_side_shows_what_is_there_and_proves_no_absence() -> None:
    partial = replace(
        TERMS,
        sources={"uji/tabel": SourceProof(BEGAN, False, True)},
        nationals={"uji": NationalProof(False, 900)},
    )
    assert compared([CASES["deleted at the source"]("1")], partial) == []
    assert compared([CASES["lost there"]("1")], partial) == []
    assert [one.kind for one in compared([CASES["twice there"]("1")], partial)] == [K.TWICE_AT_NATIONAL]
    assert [one.kind for one in compared([CASES["edited"]("1")], partial)] == [K.CONTENT_DIFFERS]


def test_a_log_of_deliveries_says_nothing_about_contents() -> None:
    log = replace(TERMS, sources={"uji/tabel": SourceProof(BEGAN, True, False)})
    sides = astray(source={"raw": None, "canonical": None, "status": None})("1")
    assert compared([sides], log) == []


def test_a_deletion_that_the_channel_accepts_is_recorded() -> None:
    terms = replace(TERMS, sources={"uji/tabel": SourceProof(BEGAN, True, True, accepts_deletion=True)})
    (found,) = compared([CASES["deleted at the source"]("1")], terms)
    assert found.repair is Repair.RECORD_GONE


def test_differences_on_two_sides_are_two() -> None:
    sides = astray(
        source={"raw": OTHER_RAW, "status": "selesai"},
        national={"word": "Selesai"},
    )("1")
    found = {(one.kind, one.against) for one in compared([sides])}
    assert found == {(K.STATUS_DIFFERS, Against.SOURCE), (K.STATUS_DIFFERS, Against.NATIONAL)}


@pytest.mark.parametrize(
    ("since", "until", "seen"), [(50, None, True), (101, None, False), (None, 100, False)]
)
def test_what_nobody_here_knows_is_judged_by_its_own_time(
    since: int | None, until: int | None, seen: bool
) -> None:
    terms = replace(TERMS, since=since, until=until)
    row = NationalRow("", "uji", "5", False, False, created_at=100)
    assert (stranger(terms, "uji.tabel", row) is not None) is seen
    assert bool(compared([CASES["of no book"]("1")], terms)) is seen
    assert stranger(terms, "uji.tabel", replace(row, created_at=None)) is None


def test_a_status_is_read_the_first_time_from_the_complaints_own_number_alone() -> None:
    def words(sides: Sides) -> list[tuple[str, str] | None]:
        return [refreshed_word(one) for one in merged(sides.sources, sides.ledger, sides.nationals)]

    assert words(CASES["status never read"]("1")) == [("91", "Terverifikasi")]
    others = astray(ledger={"national_word": None}, national={"is_ours": False, "other": "LG-ANDERS"})
    assert words(others("1")) == [None]
    assert words(same("1")) == [None]
