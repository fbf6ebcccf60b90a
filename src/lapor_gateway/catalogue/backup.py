"""Texts of backup, restore, recovery and the move to another database: help, answers, errors."""

from typing import Final

_HELP: Final = {
    "help.backup": (
        (
            "Menyalin seluruh buku ke satu berkas, juga selagi sinkronisasi berjalan. Kunci induk dan catatan"
            " saksi tidak ikut."
        ),
        (
            "Copy the whole book into one file, also while a sync runs. Neither the master key nor a witness's"
            " log is in it."
        ),
    ),
    "help.backup.file": ("Berkas baru; tidak menimpa.", "A new file; never overwrites one."),
    "help.restore": (
        (
            "Mengembalikan cadangan ke folder data atau basis data yang kosong. Buku itu tidak mengirim apa pun sebelum"
            " menyusul apa yang sudah dikirim sejak cadangan dibuat."
        ),
        (
            "Put a backup back into an empty data folder or database. The book pushes nothing before it has"
            " caught up with"
            " what was sent since the backup was made."
        ),
    ),
    "help.restore.file": (
        "Berkas dari `lapor-gateway backup`.",
        "The file that `lapor-gateway backup` wrote.",
    ),
    "help.restore.training": (
        "Salinan untuk latihan: buku tersendiri, yang tidak pernah mengirim ke akun produksi.",
        "A copy for training: a book of its own, which never speaks to a production account.",
    ),
    "help.recovery": (
        "Buku yang dipulihkan dari cadangan atau disalin: keadaan dan keputusan.",
        "A book that was put back from a backup, or copied: how it stands, and what is decided.",
    ),
    "help.recovery.reason": ("Alasan keputusan ini.", "Why this is decided."),
    "help.recovery status": (
        "Apakah buku ini boleh mengirim, dan apa yang masih harus disusul.",
        "Whether this book may push, and what it has still to catch up with.",
    ),
    "help.recovery adopt": (
        "Mengambil alih nomor dari ekspor lembar kerja LAPOR! untuk pengaduan yang sudah terkirim sebelum pemulihan.",
        "Adopt from LAPOR!'s spreadsheet export the numbers of complaints that were sent before the restore.",
    ),
    "help.recovery adopt.file": ("Berkas ekspor LAPOR!.", "LAPOR!'s export."),
    "help.recovery finish": (
        "Mengakhiri pemulihan tanpa pencarian: yang meragukan tetap ditahan, yang baru dikirim.",
        "End a recovery without a look-up: what is in doubt stays held, what is new goes out.",
    ),
    "help.recovery take-over": (
        "Memutuskan bahwa buku inilah yang diteruskan, bukan salinannya yang lebih baru.",
        "Decide that this very book goes on, not the later copy that has superseded it.",
    ),
    "help.db move": (
        (
            "Memindahkan buku dari SQLite ke basis data PostgreSQL yang kosong; buku besar diperiksa di kedua sisi."
            " Kata sandi tidak ditulis di sini, tetapi di ~/.pgpass atau PGPASSWORD."
        ),
        (
            "Move the book from SQLite into an empty PostgreSQL database; the ledger is verified on both sides."
            " A password stands in ~/.pgpass or PGPASSWORD, never here."
        ),
    ),
    "help.db move.url": ("Alamat basis data tujuan.", "The address of the database to move to."),
    "example.backup": (
        "lapor-gateway backup /mnt/cadangan/buku-2026-03-01.lgb",
        "lapor-gateway backup /mnt/backup/book-2026-03-01.lgb",
    ),
    "example.restore": (
        "lapor-gateway restore /mnt/cadangan/buku-2026-03-01.lgb --data data-baru",
        "lapor-gateway restore /mnt/backup/book-2026-03-01.lgb --data new-data",
    ),
    "example.recovery status": ("lapor-gateway recovery status", "lapor-gateway recovery status"),
    "example.recovery adopt": (
        'lapor-gateway recovery adopt ekspor-lapor.xlsx --by "Siti Rahma"',
        'lapor-gateway recovery adopt lapor-export.xlsx --by "Siti Rahma"',
    ),
    "example.recovery finish": (
        'lapor-gateway recovery finish --by "Siti Rahma" --reason "ekspor LAPOR! sudah dicocokkan"',
        'lapor-gateway recovery finish --by "Siti Rahma" --reason "compared with the LAPOR! export"',
    ),
    "example.recovery take-over": (
        'lapor-gateway recovery take-over --by "Siti Rahma" --reason "salinan lain sudah dimatikan"',
        'lapor-gateway recovery take-over --by "Siti Rahma" --reason "the other copy was shut down"',
    ),
    "example.db move": (
        "lapor-gateway db move postgresql://lapor@basisdata/lapor",
        "lapor-gateway db move postgresql://lapor@database/lapor",
    ),
}

_ANSWERS: Final = {
    "backup.done": (
        "Cadangan ditulis: {file} ({size} MB, {entries} entri buku besar).",
        "Backup written: {file} ({size} MB, {entries} ledger entries).",
    ),
    "backup.key": (
        (
            "Tanpa kunci induk cadangan ini tidak terbaca. Simpan salinan {key} di tempat lain yang aman, jangan"
            " bersama"
            " cadangannya."
        ),
        (
            "Without the master key this backup cannot be read. Keep a copy of {key} in another safe place, not beside"
            " the backup."
        ),
    ),
    "backup.key.environment": (
        (
            "Tanpa kunci induk (LAPOR_GATEWAY_SECRET_KEY) cadangan ini tidak terbaca. Simpan kunci itu di tempat"
            " lain yang"
            " aman, jangan bersama cadangannya."
        ),
        (
            "Without the master key (LAPOR_GATEWAY_SECRET_KEY) this backup cannot be read. Keep it in another"
            " safe place,"
            " not beside the backup."
        ),
    ),
    "backup.witness": (
        "Catatan saksi tidak ikut dan tidak perlu ikut: ia menunjukkan bila buku lama dikembalikan.",
        "The witness's log is not in it and need not be: it shows when an older book was put back.",
    ),
    "restore.done": (
        "Buku {book} dikembalikan ke keadaan {time}: {entries} entri buku besar.",
        "The book {book} is back as it was at {time}: {entries} ledger entries.",
    ),
    "restore.next": (
        (
            "Belum ada yang dikirim sebelum buku ini menyusul. Hubungkan saksi yang sama, lalu jalankan:\n"
            "  lapor-gateway ledger verify\n"
            "  lapor-gateway sync --all\n"
            "  lapor-gateway recovery status"
        ),
        (
            "Nothing is pushed before this book has caught up. Connect the same witness, then run:\n"
            "  lapor-gateway ledger verify\n"
            "  lapor-gateway sync --all\n"
            "  lapor-gateway recovery status"
        ),
    ),
    "restore.training": (
        "Ini buku latihan tersendiri: tidak pernah mengirim ke akun produksi.",
        "This is a training book of its own: it never speaks to a production account.",
    ),
    "recovery.on": ("Buku ini mengirim (epoch {epoch}).", "This book pushes (epoch {epoch})."),
    "recovery.off": (
        "Semua pengiriman dihentikan oleh operator (epoch {epoch}).",
        "An operator has stopped all pushing (epoch {epoch}).",
    ),
    "recovery.recovery": (
        "Buku ini sedang menyusul (epoch {epoch}); belum ada yang dikirim.",
        "This book is catching up (epoch {epoch}); nothing is pushed yet.",
    ),
    "recovery.superseded": (
        (
            "Salinan buku ini yang lebih baru sudah berjalan di tempat lain; buku ini (epoch {epoch}) tidak"
            " mengirim lagi."
            " Bila buku inilah yang benar: `lapor-gateway recovery take-over`."
        ),
        (
            "A later copy of this book runs elsewhere; this one (epoch {epoch}) pushes no more."
            " If this is the right one: `lapor-gateway recovery take-over`."
        ),
    ),
    "recovery.cause.restored": (
        "Sebab: dikembalikan dari cadangan, {time}.",
        "Cause: put back from a backup, {time}.",
    ),
    "recovery.cause.behind_witness": (
        "Sebab: saksi melihat lebih banyak daripada isi buku ini, {time}.",
        "Cause: a witness has seen more than this book has, {time}.",
    ),
    "recovery.cause.taken_over": (
        "Sebab: diambil alih oleh operator, {time}.",
        "Cause: taken over by an operator, {time}.",
    ),
    "recovery.unannounced": (
        "Menunggu semua saksi menerima epoch baru; `lapor-gateway doctor` menunjukkan saksi mana yang belum.",
        "Waits until every witness has taken the new epoch; `lapor-gateway doctor` shows which has not.",
    ),
    "recovery.account.cleared": (
        "  {account}: selesai, {count} pengaduan ditemukan di LAPOR!.",
        "  {account}: done, {count} complaints found at LAPOR!.",
    ),
    "recovery.account.no_look_up": (
        "  {account}: tanpa izin pencarian; yang meragukan ditahan dan menunggu keputusan operator.",
        "  {account}: no look-up granted; what is in doubt is held for an operator.",
    ),
    "recovery.account.trouble": (
        "  {account}: pencarian terakhir tidak dapat dipercaya ({why}); dicoba lagi.",
        "  {account}: the last look-up cannot be trusted ({why}); tried again.",
    ),
    "recovery.account.begins": (
        "  {account}: dicari di LAPOR! pada sinkronisasi berikutnya.",
        "  {account}: looked up at LAPOR! in the next sync.",
    ),
    "recovery.account.waits": (
        "  {account}: {count} ditemukan sejauh ini; pencarian berikutnya {time}.",
        "  {account}: {count} found so far; the next look-up is at {time}.",
    ),
    "recovery.held": (
        "{count} pengaduan ditahan karena belum pasti terkirim: `lapor-gateway complaints list --state held`.",
        "{count} complaints are held, since they may have been sent: `lapor-gateway complaints list --state held`.",
    ),
    "recovery.adopted": (
        "{adopted} pengaduan ditemukan dan diambil alih, {doubted} tampil dengan isi lain, {held} masih ditahan.",
        "{adopted} complaints found and adopted, {doubted} shown with another text, {held} still held.",
    ),
    "recovery.finished": (
        "Pemulihan diakhiri; {count} pengaduan tetap ditahan sampai diputuskan.",
        "The recovery is ended; {count} complaints stay held until they are decided.",
    ),
    "recovery.taken_over": (
        "Buku ini mengambil alih dan menyusul lebih dahulu; lihat `lapor-gateway recovery status`.",
        "This book has taken over and catches up first; see `lapor-gateway recovery status`.",
    ),
    "status.push_recovery": (
        "! Buku ini dipulihkan dan masih menyusul; belum ada yang dikirim. Lihat `lapor-gateway recovery status`.",
        "! This book was put back and is catching up; nothing is pushed. See `lapor-gateway recovery status`.",
    ),
    "status.push_superseded": (
        (
            "! Salinan buku ini yang lebih baru berjalan di tempat lain; buku ini tidak mengirim. Lihat"
            " `lapor-gateway recovery status`."
        ),
        "! A later copy of this book runs elsewhere; this one does not push. See `lapor-gateway recovery status`.",
    ),
    "check.standing": ("Buku", "Book"),
    "check.standing.ok": ("epoch {epoch}, boleh mengirim", "epoch {epoch}, may push"),
    "check.standing.recovery": (
        "sedang menyusul sesudah dipulihkan; tidak mengirim",
        "catching up after a restore; does not push",
    ),
    "check.standing.superseded": (
        "ada salinan yang lebih baru; tidak mengirim",
        "a later copy exists; does not push",
    ),
    "check.standing.held": (
        "{count} pengaduan ditahan sesudah pemulihan",
        "{count} complaints are held after a recovery",
    ),
    "check.standing.cure": ("Lihat `lapor-gateway recovery status`.", "See `lapor-gateway recovery status`."),
    "check.standing.training": (
        "buku latihan, walau pengaturan menyebut produksi; tidak mengirim ke akun produksi",
        "a training book, though the settings say production; it does not speak to a production account",
    ),
    "check.standing.training.cure": (
        "Buat buku produksi baru dengan `lapor-gateway init` di folder lain.",
        "Make a production book with `lapor-gateway init` in another folder.",
    ),
    "reason.recovery": (
        "Mungkin sudah dikirim sebelum buku dipulihkan; menunggu keputusan.",
        "May have been sent before the book was put back; waits for a decision.",
    ),
    "db.moved": (
        (
            "Buku sudah pindah ke {place} ({entries} entri, diperiksa di kedua sisi). Isi DATABASE_URL dengan"
            " alamat itu; buku"
            " lama hanya disimpan."
        ),
        (
            "The book has moved to {place} ({entries} entries, verified on both sides). Set DATABASE_URL to it;"
            " the old one"
            " is only kept."
        ),
    ),
    "ledger.lost_life": (
        (
            "Epoch {epoch} berakhir pada entri {kept}; saksi melihatnya sampai entri {seen}. Yang di antaranya"
            " hilang karena"
            " pemulihan."
        ),
        (
            "Epoch {epoch} ended at entry {kept}; a witness saw it up to entry {seen}. What lay between was lost"
            " by a restore."
        ),
    ),
}

BACKUP: Final = {**_HELP, **_ANSWERS}

_STATUS: Final = "`lapor-gateway recovery status` menjelaskan keadaan buku ini."
_NEVER: Final = "Sebutkan basis data yang kosong: tidak ada yang ditimpa."

BACKUP_ERRORS: Final = {
    "Name another one: nothing is ever overwritten.": "Sebutkan nama lain: tidak ada yang ditimpa.",
    "The backup {path} cannot be written.": "Cadangan {path} tidak dapat ditulis.",
    "Name a file in a folder that exists and may be written to.": (
        "Sebutkan berkas di folder yang ada dan boleh ditulisi."
    ),
    "The backup {path} is just being written by another process.": (
        "Cadangan {path} sedang ditulis oleh proses lain."
    ),
    "Wait until it has finished, or name another file.": "Tunggu sampai selesai, atau sebutkan berkas lain.",
    "Wait until it has finished.": "Tunggu sampai selesai.",
    "The backup {path} could not be written to its end; nothing was left of it.": (
        "Cadangan {path} tidak selesai ditulis; tidak ada sisanya."
    ),
    "Make room on that disk, or name a file on another one.": (
        "Kosongkan ruang di disk itu, atau sebutkan berkas di disk lain."
    ),
    "The backup {path} cannot be read.": "Cadangan {path} tidak dapat dibaca.",
    "Name the file that `lapor-gateway backup` wrote.": "Sebutkan berkas hasil `lapor-gateway backup`.",
    "The backup {path} has the format {format}; this program reads {known}.": (
        "Cadangan {path} berformat {format}; program ini membaca {known}."
    ),
    "Restore it with the version of lapor-gateway that wrote it.": (
        "Pulihkan dengan versi lapor-gateway yang membuatnya."
    ),
    "The backup {path} is damaged; nothing was restored from it.": (
        "Cadangan {path} rusak; tidak ada yang dipulihkan darinya."
    ),
    "Use another copy of it, or an older backup.": "Gunakan salinan lain, atau cadangan yang lebih lama.",
    "The backup stands at migration {migration}, this program needs {needed}.": (
        "Cadangan berada pada migrasi {migration}, program ini memerlukan {needed}."
    ),
    "Restore it with the version of lapor-gateway that wrote it, then run `lapor-gateway db upgrade`.": (
        "Pulihkan dengan versi lapor-gateway yang membuatnya, lalu jalankan `lapor-gateway db upgrade`."
    ),
    "There is a book in this database already.": "Sudah ada buku di basis data ini.",
    "Name an empty database: nothing is overwritten.": _NEVER,
    "There is a book in {path} already.": "Sudah ada buku di {path}.",
    "Name an empty data folder, or move the old book away: nothing is overwritten.": (
        "Sebutkan folder data yang kosong, atau pindahkan buku lama: tidak ada yang ditimpa."
    ),
    "The data folder {folder} cannot be written to.": "Folder data {folder} tidak dapat ditulisi.",
    "Correct --data, or the folder's rights.": "Perbaiki --data, atau hak akses foldernya.",
    "Another process is just restoring into {folder}.": "Proses lain sedang memulihkan ke {folder}.",
    "No other life of this book has been seen; there is nothing to take over.": (
        "Tidak ada salinan lain dari buku ini yang terlihat; tidak ada yang perlu diambil alih."
    ),
    "`lapor-gateway recovery status` says how this book stands.": _STATUS,
    "`lapor-gateway recovery status` says why, and what to do.": _STATUS,
    "This book may not push: {standing}.": "Buku ini tidak boleh mengirim: {standing}.",
    "This book has moved to {place}.": "Buku ini sudah pindah ke {place}.",
    "Set DATABASE_URL to that database; the old file is only kept.": (
        "Isi DATABASE_URL dengan basis data itu; berkas lama hanya disimpan."
    ),
    "The move of the book into this database was cut off; the old one is still the book.": (
        "Pemindahan buku ke basis data ini terputus; buku lama tetap yang berlaku."
    ),
    "Run `lapor-gateway db move` again, from the old one.": "Jalankan lagi `lapor-gateway db move` dari buku lama.",
    "This database has its tables, but no book yet.": "Basis data ini sudah punya tabel, tetapi belum ada bukunya.",
    "Run `lapor-gateway db upgrade` for a new book, or `lapor-gateway restore` for an old one.": (
        "Jalankan `lapor-gateway db upgrade` untuk buku baru, atau `lapor-gateway restore` untuk buku lama."
    ),
    "This decision needs a reason.": "Keputusan ini memerlukan alasan.",
    "There is no recovery that could be ended now.": "Tidak ada pemulihan yang dapat diakhiri sekarang.",
    "Not every channel has been pulled since this book began anew: {channels}.": (
        "Belum semua kanal ditarik sejak buku ini dimulai lagi: {channels}."
    ),
    "Run `lapor-gateway sync --all`, then this command again.": (
        "Jalankan `lapor-gateway sync --all`, lalu perintah ini lagi."
    ),
    "A book moves from SQLite into PostgreSQL.": "Buku dipindahkan dari SQLite ke PostgreSQL.",
    "Use `lapor-gateway backup` and `lapor-gateway restore` for any other way.": (
        "Untuk arah lain gunakan `lapor-gateway backup` dan `lapor-gateway restore`."
    ),
    "The ledger does not verify on the {side} side; the book was not moved.": (
        "Buku besar tidak lolos pemeriksaan di sisi {side}; buku tidak dipindahkan."
    ),
    "Run `lapor-gateway ledger verify`: it names the place.": (
        "Jalankan `lapor-gateway ledger verify`: tempatnya disebut."
    ),
    "the listing shows none of the newest complaints that were accepted": (
        "daftar tidak menampilkan satu pun dari pengaduan terbaru yang sudah diterima"
    ),
}
