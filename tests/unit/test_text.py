"""Text is cleaned without losing a citizen's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapor_gateway.domain.text import TITLE_LENGTH, clean, plain_text, title_from


@pytest.mark.parametrize(
    ("raw", "cleaned", "rule"),
    [
        ("  jalan rusak \n", "jalan rusak", None),
        ("a\r\nb\rc", "a\nb\nc", None),
        ("a\tb\nc", "a\tb\nc", None),
        ("da\x00tang", "datang", "nul"),
        ("bel\x07 \x1b[0m", "bel [0m", "control"),
        ("cafe\u0301", "café", None),
        ("bagus 👍🏽 \u200d", "bagus 👍🏽 \u200d", None),
        ("rusak \ud83d", "rusak", "control"),
        ("x" * 200 + "\x00", "x" * 200, "nul"),
        ("\x00", "", "nul"),
    ],
)
def test_controls_go_and_everything_else_stays(raw: str, cleaned: str, rule: str | None) -> None:
    assert clean(raw) == (cleaned, rule)


@given(st.text())
def test_what_is_clean_can_be_stored_and_is_clean_for_good(raw: str) -> None:
    cleaned, _ = clean(raw)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert clean(cleaned) == (cleaned, None)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Jalan</p><p>rusak &amp; gelap</p>", "Jalan\n\nrusak & gelap"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>satu</li><li>dua</li></ul>", "- satu\n\n- dua"),
        ("<b>tebal</b> <i class='x'>miring</i>", "tebal miring"),
        ("x<script>alert('<b>')</script>y", "x\ny"),
        ("x<style>p{}</STYLE >y", "x\ny"),
        ("x<!-- catatan -->y", "xy"),
        ("3 < 5 dan 7 > 2", "3 < 5 dan 7 > 2"),
        ("di depan <pasar> itu", "di depan <pasar> itu"),
        ("potong <b", "potong"),
        ("<script>tidak ditutup, jalan rusak", "tidak ditutup, jalan rusak"),
        ("<!-- tidak ditutup", "tidak ditutup"),
        ("<o:p>Word</o:p>", "Word"),
        ("tanpa tag &lt;b&gt;", "tanpa tag <b>"),
        ("polos", "polos"),
    ],
)
def test_html_becomes_what_a_person_reads(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@given(st.text(alphabet="<>/!-&;abps cript\n"))
def test_no_markup_makes_it_fail(markup: str) -> None:
    plain_text(markup)


@pytest.mark.parametrize("piece", ["<script>", "<!--", "<b ", "<", "<3 ", "&#"])
def test_its_time_grows_with_the_length_only(piece: str) -> None:
    plain_text(piece * 100_000)


def test_a_title_is_the_bodys_first_words() -> None:
    assert title_from("Jalan rusak\nparah") == "Jalan rusak parah"
    long = title_from("Jalan di depan pasar besar kota rusak berat, " * 10)
    assert long == "Jalan di depan pasar besar kota rusak berat, Jalan di depan pasar besar kota…"
    assert len(title_from("x" * 500)) == TITLE_LENGTH


@given(st.text(min_size=1).map(str.strip).filter(bool))
def test_a_made_title_is_one_short_line(body: str) -> None:
    title = title_from(body)
    assert 0 < len(title) <= TITLE_LENGTH
    assert len(title.splitlines()) == 1
