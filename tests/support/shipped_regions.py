"""The shipped region folders, connected to running simulators as a gateway's installation would connect them."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from lapor_gateway.api.app import create_app
from lapor_gateway.book import vault
from lapor_gateway.book.crypto import MasterKeys, write_key_file
from lapor_gateway.book.schema import create_book
from lapor_gateway.cli.demo.folder import overridden
from lapor_gateway.jobs.gateway import Gateway, opened
from lapor_gateway.settings import load_settings
from tests.support.migrated import lay_tables
from tests.support.national import AUTH, TOKEN
from tests.support.region import RegionSimulator, region_folder
from tests.support.waiting import eventually


def connect(name: str, simulator: RegionSimulator, folder: Path) -> None:
    """The shipped manifest with what the simulator's ready line says in place of the example addresses."""
    manifest = (region_folder(name) / "connector.toml").read_text("utf-8")
    values = {f"channels.{path}": value for path, value in simulator.ready["overrides"].items()}
    (folder / name).mkdir(parents=True)
    (folder / name / "connector.toml").write_text(overridden(manifest, values), "utf-8")


@contextmanager
def gateway_to(
    root: Path, book_url: str, national_url: str, regions: Mapping[str, RegionSimulator], more: str = ""
) -> Iterator[Gateway]:
    """A training gateway with one account a region; `more` stands in each account's settings."""
    for name, simulator in regions.items():
        connect(name, simulator, root / "connectors")
    accounts = "\n".join(
        f'[national.{name}]\nurl = "{national_url}"\nauth = "{AUTH}"\ntoken = "{TOKEN}-{name}"\n'
        'look_up = { maximum_lag = "500ms" }\ntimeout = "3s"\ncommits_within = "1s"\nrate_per_second = 500\n'
        f"follow_ups = {{ user_id = 77 }}\n{more}"
        for name in regions
    )
    (root / "lapor-gateway.toml").write_text(f'connectors_dir = "connectors"\n{accounts}\n', "utf-8")
    settings = load_settings(root, {"LAPOR_GATEWAY_DATABASE_URL": book_url})
    write_key_file(settings.key_file)
    lay_tables(book_url)
    create_book(book_url, MasterKeys(settings.master_keys()), environment="training", at=datetime.now(UTC))
    with opened(settings) as gateway:
        for simulator in regions.values():
            for secret, value in simulator.ready["secrets"].items():
                vault.set_secret(gateway.book, secret, value)
        yield gateway


@contextmanager
def serving(gateway: Gateway) -> Iterator[str]:
    """The gateway's API on a port of its own; its address."""
    server = uvicorn.Server(uvicorn.Config(create_app(gateway), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started, within=20, what="the API to listen")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def send_hooks(desk: RegionSimulator, url: str) -> None:
    """Let the message desk send its webhooks to a gateway's API, and wait until it has."""
    desk.send_hooks(f"{url}{desk.ready['hook']}", desk.ready["secrets"]["kota-blitar/webhook"])
    hooks_are_sent(desk)


def hooks_are_sent(desk: RegionSimulator) -> None:
    """Wait until every webhook that the desk has planned is out."""
    eventually(lambda: desk.state()["hooks"]["done"], within=30, what="the desk to have sent its webhooks")
