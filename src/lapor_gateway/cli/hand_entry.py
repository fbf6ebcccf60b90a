"""`complaints queue` and `complaints numbers`: what persons type into LAPOR!, and the numbers that they bring back."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from lapor_gateway import catalogue
from lapor_gateway.catalogue import is_known, text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person
from lapor_gateway.cli.screen import print_json, print_table, say, tell
from lapor_gateway.cli.sheets import fill
from lapor_gateway.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from lapor_gateway.jobs.hand_entry import NumberRow, ToType

_MOST_SHOWN: Final = 50
_MOST_TAKEN: Final = 10_000
_WIDTHS: Final = (14, 20, 40, 80, 18, 20, 30, 16, 8, 8, 24, 18, 28)

Account = Annotated[str | None, typer.Option("--account", metavar="NAME", help=text("help.queue.account"))]


def add_to(group: typer.Typer) -> None:
    group.command("queue", **described("complaints queue"))(queue)
    group.command("numbers", **described("complaints numbers"))(numbers)


def queue(
    context: typer.Context,
    account: Account = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help=text("help.queue.xlsx"))] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=_MOST_TAKEN, help=text("help.queue.limit"))
    ] = 100,
    reveal: Annotated[
        str | None, typer.Option("--reveal", metavar="REASON", help=text("help.queue.reveal"))
    ] = None,
    by: By = None,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.jobs import hand_entry

    if reveal is not None and (xlsx is None or not reveal.strip()):
        raise ConfigurationError(
            "--reveal needs a reason, and goes into a sheet only.",
            cure='Say --xlsx FILE --reveal "…", or leave --reveal out.',
        )
    if xlsx is not None and xlsx.exists():
        raise ConfigurationError(f"The file {xlsx} is there already.", cure="Name a new file for --xlsx.")
    with gateway_of(context) as gateway:
        accounts = hand_entry.accounts_by_hand(gateway, account)
        if xlsx is None:
            _tell_queue(hand_entry.queue(gateway, accounts, limit), as_json=as_json)
            return ExitCode.DONE
        taken = hand_entry.take(gateway, accounts, limit, by=person(by), reason=reveal)
    if taken:
        _write(xlsx, taken)
    if as_json:
        print_json({"given_out": len(taken), "file": str(xlsx) if taken else None})
    else:
        say("queue.given_out" if taken else "queue.nothing_new", count=len(taken), file=xlsx)
    return ExitCode.DONE


def _tell_queue(waiting: "list[ToType]", *, as_json: bool) -> None:
    if as_json:
        print_json(waiting)
        return
    if not waiting:
        say("queue.empty")
        return
    rows = [
        (one.reference, one.channel, one.title[:60], text("answer.yes" if one.is_given_out else "answer.no"))
        for one in waiting[:_MOST_SHOWN]
    ]
    print_table(("reference", "channel", "title", "given_out"), rows)
    if len(waiting) > _MOST_SHOWN:
        say("list.more", limit=_MOST_SHOWN)
    say("queue.how")


def _write(path: Path, taken: "Sequence[ToType]") -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Antrean")
    sheet.freeze_panes = "A2"
    fill(sheet, _WIDTHS, _rows(taken))
    try:
        book.save(path)
    except OSError as error:
        raise ConfigurationError(
            f"The sheet {path} cannot be written.",
            detail=error.strerror or "",
            cure="The complaints count as given out; `complaints queue` lists them. Name another file, then "
            "`complaints hold` and `release` them to take them again.",
        ) from None


def _rows(taken: "Sequence[ToType]") -> Iterator[Sequence[object]]:
    from lapor_gateway.jobs.hand_entry import NUMBER, REFERENCE

    yield (
        NUMBER, REFERENCE, "Judul", "Isi (salin utuh, termasuk baris pertama)", "Jenis", "Kategori", "Tempat",
        "Tanggal kejadian", "Anonim", "Rahasia", "Nama pelapor", "Telepon", "Surel",
    )  # fmt: skip
    for one in taken:
        flags = ("ya" if flag else "tidak" for flag in (one.is_anonymous, one.is_secret))
        yield (
            "", one.reference, one.title, one.text, one.kind, one.category or "", one.place or "",
            one.incident or "", *flags, one.name or "", one.phone or "", one.email or "",
        )  # fmt: skip


def numbers(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("help.numbers.file"))],
    by: By = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("help.settle.dry_run"))] = False,
    doubtful: Annotated[bool, typer.Option("--doubtful-too", help=text("help.numbers.doubtful"))] = False,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.jobs.hand_entry import WELL, enter_numbers, read_numbers

    if not file.is_file():
        raise ConfigurationError(f"The file {file} cannot be read.", cure="Correct the path.")
    with gateway_of(context) as gateway:
        rows = list(read_numbers(file))
        found = enter_numbers(gateway, rows, by=person(by), dry_run=dry_run, doubtful=doubtful)
    if as_json:
        print_json(found)
    else:
        _tell_numbers(found, dry_run=dry_run)
    return ExitCode.DONE if all(one.result in WELL for one in found) else ExitCode.NEEDS_A_PERSON


def _tell_numbers(found: "list[NumberRow]", *, dry_run: bool) -> None:
    from lapor_gateway.jobs.hand_entry import WELL, Entered

    if dry_run:
        say("settle.dry_run")
    for result in Entered:
        count = sum(one.result is result for one in found)
        if count:
            say(f"numbers.{result}", count=count)
    if not found:
        say("numbers.nothing")
    wrong = [one for one in found if one.result not in WELL]
    if wrong:
        rows = [(one.row, one.reference, one.number, _why(one)) for one in wrong[:_MOST_SHOWN]]
        print_table(("row", "reference", "tracking_id", "reason"), rows)
    if any(one.result is Entered.DOUBTFUL for one in wrong):
        tell("numbers.doubtful.how")


def _why(one: "NumberRow") -> str:
    key = one.why or f"numbers.why.{one.result}"
    return text(key) if is_known(key) else catalogue.sentence(key)
