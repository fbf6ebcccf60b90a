"""Finds a MariaDB (or MySQL) for the tests: a named one, the local port, or installed binaries."""

import functools
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pymysql
from sqlalchemy.engine import URL, make_url

from tests.support.absence import AbsentError
from tests.support.databases import Server, first_found
from tests.support.processes import DaemonFolder, free_port
from tests.support.scratch import scratch_folder
from tests.support.waiting import eventually

ALL_WAYS = "url,port,binaries"

_server = functools.partial(
    Server,
    create_statement="CREATE DATABASE {name} CHARACTER SET utf8mb4",
    drop_statement="DROP DATABASE IF EXISTS {name}",
)


def find_mariadb() -> Server:
    """The first MariaDB of LAPOR_GATEWAY_TEST_MARIADB_FROM (default: all ways); AbsentError if none."""
    ways = {"url": _from_url, "port": _from_port, "binaries": _from_binaries}
    wanted = os.environ.get("LAPOR_GATEWAY_TEST_MARIADB_FROM", ALL_WAYS)
    return first_found((name, ways[name]) for name in wanted.split(",") if name)


def connect(url: URL) -> Any:
    """An autocommit connection by an SQLAlchemy URL."""
    return pymysql.connect(
        host=url.host or "127.0.0.1",
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        autocommit=True,
        connect_timeout=3,
    )


def _from_url() -> Server:
    named = os.environ.get("LAPOR_GATEWAY_TEST_MARIADB_URL")
    if not named:
        raise AbsentError("LAPOR_GATEWAY_TEST_MARIADB_URL is not set")
    url = make_url(named).set(drivername="mysql+pymysql")
    connect(url).close()  # a server that was named must be there: its error is the test's error
    return _server(admin=url, origin="LAPOR_GATEWAY_TEST_MARIADB_URL", connect=connect)


def _from_port() -> Server:
    port = int(os.environ.get("LAPOR_GATEWAY_TEST_MARIADB_PORT", "3306"))
    url = _local_url(port)
    try:
        connect(url).close()
    except pymysql.MySQLError as error:
        raise AbsentError(f"127.0.0.1:{port}: {error}") from error
    return _server(admin=url, origin=f"the server on 127.0.0.1:{port}", connect=connect)


def _from_binaries() -> Server:
    daemon = _installed("mariadbd", "mysqld")
    if daemon is None:
        raise AbsentError("no mariadbd or mysqld on the path")
    scratch = DaemonFolder(scratch_folder("lapor-test-mariadb-"))
    data, port = scratch.path / "data", free_port()
    account = ["--user=root"] if os.geteuid() == 0 else []  # refuses to run as root unless told to
    url = _local_url(port)
    try:
        _initialize(daemon, data, account)
        server = scratch.start(
            [
                daemon,
                "--no-defaults",
                f"--datadir={data}",
                f"--port={port}",
                "--bind-address=127.0.0.1",
                f"--socket={scratch.path / 'socket'}",
                f"--pid-file={scratch.path / 'pid'}",
                "--innodb-flush-log-at-trx-commit=0",
                "--skip-log-bin",
                *account,
            ]
        )
        eventually(lambda: server.poll() is not None or _answers(url), within=60, what="MariaDB answers")
        if server.poll() is not None:
            raise AbsentError(f"{daemon} ended at once: {scratch.log.read_text()[-500:]}")
    except (OSError, subprocess.SubprocessError, AssertionError, AbsentError) as error:
        scratch.close()
        said = getattr(error, "stderr", None) or b""
        raise AbsentError(f"{error} {said.decode(errors='replace')[-500:]}".strip()) from error
    return _server(admin=url, origin=f"a private one of {daemon}", connect=connect, close=scratch.close)


def _initialize(daemon: str, data: Path, account: list[str]) -> None:
    """Fills an empty data folder with the system tables; root gets no password."""
    maker = _installed("mariadb-install-db", "mysql_install_db")
    argv = (
        [
            maker,
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]
        if maker
        else [daemon, "--no-defaults", f"--datadir={data}", "--initialize-insecure"]
    )
    subprocess.run([*argv, *account], check=True, capture_output=True)


def _installed(*names: str) -> str | None:
    """The first of these programs that is there; servers often lie where only root's path looks."""
    path = os.pathsep.join(
        [os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/usr/libexec"]
    )
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def _local_url(port: int) -> URL:
    return URL.create(
        "mysql+pymysql",
        username="root",
        host="127.0.0.1",
        port=port,
        database="mysql",
        query={"charset": "utf8mb4"},
    )


def _answers(url: URL) -> bool:
    try:
        connect(url).close()
    except pymysql.MySQLError:
        return False
    return True
