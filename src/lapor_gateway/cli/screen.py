"""What people see: lines, tables that stay readable on a narrow terminal, JSON, and the one form of an error."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from lapor_gateway.catalogue import text

_WIB = ZoneInfo("Asia/Jakarta")


def say(key: str, /, **values: object) -> None:
    """A text of the catalogue, to standard output."""
    print(text(key, **values), flush=True)


def tell(key: str, /, **values: object) -> None:
    """A text of the catalogue, to standard error: what is no result (progress, advice, questions)."""
    print(text(key, **values), file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """One JSON value on standard output, laid out for reading; msgspec structs are welcome."""
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode(), flush=True)


def print_json_line(value: Any) -> None:
    import msgspec

    print(msgspec.json.encode(value).decode())


def complain(message: str, detail: str, cure: str) -> None:
    """An error as the contract wants it: a readable sentence, then the cause, then the mend."""
    print(text("error.line", message=message), file=sys.stderr)
    if detail:
        print(text("error.cause", detail=detail), file=sys.stderr)
    if cure:
        print(text("error.mend", cure=cure), file=sys.stderr)
    sys.stderr.flush()


def is_terminal() -> bool:
    return sys.stdout.isatty() and sys.stderr.isatty()


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()
) -> None:
    """A table; on a terminal too narrow for it, one block a row. `headings` are keys of the catalogue.

    `numbers` are the headings whose columns are figures, set to the right.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    cells = [[_cell(value) for value in row] for row in rows]
    titles = [text(f"column.{heading}") for heading in headings]
    console = Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 10_000)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading, title in zip(headings, titles, strict=True):
        table.add_column(title, justify="right" if heading in numbers else "left", no_wrap=True)
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    if Measurement.get(console, console.options, table).maximum < console.width or len(titles) < 2:
        console.print(table)
        return
    width = max(len(title) for title in titles)
    for row in cells:
        for title, cell in zip(titles, row, strict=True):
            if cell:
                print(f"{title:<{width}}  {cell}")
        print()


def print_columns(
    titles: Sequence[str], rows: Sequence[Sequence[object]], *, lines_after: Iterable[int] = ()
) -> None:
    """A table whose columns are subjects and whose rows are figures; titles break at their spaces to stay narrow.

    `lines_after` are the rows under which a line is drawn.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, title in enumerate(titles):
        table.add_column("\n".join(title.split()), justify="right" if index else "left", no_wrap=index > 0)
    drawn_after = set(lines_after)
    for index, row in enumerate(rows):
        table.add_row(*(_cell(value) for value in row), end_section=index in drawn_after)
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 10_000).print(table)


def moment(value: datetime | int | str | None, zone: tzinfo | None = None) -> str:
    """An instant (aware datetime, microseconds, RFC 3339) for people, in `zone`, else in WIB."""
    from lapor_gateway.clock import to_datetime

    if value is None:
        return "-"
    if isinstance(value, int):
        value = to_datetime(value)
    elif isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.astimezone(zone or _WIB).strftime("%Y-%m-%d %H:%M %Z")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return text("word.yes" if value else "word.no")
    return " ".join(str(value).split())
