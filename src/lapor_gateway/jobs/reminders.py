"""Reminders to officers: one message a region and address on the morning of a working day, about what is due.

It quotes reference, number and category, the deadline and the days left: no name, no text. Each address is told of a
complaint's clock once at each stage; one that fails is tried again, and its failure stands in `doctor`.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from lapor_gateway import catalogue
from lapor_gateway.book.deadline_lists import DeadlineView
from lapor_gateway.book.reminders import note_failure, note_sent, targets, unsent, urgent
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.deadlines import DueState
from lapor_gateway.domain.working_days import CalendarGapError, WorkingDays
from lapor_gateway.errors import GatewayError
from lapor_gateway.jobs.deadlines import Counter
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.observability import logger

_MOST_LINES: Final = 50  # of a stage in one message; the others are counted
_AGAIN: Final = timedelta(minutes=15) // timedelta(microseconds=1)
_STAGES: Final = (DueState.BREACHED, DueState.DUE_TODAY, DueState.DUE_SOON)
_log = logger("reminders")


class Message(msgspec.Struct, frozen=True):
    """What one address of a region is told. `target` is the name of its secret."""

    region: str
    target: str
    title: str
    body: str
    about: list[DeadlineView]


class Reminded(msgspec.Struct, frozen=True):
    """What became of one message."""

    region: str
    target: str
    count: int
    failure: str | None


def messages(gateway: Gateway, counter: Counter, regions: Sequence[str] | None = None) -> list[Message]:
    """What would be sent now, whatever the hour: a message a region and address that has something new."""
    found = []
    for region, addresses in sorted(gateway.settings.reminders.officers.items()):
        if region not in gateway.regions or (regions is not None and region not in regions):
            continue
        due = urgent(gateway.book, region)
        for target in addresses:
            with gateway.book.read() as connection:
                new = unsent(connection, due, target)
            if new:
                found.append(_message(gateway, counter, region, target, new))
    return found


def remind(gateway: Gateway, counter: Counter, regions: Sequence[str] | None = None) -> list[Reminded]:
    """Send what is due to be told now; a failure is noted and stops no other. Commits message by message."""
    return [_sent(gateway, message) for message in messages(gateway, counter, regions)]


def remind_in_time(gateway: Gateway, counter: Counter) -> list[Reminded]:
    """The scheduled round: regions whose working day has begun, once a day; what failed is tried again."""
    due = [name for name in gateway.settings.reminders.officers if _is_time(gateway, counter, name)]
    return remind(gateway, counter, due) if due else []


def _is_time(gateway: Gateway, counter: Counter, region: str) -> bool:
    """Whether it is a working day after the hour, and some address was neither told today nor tried just now."""
    counting, now = counter.counting(region), gateway.clock.now()
    local = to_datetime(now).astimezone(counting.zone)
    with gateway.book.read() as connection:
        known = targets(connection)
    if local.time() < gateway.settings.reminders.at or not _works(counting.calendar, local):
        return False

    def is_open(target: str) -> bool:
        state = known.get((region, target))
        if state is None:
            return True
        if state.failing_since is not None:
            return now - state.tried_at >= _AGAIN
        return to_datetime(state.tried_at).astimezone(counting.zone).date() < local.date()

    return any(is_open(target) for target in gateway.settings.reminders.officers[region])


def _works(calendar: WorkingDays, local: datetime) -> bool:
    """Past the end of the calendar every weekday is a working day here: a reminder too many harms less than none."""
    try:
        return calendar.is_working(local.date())
    except CalendarGapError:
        return local.weekday() < 5


def _sent(gateway: Gateway, message: Message) -> Reminded:
    failure = _deliver(gateway, message)
    if failure is None:
        note_sent(gateway.book, message.region, message.target, message.about)
    else:
        note_failure(gateway.book, message.region, message.target, failure)
        _log.warning("reminder not sent", region=message.region, target=message.target, reason=failure)
    return Reminded(message.region, message.target, len(message.about), failure)


def _deliver(gateway: Gateway, message: Message) -> str | None:
    """Why it was not taken, None where it was. Nothing of the address is said: it holds a password or token."""
    import apprise  # noqa: PLC0415 - only whoever sends needs its 60 ms

    try:
        address = gateway.resolve(message.target)
    except GatewayError as error:
        return error.message
    logging.getLogger("apprise").disabled = True  # it names hosts and users of addresses
    sender = apprise.Apprise()
    if not sender.add(address):
        return "the address is none that apprise knows"
    scheme = address.partition(":")[0]
    try:
        taken = sender.notify(body=message.body, title=message.title, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:
        return f"{scheme}: {type(error).__name__}"
    return None if taken else f"{scheme}: not taken"


def _message(
    gateway: Gateway, counter: Counter, region: str, target: str, new: Sequence[DeadlineView]
) -> Message:
    counting, name = counter.counting(region), gateway.regions[region].name
    now = to_datetime(gateway.clock.now()).astimezone(counting.zone)
    parts = [_text("reminder.opening", region=name, day=_day(now), count=len(new))]
    for stage in _STAGES:
        of_stage = [one for one in new if one.state == stage]
        if of_stage:
            parts.append(_section(stage, of_stage, counting.calendar, now, counting.zone))
    parts.append(_text("reminder.end"))
    training = _text("reminder.training") if gateway.environment == "training" else ""
    title = training + _text("reminder.title", region=name, day=_day(now))
    return Message(region, target, title, "\n\n".join(parts), list(new))


def _section(
    stage: DueState, found: Sequence[DeadlineView], calendar: WorkingDays, now: datetime, zone: ZoneInfo
) -> str:
    lines = [_text(f"reminder.stage.{stage}", count=len(found))]
    lines += [f"- {_line(one, calendar, now, zone)}" for one in found[:_MOST_LINES]]
    if len(found) > _MOST_LINES:
        lines.append(_text("reminder.more", count=len(found) - _MOST_LINES))
    return "\n".join(lines)


def _line(one: DeadlineView, calendar: WorkingDays, now: datetime, zone: ZoneInfo) -> str:
    assert one.due_at is not None
    last = (datetime.fromisoformat(one.due_at) - timedelta(microseconds=1)).astimezone(zone)
    try:
        left = calendar.between(now.date(), last.date()) - calendar.between(last.date(), now.date())
    except CalendarGapError:
        left = (last.date() - now.date()).days
    days = (
        _text("reminder.today")
        if left == 0
        else _text("reminder.left" if left > 0 else "reminder.late", days=abs(left))
    )
    return _text(
        "reminder.line",
        reference=one.reference,
        number=one.tracking_id or "-",
        category=one.category or "-",
        clock=_text(f"clock.{one.clock}"),
        day=_day(last),
        days=days,
    )


def _text(key: str, **values: object) -> str:
    """In Bahasa Indonesia whatever language this process speaks: the officers' message is an official one."""
    message = catalogue.MESSAGES[key][0]
    return message.format(**values) if values else message


def _day(moment: datetime) -> str:
    """As officials write a day: Senin, 2 Maret 2026."""
    weekday, month = _text(f"weekday.{moment.weekday()}"), _text(f"month.{moment.month}")
    return f"{weekday}, {moment.day} {month} {moment.year}"
