"""Texts about LAPOR!'s own lists, about what an account can do, and about files that go along."""

from typing import Final

NATIONAL: Final[dict[str, tuple[str, str]]] = {
    "finding.file_left_out": (
        "file_left_out: berkas tidak ikut dikirim; kirim sendiri ke LAPOR! bila penting, lalu terima temuan ini.",
        "file_left_out: a file did not go along; send it to LAPOR! yourself if it matters, then accept this.",
    ),
    "file.listed": ("tercatat, tidak dikirim", "listed, not sent"),
    "file.waiting": ("menunggu diambil dari sumber", "waiting to be fetched from the source"),
    "file.kept": (
        "sudah diambil dan dibersihkan, menunggu diunggah",
        "fetched and cleaned, waiting to be uploaded",
    ),
    "file.uploaded": ("sudah diunggah ke LAPOR!", "uploaded to LAPOR!"),
    "file.failed": ("tidak ikut dikirim", "left out"),
    "file.erased": ("dihapus", "erased"),
    "ability.submit": ("mengirim pengaduan", "submit"),
    "ability.attach": ("melampirkan berkas", "attach files"),
    "ability.look_up": ("mencari kiriman sendiri", "look up what was sent"),
    "ability.follow_up": ("menulis tindak lanjut", "write follow-ups"),
    "ability.read_status": ("membaca status", "read statuses"),
    "ability.list": ("mendaftar kiriman", "list what was sent"),
    "ability.hand_over": ("melimpahkan ke instansi lain", "hand over"),
    "ability.masters": ("mengambil daftar rujukan", "fetch master lists"),
    "accounts.can": ("Akun {account} dapat: {can}.", "The account {account} can: {can}."),
    "accounts.masters": (
        "Daftar rujukan akun {account}: yang tertua diambil {at}.",
        "Master lists of the account {account}: the oldest was fetched {at}.",
    ),
    "accounts.no_masters": (
        "Daftar rujukan akun {account} belum diambil: `lapor-gateway accounts masters --account {account}`.",
        "No master list of the account {account} was fetched: `lapor-gateway accounts masters --account {account}`.",
    ),
    "master.institutions": ("instansi", "institutions"),
    "master.categories": ("kategori", "categories"),
    "master.classifications": ("klasifikasi", "classifications"),
    "master.locations": ("lokasi", "locations"),
    "master.templates": ("templat tindak lanjut", "follow-up templates"),
    "masters.none": ("Belum ada daftar rujukan.", "There is no master list yet."),
    "help.accounts masters": (
        "Mengambil daftar rujukan LAPOR! (instansi, kategori, klasifikasi, lokasi, templat) dan menampilkannya.",
        "Fetch LAPOR!'s master lists (institutions, categories, classifications, locations, templates) and show them.",
    ),
    "example.accounts masters": (
        "lapor-gateway accounts masters --account contoh --kind institutions --find dinas",
        "lapor-gateway accounts masters --account contoh --kind institutions --find dinas",
    ),
    "help.masters.kind": (
        "Tampilkan isi satu daftar: institutions, categories, classifications, locations, templates.",
        "Show the rows of one list: institutions, categories, classifications, locations, templates.",
    ),
    "help.masters.find": (
        "Hanya baris yang namanya memuat teks ini.",
        "Only rows whose name holds this text.",
    ),
    "help.masters.offline": (
        "Jangan mengambil; tampilkan yang tersimpan.",
        "Fetch nothing; show what is kept.",
    ),
    "connectors.no_masters": (
        "{region}: {lists} belum diperiksa; jalankan `lapor-gateway accounts masters --account {account}` dahulu.",
        "{region}: {lists} could not be checked; run `lapor-gateway accounts masters --account {account}` first.",
    ),
    "column.list": ("daftar", "list"),
    "column.rows": ("baris", "rows"),
    "column.gone": ("hilang", "gone"),
    "column.fetched": ("diambil", "fetched"),
    "column.trouble": ("gangguan", "trouble"),
    "journey.sent_as": ("Dikirim dengan:", "Sent with:"),
}

NATIONAL_ERRORS: Final[dict[str, str]] = {
    "There is no master list {kind}.": "Tidak ada daftar rujukan {kind}.",
    "The dialect of the account {account} has no master lists.": "Dialek akun {account} tak punya daftar rujukan.",
    "A training book never speaks to a production account.": "Buku latihan tak pernah menghubungi akun produksi.",
    "Set `environment` of the book or of the account right.": "Betulkan `environment` buku atau akun itu.",
}
