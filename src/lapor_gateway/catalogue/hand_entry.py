"""Texts about typing by hand: the queue, the sheet that is given out, the numbers that come back."""

from typing import Final

HAND_ENTRY: Final[dict[str, tuple[str, str]]] = {
    "help.complaints queue": (
        (
            "Pengaduan yang menunggu diketik ke LAPOR! pada akun dengan dialek manual. Dengan --xlsx lembar kerja "
            "dibuat untuk satu orang: salin isinya utuh, lalu isi kolom nomor dan berikan ke `complaints numbers`."
        ),
        (
            "Complaints that wait to be typed into LAPOR! on accounts of the dialect manual. --xlsx makes a sheet for "
            "one person: copy the text whole, fill in the column of numbers, and give it to `complaints numbers`."
        ),
    ),
    "example.complaints queue": (
        "lapor-gateway complaints queue --xlsx antrean.xlsx --limit 50 --by Sri",
        "lapor-gateway complaints queue --xlsx queue.xlsx --limit 50 --by Sri",
    ),
    "help.queue.account": ("Hanya akun ini.", "Only this account."),
    "help.queue.xlsx": (
        "Tulis lembar kerja baru untuk yang belum dibagikan kepada siapa pun; sejak itu tercatat dibagikan.",
        "Write a new sheet of what nobody was given yet; from then on it counts as given out.",
    ),
    "help.queue.limit": ("Paling banyak sekian pengaduan.", "At most so many complaints."),
    "help.queue.reveal": (
        "Sertakan nama dan kontak pelapor yang tidak anonim; alasannya dicatat.",
        "Include name and contacts of reporters who are not anonymous; the reason is written down.",
    ),
    "queue.empty": ("Tidak ada yang menunggu diketik.", "Nothing waits to be typed."),
    "queue.nothing_new": (
        "Tidak ada pengaduan yang belum dibagikan; tidak ada berkas yang ditulis.",
        "There is no complaint that nobody was given yet; no file was written.",
    ),
    "queue.given_out": (
        "{count} pengaduan ditulis ke {file}. Salin kolom Isi utuh: baris pertamanya dipakai untuk mencocokkan.",
        "{count} complaints were written to {file}. Copy the text whole: its first line is what is matched.",
    ),
    "queue.how": (
        "Satu per satu: `complaints number RUJUKAN NOMOR`. Sekaligus: --xlsx, lalu `complaints numbers BERKAS`.",
        "One by one: `complaints number REFERENCE NUMBER`. Many at once: --xlsx, then `complaints numbers FILE`.",
    ),
    "column.given_out": ("dibagikan", "given out"),
    "answer.yes": ("ya", "yes"),
    "answer.no": ("tidak", "no"),
    "help.complaints numbers": (
        (
            "Mencatat nomor LAPOR! dari lembar kerja yang sudah diisi. Nomor yang tampak salah ketik, dobel, atau "
            "milik pengaduan lain tidak dicatat; boleh diulang. Yang keliru dibatalkan dengan `complaints undo`."
        ),
        (
            "Enter the LAPOR! numbers of a sheet that was filled in. Numbers that look mistyped, stand twice, or "
            "belong to another complaint are not entered; safe to repeat. `complaints undo` takes a wrong one back."
        ),
    ),
    "example.complaints numbers": (
        "lapor-gateway complaints numbers antrean.xlsx --by Sri --dry-run",
        "lapor-gateway complaints numbers queue.xlsx --by Sri --dry-run",
    ),
    "help.numbers.file": (
        "Lembar kerja dengan kolom Rujukan dan Nomor LAPOR! (.xlsx atau .csv).",
        "The sheet with the columns Rujukan and Nomor LAPOR! (.xlsx or .csv).",
    ),
    "help.numbers.doubtful": (
        "Catat juga nomor yang tampak salah ketik, sesudah Anda memeriksanya.",
        "Enter also numbers that look mistyped, after you have checked them.",
    ),
    "column.row": ("baris", "row"),
    "numbers.nothing": ("Lembar itu tidak berisi baris.", "The sheet has no rows."),
    "numbers.entered": ("Dicatat: {count}", "Entered: {count}"),
    "numbers.already": ("Sudah tercatat: {count}", "Entered before: {count}"),
    "numbers.empty": ("Belum diisi: {count}", "Not filled in yet: {count}"),
    "numbers.unknown_reference": ("Rujukan tidak dikenal: {count}", "Unknown references: {count}"),
    "numbers.no_number": ("Bukan nomor LAPOR!: {count}", "No numbers of LAPOR!: {count}"),
    "numbers.repeated": ("Dobel dalam lembar itu: {count}", "Twice in the sheet: {count}"),
    "numbers.doubtful": ("Tampak salah ketik, tidak dicatat: {count}", "Look mistyped, not entered: {count}"),
    "numbers.not_possible": ("Tidak dapat dicatat: {count}", "Cannot be entered: {count}"),
    "numbers.why.unknown_reference": (
        "rujukan salah ketik, atau bukan dari buku ini",
        "the reference is mistyped, or of another book",
    ),
    "numbers.why.no_number": (
        "nomor LAPOR! terdiri dari 1 sampai 15 angka",
        "a number of LAPOR! is 1 to 15 digits",
    ),
    "numbers.why.repeated": (
        "rujukan atau nomor itu ada dua kali; perbaiki lembarnya",
        "the reference or the number stands there twice; correct the sheet",
    ),
    "number_doubt.length": (
        "banyak angkanya lain daripada semua nomor akun ini",
        "it has more or fewer digits than all other numbers of the account",
    ),
    "number_doubt.far": (
        "jauh dari nomor-nomor terakhir akun ini",
        "it lies far from the account's latest numbers",
    ),
    "numbers.doubtful.how": (
        "Periksa nomor itu di LAPOR!. Bila benar, ulangi dengan --doubtful-too.",
        "Check the number at LAPOR!. If it is right, run it again with --doubtful-too.",
    ),
    "number.doubtful": (
        "Perhatian: nomor {number} {why}. Bila salah ketik: `complaints undo {reference}`.",
        "Mind: the number {number}: {why}. If it is mistyped: `complaints undo {reference}`.",
    ),
    "reason.given_out": (
        "given_out: sudah dibagikan untuk diketik; catat nomornya (`complaints number`, `adopt`) atau lepaskan.",
        "given_out: it was given out to be typed; enter its number by `complaints number` or `adopt`, or release it.",
    ),
}

HAND_ENTRY_ERRORS: Final = {
    "this account is entered by hand": "akun ini diketik dengan tangan",
    "The account {account} is not entered by hand.": "Akun {account} tidak diketik dengan tangan.",
    'Set dialect = "manual" under [national.{account}] where it is to be.': (
        'Pasang dialect = "manual" di bawah [national.{account}] bila harus demikian.'
    ),
    "No national account is entered by hand.": "Tidak ada akun nasional yang diketik dengan tangan.",
    'Set dialect = "manual" under [national.…] in lapor-gateway.toml where one is to be.': (
        'Pasang dialect = "manual" di bawah [national.…] dalam lapor-gateway.toml bila harus ada.'
    ),
    "--reveal needs a reason, and goes into a sheet only.": (
        "--reveal memerlukan alasan, dan hanya untuk lembar kerja."
    ),
    'Say --xlsx FILE --reveal "…", or leave --reveal out.': (
        'Pakai --xlsx BERKAS --reveal "…", atau hilangkan --reveal.'
    ),
    "The file {file} is there already.": "Berkas {file} sudah ada.",
    "Name a new file for --xlsx.": "Sebutkan berkas baru untuk --xlsx.",
    "Correct the path.": "Perbaiki alamat berkasnya.",
    "The sheet {path} cannot be written.": "Lembar kerja {path} tidak dapat ditulis.",
    (
        "The complaints count as given out; `complaints queue` lists them. Name another file, then `complaints hold` "
        "and `release` them to take them again."
    ): (
        "Pengaduan itu tercatat dibagikan; lihat `complaints queue`. Sebutkan berkas lain, lalu `complaints hold` dan "
        "`release` agar dapat diambil lagi."
    ),
    "Use the sheet that `complaints queue --xlsx` wrote, or one with these two headings.": (
        "Pakai lembar dari `complaints queue --xlsx`, atau lembar dengan kedua judul kolom itu."
    ),
}
