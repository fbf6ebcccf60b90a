"""Texts of the monthly report on paper and in its workbook."""

from typing import Final

PAPER: Final[dict[str, tuple[str, str]]] = {
    "paper.title": (
        "LAPORAN BULANAN PENGELOLAAN PENGADUAN PELAYANAN PUBLIK",
        "MONTHLY REPORT ON COMPLAINTS ABOUT PUBLIC SERVICES",
    ),
    "paper.subtitle": ("SP4N-LAPOR! melalui gerbang daerah", "SP4N-LAPOR! through the regions' gateway"),
    "paper.month": ("Bulan {month}", "{month}"),
    "paper.as_of": ("Keadaan per {at}", "As of {at}"),
    "paper.training": (
        "LINGKUNGAN LATIHAN: angka berikut bukan angka pelayanan yang sebenarnya.",
        "TRAINING ENVIRONMENT: these are no figures of real services.",
    ),
    "paper.page": ("Halaman {page} dari {pages}", "Page {page} of {pages}"),
    "paper.summary": ("A. Ringkasan", "A. Summary"),
    "paper.five": (
        "Lima indikator menurut rumus kementerian",
        "The five indicators by the ministry's formulas",
    ),
    "paper.own": (
        "Yang diukur gerbang (bukan indikator kementerian)",
        "Measured by the gateway (no indicator of the ministry)",
    ),
    "paper.chart": (
        "Laporan per daerah menurut status di LAPOR!",
        "Reports by region and status at LAPOR!",
    ),
    "paper.trend": (
        "Laporan per bulan dan statusnya sekarang",
        "Reports by month and their status now",
    ),
    "paper.attention": ("B. Yang memerlukan perhatian", "B. What needs attention"),
    "paper.nothing": ("Tidak ada.", "Nothing."),
    "paper.regions": ("C. Daerah", "C. Regions"),
    "paper.compared": (
        "Perbandingan daerah pada bulan laporan",
        "The regions beside each other in the month",
    ),
    "paper.year": ("Januari sampai dengan bulan laporan", "January to the month of the report"),
    "paper.channels": ("Rincian per kanal", "By channel"),
    "paper.kinds": ("Jenis: {kinds}", "Kinds: {kinds}"),
    "paper.categories": ("Kategori terbanyak: {categories}", "Most frequent categories: {categories}"),
    "paper.no_category": ("tanpa kategori", "no category"),
    "paper.obstacles": ("D. Kendala dan komitmen", "D. Obstacles and commitments"),
    "paper.differences": (
        "E. Angka KemenPANRB dan penjelasan selisihnya",
        "E. KemenPANRB's figures and what makes them differ",
    ),
    "paper.restatements": (
        "F. Penyajian kembali bulan yang telah disahkan",
        "F. Restatement of months that were signed off",
    ),
    "paper.restated": (
        "Bulan {month}, disahkan {by} pada {at}: {count} pengaduan berubah ({reasons}).",
        "{month}, signed off by {by} on {at}: {count} complaints changed ({reasons}).",
    ),
    "paper.balance": ("G. Neraca dan dasar laporan", "G. Balance, and what the report rests on"),
    "paper.checkpoint": (
        "Laporan ini bertumpu pada titik periksa buku besar nomor {number} ({size} entri, {at}), akar {root}.",
        "This report rests on the ledger's checkpoint {number} ({size} entries, {at}), root {root}.",
    ),
    "paper.no_checkpoint": (
        "Buku besar belum mempunyai titik periksa; laporan ini belum dapat dibuktikan dari luar.",
        "The ledger has no checkpoint yet; this report cannot be proved from outside.",
    ),
    "paper.notes": ("Catatan tentang angka", "About the figures"),
    "paper.note.month": (
        (
            "Laporan dihitung pada bulan ketika LAPOR! menerimanya melalui gerbang, menurut waktu daerah; "
            "pengaduan yang sama dihitung satu kali. Status adalah yang terakhir terbaca."
        ),
        (
            "A report counts in the month in which LAPOR! took it through the gateway, in the region's time; "
            "the same complaint counts once. The status is the last that was read."
        ),
    ),
    "paper.note.sum": (
        "Penyelesaian hanya menghitung yang selesai; tindak lanjut menjumlahkan selesai dan proses.",
        "Completion counts only what is completed; tindak lanjut adds what is in process.",
    ),
    "paper.note.unmeasured": (
        "\u201cTidak terukur\u201d berarti tidak dapat diketahui oleh gerbang, bukan nol.",
        "\u201cNot measured\u201d means that the gateway cannot know it; it is no zero.",
    ),
    "paper.note.privacy": (
        "Laporan ini tidak memuat identitas pelapor maupun isi pengaduan.",
        "This report holds no reporter's identity and no complaint's text.",
    ),
    "paper.signature": ("Mengetahui dan mengesahkan,", "Seen and approved,"),
    "paper.place": (
        "............................., ........................ 20.....",
        "............................., ........................ 20.....",
    ),
    "paper.office": ("Kepala Dinas,", "Head of service,"),
    "paper.nip": ("NIP", "NIP"),
    "paper.frozen": (
        "Angka disahkan oleh {by} pada {at}. Sidik SHA-256: {digest}",
        "The figures were signed off by {by} on {at}. SHA-256: {digest}",
    ),
    "paper.not_frozen": (
        "Angka belum disahkan; dapat berubah sampai pengesahan.",
        "The figures are not signed off; they may change until then.",
    ),
    "paper.changed_since": ("Perubahan sejak pengesahan", "Changed since it was signed off"),
    "sheet.indicators": ("Indikator", "Indicators"),
    "sheet.year": ("Tahun berjalan", "Year to date"),
    "sheet.counts": ("Rincian", "Details"),
    "sheet.obstacles": ("Kendala", "Obstacles"),
    "sheet.differences": ("Selisih", "Differences"),
    "sheet.restatements": ("Penyajian kembali", "Restatements"),
    "sheet.basis": ("Dasar", "Basis"),
    "sheet.level": ("Tingkat", "Level"),
    "sheet.id": ("Kode", "Id"),
    "sheet.percent": ("Persen", "Percent"),
    "sheet.part": ("Bagian", "Part"),
    "sheet.whole": ("Dari", "Of"),
    "sheet.mean": ("Rata-rata", "Mean"),
    "sheet.median": ("Median", "Median"),
    "sheet.note": ("Keterangan", "Note"),
    "sheet.count": ("Banyak", "Count"),
    "sheet.group": ("Kelompok", "Group"),
}
