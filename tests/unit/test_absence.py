"""What a machine lacks is a skip that names it, and a failure where everything must be there."""

import pytest

from tests.support.absence import AbsentError, missing
from tests.support.databases import first_found


def absent(why: str) -> object:
    def find() -> object:
        raise AbsentError(why)

    return find


def test_a_missing_server_skips_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="needs PostgreSQL: nobody answers"):
        missing("PostgreSQL", "nobody answers")


def test_a_missing_server_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="needs PostgreSQL: nobody answers"):
        missing("PostgreSQL", "nobody answers")


def test_the_first_way_that_leads_somewhere_wins() -> None:
    server = object()
    assert first_found([("port", absent("closed")), ("wheel", lambda: server)]) is server


def test_every_way_that_failed_is_named() -> None:
    with pytest.raises(AbsentError, match=r"^port: closed; wheel: not installed$"):
        first_found([("port", absent("closed")), ("wheel", absent("not installed"))])
