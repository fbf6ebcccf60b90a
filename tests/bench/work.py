"""The measured work: made-up complaints as a regional application lists them, and the manifest that reads them."""

import random
from pathlib import Path
from typing import Any

PAGE_SIZE = 100
SHORTEST, LONGEST = 400, 800  # bytes of a text

FIXED_FIELDS = {
    "channel": 13,
    "user_id": 4120301,
    "disposition_id": 41234,
    "location_id": 3523,
    "is_new_user_slider": False,
    "is_disposisi_slider": True,
    "tags_raw": "#contoh",
}
KINDS = {"Aduan": 6, "Aspirasi": 4, "Permintaan Informasi": 5}
CATEGORIES = {"Jalan dan Jembatan": 120, "Air Bersih": 134, "Kesehatan": 182, "Persampahan": 190}
STATUSES = {"pending": "open", "in progress": "in_progress"}

_OPENINGS = (
    "Selamat pagi Bapak/Ibu petugas, saya warga yang ingin menyampaikan keluhan.",
    "Mohon izin melaporkan keadaan di lingkungan kami yang sudah lama tidak ditangani.",
    "Assalamualaikum, kami warga RT setempat ingin menyampaikan laporan sebagai berikut.",
)
_PROBLEMS = (
    "Jalan utama desa rusak parah dan berlubang dalam sejak musim hujan lalu, sehingga sering terjadi kecelakaan.",
    "Aliran air bersih dari jaringan pipa sudah dua minggu mati dan kami terpaksa membeli air tangki setiap hari.",
    "Tumpukan sampah di pinggir pasar tidak diangkut selama beberapa hari dan baunya mengganggu warga sekitar.",
    "Antrean di puskesmas sangat panjang karena dokter jaga hanya satu orang dan sering datang terlambat.",
)
_EFFECTS = (
    "Anak-anak sekolah harus memutar jauh dan orang tua khawatir akan keselamatan mereka setiap pagi.",
    "Pedagang kecil mengeluh karena pembeli enggan datang dan pendapatan harian mereka turun banyak.",
    "Sudah beberapa kali kami sampaikan kepada perangkat desa, tetapi belum ada tindak lanjut yang jelas.",
    "Pada malam hari keadaan menjadi lebih berbahaya karena lampu penerangan jalan juga tidak menyala.",
    "Warga yang sudah lanjut usia dan ibu hamil paling merasakan akibatnya dan membutuhkan bantuan segera.",
)
_CLOSINGS = (
    "Mohon segera ditindaklanjuti oleh dinas terkait. Terima kasih atas perhatiannya.",
    "Besar harapan kami agar petugas dapat meninjau langsung ke lokasi dalam waktu dekat.",
)
_GIVEN = ("Siti", "Agus", "Dewi", "Bambang", "Rina", "Joko", "Wulan", "Eko")
_FAMILY = ("Rahayu", "Santoso", "Lestari", "Prasetyo", "Handayani", "Wibowo", "Kusuma", "Purnomo")

MANIFEST = """\
[region]
code = "99.99"
name = "Kabupaten Contoh"
zone = "Asia/Jakarta"
account = "contoh"

[channels.aplikasi]
source = "rest"
url = "{url}/complaints"
records = "data"
schedule = "*/10 * * * *"
paging = {{ kind = "cursor", parameter = "cursor", next = "next_cursor" }}
changed = {{ parameter = "updated_since", field = "updated_at", look_back = "10m", format = "iso" }}

[channels.aplikasi.fields]
source_id = "id"
title = "title"
body = {{ from = "description", html = true }}
kind = {{ from = "type", values = "kind" }}
category = "category"
incident_at = {{ from = "complaint_date", date = ["%Y-%m-%d"] }}
created_at = {{ from = "created_at", date = ["iso"] }}
updated_at = {{ from = "updated_at", date = ["iso"] }}
reporter_name = "user.name"
reporter_nik = "user.nik"
reporter_phone = "user.phone"
reporter_email = "user.email"
anonymous = "is_anonymous"
secret = "is_secret"
district = "district"
regional_status = {{ from = "status", values = "regional_status" }}

[channels.aplikasi.values]
kind = {{ "Aduan" = "pengaduan", "Aspirasi" = "aspirasi", "Permintaan Informasi" = "permintaan_informasi" }}
regional_status = {{ "pending" = "open", "in progress" = "in_progress" }}
classification_id = {{ {kinds} }}
category_id = {{ {categories} }}

[channels.aplikasi.national]
{fixed}
classification_id = {{ from = "type", values = "classification_id" }}
category_id = {{ from = "category", values = "category_id" }}
"""

SETTINGS = """\
connectors_dir = "connectors"

[national.contoh]
url = "{url}"
auth = "contoh-auth"
token = "contoh-token"
max_in_flight = {in_flight}
rate_per_second = 100000
"""


def record(number: int) -> dict[str, Any]:
    """Complaint `number` (from 1) as the application lists it; always the same for the same number."""
    rng = random.Random(number)
    name, month = f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}", rng.randint(1, 12)
    day = f"2026-{rng.randint(1, 9):02d}-{rng.randint(1, 28):02d}"
    return {
        "id": number,
        "title": f"{rng.choice(_PROBLEMS)[:60]} ({number})",
        "description": _text(number, rng),
        "type": rng.choice([*KINDS]),
        "category": rng.choice([*CATEGORIES]),
        "status": rng.choice([*STATUSES]),
        "complaint_date": day,
        "district": f"Kecamatan {rng.choice(_FAMILY)}",
        "is_anonymous": rng.random() < 0.1,
        "is_secret": rng.random() < 0.05,
        "created_at": f"{day}T{rng.randint(6, 21):02d}:{rng.randint(0, 59):02d}:00+07:00",
        "updated_at": f"{day}T23:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}+07:00",
        "user": {
            "name": name,
            "nik": f"35{number // 10_000 % 100:02d}01{rng.randint(1, 28):02d}{month:02d}90{number % 10_000:04d}",
            "phone": f"0812{number:08d}",
            "email": f"warga{number}@contoh.example",
        },
    }


def _text(number: int, rng: random.Random) -> str:
    wanted = rng.randint(SHORTEST, LONGEST - 200)
    parts = [
        rng.choice(_OPENINGS),
        f"Lokasi di RT {number % 12 + 1:02d} RW {number % 7 + 1:02d}, nomor {number}.",
    ]
    parts.append(rng.choice(_PROBLEMS))
    effects = rng.sample(_EFFECTS, k=len(_EFFECTS))
    closing = rng.choice(_CLOSINGS)
    while effects and len(" ".join([*parts, closing])) < wanted:
        parts.append(effects.pop())
    text = " ".join([*parts, closing])
    assert SHORTEST <= len(text.encode()) <= LONGEST, f"a text of {len(text)} bytes"
    return text


def write_installation(folder: Path, *, source: str, national: str, in_flight: int) -> None:
    """Settings and region folder of an installation in `folder`, as a person would write them."""
    region = folder / "connectors" / "contoh"
    region.mkdir(parents=True)
    manifest = MANIFEST.format(
        url=source,
        kinds=_inline(KINDS),
        categories=_inline(CATEGORIES),
        fixed="\n".join(f"{name} = {_toml(value)}" for name, value in FIXED_FIELDS.items()),
    )
    (region / "connector.toml").write_text(manifest, "utf-8")
    (folder / "lapor-gateway.toml").write_text(SETTINGS.format(url=national, in_flight=in_flight), "utf-8")


def _inline(table: dict[str, int]) -> str:
    return ", ".join(f'"{word}" = {number}' for word, number in table.items())


def _toml(value: object) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f'"{value}"'
        if isinstance(value, str)
        else str(value)
    )
