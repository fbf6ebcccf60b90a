"""`serve` as a real process: it answers, takes what becomes due, and ends cleanly with a signal."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lapor_gateway.errors import ExitCode
from tests.support.command_line import PROGRAM, clean_environment, lapor_gateway
from tests.support.waiting import eventually

ROWS = "Nomor;Tanggal;Judul;Isi Laporan;Jenis;Nama;No. HP;Status\n"
ONE = "1;21/08/2026;Lampu mati;Lampu di depan balai mati.;Pengaduan;Warga Contoh;086000000001;Baru\n"


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    assert lapor_gateway("init", cwd=tmp_path).code == ExitCode.DONE
    assert lapor_gateway("db", "upgrade", cwd=tmp_path).code == ExitCode.DONE
    inbox = tmp_path / "data" / "inbox" / "contoh"
    inbox.mkdir(parents=True)
    (inbox / "harian.csv").write_text(ROWS + ONE)
    return tmp_path


@pytest.fixture
def served(installation: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running `serve` and its address."""
    environ = clean_environment() | {"LAPOR_GATEWAY_LANG": "en"}
    words = [*PROGRAM, "serve", "--port", "0"]
    with subprocess.Popen(words, cwd=installation, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if line.startswith("API and status page: "))
        yield process, said.split()[4]
        if process.poll() is None:
            process.kill()


def test_without_a_key_only_this_machine_is_served_and_it_says_so(
    installation: Path, served: tuple[subprocess.Popen[str], str]
) -> None:
    process, _ = served
    assert process.stderr is not None
    assert "this machine only" in "".join(next(process.stderr) for _ in range(2))
    refused = lapor_gateway("serve", "--host", "0.0.0.0", "--port", "0", cwd=installation)
    assert refused.code == ExitCode.WRONG_USAGE
    assert "Without any API key" in refused.err


def test_a_channel_synced_by_the_api_is_in_the_book_and_a_signal_ends_it_all(
    served: tuple[subprocess.Popen[str], str],
) -> None:
    process, address = served
    with httpx.Client(base_url=address, trust_env=False) as client:
        eventually(lambda: client.get("/readyz").status_code == 200, within=20)
        assert client.post("/v1/channels/contoh.ekspor/sync").status_code == 202
        eventually(lambda: client.get("/v1/complaints").json()["items"], within=20)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == ExitCode.DONE
    assert process.stderr is not None
    assert "Ended" in process.stderr.read()


def test_a_port_that_is_taken_is_one_clear_sentence(
    installation: Path, served: tuple[subprocess.Popen[str], str]
) -> None:
    port = served[1].rpartition(":")[2]
    taken = lapor_gateway("serve", "--port", port, cwd=installation)
    assert taken.code == ExitCode.WRONG_USAGE
    assert f"cannot listen on 127.0.0.1:{port}" in taken.err
