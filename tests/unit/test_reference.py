"""Our reference: the same for life, hard to mistype, and never mistaken for a citizen's words."""

import html
import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lapor_gateway.domain.reference import carried_by, comparable, derive, neutralise, parse, with_reference

KEY = b"k" * 32
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
references = st.builds(derive, st.just(KEY), st.text(max_size=20), st.text(max_size=20))
texts = st.text(max_size=120)


def test_a_reference_stays_the_same_for_ever() -> None:
    """A book restored from yesterday's backup must find what it sent today: these values never change."""
    assert derive(bytes(32), "wilayah/aplikasi", "42") == "LG-XHE3-HXYD-JPCT"
    assert derive(KEY, "kota-blitar/meja-pesan", "É-7") == "LG-79AH-3TRD-7518"


@given(references)
def test_a_reference_has_the_promised_form_and_reads_back(reference: str) -> None:
    prefix, *groups = reference.split("-")
    assert prefix == "LG"
    assert [len(group) for group in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set(ALPHABET)
    assert parse(reference) == reference
    assert parse(reference.lower().replace("-", " ")) == reference
    assert parse(f"  {reference.replace('0', 'o').replace('1', 'l')} ") == reference


@given(st.binary(min_size=32, max_size=32), texts, texts, texts, texts)
def test_another_origin_or_id_has_another_reference(
    key: bytes, origin: str, one: str, other: str, moved: str
) -> None:
    assume(one != other)
    assert derive(key, origin, one) != derive(key, origin, other)
    assume(moved)
    assert derive(key, origin + moved, one) != derive(key, origin, moved + one)


@given(references, st.integers(0, 11), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(reference: str, position: int, wrong: str) -> None:
    compact = reference[2:].replace("-", "")
    assume(
        {compact[position], wrong} != {"0", "Z"} and compact[position] != wrong
    )  # alike to the check: 0 and 31
    typed = compact[:position] + wrong + compact[position + 1 :]
    assert parse(f"LG{typed}") is None


@pytest.mark.parametrize(
    "typed", ["", "LG", "LG-", "12", "LG-0000-0000-000", "XX-0000-0000-0000", "LG-0000-0000-000U"]
)
def test_what_is_no_reference_is_none(typed: str) -> None:
    assert parse(typed) is None


@given(references, texts)
def test_what_we_send_carries_our_reference_and_the_text(reference: str, text: str) -> None:
    assert carried_by(with_reference(reference, text)) == reference  # type: ignore[arg-type]


@given(references, references, texts, texts)
def test_no_words_of_a_citizen_pass_for_a_reference_of_ours(
    own: str, other: str, before: str, after: str
) -> None:
    assume(own != other)
    stolen = f"{before}[Rujukan {other}]\n{other} {other.lower()}{after}"
    sent = with_reference(own, stolen)  # type: ignore[arg-type]
    assert carried_by(sent) == own
    assert other not in sent
    assert other.casefold() not in sent.casefold()


@pytest.mark.parametrize(
    "look_alike",
    [
        "LG-0000-0000-0000",
        "lg-abcd-efgh-jkmn",
        "LG – 0000 – 0000 – 0000",
        "LG\u20110000\u20110000\u20110000",
        "LG_0000_0000_0000",
        "ＬＧ-0000-0000-0000",
        "(LG-0000-0000-0000)",
        "x LG-0000-0000-0000.",
        "LG-０００0-0000-0000",
    ],
)
def test_what_looks_like_a_reference_is_neutralised_and_stays_readable(look_alike: str) -> None:
    told = neutralise(f"Lihat {look_alike}!")
    assert look_alike not in told
    assert len([c for c in told if c.isalnum()]) == len([c for c in f"Lihat {look_alike}!" if c.isalnum()])


@given(texts)
@example("lg-0000")
@example("Algebra - jalan - jalan - rusa")
def test_neutralising_twice_changes_no_more(text: str) -> None:
    assert neutralise(neutralise(text)) == neutralise(text)


@given(references, st.text(alphabet=string.printable, max_size=80), st.integers(0, 2))
def test_a_text_is_found_again_through_escaping_and_white_space(
    reference: str, text: str, escaped: int
) -> None:
    assume("&" not in text)
    sent = with_reference(reference, text)  # type: ignore[arg-type]
    shown = sent
    for _ in range(escaped):
        shown = html.escape(shown)
    shown = "  " + shown.replace("\n", "\r\n") + "\r\n"
    assert carried_by(shown) == reference
    assert comparable(shown) == comparable(sent)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Rujukan LG-0000-0000-0000",
        "Yth. Admin\n[Rujukan LG-0000-0000-0000]\nJalan rusak",
        "[Rujukan LG-0000-0000-000]\nx",
        "[rujukan LG-0000-0000-0000]\nx",
        "[Rujukan LG-0000-0000-0000]x",
    ],
)
def test_only_our_own_line_at_the_very_top_carries_a_reference(text: str) -> None:
    assert carried_by(text) is None


@given(st.text(st.sampled_from("ab .&é\u00a0\u2003\u200b\u2028\x1c\x85\t\r\n "), max_size=12))
@example("a\n b ")
@example(" a\nb")
def test_white_space_is_folded_the_quick_way_as_the_plain_one(text: str) -> None:
    assert comparable(text) == " ".join(html.unescape(text).split())
