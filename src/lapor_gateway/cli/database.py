"""`db upgrade|status|move`: the book's tables, made and moved by migrations, and the book to another database."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, call_of
from lapor_gateway.cli.screen import print_json, say
from lapor_gateway.errors import ExitCode

group = typer.Typer(help=text("help.db"), no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="db")


@group.command("upgrade", **described("db upgrade"))
def upgrade(context: typer.Context) -> None:
    from lapor_gateway.book.crypto import MasterKeys
    from lapor_gateway.book.schema import create_book, head_revision

    settings = call_of(context).settings
    keys = MasterKeys(settings.master_keys())
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    create_book(
        settings.book_url,
        keys,
        environment=settings.environment,
        at=datetime.now(UTC),
    )
    say("db.upgraded", revision=head_revision(), place=_place(settings.book_url))


@group.command("status", **described("db status"))
def status(context: typer.Context, as_json: AsJson = False) -> int:
    from lapor_gateway.book.database import open_engine
    from lapor_gateway.book.schema import current_revision, head_revision

    settings = call_of(context).settings
    head = head_revision()
    current = None
    if not _is_missing_file(settings.book_url):
        engine = open_engine(settings.book_url)
        try:
            current = current_revision(engine)
        finally:
            engine.dispose()
    place = _place(settings.book_url)
    if as_json:
        print_json({"database": place, "current": current, "needed": head, "ready": current == head})
    elif current == head:
        say("db.ready", revision=head, place=place)
    else:
        say("db.behind", current=current or text("word.none"), needed=head, place=place)
    return ExitCode.DONE if current == head else ExitCode.WRONG_USAGE


@group.command("move", **described("db move"))
def move(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help=text("help.db move.url"))],
) -> None:
    from lapor_gateway.book.crypto import MasterKeys
    from lapor_gateway.book.schema import open_book
    from lapor_gateway.jobs import moving

    settings = call_of(context).settings
    book = open_book(settings.book_url, MasterKeys(settings.master_keys()))
    try:
        done = moving.move(book, settings.book_url, url)
    finally:
        book.close()
    say("db.moved", place=done.place, entries=done.entries)


def _place(url: str) -> str:
    """The database's address without its password."""
    from sqlalchemy.engine import make_url

    return make_url(url).render_as_string(hide_password=True)


def _is_missing_file(url: str) -> bool:
    """Whether the address names an SQLite file that is not there: looking must not create it."""
    from pathlib import Path

    from sqlalchemy.engine import make_url

    parsed = make_url(url)
    return parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file()
