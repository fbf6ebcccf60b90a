"""Makes the installation that is measured: settings, region folder, a new book, the channel live.

In a process of its own: a child's peak memory begins with its parent's, which must therefore stay small.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from lapor_gateway.book import channels
from lapor_gateway.book.crypto import MasterKeys, write_key_file
from lapor_gateway.book.schema import create_book
from lapor_gateway.jobs.gateway import opened
from lapor_gateway.settings import load_settings
from tests.bench.work import write_installation


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--source", required=True)
    parser.add_argument("--national", required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    asked = parser.parse_args()
    write_installation(asked.folder, source=asked.source, national=asked.national, in_flight=asked.in_flight)
    settings = load_settings(asked.folder)
    write_key_file(settings.key_file)
    keys = MasterKeys(settings.master_keys())
    create_book(settings.book_url, keys, environment="training", at=datetime.now(UTC))
    with opened(settings) as gateway:
        for channel in gateway.channels:
            channels.go_live(gateway.book, channel, by="Pengukuran")


if __name__ == "__main__":
    main()
