"""One sync of an installation, in a process of its own: what the command `sync --all` does, without its screen."""

import sys
from pathlib import Path

import uvloop

from lapor_gateway.jobs.gateway import opened
from lapor_gateway.jobs.sync import chosen, sync
from lapor_gateway.settings import load_settings


def main(folder: Path) -> int:
    with opened(load_settings(folder)) as gateway:
        synced = uvloop.run(sync(gateway, chosen(gateway, [])))
    for failure in synced.failures:
        print(failure, file=sys.stderr)
    return int(synced.exit_code)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
