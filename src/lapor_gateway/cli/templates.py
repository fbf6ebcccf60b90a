"""What `init` writes: the commented configuration, and a region folder to copy from."""

from typing import Final

CONFIGURATION: Final = """\
# Pengaturan lapor-gateway. / Settings of lapor-gateway.
# Variabel lingkungan LAPOR_GATEWAY_… mengalahkan isi berkas ini. / Environment variables LAPOR_GATEWAY_… win.
# Rahasia (kata sandi, token) tidak pernah ditulis di sini: tulis "secret:nama/isi", lalu `secrets set nama/isi`.
# Credentials never stand here: write "secret:name/part", then run `lapor-gateway secrets set name/part`.

data_dir = "data"                    # buku, kunci, lampiran / book, key, attachments
connectors_dir = "connectors"        # satu folder per daerah / one folder a region
environment = "training"             # "training" (latihan) atau/or "production"
lang = "id"                          # "id" atau/or "en"
log_level = "WARNING"
# database_url = "postgresql://lapor@localhost/lapor"   # tanpa ini: SQLite di data_dir / otherwise SQLite there

# backup_retention = "90d"           # berapa lama cadangan disimpan / how long backups are kept

# Masa simpan per keadaan, berlaku sesudah `lapor-gateway retention` disetujui. / In force once approved there.
# [retention]
# accepted = "5y"
# withdrawn = "1y"
# Siapa yang menyimpan titik periksa buku besar; sebaiknya juga di tempat yang dikelola kantor lain (docs/ledger.md).
# Who keeps the ledger's checkpoints; best also at a place that another office runs.
# witness = ["witness.log", "/mnt/inspektorat/witness.log", "https://saksi.example.go.id/add-checkpoint"]

# Satu bagian per akun LAPOR!; namanya ditunjuk oleh `account` di connector.toml.
# One section per account at LAPOR!; connector.toml names it in `account`.
[national.contoh]
dialect = "lapor-v3"
url = "http://127.0.0.1:8090"        # simulator: `lapor-gateway simulate national --port 8090`
auth = "secret:national/contoh/auth"
token = "secret:national/contoh/token"
timeout = "90s"                      # untuk satu permintaan / for one request
commits_within = "10m"               # sesudahnya LAPOR! masih mungkin mencatat / it may still commit so long after
max_in_flight = 8                    # permintaan bersamaan / requests at the same time
rate_per_second = 5
# environment = "production"         # buku latihan tidak mengirim ke sini / a training book never speaks to it
# Hanya bila instansi diberi hak melihat daftar laporannya: / only where your agency was granted the list:
look_up = { path = "/complaints", parameter = "search", maximum_lag = "15m" }
# Agar jawaban daerah sampai di LAPOR!: penulis dan instansinya. / So that the region's answers get to LAPOR!:
# follow_ups = { user_id = 77, fields = { institution_from_id = 41234 } }
# refresh = { per_hour = 1800, soonest = "15m", latest = "24h" }   # melihat status di sana / looking at statuses there
# attachments = { max_files = 5, max_file_bytes = 5_000_000 }   # yang diterima LAPOR! / what LAPOR! takes
# status_words = { "Dilimpahkan*" = "in_progress" }   # kata status LAPOR! yang belum dikenal / words not known yet

# [reconcile]                        # setiap malam, dalam WIB / every night, in WIB
# schedule = "30 1 * * *"
# days = 90                          # 0: semua / all time
# stuck_after = "3d"

# Tenggat dan pengingat pejabat (docs/deadlines.md). / Deadlines, and reminders to officers.
# [deadlines]
# rules = "aturan.toml"
# calendar = "libur.toml"
# [reminders.officers]
# contoh = ["secret:reminders/contoh/mail"]
"""

_CONNECTOR: Final = """\
# Contoh sambungan: salin folder ini, beri nama daerahnya, lalu sesuaikan.
# An example connector: copy this folder, name it after the region, and adapt it.

[region]
code = "00.00"                       # kode wilayah Kemendagri / Kemendagri code
name = "Kabupaten Contoh"
zone = "Asia/Jakarta"                # WIB; "Asia/Makassar" WITA, "Asia/Jayapura" WIT
account = "contoh"                   # akun [national.contoh] di lapor-gateway.toml / the account in lapor-gateway.toml

[channels.ekspor]                    # nama lengkapnya contoh.ekspor / its id is contoh.ekspor
source = "files"                     # rest | sql | files | webhook
folder = "inbox/contoh"              # di dalam folder data / within the data folder
pattern = ["*.csv", "*.xlsx"]
headings = ["Nomor", "Tanggal", "Isi Laporan"]   # mengenali baris judul / the heading row is found by these
ignore_rows = [{ column = "Nomor", equals = "TOTAL" }]   # baris jumlah / the total row
schedule = "*/15 * * * *"            # setiap 15 menit / every 15 minutes

[channels.ekspor.fields]             # isian baku = kolom di sumber / canonical field = column at the source
source_id = { column = "Nomor" }
title = { column = "Judul" }
body = { column = "Isi Laporan", html = true }
kind = { column = "Jenis", values = "kind", default = "pengaduan" }
created_at = { column = "Tanggal", date = ["iso", "%d/%m/%Y", "indonesian", "excel"] }
reporter_name = { column = "Nama" }
reporter_phone = { column = "No. HP" }
regional_status = { column = "Status", values = "regional_status", default = "open" }

[channels.ekspor.values.kind]
"Pengaduan" = "pengaduan"
"Aspirasi" = "aspirasi"
"Permintaan Informasi" = "permintaan_informasi"
"*" = "hold"                         # kata lain: ditahan untuk petugas / any other word waits for a person

[channels.ekspor.values.regional_status]
"Baru" = "open"
"Diproses" = "in_progress"
"Selesai" = "done"

[channels.ekspor.national]           # CONTOH: ganti dengan nomor data induk LAPOR! / EXAMPLES: use your masters' ids
channel = 1
user_id = 1
disposition_id = 1
location_id = 1
category_id = 1
classification_id = { column = "Jenis", values = "classification_id" }
is_new_user_slider = false
is_disposisi_slider = true

[channels.ekspor.values.classification_id]
"Pengaduan" = 6
"Aspirasi" = 4
"Permintaan Informasi" = 5
"*" = 6
"""

_README: Final = """\
# Contoh / Example

Folder ini menyambungkan satu aplikasi pengaduan. Letakkan CSV dengan judul kolomnya di `data/inbox/contoh/`, lalu:
This folder connects one complaint application. Put a CSV with these headings into `data/inbox/contoh/`, then:

    lapor-gateway connectors check contoh
    lapor-gateway connectors test contoh
    lapor-gateway channels test contoh.ekspor
    lapor-gateway sync contoh.ekspor --dry-run
    lapor-gateway channels go-live contoh.ekspor --by "Nama Anda" --from 2026-01-01 --canary 5

- `connector.toml`: sumber, isian, dan tabel kata / source, fields and tables of words
- `samples/`: rekaman mentah (orang rekaan saja) / raw records (invented people only)
- `expected/`: hasil yang benar / what they must become
"""

_SAMPLE: Final = """\
{
  "Nomor": "CTH-0001",
  "Tanggal": "21/08/2026",
  "Judul": "Lampu jalan mati",
  "Isi Laporan": "Lampu di depan balai desa mati sejak tiga hari yang lalu.",
  "Jenis": "Pengaduan",
  "Nama": "Warga Contoh",
  "No. HP": "086000000001",
  "Status": "Baru"
}
"""

_EXPECTED: Final = """\
{
  "source_id": "CTH-0001",
  "title": "Lampu jalan mati",
  "body": "Lampu di depan balai desa mati sejak tiga hari yang lalu.",
  "reporter": {
    "name": "Warga Contoh",
    "phone": "+6286000000001"
  },
  "created_at": "2026-08-21T00:00:00+07:00",
  "regional_word": "Baru",
  "regional_status": "open",
  "national_fields": {
    "channel": 1,
    "user_id": 1,
    "disposition_id": 1,
    "location_id": 1,
    "category_id": 1,
    "classification_id": 6,
    "is_new_user_slider": false,
    "is_disposisi_slider": true
  }
}
"""

EXAMPLE_REGION: Final = {
    "connector.toml": _CONNECTOR,
    "README.md": _README,
    "samples/ekspor.biasa.json": _SAMPLE,
    "expected/ekspor.biasa.json": _EXPECTED,
}
"""Files of the example region folder by their place in it."""
