"""The story that the demo tells."""

from typing import Final

DEMO: Final[dict[str, tuple[str, str]]] = {
    "demo.begins": (
        "Demo lapor-gateway: {complaints} pengaduan rekaan (benih {seed}), disimpan di {folder}",
        "Demo of lapor-gateway: {complaints} invented complaints (seed {seed}), kept in {folder}",
    ),
    "demo.modelled": (
        "\nAplikasi TIRUAN, dimodelkan menurut aplikasi keempat daerah; bukan aplikasi mereka yang sebenarnya:",
        "\nSIMULATED applications, modelled on those of the four regions; not their real ones:",
    ),
    "demo.region": ("  {region}: {family}, {where}", "  {region}: {family}, {where}"),
    "demo.place.folder": ("berkas di sebuah folder", "files in a folder"),
    "demo.place.tables": ("tabel dibaca langsung", "tables read directly"),
    "demo.national.own": ("  LAPOR! tiruan: {url}", "  Simulated LAPOR!: {url}"),
    "demo.national.given": ("  LAPOR! tiruan yang Anda sebut: {url}", "  The endpoint you named: {url}"),
    "demo.approves": (
        (
            "\nPersetujuan mengirim (go-live) seharusnya diberikan seorang pejabat yang disebut namanya. "
            "Di sini demo menyetujui sendiri:\n  {channels}"
        ),
        "\nGoing live must be approved by a named person. Here the demo approves by itself:\n  {channels}",
    ),
    "demo.first": ("\nSinkronisasi pertama", "\nFirst sync"),
    "demo.goes_on": ("\nSinkronisasi (melanjutkan)", "\nSync (going on)"),
    "demo.later": (
        "\nSehari kemudian: pengaduan disunting, ditutup, dan dihapus di aplikasi tiruan.",
        "\nA day later: complaints are edited, closed and deleted in the simulated applications.",
    ),
    "demo.second": ("\nSinkronisasi kedua", "\nSecond sync"),
    "demo.accepts": (
        "{count} pengaduan tidak lagi ditunjukkan sumbernya; sebagai petugas, demo menerima temuan itu (alasan: demo).",
        "{count} complaints are no longer shown by their source; as operator, the demo accepts that (reason: demo).",
    ),
    "demo.accepted": ("{count} diterima LAPOR!", "{count} accepted by LAPOR!"),
    "demo.serves": (
        "\nHalaman status: {url}   dokumentasi API: {docs}   (Ctrl-C mengakhiri)",
        "\nStatus page: {url}   API documentation: {docs}   (Ctrl-C ends)",
    ),
    "demo.ends": (
        "Demo berhenti; menjalankannya lagi melanjutkan keadaan ini.",
        "The demo ends; running it again goes on from here.",
    ),
    "demo.again": (
        "Jalankan demo lagi: ia melanjutkan keadaan ini.",
        "Run the demo again: it goes on from here.",
    ),
    "family.laravel": (
        "aplikasi web dengan API JSON (Laravel)",
        "a web application with a JSON API (Laravel)",
    ),
    "family.school": (
        "basis data dengan skema pengaduan masyarakat",
        "a database with the public-complaint schema",
    ),
    "family.spreadsheet": ("ekspor Excel dan CSV harian", "daily Excel and CSV exports"),
    "family.desk": (
        "meja pesan dengan webhook dan daftar malam",
        "a message desk with webhooks and a nightly listing",
    ),
    "summary.all": ("semua", "all"),
    "summary.seen": ("dilihat (seen)", "seen"),
    "summary.source": ("hitungan sumber", "source counts"),
    "summary.ledger": ("hitungan buku", "ledger counts"),
    "summary.national": ("hitungan LAPOR!", "LAPOR! counts"),
    "summary.balance": ("neraca", "balance"),
    "summary.person": ("Yang perlu dilihat petugas:", "What needs a person:"),
    "summary.waiting": ("  {count} {state}: {meaning}", "  {count} {state}: {meaning}"),
    "summary.findings": (
        "  {count} temuan terbuka: `lapor-gateway findings list`",
        "  {count} open findings: `lapor-gateway findings list`",
    ),
}
