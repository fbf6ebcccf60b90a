"""What `doctor` says of the ledger's seal and its witnesses."""

from collections.abc import Iterator
from typing import Final

from lapor_gateway import catalogue
from lapor_gateway.book import checkpoints, entries
from lapor_gateway.book.recovering import count_in_doubt
from lapor_gateway.book.sealing import newest, require_whole
from lapor_gateway.book.standing import Standing, epoch_of, standing
from lapor_gateway.book.tiles import Tree
from lapor_gateway.catalogue import text
from lapor_gateway.cli.grading import Check, Grade, failed, warned, well
from lapor_gateway.cli.screen import moment
from lapor_gateway.errors import ExitCode, GatewayError
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.sealing import witnesses_of
from lapor_gateway.jobs.witness import Witness

_AN_HOUR: Final = 3_600_000_000


def seal_checks(gateway: Gateway) -> Iterator[Check]:
    """Whether the book may push, the seal, then every witness of the settings."""
    yield from _standing(gateway)
    try:
        yield _seal(gateway)
        witnesses = witnesses_of(gateway)
    except GatewayError as error:
        yield failed("check.seal", error)
        return
    if not witnesses:
        yield warned("check.witness", "check.witness.none")
    for witness in witnesses:
        yield _witness(gateway, witness)


def _standing(gateway: Gateway) -> Iterator[Check]:
    with gateway.book.read() as connection:
        found, epoch, held = standing(connection), epoch_of(connection), count_in_doubt(connection)
    subject, cure = text("check.standing"), text("check.standing.cure")
    if found in (Standing.RECOVERY, Standing.SUPERSEDED):
        yield Check(subject, Grade.FAIL, text(f"check.standing.{found}"), cure)
    elif held:
        yield Check(subject, Grade.WARN, text("check.standing.held", count=held), cure)
    else:
        yield well("check.standing", "check.standing.ok", epoch=epoch)
    if gateway.settings.environment != gateway.environment:
        yield Check(
            subject, Grade.WARN, text("check.standing.training"), text("check.standing.training.cure")
        )


def _seal(gateway: Gateway) -> Check:
    """The newest checkpoint against the stored tree; the whole ledger is looked at by `ledger verify` only."""
    with gateway.book.read() as connection:
        tree, last = Tree(connection), newest(connection)
        require_whole(tree, last)
        waiting = entries.behind(connection, tree.position, 1)
    if waiting and gateway.clock.now() - waiting[0][entries.AT] > _AN_HOUR:
        return warned("check.seal", "check.seal.late")
    if last is None:
        return warned("check.seal", "check.seal.none") if waiting else well("check.seal", "check.seal.new")
    return well("check.seal", "check.seal.ok", size=tree.size, time=moment(last.checkpoint.at))


def _witness(gateway: Gateway, witness: Witness) -> Check:
    with gateway.book.read() as connection:
        taken = checkpoints.taken_by(connection, witness.name)
    if taken.trouble:
        said = text("check.witness.trouble", name=witness.name, why=catalogue.sentence(taken.trouble))
        cure = text("check.witness.trouble.cure")
        return Check(text("check.witness"), Grade.FAIL, said, cure, ExitCode.OUT_OF_REACH)
    guards = text(f"witness.guards.{witness.guard}")
    if not taken.number:
        return well("check.witness", "check.witness.new", name=witness.name, guards=guards)
    return well("check.witness", "check.witness.ok", name=witness.name, number=taken.number, guards=guards)
