"""Compares pyproject.toml with the lock files: what is declared must be locked, at a version that fits."""

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def locked(name: str) -> dict[str, Version]:
    """The versions that requirements/`name`.txt pins, by normalized project name."""
    text = Path("requirements", f"{name}.txt").read_text()
    return {canonicalize_name(project): Version(version) for project, version in PINNED.findall(text)}


def declared() -> dict[str, list[Requirement]]:
    """What pyproject.toml asks for, by the lock file that must hold it."""
    project = tomllib.loads(Path("pyproject.toml").read_text())
    runtime = [Requirement(line) for line in project["project"]["dependencies"]]
    groups = {
        name: [Requirement(line) for line in lines if isinstance(line, str)]
        for name, lines in project["dependency-groups"].items()
    }
    return {"runtime": runtime, "build": groups["build"], "dev": runtime + groups["dev"] + groups["build"]}


def faults() -> list[str]:
    """Every requirement that a lock file lacks or pins wrongly, and every pin in which two files differ."""
    locks = {name: locked(name) for name in ("runtime", "build", "dev")}
    missing = [
        f"requirements/{name}.txt does not hold {requirement}"
        for name, requirements in declared().items()
        for requirement in requirements
        if not requirement.specifier.contains(locks[name].get(canonicalize_name(requirement.name), "0"))
    ]
    differing = [
        f"requirements/{name}.txt and dev.txt pin {project} at different versions"
        for name in ("runtime", "build")
        for project, version in locks[name].items()
        if locks["dev"].get(project) != version
    ]
    return missing + differing


def main() -> int:
    """Prints every fault; 1 when there is one."""
    found = faults()
    print("\n".join([*found, "Run `make lock`."]) if found else "locks: in step with pyproject.toml")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
