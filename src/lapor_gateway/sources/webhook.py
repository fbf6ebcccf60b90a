"""The family `webhook`: whether a message is the application's own, and the records in it. Pure."""

import hashlib
import hmac
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec
from standardwebhooks import Webhook

from lapor_gateway.errors import ConfigurationError
from lapor_gateway.sources.json_records import RecordReader
from lapor_gateway.sources.port import RawRecord
from lapor_gateway.sources.settings import (
    BearerVerify,
    HmacVerify,
    StandardWebhooksVerify,
    Verify,
    WebhookSettings,
    secret_name,
)

TOLERANCE = timedelta(minutes=5)
"""How far a signed message's time may lie from ours (Standard Webhooks)."""


class Verified(msgspec.Struct, frozen=True):
    """The application sent it. Without an id of its own, a message is known by the digest of its body."""

    message_id: str


class Refused(msgspec.Struct, frozen=True):
    """Nothing shows that the application sent it; `reason` is for the operator, not for the sender."""

    reason: str


def verify(
    settings: WebhookSettings,
    headers: Mapping[str, str],
    body: bytes,
    secrets: Callable[[str], str],
    now: datetime,
) -> Verified | Refused:
    """Whether `body` with `headers` (any case) is the application's own, by one of the manifest's secrets.

    All comparisons take the same time whatever differs. `now` must be timezone-aware. Raises what `secrets`
    raises, and `ConfigurationError` for a stored secret of the wrong form.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    reason = _reason_to_refuse(settings.verify, lowered, body, secrets, now)
    if reason:
        return Refused(reason)
    told = lowered.get(settings.message_id.lower(), "").strip()
    return Verified(told or f"body:{hashlib.sha256(body).hexdigest()}")


def _reason_to_refuse(
    how: Verify, headers: Mapping[str, str], body: bytes, secrets: Callable[[str], str], now: datetime
) -> str:
    match how:
        case StandardWebhooksVerify(secret=references):
            return _standard(headers, body, _values(references, secrets), now)
        case HmacVerify(secret=references):
            return _hmac(how, headers, body, _values(references, secrets))
        case BearerVerify(token=references):
            return _bearer(headers, _values(references, secrets))


def records(settings: WebhookSettings, body: bytes) -> tuple[RawRecord, ...]:
    """The records of a message: a list, or one object. Raises `SourceFaultError` for any other body."""
    return _reader(settings.records).read(body, origin="The message").records


@lru_cache(maxsize=256)
def _reader(path: str) -> RecordReader:
    return RecordReader(path, one_or_many=True)


def _values(references: tuple[str, ...], secrets: Callable[[str], str]) -> dict[str, str]:
    """Secret's name → value, for each reference."""
    return {name: secrets(name).strip() for reference in references if (name := secret_name(reference))}


def _standard(headers: Mapping[str, str], body: bytes, values: Mapping[str, str], now: datetime) -> str:
    """The reason to refuse, or "" (https://www.standardwebhooks.com, "Verifying webhook authenticity")."""
    message_id, stamp, signatures = (
        headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    if not (message_id and stamp and signatures):
        return "the headers webhook-id, webhook-timestamp and webhook-signature are not all there"
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return "webhook-timestamp is no number of seconds"
    sent_at = datetime.fromtimestamp(int(stamp), tz=UTC)
    if abs(now - sent_at) > TOLERANCE:
        return "webhook-timestamp is more than 5 minutes from our clock"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "the body is no UTF-8"
    given = [signature.encode() for signature in signatures.split(" ") if signature.startswith("v1,")]
    expected = [_sign(name, value, message_id, sent_at, text) for name, value in values.items()]
    return "" if _any_equal(given, expected) else "no signature fits"


def _sign(name: str, value: str, message_id: str, sent_at: datetime, text: str) -> bytes:
    try:
        return Webhook(value).sign(message_id, sent_at, text).encode()
    except Exception:  # the library raises what base64 raises, and a bare class of its own
        raise ConfigurationError(
            f"The secret {name} is no Standard Webhooks secret.",
            cure=f'It begins with "whsec_" and goes on in base64: lapor-gateway secrets set {name}',
        ) from None


def _hmac(settings: HmacVerify, headers: Mapping[str, str], body: bytes, values: Mapping[str, str]) -> str:
    given = headers.get(settings.header.lower(), "").strip()
    if not given:
        return f"the header {settings.header} is missing"
    given = given.removeprefix(f"{settings.algorithm}=")
    try:
        signature = bytes.fromhex(given) if settings.encoding == "hex" else b64decode(given, validate=True)
    except (ValueError, Base64Error):
        return f"the header {settings.header} is not written in {settings.encoding}"
    expected = [hmac.digest(value.encode(), body, settings.algorithm) for value in values.values()]
    return "" if _any_equal([signature], expected) else "no signature fits"


def _bearer(headers: Mapping[str, str], values: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return "the header Authorization: Bearer is missing"
    expected = [value.encode() for value in values.values() if value]
    return "" if _any_equal([token.strip().encode()], expected) else "the token is another one"


def _any_equal(given: list[bytes], expected: list[bytes]) -> bool:
    """Whether any of `given` is any of `expected`; every pair is compared, each in constant time."""
    equal = [hmac.compare_digest(one, other) for one in given for other in expected]
    return any(equal)
