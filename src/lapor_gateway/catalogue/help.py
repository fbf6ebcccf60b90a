"""Help of the command line: what a command does, what an option means, an example each."""

from typing import Final

_COMMANDS: Final = {
    "help.app": (
        "Membawa pengaduan warga dari aplikasi daerah ke SP4N-LAPOR! dan mempertanggungjawabkan setiap pengaduan.",
        "Carries citizens' complaints from regional applications into SP4N-LAPOR! and accounts for every one of them.",
    ),
    "help.app.epilog": (
        (
            "Mulai: `lapor-gateway demo` untuk melihatnya bekerja, `lapor-gateway init` untuk memasangnya. "
            "--data DIR dan --debug boleh berdiri di mana saja."
        ),
        (
            "Begin: `lapor-gateway demo` to see it work, `lapor-gateway init` to install it. "
            "--data DIR and --debug may stand anywhere."
        ),
    ),
    "help.example": ("Contoh:  {example}", "Example:  {example}"),
    "help.demo": (
        "Menjalankan aplikasi tiruan empat daerah dan LAPOR! tiruan, menyinkronkan semuanya, menghitung neracanya.",
        "Starts simulated applications of four regions and a simulated LAPOR!, syncs all, and counts the balance.",
    ),
    "help.init": (
        "Menulis pengaturan, contoh folder daerah, dan kunci; tidak pernah menimpa.",
        "Writes settings, an example region folder and a key; never overwrites.",
    ),
    "help.serve": (
        "Menjalankan API, halaman status, jadwal, dan pengiriman sampai Ctrl-C.",
        "Runs API, status page, schedule and worker until Ctrl-C.",
    ),
    "help.sync": (
        "Sinkronisasi sekali sekarang: tarik, bakukan, kirim, selesaikan yang meragukan.",
        "One sync now: pull, normalize, push, settle what is in doubt.",
    ),
    "help.status": (
        "Keadaan setiap kanal dan putusan neracanya.",
        "How every channel stands, and the verdict of its balance.",
    ),
    "help.doctor": (
        "Memeriksa pengaturan, kunci, basis data, jam, disk, sambungan; menyebut apa yang harus dilakukan.",
        "Checks settings, key, database, clock, disk and connections, and says what to do.",
    ),
    "help.complaints": ("Mencari, membaca, dan memutuskan pengaduan.", "Find, read and decide complaints."),
    "help.complaints list": ("Daftar pengaduan, yang terbaru dahulu.", "List complaints, newest first."),
    "help.complaints show": (
        "Perjalanan lengkap satu pengaduan.",
        "The whole journey of one complaint.",
    ),
    "help.complaints replay": (
        "Melewatkan pengaduan sekali lagi melalui pemetaan dan pemeriksaan.",
        "Send a complaint through mapping and gate again.",
    ),
    "help.complaints hold": ("Menahan pengaduan yang siap dikirim.", "Hold a complaint that is ready."),
    "help.complaints release": ("Melepas pengaduan yang ditahan.", "Release a held complaint."),
    "help.complaints include": (
        "Mengirim pengaduan lama yang tadinya dikesampingkan.",
        "Push a historical complaint after all.",
    ),
    "help.complaints set-aside": (
        "Mengesampingkan pengaduan sebagai riwayat.",
        "Set a complaint aside as historical.",
    ),
    "help.complaints link": (
        "Menautkan pengaduan ganda pada yang pertama.",
        "Link a double to the first complaint.",
    ),
    "help.complaints split": (
        "Memisahkan lagi pengaduan yang ditautkan.",
        "Split a linked complaint off again.",
    ),
    "help.complaints withdraw": ("Menarik pengaduan; perlu alasan.", "Withdraw a complaint; needs a reason."),
    "help.complaints restore": (
        "Mengembalikan pengaduan yang ditarik; perlu alasan.",
        "Restore a withdrawn complaint; needs a reason.",
    ),
    "help.complaints adopt": (
        "Mengakui nomor LAPOR! yang sudah ada untuk pengaduan ini.",
        "Adopt the LAPOR! number that this complaint already has.",
    ),
    "help.complaints resend": (
        "Mengirim ulang pengaduan yang meragukan; perlu alasan.",
        "Send an ambiguous complaint again; needs a reason.",
    ),
    "help.complaints give-up": (
        "Berhenti mencoba pengaduan yang meragukan; perlu alasan.",
        "Give an ambiguous complaint up; needs a reason.",
    ),
    "help.complaints number": (
        "Mencatat nomor LAPOR! yang dimasukkan dengan tangan.",
        "Record the LAPOR! number of a manual entry.",
    ),
    "help.complaints undo": (
        "Membatalkan penerimaan (nomor salah); perlu alasan.",
        "Undo an acceptance (wrong number); needs a reason.",
    ),
    "help.channels": ("Melihat, menguji, dan mengatur kanal.", "See, test and steer channels."),
    "help.channels list": ("Daftar kanal.", "List the channels."),
    "help.channels test": (
        "Mencoba sambungan ke aplikasi daerah tanpa mengubah apa pun.",
        "Try the connection to the regional application; changes nothing.",
    ),
    "help.channels pause": ("Menghentikan penarikan kanal.", "Stop pulling a channel."),
    "help.channels resume": ("Melanjutkan kanal dari titik henti.", "Pull again, from where it stopped."),
    "help.channels go-live": (
        "Menyetujui bahwa kanal mengirim ke LAPOR!; nama penyetuju dicatat.",
        "Approve that a channel pushes to LAPOR!; the name is recorded.",
    ),
    "help.push": ("Satu sakelar untuk semua yang keluar.", "The one switch for everything outgoing."),
    "help.push stop": ("Menghentikan semua pengiriman.", "Stop all pushing."),
    "help.push start": ("Membuka pengiriman lagi.", "Allow pushing again."),
    "help.findings": ("Temuan yang perlu diketahui atau diputuskan.", "What a person should know or decide."),
    "help.findings list": ("Daftar temuan yang terbuka.", "List the open findings."),
    "help.findings accept": ("Menerima temuan dengan alasan.", "Accept findings with a reason."),
    "help.connectors": ("Folder daerah: manifes dan pemetaannya.", "Region folders: manifests and mappings."),
    "help.connectors list": ("Daftar folder daerah.", "List the region folders."),
    "help.connectors check": (
        "Memeriksa manifes; menyebut baris, kunci, dan ejaan terdekat.",
        "Check manifests; names line, key and nearest spelling.",
    ),
    "help.connectors test": (
        "Membandingkan samples/ dengan expected/.",
        "Compare samples/ with expected/.",
    ),
    "help.connectors preview": (
        "Rekaman mentah di samping hasil bakunya, dengan kata yang belum ada di tabel.",
        "Raw records beside what they become, with the words no table has.",
    ),
    "help.secrets": ("Rahasia, disimpan terenkripsi di buku.", "Secrets, kept encrypted in the book."),
    "help.secrets set": (
        "Menyimpan rahasia dari pertanyaan, berkas, atau masukan standar.",
        "Keep a secret from a prompt, a file or standard input.",
    ),
    "help.secrets list": (
        "Nama rahasia, kapan disimpan, dan siapa yang memakainya; tidak pernah isinya.",
        "Names of secrets, when set, and who uses them; never a value.",
    ),
    "help.keys": ("Kunci API.", "API keys."),
    "help.keys create": (
        "Membuat kunci; tokennya ditampilkan sekali ini saja.",
        "Make a key; its token is shown once.",
    ),
    "help.keys revoke": ("Mencabut kunci seketika.", "Make a key worthless at once."),
    "help.keys list": ("Daftar kunci, tanpa token.", "List the keys, without tokens."),
    "help.accounts": ("Akun LAPOR! (nasional).", "National accounts at LAPOR!."),
    "help.accounts list": ("Daftar akun nasional.", "List the national accounts."),
    "help.accounts resume": (
        "Melanjutkan akun yang dihentikan karena kredensialnya ditolak.",
        "Resume an account that was paused because its credential was refused.",
    ),
    "help.db": ("Tabel buku.", "The book's tables."),
    "help.db upgrade": (
        "Membuat atau memperbarui tabel buku; aman diulang.",
        "Make or upgrade the book's tables; safe to repeat.",
    ),
    "help.db status": (
        "Migrasi yang berlaku dan yang diperlukan.",
        "The migration in force, and the one needed.",
    ),
    "help.simulate": ("Simulator yang berjalan sendiri.", "The simulators on their own."),
    "help.simulate national": (
        "LAPOR! tiruan; --help menampilkan pilihannya sendiri.",
        "A simulated LAPOR!; --help shows its own options.",
    ),
    "help.simulate region": (
        "Aplikasi daerah tiruan dari sebuah folder; --help menampilkan pilihannya sendiri.",
        "A simulated regional application from a folder; --help shows its own options.",
    ),
}

_OPTIONS: Final = {
    "help.data": ("folder data (bawaan: ./data)", "data folder (default: ./data)"),
    "help.debug": ("tampilkan traceback bila ada galat", "show a traceback on errors"),
    "help.version": ("tampilkan versi", "show the version"),
    "help.json": ("hasil sebagai JSON", "the result as JSON"),
    "help.jsonl": ("satu objek JSON per baris, semua halaman", "one JSON object a line, all pages"),
    "help.by": (
        "siapa yang memutuskan (bawaan: pengguna sistem)",
        "who decides (default: the system's user)",
    ),
    "help.by.approval": ("nama orang yang menyetujui", "name of the person who approves"),
    "help.reason": ("alasan, dicatat di buku", "the reason, written in the book"),
    "help.channel": ("nama kanal, misalnya contoh.ekspor", "a channel's name, such as contoh.ekspor"),
    "help.port": ("porta; 0 mengambil yang bebas", "port; 0 takes a free one"),
    "help.sync.channel": ("kanal yang disinkronkan", "channels to sync"),
    "help.sync.all": ("semua kanal", "all channels"),
    "help.sync.dry_run": ("tunjukkan saja apa yang akan dikirim", "only show what would be sent"),
    "help.status.check": ("hitung ulang semua yang dapat dijangkau", "count anew what can be reached"),
    "help.demo.complaints": ("jumlah pengaduan seluruhnya", "complaints in all"),
    "help.demo.seed": ("benih: angka yang sama, pengaduan yang sama", "seed: same number, same complaints"),
    "help.demo.no_serve": ("selesai sesudah ringkasan", "end after the summary"),
    "help.demo.national_url": (
        "kirim ke alamat ini (hanya loopback) sebagai ganti LAPOR! tiruan",
        "send to this address (loopback only) instead of the simulated LAPOR!",
    ),
    "help.init.dir": ("folder pemasangan (bawaan: folder ini)", "folder to set up (default: this one)"),
    "help.serve.host": ("alamat yang didengar", "address to listen on"),
    "help.serve.no_worker": ("tanpa jadwal dan pengiriman", "without schedule and worker"),
    "help.doctor.offline": ("tanpa mencoba sambungan", "do not try connections"),
    "help.complaints.which": ("nomor atau rujukan (LG-…)", "number or reference (LG-…)"),
    "help.complaints.all": ("semua yang berkeadaan --state", "all that are in --state"),
    "help.complaints.of_state": ("dengan --all: keadaannya", "with --all: the state they are in"),
    "help.complaints.of_reason": (
        "dengan --all: hanya yang beralasan ini, misalnya unknown_word",
        "with --all: only those that wait for this reason, such as unknown_word",
    ),
    "help.complaints.yes": ("tanpa bertanya", "without asking"),
    "help.complaints.number": ("nomor LAPOR! (tracking id)", "LAPOR! number (tracking id)"),
    "help.complaints.other": (
        "pengaduan pertama, tempat yang ini ditautkan",
        "the first complaint, to link this one to",
    ),
    "help.complaints.state": ("keadaan, atau `pending`", "a state, or `pending`"),
    "help.complaints.waiting": (
        "nobody | national | operator | region",
        "nobody | national | operator | region",
    ),
    "help.complaints.q": (
        "kata di judul, isi, rujukan, atau nomor",
        "words in title, text, reference or number",
    ),
    "help.complaints.time": ("tanggal atau waktu", "date or time"),
    "help.complaints.from": ("dibuat mulai waktu ini", "created from this time on"),
    "help.complaints.to": (
        "dibuat sampai waktu ini; sebuah tanggal berarti seluruh harinya",
        "created until then; a date means its whole day",
    ),
    "help.complaints.limit": (
        "paling banyak sekian (tidak berlaku untuk --jsonl)",
        "at most so many (not for --jsonl)",
    ),
    "help.complaints.reveal": (
        "tampilkan identitas dan rekaman mentah; alasannya dicatat",
        "show identity and raw records; the reason is written down",
    ),
    "help.findings.kind": ("hanya jenis ini", "only this kind"),
    "help.findings.closed": ("juga yang sudah selesai", "closed ones, too"),
    "help.findings.id": ("nomor temuan", "finding numbers"),
    "help.go_live.from": (
        "kirim pengaduan yang dibuat mulai tanggal ini",
        "push complaints created from this date on",
    ),
    "help.go_live.canary": ("lepaskan hanya N yang pertama", "let only the first N go out"),
    "help.connectors.region": ("nama folder daerah", "name of a region folder"),
    "help.connectors.write": (
        "tulis expected/ yang belum ada, untuk dibaca dan disetujui orang",
        "write what is missing in expected/, for a person to read through",
    ),
    "help.preview.limit": ("banyaknya rekaman per kanal", "records per channel"),
    "help.preview.samples": ("pakai samples/ saja, tanpa sambungan", "use samples/ only, connect nowhere"),
    "help.secrets.name": (
        "nama rahasia, misalnya contoh/kata-sandi",
        "the secret's name, such as contoh/password",
    ),
    "help.secrets.file": ("baca isinya dari berkas", "read the value from a file"),
    "help.keys.label": ("untuk siapa kunci ini", "whom the key is for"),
    "help.keys.scope": (
        "read, operate, admin, audit, send, identity; boleh diulang",
        "read, operate, admin, audit, send, identity; repeatable",
    ),
    "help.keys.region": ("hanya untuk daerah ini", "for this region only"),
    "help.keys.channel": ("hanya untuk kanal ini", "for this channel only"),
    "help.keys.id": ("nomor kunci dari `keys list`", "the key's id from `keys list`"),
    "help.accounts.name": ("nama akun di [national.…]", "name of the account in [national.…]"),
    "help.simulate.words": ("pilihan milik simulator", "the simulator's own options"),
}


def _same(example: str) -> tuple[str, str]:
    return (example, example)


_EXAMPLES: Final = {
    "example.demo": _same("lapor-gateway demo --complaints 400 --no-serve"),
    "example.init": _same("lapor-gateway init /srv/lapor-gateway"),
    "example.serve": _same("lapor-gateway serve --port 8080"),
    "example.sync": _same("lapor-gateway sync contoh.ekspor --dry-run"),
    "example.status": _same("lapor-gateway status --check"),
    "example.doctor": _same("lapor-gateway doctor --offline"),
    "example.complaints list": _same("lapor-gateway complaints list --state held --region contoh"),
    "example.complaints show": _same("lapor-gateway complaints show LG-7K3M-Q2XA-9RTC"),
    "example.complaints replay": _same("lapor-gateway complaints replay 17 --by Sri"),
    "example.complaints hold": _same('lapor-gateway complaints hold 17 --by Sri --reason "…"'),
    "example.complaints release": _same("lapor-gateway complaints release 17 --by Sri"),
    "example.complaints include": _same("lapor-gateway complaints include 17 --by Sri"),
    "example.complaints set-aside": _same("lapor-gateway complaints set-aside 17 --by Sri"),
    "example.complaints link": _same("lapor-gateway complaints link 18 17 --by Sri"),
    "example.complaints split": _same("lapor-gateway complaints split 18 --by Sri"),
    "example.complaints withdraw": _same('lapor-gateway complaints withdraw 17 --by Sri --reason "…"'),
    "example.complaints restore": _same('lapor-gateway complaints restore 17 --by Sri --reason "…"'),
    "example.complaints adopt": _same("lapor-gateway complaints adopt 17 9876543 --by Sri"),
    "example.complaints resend": _same('lapor-gateway complaints resend 17 --by Sri --reason "…"'),
    "example.complaints give-up": _same('lapor-gateway complaints give-up 17 --by Sri --reason "…"'),
    "example.complaints number": _same("lapor-gateway complaints number 17 9876543 --by Sri"),
    "example.complaints undo": _same('lapor-gateway complaints undo 17 --by Sri --reason "…"'),
    "example.channels list": _same("lapor-gateway channels list"),
    "example.channels test": _same("lapor-gateway channels test contoh.ekspor"),
    "example.channels pause": _same('lapor-gateway channels pause contoh.ekspor --reason "…"'),
    "example.channels resume": _same("lapor-gateway channels resume contoh.ekspor --by Sri"),
    "example.channels go-live": _same(
        "lapor-gateway channels go-live contoh.ekspor --by Sri --from 2026-01-01 --canary 5"
    ),
    "example.push stop": _same("lapor-gateway push stop --by Sri"),
    "example.push start": _same("lapor-gateway push start --by Sri"),
    "example.findings list": _same("lapor-gateway findings list"),
    "example.findings accept": _same('lapor-gateway findings accept 12 --by Sri --reason "…"'),
    "example.connectors list": _same("lapor-gateway connectors list"),
    "example.connectors check": _same("lapor-gateway connectors check contoh"),
    "example.connectors test": _same("lapor-gateway connectors test"),
    "example.connectors preview": _same("lapor-gateway connectors preview contoh --limit 3"),
    "example.secrets set": _same("lapor-gateway secrets set contoh/password"),
    "example.secrets list": _same("lapor-gateway secrets list"),
    "example.keys create": _same("lapor-gateway keys create console --scope read --scope operate"),
    "example.keys revoke": _same("lapor-gateway keys revoke 3f9a1c0b7d2e"),
    "example.keys list": _same("lapor-gateway keys list"),
    "example.accounts list": _same("lapor-gateway accounts list"),
    "example.accounts resume": _same("lapor-gateway accounts resume contoh --by Sri"),
    "example.db upgrade": _same("lapor-gateway db upgrade"),
    "example.db status": _same("lapor-gateway db status --json"),
    "example.simulate national": _same("lapor-gateway simulate national --port 8090"),
    "example.simulate region": _same("lapor-gateway simulate region connectors/contoh --complaints 100"),
}

HELP: Final[dict[str, tuple[str, str]]] = {**_COMMANDS, **_OPTIONS, **_EXAMPLES}
