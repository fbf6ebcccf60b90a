"""Texts of the archive: closed years moved out of the working tables."""

from typing import Final


def _same(example: str) -> tuple[str, str]:
    return (example, example)


ARCHIVE: Final[dict[str, tuple[str, str]]] = {
    "help.archive": (
        "Arsip tahun-tahun lampau: memindahkan isi pengaduan yang selesai ke satu berkas per tahun.",
        "The archive of closed years: moves the content of finished complaints to one file a year.",
    ),
    "help.archive move": (
        (
            "Memindahkan catatan asal dan versi pengaduan yang selesai ke data/archive/TAHUN.db. Tidak ada yang "
            "dihapus: pengaduan, statusnya, dan buku besar tetap di tempatnya, dan pencarian tetap menemukannya."
        ),
        (
            "Moves raw records and versions of finished complaints to data/archive/YEAR.db. Nothing is destroyed: the "
            "complaint, its status and the ledger stay where they are, and searches still find it."
        ),
    ),
    "help.archive list": (
        "Menampilkan tahun yang diarsipkan, berkasnya, dan ukurannya.",
        "Lists the archived years, their files and sizes.",
    ),
    "help.archive verify": (
        "Membandingkan isi berkas arsip dengan jejaknya di buku besar; tidak memerlukan kunci.",
        "Compares what the archive's files hold with its digests in the ledger; needs no key.",
    ),
    "help.archive.before": (
        "yang dibuat sebelum hari ini (WIB)",
        "what was created before this day (WIB)",
    ),
    "help.archive.dry_run": (
        "hanya tunjukkan berapa yang akan dipindahkan",
        "only show how many would be moved",
    ),
    "help.archive.compact": (
        "sesudahnya perkecil berkas buku (SQLite); penulis lain menunggu beberapa detik per gigabita",
        "then make the book's file smaller (SQLite); other writers wait some seconds a gigabyte",
    ),
    "help.archive.year": ("hanya tahun ini", "this year only"),
    "example.archive move": _same("lapor-gateway archive move --before 2025-01-01 --by Sri"),
    "example.archive list": _same("lapor-gateway archive list"),
    "example.archive verify": _same("lapor-gateway archive verify 2024"),
    "archive.progress": ("{count} pengaduan dipindahkan …", "{count} complaints moved …"),
    "archive.dry_run": (
        "{count} pengaduan akan dipindahkan. Tidak ada yang diubah.",
        "{count} complaints would be moved. Nothing was changed.",
    ),
    "archive.done": (
        "{count} pengaduan yang dibuat sebelum {before} dipindahkan ke arsip.",
        "{count} complaints created before {before} were moved to the archive.",
    ),
    "archive.copy_it": (
        "Salin folder archive bersama cadangan buku: buku tanpa arsipnya tidak lengkap.",
        "Copy the folder archive with the book's backups: a book without its archive is not whole.",
    ),
    "archive.not_compacted": (
        "Berkas buku sedang dipakai dan belum diperkecil. Ulangi dengan --compact saat sepi.",
        "The book's file was in use and is not smaller yet. Run it again with --compact at a quiet time.",
    ),
    "archive.none": ("Belum ada tahun yang diarsipkan.", "No year is archived yet."),
    "archive.missing": ("TIDAK ADA", "MISSING"),
    "archive.verified": (
        "{good} dari {parts} bagian arsip sama dengan jejaknya di buku besar.",
        "{good} of {parts} archived parts are what the ledger says.",
    ),
    "column.year": ("tahun", "year"),
    "column.file": ("berkas", "file"),
    "column.complaints": ("pengaduan", "complaints"),
    "column.size": ("ukuran", "size"),
    "journey.archived": (
        "Sebagian isinya berada di arsip tahun {years}.",
        "Part of it stands in the archive of {years}.",
    ),
    "journey.archive_missing": (
        "Isi yang diarsipkan tidak dapat ditampilkan: {files} tidak ada di folder archive.",
        "What was archived cannot be shown: {files} is not in the folder archive.",
    ),
}

ARCHIVE_ERRORS: Final[dict[str, str]] = {
    "The archive {file} is not there, or lacks what the book moved into it.": (
        "Arsip {file} tidak ada, atau kurang dari yang dipindahkan buku ke dalamnya."
    ),
    "Put {file} back into the folder archive of the data folder, from the newest copy there is.": (
        "Kembalikan {file} ke folder archive di folder data, dari salinan terbaru yang ada."
    ),
    "The archive {file} cannot be read or written.": "Arsip {file} tidak dapat dibaca atau ditulis.",
    "Check the disk's free space and rights; else put back {file} from the newest copy there is.": (
        "Periksa ruang kosong dan hak akses disk; jika tidak, kembalikan {file} dari salinan terbaru yang ada."
    ),
    "The archive {file} belongs to another book, another year or another version of this program.": (
        "Arsip {file} milik buku lain, tahun lain, atau versi lain program ini."
    ),
    "Put the right {file} into the folder archive of the data folder.": (
        "Taruh {file} yang benar di folder archive di folder data."
    ),
    "The archive {file} does not hold what was just written into it.": (
        "Arsip {file} tidak memuat apa yang baru saja ditulis ke dalamnya."
    ),
    "Check the disk; nothing has left the working tables.": (
        "Periksa disk; tidak ada yang meninggalkan tabel kerja."
    ),
    "This book was opened without a folder for its archive.": "Buku ini dibuka tanpa folder arsip.",
    "What is archived must be over: the day lies in the future.": (
        "Yang diarsipkan harus sudah lewat: hari itu belum tiba."
    ),
    "Give a day that has been, such as --before 2025-01-01.": (
        "Berikan hari yang sudah lewat, misalnya --before 2025-01-01."
    ),
    "Another process has taken over the archive.": "Proses lain telah mengambil alih arsip.",
    "Run it again.": "Jalankan lagi.",
    "What {file} has of {reference} is not what the ledger says was moved.": (
        "Isi {file} tentang {reference} bukan yang menurut buku besar dipindahkan."
    ),
    "The book has lost that {reference} stands in {file}.": (
        "Buku kehilangan catatan bahwa {reference} berada di {file}."
    ),
    "the archive {file} is missing or lacks the records of {count} complaints": (
        "arsip {file} tidak ada atau kekurangan catatan {count} pengaduan"
    ),
}
