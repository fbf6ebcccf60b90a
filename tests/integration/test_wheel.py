"""The wheel carries all that an installed gateway needs: the region folders and the migrations included."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ["connectors", "migrations", "scripts"]

LIST_SHIPPED = """
import sys
from lapor_gateway.shipped import shipped
folder = shipped(sys.argv[1])
print(folder)
print(*sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()), sep="\\n")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("lapor_gateway-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed, as site-packages would hold it."""
    site = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", site, wheel],
        check=True,
        capture_output=True,
    )
    return site


def in_work_tree(name: str) -> list[str]:
    listing = subprocess.run(["git", "ls-files", name], cwd=ROOT, check=True, capture_output=True, text=True)
    tracked = [Path(line) for line in listing.stdout.splitlines()]
    return sorted(str(path.relative_to(name)) for path in tracked if (ROOT / path).is_file())


@pytest.mark.parametrize("name", SHIPPED)
def test_an_installed_wheel_finds_its_shipped_folders_from_anywhere(
    name: str, installed: Path, tmp_path: Path
) -> None:
    listing = subprocess.run(
        [sys.executable, "-c", LIST_SHIPPED, name],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    where, *files = listing.stdout.splitlines()
    assert where == str(installed / "lapor_gateway" / "_data" / name)
    assert set(in_work_tree(name)) <= set(files)


def test_the_wheel_holds_the_package_its_types_its_licence_and_its_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry_points = archive.read(next(n for n in names if n.endswith("entry_points.txt"))).decode()
    assert "lapor_gateway/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "lapor-gateway = lapor_gateway.cli.app:main" in entry_points


def test_the_wheel_holds_nothing_but_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"lapor_gateway"}
