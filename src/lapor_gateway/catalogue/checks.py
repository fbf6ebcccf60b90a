"""What `doctor` says of each thing it looks at."""

from typing import Final

CHECKS: Final[dict[str, tuple[str, str]]] = {
    "grade.ok": ("baik", "ok"),
    "grade.warn": ("awas", "warn"),
    "grade.fail": ("GAGAL", "FAIL"),
    "check.settings": ("pengaturan", "settings"),
    "check.settings.ok": (
        "folder data {folder}, lingkungan {environment}",
        "data folder {folder}, environment {environment}",
    ),
    "check.key": ("kunci induk", "master key"),
    "check.key.environment": ("dari variabel lingkungan", "from the environment"),
    "check.key.ok": ("{file}, hanya terbaca pemiliknya", "{file}, readable by its owner only"),
    "check.key.open": ("{file} dapat dibaca orang lain ({mode})", "{file} can be read by others ({mode})"),
    "check.key.open.cure": ("Jalankan `chmod 600 {file}`.", "Run `chmod 600 {file}`."),
    "check.disk": ("ruang disk", "disk space"),
    "check.disk.ok": ("{free} bebas", "{free} free"),
    "check.disk.low": ("tinggal {free} di {folder}", "only {free} left in {folder}"),
    "check.disk.low.cure": (
        "Kosongkan ruang sebelum buku berhenti menulis.",
        "Free some space before the book stops writing.",
    ),
    "check.disk.missing": ("folder data {folder} belum ada", "the data folder {folder} is not there"),
    "check.disk.missing.cure": ("Jalankan `lapor-gateway init`.", "Run `lapor-gateway init`."),
    "check.archive": ("arsip", "archive"),
    "check.archive.ok": (
        "berkas {years} tahun tersedia; periksa isinya dengan `lapor-gateway archive verify`",
        "the files of {years} years are there; `lapor-gateway archive verify` checks what is in them",
    ),
    "check.archive.missing": ("{files} tidak ada", "{files} is missing"),
    "check.archive.missing.cure": (
        "Kembalikan berkas itu dari salinannya; isi aduan tahun itu tidak ada di tempat lain.",
        "Put the file back from its copy; what was written in that year's complaints is nowhere else.",
    ),
    "check.book": ("buku", "book"),
    "check.book.ok": (
        "terjangkau, tabelnya cocok dengan program ini",
        "reachable, its tables are this program's",
    ),
    "check.clock": ("jam", "clock"),
    "check.clock.ok": ("{now}", "{now}"),
    "check.clock.wrong": ("{now} tidak masuk akal", "{now} makes no sense"),
    "check.clock.wrong.cure": ("Nyalakan penyelarasan waktu (NTP).", "Switch time synchronisation (NTP) on."),
    "check.clock.behind": (
        "{now} lebih awal daripada catatan terakhir di buku",
        "{now} is before the book's last entry",
    ),
    "check.clock.behind.cure": (
        "Nyalakan penyelarasan waktu (NTP).",
        "Switch time synchronisation (NTP) on.",
    ),
    "check.manifests": ("manifes", "manifests"),
    "check.manifests.ok": ("{regions} daerah, {channels} kanal", "{regions} regions, {channels} channels"),
    "check.secrets": ("rahasia", "secrets"),
    "check.secrets.ok": ("semua {count} ada", "all {count} are set"),
    "check.secrets.missing": (
        "{name} belum disimpan (dipakai {users})",
        "{name} is not set (used by {users})",
    ),
    "check.account": ("akun", "account"),
    "check.account.ok": ("{url}", "{url}"),
    "check.account.missing": ("belum diatur", "not configured"),
    "check.account.missing.cure": (
        "Tambahkan bagian [national.{account}] di lapor-gateway.toml.",
        "Add a section [national.{account}] to lapor-gateway.toml.",
    ),
    "check.account.paused": ("berhenti: {why}", "paused: {why}"),
    "check.account.paused.cure": (
        "Simpan kredensial yang baru ({commands}), lalu `lapor-gateway accounts resume {account}`.",
        "Keep the new credential ({commands}), then `lapor-gateway accounts resume {account}`.",
    ),
    "check.account.training": (
        "akun sungguhan, tetapi buku ini untuk latihan: tidak ada yang dikirim",
        "a production account, but this book is for training: nothing is sent",
    ),
    "check.account.training.cure": (
        'Untuk sungguhan, buat folder data baru dengan environment = "production".',
        'For real work, make a new data folder with environment = "production".',
    ),
    "check.account.no_look_up": (
        "tidak diberi hak melihat daftar: pengiriman yang meragukan menunggu petugas",
        "no list granted: what is in doubt waits for a person",
    ),
    "check.account.no_look_up.cure": (
        "Mintalah hak itu kepada KemenPANRB, lalu isi look_up.",
        "Ask KemenPANRB for it, then fill in look_up.",
    ),
    "check.channel": ("kanal", "channel"),
    "check.channel.live": ("mengirim, disetujui {by}", "live, approved by {by}"),
    "check.channel.shadow": ("belum mengirim (shadow)", "not pushing yet (shadow)"),
    "check.channel.shadow.cure": (
        "Periksa hasilnya, lalu `lapor-gateway channels go-live {channel} --by NAMA --from TANGGAL --canary 5`.",
        "Check the results, then `lapor-gateway channels go-live {channel} --by NAME --from DATE --canary 5`.",
    ),
    "check.channel.paused": ("berhenti: {why}", "paused: {why}"),
    "check.channel.paused.cure": (
        "Perbaiki sebabnya, lalu `lapor-gateway channels resume {channel}`.",
        "Mend the cause, then `lapor-gateway channels resume {channel}`.",
    ),
    "check.channel.paused.cure.secret": (
        "Simpan yang baru: `lapor-gateway secrets set {name}`; lalu `lapor-gateway channels resume {channel}`.",
        "Keep the new one: `lapor-gateway secrets set {name}`; then `lapor-gateway channels resume {channel}`.",
    ),
    "check.listing": ("daftar LAPOR! akun", "LAPOR!'s list of account"),
    "check.listing.ok": ("dijawab; kredensialnya diterima", "answered; the credential is taken"),
    "check.listing.refused": ("kredensialnya ditolak ({why})", "the credential is refused ({why})"),
    "check.listing.out": ("tidak terjangkau ({why})", "out of reach ({why})"),
    "check.listing.out.cure": (
        "Periksa url dan look_up di lapor-gateway.toml, dan jaringannya.",
        "Check url and look_up in lapor-gateway.toml, and the network.",
    ),
    "check.connection": ("sambungan", "connection"),
}
