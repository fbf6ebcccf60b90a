"""`doctor`: looks at everything the gateway stands on, and says of each what to do."""

from typing import Annotated

import typer

from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, call_of
from lapor_gateway.cli.screen import print_json
from lapor_gateway.errors import ExitCode


def add_to(app: typer.Typer) -> None:
    app.command("doctor", **described("doctor"))(doctor)


def doctor(
    context: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help=text("help.doctor.offline"))] = False,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.cli.checks import examine
    from lapor_gateway.cli.grading import Grade

    checked = []
    for check in examine(call_of(context), offline=offline):
        checked.append(check)
        if not as_json:
            print(f"{text(f'grade.{check.grade}'):<8} {check.subject}: {check.said}", flush=True)
            if check.cure:
                print(f"{'':<8} → {check.cure}", flush=True)
    if as_json:
        print_json(checked)
    codes = {check.exit_code for check in checked if check.grade is not Grade.OK}
    order = (ExitCode.WRONG_USAGE, ExitCode.OUT_OF_REACH, ExitCode.NEEDS_A_PERSON)
    return next((code for code in order if code in codes), ExitCode.DONE)
