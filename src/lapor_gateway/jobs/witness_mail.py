"""The witness that is a mailbox: a checkpoint a day goes there, and lies where nobody here can change it."""

import asyncio
import smtplib
import ssl
from datetime import timedelta
from email.message import EmailMessage
from typing import Final
from urllib.parse import urlsplit

from lapor_gateway.catalogue import text
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.notes import Note, Signature
from lapor_gateway.errors import OutOfReachError
from lapor_gateway.jobs.witness import Guard, Handed

_SECONDS: Final = 30
_A_DAY: Final = timedelta(days=1)
_PORTS: Final = {"smtp": 25, "smtps": 465}


class MailWitness:
    """A mailbox, reached through a mail server: `through` is smtp://[user@]host[:port] or smtps://….

    With a user the connection must be encrypted. It cannot be read from here: `ledger verify --witness
    FILE` takes a mail that somebody has saved.
    """

    guard = Guard.MAILBOX

    def __init__(
        self,
        address: str,
        through: str,
        *,
        sender: str | None = None,
        password: str | None = None,
        every: timedelta | None = None,
    ) -> None:
        self.name = f"mailto:{address}"
        self.every = _A_DAY if every is None else every
        self._address = address
        self._server = urlsplit(through)
        self._sender = sender or address
        self._password = password

    async def hand_over(self, handed: Handed) -> list[Signature]:
        try:
            await asyncio.to_thread(self._send, handed.newest)
        except (OSError, smtplib.SMTPException) as error:
            raise OutOfReachError(
                f"The mail to the witness {self._address} could not be sent.",
                detail=type(error).__name__,
                cure="Check `through`, `sender` and `password` of this witness; what waits is handed over later.",
            ) from None
        return []

    async def notes(self, _book: str) -> list[Note] | None:
        return None

    async def last_seen(self, _book: str) -> Note | None:
        return None

    def _send(self, note: Note) -> None:
        with self._connected() as server:
            if self._server.username:
                server.login(self._server.username, self._password or "")
            server.send_message(self._mail(note))

    def _connected(self) -> smtplib.SMTP:
        host, port = self._server.hostname or "", self._server.port or _PORTS[self._server.scheme]
        encryption = ssl.create_default_context()
        if self._server.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=encryption)
        server = smtplib.SMTP(host, port, timeout=_SECONDS)
        server.ehlo()
        if self._server.username or server.has_extn("starttls"):
            server.starttls(context=encryption)
        return server

    def _mail(self, note: Note) -> EmailMessage:
        one = note.checkpoint
        mail = EmailMessage()
        mail["From"], mail["To"] = self._sender, self._address
        values = {"book": one.book, "number": one.number, "size": one.size, "time": isoformat(one.at)}
        mail["Subject"] = text("witness.mail.subject", **values)
        mail.set_content(text("witness.mail.body", **values) + f"\n\n{note.text}", cte="8bit")
        return mail
