"""A number is adopted for the text as a person retypes it, and for no other."""

import html

import pytest

from lapor_gateway.domain.matching import retyped_alike

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
