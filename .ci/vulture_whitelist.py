"""Names that vulture takes for dead; each line is one, with who uses it where vulture cannot see."""

import sqlite3

import httpcore
import httpx
from openpyxl.cell.cell import Cell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from lapor_gateway.book.proofs import SealedEntry
from lapor_gateway.domain.follow_up import FollowUp
from lapor_gateway.domain.indicators import Measured

_ = (
    sqlite3.Connection.text_factory,  # sqlite3 decodes text with it (sources/sql_session.py)
    FollowUp.status_old,  # kept with the line as LAPOR! tells it (national/lapor_v3/logs.py)
    SealedEntry.hash,  # whoever reads an export checks it (docs/ledger.md)
    Measured.satisfaction,  # reports name them one after the other (cli/report/wording.py)
    Measured.at_national,
    httpcore.AsyncConnectionPool()._ssl_context,  # noqa: SLF001 - httpcore connects with it (outgoing.py)
    Cell.data_type,  # openpyxl writes a text by it, never a formula (cli/sheets.py)
    Cell.quotePrefix,
    WriteOnlyWorksheet.freeze_panes,  # openpyxl writes it (cli/hand_entry.py)
    httpx.AsyncHTTPTransport()._pool,  # noqa: SLF001 - httpx sends through it (outgoing.py)
)
