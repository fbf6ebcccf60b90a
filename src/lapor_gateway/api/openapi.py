"""The OpenAPI document: `python -m lapor_gateway.api.openapi` writes it, with `--check` compares it."""

import sys
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from lapor_gateway.api.ambiguous import Decided
from lapor_gateway.api.answers import REFERENCE, Listed, Said
from lapor_gateway.api.channels import ChannelView, RegionView, TallyView
from lapor_gateway.api.health import Alive, Ready
from lapor_gateway.api.history import Changes
from lapor_gateway.api.ledger import Checkpoints, Consistency
from lapor_gateway.api.problems import Problem
from lapor_gateway.api.reconciliations import ReconciliationDetail
from lapor_gateway.api.reports import Indicators, Obstacles
from lapor_gateway.api.switches import KeyView, NewKey, Push
from lapor_gateway.book.channels import WentLive
from lapor_gateway.book.deadline_lists import DeadlineView, Forecast
from lapor_gateway.book.journey import Journey
from lapor_gateway.book.obstacles import ObstacleView
from lapor_gateway.book.past import PastView
from lapor_gateway.book.proofs import Proof, SealedEntry
from lapor_gateway.book.queries import ComplaintView, FindingView, RunView
from lapor_gateway.book.reconciliations import ReconciliationView
from lapor_gateway.jobs.candidates import Candidates

FILE: Final = Path("openapi") / "gateway.yaml"
COMMAND: Final = "python -m lapor_gateway.api.openapi"
_DESCRIPTION: Final = """Carries citizens' complaints from regional applications into SP4N-LAPOR! and accounts for them.

Lists come in pages: `limit` up to 500, a stable order, `next_cursor` to pass on as `cursor` (also as a Link header). \
Times are RFC 3339 in UTC; in a filter, a date alone means that day in the region's zone. \
Errors are RFC 9457 problems with a stable `type`. Long work answers 202 with a run to follow. \
A write takes an `Idempotency-Key`: asked again within a day it is answered as the first time, and done once.

Every call needs an API key (`Authorization: Bearer`) with the scope it names: `read`, `operate`, `admin`, \
`send` or `identity`. A key of one region or channel sees only that; anything else is not found."""
_SHAPES: Final[tuple[Any, ...]] = (
    Listed[ComplaintView],
    Listed[RegionView],
    Listed[ChannelView],
    Listed[RunView],
    Listed[FindingView],
    Listed[ReconciliationView],
    Listed[DeadlineView],
    list[Forecast],
    ReconciliationDetail,
    Indicators,
    Obstacles,
    ObstacleView,
    Listed[KeyView],
    Listed[SealedEntry],
    Checkpoints,
    Consistency,
    Proof,
    Journey,
    Candidates,
    Decided,
    TallyView,
    PastView,
    Changes,
    WentLive,
    Push,
    NewKey,
    Said,
    Alive,
    Ready,
    Problem,
)


def document_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of an application, its structs' schemas included."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes
        )
        _, schemas = msgspec.json.schema_components(_SHAPES, ref_template=REFERENCE)
        own = document.setdefault("components", {}).setdefault("schemas", {})
        document["components"]["schemas"] = dict(sorted({**own, **schemas}.items()))
        app.openapi_schema = document
    return app.openapi_schema


def main(arguments: list[str]) -> int:
    """Write the document, or with `--check` say whether the one that is kept is in step. The exit code."""
    from lapor_gateway.api.app import bare_app  # noqa: PLC0415 - it imports this module

    written = yaml.safe_dump(bare_app().openapi(), sort_keys=False, allow_unicode=True, width=110)
    if "--check" not in arguments:
        FILE.write_text(written, "utf-8")
        return 0
    if FILE.is_file() and FILE.read_text("utf-8") == written:
        return 0
    sys.stderr.write(f"{FILE} is not in step with the code; run `{COMMAND}` and commit it.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
