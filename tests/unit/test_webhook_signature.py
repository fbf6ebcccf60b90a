"""A message is believed only with a fitting signature, and is known by an id either way."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from lapor_gateway.errors import ConfigurationError, SourceFaultError
from lapor_gateway.sources.settings import WebhookSettings
from lapor_gateway.sources.webhook import Refused, Verified, records, verify

NOW = datetime(2026, 8, 6, 3, 0, tzinfo=UTC)
BODY = '{"id": "WA-17", "text": "Jalan rusak 🙏"}'.encode()
SECRETS = {
    "kota/lama": "whsec_" + base64.b64encode(b"l" * 24).decode(),
    "kota/baru": "whsec_" + base64.b64encode(b"b" * 24).decode(),
    "kota/kunci": "kunci-aplikasi",
    "kota/rusak": "whsec_!",
}

Headers = dict[str, str]


def settings(**how: Any) -> WebhookSettings:
    return WebhookSettings.model_validate({"verify": how})


STANDARD = settings(kind="standard-webhooks", secret=["secret:kota/lama", "secret:kota/baru"])
BEARER = settings(kind="bearer", token="secret:kota/kunci")


def signed(secret: str, *, body: bytes = BODY, at: datetime = NOW, message: str = "msg_1") -> Headers:
    return {
        "Webhook-Id": message,
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(SECRETS[secret]).sign(message, at, body.decode()),
    }


def outcome(how: WebhookSettings, headers: Headers, body: bytes = BODY) -> Verified | Refused:
    return verify(how, headers, body, SECRETS.__getitem__, NOW)


@pytest.mark.parametrize("secret", ["kota/lama", "kota/baru"])
def test_any_of_several_secrets_fits_while_one_replaces_the_other(secret: str) -> None:
    assert outcome(STANDARD, signed(secret)) == Verified("msg_1")


def test_one_of_several_signatures_is_enough() -> None:
    headers = signed("kota/baru")
    headers["Webhook-Signature"] = f"v1a,xyz v1,AAAA {headers['Webhook-Signature']}"
    assert outcome(STANDARD, headers) == Verified("msg_1")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda headers: headers.pop("Webhook-Id"), "not all there"),
        (lambda headers: headers.pop("Webhook-Signature"), "not all there"),
        (lambda headers: headers.update({"Webhook-Id": "msg_2"}), "no signature fits"),
        (lambda headers: headers.update({"Webhook-Signature": "v1,!!!"}), "no signature fits"),
        (lambda headers: headers.update({"Webhook-Signature": "x"}), "no signature fits"),
        (lambda headers: headers.update({"Webhook-Timestamp": "kemarin"}), "no number"),
        (lambda headers: headers.update({"Webhook-Timestamp": "9" * 30}), "no number"),
    ],
)
def test_a_message_without_a_fitting_signature_is_refused(
    change: Callable[[Headers], None], reason: str
) -> None:
    headers = signed("kota/baru")
    change(headers)
    refused = outcome(STANDARD, headers)
    assert isinstance(refused, Refused)
    assert reason in refused.reason


@pytest.mark.parametrize(
    ("seconds", "believed"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)]
)
def test_a_message_is_believed_for_five_minutes(seconds: int, believed: bool) -> None:
    headers = signed("kota/baru", at=NOW + timedelta(seconds=seconds))
    assert isinstance(outcome(STANDARD, headers), Verified) is believed


@given(st.binary(max_size=40))
def test_no_other_body_passes_with_a_signature(body: bytes) -> None:
    if body != BODY:
        assert isinstance(outcome(STANDARD, signed("kota/baru"), body), Refused)


@given(
    st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "authorization"]), st.text()
    )
)
def test_headers_of_any_kind_are_refused_without_a_crash(headers: Headers) -> None:
    for how in (
        STANDARD,
        BEARER,
        settings(kind="hmac", header="webhook-signature", secret="secret:kota/kunci"),
    ):
        assert isinstance(outcome(how, headers), Refused)


def test_a_secret_of_the_wrong_form_is_named_and_not_shown() -> None:
    how = settings(kind="standard-webhooks", secret="secret:kota/rusak")
    with pytest.raises(ConfigurationError, match="kota/rusak") as caught:
        outcome(how, signed("kota/baru"))
    assert "whsec_!" not in str(caught.value)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
@pytest.mark.parametrize("prefixed", [True, False])
def test_a_plain_hmac_header_is_understood_in_its_usual_forms(
    algorithm: str, encoding: str, prefixed: bool
) -> None:
    digest = hmac.new(SECRETS["kota/kunci"].encode(), BODY, algorithm).digest()
    text = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
    how = settings(
        kind="hmac", header="X-Signature", secret="secret:kota/kunci", algorithm=algorithm, encoding=encoding
    )
    headers = {"x-signature": f"{algorithm}={text}" if prefixed else text, "webhook-id": "17"}
    assert outcome(how, headers) == Verified("17")
    assert isinstance(outcome(how, headers, BODY + b" "), Refused)


@pytest.mark.parametrize("signature", ["", "zz", "ab", "é" * 8])
def test_a_plain_hmac_header_that_does_not_fit_is_refused(signature: str) -> None:
    how = settings(kind="hmac", header="X-Signature", secret="secret:kota/kunci")
    assert isinstance(outcome(how, {"X-Signature": signature}), Refused)


@pytest.mark.parametrize(
    ("header", "believed"),
    [
        ("Bearer kunci-aplikasi", True),
        ("bearer kunci-aplikasi", True),
        ("Bearer kunci", False),
        ("kunci-aplikasi", False),
        ("", False),
    ],
)
def test_a_bearer_token_is_compared_whole(header: str, believed: bool) -> None:
    assert isinstance(outcome(BEARER, {"Authorization": header}), Verified) is believed


def test_a_message_without_an_id_is_known_by_its_body() -> None:
    verified = outcome(BEARER, {"Authorization": "Bearer kunci-aplikasi"})
    assert verified == Verified(f"body:{hashlib.sha256(BODY).hexdigest()}")


def test_the_manifest_says_which_header_names_the_message() -> None:
    how = WebhookSettings.model_validate(
        {"verify": {"kind": "bearer", "token": "secret:kota/kunci"}, "message_id": "X-Event"}
    )
    assert outcome(how, {"authorization": "Bearer kunci-aplikasi", "x-event": " e-9 "}) == Verified("e-9")


@pytest.mark.parametrize(
    ("path", "body", "raws"),
    [
        ("@", b' {"id": 1} ', [b'{"id": 1}']),
        ("@", b'[{"id": 1}, {"id":2}]', [b'{"id": 1}', b'{"id":2}']),
        ("data", b'{"data": {"id": 1.50}}', [b'{"id":1.5}']),
        ("data.items", b'{"data": {"items": [{"id": 1.50}]}}', [b'{"id": 1.50}']),
    ],
)
def test_a_message_holds_one_record_or_several(path: str, body: bytes, raws: list[bytes]) -> None:
    how = BEARER.model_copy(update={"records": path})
    assert [record.raw for record in records(how, body)] == raws


@pytest.mark.parametrize("body", [b"", b"null", b"17", b'{"id": ', b"<html>", b"[" * 100_000, b'"\xff"'])
def test_a_body_that_holds_no_record_is_a_fault(body: bytes) -> None:
    with pytest.raises(SourceFaultError, match="The message"):
        records(BEARER, body)
