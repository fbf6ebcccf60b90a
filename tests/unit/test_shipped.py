"""The folders that travel with the package are found in a wheel and in a work tree."""

from pathlib import Path

import pytest

from lapor_gateway import shipped as module
from lapor_gateway.shipped import shipped


def test_a_work_tree_has_them_at_its_top() -> None:
    assert shipped("migrations") == Path(__file__).parents[2] / "migrations"


def test_a_wheel_has_them_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "lapor_gateway"
    (package / "_data" / "connectors").mkdir(parents=True)
    monkeypatch.setattr(module, "_PACKAGE", package)
    assert shipped("connectors") == package / "_data" / "connectors"
