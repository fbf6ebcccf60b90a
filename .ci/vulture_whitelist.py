"""Names that vulture takes for dead; each line is one, with who uses it where vulture cannot see."""

import sqlite3

import httpcore
import httpx

_ = (
    sqlite3.Connection.text_factory,  # sqlite3 decodes text with it (sources/sql_session.py)
    httpcore.AsyncConnectionPool()._ssl_context,  # noqa: SLF001 - httpcore connects with it (outgoing.py)
    httpx.AsyncHTTPTransport()._pool,  # noqa: SLF001 - httpx sends through it (outgoing.py)
)
