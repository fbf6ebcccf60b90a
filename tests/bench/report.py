"""What a measurement says, as text for the terminal and for docs/benchmarks.md; no host name, no path."""

import os
import platform
import sqlite3
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bench.run import Measurement

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
MARK = "<!-- newest first; written by tests/bench/run.py --record -->\n"
_FSYNCS = 50


def report(measurement: "Measurement", folder: Path) -> str:
    """The table and its notes, in Markdown."""
    m = measurement
    rate, yardstick = (m.median(runs, lambda run: run.rate) for runs in (m.gateway, m.yardstick))
    ratios = [ours.rate / theirs.rate for ours, theirs in zip(m.gateway, m.yardstick, strict=True)]
    spread = f"**{rate / yardstick:.2f}** ({min(ratios):.2f}-{max(ratios):.2f})"
    table = [
        "| | lapor-gateway, full book | aiohttp script, no book |",
        "|---|---|---|",
        f"| complaints/s (median of {len(m.gateway)}) | {rate:,.0f} | {yardstick:,.0f} |",
        f"| **ratio** (of the medians; lowest and highest pair) | {spread} | 1 |",
        _row("complaints/s, the process's start included", m, lambda run: run.posts / run.whole, "{:,.0f}"),
        _row("CPU seconds per 1,000, start included", m, lambda run: run.cpu_per_thousand, "{:.3f}"),
        _row("peak memory, MB", m, lambda run: run.peak_memory / 1e6, "{:.0f}"),
        _row("first push after the process's start, s", m, lambda run: run.first_post_after_start, "{:.2f}"),
        _row("first push after the first page, s", m, lambda run: run.first_post_after_first_page, "{:.3f}"),
        _row("bytes posted a complaint", m, lambda run: run.bytes_posted / run.posts, "{:,.0f}"),
    ]
    return "\n".join(
        [*table, "", _about_the_book(m), _about_the_second_sync(m), _about_the_machine(m, folder)]
    )


def _about_the_book(m: "Measurement") -> str:
    rows, weight = sum(m.rows.values()) / m.complaints, m.book_bytes / m.complaints
    per_complaint = [f"{name} {count / m.complaints:.0f}" for name, count in sorted(m.rows.items())]
    listed = ", ".join([text for text in per_complaint if not text.endswith(" 0")])
    return f"The book: {rows:.1f} rows ({listed}) and {weight:,.0f} bytes a complaint."


def _about_the_second_sync(m: "Measurement") -> str:
    posts, took = sum(run.posts for run in m.second), m.median(m.second, lambda run: run.whole)
    return f"A second sync: {posts} posts, {m.second[-1].pages} request at the source, {took:.2f} s from start to end."


def _about_the_machine(m: "Measurement", folder: Path) -> str:
    book = f"SQLite {sqlite3.sqlite_version} in WAL with synchronous=FULL"
    disk = f"one fdatasync here {_fsync_milliseconds(folder):.2f} ms"
    return f"{m.complaints:,} complaints; {book}, {disk}; {_machine()}."


def record(measurement: "Measurement", folder: Path) -> None:
    """Put the report on top of the results in the document."""
    text = DOCUMENT.read_text("utf-8")
    head, mark, rest = text.partition(MARK)
    if not mark:
        raise RuntimeError(f"{DOCUMENT.name} has lost the line that results go below")
    words = " ".join(word for word in sys.argv[1:] if word != "--record")
    title = f"### {datetime.now(UTC):%Y-%m-%d}: `{f'python -m tests.bench.run {words}'.strip()}`"
    DOCUMENT.write_text(f"{head}{mark}\n{title}\n\n{report(measurement, folder)}\n{rest}", "utf-8")


def _row(name: str, measurement: "Measurement", of: object, form: str) -> str:
    assert callable(of)
    cells = [
        form.format(measurement.median(runs, of)) for runs in (measurement.gateway, measurement.yardstick)
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _machine() -> str:
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{os.cpu_count()} cores of {model}, {platform.system()}, Python {platform.python_version()}"


def _fsync_milliseconds(folder: Path) -> float:
    """The median time that the disk takes to keep a page, which every commit waits for."""
    took = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(_FSYNCS):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - started)
    return 1000 * statistics.median(took)
