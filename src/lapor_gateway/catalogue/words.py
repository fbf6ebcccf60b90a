"""Words of the domain that need explaining: why a complaint waits, what a finding means."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "reason.shadow": (
        "Kanal ini belum disetujui untuk mengirim (`channels go-live`).",
        "The channel has not been approved to push yet (`channels go-live`).",
    ),
    "reason.canary": (
        "Menunggu persetujuan berikutnya sesudah kelompok percobaan.",
        "Waits for the next approval after the canary.",
    ),
    "reason.number_unchecked": (
        "Membawa nomor LAPOR! yang belum dapat diperiksa.",
        "Carries a LAPOR! number that could not be checked yet.",
    ),
    "reason.number_absent": (
        "Nomor LAPOR! yang dibawanya tidak ada di sana.",
        "The LAPOR! number that it carries is not there.",
    ),
    "reason.number_other_text": (
        "Nomor LAPOR! yang dibawanya milik laporan yang isinya lain.",
        "The LAPOR! number that it carries belongs to a report with another text.",
    ),
    "reason.number_taken": (
        "Nomor LAPOR! yang dibawanya sudah dipakai pengaduan lain.",
        "The LAPOR! number that it carries is another complaint's already.",
    ),
    "reason.closed_before_live": (
        "Sudah selesai di daerah sebelum kanal ini mengirim.",
        "Closed at the source before the channel went live.",
    ),
    "reason.older_than_push_from": (
        "Lebih tua daripada tanggal mulai pengiriman.",
        "Older than the date from which the channel pushes.",
    ),
    "reason.suspected_double": (
        "Diduga sama dengan pengaduan lain.",
        "Suspected to be the same as another complaint.",
    ),
    "reason.same_id": (
        "Nomor sumbernya dipakai dua rekaman yang berbeda.",
        "Its source id stands on two different records.",
    ),
    "finding.same_id_twice": (
        "same_id_twice: satu nomor sumber dipakai dua rekaman yang berbeda; perbaiki di sumber, lalu `replay`.",
        "same_id_twice: one source id stands on two different records; mend it at the source, then `replay`.",
    ),
    "finding.listing_shrank": (
        "listing_shrank: daftar sumber tiba-tiba jauh lebih pendek; terima bila memang benar demikian.",
        "listing_shrank: the source's listing is suddenly much shorter; accept it if that is true.",
    ),
    "finding.missing_at_source": (
        "missing_at_source: pengaduan tidak lagi ditunjukkan aplikasi daerah; terima bila memang dihapus di sana.",
        "missing_at_source: the regional application no longer shows it; accept it if it was deleted there.",
    ),
    "finding.twice_at_national": (
        "twice_at_national: ada dua kali di LAPOR!.",
        "twice_at_national: it stands twice at LAPOR!.",
    ),
    "finding.number_wrong": (
        "number_wrong: nomor LAPOR! yang diketik di daerah tidak cocok; periksa, lalu `adopt` atau `release`.",
        "number_wrong: the LAPOR! number typed at the source does not fit; check it, then `adopt` or `release`.",
    ),
    "finding.suspected_double": (
        "suspected_double: mungkin pengaduan yang sama dua kali; periksa, lalu `link` atau terima.",
        "suspected_double: perhaps the same complaint twice; check, then `link` or accept.",
    ),
    "finding.unmapped_status": (
        "unmapped_status: kata status yang belum ada di tabel manifes.",
        "unmapped_status: a status word that no table of the manifest has.",
    ),
    "finding.secrecy_tightened": (
        "secrecy_tightened: kerahasiaan diperketat sesudah dikirim; hubungi LAPOR! SEGERA.",
        "secrecy_tightened: secrecy was tightened after it was sent; contact LAPOR! AT ONCE.",
    ),
    "finding.delivery_conflict": (
        "delivery_conflict: pesan webhook yang sama datang dengan isi lain.",
        "delivery_conflict: the same webhook message came with another body.",
    ),
    "finding.book_not_whole": (
        "book_not_whole: buku tidak utuh; ada yang diubah di luar gateway.",
        "book_not_whole: the book is not whole; something was changed outside the gateway.",
    ),
}
