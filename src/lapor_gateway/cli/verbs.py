"""An operator's verbs as commands: `complaints hold`, `release`, …; one shape for each kind of decision."""

from typing import Annotated, Final

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.decisions import (
    All,
    Many,
    OfChannel,
    OfReason,
    OfState,
    Reason,
    Which,
    WhichOrAll,
    Yes,
    decide_on,
    decide_one,
)
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import By

Number = Annotated[str, typer.Argument(metavar="NUMBER", help=text("help.complaints.number"))]
Other = Annotated[str, typer.Argument(metavar="OTHER", help=text("help.complaints.other"))]
_ON_MANY: Final = {"replay": None, "hold": None, "release": None, "include": None, "set-aside": None}
_ON_DOUBTS: Final = {"resend": "ambiguous", "give-up": "ambiguous"}
_ON_ONE: Final = ("split", "withdraw", "restore", "undo")
_WITH_NUMBER: Final = ("adopt", "number")


def add_to(group: typer.Typer) -> None:
    for word, state in (_ON_MANY | _ON_DOUBTS).items():
        _add_on_many(group, word, state)
    for word in _ON_ONE:
        _add_on_one(group, word)
    for word in _WITH_NUMBER:
        _add_with_number(group, word)

    @group.command("link", **described("complaints link"))
    def link(context: typer.Context, which: Which, other: Other, by: By = None, reason: Reason = None) -> int:
        return decide_one(context, "link", which, by, reason, other=other)


def _add_on_many(group: typer.Typer, word: str, usual_state: str | None) -> None:
    """A verb for one complaint, or with --all for those in a state; `usual_state` where none is named."""

    @group.command(word, **described(f"complaints {word}"))
    def command(
        context: typer.Context,
        which: WhichOrAll = None,
        every: All = False,
        state: OfState = usual_state,
        channel: OfChannel = None,
        reason_of: OfReason = None,
        by: By = None,
        reason: Reason = None,
        yes: Yes = False,
    ) -> int:
        many = Many(every, state, channel, reason_of, yes)
        return decide_on(context, _verb(word), which, many, by, reason)


def _add_on_one(group: typer.Typer, word: str) -> None:
    @group.command(word, **described(f"complaints {word}"))
    def command(context: typer.Context, which: Which, by: By = None, reason: Reason = None) -> int:
        return decide_one(context, _verb(word), which, by, reason)


def _add_with_number(group: typer.Typer, word: str) -> None:
    @group.command(word, **described(f"complaints {word}"))
    def command(
        context: typer.Context, which: Which, number: Number, by: By = None, reason: Reason = None
    ) -> int:
        return decide_one(context, _verb(word), which, by, reason, number=number)


def _verb(word: str) -> str:
    """A command's word as the verb of the decision."""
    return word.replace("-", "_")
