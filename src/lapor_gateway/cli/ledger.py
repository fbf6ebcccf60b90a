"""`ledger verify|proof|export|sample`: what the ledger proves, and to whom."""

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lapor_gateway import catalogue
from lapor_gateway.catalogue import text
from lapor_gateway.cli.describing import described
from lapor_gateway.cli.opening import AsJson, gateway_of, run_async
from lapor_gateway.cli.screen import moment, print_json, print_json_line, say, tell
from lapor_gateway.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from lapor_gateway.book.verifying import Fault
    from lapor_gateway.jobs.verification import Verification, WitnessReport

group = typer.Typer(help=text("help.ledger"), no_args_is_help=True, rich_markup_mode=None)
_SEED_BYTES = 8
_MOST = 10_000


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="ledger")


Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help=text("help.ledger.out"))]


@group.command("verify", **described("ledger verify"))
def verify(
    context: typer.Context,
    witness: Annotated[
        str | None, typer.Option(metavar="FILE|URL", help=text("help.ledger verify.witness"))
    ] = None,
    as_json: AsJson = False,
) -> int:
    from lapor_gateway.jobs import verification
    from lapor_gateway.jobs.outside import held_by

    with gateway_of(context) as gateway:
        held = None if witness is None else run_async(lambda: held_by(gateway, witness))
        found = run_async(lambda: verification.verify(gateway, held))
    if as_json:
        print_json(_told(found))
    else:
        _print(found)
    return _exit_code(found)


@group.command("proof", **described("ledger proof"))
def proof(
    context: typer.Context,
    complaint: Annotated[str, typer.Argument(metavar="COMPLAINT", help=text("help.ledger proof.complaint"))],
    out: Out = None,
) -> None:
    from lapor_gateway.book.proofs import prove

    with gateway_of(context) as gateway:
        proved = prove(gateway.book, complaint)
    if out is None:
        print_json(proved)
    else:
        _write(out, [proved])
    if proved.unsealed:
        tell("ledger.proof.tail", count=proved.unsealed)


@group.command("export", **described("ledger export"))
def export(
    context: typer.Context,
    first: Annotated[
        int, typer.Option("--from", min=0, metavar="N", help=text("help.ledger export.from"))
    ] = 0,
) -> None:
    from lapor_gateway.book.proofs import exported

    following = first
    with gateway_of(context) as gateway:
        for entry in exported(gateway.book, first):
            print_json_line(entry)
            following = entry.leaf + 1
    tell("ledger.exported", count=following - first, next=following)


@group.command("sample", **described("ledger sample"))
def sample(
    context: typer.Context,
    count: Annotated[
        int, typer.Argument(min=1, max=_MOST, metavar="N", help=text("help.ledger sample.count"))
    ],
    out: Out = None,
    seed: Annotated[str | None, typer.Option(metavar="TEXT", help=text("help.ledger sample.seed"))] = None,
) -> None:
    from lapor_gateway.book import proofs

    seed = seed or secrets.token_hex(_SEED_BYTES)
    with gateway_of(context) as gateway:
        chosen, known = proofs.sample(gateway.book, count, seed)
    if out is None:
        for one in chosen:
            print_json_line(one)
    else:
        _write(out, chosen)
    tell("ledger.sampled", count=count, all=known, seed=seed)


def _write(path: Path, proofs: Iterable[Any]) -> None:
    """One proof a line into a new file."""
    import msgspec

    try:
        with path.open("xb") as file:
            file.writelines(msgspec.json.encode(one) + b"\n" for one in proofs)
    except FileExistsError:
        raise ConfigurationError(
            f"The file {path} is there already.", cure="Choose another name after --out."
        ) from None
    except OSError as error:
        raise ConfigurationError(f"The file {path} cannot be written.", detail=error.strerror or "") from None
    tell("ledger.written", file=path)


def _print(found: "Verification") -> None:
    from lapor_gateway.jobs.verification import Verdict

    values = {"entries": found.entries, "sealed": found.sealed, "proven": found.proven}
    say(f"ledger.verdict.{found.verdict}", **values, count=found.fault_count)
    for fault in found.faults:
        print(f"  - {_said(fault)}")
    for life in found.lost_lives:
        say("ledger.lost_life", epoch=life.epoch, kept=life.kept, seen=life.seen)
    if found.verdict is Verdict.PROVEN and found.unproven_since and found.entries > found.proven:
        since = moment(found.unproven_since)
        say("ledger.unproven_since", time=since, count=found.entries - found.proven)
    elif found.unproven_since is None:
        say("ledger.unproven_always")
    for one in found.witnesses:
        _print_witness(one)
    say("ledger.key", key=found.key)


def _print_witness(one: "WitnessReport") -> None:
    if one.trouble:
        say("ledger.witness.trouble", name=one.name, why=catalogue.sentence(one.trouble))
    elif one.number is not None:
        say("ledger.witness", name=one.name, number=one.number, size=one.size, time=moment(one.at))
    elif one.guard == "mailbox":
        say("ledger.witness.mailbox", name=one.name)
    else:
        say("ledger.witness.nothing", name=one.name)
    print(f"  {text(f'witness.guards.{one.guard}')}")


def _said(fault: "Fault") -> str:
    values = {name: _shown(name, value) for name, value in fault.values.items()}
    return text(f"fault.{fault.kind}", **values)


def _shown(name: str, value: object) -> object:
    if name == "said":
        return catalogue.sentence(str(value))
    return moment(value) if name == "time" and isinstance(value, str) else value


def _told(found: "Verification") -> dict[str, Any]:
    """A verification as JSON-able values; a fault with its sentence."""
    import msgspec

    value: dict[str, Any] = msgspec.to_builtins(found)
    value["faults"] = [
        {"kind": one.kind, "entry": one.entry, "said": _said(one), **one.values} for one in found.faults
    ]
    for one in value["witnesses"]:
        del one["exit_code"]
        one["guards"] = text(f"witness.guards.{one['guard']}")
    return value


def _exit_code(found: "Verification") -> ExitCode:
    """3 where a witness could not be asked, 1 where something was changed or nobody has witnessed it."""
    from lapor_gateway.jobs.verification import Verdict

    if found.verdict is Verdict.BROKEN:
        return ExitCode.NEEDS_A_PERSON
    if any(one.exit_code is ExitCode.OUT_OF_REACH for one in found.witnesses):
        return ExitCode.OUT_OF_REACH
    return ExitCode.DONE if found.verdict is Verdict.PROVEN else ExitCode.NEEDS_A_PERSON
