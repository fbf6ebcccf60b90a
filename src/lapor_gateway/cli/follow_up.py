"""`complaints follow-up` and `hand-over`: what an operator writes in the gateway itself."""

from typing import TYPE_CHECKING, Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.decisions import Which
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import By, gateway_of, person
from lapor_gateway.cli.screen import say
from lapor_gateway.errors import ConfigurationError, NotAllowedError

if TYPE_CHECKING:
    from lapor_gateway.domain.complaint import AccountName
    from lapor_gateway.jobs.gateway import Gateway


def add_to(group: typer.Typer) -> None:
    group.command("follow-up", **described("complaints follow-up"))(follow_up)
    group.command("hand-over", **described("complaints hand-over"))(hand_over)


def follow_up(
    context: typer.Context,
    which: Which,
    words: Annotated[str, typer.Option("--text", metavar="TEXT", help=text("help.follow_up.text"))],
    by: By = None,
) -> None:
    from lapor_gateway.book.queries import find_complaint
    from lapor_gateway.book.writing_follow_ups import write_follow_up

    with gateway_of(context) as gateway:
        number = write_follow_up(gateway.book, which, words, by=person(by))
        say("follow_up.kept", number=number, reference=find_complaint(gateway.book, which).reference)


def hand_over(
    context: typer.Context,
    which: Which,
    institution: Annotated[
        str, typer.Argument(metavar="INSTITUTION", help=text("help.hand_over.institution"))
    ],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=text("help.reason"))],
    by: By = None,
) -> None:
    from lapor_gateway.book.queries import find_complaint
    from lapor_gateway.book.writing_follow_ups import hand_over as hand_over_complaint
    from lapor_gateway.domain.complaint import AccountName
    from lapor_gateway.national.dialects import dialect_of
    from lapor_gateway.national.port import Ability

    with gateway_of(context) as gateway:
        account = AccountName(find_complaint(gateway.book, which).account)
        if Ability.FOLLOW_UP not in dialect_of(gateway.account(account)).can:
            raise NotAllowedError(
                f"Nothing can be written to complaints under the account {account}.",
                cure=f"Set `follow_ups` with a user_id under [national.{account}] in lapor-gateway.toml.",
            )
        found = _institution(gateway, account, institution)
        reference = hand_over_complaint(gateway.book, which, found, reason, by=person(by))
    say("hand_over.kept", reference=reference, institution=institution)


def _institution(gateway: "Gateway", account: "AccountName", said: str) -> str:
    """The id of an institution; a name is looked up in the list that was fetched. Raises `ConfigurationError`."""
    from lapor_gateway.book.masters import rows_of
    from lapor_gateway.national.port import MasterKind

    if said.isascii() and said.isdigit():
        return said
    wanted = " ".join(said.split()).casefold()
    rows = rows_of(gateway.book, account, MasterKind.INSTITUTIONS)
    ids = [one.id for one in rows if one.gone_at is None and " ".join(one.name.split()).casefold() == wanted]
    if len(ids) != 1:
        raise ConfigurationError(
            f"There is no institution {said} in the lists of the account {account}.",
            cure="`lapor-gateway accounts masters --kind institutions --find WORD` finds it; or give its id.",
        )
    return ids[0]
