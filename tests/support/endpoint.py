"""The independent national endpoint as a process of a test's own, and what its log says was sent and kept."""

import json
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support import independent_endpoint
from tests.support.independent_endpoint import Behaviour
from tests.support.processes import stop

AUTH, TOKEN = Behaviour.auth, Behaviour.token
# Read from the promise, not from the code: our line at the very top, alone.
_OUR_LINE = re.compile(r"\A\s*\[[^\]\n]*\b(LG-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\]\n")


@dataclass(frozen=True)
class Theirs:
    """A complaint as the endpoint keeps it: its number, the reference in its first line, and what was sent."""

    tracking_id: str
    reference: str | None
    body: dict[str, Any]
    at: float


class IndependentEndpoint:
    """Runs while the `with` block does; `order` changes how it behaves."""

    def __init__(self, folder: Path, **behaviour: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log_file = folder / "endpoint.jsonl"
        self._behaviour = behaviour

    def __enter__(self) -> Self:
        program = [sys.executable, independent_endpoint.__file__, str(self.log_file)]
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url: str = self._answer()["url"]
        if self._behaviour:
            self.order(**self._behaviour)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        stop(self.process)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def order(self, **behaviour: Any) -> None:
        """Change fields of `Behaviour`; `keep`, `drop` or `rewrite` complaints; `words` of status. Done at return."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(behaviour) + "\n")
        self.process.stdin.flush()
        assert self._answer() == {"done": True}

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the endpoint ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def events(self, *kinds: str, since: int = 0) -> list[dict[str, Any]]:
        """The log's events, oldest first, from the `since`-th line on."""
        text = self.log_file.read_text("utf-8") if self.log_file.exists() else ""
        lines = text.split("\n")[:-1]  # the last one may still be on its way to the file
        found = [json.loads(line) for line in lines[since:]]
        return [one for one in found if not kinds or one["event"] in kinds]

    def mark(self) -> int:
        """How long the log is now."""
        return len(self.events())

    def posts(self, since: int = 0) -> list[dict[str, Any]]:
        """The submissions that reached the endpoint, taken or not."""
        return [one for one in self.events("request", since=since) if one["method"] == "POST"]

    def kept(self) -> list[Theirs]:
        """Everything it has committed, from its own log."""
        found = []
        for one in self.events("committed"):
            line = _OUR_LINE.match(one["body"]["content"])
            found.append(Theirs(str(one["complaint_id"]), line and line[1], one["body"], one["at"]))
        return found

    def by_reference(self) -> dict[str | None, list[Theirs]]:
        found: dict[str | None, list[Theirs]] = defaultdict(list)
        for one in self.kept():
            found[one.reference].append(one)
        return found
