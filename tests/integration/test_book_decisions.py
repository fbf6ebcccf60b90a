"""Operators' verbs: every verb from every state, allowed or refused as the table says, by a named person."""

from collections.abc import Iterator
from typing import Any

import pytest

from lapor_gateway.book.decisions import Verb, accept_finding, decide, set_push
from lapor_gateway.book.queries import ComplaintFilter, find_complaint, list_complaints
from lapor_gateway.domain.lifecycle import Event, State, is_allowed, next_state
from lapor_gateway.domain.reference import derive
from lapor_gateway.errors import ConfigurationError, NotAllowedError, NotFoundError
from tests.support.books import Desk, desk

EVENTS = {Verb.REPLAY: Event.REPLAYED} | {verb: Event(verb) for verb in Verb if verb is not Verb.REPLAY}
NUMBER = "9876543"


@pytest.fixture
def own(sqlite_url: str) -> Iterator[Desk]:
    with desk(sqlite_url) as made:
        yield made


@pytest.fixture
def on_both(database_url: str) -> Iterator[Desk]:
    with desk(database_url) as made:
        yield made


def standing(own: Desk, source_id: str, state: State) -> str:
    """A complaint brought in and put in a state by hand; its reference."""
    own.bring({"id": source_id})
    number = "'1000001'" if state in (State.ACCEPTED, State.LINKED) else "NULL"
    linked = "1" if state is State.LINKED else "NULL"
    own.execute(
        f"UPDATE complaints SET state = '{state}', tracking_id = {number}, linked_to = {linked}"
        f" WHERE source_id = '{source_id}'"
    )
    return str(own.row(source_id).reference)


def needed(verb: Verb, other: str) -> dict[str, Any]:
    return {
        "by": "Petugas Uji",
        "reason": "sudah diperiksa",
        "number": NUMBER,
        "other": other if verb is Verb.LINK else None,
    }


def test_every_verb_from_every_state_is_allowed_or_refused_as_the_table_says(on_both: Desk) -> None:
    on_both.bring({"id": "utama"})
    primary = on_both.row("utama").reference
    for verb in Verb:
        for state in State:
            name = f"{verb}-{state}"
            reference = standing(on_both, name, state)
            before = on_both.row(name), on_both.kinds(name)
            if (verb, state) == (Verb.LINK, State.ACCEPTED):  # the relation alone is written
                decide(on_both.book, reference, verb, **needed(verb, primary))
                assert (on_both.state(name), on_both.kinds(name)) == (state, [*before[1], "link"])
            elif is_allowed(state, EVENTS[verb]):
                assert decide(on_both.book, reference, verb, **needed(verb, primary)) == before[0].id
                assert on_both.state(name) == next_state(state, EVENTS[verb])
                assert on_both.kinds(name) == [*before[1], EVENTS[verb]]
            else:
                with pytest.raises(NotAllowedError) as refused:
                    decide(on_both.book, reference, verb, **needed(verb, primary))
                assert (on_both.row(name), on_both.kinds(name)) == before
                assert refused.value.cure
            on_both.execute(
                f"UPDATE complaints SET tracking_id = NULL, linked_to = NULL WHERE source_id = '{name}'"
            )


def test_a_decision_names_who_made_it_by_a_pseudonym_and_is_audited(own: Desk) -> None:
    reference = standing(own, "1", State.READY)
    decide(own.book, reference, Verb.HOLD, by="Petugas Uji", reason="menunggu lampiran")
    (entry,) = own.query("SELECT actor, facts FROM ledger_entries WHERE kind = 'hold'")
    assert entry.actor.startswith("person:")
    assert "Petugas" not in entry.actor + entry.facts
    (line,) = own.query("SELECT actor, action, subject FROM audit WHERE action = 'hold'")
    assert tuple(line) == (entry.actor, "hold", reference)


@pytest.mark.parametrize("verb", [Verb.RESEND, Verb.GIVE_UP, Verb.UNDO, Verb.WITHDRAW, Verb.RESTORE])
@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_verb_that_needs_a_reason_is_refused_without_one(own: Desk, verb: Verb, reason: str | None) -> None:
    reference = standing(own, "1", State.AMBIGUOUS)
    with pytest.raises(ConfigurationError, match="needs a reason"):
        decide(own.book, reference, verb, by="Uji", reason=reason)


@pytest.mark.parametrize("number", [None, "", "abc", "0", "000", "-5", "12345678901234567", "12 34", "٣٣٣"])
def test_a_number_must_be_one_that_lapor_could_have_given(own: Desk, number: str | None) -> None:
    reference = standing(own, "1", State.READY)
    with pytest.raises(ConfigurationError, match="no tracking number"):
        decide(own.book, reference, Verb.NUMBER, by="Uji", number=number)


def test_a_number_that_belongs_to_another_complaint_is_not_given_twice(on_both: Desk) -> None:
    first, second = standing(on_both, "1", State.HELD), standing(on_both, "2", State.HELD)
    decide(on_both.book, first, Verb.ADOPT, by="Uji", number=NUMBER)
    with pytest.raises(NotAllowedError, match="already belongs") as refused:
        decide(on_both.book, second, Verb.ADOPT, by="Uji", number=NUMBER)
    assert "link" in refused.value.cure
    assert on_both.state("2") == "held"
    decide(on_both.book, first, Verb.UNDO, by="Uji", reason="salah ketik")
    decide(on_both.book, second, Verb.ADOPT, by="Uji", number=NUMBER)
    assert on_both.row("2").tracking_id == NUMBER


def test_a_linked_complaint_shares_the_number_of_the_first_and_loses_it_when_split(own: Desk) -> None:
    first, second = standing(own, "1", State.HELD), standing(own, "2", State.READY)
    decide(own.book, first, Verb.ADOPT, by="Uji", number=NUMBER)
    decide(own.book, second, Verb.LINK, by="Uji", other=first)
    row = own.row("2")
    assert (row.state, row.tracking_id, row.linked_to) == ("linked", NUMBER, own.row("1").id)
    decide(own.book, second, Verb.SPLIT, by="Uji")
    row = own.row("2")
    assert (row.state, row.tracking_id, row.linked_to) == ("held", None, None)


def test_a_linked_complaint_shows_the_number_that_its_first_one_gets_later(own: Desk) -> None:
    first, second = standing(own, "1", State.READY), standing(own, "2", State.READY)
    decide(own.book, second, Verb.LINK, by="Uji", other=first)
    assert find_complaint(own.book, second).tracking_id is None
    decide(own.book, first, Verb.NUMBER, by="Uji", number=NUMBER)
    assert find_complaint(own.book, second).tracking_id == NUMBER
    assert [row.tracking_id for row in list_complaints(own.book, ComplaintFilter(state="linked"))[0]] == [
        NUMBER
    ]
    decide(own.book, first, Verb.UNDO, by="Uji", reason="salah ketik")
    assert find_complaint(own.book, second).tracking_id is None


@pytest.mark.parametrize("to", ["itself", "a linked one", "nothing there"])
def test_a_link_leads_to_a_first_one_only(own: Desk, to: str) -> None:
    first, second, third = (standing(own, str(n), State.READY) for n in (1, 2, 3))
    decide(own.book, second, Verb.LINK, by="Uji", other=first)
    other = {"itself": third, "a linked one": second, "nothing there": derive(b"x" * 32, "x", "y")}[to]
    with pytest.raises((NotAllowedError, NotFoundError)):
        decide(own.book, third, Verb.LINK, by="Uji", other=other)
    assert own.state("3") == "ready"


@pytest.mark.parametrize(
    "which", ["0", "999999", "9" * 40, "-1", "", "LG-0000-0000-0000", "x'; --", "²", "٣"]
)
def test_a_complaint_that_is_not_there_is_said_so(own: Desk, which: str) -> None:
    standing(own, "1", State.READY)
    with pytest.raises(NotFoundError):
        decide(own.book, which, Verb.HOLD, by="Uji")


def test_a_complaint_is_found_by_its_id_or_its_reference_in_any_case(own: Desk) -> None:
    reference = standing(own, "1", State.READY)
    decide(own.book, str(own.row("1").id), Verb.HOLD, by="Uji")
    decide(own.book, reference.lower().replace("0", "o"), Verb.RELEASE, by="Uji")
    assert own.state("1") == "ready"


def test_a_replay_goes_through_the_gate_again_under_the_mended_mapping(on_both: Desk) -> None:
    on_both.bring({"id": 1, "holds": ["unknown_value"]})
    assert on_both.state("1") == "held"
    mend = on_both.mapper.apply
    on_both.mapper.apply = lambda value: mend({k: v for k, v in value.items() if k != "holds"})  # type: ignore[method-assign]
    decide(on_both.book, on_both.row("1").reference, Verb.REPLAY, by="Uji")
    assert on_both.state("1") == "received"
    on_both.gate()
    assert on_both.state("1") == "ready"
    assert on_both.row("1").current_version == 2


def test_what_cannot_be_read_is_never_let_out_by_a_detour(own: Desk) -> None:
    """quarantined → withdrawn → held → ready would send a complaint that has no text."""
    own.bring({"id": 1, "fault": "empty"})
    reference = own.row("1").reference
    decide(own.book, reference, Verb.WITHDRAW, by="Uji", reason="keliru")
    decide(own.book, reference, Verb.RESTORE, by="Uji", reason="tidak keliru")
    with pytest.raises(NotAllowedError) as refused:
        decide(own.book, reference, Verb.RELEASE, by="Uji")
    assert "replay" in refused.value.cure
    own.mapper.apply = lambda value: type(own.mapper).apply(own.mapper, {"id": value["id"]})  # type: ignore[method-assign]
    decide(own.book, reference, Verb.REPLAY, by="Uji")
    own.gate()
    assert own.state("1") == "ready"


def test_a_finding_is_accepted_with_a_reason_and_a_disappearance_is_then_recorded(on_both: Desk) -> None:
    from lapor_gateway.book.findings import FindingKind, raise_finding

    reference = standing(on_both, "1", State.ACCEPTED)
    with on_both.book.write() as connection:
        raise_finding(
            on_both.book,
            connection,
            FindingKind.MISSING_AT_SOURCE,
            reference,
            "uji.kanal",
            {"source_id": "1"},
        )
    (finding,) = on_both.query("SELECT id FROM findings")
    with pytest.raises(ConfigurationError):
        accept_finding(on_both.book, finding.id, by="Uji", reason=" ")
    with pytest.raises(NotFoundError):
        accept_finding(on_both.book, 999, by="Uji", reason="x")
    for _ in range(2):
        accept_finding(on_both.book, finding.id, by="Uji", reason="dihapus oleh admin daerah")
    assert on_both.row("1").disappeared_at is not None
    assert on_both.kinds("1").count("finding_accepted") == 1
    assert on_both.query("SELECT state FROM findings")[0].state == "accepted"


def test_the_one_switch_is_written_down_with_its_person(own: Desk) -> None:
    set_push(own.book, False, by="Uji")
    set_push(own.book, True, by="Uji")
    rows = own.query("SELECT kind, actor FROM ledger_entries WHERE subject = 'book' ORDER BY seq")
    assert [row.kind for row in rows] == ["push_off", "push_on"]
    assert {row.actor[:7] for row in rows} == {"person:"}


def test_an_accepted_double_keeps_its_state_and_number_and_the_relation_alone_is_written(
    on_both: Desk,
) -> None:
    own = on_both
    own.bring({"id": 1}, {"id": 2})
    for identifier, number in (("1", "9000001"), ("2", "9000002")):
        decide(own.book, own.row(identifier).reference, Verb.ADOPT, by="Sri", number=number)
    first, second = own.row("1"), own.row("2")
    decide(own.book, second.reference, Verb.LINK, by="Sri", other=first.reference)
    shown = find_complaint(own.book, second.reference)
    assert (shown.state, shown.tracking_id, shown.linked_to) == ("accepted", "9000002", first.id)
    assert own.kinds("2")[-1] == "link"
    own.bring({"id": 3})
    with pytest.raises(NotAllowedError, match="already belongs"):  # its number is still its own
        decide(own.book, own.row("3").reference, Verb.ADOPT, by="Sri", number="9000002")
    decide(own.book, second.reference, Verb.SPLIT, by="Sri")
    assert find_complaint(own.book, second.reference).linked_to is None
    with pytest.raises(NotAllowedError, match="is accepted: `split` is not possible"):
        decide(own.book, second.reference, Verb.SPLIT, by="Sri")


def test_a_number_finds_the_complaint_and_those_that_are_linked_to_it(on_both: Desk) -> None:
    own = on_both
    own.bring({"id": 1}, {"id": 2}, {"id": 3})
    decide(own.book, own.row("2").reference, Verb.LINK, by="Sri", other=own.row("1").reference)
    decide(own.book, own.row("1").reference, Verb.ADOPT, by="Sri", number="9000001")
    for wanted in (ComplaintFilter(tracking_id="9000001"), ComplaintFilter(q="9000001")):
        rows, _ = list_complaints(own.book, wanted)
        assert [(one.source_id, one.tracking_id) for one in rows] == [("2", "9000001"), ("1", "9000001")]
