"""Texts of indicators, obstacles and the monthly report."""

from typing import Final


def _same(example: str) -> tuple[str, str]:
    return (example, example)


_HELP: Final[dict[str, tuple[str, str]]] = {
    "help.report": (
        "Indikator, laporan bulanan, dan pengesahannya.",
        "Indicators, the monthly report and its sign-off.",
    ),
    "help.report indicators": (
        (
            "Menampilkan lima indikator menurut rumus kementerian dan, dengan nama lain, yang diukur gerbang. "
            "Yang tidak dapat diketahui ditulis tidak terukur, bukan nol."
        ),
        (
            "Shows the five indicators by the ministry's formulas and, under other names, what the gateway measures. "
            "What cannot be known says so and is no zero."
        ),
    ),
    "help.report monthly": (
        "Membuat laporan bulanan sebagai PDF untuk ditandatangani, dan lembar kerja di baliknya.",
        "Makes the monthly report as a PDF to sign, and the spreadsheet behind it.",
    ),
    "help.report sign-off": (
        (
            "Mengesahkan angka sebuah bulan: dibekukan dengan sidiknya di buku dan buku besar. "
            "Perubahan sesudahnya tampil sebagai penyajian kembali."
        ),
        (
            "Signs a month's figures off: they are frozen, with their digest in book and ledger. "
            "What changes later is shown as a restatement."
        ),
    ),
    "help.report show": (
        "Menampilkan bulan yang disahkan dan apa yang berubah sesudahnya: pengaduan mana, dan mengapa.",
        "Shows a month that was signed off and what has changed since: which complaints, and why.",
    ),
    "help.report import-figures": (
        (
            "Mengimpor angka KemenPANRB (xlsx atau csv: Bulan, Daerah, Indikator, Nilai, Sumber, Per Tanggal). "
            "Setiap selisih dengan angka gerbang dijelaskan."
        ),
        (
            "Imports KemenPANRB's figures (xlsx or csv: Bulan, Daerah, Indikator, Nilai, Sumber, Per Tanggal). "
            "Each difference from the gateway's is explained."
        ),
    ),
    "help.obstacles": (
        "Kendala daerah: ditemukan sendiri atau dicatat orang, dengan penanggung jawab dan tenggat.",
        "Regions' obstacles: found by the gateway or typed, each with owner and due date.",
    ),
    "help.obstacles list": (
        "Mencari kendala sekarang, lalu menampilkan yang masih ada.",
        "Looks for obstacles now, then shows those that stand.",
    ),
    "help.obstacles add": ("Mencatat kendala.", "Enters an obstacle."),
    "help.obstacles assign": (
        "Menetapkan penanggung jawab, komitmen, dan tenggat sebuah kendala.",
        "Gives an obstacle its owner, commitment and due date.",
    ),
    "help.obstacles resolve": (
        (
            "Menyatakan kendala selesai beserta hasilnya. "
            "Yang ditemukan gerbang terbuka lagi bila penyebabnya masih ada."
        ),
        (
            "Says that an obstacle is resolved, and its outcome. "
            "One that the gateway found opens again while its cause stands."
        ),
    ),
    "help.report.month": ("bulan, misalnya 2026-03", "the month, such as 2026-03"),
    "help.report.region": ("hanya daerah ini", "this region only"),
    "help.report.pdf": ("tulis PDF ke berkas ini", "write a PDF to this file"),
    "help.report.xlsx": ("tulis lembar kerja ke berkas ini", "write a spreadsheet to this file"),
    "help.report.file": ("lembar kerja dengan angkanya", "the spreadsheet with the figures"),
    "help.obstacles.all": ("juga yang sudah selesai", "also those that are resolved"),
    "help.obstacles.id": ("nomor kendala", "the obstacle's number"),
    "help.obstacles.description": ("kendalanya, satu kalimat", "what stands in the way, in a sentence"),
    "help.obstacles.owner": ("penanggung jawab", "who cares for it"),
    "help.obstacles.commitment": ("apa yang dijanjikan", "what is promised"),
    "help.obstacles.due": ("tenggat, misalnya 2026-04-30", "by when, such as 2026-04-30"),
    "help.obstacles.outcome": ("hasilnya, satu kalimat", "how it ended, in a sentence"),
    "example.report indicators": _same("lapor-gateway report indicators --month 2026-03"),
    "example.report monthly": _same(
        "lapor-gateway report monthly --month 2026-03 --pdf maret.pdf --xlsx maret.xlsx"
    ),
    "example.report sign-off": _same('lapor-gateway report sign-off --month 2026-03 --by "Sri Wahyuni"'),
    "example.report show": _same("lapor-gateway report show --month 2026-03"),
    "example.report import-figures": _same("lapor-gateway report import-figures kemenpanrb.xlsx --by Sri"),
    "example.obstacles list": _same("lapor-gateway obstacles list"),
    "example.obstacles add": _same(
        'lapor-gateway obstacles add contoh "Operator pindah tugas" --owner "Sri"'
    ),
    "example.obstacles assign": _same(
        'lapor-gateway obstacles assign 3 --owner "Kepala Dinas Kominfo" --due 2026-04-30'
    ),
    "example.obstacles resolve": _same(
        'lapor-gateway obstacles resolve 3 --outcome "Operator baru ditunjuk"'
    ),
}

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "indicator.keterhubungan": ("Keterhubungan (SK Tim Pengelola)", "Keterhubungan (decree of the team)"),
    "indicator.keaktifan_akun": ("Keaktifan akun (login ke LAPOR!)", "Keaktifan akun (log-ins at LAPOR!)"),
    "indicator.jumlah_laporan": ("Jumlah laporan", "Number of reports"),
    "indicator.proses": ("Proses", "In process"),
    "indicator.penyelesaian": ("Penyelesaian", "Completion"),
    "indicator.tindak_lanjut": ("Tindak lanjut (selesai + proses)", "Tindak lanjut (completed + in process)"),
    "indicator.tersambung": ("Tersambung (sinkronisasi berhasil)", "Tersambung (syncs that succeeded)"),
    "indicator.actions": ("Tindakan di LAPOR! pada bulan ini", "Actions at LAPOR! in the month"),
    "indicator.answered": ("Sudah ditanggapi instansi", "Answered by the institution"),
    "indicator.follow_up_days": ("Tindak lanjut pertama (hari kerja)", "First follow-up (working days)"),
    "indicator.satisfaction": ("Kepuasan pelapor (1-5)", "Reporters' satisfaction (1-5)"),
    "indicator.at_national": (
        "Pengaduan daerah yang ada di LAPOR!",
        "The region's complaints that are at LAPOR!",
    ),
    "indicator.doubles": ("Laporan ganda, tidak dihitung lagi", "Doubles, not counted again"),
    "unmeasured": ("tidak terukur", "not measured"),
    "why.logins_not_visible": (
        "login ke LAPOR! tidak terlihat lewat API",
        "log-ins at LAPOR! are not visible by the API",
    ),
    "why.no_reports": ("tidak ada laporan", "there are no reports"),
    "why.status_never_read": ("status di LAPOR! belum pernah terbaca", "no status at LAPOR! was ever read"),
    "why.no_follow_up": ("belum ada tindak lanjut", "there is no follow-up yet"),
    "why.no_calendar": ("saat mulai atau kalender tidak diketahui", "its start or the calendar is not known"),
    "why.no_rating": ("tidak ada penilaian", "nobody rated"),
    "why.no_schedule": ("belum ada jadwal yang tiba", "no scheduled time has come"),
    "why.nothing_seen": ("tidak ada pengaduan", "there are no complaints"),
    "why.no_institution": ("tidak ada instansi", "there is no institution"),
    "shown.share": ("{percent} % ({part} dari {whole})", "{percent} % ({part} of {whole})"),
    "shown.average": (
        "rata-rata {mean}, median {median} (dari {of})",
        "mean {mean}, median {median} (of {of})",
    ),
    "shown.moment": (
        "{day} {month} {year} pukul {time} {zone}",
        "{day} {month} {year}, {time} {zone}",
    ),
    "band.above_90": ("di atas 90 %", "above 90 %"),
    "band.from_50": ("50-90 %", "50-90 %"),
    "band.below_50": ("di bawah 50 %", "below 50 %"),
    "band.zero": ("0 %", "0 %"),
    "band.unmeasured": ("tidak terukur", "not measured"),
    "scope.all": ("Semua daerah", "All regions"),
    "scope.province": ("Provinsi {name}", "Province {name}"),
    "standing.open": ("Belum diproses", "Open"),
    "standing.in_progress": ("Proses", "In process"),
    "standing.done": ("Selesai", "Completed"),
    "standing.archived": ("Diarsipkan", "Archived"),
    "standing.refused": ("Ditolak", "Refused"),
    "standing.unread": ("Status belum terbaca", "Status not read"),
    "obstacle.resolved": ("selesai", "resolved"),
    "column.month": ("bulan", "month"),
    "group.standings": ("Status di LAPOR!", "Status at LAPOR!"),
    "group.kinds": ("Jenis", "Kind"),
    "group.categories": ("Kategori", "Category"),
    "group.seen": ("Keadaan di gerbang", "State in the gateway"),
    "standing.rest": ("Lainnya", "Others"),
    "measure.reports": ("Jumlah laporan", "Number of reports"),
    "measure.answered": ("Sudah ditanggapi instansi", "Answered by the institution"),
    "measure.action": ("Tindakan di LAPOR!", "Actions at LAPOR!"),
    "measure.double": ("Laporan ganda", "Doubles"),
    "kind.pengaduan": ("pengaduan", "pengaduan"),
    "kind.aspirasi": ("aspirasi", "aspirasi"),
    "kind.permintaan_informasi": ("permintaan informasi", "permintaan informasi"),
    "month.1": ("Januari", "January"),
    "month.2": ("Februari", "February"),
    "month.3": ("Maret", "March"),
    "month.4": ("April", "April"),
    "month.5": ("Mei", "May"),
    "month.6": ("Juni", "June"),
    "month.7": ("Juli", "July"),
    "month.8": ("Agustus", "August"),
    "month.9": ("September", "September"),
    "month.10": ("Oktober", "October"),
    "month.11": ("November", "November"),
    "month.12": ("Desember", "December"),
    "obstacle.no_account": (
        "Akun LAPOR! \u201c{account}\u201d belum ada dalam pengaturan",
        "The LAPOR! account \u201c{account}\u201d is not configured",
    ),
    "obstacle.credential_failing": ("Kredensial ditolak", "A credential is refused"),
    "obstacle.credential_personal": (
        "Kredensial milik perorangan, bukan kantor",
        "The credential is a person's own, not the office's",
    ),
    "obstacle.no_official": ("Belum ada pejabat penghubung", "No official is named"),
    "obstacle.no_decree": ("SK Tim Pengelola belum tercatat", "No decree of the managing team is recorded"),
    "obstacle.backlog": ("{count} pengaduan tertahan", "{count} complaints pile up"),
    "obstacle.unanswered": (
        "{count} pengaduan di LAPOR! belum ditanggapi",
        "{count} complaints at LAPOR! are unanswered",
    ),
    "obstacle.silent_source": (
        "Aplikasi daerah tidak terbaca selama {days} hari",
        "The region's application could not be read for {days} days",
    ),
    "obstacle.unmapped_values": (
        "{count} nilai atau pengaduan tanpa padanan",
        "{count} values or complaints without a mapping",
    ),
    "obstacle.no_look_up": (
        "Hak membaca daftar LAPOR! belum diberikan",
        "The right to list at LAPOR! is not granted",
    ),
    "obstacle.typed": ("{description}", "{description}"),
    "restated.came_later": ("terhitung kemudian", "counted later"),
    "restated.counts_no_more": ("tidak lagi terhitung", "counts no more"),
    "restated.is_a_double": ("ternyata ganda", "found to be a double"),
    "restated.status_moved_on": ("status di LAPOR! berubah", "its status at LAPOR! moved on"),
    "restated.answered_since": ("tindak lanjut bertambah", "follow-ups came"),
    "restated.rated_since": ("dinilai pelapor", "rated by the reporter"),
    "restated.details_changed": ("jenis atau kategori berubah", "its kind or category changed"),
    "differs.not_yet_at_lapor": ("belum sampai di LAPOR!", "not yet at LAPOR!"),
    "differs.after_their_day": ("berubah sesudah tanggal angka itu", "changed after the day of that figure"),
    "differs.counted_once_here": ("ganda di LAPOR!, di sini sekali", "twice at LAPOR!, once here"),
    "differs.number_typed_later": (
        "nomor dicatat belakangan, tanggal masuk di LAPOR! berbeda",
        "its number was typed later, LAPOR!'s date is another",
    ),
    "differs.status_not_read": ("statusnya belum terbaca di sini", "its status was not read here yet"),
    "differs.gateway_began_later": (
        "gerbang mulai bekerja sesudah awal bulan",
        "the gateway began after the month did",
    ),
    "differs.not_through_gateway": (
        "masuk LAPOR! tidak lewat gerbang",
        "came to LAPOR! not through the gateway",
    ),
    "differs.gone_at_lapor": ("tidak lagi ada di LAPOR!", "no longer at LAPOR!"),
    "differs.other_definition": ("definisi lain", "another definition"),
    "differs.not_measured_here": ("tidak terukur di gerbang", "not measured by the gateway"),
    "differs.rounded": ("pembulatan", "rounding"),
    "differs.unexplained": ("belum dapat dijelaskan", "cannot be explained yet"),
    "attention.low": ("Penyelesaian hanya {figure} %", "Completion is only {figure} %"),
    "attention.unread": (
        "Status {figure} laporan belum terbaca",
        "The status of {figure} reports was not read",
    ),
    "attention.sync": ("Hanya {figure} % sinkronisasi berhasil", "Only {figure} % of the syncs succeeded"),
    "attention.unowned": ("{figure} kendala tanpa penanggung jawab", "{figure} obstacles without an owner"),
    "attention.gap": (
        "Neraca tidak menutup ({figure} pengaduan terlihat)",
        "The balance does not close ({figure} seen)",
    ),
    "unit.percent": ("%", "%"),
    "unit.count": ("laporan", "reports"),
}

_SAID: Final[dict[str, tuple[str, str]]] = {
    "report.written": ("Ditulis: {file}", "Written: {file}"),
    "report.signed": (
        "Bulan {month} disahkan oleh {by}. Sidik SHA-256: {digest}",
        "The month {month} was signed off by {by}. SHA-256: {digest}",
    ),
    "report.no_change": (
        "Tidak ada yang berubah sejak pengesahan.",
        "Nothing has changed since it was signed off.",
    ),
    "report.changed": (
        "{count} pengaduan mengubah bulan ini sejak pengesahan:",
        "{count} complaints have changed this month since it was signed off:",
    ),
    "report.imported": ("{count} angka diimpor.", "{count} figures were imported."),
    "report.agrees": (
        "Semua angka yang diimpor sama dengan angka gerbang.",
        "Every imported figure agrees with the gateway's.",
    ),
    "obstacles.none": ("Tidak ada kendala.", "There are no obstacles."),
    "obstacles.heading": ("Kendala yang masih ada: {count}", "Obstacles that stand: {count}"),
    "obstacles.added": ("Kendala {id} dicatat.", "Obstacle {id} was entered."),
    "obstacles.assigned": ("Kendala {id} diperbarui.", "Obstacle {id} was changed."),
    "obstacles.resolved": ("Kendala {id} selesai.", "Obstacle {id} is resolved."),
    "column.indicator": ("indikator", "indicator"),
    "column.value": ("nilai", "value"),
    "column.scope": ("cakupan", "scope"),
    "column.reports": ("laporan", "reports"),
    "column.done": ("selesai", "completed"),
    "column.process": ("proses", "in process"),
    "column.both": ("tindak lanjut", "tindak lanjut"),
    "column.band": ("pita", "band"),
    "column.days": ("hari kerja", "working days"),
    "column.connected": ("tersambung", "tersambung"),
    "column.obstacle": ("kendala", "obstacle"),
    "column.owner": ("penanggung jawab", "owner"),
    "column.commitment": ("komitmen", "commitment"),
    "column.due": ("tenggat", "due"),
    "column.complaint": ("pengaduan", "complaint"),
    "column.why": ("sebab", "why"),
    "column.before": ("dahulu", "before"),
    "column.after": ("sekarang", "after"),
    "column.theirs": ("menurut sumber", "by the source"),
    "column.ours": ("menurut gerbang", "by the gateway"),
}

REPORTS: Final[dict[str, tuple[str, str]]] = {**_HELP, **_WORDS, **_SAID}

REPORT_ERRORS: Final[dict[str, str]] = {
    "{text} is no month.": "{text} bukan bulan.",
    "Write it as 2026-03.": "Tulis sebagai 2026-03.",
    "`lapor-gateway channels list` shows the regions.": "`lapor-gateway channels list` menampilkan daerah-daerahnya.",
    "An obstacle needs a description.": "Kendala memerlukan uraian.",
    "Say in a sentence what stands in the way.": "Sebutkan kendalanya dalam satu kalimat.",
    "Nothing was said about the obstacle.": "Tidak ada yang disebutkan tentang kendala itu.",
    "Give --owner, --commitment or --due.": "Sebutkan --owner, --commitment, atau --due.",
    "A resolved obstacle needs its outcome.": "Kendala yang selesai memerlukan hasilnya.",
    "Say in a sentence how it ended.": "Sebutkan hasilnya dalam satu kalimat.",
    "The obstacle {identifier} is resolved already.": "Kendala {identifier} sudah selesai.",
    "If it stands again, enter it with `lapor-gateway obstacles add`.": (
        "Bila muncul lagi, catat dengan `lapor-gateway obstacles add`."
    ),
    "There is no obstacle {identifier}.": "Tidak ada kendala {identifier}.",
    "`lapor-gateway obstacles list --all` shows them.": "`lapor-gateway obstacles list --all` menampilkannya.",
    "The month {month} is signed off already.": "Bulan {month} sudah disahkan.",
    "What later data change is shown as a restatement: `lapor-gateway report show`.": (
        "Perubahan sesudahnya tampil sebagai penyajian kembali: `lapor-gateway report show`."
    ),
    "The month {month} is not signed off.": "Bulan {month} belum disahkan.",
    "Sign it with `lapor-gateway report sign-off`, or make its report with `report monthly`.": (
        "Sahkan dengan `lapor-gateway report sign-off`, atau buat laporannya dengan `report monthly`."
    ),
    "The month {month} is not over yet.": "Bulan {month} belum berakhir.",
    "Sign it off when it has ended everywhere.": "Sahkan setelah bulan itu berakhir di semua daerah.",
    "The signed report of {month} is not what was signed.": "Laporan {month} bukan lagi yang disahkan.",
    "Its digest stands in the ledger (`report_signed_off`); restore the book from a backup.": (
        "Sidiknya ada di buku besar (`report_signed_off`); pulihkan buku dari cadangan."
    ),
    "There is no file {path}.": "Tidak ada berkas {path}.",
    "Name the spreadsheet with the figures.": "Sebutkan lembar kerja yang berisi angkanya.",
    "{name} holds no figure.": "{name} tidak memuat angka.",
    "Write one figure a row under the headings.": "Tulis satu angka per baris di bawah judul kolom.",
    "Row {number} of the figures cannot be read: {what}.": "Baris {number} tidak dapat dibaca: {what}.",
    "A row reads: 2026-03, 35.23, penyelesaian, 81%, KemenPANRB, 2026-04-05. Nothing was imported.": (
        "Satu baris berbunyi: 2026-03, 35.23, penyelesaian, 81%, KemenPANRB, 2026-04-05. Tidak ada yang diimpor."
    ),
    "The report {path} cannot be written.": "Laporan {path} tidak dapat ditulis.",
    "Name another file.": "Sebutkan berkas lain.",
    "--due {due} is no day.": "--due {due} bukan tanggal.",
    "Write it as 2026-04-30.": "Tulis sebagai 2026-04-30.",
}
