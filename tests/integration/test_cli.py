"""The command line on a small installation: what commands answer, and with which exit code."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway import catalogue
from lapor_gateway.cli import app
from lapor_gateway.errors import ExitCode
from tests.support.command_line import Answered, lapor_gateway
from tests.support.http_application import Answered as Reply
from tests.support.http_application import Application, Asked
from tests.support.national import NationalSimulator

ROWS = "Nomor;Tanggal;Judul;Isi Laporan;Jenis;Nama;No. HP;Status\n"
ONE = "1;21/08/2026;Lampu mati;Lampu di depan balai mati.;Pengaduan;Warga Contoh;086000000001;Baru\n"
TWO = "2;22/08/2026;;Jalan berlubang di depan pasar.;Entah;Warga Contoh;086000000002;Baru\n"

Run = Callable[..., Answered]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs a command line in this process, in the folder of an installation of the test's own, in English."""
    for name in ("DATA_DIR", "CONFIG", "CONNECTORS_DIR", "DATABASE_URL", "SECRET_KEY"):
        monkeypatch.delenv(f"LAPOR_GATEWAY_{name}", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("LAPOR_GATEWAY_LANG", "en")
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def call(*words: str | Path) -> Answered:
        catalogue.use("en")
        capsys.readouterr()
        code = app.run([str(word) for word in words])
        said = capsys.readouterr()
        return Answered(code, said.out, said.err)

    yield call
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def installed(run: Run, tmp_path: Path) -> Run:
    """The same, after `init`, `db upgrade` and the two secrets, with two records waiting in the folder."""
    assert run("init").code == ExitCode.DONE
    assert run("db", "upgrade").code == ExitCode.DONE
    secret = tmp_path / "secret.txt"
    secret.write_text("latihan\n")
    for name in ("auth", "token"):
        assert run("secrets", "set", f"national/contoh/{name}", "--file", secret).code == ExitCode.DONE
    inbox = tmp_path / "data" / "inbox" / "contoh"
    inbox.mkdir(parents=True)
    (inbox / "harian.csv").write_text(ROWS + ONE + TWO + "TOTAL;;;;;;;\n")
    return run


@pytest.fixture
def national(tmp_path: Path) -> Iterator[NationalSimulator]:
    """A simulated LAPOR! that the installation's account points at."""
    with NationalSimulator(tmp_path / "national", plain=True) as simulator:
        yield simulator


def point_at(tmp_path: Path, url: str) -> None:
    """Let the account `contoh` go to `url`, with bounds that a test can wait for."""
    path = tmp_path / "lapor-gateway.toml"
    text = path.read_text().replace("http://127.0.0.1:8090", url)
    text = text.replace('"90s"', '"2s"').replace('"10m"', '"200ms"').replace('"15m"', '"200ms"')
    path.write_text(text.replace("rate_per_second = 5", "rate_per_second = 500"))


def test_init_never_overwrites(run: Run, tmp_path: Path) -> None:
    run("init")
    (tmp_path / "lapor-gateway.toml").write_text("# mine\n")
    key = (tmp_path / "data" / "secret.key").read_bytes()
    again = run("init")
    assert again.code == ExitCode.DONE
    assert (tmp_path / "lapor-gateway.toml").read_text() == "# mine\n"
    assert (tmp_path / "data" / "secret.key").read_bytes() == key
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o077 == 0


def test_init_makes_no_new_key_beside_an_old_book(run: Run, tmp_path: Path) -> None:
    run("init")
    run("db", "upgrade")
    (tmp_path / "data" / "secret.key").unlink()
    refused = run("init")
    assert (refused.code, "Put back the secret.key" in refused.err) == (ExitCode.WRONG_USAGE, True)
    assert not (tmp_path / "data" / "secret.key").exists()


def test_a_wrong_folder_is_said_first_and_left_as_it_was(run: Run, tmp_path: Path) -> None:
    lost = run("status")
    assert lost.code == ExitCode.WRONG_USAGE
    assert "There is no installation here" in lost.err
    assert "--data DIR" in lost.err
    assert list(tmp_path.iterdir()) == []


def test_the_example_region_conforms_to_its_own_samples(run: Run) -> None:
    run("init")
    assert run("connectors", "check", "contoh").code == ExitCode.DONE
    assert "1 samples conform" in run("connectors", "test").out


def test_the_whole_way_from_init_to_an_accepted_complaint(
    installed: Run, tmp_path: Path, national: NationalSimulator
) -> None:
    point_at(tmp_path, national.url)
    rehearsed = installed("sync", "contoh.ekspor", "--dry-run", "--json").json
    assert (rehearsed[0]["new"], rehearsed[0]["would"]) == (2, {"held": 2})
    assert installed("complaints", "list", "--json").json == []
    assert installed("sync", "--all").code == ExitCode.NEEDS_A_PERSON  # in shadow nothing leaves
    assert national.complaints() == []
    live = installed("channels", "go-live", "contoh.ekspor", "--by", "Sri Contoh")
    assert "1 released" in live.out
    assert installed("sync", "--all").code == ExitCode.NEEDS_A_PERSON  # the unknown kind stays held
    (accepted,) = installed("complaints", "list", "--state", "accepted", "--json").json
    assert [str(one["id"]) for one in national.complaints()] == [accepted["tracking_id"]]
    status = installed("status", "--check", "--json")
    assert (status.code, status.json["balanced"]) == (ExitCode.NEEDS_A_PERSON, True)
    assert status.json["channels"][0]["by_state"]["held"] == 1
    shown = installed("complaints", "show", accepted["reference"].lower()).out
    assert "submitting → accepted" in shown
    assert "Warga Contoh" not in shown


def test_a_decision_names_its_maker_and_what_became_of_it(installed: Run) -> None:
    installed("sync", "--all")
    (held,) = [c for c in installed("complaints", "list", "--json").json if c["reason"].startswith("unknown")]
    refused = installed("complaints", "withdraw", str(held["id"]), "--by", "Sri")
    assert (refused.code, "needs a reason" in refused.err) == (ExitCode.WRONG_USAGE, True)
    done = installed("complaints", "withdraw", str(held["id"]), "--by", "Sri", "--reason", "dicabut pelapor")
    assert "is withdrawn now" in done.out
    impossible = installed("complaints", "release", str(held["id"]))
    assert impossible.code == ExitCode.NEEDS_A_PERSON
    assert "Possible: restore" in impossible.err
    revealed = installed("complaints", "show", str(held["id"]), "--reveal", "--reason", "diminta pelapor")
    assert "Warga Contoh" in revealed.out


def test_a_quarantined_record_shows_field_rule_and_value_and_what_can_be_typed(
    installed: Run, tmp_path: Path
) -> None:
    bad = "3;kemarin sore;Sampah;Sampah menumpuk.;Pengaduan;Warga Contoh;086000000003;Baru\n"
    (tmp_path / "data" / "inbox" / "contoh" / "lagi.csv").write_text(ROWS + bad)
    installed("sync", "--all")
    (one,) = installed("complaints", "list", "--state", "quarantined", "--json").json
    shown = installed("complaints", "show", str(one["id"])).out
    assert "created_at: date kemarin sore" in shown
    assert "What can be done: `replay`, `withdraw`" in shown


def test_one_decision_takes_many_after_a_look_and_a_question(
    installed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed("sync", "--all")
    all_held = ("complaints", "set-aside", "--all", "--state", "held")
    assert installed("complaints", "set-aside", "--all").code == ExitCode.WRONG_USAGE
    monkeypatch.setattr("typer.confirm", lambda _: False)
    assert "2 held complaints" in installed(*all_held, "--by", "Sri").out
    assert len(installed("complaints", "list", "--state", "held", "--json").json) == 2
    one = installed(*all_held, "--because", "shadow", "--yes", "--by", "Sri")
    assert "1 of 1 decided" in one.out
    assert "1 of 1 decided" in installed(*all_held, "--channel", "contoh.ekspor", "--yes").out
    assert len(installed("complaints", "list", "--state", "historical", "--json").json) == 2


def test_complaints_come_as_one_array_or_one_a_line(installed: Run) -> None:
    installed("sync", "--all")
    assert {one["source_id"] for one in installed("complaints", "list", "--json").json} == {"1", "2"}
    lines = installed("complaints", "list", "--jsonl", "--limit", "1").out.splitlines()
    assert {json.loads(line)["source_id"] for line in lines} == {"1", "2"}
    assert installed("complaints", "list", "--state", "sleeping").code == ExitCode.WRONG_USAGE


def test_a_secret_is_named_but_never_shown(installed: Run) -> None:
    listed = installed("secrets", "list", "--json")
    assert [one["name"] for one in listed.json] == ["national/contoh/auth", "national/contoh/token"]
    assert "latihan" not in listed.out
    assert listed.json[0]["used_by"] == ["[national.contoh]"]


def test_a_key_is_shown_once_and_worthless_after_its_end(installed: Run) -> None:
    made = installed("keys", "create", "console", "--scope", "read,operate", "--json").json
    assert made["token"].startswith("lgk_")
    assert made["token"] not in installed("keys", "list").out
    assert installed("keys", "revoke", made["id"]).code == ExitCode.DONE
    assert installed("keys", "list", "--json").json[0]["revoked_at"] is not None
    assert installed("keys", "create", "x", "--scope", "everything").code == ExitCode.WRONG_USAGE


def test_the_one_switch_stops_everything_and_status_says_so(installed: Run) -> None:
    assert installed("push", "stop", "--by", "Sri").code == ExitCode.DONE
    stopped = installed("status")
    assert stopped.code == ExitCode.NEEDS_A_PERSON
    assert "All pushing is stopped" in stopped.out
    installed("push", "start")
    assert "All pushing is stopped" not in installed("status").out


def test_a_paused_channel_is_not_pulled_and_goes_on_when_resumed(installed: Run) -> None:
    installed("channels", "pause", "contoh.ekspor", "--reason", "serah terima")
    paused = installed("sync", "--all")
    assert paused.code == ExitCode.NEEDS_A_PERSON
    assert "paused: serah terima" in paused.err
    installed("channels", "resume", "contoh.ekspor")
    assert "2 new" in installed("sync", "--all").out


def test_doctor_says_what_is_amiss_and_what_to_do(run: Run, tmp_path: Path) -> None:
    bare = run("doctor")
    assert bare.code == ExitCode.WRONG_USAGE
    assert "lapor-gateway init" in bare.out
    run("init")
    run("db", "upgrade")
    (tmp_path / "data" / "secret.key").chmod(0o644)
    checked = {check["subject"]: check for check in run("doctor", "--offline", "--json").json}
    assert checked["master key"]["grade"] == "warn"
    assert "chmod 600" in checked["master key"]["cure"]
    assert checked["secrets"]["grade"] == "fail"
    assert checked["channel contoh.ekspor"]["grade"] == "warn"


def test_doctor_asks_the_national_side_harmlessly(
    installed: Run, tmp_path: Path, national: NationalSimulator
) -> None:
    def listing() -> Any:
        checked = {check["subject"]: check for check in installed("doctor", "--json").json}
        return checked["LAPOR!'s list of account contoh"]

    point_at(tmp_path, national.url)
    assert listing()["grade"] == "ok"
    closed = Application(lambda _: Reply([]))
    closed.close()
    path = tmp_path / "lapor-gateway.toml"
    path.write_text(path.read_text().replace(national.url, closed.url))
    assert "out of reach" in listing()["said"]
    refusing = Application(_refusing)
    path.write_text(path.read_text().replace(closed.url, refusing.url))
    refused = listing()
    refusing.close()
    assert "credential is refused" in refused["said"]
    assert "secrets set national/contoh/auth" in refused["cure"]


def test_a_rehearsal_in_shadow_shows_what_would_go_out_if_the_channel_were_live(installed: Run) -> None:
    (rehearsed,) = installed("sync", "--all", "--dry-run", "--json").json
    assert [one["source_id"] for one in rehearsed["sends"]] == ["1"]
    assert "once approved" in installed("sync", "--all", "--dry-run").out


def test_a_book_without_tables_is_said_and_not_made_by_looking(run: Run, tmp_path: Path) -> None:
    run("init")
    assert run("db", "status", "--json").json["ready"] is False
    assert not (tmp_path / "data" / "book.db").exists()
    assert run("status").code == ExitCode.WRONG_USAGE


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sync"], "Name the channels to sync, or say --all."),
        (["sync", "contoh.nothing"], "There is no channel contoh.nothing."),
        (["stauts"], "Did you mean"),
        (["status", "--nothing"], "No such option"),
        (["complaints", "show", "LG-0000-0000-0000"], "There is no complaint"),
        (["connectors", "check", "nowhere"], "cannot be read"),
        (["channels", "go-live", "contoh.ekspor"], "Missing option"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(installed: Run, words: list[str], said: str) -> None:
    answered = installed(*words)
    assert answered.code == ExitCode.WRONG_USAGE
    assert answered.err.startswith("Error: ")
    assert said in answered.err
    assert "Traceback" not in answered.err


def test_the_data_folder_may_be_named_before_or_after_the_command(installed: Run, tmp_path: Path) -> None:
    before = installed("--data", tmp_path / "data", "db", "status", "--json")
    after = installed("db", "status", f"--data={tmp_path / 'data'}", "--json")
    assert before.json == after.json


def manifest(tmp_path: Path) -> Path:
    return tmp_path / "connectors" / "contoh" / "connector.toml"


def test_an_unknown_key_in_a_manifest_is_named_with_its_line_and_the_nearest_right_one(
    installed: Run, tmp_path: Path
) -> None:
    path = manifest(tmp_path)
    path.write_text(path.read_text().replace("schedule =", "shedule ="))
    answered = installed("sync", "--all")
    line = next(n for n, row in enumerate(path.read_text().splitlines(), 1) if row.startswith("shedule"))
    assert answered.code == ExitCode.WRONG_USAGE
    assert f":{line}" in answered.err
    assert "shedule" in answered.err
    assert "schedule" in answered.err


def test_a_spreadsheet_without_its_headings_is_named_and_stops_that_channel_only(
    installed: Run, tmp_path: Path
) -> None:
    (tmp_path / "data" / "inbox" / "contoh" / "lain.csv").write_text("a;b\n1;2\n")
    answered = installed("sync", "--all")
    assert answered.code == ExitCode.NEEDS_A_PERSON
    assert "lain.csv" in answered.err
    assert "Isi Laporan" in answered.err


REST = """
[region]
code = "00.00"
name = "Kabupaten Contoh"
zone = "Asia/Jakarta"
account = "contoh"

[channels.aplikasi]
source = "rest"
url = "{url}/api"
auth = {{ kind = "bearer", token = "secret:contoh/token" }}

[channels.aplikasi.fields]
source_id = "id"
title = "judul"
body = "isi"
"""


@pytest.fixture
def application(installed: Run, tmp_path: Path) -> Iterator[Application]:
    """A REST application in place of the folder; a test says what it answers."""
    installed_at = Application(lambda _: Reply([]))
    manifest(tmp_path).write_text(REST.format(url=installed_at.url))
    secret = tmp_path / "token.txt"
    secret.write_text("rahasia-contoh")
    installed("secrets", "set", "contoh/token", "--file", secret)
    yield installed_at
    installed_at.close()


def _refusing(_: Asked) -> Reply:
    return Reply({"message": "Unauthenticated."}, status=401)


def _html(_: Asked) -> Reply:
    return Reply(b"<html>pemeliharaan</html>", headers={"content-type": "text/html"})


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (_refusing, ExitCode.NEEDS_A_PERSON, "refused the credential"),
        (_html, ExitCode.NEEDS_A_PERSON, "where JSON was due"),
    ],
)
def test_a_source_that_answers_wrongly_gives_one_clear_sentence(
    installed: Run, application: Application, answer: Callable[[Asked], Reply], code: ExitCode, said: str
) -> None:
    application.answer = answer
    for words in (("sync", "--all"), ("channels", "test", "contoh.aplikasi")):
        answered = installed(*words)
        assert (answered.code, said in answered.err) == (code, True), answered.err
        assert "rahasia-contoh" not in answered.err
        assert "Traceback" not in answered.err
        installed("channels", "resume", "contoh.aplikasi")


def test_a_source_that_is_down_is_exit_code_3(
    installed: Run, application: Application, tmp_path: Path
) -> None:
    closed = Application(lambda _: Reply([]))
    closed.close()
    manifest(tmp_path).write_text(REST.format(url=closed.url))
    answered = installed("channels", "test", "contoh.aplikasi")
    assert answered.code == ExitCode.OUT_OF_REACH
    assert "could not be reached" in answered.err


def test_the_preview_shows_raw_beside_normalized_and_every_unknown_word(installed: Run) -> None:
    shown: Any = installed("connectors", "preview", "contoh", "--json").json
    fields = {row["field"]: row for row in shown[0]["records"][0]["fields"]}
    assert fields["kind"]["raw"] == "Pengaduan"
    assert fields["kind"]["normalized"] == "pengaduan"
    assert "Warga Contoh" not in json.dumps(shown)
    assert "Entah" in [word["word"] for word in shown[0]["unknown_words"]]


def test_an_error_is_told_in_bahasa_indonesia_by_default(tmp_path: Path) -> None:
    answered = lapor_gateway("sync", cwd=tmp_path, LAPOR_GATEWAY_LANG="id")
    assert answered.code == ExitCode.WRONG_USAGE
    assert answered.err.startswith("Galat: Sebutkan kanal")


def test_the_unexpected_is_one_sentence_unless_debugging(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("lapor_gateway.settings.load_settings", broken)
    answered = run("status")
    assert answered.code == ExitCode.NEEDS_A_PERSON
    assert "Traceback" not in answered.err
    with pytest.raises(RuntimeError, match="broken on purpose"):
        run("status", "--debug")


@pytest.mark.parametrize("words", [("complaints", "list"), ("inbox", "list"), ("deliveries", "list")])
def test_a_state_that_there_is_not_is_refused_with_those_there_are(
    installed: Run, words: tuple[str, str]
) -> None:
    refused = installed(*words, "--state", "entah")
    assert (refused.code, "There is no state entah." in refused.err) == (ExitCode.WRONG_USAGE, True)
    assert "Known are: " in refused.err
