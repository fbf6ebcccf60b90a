"""The database fixtures themselves: where the servers come from, and what happens where there are none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.support import mariadb, postgres
from tests.support.absence import AbsentError
from tests.support.databases import Server
from tests.support.processes import free_port

ROOT = Path(__file__).parents[2]


def tables_after_making_one(url: str) -> list[str]:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE first (id INTEGER)"))
    names = inspect(engine).get_table_names()
    engine.dispose()
    return names


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_gets_an_empty_database(empty_database_url: str, turn: int) -> None:
    assert tables_after_making_one(empty_database_url) == ["first"]


def test_mariadb_keeps_four_byte_characters(fresh_mariadb_url: str) -> None:
    engine = create_engine(fresh_mariadb_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE pesan (isi VARCHAR(20))"))
        connection.execute(text("INSERT INTO pesan VALUES (:isi)"), {"isi": "jalan rusak 🚧"})
        assert connection.execute(text("SELECT isi FROM pesan")).scalar() == "jalan rusak 🚧"
    engine.dispose()


def test_a_session_database_is_another_than_a_fresh_one(postgres_url: str, empty_postgres_url: str) -> None:
    assert postgres_url != empty_postgres_url


def test_a_dropped_database_is_gone_even_while_somebody_is_connected(postgres_server: Server) -> None:
    with postgres_server.database() as url:
        engine = create_engine(url)
        connection = engine.connect()
    with pytest.raises(Exception, match=r"terminat|closed|does not exist"):
        connection.execute(text("SELECT 1"))
    connection.invalidate()
    engine.dispose()


@pytest.mark.parametrize("way", ["binaries", "wheel"])
def test_a_private_postgres_can_be_started(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPOR_GATEWAY_TEST_POSTGRES_FROM", way)
    try:
        server = postgres.find_postgres()
    except AbsentError as absent:
        if way == "wheel":
            raise
        pytest.skip(f"optional, not installed here: {absent}")
    try:
        with server.database() as url:
            assert tables_after_making_one(url) == ["first"]
    finally:
        server.close()


def test_a_private_mariadb_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPOR_GATEWAY_TEST_MARIADB_FROM", "binaries")
    try:
        server = mariadb.find_mariadb()
    except AbsentError as absent:
        pytest.skip(f"optional, not installed here: {absent}")
    try:
        with server.database() as url:
            assert tables_after_making_one(url) == ["first"]
    finally:
        server.close()


def run_pytest_without_servers(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The fixtures' own tests in another pytest, whose standard ports lead nowhere."""
    port = str(free_port())
    nowhere = {
        "LAPOR_GATEWAY_TEST_POSTGRES_PORT": port,
        "LAPOR_GATEWAY_TEST_MARIADB_PORT": port,
        "LAPOR_GATEWAY_TEST_POSTGRES_FROM": "port",
        "LAPOR_GATEWAY_TEST_MARIADB_FROM": "port",
    }
    names = "each_test_gets_an_empty_database or four_byte"
    return subprocess.run(
        [sys.executable, "-m", "pytest", __file__, "-k", names, "-p", "no:cacheprovider", *words],
        cwd=ROOT,
        env={**os.environ, **nowhere, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("processes", ["0", "2"])
def test_without_servers_tests_are_skipped_by_name_and_reason(processes: str) -> None:
    done = run_pytest_without_servers("-n", processes, CI="")
    assert done.returncode == 0, done.stdout
    assert "skipped on this machine" in done.stdout
    assert "needs PostgreSQL: port: 127.0.0.1:" in done.stdout
    assert "    tests/integration/test_servers.py::test_mariadb_keeps_four_byte_characters" in done.stdout
    assert "2 passed, 3 skipped" in done.stdout


def test_with_ci_true_a_missing_server_is_a_failure() -> None:
    done = run_pytest_without_servers(CI="true")
    assert done.returncode == 1, done.stdout
    assert "needs MariaDB: port: 127.0.0.1:" in done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1]
