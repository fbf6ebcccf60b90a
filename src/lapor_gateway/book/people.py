"""People who act: a pseudonym in ledger and audit, the name sealed beside it."""

from sqlalchemy import Connection, insert, select

from lapor_gateway.book.database import Book
from lapor_gateway.book.ledger import Facts, facts_text
from lapor_gateway.book.tables import actors, audit

_PURPOSE = b"actor"


def pseudonym(book: Book, connection: Connection, name: str) -> str:
    """What stands for a person in ledger and audit; the same name always has the same pseudonym in one book."""
    known_as = f"person:{book.digest(name.strip().casefold().encode()).hex()[:12]}"
    if connection.execute(select(actors.c.pseudonym).where(actors.c.pseudonym == known_as)).first() is None:
        sealed = book.master.wrap(name.strip().encode(), _PURPOSE)
        connection.execute(insert(actors).values(pseudonym=known_as, name=sealed))
    return known_as


def name_of(book: Book, connection: Connection, known_as: str | None) -> str | None:
    """The person behind a pseudonym; a pseudonym of ours that is no person's comes back as it is."""
    sealed = connection.execute(select(actors.c.name).where(actors.c.pseudonym == known_as)).scalar()
    return known_as if sealed is None else book.master.unwrap(sealed, _PURPOSE).decode()


def write_audit(
    book: Book, connection: Connection, actor: str, action: str, subject: str, facts: Facts
) -> None:
    """One line of who did what; `actor` is a pseudonym or a key's id."""
    values = {"at": book.clock.now(), "actor": actor, "action": action, "subject": subject}
    connection.execute(insert(audit).values(**values, facts=facts_text(facts)))
