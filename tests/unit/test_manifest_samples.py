"""A folder's samples against its expectations, and raw beside normalized for those who write one."""

import json
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.errors import ConfigurationError
from lapor_gateway.sources.conformance import check_samples, write_expected
from lapor_gateway.sources.manifest import RegionManifest, load_region
from lapor_gateway.sources.preview import preview, silent_fields, unknown_words

MANIFEST = """\
[region]
code = "35.23"
name = "Kabupaten Contoh"
zone = "Asia/Jakarta"

[channels.aplikasi]
source = "rest"
url = "https://contoh.example/api"

[channels.aplikasi.fields]
source_id = "id"
title = "judul"
body = { from = "isi", html = true }
category = { from = "bidang", values = "category" }
reporter_name = "nama"
anonymous = "anonim"
place = { join = ["jalan", "kota"] }
incident_at = "tanggal"

[channels.aplikasi.values.category]
"Jalan" = "infrastruktur"

[channels.aplikasi.national]
channel = 13
"""
RECORD = {
    "id": 1,
    "judul": "Rusak",
    "isi": "<p>Jalan</p>",
    "bidang": "Taman",
    "nama": "Budi Santoso",
    "anonim": 1,
}


@pytest.fixture
def region(tmp_path: Path) -> RegionManifest:
    folder = tmp_path / "contoh"
    (folder / "samples").mkdir(parents=True)
    (folder / "connector.toml").write_text(MANIFEST, encoding="utf-8")
    sample(folder, "aplikasi.biasa", RECORD)
    sample(folder, "aplikasi.kosong", {"id": 2})
    return load_region(folder)


def sample(folder: Path, name: str, record: Any) -> None:
    (folder / "samples" / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")


def test_written_expectations_hold_and_are_never_overwritten(region: RegionManifest) -> None:
    assert [result.problem for result in check_samples(region)] == [
        "no expectation expected/aplikasi.biasa.json",
        "no expectation expected/aplikasi.kosong.json",
    ]
    assert write_expected(region) == ("aplikasi.biasa", "aplikasi.kosong")
    assert write_expected(region) == ()
    assert all(result.conforms for result in check_samples(region))
    assert json.loads((region.folder / "expected/aplikasi.kosong.json").read_text()) == {
        "faults": [{"field": "body", "rule": "required", "value": ""}]
    }


def test_a_value_that_came_out_otherwise_is_named(region: RegionManifest) -> None:
    write_expected(region)
    path = region.folder / "expected/aplikasi.biasa.json"
    expected = json.loads(path.read_text())
    path.write_text(json.dumps({**expected, "title": "Lain", "reporter": {"name": "Budi"}, "village": "X"}))
    (region.folder / "expected/aplikasi.hilang.json").write_text("{}")
    biasa, hilang, kosong = check_samples(region)
    assert [
        (difference.path, difference.expected, difference.actual) for difference in biasa.differences
    ] == [
        ("reporter.name", "Budi", "Budi Santoso"),
        ("title", "Lain", "Rusak"),
        ("village", "X", None),
    ]
    assert hilang.problem == "no sample samples/aplikasi.hilang.json"
    assert kosong.conforms


def test_a_sample_that_cannot_be_used_is_said_with_its_name(region: RegionManifest) -> None:
    sample(region.folder, "lain.biasa", {})
    with pytest.raises(ConfigurationError, match=r"lain\.biasa\.json"):
        check_samples(region)
    (region.folder / "samples/lain.biasa.json").unlink()
    (region.folder / "samples/aplikasi.rusak.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"aplikasi\.rusak\.json"):
        check_samples(region)


def test_a_preview_shows_each_field_raw_and_normalized_with_masked_identities(region: RegionManifest) -> None:
    shown = preview(region.channels["aplikasi"], RECORD)
    rows = {row.field: (row.where, row.raw, row.normalized) for row in shown.rows}
    assert rows["source_id"] == ("id", 1, "1")
    assert rows["body"] == ("isi", "<p>Jalan</p>", "Jalan")
    assert rows["reporter_name"] == ("nama", "Bu*** S*****", "Bu*** S*****")
    assert rows["anonymous"] == ("anonim", 1, True)
    assert rows["place"] == ("jalan + kota", None, None)
    assert rows["national.channel"] == ("const 13", 13, 13)
    refused = preview(region.channels["aplikasi"], {"id": 2, "judul": "x"})
    assert [(fault.field, fault.rule) for fault in refused.faults] == [("body", "required")]
    assert {row.normalized for row in refused.rows} == {None}


def test_words_without_a_meaning_are_counted_and_silent_fields_named(region: RegionManifest) -> None:
    channel = region.channels["aplikasi"]
    records = [RECORD, {**RECORD, "id": 2}, {**RECORD, "bidang": "jalan"}, {"id": 3, "bidang": "Pasar"}]
    found = [(word.field, word.table, word.word, word.count) for word in unknown_words(channel, records)]
    assert found == [("category", "category", "Taman", 2), ("category", "category", "Pasar", 1)]
    assert silent_fields(channel, records) == ("incident_at", "place")
