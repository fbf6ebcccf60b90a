"""Texts of what concerns a reporter's data: time travel, export, erasure, retention, legal holds, rotation of keys."""

from typing import Final


def _same(example: str) -> tuple[str, str]:
    return (example, example)


_HELP: Final = {
    "help.at": (
        "seperti yang diketahui pada waktu itu: 2026-08-21 (akhir hari itu) atau 2026-08-21T10:00:00+07:00",
        "as it was known then: 2026-08-21 (that day's end) or 2026-08-21T10:00:00+07:00",
    ),
    "help.reporters": (
        "Hak pelapor menurut UU PDP: salinan datanya dan penghapusannya.",
        "A reporter's rights (UU PDP): a copy of their data, and its erasure.",
    ),
    "help.reporters export": (
        "Menulis semua isi buku tentang seorang pelapor sebagai JSON; dicatat. Nilainya ditanyakan, bukan argumen.",
        "Writes all that the book has on a reporter as JSON; audited. The value is asked for, never an argument.",
    ),
    "help.reporters erase": (
        "Menghapus data seorang pelapor untuk selamanya: kunci dimusnahkan, teks dikosongkan. Tak dapat dibatalkan.",
        "Erases a reporter's data for good: keys destroyed, texts blanked. It cannot be undone.",
    ),
    "help.reporters.nik": ("pelapor dengan NIK ini", "the reporter with this NIK"),
    "help.reporters.phone": ("pelapor dengan nomor telepon ini", "the reporter with this phone number"),
    "help.reporters.email": ("pelapor dengan alamat e-mail ini", "the reporter with this e-mail address"),
    "help.reporters.region": ("daerah pengaduannya", "the region of the complaints"),
    "help.reporters.from_file": ("baca nilainya dari berkas", "read the value from a file"),
    "help.reporters.complaint": (
        "pengaduan ini, untuk pelapor tanpa NIK, telepon, dan e-mail; boleh diulang",
        "this complaint, for a reporter without NIK, phone and e-mail; repeatable",
    ),
    "help.reporters.out": ("tulis ke berkas baru ini", "write into this new file"),
    "help.reporters.withdraw": (
        "yang belum dikirim ditarik dahulu, lalu dihapus",
        "withdraw first what was not sent yet, then erase it",
    ),
    "help.retention": (
        "Menghapus yang melewati masa simpan menurut [retention]; sesudah disetujui, `serve` melakukannya tiap hari.",
        "Erases what is past its time by [retention]; once approved, `serve` does so every day.",
    ),
    "help.retention.dry_run": ("hanya tunjukkan apa yang akan dihapus", "only show what would be erased"),
    "help.complaints legal-hold": (
        "Menahan satu pengaduan agar tidak dihapus siapa pun, atau melepaskannya dengan --lift.",
        "Keeps a complaint from being erased by anybody, or lifts that with --lift.",
    ),
    "help.complaints legal-holds": (
        "Menampilkan semua penahanan hukum yang berlaku.",
        "Lists every legal hold in force.",
    ),
    "help.channels legal-hold": (
        "Menahan semua pengaduan satu kanal agar tidak dihapus, atau melepaskannya dengan --lift.",
        "Keeps all complaints of a channel from being erased, or lifts that with --lift.",
    ),
    "help.holds.lift": ("lepaskan penahanan", "lift the hold"),
    "help.secrets rotate-master": (
        "Mengganti kunci induk sambil berjalan; aman diulang sampai kunci lama boleh dibuang.",
        "Replaces the master key while everything runs; repeat it until it says the old one may go.",
    ),
    "help.secrets rotate-index": (
        "Mengganti kunci indeks pelapor sambil berjalan; aman diulang sampai selesai.",
        "Replaces the key of the reporters' index while everything runs; repeat it until it says done.",
    ),
}
_EXAMPLES: Final = {
    "example.reporters export": _same(
        "lapor-gateway reporters export --nik --region contoh --out salinan.json"
    ),
    "example.reporters erase": _same(
        'lapor-gateway reporters erase --phone --region contoh --reason "…" --by Sri'
    ),
    "example.retention": _same("lapor-gateway retention --dry-run"),
    "example.complaints legal-hold": _same('lapor-gateway complaints legal-hold 17 --by Sri --reason "…"'),
    "example.complaints legal-holds": _same("lapor-gateway complaints legal-holds --json"),
    "example.channels legal-hold": _same(
        'lapor-gateway channels legal-hold contoh.ekspor --by Sri --reason "…"'
    ),
    "example.secrets rotate-master": _same("lapor-gateway secrets rotate-master --by Sri"),
    "example.secrets rotate-index": _same("lapor-gateway secrets rotate-index --by Sri"),
}
_ANSWERS: Final = {
    "reason.erased": (
        "Ditarik dan dihapus atas hak pelapor atau karena lewat masa simpannya.",
        "Withdrawn and erased, by the reporter's right or because its time was over.",
    ),
    "column.rule": ("aturan", "rule"),
    "column.ready": ("ready", "ready"),
    "column.submitting": ("submitting", "submitting"),
    "journey.then": (
        "Seperti yang diketahui pada {at}: sesudah {entries} catatan buku besar, versi {version}.",
        "As it was known at {at}: after {entries} entries of the ledger, in version {version}.",
    ),
    "journey.erased": ("(dihapus; isinya tidak ada lagi)", "(erased; its text is gone)"),
    "status.then": ("Menurut buku besar pada {at}:", "By the ledger at {at}:"),
    "reporters.prompt": (
        "Nilai yang dicari ({kind}), tidak ditampilkan",
        "The value to look for ({kind}), not shown",
    ),
    "reporters.ask": (
        "Hapus {count} pengaduan ini untuk selamanya?",
        "Erase these {count} complaints for good?",
    ),
    "reporters.exported": (
        "{count} pengaduan ditulis ke {path}. Serahkan hanya kepada pelapornya.",
        "{count} complaints written to {path}. Hand it to the reporter only.",
    ),
    "reporters.erased": ("{count} pengaduan dihapus pada {at}.", "{count} complaints erased at {at}."),
    "reporters.scrubbed": (
        "Berkas basis data dibangun ulang; kunci lama tidak ada lagi di dalamnya.",
        "The database's files were rebuilt; the destroyed keys stand in them no more.",
    ),
    "reporters.scrubbed_postgresql": (
        (
            "Tabel dibersihkan (VACUUM). Yang tidak dapat dijanjikan: WAL, arsip, replika, dan blok disk PostgreSQL "
            "lupa menurut waktunya sendiri; `secrets rotate-master` membuat salinan kunci di sana tidak terbaca."
        ),
        (
            "The tables were vacuumed. What cannot be promised: PostgreSQL's WAL, archives, replicas and disk blocks "
            "forget in their own time; `secrets rotate-master` makes the copies of keys there unreadable."
        ),
    ),
    "reporters.not_scrubbed": (
        "Berkas basis data sedang dipakai dan belum dibersihkan; `serve` atau penghapusan berikutnya mencobanya lagi.",
        "The database's files were busy and are not cleaned yet; `serve` or the next erasure tries again.",
    ),
    "reporters.backups": (
        "Penghapusan menjadi lengkap pada {until}, ketika cadangan terakhir yang memuat kuncinya kedaluwarsa.",
        "The erasure is complete on {until}, when the last backup that holds the keys expires.",
    ),
    "reporters.backups_unknown": (
        'Kapan cadangan terakhir kedaluwarsa belum diketahui: tulis backup_retention = "90d" di lapor-gateway.toml.',
        'When the last backup expires is not known: write backup_retention = "90d" into lapor-gateway.toml.',
    ),
    "reporters.tell.region": (
        "Beri tahu {name}: aplikasinya masih memuat nomor {numbers}.",
        "Tell {name}: its application still holds number {numbers}.",
    ),
    "reporters.tell.ministry": (
        "Beri tahu KemenPANRB (akun {name}): LAPOR! memuat nomor {numbers}.",
        "Tell the ministry (KemenPANRB, account {name}): LAPOR! holds number {numbers}.",
    ),
    "reporters.file": (
        "Batu nisan tersimpan di tombstones.jsonl di folder data; jangan dihapus, ia mencegah pelapor muncul kembali.",
        "Tombstones stand in tombstones.jsonl in the data folder; keep it, it keeps the reporter from coming back.",
    ),
    "retention.dry_run": (
        "{count} pengaduan akan dihapus. Belum ada yang diubah.",
        "{count} complaints would be erased. Nothing was changed.",
    ),
    "retention.ask": (
        "Setujui aturan ini dan hapus {count} pengaduan untuk selamanya?",
        "Approve these rules and erase {count} complaints for good?",
    ),
    "retention.done": (
        "Aturan disetujui; {count} pengaduan dihapus.",
        "Rules approved; {count} complaints erased.",
    ),
    "holds.none": ("Tidak ada penahanan hukum.", "There are no legal holds."),
    "holds.held": (
        "{subject} ditahan: tidak ada yang dapat menghapusnya.",
        "{subject} is on hold: nothing erases it.",
    ),
    "holds.lifted": ("Penahanan {subject} dilepas.", "The hold on {subject} is lifted."),
    "rotate.begun": (
        "Kunci induk baru ditulis di atas yang lama di {path}.",
        "A new master key stands above the old one in {path}.",
    ),
    "rotate.copy": (
        "Salin {path} ke setiap mesin yang menjalankan gateway, lalu jalankan perintah ini lagi.",
        "Copy {path} to every machine that runs the gateway, then run this command again.",
    ),
    "rotate.progress": ("{count} selesai …", "{count} done …"),
    "rotate.master.again": (
        "{count} nilai dibungkus ulang. Jalankan lagi sesudah {at}; kunci lama masih dipakai sampai saat itu.",
        "{count} values rewrapped. Run it again after {at}; until then the old key is still needed.",
    ),
    "rotate.master.done": (
        (
            "Tidak ada lagi yang memakai kunci lama. Sisakan hanya yang pertama di {place}. Cadangan lama memerlukan "
            "kunci lama: simpan terpisah sampai cadangan kedaluwarsa, atau musnahkan agar cadangan itu tak terbaca."
        ),
        (
            "Nothing needs the old key any more. Keep only the first in {place}. Old backups need the old key: keep it "
            "elsewhere until they expire, or destroy it to make them unreadable."
        ),
    ),
    "rotate.index.again": (
        "{count} pengaduan diindeks ulang; kunci sebelumnya masih berlaku. Jalankan lagi dua menit kemudian.",
        "{count} complaints indexed anew; the former key is still valid. Run it again in two minutes.",
    ),
    "rotate.index.done": (
        "Selesai; {count} pengaduan diindeks ulang dan kunci sebelumnya dimusnahkan.",
        "Done; {count} complaints indexed anew, and the former key is destroyed.",
    ),
}

PRIVACY: Final[dict[str, tuple[str, str]]] = {**_HELP, **_EXAMPLES, **_ANSWERS}

PRIVACY_ERRORS: Final[dict[str, str]] = {
    "The complaint was erased; what was written in it cannot be read any more.": (
        "Pengaduan ini sudah dihapus; isinya tidak dapat dibaca lagi."
    ),
    "Nothing brings it back; the ledger keeps that it was there.": (
        "Tidak ada yang dapat mengembalikannya; buku besar mencatat bahwa ia pernah ada."
    ),
    "The complaint {reference} was erased; nothing can be decided about it any more.": (
        "Pengaduan {reference} sudah dihapus; tidak ada lagi yang dapat diputuskan tentangnya."
    ),
    "If the citizen reports it again, it comes in as a new complaint.": (
        "Bila warga melaporkannya lagi, ia masuk sebagai pengaduan baru."
    ),
    "{count} complaints cannot be erased now; nothing was erased.": (
        "{count} pengaduan belum dapat dihapus; tidak ada yang dihapus."
    ),
    "Settle or give up what is ambiguous, withdraw what is unsent (or add --withdraw), lift a legal hold.": (
        "Selesaikan atau lepaskan yang ambiguous, tarik yang belum dikirim (atau tambahkan --withdraw), lepaskan "
        "penahanan hukum."
    ),
    "Erasing needs a reason.": "Penghapusan memerlukan alasan.",
    "Erasing cannot be undone, and nobody is there to confirm it.": (
        "Penghapusan tidak dapat dibatalkan, dan tidak ada orang yang dapat ditanya."
    ),
    "Add --yes.": "Tambahkan --yes.",
    "Say what the reporter is known by: one of --nik, --phone, --email, or --complaint ID.": (
        "Sebutkan cara mengenali pelapor: salah satu dari --nik, --phone, --email, atau --complaint ID."
    ),
    "The value itself is asked for, or read from --from-file or a pipe; it is no argument.": (
        "Nilainya sendiri ditanyakan, atau dibaca dari --from-file atau pipa; ia bukan argumen."
    ),
    "No complaint of {region} names this reporter, or all of theirs are erased.": (
        "Tidak ada pengaduan di {region} yang menyebut pelapor ini, atau semuanya sudah dihapus."
    ),
    "Check the value and the region; a reporter without NIK, phone or e-mail is found by --complaint.": (
        "Periksa nilai dan daerahnya; pelapor tanpa NIK, telepon, atau e-mail dicari dengan --complaint."
    ),
    "What was given is no {kind} that can be looked for.": "Yang diberikan bukan {kind} yang dapat dicari.",
    "It is written like {form}.": "Bentuknya seperti {form}.",
    "The file {path} cannot be written.": "Berkas {path} tidak dapat ditulis.",
    "Name one that is not there yet.": "Sebutkan berkas yang belum ada.",
    "The tombstones in {path} cannot be read; without them erased people may come back.": (
        "Batu nisan di {path} tidak dapat dibaca; tanpanya orang yang sudah dihapus dapat muncul kembali."
    ),
    "Put back the file as it was; it belongs to no backup and no other program writes it.": (
        "Kembalikan berkas itu seperti semula; ia bukan bagian cadangan dan tidak ditulis program lain."
    ),
    "A legal hold needs a reason, and so does lifting it.": (
        "Penahanan hukum memerlukan alasan, begitu pula pelepasannya."
    ),
    "There are no retention rules.": "Tidak ada aturan masa simpan.",
    'Write them into lapor-gateway.toml: [retention] accepted = "5y".': (
        'Tulis di lapor-gateway.toml: [retention] accepted = "5y".'
    ),
    "The master key comes from the environment, which this command cannot change.": (
        "Kunci induk berasal dari variabel lingkungan, yang tidak dapat diubah perintah ini."
    ),
    (
        "Set LAPOR_GATEWAY_SECRET_KEY to a new key, a comma and the present one, restart all, run it again."
    ): "Isi LAPOR_GATEWAY_SECRET_KEY dengan kunci baru, koma, dan kunci sekarang, mulai ulang semua, lalu ulangi.",
    "The master key {path} cannot be written.": "Kunci induk {path} tidak dapat ditulis.",
    "Run this as the user whom the file belongs to.": "Jalankan sebagai pengguna pemilik berkas itu.",
    "The time that was asked for lies in the future.": "Waktu yang diminta belum tiba.",
    "Give one that has been, such as 2026-08-21.": "Berikan waktu yang sudah lewat, misalnya 2026-08-21.",
    "The complaint {reference} was not known yet at that time.": "Pengaduan {reference} belum dikenal pada waktu itu.",
    "It was first shown at {time}.": "Ia pertama kali tampak pada {time}.",
    "{option} {words} is no time.": "{option} {words} bukan waktu.",
    "Write 2026-08-21, or 2026-08-21T10:00:00+07:00.": "Tulis 2026-08-21, atau 2026-08-21T10:00:00+07:00.",
    "--at and --reveal do not go together.": "--at dan --reveal tidak dapat dipakai bersama.",
    "--at and --check do not go together.": "--at dan --check tidak dapat dipakai bersama.",
    "Leave one of them out.": "Pakai salah satu saja.",
}
