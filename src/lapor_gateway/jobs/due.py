"""What is due now: records at the gate, accounts with something to send or to settle. Cheap enough to ask often."""

from sqlalchemy import literal_column, select

from lapor_gateway.book import settling
from lapor_gateway.book.database import Book
from lapor_gateway.book.decisions import push_is_on
from lapor_gateway.book.sending import load_account, waiting_regions
from lapor_gateway.book.standing import Progress, recovery_of
from lapor_gateway.book.tables import complaints
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.jobs.gateway import Gateway

_c = complaints.c
_NO_FENCE = 0


def gate_is_due(book: Book) -> bool:
    """Whether a record waits to be judged."""
    with book.read() as connection:
        return (
            connection.execute(select(_c.id).where(_c.gate_due == literal_column("1")).limit(1)).first()
            is not None
        )


def accounts_due(gateway: Gateway) -> list[AccountName]:
    """The configured accounts of our channels for which a push now would do something."""
    accounts = sorted({channel.account for channel in gateway.channels.values()})
    sending = push_is_on(gateway.book)
    return [name for name in accounts if _may_speak(gateway, name) and _is_due(gateway, name, sending)]


def is_open(gateway: Gateway, account: AccountName) -> bool:
    """Whether anything of an account is to be sent, or settled with LAPOR!'s help; now or later."""
    settings = gateway.settings.national.get(account)
    look_up = settings is None or settings.look_up is not None
    return (
        _sending_due(gateway.book, account) is not None
        or settling.next_settling(gateway.book, account, _NO_FENCE, look_up=look_up) is not None
    )


def is_paused(book: Book, account: AccountName) -> bool:
    """Whether the national side refused the account's credential and a person, or a changed one, is awaited."""
    with book.read() as connection:
        return load_account(connection, account).paused_at is not None


def _may_speak(gateway: Gateway, account: AccountName) -> bool:
    """Whether the account is configured, not a production one beside a training book, and not to be left alone now."""
    settings = gateway.settings.national.get(account)
    if settings is None or not settings.is_open_to(gateway.environment):
        return False
    now = to_datetime(gateway.clock.now())
    return settings.opens_at(now) <= now


def _is_due(gateway: Gateway, account: AccountName, sending: bool) -> bool:
    now = gateway.clock.now()
    by_machine = sending and not gateway.account(account).is_by_hand
    to_send = _sending_due(gateway.book, account) if by_machine else None
    granted = gateway.account(account).look_up is not None
    to_settle = settling.next_settling(gateway.book, account, _NO_FENCE, look_up=granted)
    to_recover = _recovery_due(gateway, account)
    return any(due is not None and due <= now for due in (to_send, to_settle, to_recover))


def recovers(gateway: Gateway, account: AccountName) -> bool:
    """Whether the account still has to catch up with a lost life before anything is sent."""
    return _recovery_due(gateway, account) is not None


def _recovery_due(gateway: Gateway, account: AccountName) -> int | None:
    """When an account's recovery goes on, in microseconds; None where there is none, or nothing more to do."""
    with gateway.book.read() as connection:
        recovery = recovery_of(connection)
    if recovery is None:
        return None
    progress = recovery.accounts.get(account, Progress())
    return None if progress.cleared_at is not None else progress.next_at


def _sending_due(book: Book, account: AccountName) -> int | None:
    """When the next complaint may go out, breaker and asked-for pauses considered; None for never."""
    with book.read() as connection:
        due = min(waiting_regions(connection, account).values(), default=None)
        state = load_account(connection, account)
    return None if due is None else max(due, state.not_before, state.open_until)
