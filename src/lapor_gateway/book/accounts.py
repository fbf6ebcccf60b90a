"""National accounts in the book: a person lets one that was paused go on."""

from lapor_gateway.book.database import Book
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.sending import load_account, save_account
from lapor_gateway.book.writing import record
from lapor_gateway.domain.complaint import AccountName


def resume_account(book: Book, account: AccountName, *, by: str) -> bool:
    """Push again under an account that was paused; whether it was. Its next push tries the credential anew."""
    with book.write() as connection:
        state = load_account(connection, account)
        if state.paused_at is None:
            return False
        state.paused_at = state.pause_reason = state.credential_print = None
        save_account(connection, account, state)
        actor = pseudonym(book, connection, by)
        record(connection, f"account:{account}", "resumed", {}, at=book.clock.now(), actor=actor)
        write_audit(book, connection, actor, "resume_account", account, {})
    return True
