"""`archive move|list|verify`: closed years out of the working tables, what is where, and whether it still is."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from lapor_gateway import catalogue
from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import moment, print_json, print_table, say, tell
from lapor_gateway.errors import ExitCode

if TYPE_CHECKING:
    from lapor_gateway.jobs.archive import Archived

_KILOBYTE, _MEGABYTE = 1_000, 1_000_000
group = typer.Typer(help=text("help.archive"), no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="archive")


@group.command("move", **described("archive move"))
def move(
    context: typer.Context,
    before: Annotated[
        datetime,
        typer.Option(
            "--before", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help=text("help.archive.before")
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("help.archive.dry_run"))] = False,
    compact: Annotated[bool, typer.Option("--compact", help=text("help.archive.compact"))] = False,
    by: By = None,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.book.archiving import due_by_year
    from lapor_gateway.clock import to_instant
    from lapor_gateway.jobs.archive import archive
    from lapor_gateway.moments import DEFAULT_ZONE

    limit = to_instant(before.replace(tzinfo=DEFAULT_ZONE))
    with gateway_of(context) as gateway:
        if dry_run:
            _tell_due(due_by_year(gateway.book, limit, DEFAULT_ZONE), as_json=as_json)
            return ExitCode.DONE
        done = archive(gateway, limit, by=person(by), compact=compact, progress=_tell_progress)
    if as_json:
        print_json(done)
    else:
        _tell_done(done)
    return ExitCode.NEEDS_A_PERSON if done.compacted is False else ExitCode.DONE


@group.command("list", **described("archive list"))
def list_all(context: typer.Context, as_json: AsJson = False) -> int:
    from lapor_gateway.book.archive_checks import list_years

    with gateway_of(context) as gateway:
        years = list_years(gateway.book)
    if as_json:
        print_json(years)
    elif not years:
        say("archive.none")
    else:
        rows = [
            (
                one.year,
                one.file,
                one.complaints,
                text("archive.missing") if one.bytes is None else _size(one.bytes),
            )
            for one in years
        ]
        print_table(("year", "file", "complaints", "size"), rows, numbers=("complaints", "size"))
    lost = any(one.bytes is None for one in years)
    return ExitCode.NEEDS_A_PERSON if lost else ExitCode.DONE


@group.command("verify", **described("archive verify"))
def verify(
    context: typer.Context,
    year: Annotated[int | None, typer.Argument(metavar="[YEAR]", help=text("help.archive.year"))] = None,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.book.archive_checks import verify_archive

    with gateway_of(context) as gateway:
        found = verify_archive(gateway.book, year)
    if as_json:
        print_json(found)
    else:
        say("archive.verified", good=found.good, parts=found.parts)
        for fault in found.faults:
            print(f"  {catalogue.sentence(fault)}")
    return ExitCode.NEEDS_A_PERSON if found.faults else ExitCode.DONE


def _tell_progress(count: int) -> None:
    tell("archive.progress", count=count)


def _tell_due(by_year: dict[int, int], *, as_json: bool) -> None:
    if as_json:
        print_json({"by_year": by_year})
        return
    print_table(("year", "complaints"), list(by_year.items()), numbers=("complaints",))
    say("archive.dry_run", count=sum(by_year.values()))


def _tell_done(done: "Archived") -> None:
    if done.by_year:
        print_table(("year", "complaints"), list(done.by_year.items()), numbers=("complaints",))
    say("archive.done", count=sum(done.by_year.values()), before=moment(done.before))
    if done.by_year:
        say("archive.copy_it")
    if done.compacted is False:
        tell("archive.not_compacted")


def _size(count: int) -> str:
    return f"{count / _MEGABYTE:.1f} MB" if count >= _MEGABYTE else f"{count / _KILOBYTE:.0f} kB"
