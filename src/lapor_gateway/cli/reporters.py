"""`reporters export|erase`: what UU PDP gives a reporter a right to. Who they are never stands in an argument."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import moment, print_json, print_table, say, tell
from lapor_gateway.errors import ConfigurationError, ExitCode, NotFoundError

if TYPE_CHECKING:
    from lapor_gateway.book.reporters import Found, IdentityKind
    from lapor_gateway.jobs.gateway import Gateway
    from lapor_gateway.jobs.privacy import Erasure

group = typer.Typer(help=text("help.reporters"), no_args_is_help=True, rich_markup_mode=None)
_LONGEST = 1000

Nik = Annotated[bool, typer.Option("--nik", help=text("help.reporters.nik"))]
Phone = Annotated[bool, typer.Option("--phone", help=text("help.reporters.phone"))]
Email = Annotated[bool, typer.Option("--email", help=text("help.reporters.email"))]
Region = Annotated[str, typer.Option("--region", metavar="REGION", help=text("help.reporters.region"))]
File = Annotated[
    Path | None, typer.Option("--from-file", metavar="FILE", help=text("help.reporters.from_file"))
]
Named = Annotated[
    list[str] | None, typer.Option("--complaint", metavar="ID", help=text("help.reporters.complaint"))
]


class _Asked(NamedTuple):
    """Who is meant: one kind of identity, whose value is read from a file, a pipe or a prompt; or complaints."""

    nik: bool
    phone: bool
    email: bool
    region: str
    file: Path | None
    complaints: list[str]


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="reporters")


@group.command("export", **described("reporters export"))
def export(
    context: typer.Context,
    region: Region,
    nik: Nik = False,
    phone: Phone = False,
    email: Email = False,
    from_file: File = None,
    complaint: Named = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=text("help.reporters.out"))
    ] = None,
    by: By = None,
) -> None:
    from lapor_gateway.book import reporters
    from lapor_gateway.clock import isoformat

    with gateway_of(context) as gateway:
        found = _found(gateway, _Asked(nik, phone, email, region, from_file, complaint or []))
        journeys = list(reporters.export(gateway.book, found, region=region, by=person(by)))
        now = isoformat(gateway.clock.now())
    whole = {"region": region, "exported_at": now, "complaints": journeys}
    if out is None:
        print_json(whole)
        return
    _write(out, whole)
    say("reporters.exported", count=len(found), path=out)


@group.command("erase", **described("reporters erase"))
def erase(
    context: typer.Context,
    region: Region,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=text("help.reason"))],
    nik: Nik = False,
    phone: Phone = False,
    email: Email = False,
    from_file: File = None,
    complaint: Named = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help=text("help.reporters.withdraw"))] = False,
    by: By = None,
    yes: Annotated[bool, typer.Option("--yes", help=text("help.complaints.yes"))] = False,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.jobs.privacy import erase_complaints

    with gateway_of(context) as gateway:
        found = _found(gateway, _Asked(nik, phone, email, region, from_file, complaint or []))
        if not as_json:
            _show(found)
        if not yes and not _is_wanted(len(found)):
            return ExitCode.DONE
        ids = [one.id for one in found]
        done = erase_complaints(gateway, ids, by=person(by), reason=reason, withdraw=withdraw)
        is_sqlite = gateway.book.is_sqlite
    if as_json:
        print_json(done)
    else:
        _report(done, is_sqlite=is_sqlite)
    return ExitCode.DONE if done.scrubbed else ExitCode.NEEDS_A_PERSON


def _found(gateway: "Gateway", asked: _Asked) -> "list[Found]":
    """The complaints that are meant. Raises `NotFoundError` for none, `ConfigurationError` for a wrong question."""
    from lapor_gateway.book.reporters import complaints_of, identity, named_complaints

    kinds: list[IdentityKind] = []
    kinds += ["nik"] if asked.nik else []
    kinds += ["phone"] if asked.phone else []
    kinds += ["email"] if asked.email else []
    if len(kinds) + bool(asked.complaints) != 1:
        raise ConfigurationError(
            "Say what the reporter is known by: one of --nik, --phone, --email, or --complaint ID.",
            cure="The value itself is asked for, or read from --from-file or a pipe; it is no argument.",
        )
    if gateway.regions and asked.region not in gateway.regions:
        known = ", ".join(sorted(gateway.regions))
        raise NotFoundError(f"There is no region {asked.region}.", cure=f"Known are: {known}.")
    if asked.complaints:
        return named_complaints(gateway.book, asked.region, asked.complaints)
    found = complaints_of(gateway.book, asked.region, identity(kinds[0], _value(kinds[0], asked.file)))
    if not found:
        raise NotFoundError(
            f"No complaint of {asked.region} names this reporter, or all of theirs are erased.",
            cure="Check the value and the region; a reporter without NIK, phone or e-mail is found by --complaint.",
        )
    return found


def _value(kind: str, file: Path | None) -> str:
    if file is not None:
        try:
            content = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"The file {file} cannot be read.", detail=type(error).__name__
            ) from None
    elif sys.stdin.isatty():
        content = typer.prompt(text("reporters.prompt", kind=kind), hide_input=True)
    else:
        content = sys.stdin.read(_LONGEST + 1)
    return content[: _LONGEST + 1].strip()


def _is_wanted(count: int) -> bool:
    if not sys.stdin.isatty():
        raise ConfigurationError(
            "Erasing cannot be undone, and nobody is there to confirm it.", cure="Add --yes."
        )
    return typer.confirm(text("reporters.ask", count=count))


def _show(found: "Sequence[Found]") -> None:
    rows = [(c.id, c.reference, c.channel, c.source_id, c.state, c.tracking_id) for c in found]
    print_table(("id", "reference", "channel", "source_id", "state", "tracking_id"), rows, numbers=("id",))


def _report(done: "Erasure", *, is_sqlite: bool) -> None:
    say("reporters.erased", count=len(done.erased), at=moment(done.erased_at))
    if not done.scrubbed:
        say("reporters.not_scrubbed")
    elif is_sqlite:
        say("reporters.scrubbed")
    else:
        say("reporters.scrubbed_postgresql")
    if done.backups_until is None:
        say("reporters.backups_unknown")
    else:
        say("reporters.backups", until=moment(done.backups_until))
    for notice in done.tell:
        say(f"reporters.tell.{notice.whom}", name=notice.name, numbers=", ".join(notice.numbers))
    tell("reporters.file")


def _write(path: Path, value: Any) -> None:
    """A new file that only its owner may read. Raises `ConfigurationError` where there is one already."""
    import msgspec

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"The file {path} cannot be written.",
            detail=type(error).__name__,
            cure="Name one that is not there yet.",
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
