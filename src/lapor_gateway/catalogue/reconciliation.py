"""Texts of the reconciliation: the command, its tables, the classes of difference and their facts."""

from typing import Final

_HELP: Final = {
    "help.reconcile": (
        "Membandingkan sumber, buku, dan LAPOR!; memperbaiki yang aman, menunjukkan sisanya.",
        "Compares the source, the book and LAPOR!; mends what is safe, shows the rest.",
    ),
    "example.reconcile": (
        "lapor-gateway reconcile --all --since 2026-01-01 --xlsx rekonsiliasi.xlsx",
        "lapor-gateway reconcile --all --since 2026-01-01 --xlsx reconciliation.xlsx",
    ),
    "help.reconcile.channel": ("kanal yang dibandingkan", "channels to compare"),
    "help.reconcile.all": ("semua kanal", "all channels"),
    "help.reconcile.since": (
        "hanya pengaduan yang dibuat sejak saat ini (waktu daerah)",
        "only complaints created from then on (the region's time)",
    ),
    "help.reconcile.until": (
        "hanya sampai saat ini; sebuah tanggal berarti seluruh harinya",
        "only until then; a date means its whole day",
    ),
    "help.reconcile.national": (
        "lembar kerja unduhan LAPOR! sebagai ganti daftarnya",
        "the spreadsheet downloaded from LAPOR! in place of its list",
    ),
    "help.reconcile.xlsx": (
        "tulis laporan untuk daerah ke berkas ini",
        "write the report for the region into this file",
    ),
    "help.reconcile.repeat": (
        "ulangi rekonsiliasi ini dari indeksnya, atau lanjutkan yang terputus",
        "repeat this run from its indexes, or go on with one that was cut off",
    ),
    "help.findings.kind_all": (
        "terima semua temuan terbuka jenis ini",
        "accept all open findings of this kind",
    ),
}

_ANSWERS: Final = {
    "column.side": ("sisi", "side"),
    "column.proves": ("membuktikan", "proves"),
    "column.difference": ("perbedaan", "difference"),
    "column.found": ("ditemukan", "found"),
    "column.repaired": ("diperbaiki", "repaired"),
    "column.accepted_reason": ("diterima", "accepted"),
    "column.open": ("terbuka", "open"),
    "side.source": ("sumber", "source"),
    "side.ledger": ("buku besar", "ledger"),
    "side.national": ("LAPOR!", "LAPOR!"),
    "proves.everything": ("semua", "everything"),
    "proves.presence": ("hanya yang ada", "presence only"),
    "proves.nothing": ("tidak ada", "nothing"),
    "reconcile.run": ("Rekonsiliasi {run}: {channels}", "Reconciliation {run}: {channels}"),
    "reconcile.window": ("Dibuat sejak {since}, sebelum {until}", "Created from {since}, before {until}"),
    "reconcile.clean": (
        "Ketiga sisi cocok: tidak ada perbedaan yang terbuka.",
        "All three sides agree: no difference is open.",
    ),
    "reconcile.nothing_open": (
        "Tidak ada perbedaan yang terbuka, tetapi tidak semua sisi dapat membuktikannya (lihat di atas).",
        "No difference is open, but not every side can prove it (see above).",
    ),
    "reconcile.findings": (
        "Keputusan: `lapor-gateway findings list`, lalu `findings accept` dengan alasan, atau perbaiki sebabnya.",
        "To decide: `lapor-gateway findings list`, then `findings accept` with a reason, or mend the cause.",
    ),
    "reconcile.written": ("Laporan ditulis: {file}", "Report written: {file}"),
    "reconcile.same": (
        "Rekonsiliasi {run} diulang dari indeksnya: hasilnya sama.",
        "Reconciliation {run} repeated from its indexes: the same result.",
    ),
    "reconcile.step.source": ("Membaca sumber {of} …", "Reading the source {of} …"),
    "reconcile.step.national": (
        "Membaca LAPOR! dengan akun {of} …",
        "Reading LAPOR! under the account {of} …",
    ),
    "reconcile.step.ledger": ("Membaca buku besar … {of}", "Reading the ledger … {of}"),
    "reconcile.step.compare": ("Membandingkan … {of}", "Comparing … {of}"),
    "reconcile.step.repair": ("Memperbaiki … {of}", "Mending … {of}"),
    "reconcile.verdict.clean": ("Cocok: tidak ada perbedaan terbuka", "In agreement: no difference is open"),
    "reconcile.verdict.open": ("Ada perbedaan yang terbuka", "There are open differences"),
    "reconcile.verdict.unproven": (
        "Belum terbukti: satu sisi tidak lengkap",
        "Unproven: a side is not complete",
    ),
}

_CLASSES: Final = {
    "difference.missing_here": ("Tidak ada di buku", "Missing here"),
    "difference.missing_at_national": ("Tidak ada di LAPOR!", "Missing at LAPOR!"),
    "difference.twice_at_national": ("Dua kali di LAPOR!", "Twice at LAPOR!"),
    "difference.unknown_at_national": ("Di LAPOR!, bukan dari kami", "At LAPOR!, not ours"),
    "difference.missing_at_source": ("Tidak ada lagi di sumber", "Missing at the source"),
    "difference.status_differs": ("Status berbeda", "Status differs"),
    "difference.content_differs": ("Isi atau nomor berbeda", "Content or number differs"),
    "difference.stuck": ("Tidak bergerak", "Stuck"),
    "difference.state.open": ("terbuka", "open"),
    "difference.state.repaired": ("diperbaiki", "repaired"),
    "difference.state.accepted": ("diterima", "accepted"),
    "fact.source_id": ("nomor sumber", "source id"),
    "fact.number": ("nomor LAPOR!", "number at LAPOR!"),
    "fact.there": ("nomor yang membawa rujukan ini di sana", "number that carries this reference there"),
    "fact.carries": ("teks di sana membawa rujukan", "the text there carries the reference"),
    "fact.text": ("teks di sana", "text there"),
    "fact.tracking_ids": ("nomor-nomor", "numbers"),
    "fact.state": ("keadaan di buku", "state here"),
    "fact.ledger": ("menurut buku besar", "by the ledger"),
    "fact.source": ("status di sumber", "status at the source"),
    "fact.source_here": ("status sumber di buku", "the source's status here"),
    "fact.national": ("status di LAPOR!", "status at LAPOR!"),
    "fact.national_here": ("status LAPOR! di buku", "LAPOR!'s status here"),
}

_FINDINGS: Final = {
    "finding.missing_here": (
        "missing_here: sumber atau LAPOR! mempunyai pengaduan yang belum ada (atau belum diterima) di buku.",
        "missing_here: the source or LAPOR! has a complaint that the book lacks, or does not know as accepted.",
    ),
    "finding.missing_at_national": (
        "missing_at_national: diterima menurut buku, tetapi tidak ada di LAPOR!; bila pasti hilang: `complaints undo`.",
        "missing_at_national: accepted by the book, but not at LAPOR!; if it is surely lost: `complaints undo`.",
    ),
    "finding.unknown_at_national": (
        "unknown_at_national: ada di LAPOR! di akun ini, tetapi bukan dari buku ini; terima bila memang milik lain.",
        "unknown_at_national: at LAPOR! under this account, but not from this book; accept it if it is another's.",
    ),
    "finding.status_differs": (
        "status_differs: status di sana tidak sama dengan yang dicatat; rekonsiliasi berikutnya membacanya lagi.",
        "status_differs: the status there is not the one on record; the next reconciliation reads it again.",
    ),
    "finding.content_differs": (
        "content_differs: nomor itu memuat teks atau rujukan lain; periksa di LAPOR!, lalu `undo` dan `adopt`.",
        "content_differs: that number has another text or reference; check at LAPOR!, then `undo` and `adopt`.",
    ),
    "finding.stuck": (
        "stuck: terlalu lama dalam satu keadaan; lihat sebabnya dengan `complaints show`.",
        "stuck: too long in one state; see why with `complaints show`.",
    ),
}

RECONCILIATION: Final[dict[str, tuple[str, str]]] = {**_HELP, **_ANSWERS, **_CLASSES, **_FINDINGS}

RECONCILIATION_ERRORS: Final[dict[str, str]] = {
    "Name findings by their numbers, or all of one kind with --kind.": (
        "Sebutkan temuan dengan nomornya, atau semua dari satu jenis dengan --kind."
    ),
    "`lapor-gateway findings list` shows both.": "`lapor-gateway findings list` menampilkan keduanya.",
    "the source does not promise that its listing is complete": "sumber tidak menjamin daftarnya lengkap",
    "no national list granted": "daftar LAPOR! tidak diberikan untuk akun ini",
    "a training book never speaks to a production account": "buku latihan tidak pernah berbicara ke akun produksi",
    "{count} rows of the export have no tracking id": "{count} baris unduhan tidak mempunyai tracking ID",
    "it lacks {missing} of {known} complaints, which is not believed": (
        "kurang {missing} dari {known} pengaduan; itu tidak dipercaya"
    ),
    "The window ends before it begins.": "Jendela waktunya berakhir sebelum dimulai.",
    "Give --since an earlier date than --until.": "Beri --since tanggal yang lebih awal daripada --until.",
    "An export belongs to one national account; these channels send under {accounts}.": (
        "Satu unduhan milik satu akun nasional; kanal-kanal ini mengirim dengan {accounts}."
    ),
    "Name the channels of one account.": "Sebutkan kanal dari satu akun saja.",
    "The indexes of the reconciliation {run} are not here any more.": (
        "Indeks rekonsiliasi {run} sudah tidak ada di sini."
    ),
    "They are kept on the machine that ran it, for as many runs as the setting reconcile.keep says.": (
        "Indeks disimpan di mesin yang menjalankannya, sebanyak yang disebut pengaturan reconcile.keep."
    ),
    "The indexes of the reconciliation {run} cannot be read.": "Indeks rekonsiliasi {run} tidak dapat dibaca.",
    "The indexes of the reconciliation {run} belong to another book.": "Indeks rekonsiliasi {run} milik buku lain.",
    "Reconcile anew.": "Lakukan rekonsiliasi baru.",
    "The reconciliation {run} gives another result now: its indexes or its result were changed.": (
        "Rekonsiliasi {run} kini memberi hasil lain: indeks atau hasilnya telah diubah."
    ),
    "Reconcile anew, and find out who changed them.": "Lakukan rekonsiliasi baru, dan cari siapa yang mengubahnya.",
    "The reconciliation {run} was cut off before its indexes were whole.": (
        "Rekonsiliasi {run} terputus sebelum indeksnya lengkap."
    ),
    "There is no channel to reconcile.": "Tidak ada kanal untuk dibandingkan.",
    "There is no reconciliation {run}.": "Tidak ada rekonsiliasi {run}.",
    "The list of reconciliations shows the ones there are.": "Daftar rekonsiliasi menampilkan semuanya.",
    "--repeat takes a run as it was; it goes with --xlsx and --json alone.": (
        "--repeat mengulang rekonsiliasi apa adanya; hanya --xlsx dan --json yang boleh menyertainya."
    ),
    "Leave the channels, the window and --national out.": "Hilangkan kanal, jendela waktu, dan --national.",
    "Name the channels to reconcile, or say --all.": "Sebutkan kanal yang dibandingkan, atau --all.",
    "There is no folder {folder}.": "Tidak ada folder {folder}.",
    "Create it, or name another file for --xlsx.": "Buatlah, atau sebutkan berkas lain untuk --xlsx.",
    "These channels lie in several time zones: {zones}.": "Kanal-kanal ini berada di beberapa zona waktu: {zones}.",
    "Reconcile the channels of one zone at a time, or leave --since and --until out.": (
        "Bandingkan kanal satu zona saja, atau hilangkan --since dan --until."
    ),
    "The report {file} cannot be written.": "Laporan {file} tidak dapat ditulis.",
    "Name another file for --xlsx; the reconciliation itself is kept.": (
        "Sebutkan berkas lain untuk --xlsx; rekonsiliasinya sendiri tersimpan."
    ),
    "The schedule of the reconciliation cannot be read: {reason}.": "Jadwal rekonsiliasi tidak dapat dibaca: {reason}.",
    "Correct `schedule` under [reconcile] in lapor-gateway.toml.": (
        "Betulkan `schedule` di bawah [reconcile] di lapor-gateway.toml."
    ),
}
