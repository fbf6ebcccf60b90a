"""The OpenAPI document as a promise: it is valid, in step, and no request it allows ends in a fault of ours."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate

from lapor_gateway.api.app import bare_app
from lapor_gateway.api.openapi import FILE, main
from lapor_gateway.api.principal import LOCAL, caller
from tests.support.offices import Offices, message, open_offices

ROOT = Path(__file__).parents[2]
KNOWN = {"complaint": "1", "channel": "satu.pesan", "region": "satu"}


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offices]:
    with open_offices(tmp_path_factory.mktemp("offices")) as world:
        world.deliver("satu.pesan", message("S1"), message("S2"))
        yield world


def test_the_document_that_is_kept_is_valid_and_in_step(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    validate(yaml.safe_load((ROOT / FILE).read_text("utf-8")))
    assert main(["--check"]) == 0
    monkeypatch.chdir(tmp_path)
    assert main(["--check"]) == 1
    assert "run `python -m lapor_gateway.api.openapi`" in capsys.readouterr().err


def test_every_call_says_what_it_answers_and_that_all_else_is_a_problem() -> None:
    document = bare_app().openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert set(operation["responses"]) >= {"default"}, (method, path)
            assert any(status.startswith("2") for status in operation["responses"]), (method, path)


def test_no_request_that_the_document_allows_ends_in_a_fault(offices: Offices) -> None:
    app = offices.app
    app.dependency_overrides[caller] = lambda: LOCAL  # past the door, where faults of ours would be
    document = schemathesis.openapi.from_asgi("/openapi.json", app)
    statuses: Counter[int] = Counter()
    for found in document.get_all_operations():
        operation = found.ok()

        @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            for name, known in KNOWN.items():
                if name in (case.path_parameters or {}) and len(str(case.path_parameters[name])) % 2:
                    case.path_parameters[name] = known
            answer = case.call()
            statuses[answer.status_code] += 1
            assert answer.status_code < 500 or answer.status_code in (502, 503), (case.path, answer.text)
            if answer.status_code >= 400 and case.path != "/readyz":
                assert answer.headers["content-type"] == ["application/problem+json"], case.path

        ask()
    assert {200, 404, 409, 422} <= statuses.keys()
