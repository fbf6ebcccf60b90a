"""The command line for tests: in this process where only the answer matters, as a real one where the process does."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = [sys.executable, "-P", "-m", "lapor_gateway"]


@dataclass(frozen=True)
class Answered:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def lapor_gateway(
    *words: str | Path,
    cwd: Path | None = None,
    within: float = 100.0,
    stdin: str | None = None,
    **environ: str,
) -> Answered:
    """Run `lapor-gateway words…` as a process, in English unless `LAPOR_GATEWAY_LANG` says otherwise."""
    done = subprocess.run(  # noqa: PLW1510 - the code is the answer
        [*PROGRAM, *map(str, words)],
        cwd=cwd,
        input=stdin if stdin is not None else "",
        capture_output=True,
        text=True,
        timeout=within,
        env=clean_environment() | {"LAPOR_GATEWAY_LANG": "en"} | environ,
    )
    return Answered(done.returncode, done.stdout, done.stderr)


def clean_environment() -> dict[str, str]:
    """This process's environment without any setting of the gateway."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LAPOR_GATEWAY_") and name != "DATABASE_URL"
    }
