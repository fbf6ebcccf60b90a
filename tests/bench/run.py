"""The main work with the full book beside a bare script, in turn and on one core: `python -m tests.bench.run`."""

import argparse
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.measuring import Run, Servers, client_core, environment, measured, on_core, servers
from tests.bench.report import record, report

IN_FLIGHT = 32
GATEWAY = "lapor-gateway"
YARDSTICK = "aiohttp script"


@dataclass
class Measurement:
    """All runs of one call, in the order they were made, and what the last book weighs."""

    complaints: int
    gateway: list[Run] = field(default_factory=list)
    yardstick: list[Run] = field(default_factory=list)
    second: list[Run] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    book_bytes: int = 0

    def median(self, runs: list[Run], of: Callable[[Run], float | None]) -> float:
        return statistics.median([value for run in runs if (value := of(run)) is not None])


def main() -> None:
    asked = _arguments()
    root = Path(tempfile.mkdtemp(prefix="bench-", dir=asked.folder))
    try:
        with servers(asked.complaints) as served:
            if asked.profile:
                _profile(served, root / "profiled", Path(asked.profile))
                return
            measurement = _measure(served, root, asked.complaints, asked.runs)
        print(report(measurement, root))
        if asked.record:
            record(measurement, root)
    finally:
        shutil.rmtree(root)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.run", description=__doc__)
    parser.add_argument("--complaints", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3, help="of each of the two, in turn")
    parser.add_argument(
        "--folder", type=Path, help="where the book is made (default: the system's temporary folder)"
    )
    parser.add_argument("--record", action="store_true", help="write the result into docs/benchmarks.md")
    parser.add_argument(
        "--profile", metavar="FILE", help="one run under cProfile, kept in FILE, instead of figures"
    )
    return parser.parse_args()


def _measure(served: Servers, root: Path, complaints: int, runs: int) -> Measurement:
    measurement = Measurement(complaints)
    for number in range(1, runs + 1):
        folder = root / f"run-{number}"
        _install(served, folder)
        first = measured(GATEWAY, served, *_sync(folder))
        _expect(first, posts=complaints)
        measurement.gateway.append(first)
        again = measured(GATEWAY, served, *_sync(folder))
        _expect(again, posts=0)
        measurement.second.append(again)
        measurement.rows, measurement.book_bytes = _weight(folder / "book.db")
        shutil.rmtree(folder)
        bare = measured(
            YARDSTICK, served, "-m", "tests.bench.yardstick", served.source, served.national, str(IN_FLIGHT)
        )
        _expect(bare, posts=complaints)
        measurement.yardstick.append(bare)
        print(
            f"{number}: {first.rate:,.0f}/s and {bare.rate:,.0f}/s, {first.rate / bare.rate:.2f}",
            file=sys.stderr,
        )
    return measurement


def _profile(served: Servers, folder: Path, kept: Path) -> None:
    _install(served, folder)
    run = measured(GATEWAY, served, "-m", "cProfile", "-o", str(kept), *_sync(folder))
    print(f"{run.rate:,.0f}/s under the profiler; read it with `python -m pstats {kept}`")


def _sync(folder: Path) -> tuple[str, ...]:
    """What a person would type."""
    return ("-m", "lapor_gateway", "--data", str(folder), "sync", "--all", "--json")


def _install(served: Servers, folder: Path) -> None:
    words = ["--source", served.source, "--national", served.national, "--in-flight", str(IN_FLIGHT)]
    with on_core(client_core()):
        command = [sys.executable, "-m", "tests.bench.installation", str(folder), *words]
        subprocess.run(command, check=True, env=environment())


def _expect(run: Run, *, posts: int) -> None:
    if run.posts != posts:
        raise RuntimeError(f"{run.name} posted {run.posts:,} complaints, not {posts:,}")


def _weight(path: Path) -> tuple[dict[str, int], int]:
    """Rows by table and bytes on disk of a closed book."""
    book = sqlite3.connect(path)
    try:
        names = [name for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: book.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    finally:
        book.close()
    return rows, path.stat().st_size


if __name__ == "__main__":
    main()
