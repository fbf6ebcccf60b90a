"""One decision about one complaint or about many at once: shown first, asked for, carried out in one process."""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from lapor_gateway import catalogue
from lapor_gateway.catalogue import text
from lapor_gateway.cli.opening import gateway_of, person
from lapor_gateway.cli.screen import complain, say, tell
from lapor_gateway.errors import ConfigurationError, ExitCode, NotAllowedError

if TYPE_CHECKING:
    from lapor_gateway.book.decisions import Verb
    from lapor_gateway.jobs.gateway import Gateway

Which = Annotated[str, typer.Argument(metavar="ID", help=text("help.complaints.which"))]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help=text("help.reason"))]
WhichOrAll = Annotated[str | None, typer.Argument(metavar="[ID]", help=text("help.complaints.which"))]
All = Annotated[bool, typer.Option("--all", help=text("help.complaints.all"))]
OfState = Annotated[
    str | None, typer.Option("--state", metavar="WORD", help=text("help.complaints.of_state"))
]
OfChannel = Annotated[str | None, typer.Option("--channel", metavar="CHANNEL", help=text("help.channel"))]
OfReason = Annotated[
    str | None, typer.Option("--because", metavar="WORD", help=text("help.complaints.of_reason"))
]
Yes = Annotated[bool, typer.Option("--yes", help=text("help.complaints.yes"))]
_PAGE = 500


class Many(NamedTuple):
    """Which complaints a decision about many means; `yes` carries it out without a question."""

    every: bool
    state: str | None
    channel: str | None
    because: str | None
    yes: bool


def decide_on(
    context: typer.Context, verb: str, which: str | None, many: Many, by: str | None, reason: str | None
) -> int:
    """Decide about `which`, or about all that `many` names. Raises `ConfigurationError` for both or neither."""
    from lapor_gateway.book.decisions import Verb

    if (which is None) != many.every:
        raise ConfigurationError(
            "Name one complaint, or say --all with --state.",
            cure="`lapor-gateway complaints list` shows them.",
        )
    if which is not None:
        return decide_one(context, verb, which, by, reason)
    with gateway_of(context) as gateway:
        return _decide_on_many(gateway, Verb(verb), many, person(by), reason)


def decide_one(
    context: typer.Context, verb: str, which: str, by: str | None, reason: str | None,
    *, number: str | None = None, other: str | None = None,
) -> int:  # fmt: skip
    """Decide about one complaint, let it through the gate where it must pass it again, and say where it stands now."""
    from lapor_gateway.book.decisions import Verb, decide
    from lapor_gateway.book.queries import find_complaint
    from lapor_gateway.jobs.pull import pass_gate

    with gateway_of(context) as gateway:
        doubt = None if number is None else _doubt(gateway, which, number)
        identifier = decide(
            gateway.book, which, Verb(verb), by=person(by), reason=reason, number=number, other=other
        )
        pass_gate(gateway)
        now = find_complaint(gateway.book, identifier)
    say("complaints.decided", reference=now.reference, state=now.state, reason=now.reason or "-")
    if doubt is not None:
        tell("number.doubtful", number=number, why=text(f"number_doubt.{doubt}"), reference=now.reference)
    return ExitCode.DONE


def _doubt(gateway: "Gateway", which: str, number: str) -> str | None:
    """What looks wrong about a number that a person gives, beside those of its account; it is entered all the same."""
    from lapor_gateway.book.hand_entry import latest_numbers
    from lapor_gateway.book.queries import find_complaint
    from lapor_gateway.domain.complaint import AccountName
    from lapor_gateway.domain.outcomes import tracking_id_of
    from lapor_gateway.domain.tracking_numbers import doubt_about

    if tracking_id_of(number) is None:
        return None
    account = AccountName(find_complaint(gateway.book, which).account)
    return doubt_about(number, latest_numbers(gateway.book, account))


def _decide_on_many(gateway: "Gateway", verb: "Verb", many: Many, by: str, reason: str | None) -> int:
    from lapor_gateway.book.decisions import NEEDS_REASON, decide, possible_verbs
    from lapor_gateway.domain.lifecycle import State
    from lapor_gateway.jobs.pull import pass_gate

    fitting = [state for state in State if verb in possible_verbs(state)]
    if many.state not in fitting:
        raise ConfigurationError(
            f"`--all` needs --state for `{verb.replace('_', '-')}`.",
            cure=f"It can be one of: {', '.join(fitting)}.",
        )
    if verb in NEEDS_REASON and not (reason or "").strip():
        raise ConfigurationError(f"`{verb.replace('_', '-')}` needs a reason.", cure='Add --reason "…".')
    found = _found(gateway, many)
    command = verb.replace("_", "-")
    say("complaints.many", command=command, count=len(found), state=many.state)
    if not found or not (many.yes or typer.confirm(text("complaints.many.ask"))):
        return ExitCode.DONE
    done = 0
    for reference in found:
        try:
            decide(gateway.book, reference, verb, by=by, reason=reason)
            done += 1
        except NotAllowedError as error:  # it moved on by itself since the list was read, or cannot be sent
            complain(catalogue.sentence(error.message), error.detail, catalogue.sentence(error.cure))
    pass_gate(gateway)
    say("complaints.many.done", command=command, done=done, count=len(found))
    return ExitCode.DONE if done == len(found) else ExitCode.NEEDS_A_PERSON


def _found(gateway: "Gateway", many: Many) -> list[str]:
    """References of all complaints that are meant; `because` is a reason or what stands before its colon."""
    from lapor_gateway.book.queries import ComplaintFilter, list_complaints

    if many.channel is not None:
        gateway.channel(many.channel)
    wanted = ComplaintFilter(channel=many.channel, state=many.state)
    references: list[str] = []
    cursor: str | None = None
    while True:
        rows, cursor = list_complaints(gateway.book, wanted, limit=_PAGE, cursor=cursor)
        references += [
            row.reference
            for row in rows
            if many.because is None
            or many.because in ((row.reason or ""), (row.reason or "").partition(":")[0])
        ]
        if cursor is None:
            return references
