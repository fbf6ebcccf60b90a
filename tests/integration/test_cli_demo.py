"""The demo as a user runs it: real processes, an empty folder, and a summary that must balance."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from lapor_gateway.cli.demo.folder import account_from, overridden
from lapor_gateway.cli.demo.plan import dealt_out, shares
from lapor_gateway.errors import ConfigurationError, ExitCode
from tests.support.command_line import PROGRAM, clean_environment, lapor_gateway
from tests.support.national import NationalSimulator
from tests.support.waiting import eventually

COMPLAINTS = ("--complaints", "60")


def posts(data: Path) -> list[dict[str, Any]]:
    """What reached the simulated LAPOR! of a demo's folder as a new complaint."""
    log = data / "simulators" / "national" / "requests.jsonl"
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    return [entry for entry in map(json.loads, lines) if entry["call"] == "create"]


def parcels(data: Path) -> list[Any]:
    """All that travels between the regions and LAPOR!, with its state and attempts."""
    book = sqlite3.connect(data / "book.db")
    try:
        return book.execute("SELECT direction, target, state, attempts FROM parcels ORDER BY id").fetchall()
    finally:
        book.close()


def assert_adds_up(status: dict[str, Any], complaints: int) -> None:
    """The contract's object: balanced, and every channel's states add up to what it has seen."""
    assert status["balanced"] is True
    assert sum(channel["seen"] for channel in status["channels"]) == complaints
    for channel in status["channels"]:
        assert sum(channel["by_state"].values()) == channel["seen"]
        assert channel["balance"]["verdict"] == "balanced"
        assert {"id", "region", "mode", "balance"} <= channel.keys()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's data folder after `demo --no-serve --json`, which must have balanced."""
    data = tmp_path_factory.mktemp("demo") / "data"
    done = lapor_gateway("demo", "--no-serve", "--json", *COMPLAINTS, "--data", data)
    assert done.code == ExitCode.DONE, done.err
    assert_adds_up(done.json, 60)
    assert "modelled on" in done.err
    assert "the demo approves by itself" in done.err
    return data


@pytest.mark.timeout(240)
def test_a_sync_from_a_new_process_finds_nothing_new_and_sends_nothing(demo: Path) -> None:
    before, travelled = len(posts(demo)), parcels(demo)
    assert before > 30
    assert {state for _, _, state, _ in travelled} == {"delivered"}
    told = {target.partition(".")[0] for direction, target, _, _ in travelled if direction == "region"}
    assert told == set(shares())
    assert any(direction == "national" for direction, *_ in travelled)
    synced = lapor_gateway("sync", "--all", "--json", "--data", demo)
    assert synced.code in (ExitCode.DONE, ExitCode.NEEDS_A_PERSON), synced.err
    assert {name: one["new"] for name, one in synced.json["channels"].items() if one["new"]} == {}
    assert len(posts(demo)) == before
    assert parcels(demo) == travelled, "something was told again, or an echo went round"
    checked = lapor_gateway("--data", demo, "status", "--check", "--json")
    assert_adds_up(checked.json, 60)


@pytest.mark.timeout(240)
def test_a_simulated_lapor_whose_port_was_taken_meanwhile_is_found_at_its_new_one(demo: Path) -> None:
    port = httpx.URL(next(u for u in urls_in(demo / "lapor-gateway.toml") if u)).port
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port or 0))
        stranger.listen()
        checked = lapor_gateway("--data", demo, "status", "--check", "--json")
    assert checked.code == ExitCode.NEEDS_A_PERSON, checked.err
    assert "no answer" not in checked.err
    assert_adds_up(checked.json, 60)


def urls_in(settings: Path) -> list[str]:
    national = tomllib.loads(settings.read_text("utf-8"))["national"]
    return [account["url"] for account in national.values()]


@pytest.mark.timeout(240)
def test_a_second_run_goes_on_and_sends_nothing_twice(demo: Path) -> None:
    before = len(posts(demo))
    again = lapor_gateway("demo", "--no-serve", *COMPLAINTS, "--data", demo)
    assert again.code == ExitCode.DONE, again.err
    assert len(posts(demo)) == before
    assert "Kabupaten" in again.out
    assert "The balance closes." in again.out


def test_other_values_than_the_first_runs_are_refused(demo: Path, tmp_path: Path) -> None:
    other = lapor_gateway("demo", "--no-serve", "--complaints", "61", "--data", demo)
    assert other.code == ExitCode.WRONG_USAGE
    assert "60 complaints of seed 1" in other.err
    (tmp_path / "book.db").write_bytes(b"")
    real = lapor_gateway("demo", "--no-serve", "--data", tmp_path)
    assert real.code == ExitCode.WRONG_USAGE
    assert "no demo" in real.err


def test_the_demo_never_speaks_to_an_address_beyond_this_machine(tmp_path: Path) -> None:
    refused = lapor_gateway(
        "demo", "--no-serve", "--national-url", "https://example.org", "--data", tmp_path / "d"
    )
    assert refused.code == ExitCode.WRONG_USAGE
    assert "loopback" in refused.err
    assert not (tmp_path / "d").exists()


@pytest.mark.timeout(240)
def test_a_demo_that_was_killed_while_sending_goes_on_and_sends_nothing_twice(tmp_path: Path) -> None:
    data = tmp_path / "data"
    words = ["demo", "--no-serve", *COMPLAINTS, "--data", str(data)]
    with subprocess.Popen(
        [*PROGRAM, *words], env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        eventually(lambda: len(posts(data)) >= 5, within=60, what="the first complaints are sent")
        process.kill()
    done = lapor_gateway(*words, "--json")
    assert done.code == ExitCode.DONE, done.err
    assert_adds_up(done.json, 60)
    committed = [entry["id"] for entry in posts(data) if entry.get("committed")]
    assert len(committed) == len(set(committed))
    accepted = sum(channel["by_state"]["accepted"] for channel in done.json["channels"])
    national = sum({c["region"]: c["balance"]["national"] for c in done.json["channels"]}.values())
    assert accepted == national


@contextmanager
def silent_endpoint() -> Iterator[str]:
    """An address that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    for one in taken:
        one.close()


@pytest.mark.timeout(240)
def test_the_demo_ends_by_itself_when_the_national_side_never_answers(tmp_path: Path) -> None:
    with silent_endpoint() as url:
        words = ("demo", "--no-serve", "--json", "--complaints", "20", "--data", tmp_path / "d")
        done = lapor_gateway(*words, "--national-url", url, within=200, LAPOR_GATEWAY_NATIONAL_TIMEOUT="0.5")
    assert done.code == ExitCode.OUT_OF_REACH
    assert done.json["balanced"] is False
    assert sum(channel["seen"] for channel in done.json["channels"]) == 20


@pytest.mark.timeout(240)
def test_a_given_endpoint_is_used_under_the_account_default(tmp_path: Path) -> None:
    data = tmp_path / "d"
    with NationalSimulator(tmp_path / "national") as national:
        words = ("demo", "--no-serve", "--json", "--complaints", "20", "--data", data)
        done = lapor_gateway(*words, "--national-url", national.url, LAPOR_GATEWAY_NATIONAL_AUTH="abc")
        assert done.code == ExitCode.DONE, done.err
        assert {channel["account"] for channel in done.json["channels"]} == {"default"}
        accepted = sum(channel["by_state"]["accepted"] for channel in done.json["channels"])
        assert len(national.complaints()) == accepted
        assert not (data / "simulators" / "national").exists()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_the_demo_serves_ends_cleanly_with_a_signal(demo: Path, number: signal.Signals) -> None:
    words = ["demo", *COMPLAINTS, "--data", str(demo), "--port", "0"]
    environ = clean_environment() | {"LAPOR_GATEWAY_LANG": "en"}
    with subprocess.Popen([*PROGRAM, *words], env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = next(line for line in process.stdout if line.startswith("Status page: "))
        address = said.split()[2]
        assert httpx.get(f"{address}/healthz", trust_env=False).status_code == 200
        assert httpx.get(f"{address}/docs", trust_env=False).status_code == 200
        eventually(lambda: httpx.get(f"{address}/readyz", trust_env=False).status_code == 200, within=20)
        simulators = simulators_of(process.pid)
        assert simulators
        process.send_signal(number)
        assert process.wait(30) == ExitCode.DONE
        process.stdout.read()
    eventually(lambda: not any(map(is_running, simulators)), within=20, what="the simulators end, too")


def simulators_of(parent: int) -> list[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children")
    if not children.exists():
        pytest.skip("this system does not list a process's children")
    return [int(word) for word in children.read_text().split()]


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_complaints_are_dealt_out_by_share_and_none_is_lost() -> None:
    parts = {"a": 0.40, "b": 0.25, "c": 0.20, "d": 0.15}
    for complaints in (4, 5, 7, 60, 399, 400, 20_001):
        dealt = dealt_out(complaints, parts)
        assert sum(dealt.values()) == complaints
        assert min(dealt.values()) >= 1
    assert dealt_out(400, parts) == {"a": 160, "b": 100, "c": 80, "d": 60}
    with pytest.raises(ConfigurationError):
        dealt_out(3, parts)


def test_a_manifest_is_pointed_elsewhere_without_losing_its_comments() -> None:
    manifest = '# kept\n[region]\naccount = "own"  # gone\n\n[channels.a.auth]\nurl = "old"\n'
    manifest += '[channels.b]\nurl = "stays"\n'
    changed = overridden(manifest, {"region.account": "default", "channels.a.auth.url": 'new "one"'})
    assert changed.startswith('# kept\n[region]\naccount = "default"\n')
    assert 'url = "new \\"one\\""\n[channels.b]\nurl = "stays"' in changed
    with pytest.raises(ConfigurationError):
        overridden(manifest, {"channels.c.url": "x"})


def test_bounds_and_look_up_of_a_given_endpoint_come_from_the_environment() -> None:
    prefix = "LAPOR_GATEWAY_NATIONAL_"
    usual = account_from({}, "http://127.0.0.1:1")
    assert (usual["timeout"], usual["look_up"], usual["commits_within"]) == ("5", "{ maximum_lag = 1 }", "1")
    told = account_from({f"{prefix}TIMEOUT": "2", f"{prefix}MAXIMUM_LAG": "9"}, "http://127.0.0.1:1")
    assert (told["timeout"], told["look_up"]) == ("2", "{ maximum_lag = 9 }")
    assert "look_up" not in account_from({f"{prefix}LOOK_UP": "none"}, "http://127.0.0.1:1")
