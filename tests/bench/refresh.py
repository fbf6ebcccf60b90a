"""Many open complaints looked at once within the hourly budget, in virtual hours: `python -m tests.bench.refresh`."""

import argparse
import math
import resource
import tempfile
import time
from pathlib import Path

from tests.support.books import desk
from tests.support.virtual import VirtualClock
from tests.support.watchtower import HOUR, Watchtower


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.refresh", description=__doc__)
    parser.add_argument("--complaints", type=int, default=50_000)
    parser.add_argument("--per-hour", type=int, default=3_600)
    asked = parser.parse_args()
    clock = VirtualClock()
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        desk(f"sqlite:///{Path(folder) / 'book.db'}", clock) as own,
    ):
        tower = Watchtower(own, clock, asked.complaints, seed=1, per_hour=asked.per_hour)
        tower.national.begin(set(), set(), bad=0.0)
        bound, began = tower.bound(), time.process_time()
        clock.run(tower.watch(hours=math.ceil(bound / HOUR)))
        spent = time.process_time() - began
    waits, looks = tower.longest_waits(), sum(map(len, tower.national.looks.values()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"open complaints: {asked.complaints:,}, never looked at: {asked.complaints - len(waits):,}")
    print(f"stated bound: {bound / HOUR:.1f} h, longest wait: {max(waits.values()) / HOUR:.1f} h")
    print(f"requests in the busiest hour: {tower.most_in_an_hour():,} of {asked.per_hour:,}")
    print(f"{looks:,} looks, {1000 * spent / looks:.2f} ms of CPU each, {peak:.0f} MB at the peak")
    clock.loop.close()


if __name__ == "__main__":
    main()
