"""Which addresses the gateway may connect to, and how long it waits when asked to."""

from datetime import UTC, datetime
from ipaddress import ip_address

import httpx
import pytest

from lapor_gateway.outgoing import is_allowed, retry_after

NOW = datetime(2026, 8, 6, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "with_private", "public_only"),
    [
        ("8.8.8.8", True, True),
        ("2606:4700::1", True, True),
        ("10.0.0.5", True, False),
        ("192.168.1.1", True, False),
        ("127.0.0.1", True, False),
        ("::1", True, False),
        ("fd00::1", True, False),
        ("100.64.1.1", True, False),
        ("::ffff:10.0.0.1", True, False),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("2002:a9fe:a9fe::1", False, False),
        ("fd00:ec2::254", False, False),
        ("100.100.100.200", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),
        ("0.1.2.3", False, False),
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("255.255.255.255", False, False),
        ("240.0.0.1", False, False),
    ],
)
def test_only_decent_addresses_are_connected_to(address: str, with_private: bool, public_only: bool) -> None:
    assert is_allowed(ip_address(address), allow_private=True) is with_private
    assert is_allowed(ip_address(address), allow_private=False) is public_only


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Thu, 06 Aug 2026 03:00:30 GMT", 30.0),
        ("Thu, 06 Aug 2026 02:00:00 GMT", 0.0),
        ("Thu, 06 Aug 2026 02:00:00", None),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(httpx.Headers({"Retry-After": value}), NOW) == seconds
