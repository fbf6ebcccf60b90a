"""Fixtures that any test may ask for, marks by folder, and the list of what this machine could not run."""

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.support.absence import AbsentError, missing
from tests.support.databases import Server
from tests.support.mariadb import find_mariadb
from tests.support.migrated import lay_tables, migrated_template
from tests.support.postgres import find_postgres
from tests.support.scratch import scratch_root

HERE = Path(__file__).parent
FOLDERS = frozenset({"unit", "integration", "faults", "conformance", "browser", "bench"})
ORIGINS = pytest.StashKey[dict[str, set[str]]]()

# Two noisy cores: a slow example is no fault. In CI the same examples every time, so that red means a change.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("soak", deadline=None, max_examples=5_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "here")
)


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(scratch_root()))  # where pytest makes its own folders
    config.stash[ORIGINS] = defaultdict(set)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three processes on two cores: tests of outages and kills wait for most of their time."""
    return max(1, (os.cpu_count() or 1) * 3 // 2)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of several tells the one that reports where its servers came from."""
    if hasattr(session.config, "workeroutput"):
        found = session.config.stash[ORIGINS]
        session.config.workeroutput["origins"] = {what: sorted(origins) for what, origins in found.items()}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    for what, origins in getattr(node, "workeroutput", {}).get("origins", {}).items():
        node.config.stash[ORIGINS][what] |= set(origins)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks each test with the folder it lies in, so that `-m unit` and the like select."""
    for item in items:
        folder = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
        if folder in FOLDERS:
            item.add_marker(folder)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says where the servers came from, and by name what was skipped and why."""
    for what, origins in config.stash[ORIGINS].items():
        terminalreporter.write_line(f"{what}: {', '.join(sorted(origins))}")
    by_reason: dict[str, list[str]] = defaultdict(list)
    for report in terminalreporter.stats.get("skipped", ()):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        by_reason[reason.removeprefix("Skipped: ")].append(report.nodeid)
    if by_reason:
        terminalreporter.section("skipped on this machine")
    for reason, names in by_reason.items():
        terminalreporter.write_line(reason)
        for name in names:
            terminalreporter.write_line(f"    {name}")


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A PostgreSQL on which databases can be made; skips (fails with CI=true) where none is to be had."""
    try:
        server = find_postgres()
    except AbsentError as absent:
        missing("PostgreSQL", str(absent))
    request.config.stash[ORIGINS]["PostgreSQL"].add(server.origin)
    yield server
    server.close()


@pytest.fixture(scope="session")
def mariadb_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A MariaDB on which databases can be made; skips (fails with CI=true) where none is to be had."""
    try:
        server = find_mariadb()
    except AbsentError as absent:
        missing("MariaDB", str(absent))
    request.config.stash[ORIGINS]["MariaDB"].add(server.origin)
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """One PostgreSQL database for the whole session, as SQLAlchemy URL."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url(mariadb_server: Server) -> Iterator[str]:
    """One MariaDB database for the whole session, as SQLAlchemy URL."""
    with mariadb_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Server) -> Iterator[str]:
    """The database with the book's tables that the tests' own ones are copies of (its name)."""
    with migrated_template(postgres_server) as name:
        yield name


@pytest.fixture
def fresh_postgres_url(postgres_server: Server, postgres_template: str) -> Iterator[str]:
    """A PostgreSQL database of this test alone with the book's tables, nothing in them (SQLAlchemy URL)."""
    with postgres_server.database(postgres_template) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: Server) -> Iterator[str]:
    """An empty PostgreSQL database of this test alone (SQLAlchemy URL)."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def fresh_mariadb_url(mariadb_server: Server) -> Iterator[str]:
    """An empty MariaDB database of this test alone (SQLAlchemy URL)."""
    with mariadb_server.database() as url:
        yield url


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """An SQLite file of this test alone, not yet there (SQLAlchemy URL)."""
    return f"sqlite:///{tmp_path / 'book.db'}"


@pytest.fixture
def sqlite_url(empty_sqlite_url: str) -> str:
    """An SQLite file of this test alone with the book's tables, nothing in them (SQLAlchemy URL)."""
    lay_tables(empty_sqlite_url)
    return empty_sqlite_url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A test's own database with the book's tables, once on SQLite and once on PostgreSQL (SQLAlchemy URL)."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "fresh_postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of this test alone, once on SQLite and once on PostgreSQL (SQLAlchemy URL)."""
    fixture = {"sqlite": "empty_sqlite_url", "postgresql": "empty_postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url
