"""A manifest is checked whole: every fault with its line, its key and the nearest right spelling."""

from datetime import date
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from pydantic import BaseModel

from lapor_gateway.errors import ConfigurationError, ExitCode
from lapor_gateway.sources import manifest as manifests
from lapor_gateway.sources.manifest import load_region, load_regions
from lapor_gateway.sources.manifest_faults import ManifestError, key_lines, line_of
from lapor_gateway.sources.manifest_schema import main, manifest_schema, schema_text
from lapor_gateway.sources.settings import NextUrlPaging, RestSettings

REGION = """\
[region]
code = "35.23"
name = "Kabupaten Contoh"
zone = "Asia/Jakarta"
account = "contoh"
"""
CHANNEL = """\
[channels.aplikasi]
source = "rest"
url = "https://contoh.example/api"
"""
FIELDS = """\
[channels.aplikasi.fields]
source_id = "id"
body = "isi"
"""
WHOLE = REGION + CHANNEL + FIELDS


def region_folder(tmp_path: Path, toml: str) -> Path:
    folder = tmp_path / "contoh"
    folder.mkdir(parents=True)
    (folder / "connector.toml").write_text(dedent(toml), encoding="utf-8")
    return folder


def faults(tmp_path: Path, toml: str) -> list[str]:
    folder = region_folder(tmp_path, toml)
    with pytest.raises(ManifestError) as raised:
        load_region(folder)
    assert raised.value.exit_code is ExitCode.WRONG_USAGE
    prefix = f"{folder}/connector.toml:"
    return [str(fault).removeprefix(prefix) for fault in raised.value.faults]


def test_a_manifest_becomes_a_region_with_its_channels(tmp_path: Path) -> None:
    manifest = """\
    [region]
    code = "35.23"
    name = "Kabupaten Contoh"
    zone = "Asia/Jakarta"
    account = "contoh"
    sk_tim_pengelola = { number = "188/1", date = 2024-02-01 }
    contact = { name = "Petugas", phone = "0356-1" }

    [channels.aplikasi]
    origin = "sistem"
    source = "rest"
    url = "https://contoh.example/api"
    paging = { kind = "next-url", next = "links.next" }
    schedule = "*/10 * * * *"
    duplicates = "hold"

    [channels.aplikasi.fields]
    source_id = "id"
    body = { column = "Isi Laporan", html = true }
    place = [{ join = ["jalan", { column = "No. Rumah" }] }, "alamat"]
    kind = { from = "jenis", values = "kind" }

    [channels.aplikasi.values.kind]
    "Aduan" = "pengaduan"

    [channels.aplikasi.national]
    channel = 13
    category_id = { from = "kategori", default = 5 }
    """
    region = load_region(region_folder(tmp_path, manifest))
    assert (region.region_id, region.account, region.zone.key) == ("contoh", "contoh", "Asia/Jakarta")
    assert region.sk_tim_pengelola is not None
    assert region.sk_tim_pengelola.date == date(2024, 2, 1)
    channel = region.channels["aplikasi"]
    assert (channel.id, channel.origin, channel.source) == ("contoh.aplikasi", "contoh/sistem", "rest")
    assert (channel.schedule, channel.deleted, channel.duplicates) == ("*/10 * * * *", "finding", "hold")
    assert isinstance(channel.settings, RestSettings)
    assert channel.settings.paging == NextUrlPaging(kind="next-url", next="links.next")
    record = {"id": 1, "Isi Laporan": "<b>Rusak</b>", "jalan": "Melati", "No. Rumah": 5, "jenis": "Aduan"}
    assert "Melati 5" in str(channel.mapping.apply(record))


def test_what_a_manifest_leaves_out_has_defaults(tmp_path: Path) -> None:
    region = load_region(region_folder(tmp_path, WHOLE.replace('account = "contoh"\n', "")))
    channel = region.channels["aplikasi"]
    assert (region.account, channel.origin, channel.schedule) == ("default", "contoh/aplikasi", None)


def test_every_fault_is_named_at_once_with_line_key_and_spelling(tmp_path: Path) -> None:
    manifest = """\
    [region]
    code = "35.23"
    name = "Kabupaten Contoh"
    zone = "Asia/Jakata"

    [channels.aplikasi]
    source = "rest"
    url = "https://contoh.example/api"
    paging = { kind = "pages" }
    records = "data["
    deleted = "acept"
    schedule = "61 * * * *"
    query = '''
    [channels.aplikasi.fields]
    '''

    [channels.aplikasi.fileds]
    source_id = "id"

    [channels.aplikasi.fields]
    source_idd = "id"
    body = { form = "isi" }
    kind = { from = "jenis", values = "kidn" }
    created_at = [
      { from = "tgl", date = "isoo" },
    ]

    [channels.aplikasi.values.kind]
    "Aduan" = "pengaduan"
    """
    assert faults(tmp_path, manifest) == [
        '4: region.zone: unknown time zone "Asia/Jakata"; did you mean "Asia/Jakarta"?',
        ('9: channels.aplikasi.paging: unknown kind "pages"; did you mean "page"? '
        "(one of none, page, offset, cursor, link, next-url)"),
        ("10: channels.aplikasi.records: not a JMESPath expression: "
        "Invalid jmespath expression: Incomplete expression:"),
        '11: channels.aplikasi.deleted: unknown value "acept"; did you mean "accept"? (one of finding, accept)',
        ('12: channels.aplikasi.schedule: not a schedule such as "*/10 * * * *": Error validating '
        "expression '61': the last value (61) is higher than the maximum value (59)"),
        "13: channels.aplikasi.query: unknown key",
        '17: channels.aplikasi.fileds: unknown key; did you mean "fields"?',
        "20: channels.aplikasi.fields.source_id: missing; it must be given",
        '21: channels.aplikasi.fields.source_idd: unknown key; did you mean "source_id"?',
        '22: channels.aplikasi.fields.body.form: unknown key; did you mean "from"?',
        ('23: channels.aplikasi.fields.kind.values: no table "kidn"; did you mean "kind"? '
        "(it would stand under [channels.aplikasi.values.kidn])"),
        '24: channels.aplikasi.fields.created_at.0.date: unknown date form "isoo"; did you mean "iso"?',
    ]  # fmt: skip


C = "channels.aplikasi"
F = f"{C}.fields"
V = f"{C}.values"
K = f"[{V}.k]\n"
HOOK = """\
[channels.aplikasi]
source = "webhook"
schedule = "* * * * *"
verify = { kind = "bearer", token = "secret:a/b" }
"""


@pytest.mark.parametrize(
    ("manifest", "fault"),
    [
        (CHANNEL + FIELDS, "1: region: missing; a manifest has a [region]"),
        (REGION, "1: channels: missing; a region has at least one [channels.<name>]"),
        (WHOLE + "[chanels.x]\n", '12: chanels: unknown key; did you mean "channels"?'),
        (REGION + CHANNEL, f"6: {F}: missing; it must be given"),
        (REGION + "channels = { x = 5 }\n", "6: region.channels: unknown key"),
        (WHOLE.replace('"35.23"', "35.23"), "2: region.code: input should be a valid string"),
        (WHOLE.replace('"35.23"', '"3523"'), "2: region.code: '3523' does not have the form "),
        (WHOLE.replace("rest", "rst"), f'7: {C}.source: unknown source "rst"; did you mean "rest"?'),
        (WHOLE.replace('source = "rest"\n', ""), "6: channels.aplikasi.source: missing; it must be given"),
        (WHOLE.replace("aplikasi", "Aplikasi"), "6: channels.Aplikasi: a channel's name is written in small"),
        (WHOLE.replace("https", "htps"), "8: channels.aplikasi.url: "),
        (WHOLE + 'title = { from = "a", column = "b" }\n', f"12: {F}.title: needs exactly one of"),
        (WHOLE + "title = 5\n", f"12: {F}.title: must be a table"),
        (WHOLE + 'title = { from = "a", date = "iso" }\n', f"12: {F}.title.date: only incident_at"),
        (WHOLE + 'place = { join = ["a["] }\n', f"12: {F}.place.join.0"),
        (WHOLE + 'title = "No. Tiket"\n', f'12: {F}.title: "No. Tiket" looks like a heading; write'),
        (WHOLE + 'title = "Isi Laporan"\n', f"12: {F}.title: not a JMESPath expression: "),
        (WHOLE + 'latitude = { from = "a", values = "k" }\n' + K, f"12: {F}.latitude.values: this field takes"),
        (WHOLE + 'created_at = { from = "a", date = "%Q" }\n', f'12: {F}.created_at.date: "%Q" is no date'),
        (WHOLE + f'kind = {{ from = "a", values = "k" }}\n{K}x = "aspirsi"\n',
         f'14: {V}.k.x: "aspirsi" is no kind; did you mean "aspirasi"?'),
        (WHOLE + 'kind = { from = "a", default = "aduan" }\n', f'12: {F}.kind.default: "aduan" is no kind; did'),
        (WHOLE + f'secret = {{ from = "a", values = "k" }}\n{K}x = "mungkin"\n',
         f'14: {V}.k.x: "mungkin" is no secret (one of'),
        (WHOLE + f'{K}x = ["a"]\n', f"13: {V}.k.x"),
        (WHOLE + '[channels.aplikasi.national]\na = { fro = "x" }\n',
         '13: channels.aplikasi.national.a.fro: unknown key; did you mean "from"?'),
        (WHOLE + '[channels.aplikasi.national]\na = { from = "x", values = "k" }\n',
         '13: channels.aplikasi.national.a.values: no table "k"'),
        (REGION + HOOK + FIELDS, "8: channels.aplikasi.schedule: a webhook has no schedule"),
        (WHOLE + "x = [\n", "13: not TOML: "),
        (WHOLE + "source_id = 'b'\n", "12: not TOML: Cannot overwrite a value"),
    ],
)  # fmt: skip
def test_a_fault_is_said_where_it_stands(tmp_path: Path, manifest: str, fault: str) -> None:
    found = faults(tmp_path, manifest)
    assert any(line.startswith(fault) for line in found), found


def test_a_credential_in_a_manifest_is_refused_without_repeating_it(tmp_path: Path) -> None:
    manifest = WHOLE.replace(FIELDS, 'auth = { kind = "bearer", token = "geheim-123" }\n' + FIELDS)
    found = faults(tmp_path, manifest)
    assert len(found) == 1
    assert found[0].startswith("9: channels.aplikasi.auth.token: a credential never stands in a manifest")
    assert "geheim" not in found[0]


def test_a_package_may_offer_a_family_with_settings_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Settings(BaseModel, extra="forbid"):
        mailbox: str

    class Entry(NamedTuple):
        value: str
        family: object

        def load(self) -> object:
            return self.family

    offered = {
        "surat": Entry("paket:Surat", SimpleNamespace(Settings=Settings)),
        "kosong": Entry("paket:X", None),
    }
    monkeypatch.setattr(
        manifests, "entry_points", lambda group, name: [offered[name]] if name in offered else []
    )
    channel = '[channels.aplikasi]\nsource = "surat"\nmailbox = "a"\n'
    region = load_region(region_folder(tmp_path / "1", REGION + channel + FIELDS))
    assert region.channels["aplikasi"].settings == Settings(mailbox="a")
    found = faults(tmp_path / "2", REGION + channel.replace("mailbox", "mailbx") + FIELDS)
    assert '8: channels.aplikasi.mailbx: unknown key; did you mean "mailbox"?' in found
    with pytest.raises(ConfigurationError, match="paket:X"):
        load_region(region_folder(tmp_path / "3", REGION + channel.replace("surat", "kosong") + FIELDS))


def test_the_digest_is_of_what_decides_the_mapping(tmp_path: Path) -> None:
    def digest(name: str, manifest: str) -> str:
        return load_region(region_folder(tmp_path / name, manifest)).channels["aplikasi"].digest

    first = digest("a", WHOLE)
    elsewhere = WHOLE.replace("contoh.example", "lain.example").replace("[region]", "# catatan\n[region]")
    assert digest("b", elsewhere.replace('"id"', '{ from = "id" }')) == first
    assert digest("c", WHOLE + 'title = "judul"\n') != first
    assert digest("d", WHOLE.replace("Jakarta", "Makassar")) != first


def test_the_faults_of_all_regions_come_together(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "connector.toml").write_text(REGION, encoding="utf-8")
    (tmp_path / "no-manifest").mkdir()
    with pytest.raises(ManifestError) as raised:
        load_regions(tmp_path)
    assert [Path(fault.file).parent.name for fault in raised.value.faults] == ["a", "b"]


def test_folders_that_are_not_there_are_said_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="LAPOR_GATEWAY_CONNECTORS_DIR"):
        load_regions(tmp_path / "missing")
    with pytest.raises(ConfigurationError, match=r"connector\.toml"):
        load_region(tmp_path)
    (tmp_path / "connector.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_region(tmp_path)


def test_keys_are_found_behind_multi_line_values() -> None:
    lines = key_lines(
        'a = """\nb = 1\n"""\n[t."x y"]\nc = [\n  "]", # [\n]\nd.e = \'\'\'x\'\'\'\nf = "\\"" # "\ng = 1\n'
    )
    assert lines["a",] == 1
    assert ("b",) not in lines
    assert lines["t", "x y", "c"] == 5
    assert lines["t", "x y", "d", "e"] == 8
    assert lines["t", "x y", "g"] == 10
    assert line_of(("t", "x y", "c", 0, "z"), lines) == 5
    assert line_of(("nowhere",), lines) == 1


def test_the_schema_for_editors_is_in_step_and_knows_every_family(tmp_path: Path) -> None:
    copy = tmp_path / "schema.json"
    assert main([str(copy)]) == 0
    assert main(["--check", str(copy)]) == 0
    copy.write_text(schema_text() + "\n", encoding="utf-8")
    assert main(["--check", str(copy)]) == 1
    assert len(manifest_schema()["properties"]["channels"]["additionalProperties"]["oneOf"]) == 4
