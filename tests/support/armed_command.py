"""A command of the gateway as a process that ends inside a chosen call.

`python -m tests.support.armed_command MODULE:NAME:before|after:N [--set MODULE:NAME:VALUE]… -- WORD…`, with the words
of `lapor-gateway`.
"""

import sys

from lapor_gateway.cli.app import run
from tests.support.sync_process import arm, replace


def armed(where: str, *words: str, values: tuple[str, ...] = ()) -> list[str]:
    """The command line that ends inside the call `where`; `values` (MODULE:NAME:VALUE) are other values of modules."""
    sets = [word for value in values for word in ("--set", value)]
    return [sys.executable, "-m", "tests.support.armed_command", where, *sets, "--", *words]


if __name__ == "__main__":
    where, *rest = sys.argv[1:]
    ours, words = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
    for value in ours[1::2]:
        replace(value)
    arm(where)
    sys.exit(run(words))
