"""What a log line may hold: nothing of a person, nothing that opens a door."""

import json
import logging

import pytest

from lapor_gateway.log_lines import MARK, redacted
from lapor_gateway.observability import Logger, start_logging, where


@pytest.mark.parametrize(
    "text",
    [
        "3572010101900001",
        "3572 0101 0190 0001",
        "081234567890",
        "+62 812-3456-7890",
        "budi.santoso@contoh.example",
        "Bearer abcdef123456",
        "lgk_0a1b2c_abc-DEF",
        "whsec_Y29udG9o",
    ],
)
def test_identities_and_credentials_are_taken_out_wherever_they_stand(text: str) -> None:
    event = {"event": f"seen {text} today", "deep": {"list": [f"<{text}>"]}}
    cleaned = json.dumps(redacted(None, "info", event))
    assert text not in cleaned
    assert MARK in cleaned


@pytest.mark.parametrize(
    "key", ["authorization", "Cookie", "X-Api-Key", "token", "password", "auth", "client_secret"]
)
def test_a_value_under_a_credentials_name_is_never_shown(key: str) -> None:
    assert redacted(None, "info", {"headers": {key: "x"}}) == {"headers": {key: MARK}}


def test_numbers_and_words_of_ours_stay_readable() -> None:
    event = {
        "event": "pulled",
        "channel": "tuban.aplikasi",
        "new": 400,
        "reference": "LG-0123-4567-89AB",
        "ok": True,
    }
    assert redacted(None, "info", event) == event


def test_an_exceptions_text_never_reaches_the_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    before = root.level
    try:
        start_logging("INFO")
        try:
            raise ValueError("Budi Santoso, Jalan Melati 5")
        except ValueError as error:
            Logger("ours").exception("broke")
            logging.getLogger("theirs").exception("broke, too")
            way = where(error)
    finally:
        root.setLevel(before)
    assert "test_logging.py" in way[-1]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["error"] for line in lines] == ["ValueError", "ValueError"]
    assert "Budi" not in json.dumps(lines)
