"""A command of the gateway as a process that ends inside a chosen call.

`python -m tests.support.armed_command MODULE:NAME:before|after:N WORD…`, with the words of `lapor-gateway`.
"""

import sys

from lapor_gateway.cli.app import run
from tests.support.sync_process import arm

if __name__ == "__main__":
    where, *words = sys.argv[1:]
    arm(where)
    sys.exit(run(words))
