"""A million complaints reconciled three ways: `python -m tests.bench.reconcile [--complaints N]`.

The book is written by hand, so that only the reconciliation is measured: every complaint accepted and listed, its
status known, but for one in a thousand that LAPOR! lacks and one in a thousand whose status moved on there.
"""

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.measuring import client_core, environment, on_core, server_core
from tests.support.processes import ready_process


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reconcile", description=__doc__)
    parser.add_argument("--complaints", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the book is made (default: the temporary folder)")
    parser.add_argument("--keep", action="store_true", help="leave the folder there")
    parser.add_argument("--profile", type=Path, metavar="FILE", help="under cProfile, kept in FILE")
    asked = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="bench-", dir=asked.folder))
    try:
        for count in (asked.complaints // 4, asked.complaints):
            _measure(root / str(count), count, asked.profile)
    finally:
        if not asked.keep:
            shutil.rmtree(root)


def _measure(folder: Path, count: int, profile: Path | None) -> None:
    with (
        on_core(server_core()),
        ready_process("tests.bench.listing", folder / "source.db", count, within=600) as national,
    ):
        make = [sys.executable, "-m", "tests.bench.reconcilable", str(folder), str(count), national.url]
        subprocess.run(make, check=True, env=environment())
        with on_core(client_core()):
            started = time.monotonic()
            traced = ("-m", "cProfile", "-o", str(profile)) if profile else ()
            words = ("-m", "lapor_gateway", "--data", str(folder), "reconcile", "--all", "--json")
            process = subprocess.Popen(
                [sys.executable, *traced, *words], stdout=subprocess.DEVNULL, env=environment()
            )
        _, status, usage = os.wait4(process.pid, 0)
        took = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    _judge(folder, count, 1 if profile else process.returncode)
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    indexes = next((folder / "reconciliations").glob("*.db")).stat().st_size
    print(
        f"{count:>9,} complaints: {took:.1f} s ({count / took:,.0f}/s, {1e6 * took / count:.1f} µs each), "
        f"{cpu:.1f} s CPU, peak {peak / 1e6:.0f} MB, indexes {indexes / 1e6:.0f} MB"
    )


def _judge(folder: Path, count: int, code: int) -> None:
    """Exactly what was planted, or the figure is worth nothing."""
    with sqlite3.connect(folder / "book.db") as book:
        found = dict(book.execute("SELECT kind, count(*) FROM differences GROUP BY kind"))
    planted = -(-count // 1000)  # one in every thousand that was begun
    expected = {"missing_at_national": planted, "status_differs": planted}
    if (code, found) != (1, expected):
        raise RuntimeError(f"ended with {code}, found {found} and not {expected}")


if __name__ == "__main__":
    main()
