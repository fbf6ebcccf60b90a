"""The simulated regional applications are as real ones are: awkward, dirty, and known to the last record."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import create_engine, text

from lapor_gateway.shipped import shipped
from tests.support.region import RegionSimulator, region_folder

REGIONS = ("tuban", "sampang", "kota-batu", "kota-blitar")
NOW = ("--now", "2026-03-02T09:00:00+07:00")
TICKET, BODY, STATUS = 1, 12, 18  # columns of the spreadsheets


def listing(simulator: RegionSimulator, since: str | None = None) -> list[dict[str, Any]]:
    """Every row of the Laravel application, logging in first and following `links.next`."""
    secrets = simulator.ready["secrets"]
    login = {"email": secrets["tuban/username"], "password": secrets["tuban/password"]}
    with httpx.Client(trust_env=False) as client:
        token = client.post(f"{simulator.url}/api/login", json=login).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        url: str | None = f"{simulator.url}/api/complaints"
        params = {"updated_since": since} if since else None
        rows: list[dict[str, Any]] = []
        while url:
            page = client.get(url, params=params).raise_for_status().json()
            rows += page["data"]
            url, params = page["links"]["next"], None
        return rows


def without_signature(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "photo_url"} for row in rows]


# Every region


@pytest.mark.parametrize("region", REGIONS)
def test_each_group_of_faults_reaches_two_percent_and_all_together_six_to_ten(
    region: str, tmp_path: Path
) -> None:
    truth = RegionSimulator(region_folder(region), tmp_path, *NOW, complaints=400).describe()
    groups = Counter(kind.partition("_")[0] for kind, ids in truth["dirt"].items() for _ in ids)
    spoiled = {id_ for ids in truth["dirt"].values() for id_ in ids}
    assert {"nik", "status", "body", "text", "date"} <= set(groups)
    assert min(groups["nik"], groups["status"], groups["body"], groups["text"], groups["date"]) >= 8
    assert 0.06 <= len(spoiled) / 400 <= 0.10
    assert truth["distinct"] == len(set(truth["ids"])) == 400


@pytest.mark.parametrize("region", REGIONS)
def test_the_same_seed_and_moment_make_the_same_complaints(region: str, tmp_path: Path) -> None:
    first = RegionSimulator(region_folder(region), tmp_path / "a", *NOW).describe()
    assert first == RegionSimulator(region_folder(region), tmp_path / "b", *NOW).describe()
    assert first != RegionSimulator(region_folder(region), tmp_path / "c", *NOW, seed=8).describe()


def test_another_number_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with RegionSimulator(region_folder("sampang"), tmp_path, *NOW):
        pass
    with (
        pytest.raises(AssertionError, match="did not get ready"),
        RegionSimulator(region_folder("sampang"), tmp_path, *NOW, complaints=101),
    ):
        pass


def test_numbers_of_complaints_already_at_lapor_are_mostly_right(tmp_path: Path) -> None:
    with RegionSimulator(region_folder("tuban"), tmp_path, *NOW, complaints=250) as simulator:
        rows = {str(row["id"]): row for row in listing(simulator)}
        numbers, preload = simulator.state()["numbers"], {row["id"]: row for row in simulator.preload}
    assert (len(numbers["right"]), len(numbers["other_text"]), len(numbers["absent"])) == (4, 1, 1)
    for id_, number in numbers["right"].items():
        assert rows[id_]["sp4n_id"] == number
        assert words(rows[id_]["description"]) == words(preload[int(number)]["content"])
        assert rows[id_]["description"] != preload[int(number)]["content"]
    for id_, number in numbers["other_text"].items():
        assert words(rows[id_]["description"]) != words(preload[int(number)]["content"])
    assert not {int(number) for number in numbers["absent"].values()} & set(preload)
    assert all(datetime.fromisoformat(row["created_at"]).tzinfo for row in preload.values())


def words(prose: str) -> list[str]:
    """What retyping leaves as it was."""
    return re.findall(r"\w+", prose.lower())


def test_the_program_names_no_region() -> None:
    package = shipped("connectors").parent / "src" / "lapor_gateway" / "simulators" / "region"
    code = "\n".join(path.read_text("utf-8").lower() for path in package.glob("*.py"))
    assert not [name for name in ("tuban", "sampang", "batu", "blitar") if re.search(rf"\b{name}\b", code)]


# Laravel


@pytest.fixture
def laravel(tmp_path: Path) -> Iterator[RegionSimulator]:
    with RegionSimulator(region_folder("tuban"), tmp_path, *NOW, complaints=250) as simulator:
        yield simulator


def test_the_listing_shows_all_newest_first_some_twice_and_times_in_two_forms(
    laravel: RegionSimulator,
) -> None:
    rows, truth = listing(laravel), laravel.state()
    shown = Counter(str(row["id"]) for row in rows)
    assert set(shown) == set(truth["ids"])
    assert {id_ for id_, times in shown.items() if times > 1} == set(truth["dirt"]["listed_twice"])
    assert {"T" in row["updated_at"] for row in rows} == {True, False}
    assert max(Counter(row["updated_at"][:10] for row in rows).values()) > 15
    newest = [row["id"] for row in rows if row["created_at"].startswith("2026-03")]
    assert newest == sorted(newest, reverse=True)
    assert newest


def test_texts_are_of_ordinary_length_but_for_the_spoiled_ones(laravel: RegionSimulator) -> None:
    sizes = sorted(len(row["description"].encode()) for row in listing(laravel))
    ordinary = [size for size in sizes if 400 <= size <= 800]
    assert sizes[0] < 5
    assert sizes[-1] > 12_000
    assert len(ordinary) > 0.9 * len(sizes)


def test_nul_html_and_emoji_arrive_in_the_json(laravel: RegionSimulator) -> None:
    texts = {str(row["id"]): row["description"] for row in listing(laravel)}
    dirt = laravel.state()["dirt"]
    assert all("\0" in texts[id_] for id_ in dirt["text_nul"])
    assert all("<p>" in texts[id_] for id_ in dirt["text_html"])
    assert all(max(texts[id_]) > "\uffff" for id_ in dirt["text_emoji"])


def test_a_wrong_password_and_a_dead_token_are_answered_401(laravel: RegionSimulator) -> None:
    secrets = laravel.ready["secrets"]
    wrong = {"email": secrets["tuban/username"], "password": "salah"}
    assert httpx.post(f"{laravel.url}/api/login", json=wrong, trust_env=False).status_code == 401
    right = {"email": secrets["tuban/username"], "password": secrets["tuban/password"]}
    token = httpx.post(f"{laravel.url}/api/login", json=right, trust_env=False).json()["token"]

    def page() -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{laravel.url}/api/complaints", headers=headers, trust_env=False).status_code

    assert page() == 200
    laravel.faults(expire_tokens=True)
    assert page() == 401


def test_updated_since_shows_what_a_pass_changed_and_deleted_ones_are_gone(laravel: RegionSimulator) -> None:
    before = {row["id"] for row in listing(laravel)}
    done = laravel.advance()
    changed = {int(id_) for word in ("edited", "moved", "mended", "tightened", "added") for id_ in done[word]}
    assert {row["id"] for row in listing(laravel, since=done["at"])} == changed
    assert done["deleted"]
    gone = {int(id_) for id_ in done["deleted"]}
    assert {row["id"] for row in listing(laravel)} == before - gone | {int(id_) for id_ in done["added"]}


def test_a_second_start_serves_the_same_data_with_what_the_pass_did(tmp_path: Path) -> None:
    with RegionSimulator(region_folder("tuban"), tmp_path, complaints=150) as simulator:
        simulator.advance()
        rows = without_signature(listing(simulator))
    with RegionSimulator(region_folder("tuban"), tmp_path, complaints=150) as simulator:
        assert without_signature(listing(simulator)) == rows


def test_ordered_faults_happen_and_end(laravel: RegionSimulator) -> None:
    laravel.faults(status=503, times=1)
    with pytest.raises(KeyError):
        listing(laravel)  # the login's answer is the error, without a token
    laravel.faults(status="html", times=1)
    with pytest.raises(json.JSONDecodeError):
        listing(laravel)
    laravel.faults(status="down", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        listing(laravel)
    laravel.faults(status=500, after=2, times=1)
    with pytest.raises(httpx.HTTPStatusError):
        listing(laravel)
    assert listing(laravel)


def test_faults_can_be_ordered_before_the_start(tmp_path: Path) -> None:
    order = tmp_path / "faults.toml"
    order.write_text("status = 500\ntimes = 1\n", encoding="utf-8")
    with RegionSimulator(region_folder("tuban"), tmp_path / "data", "--faults", order) as simulator:
        first, second = (httpx.get(f"{simulator.url}/api/complaints", trust_env=False) for _ in range(2))
        assert (first.status_code, second.status_code) == (500, 401)


@pytest.mark.parametrize(("fault", "distinct"), [("repeat-page", 100), ("endless", 250)])
def test_a_listing_can_repeat_its_page_or_never_end(
    laravel: RegionSimulator, fault: str, distinct: int
) -> None:
    secrets = laravel.ready["secrets"]
    login = {"email": secrets["tuban/username"], "password": secrets["tuban/password"]}
    token = httpx.post(f"{laravel.url}/api/login", json=login, trust_env=False).json()["token"]
    laravel.faults(status=fault)
    seen: set[int] = set()
    for number in range(1, 7):
        page = httpx.get(
            f"{laravel.url}/api/complaints",
            params={"page": number},
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        ).json()
        assert page["links"]["next"]
        seen |= {row["id"] for row in page["data"]}
    assert distinct - 5 <= len(seen) <= distinct


# The school schema


@pytest.mark.parametrize("database", ["sqlite", "mariadb"])
def test_the_school_schema_holds_what_the_truth_says(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    options: tuple[str, ...] = NOW
    if database == "mariadb":
        options += ("--database-url", request.getfixturevalue("fresh_mariadb_url"))
    with RegionSimulator(region_folder("sampang"), tmp_path, *options, complaints=120) as simulator:
        url, truth = simulator.ready["secrets"]["sampang/database-url"], simulator.describe()
        rows = complaints_in(url)
        assert {str(id_) for id_ in rows} == set(truth["ids"])
        dirt = truth["dirt"]
        assert {rows[int(id_)]["status"] for id_ in dirt["status_capital"]} == {"Proses"}
        assert {rows[int(id_)]["status"] for id_ in dirt["status_null"]} == {None}
        assert {str(rows[int(id_)]["tgl_pengaduan"]) for id_ in dirt["date_impossible"]} <= {
            "0000-00-00",
            "None",
        }
        assert all("\0" in rows[int(id_)]["isi_laporan"] for id_ in dirt["text_nul"])
        assert all(len(rows[int(id_)]["isi_laporan"]) > 12_000 for id_ in dirt["body_long"])
        done = simulator.advance()
        after = complaints_in(url)
    assert set(rows) - set(after) == {int(id_) for id_ in done["deleted"]}
    assert set(after) - set(rows) == {int(id_) for id_ in done["added"]}
    differing = {id_ for id_ in rows.keys() & after.keys() if rows[id_] != after[id_]}
    assert differing == {int(id_) for word in ("edited", "moved", "mended") for id_ in done[word]}


def complaints_in(url: str) -> dict[int, dict[str, Any]]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT * FROM pengaduan")).mappings()
            return {row["id_pengaduan"]: dict(row) for row in rows}
    finally:
        engine.dispose()


def test_a_second_start_leaves_the_tables_alone(tmp_path: Path) -> None:
    with RegionSimulator(region_folder("sampang"), tmp_path, *NOW) as simulator:
        url = simulator.ready["secrets"]["sampang/database-url"]
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM pengaduan WHERE id_pengaduan = 5"))
        engine.dispose()
    with RegionSimulator(region_folder("sampang"), tmp_path, *NOW):
        assert len(complaints_in(url)) == 99


# Spreadsheets


def sheet_rows(path: Path) -> list[list[Any]]:
    rows: list[list[Any]] = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return rows


def test_the_folder_holds_titles_blank_column_total_row_and_an_old_csv(tmp_path: Path) -> None:
    with RegionSimulator(region_folder("kota-batu"), tmp_path, *NOW, complaints=120) as simulator:
        folder = Path(simulator.ready["overrides"]["ekspor.folder"])
        truth = simulator.describe()
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["laporan-2026-02-28.xlsx", "laporan-2026-03-01.csv", "laporan-2026-03-02.xlsx"]
    tickets: Counter[str] = Counter()
    for path in folder.glob("*.xlsx"):
        rows = sheet_rows(path)
        assert rows[0][0] == "PEMERINTAH KOTA BATU"
        assert rows[4][:6] == ["No", "No. Tiket", "Tgl Masuk", "Jam", "", "Nama Pelapor"]
        assert rows[-1][0] == "TOTAL"
        tickets.update(row[TICKET] for row in rows[5:-2])
    assert set(tickets) == set(truth["ids"])
    assert max(tickets.values()) >= 2
    forms = {type(row[2]).__name__ for row in sheet_rows(folder / names[0])[5:-2]}
    assert forms == {"date", "float", "str"}
    content = (folder / names[1]).read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    old = list(csv.reader(content.decode("cp1252").splitlines(keepends=True), delimiter=";"))
    assert old[3][TICKET] == "No. Tiket"
    assert {row[TICKET] for row in old[4:-1]} <= set(truth["ids"])


def test_the_next_day_brings_one_more_file_and_leaves_the_others(tmp_path: Path) -> None:
    with RegionSimulator(region_folder("kota-batu"), tmp_path, *NOW, complaints=120) as simulator:
        folder = Path(simulator.ready["overrides"]["ekspor.folder"])
        before = {path: path.read_bytes() for path in folder.iterdir()}
        done = simulator.advance()
    assert all(path.read_bytes() == content for path, content in before.items())
    (fresh,) = set(folder.iterdir()) - set(before)
    rows = {row[TICKET]: row for row in sheet_rows(fresh)[5:-2]}
    assert {*done["edited"], *done["moved"], *done["added"]} <= set(rows)
    old = {row[TICKET]: row for path in before if path.suffix == ".xlsx" for row in sheet_rows(path)[5:-2]}
    assert all(rows[id_][BODY].startswith(old[id_][BODY]) for id_ in done["edited"])
    assert all(rows[id_][STATUS] != old[id_][STATUS] for id_ in done["moved"])
