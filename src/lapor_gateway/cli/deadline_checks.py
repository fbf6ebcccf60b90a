"""What `doctor` looks at of deadlines: how far the calendar goes, and whether officers can be reminded."""

from collections.abc import Iterator

from lapor_gateway import catalogue
from lapor_gateway.book.deadline_lists import gaps
from lapor_gateway.book.reminders import targets
from lapor_gateway.catalogue import text
from lapor_gateway.cli.grading import Check, Grade, failed, warned, well
from lapor_gateway.cli.screen import moment
from lapor_gateway.errors import GatewayError
from lapor_gateway.jobs.deadlines import Counter
from lapor_gateway.jobs.gateway import Gateway


def deadline_checks(gateway: Gateway) -> Iterator[Check]:
    """The calendar with the rules, and every address of the reminders."""
    try:
        counter = Counter(gateway)
        counter.refresh()
        last = max(counter.calendars.of(None).years)
    except GatewayError as error:
        yield failed("check.calendar", error)
        return
    with gateway.book.read() as connection:
        unknown, known = gaps(connection), targets(connection)
    if unknown:
        values = {"year": last, "count": unknown, "next": last + 1}
        said, cure = text("check.calendar.ends", **values), text("check.calendar.ends.cure", **values)
        yield Check(text("check.calendar"), Grade.WARN, said, cure)
    else:
        yield well("check.calendar", "check.calendar.ok", year=last)
    for region, addresses in gateway.settings.reminders.officers.items():
        for target in addresses:
            state = known.get((region, target))
            if state is None:
                yield well("check.reminders", "check.reminders.never", target=target)
            elif state.failing_since is None:
                yield well("check.reminders", "check.reminders.ok", target=target, at=moment(state.sent_at))
            else:
                why, name = catalogue.sentence(state.failure or "-"), target.removeprefix("secret:")
                since = moment(state.failing_since)
                yield warned(
                    "check.reminders", "check.reminders.failing", target=target, at=since, why=why, name=name
                )
