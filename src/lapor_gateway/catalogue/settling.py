"""Texts about unknown outcomes: settling them by the national export, the candidates side by side, the tally."""

from typing import Final

SETTLING: Final[dict[str, tuple[str, str]]] = {
    "help.national_file": (
        "Lembar kerja yang diunduh administrator dari LAPOR! (.xlsx atau .csv).",
        "The spreadsheet that an administrator downloaded from LAPOR! (.xlsx or .csv).",
    ),
    "help.complaints settle": (
        (
            "Menuntaskan semua pengaduan yang meragukan dan nomor LAPOR! yang belum diperiksa dengan lembar kerja "
            "dari LAPOR!. Yang diakui hanya laporan dengan baris rujukan kita dan teks yang sama; yang tidak ada "
            "di sana dikirim lagi hanya bila berkas itu pasti mencakup waktunya."
        ),
        (
            "Settle every ambiguous complaint and every unchecked LAPOR! number by the spreadsheet from LAPOR!. "
            "Only a report with our line and the same text is believed; what is not there goes out again only if "
            "the file surely covers its time."
        ),
    ),
    "example.complaints settle": (
        "lapor-gateway complaints settle --national unduhan-lapor.xlsx --by Sri --dry-run",
        "lapor-gateway complaints settle --national unduhan-lapor.xlsx --by Sri --dry-run",
    ),
    "help.settle.account": ("Hanya akun nasional ini.", "Only this national account."),
    "help.settle.taken_at": (
        "Waktu berkas diunduh, bila tidak ada laporan lebih baru di dalamnya; Anda yang menjaminnya.",
        "When the file was downloaded, if it holds no newer report; on your word.",
    ),
    "help.settle.adopt_edited": (
        "Akui juga laporan dengan baris rujukan kita yang teksnya diubah di LAPOR!; perlu alasan.",
        "Adopt also a report with our line whose text was changed at LAPOR!; needs a reason.",
    ),
    "help.settle.dry_run": ("Hanya tunjukkan apa yang akan terjadi.", "Only show what would happen."),
    "settle.file": (
        "{file}: {rows} laporan, dari {oldest} sampai {newest}.",
        "{file}: {rows} reports, from {oldest} to {newest}.",
    ),
    "settle.fault.no_tracking_id": (
        "  {count} baris tanpa Tracking ID dilewati (baris {rows}).",
        "  {count} rows without a Tracking ID were left out (rows {rows}).",
    ),
    "settle.fault.repeated": (
        "  {count} baris mengulang Tracking ID yang sama dan dilewati (baris {rows}).",
        "  {count} rows repeat a Tracking ID and were left out (rows {rows}).",
    ),
    "settle.fault.unreadable_date": (
        "  {count} baris bertanggal yang tidak terbaca (baris {rows}).",
        "  {count} rows have a date that cannot be read (rows {rows}).",
    ),
    "settle.dry_run": ("Percobaan: tidak ada yang ditulis.", "Dry run: nothing is written."),
    "settle.nothing": (
        "Tidak ada pengaduan yang meragukan dan tidak ada nomor yang menunggu pemeriksaan.",
        "No complaint is in doubt and no number waits to be checked.",
    ),
    "settle.found": ("Ditemukan di LAPOR! dan diakui: {count}", "Found at LAPOR! and adopted: {count}"),
    "settle.other_text": (
        "Ada di LAPOR! dengan teks lain, perlu diputuskan: {count}",
        "At LAPOR! with another text, for a person to decide: {count}",
    ),
    "settle.absent": (
        "Pasti tidak ada di LAPOR!, dikirim lagi: {count}",
        "Surely not at LAPOR!, to be sent again: {count}",
    ),
    "settle.open": ("Masih meragukan: {count}", "Still in doubt: {count}"),
    "settle.adopted": (
        "Nomor dari daerah cocok dan diakui: {count}",
        "Numbers of the region that fit and were adopted: {count}",
    ),
    "settle.number_wrong": (
        "Nomor dari daerah tidak cocok, perlu diputuskan: {count}",
        "Numbers of the region that do not fit, for a person to decide: {count}",
    ),
    "settle.number_open": (
        "Nomor dari daerah belum dapat diperiksa: {count}",
        "Numbers of the region that could not be checked yet: {count}",
    ),
    "help.complaints candidates": (
        (
            "Menunjukkan yang kita kirim, yang ada di LAPOR!, dan bedanya: dari daftar LAPOR! bila diizinkan, atau "
            "dari lembar kerja. Sesudah itu putuskan: `adopt`, `resend`, atau `give-up`."
        ),
        (
            "Show what we sent, what stands at LAPOR! and what differs: by its list where one is granted, or by the "
            "spreadsheet. Then decide: `adopt`, `resend` or `give-up`."
        ),
    ),
    "example.complaints candidates": (
        "lapor-gateway complaints candidates 17 --national unduhan-lapor.xlsx",
        "lapor-gateway complaints candidates 17 --national unduhan-lapor.xlsx",
    ),
    "candidates.complaint": ("{reference}  {state}  {reason}", "{reference}  {state}  {reason}"),
    "candidates.sent": ("Percobaan {number}, {at}: {outcome}", "Attempt {number}, {at}: {outcome}"),
    "candidates.trouble": (
        "Daftar LAPOR! tidak memberi jawaban yang dapat dipercaya: {why}. Coba lagi, atau pakai --national.",
        "LAPOR!'s list gives no answer that can be trusted: {why}. Try again, or use --national.",
    ),
    "candidates.not_asked": (
        "Akun ini tidak diberi daftar LAPOR!. Unduh lembar kerjanya dan pakai --national BERKAS.",
        "This account was granted no list of LAPOR!. Download its spreadsheet and use --national FILE.",
    ),
    "candidates.none.list": (
        "Daftar LAPOR! tidak menunjukkan laporan yang mungkin ini. Itu saja belum membuktikan ketiadaannya.",
        "LAPOR!'s list shows no report that may be this one. That alone proves no absence.",
    ),
    "candidates.none.export": (
        "Berkas itu tidak berisi laporan yang mungkin ini. Itu saja belum membuktikan ketiadaannya.",
        "The file holds no report that may be this one. That alone proves no absence.",
    ),
    "candidates.one": (
        "{number}  {likeness}  ({status}, {at})",
        "{number}  {likeness}  ({status}, {at})",
    ),
    "candidates.belongs_to": ("  Nomor ini milik {reference}.", "  This number belongs to {reference}."),
    "likeness.ours": ("rujukan kita, teks yang sama", "our line, the same text"),
    "likeness.edited": ("rujukan kita, teks lain", "our line, another text"),
    "likeness.claimed": ("nomor dari daerah, teks serupa", "the region's number, a text alike"),
    "likeness.alike": ("tanpa rujukan kita, teks serupa", "without our line, a text alike"),
    "likeness.other": ("nomornya disebut, teksnya lain", "its number is named, the text is another"),
    "help.status.national": (
        "Hitung sisi LAPOR! dari lembar kerja yang diunduh dari sana; dengan --check.",
        "Count LAPOR!'s side by the spreadsheet downloaded from there; with --check.",
    ),
    "status.counts": ("  {channel}: {counts}", "  {channel}: {counts}"),
    "status.not_counted": ("belum dihitung", "not counted"),
    "finding.balance_gap": (
        "balance_gap: neraca tidak seimbang; `status` menyebut hitungan mana yang berbeda.",
        "balance_gap: the balance does not close; `status` says which counts differ.",
    ),
    "finding.tally_differs": (
        "tally_differs: pengirim webhook menyebut pengaduan yang tidak pernah datang; minta dikirim lagi.",
        "tally_differs: the sender of webhooks names complaints that never came; have them sent again.",
    ),
    "reason.changed_meanwhile": (
        "changed_meanwhile: sudah diputuskan orang lain, atau nomornya milik pengaduan lain; lihat `complaints show`.",
        "changed_meanwhile: somebody decided first, or its number is another complaint's; see `complaints show`.",
    ),
    "reason.other_text": (
        (
            "other_text: rujukan kita ada di sana dengan teks yang tidak pernah kita kirim. Lihat bedanya dengan "
            "`complaints candidates ID --national BERKAS`, lalu `adopt`, atau akui semuanya dengan --adopt-edited."
        ),
        (
            "other_text: our line is there over a text that we never sent. See what differs by `complaints candidates "
            "ID --national FILE`, then `adopt`, or adopt them all with --adopt-edited."
        ),
    ),
    "reason.export_unreadable_row": (
        "export_unreadable_row: barisnya ada dalam berkas itu, tetapi nomornya tidak terbaca.",
        "export_unreadable_row: its row is in the file, but its number cannot be read.",
    ),
    "reason.export_without_dates": (
        "export_without_dates: tidak ada tanggal yang terbaca dalam berkas itu.",
        "export_without_dates: no date in the file can be read.",
    ),
    "reason.export_ends_too_early": (
        (
            "export_ends_too_early: berkas itu belum mencakup waktu laporan ini bisa muncul di sana; unduh lagi nanti, "
            "atau sebutkan waktu unduhnya dengan --taken-at."
        ),
        (
            "export_ends_too_early: the file does not reach to when this report could show up there; download it again "
            "later, or say when it was downloaded with --taken-at."
        ),
    ),
    "reason.export_begins_too_late": (
        "export_begins_too_late: berkas itu dimulai sesudah laporan ini dikirim; unduh dari tanggal yang lebih awal.",
        "export_begins_too_late: the file begins after this report was sent; download it from an earlier day on.",
    ),
    "reason.export_lacks_ours": (
        (
            "export_lacks_ours: laporan kita yang pasti diterima tidak ada dalam berkas itu (rujukan di atas); "
            "berkasnya mungkin disaring. Unduh tanpa saringan."
        ),
        (
            "export_lacks_ours: a report of ours that was surely accepted is not in the file (reference above); it may "
            "have been filtered. Download it without a filter."
        ),
    ),
    "reason.export_shows_none_of_ours": (
        "export_shows_none_of_ours: tidak ada laporan kita dari sekitar waktu itu; berkas ini mungkin milik akun lain.",
        (
            "export_shows_none_of_ours: none of our reports from around that time is there; this may be another "
            "account's file."
        ),
    ),
}

SETTLING_ERRORS: Final[dict[str, str]] = {
    "There is no file {file}.": "Tidak ada berkas {file}.",
    "Name the spreadsheet downloaded from LAPOR!.": "Sebutkan lembar kerja yang diunduh dari LAPOR!.",
    "Download it from LAPOR! again and leave its columns as they are.": (
        "Unduh lagi dari LAPOR! dan biarkan kolomnya seperti adanya."
    ),
    "`--national` counts anew.": "`--national` menghitung ulang.",
    "Add --check.": "Tambahkan --check.",
    "the sender's tally names {count} that never came: {ids}": (
        "hitungan pengirim menyebut {count} yang tidak pernah datang: {ids}"
    ),
    "{file} begins after {count} complaints of {origin} had been accepted.": (
        "{file} dimulai sesudah {count} pengaduan {origin} diterima."
    ),
    "No row of {file} has a date that can be read.": "Tidak ada baris {file} yang tanggalnya terbaca.",
    "Download it from LAPOR! again, from an earlier day on.": (
        "Unduh lagi dari LAPOR!, mulai tanggal yang lebih awal."
    ),
    "`--adopt-edited` needs a reason.": "`--adopt-edited` memerlukan alasan.",
    "The export cannot have been downloaded at {time}.": "Berkas itu tidak mungkin diunduh pada {time}.",
    "Name a time after its newest row and not in the future, or leave --taken-at out.": (
        "Sebutkan waktu sesudah baris terbarunya dan bukan di masa depan, atau jangan pakai --taken-at."
    ),
}
