"""`report`: indicators of a month, the monthly report, its sign-off, what changed since, and figures of others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, By, gateway_of, person, run_async
from lapor_gateway.cli.screen import print_json, print_table, say
from lapor_gateway.errors import ExitCode

if TYPE_CHECKING:
    from lapor_gateway.domain.indicators import Figures
    from lapor_gateway.domain.national_figures import Difference
    from lapor_gateway.jobs.gateway import Gateway
    from lapor_gateway.jobs.monthly import Restatement

group = typer.Typer(help=text("help.report"), no_args_is_help=True, rich_markup_mode=None)

Month = Annotated[str, typer.Option("--month", metavar="YYYY-MM", help=text("help.report.month"))]
Pdf = Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help=text("help.report.pdf"))]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help=text("help.report.xlsx"))]


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="report")


@group.command("indicators", **described("report indicators"))
def indicators(
    context: typer.Context,
    month: Month,
    region: Annotated[
        str | None, typer.Option("--region", metavar="REGION", help=text("help.report.region"))
    ] = None,
    pdf: Pdf = None,
    xlsx: Xlsx = None,
    as_json: AsJson = False,
) -> None:
    from lapor_gateway.jobs.indicators import figures_of, month_asked

    with gateway_of(context) as gateway:
        found = figures_of(gateway, month_asked(month), region=region)
    if as_json:
        print_json(found)
    else:
        _print_figures(found)
    if pdf is not None:
        from lapor_gateway.cli.report.pdf import write_figures

        write_figures(found, pdf)
        say("report.written", file=pdf)
    if xlsx is not None:
        from lapor_gateway.cli.report.sheet import write_indicators

        write_indicators(found, xlsx)
        say("report.written", file=xlsx)


def _print_figures(found: "list[Figures]") -> None:
    from lapor_gateway.cli.report.wording import compared, named_values, scope_name, shown

    if found:
        rows = [(text(f"indicator.{name}"), shown(value)) for name, value in named_values(found[0])]
        print(scope_name(found[0].scope))
        print_table(("indicator", "value"), rows)
    several = [compared(one) for one in found[1:]]
    counts = ("reports", "done", "process", "both")
    print_table(
        ("scope", "reports", "done", "process", "both", "band", "days", "connected"), several, numbers=counts
    )


@group.command("monthly", **described("report monthly"))
def monthly(
    context: typer.Context, month: Month, pdf: Pdf = None, xlsx: Xlsx = None, as_json: AsJson = False
) -> None:
    from lapor_gateway.jobs.indicators import month_asked
    from lapor_gateway.jobs.monthly import show

    with gateway_of(context) as gateway:
        _seal(gateway)
        found = show(gateway, month_asked(month))
    if as_json:
        print_json(found)
    elif pdf is None and xlsx is None:
        _print_figures(found.report.figures)
        _print_differences(found.report.differences)
    if pdf is not None:
        from lapor_gateway.cli.report.pdf import write_pdf

        write_pdf(found, pdf)
        say("report.written", file=pdf)
    if xlsx is not None:
        from lapor_gateway.cli.report.sheet import write_workbook

        write_workbook(found, xlsx)
        say("report.written", file=xlsx)


@group.command("sign-off", **described("report sign-off"))
def sign_off(context: typer.Context, month: Month, by: By = None) -> None:
    from lapor_gateway.jobs import monthly as job
    from lapor_gateway.jobs.indicators import month_asked

    with gateway_of(context) as gateway:
        _seal(gateway)
        found = job.sign_off(gateway, month_asked(month), by=person(by))
    say("report.signed", month=month, by=found.signed_by, digest=found.digest)


@group.command("show", **described("report show"))
def show(context: typer.Context, month: Month, as_json: AsJson = False) -> int:
    from lapor_gateway.jobs.indicators import month_asked
    from lapor_gateway.jobs.monthly import show_signed

    with gateway_of(context) as gateway:
        found = show_signed(gateway, month_asked(month))
    if as_json:
        print_json(found)
    else:
        say("report.signed", month=month, by=found.signed_by, digest=found.digest)
        _print_figures(found.report.figures)
        _print_restatement(found.restatement)
    return ExitCode.NEEDS_A_PERSON if found.restatement is not None else ExitCode.DONE


def _print_restatement(found: "Restatement | None") -> None:
    from lapor_gateway.cli.report.wording import reasons_text, standing_text

    if found is None:
        say("report.no_change")
        return
    say("report.changed", count=sum(found.reasons.values()))
    print(reasons_text(found.reasons))
    rows = [
        (one.reference, one.region, text(f"restated.{one.reason}"), standing_text(one.before), standing_text(one.after))
        for one in found.changed
    ]  # fmt: skip
    print_table(("complaint", "region", "why", "before", "after"), rows)


@group.command("import-figures", **described("report import-figures"))
def import_figures(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("help.report.file"))],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    from lapor_gateway.jobs.indicators import figures_of
    from lapor_gateway.jobs.national_differences import differences_of
    from lapor_gateway.jobs.national_differences import import_figures as bring_in

    with gateway_of(context) as gateway:
        rows = bring_in(gateway, file, by=person(by))
        found = [
            one
            for month in sorted({one.month for one in rows})
            for one in differences_of(gateway, month, figures_of(gateway, month))
        ]
    if as_json:
        print_json(found)
        return
    say("report.imported", count=len(rows))
    _print_differences(found)


def _print_differences(found: "list[Difference]") -> None:
    from lapor_gateway.cli.report.wording import explanation_text

    rows = [
        (one.month, one.region, text(f"indicator.{one.indicator}"), f"{one.theirs} {text(f'unit.{one.unit}')}",
         one.ours, f"{one.source}, {one.as_of}", "; ".join(explanation_text(cause) for cause in one.explanations))
        for one in found
        if one.explanations
    ]  # fmt: skip
    if rows:
        print_table(("month", "region", "indicator", "theirs", "ours", "source", "why"), rows)
    elif found:
        say("report.agrees")


def _seal(gateway: "Gateway") -> None:
    """Give the report a checkpoint to rest on that covers what it counts."""
    from lapor_gateway.jobs.sealing import seal_ledger

    run_async(lambda: seal_ledger(gateway))
