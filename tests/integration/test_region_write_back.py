"""What a region's simulated application takes back from LAPOR!, what its people do, and what a listing then shows."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.support.region import RegionSimulator, region_folder
from tests.support.waiting import eventually

NOW = ("--now", "2026-03-02T09:00:00+07:00")


class Tuban:
    """A client of the Laravel-like application, logged in."""

    def __init__(self, simulator: RegionSimulator) -> None:
        self.simulator = simulator
        secrets = simulator.ready["secrets"]
        login = {"email": secrets["tuban/username"], "password": secrets["tuban/password"]}
        self.http = httpx.Client(base_url=simulator.url, trust_env=False, timeout=5)
        token = self.http.post("/api/login", json=login).json()["token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        self.http.close()

    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/api/complaints").json()["data"]
        return found

    def one(self, id_: object) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(f"/api/complaints/{id_}").json()["data"]
        return found


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RegionSimulator]:
    with RegionSimulator(region_folder("tuban"), tmp_path, *NOW, complaints=20) as running:
        yield running


@pytest.fixture
def tuban(simulator: RegionSimulator) -> Iterator[Tuban]:
    with closing(Tuban(simulator)) as client:
        yield client


def test_number_status_and_answer_come_back_and_are_listed(tuban: Tuban) -> None:
    id_ = tuban.rows()[0]["id"]
    wish = {"sp4n_id": 4200001, "sp4n_status": "Dalam Proses", "status": "in progress"}
    assert tuban.http.patch(f"/api/complaints/{id_}", json=wish).status_code == 200
    answer = {"answer": "Sudah kami perbaiki.", "officer": "Dinas PU", "external_id": "77"}
    taken = tuban.http.post(f"/api/complaints/{id_}/answers", json=answer)
    assert (taken.status_code, taken.json()["data"]["via"]) == (201, "lapor")
    row = next(row for row in tuban.rows() if row["id"] == id_)
    assert (row["sp4n_id"], row["sp4n_status"], row["status"]) == ("4200001", "Dalam Proses", "in progress")
    assert [(told["answer"], told["external_id"]) for told in row["answers"]] == [
        ("Sudah kami perbaiki.", "77")
    ]


def test_the_same_key_twice_is_done_once(tuban: Tuban) -> None:
    id_ = tuban.rows()[0]["id"]
    for status in (201, 200):
        taken = tuban.http.post(
            f"/api/complaints/{id_}/answers", json={"answer": "Satu kali"}, headers={"Idempotency-Key": "k1"}
        )
        assert taken.status_code == status
        body = {"description": "Lampu mati", "sp4n_id": "4200002"}
        filed = tuban.http.post("/api/complaints", json=body, headers={"Idempotency-Key": "k2"})
        assert filed.status_code == status
    assert len(tuban.one(id_)["answers"]) == 1
    assert [row["id"] for row in tuban.rows() if row["sp4n_id"] == "4200002"] == [filed.json()["data"]["id"]]


def test_what_is_refused_changes_nothing(tuban: Tuban) -> None:
    id_ = tuban.rows()[0]["id"]
    before = tuban.one(id_)
    assert tuban.http.patch(f"/api/complaints/{id_}", json={"status": "beres"}).status_code == 422
    assert tuban.http.post(f"/api/complaints/{id_}/answers", json={"answer": " "}).status_code == 422
    assert tuban.http.patch("/api/complaints/999999", json={"status": "pending"}).status_code == 404
    assert tuban.http.post("/api/complaints", json={"title": "tanpa isi"}).status_code == 422
    after = tuban.one(id_)
    assert {**after, "photo_url": None} == {**before, "photo_url": None}


def test_everything_is_there_again_after_a_restart_with_passes_between(tmp_path: Path) -> None:
    with (
        RegionSimulator(region_folder("tuban"), tmp_path, *NOW, complaints=60) as running,
        closing(Tuban(running)) as tuban,
    ):
        id_ = tuban.rows()[0]["id"]
        tuban.http.post(f"/api/complaints/{id_}/answers", json={"answer": "Sebelum"})
        running.advance()
        tuban.http.post("/api/complaints", json={"description": "Dari LAPOR!", "sp4n_id": 4200003})
        before = {row["id"]: row for row in tuban.rows()}
    with (
        RegionSimulator(region_folder("tuban"), tmp_path, *NOW, complaints=60) as running,
        closing(Tuban(running)) as tuban,
    ):
        after = {row["id"]: row for row in tuban.rows()}
    assert [{**row, "photo_url": None} for row in after.values()] == [
        {**row, "photo_url": None} for row in before.values()
    ]


def test_a_reset_or_a_silence_after_the_commit_leaves_what_was_written(
    simulator: RegionSimulator, tuban: Tuban
) -> None:
    id_ = tuban.rows()[0]["id"]
    for place, status in enumerate(("reset", "down", "silence", 500)):
        for commit in ("no", "yes"):
            simulator.faults(status=status, on="write", times=1, commit=commit)
            try:
                answer = tuban.http.post(
                    f"/api/complaints/{id_}/answers", json={"answer": f"{place} {commit}"}, timeout=0.3
                )
                assert answer.status_code == 500
            except httpx.TransportError:
                assert status != 500
    simulator.faults()
    assert [told["answer"] for told in tuban.one(id_)["answers"]] == ["0 yes", "1 yes", "2 yes", "3 yes"]


def test_a_late_commit_lands_after_the_client_gave_up_and_rules_add_up(
    simulator: RegionSimulator, tuban: Tuban
) -> None:
    id_ = tuban.rows()[0]["id"]
    late = {"status": "silence", "on": "write", "commit": "late", "delay": 0.05, "times": 1}
    simulator.faults(rules=[late, {"status": 503, "on": "read", "times": 1}])
    with pytest.raises(httpx.ReadTimeout):
        tuban.http.post(f"/api/complaints/{id_}/answers", json={"answer": "Terlambat"}, timeout=0.2)
    assert tuban.http.get(f"/api/complaints/{id_}").status_code == 503
    eventually(lambda: [told["answer"] for told in tuban.one(id_)["answers"]] == ["Terlambat"])
    assert simulator.state()["writes"] == {"answered": 1}


def test_a_share_of_faults_follows_its_seed(simulator: RegionSimulator, tuban: Tuban) -> None:
    id_ = tuban.rows()[0]["id"]
    runs = []
    for _ in range(2):
        simulator.faults(status=500, on="write", share=0.3, seed=5)
        calls = [
            tuban.http.patch(f"/api/complaints/{id_}", json={"status": "pending"}).status_code
            for _ in range(12)
        ]
        runs.append(calls)
    assert runs[0] == runs[1]
    assert 1 <= runs[0].count(500) <= 8


# The school schema: the gateway writes by SQL, the page shows the tables


@pytest.fixture(params=["sqlite", "mariadb"])
def school_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'school.db'}"
    url: str = request.getfixturevalue("fresh_mariadb_url")
    return url


def test_what_sql_writes_shows_on_the_page_and_no_later_pass_meets_it(
    school_url: str, tmp_path: Path
) -> None:
    words = (region_folder("sampang"), tmp_path / "data", *NOW, "--database-url", school_url)
    with RegionSimulator(*words, "--page", complaints=30) as running:
        engine = create_engine(school_url)
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE pengaduan SET id_sp4n = '4200001', status = 'proses' WHERE id_pengaduan = 3")
            )
            connection.execute(
                text(
                    "INSERT INTO tanggapan (id_pengaduan, tgl_tanggapan, tanggapan, id_petugas)"
                    " VALUES (3, '2026-03-03', 'Dari LAPOR! <b>', 2)"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO pengaduan (tgl_pengaduan, isi_laporan, id_sp4n) VALUES ('2026-03-03', 'Baru', '42')"
                )
            )
            number = connection.scalar(text("SELECT id_pengaduan FROM pengaduan WHERE id_sp4n = '42'"))
        shown = httpx.get(f"{running.url}/pengaduan/3", trust_env=False).text
        assert "4200001" in shown
        assert "Dari LAPOR! &lt;b&gt;" in shown
        assert number >= 500_000
        form = {"id": "3", "act": "status", "status": "selesai"}
        assert httpx.post(f"{running.url}/_page/act", data=form, trust_env=False).status_code == 303
        with engine.connect() as connection:
            status = connection.scalar(text("SELECT status FROM pengaduan WHERE id_pengaduan = 3"))
        engine.dispose()
    assert status == "selesai"
    later = RegionSimulator(*words, complaints=30)
    later._run("--advance")
    with create_engine(school_url).connect() as connection:
        ids = connection.scalars(text("SELECT id_pengaduan FROM pengaduan ORDER BY 1")).all()
        connection.engine.dispose()
    assert ids[-1] == number
    assert 31 in ids
