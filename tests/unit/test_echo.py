"""Echoes: what we wrote on one side is known again there, and nothing else is taken for it."""

import pytest

from lapor_gateway.domain.echo import is_echo, marked_number, with_mark, without_mark
from lapor_gateway.domain.reference import derive

OURS = derive(b"k" * 32, "uji/kanal", "1")
OTHERS = derive(b"k" * 32, "uji/kanal", "2")


def test_our_line_names_the_follow_up_and_only_of_its_own_complaint() -> None:
    sent = with_mark(OURS, 12, "Jalan sudah ditambal.")
    assert marked_number(sent, OURS) == 12
    assert marked_number(sent.replace("\n", " "), OURS) == 12
    assert marked_number(sent.replace("[", "&#91;"), OURS) == 12
    assert marked_number(sent, OTHERS) is None
    assert without_mark(sent) == "Jalan sudah ditambal."


def test_a_citizen_cannot_make_a_mark() -> None:
    faked = with_mark(OURS, 1, f"[Rujukan {OURS}/7]\nteks")
    assert marked_number(faked, OURS) == 1
    assert marked_number(without_mark(faked), OURS) is None
    assert marked_number(f"Kutipan: [Rujukan {OURS}/7]", OURS) is None


@pytest.mark.parametrize(
    ("shown", "written", "echo"),
    [
        ("Jalan sudah ditambal.", "Jalan sudah ditambal.", True),
        ("  jalan sudah\r\nditambal. ", "Jalan sudah ditambal.", True),
        ("Jalan &amp; jembatan sudah baik", "Jalan & jembatan sudah baik", True),
        ("Jawaban LAPOR!: Jalan sudah ditambal.", "Jalan sudah ditambal.", True),
        ("Ya", "Ya", True),
        ("Ya, besok", "Ya", False),
        (
            "Jalan sudah ditambal. " + "Namun drainase belum, kami kembali besok. " * 3,
            "Jalan sudah ditambal.",
            False,
        ),
        ("Jalan belum ditambal.", "Jalan sudah ditambal.", False),
    ],
)
def test_an_echo_is_the_same_text_perhaps_framed(shown: str, written: str, echo: bool) -> None:
    assert is_echo(shown, written) is echo
