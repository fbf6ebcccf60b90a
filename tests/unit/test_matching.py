"""A number is adopted for the text as a person retypes it, and for no other."""

import html

import pytest

from lapor_gateway.domain.matching import Difference, differences, is_claimed_rightly, retyped_alike
from lapor_gateway.domain.reference import Reference

OURS = "Lampu jalan di depan SDN 2 Sukolilo padam sejak hari Senin, mohon segera diperbaiki karena rawan kecelakaan."


@pytest.mark.parametrize(
    "theirs",
    [
        OURS,
        OURS.upper(),
        OURS.replace(",", "").replace(".", ""),
        f"  {html.escape(OURS)}\r\n",
        OURS.replace("Senin", "senen").replace("mohon", "mhon"),
        OURS.replace(" ", "\n"),
        f"[Nomor Tiket: 1234567]. {OURS}",
        f"Laporan warga melalui aplikasi daerah.\n\n{OURS}\n\nDemikian laporan ini kami sampaikan.",
    ],
)
def test_a_text_retyped_by_hand_is_the_same_report(theirs: str) -> None:
    assert retyped_alike(OURS, theirs)


@pytest.mark.parametrize(
    "theirs",
    [
        "",
        "-",
        "Jalan di Desa Kebonsari berlubang dan membahayakan pengendara sepeda motor pada malam hari.",
        "Sampah di pasar menumpuk selama seminggu dan menimbulkan bau yang tidak sedap bagi pedagang.",
        "Lampu",
    ],
)
def test_another_text_is_another_report(theirs: str) -> None:
    assert not retyped_alike(OURS, theirs)


def test_a_short_text_inside_a_long_one_tells_nothing() -> None:
    assert not retyped_alike("Jalan rusak", f"{OURS} Jalan rusak pula di sana.")


def test_an_empty_text_is_like_no_other() -> None:
    assert not retyped_alike("", "")
    assert not retyped_alike("...", "...")


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ("Lampu padam", "Lampu &amp;  padam", [("", "&")]),
        ("Lampu jalan padam", "Lampu  jalan\npadam", []),
        ("satu dua tiga", "satu tiga empat", [("dua", ""), ("", "empat")]),
        ("", "teks", [("", "teks")]),
    ],
)
def test_differences_are_told_word_by_word_as_a_look_up_compares(
    ours: str, theirs: str, found: list[tuple[str, str]]
) -> None:
    assert differences(ours, theirs) == [Difference(*one) for one in found]


def test_long_texts_differ_in_bounded_time_and_number() -> None:
    assert len(differences("a b " * 20_000, "a c " * 20_000)) <= 50


def test_a_claimed_number_is_right_by_the_text_as_it_came_or_as_it_is_now() -> None:
    body, own = "Lampu jalan di depan pasar padam sejak minggu lalu.", Reference("LG-AAAA-BBBB-CCCC")
    other = f"[Rujukan LG-DDDD-EEEE-FFFF]\n{body}"
    assert is_claimed_rightly(own, body, body.upper())
    assert is_claimed_rightly(own, body, "Sampah menumpuk.", body)
    assert is_claimed_rightly(own, body, f"[Rujukan {own}]\n{body}")
    assert not is_claimed_rightly(own, body, other, body)
    assert not is_claimed_rightly(own, body, "Sampah menumpuk.")
