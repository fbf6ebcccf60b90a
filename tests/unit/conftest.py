"""Keeps the unit tests pure: one that opens a connection fails at once."""

import socket
from collections.abc import Iterator
from typing import NoReturn

import pytest


def _refuse(*_: object) -> NoReturn:
    raise AssertionError("a unit test has no I/O; a test that connects belongs in tests/integration")


@pytest.fixture(autouse=True, scope="module")
def _no_connections() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _refuse)
        patch.setattr(socket.socket, "connect_ex", _refuse)
        yield
