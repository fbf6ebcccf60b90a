"""Texts about both ways: looking at LAPOR!, deliveries to either side, follow-ups, the inbox."""

from typing import Final

TRAVEL: Final[dict[str, tuple[str, str]]] = {
    "status.looking": (
        (
            "Akun {account}: {count} pengaduan terbuka di LAPOR!; masing-masing dilihat paling lambat setiap {hours} "
            "jam (paling banyak {limit} permintaan per jam, yang terlama dilihat {oldest}, putaran terakhir {last})."
        ),
        (
            "Account {account}: {count} complaints are open at LAPOR!; each is looked at at least every {hours} hours "
            "(at most {limit} requests an hour, the oldest look was {oldest}, the last round {last})."
        ),
    ),
    "status.looking.trouble": (
        "Akun {account}: pembacaan dari LAPOR! terhenti: {why}",
        "Account {account}: reading from LAPOR! stopped: {why}",
    ),
    "status.deliveries": (
        "{count} kiriman berstatus {state} menunggu keputusan: `lapor-gateway deliveries list --state {state}`.",
        "{count} deliveries are {state} and wait for a decision: `lapor-gateway deliveries list --state {state}`.",
    ),
    "help.deliveries": (
        "Kiriman ke aplikasi daerah dan tindak lanjut ke LAPOR!: melihat dan memutuskan.",
        "Deliveries to regional applications and follow-ups to LAPOR!: see and decide.",
    ),
    "help.deliveries list": ("Daftar kiriman, yang terbaru dahulu.", "List deliveries, newest first."),
    "example.deliveries list": (
        "lapor-gateway deliveries list --state ambiguous",
        "lapor-gateway deliveries list --state ambiguous",
    ),
    "help.deliveries replay": (
        "Mengirim lagi satu kiriman, misalnya setelah aplikasi daerah diperbaiki.",
        "Send one delivery again, for instance after the region's application was mended.",
    ),
    "example.deliveries replay": (
        'lapor-gateway deliveries replay 17 --reason "aplikasi sudah pulih"',
        'lapor-gateway deliveries replay 17 --reason "the application is back"',
    ),
    "help.deliveries confirm": (
        "Menyatakan bahwa satu kiriman yang meragukan ternyata sudah sampai.",
        "State that a delivery in doubt has arrived after all.",
    ),
    "example.deliveries confirm": (
        'lapor-gateway deliveries confirm 17 --reason "terlihat di LAPOR!"',
        'lapor-gateway deliveries confirm 17 --reason "seen at LAPOR!"',
    ),
    "help.deliveries drop": (
        "Melepas satu kiriman: tidak dikirim lagi.",
        "Give one delivery up: it is sent no more.",
    ),
    "example.deliveries drop": (
        'lapor-gateway deliveries drop 17 --reason "sudah dijawab lewat telepon"',
        'lapor-gateway deliveries drop 17 --reason "answered by phone"',
    ),
    "help.deliveries.id": ("Nomor kiriman.", "The delivery's number."),
    "help.deliveries.state": (
        "Hanya yang berstatus ini: waiting, sending, delivered, refused, ambiguous, stopped, dropped.",
        "Only those in this state: waiting, sending, delivered, refused, ambiguous, stopped, dropped.",
    ),
    "help.deliveries.target": (
        "Hanya ke kanal atau akun nasional ini.",
        "Only those to this channel or national account.",
    ),
    "deliveries.none": ("Tidak ada kiriman.", "There are no deliveries."),
    "deliveries.decided": ("Kiriman {id}: {state}.", "Delivery {id}: {state}."),
    "help.inbox": (
        "Pengaduan yang diajukan langsung di LAPOR! untuk daerah.",
        "Complaints that were filed at LAPOR! itself, for a region.",
    ),
    "help.inbox list": (
        "Daftar pengaduan dari LAPOR! untuk daerah, yang terbaru dahulu.",
        "List complaints from LAPOR! for the regions, newest first.",
    ),
    "example.inbox list": (
        "lapor-gateway inbox list --region contoh",
        "lapor-gateway inbox list --region contoh",
    ),
    "help.inbox.region": ("Hanya daerah ini.", "Only this region."),
    "help.inbox.state": (
        "Hanya yang berstatus ini: new, delivered, recognised.",
        "Only those in this state: new, delivered, recognised.",
    ),
    "inbox.none": ("Tidak ada pengaduan dari LAPOR!.", "There are no complaints from LAPOR!."),
    "help.complaints follow-up": (
        "Menulis tindak lanjut: disampaikan ke LAPOR! dan ke aplikasi daerah.",
        "Write a follow-up: it is told to LAPOR! and to the region's application.",
    ),
    "example.complaints follow-up": (
        'lapor-gateway complaints follow-up LG-8H2K-0M4T-9XQ7 --text "Jalan sudah ditambal."',
        'lapor-gateway complaints follow-up LG-8H2K-0M4T-9XQ7 --text "The road has been mended."',
    ),
    "help.complaints hand-over": (
        "Meminta LAPOR! memindahkan pengaduan ke instansi yang berwenang; keputusannya ada pada LAPOR!.",
        "Ask LAPOR! to give a complaint to the institution in charge; LAPOR! decides.",
    ),
    "example.complaints hand-over": (
        'lapor-gateway complaints hand-over LG-8H2K-0M4T-9XQ7 "Dinas Bina Marga" --reason "Jalan provinsi"',
        'lapor-gateway complaints hand-over LG-8H2K-0M4T-9XQ7 41002 --reason "A road of the province"',
    ),
    "help.hand_over.institution": (
        "Instansi tujuan: nomornya di LAPOR!, atau namanya persis seperti pada daftar instansi.",
        "The institution: its id at LAPOR!, or its name just as the list of institutions has it.",
    ),
    "hand_over.kept": (
        "Permintaan pelimpahan {reference} ke {institution} dicatat; dikirim pada sinkronisasi berikutnya.",
        "The wish to hand {reference} over to {institution} was kept; it goes out with the next sync.",
    ),
    "help.follow_up.text": ("Isi tindak lanjut.", "What it says."),
    "follow_up.kept": (
        "Tindak lanjut nomor {number} pada {reference} dicatat; dikirim pada sinkronisasi berikutnya.",
        "Follow-up {number} of {reference} was kept; it goes out with the next sync.",
    ),
    "journey.follow_ups": ("Tindak lanjut, kedua sisi:", "Follow-ups, both sides:"),
    "journey.follow_up": (
        "  {at}  {side}, {author}: {words}",
        "  {at}  {side}, {author}: {words}",
    ),
    "journey.deliveries": ("Kiriman:", "Deliveries:"),
    "journey.hidden": ("(disembunyikan: laporan rahasia)", "(hidden: a secret report)"),
    "side.national": ("di LAPOR!", "at LAPOR!"),
    "side.region": ("di aplikasi daerah", "in the region's application"),
    "side.gateway": ("di gerbang", "in the gateway"),
    "author.institution": ("instansi", "institution"),
    "author.reporter": ("pelapor", "reporter"),
    "author.system": ("sistem", "system"),
    "author.unknown": ("tidak diketahui", "unknown"),
    "fault.milestones_differ": (
        "pengaduan {subject}: tonggak waktunya tidak sesuai dengan buku besar",
        "the complaint {subject}: its milestones are not what the ledger says",
    ),
    "column.direction": ("arah", "direction"),
    "column.target": ("tujuan", "target"),
    "column.attempts": ("percobaan", "attempts"),
    "column.filed": ("diajukan", "filed"),
}

TRAVEL_ERRORS: Final[dict[str, str]] = {
    "There is no delivery {id}.": "Tidak ada kiriman {id}.",
    "`lapor-gateway deliveries list` shows the ones there are.": (
        "`lapor-gateway deliveries list` menunjukkan yang ada."
    ),
    "The delivery {id} is {state}; that cannot be decided now.": (
        "Kiriman {id} berstatus {state}; itu tidak dapat diputuskan sekarang."
    ),
    "Wait until it has ended, or choose another one.": "Tunggu sampai selesai, atau pilih yang lain.",
    "A follow-up has between 1 and {most} characters.": "Tindak lanjut berisi 1 sampai {most} huruf.",
    "Write it anew.": "Tulis ulang.",
    "Nothing can be written to complaints under the account {account}.": (
        "Tidak ada yang dapat ditulis pada pengaduan di bawah akun {account}."
    ),
    "Set `follow_ups` with a user_id under [national.{account}] in lapor-gateway.toml.": (
        "Pasang `follow_ups` dengan user_id di bawah [national.{account}] dalam lapor-gateway.toml."
    ),
    "A hand-over needs a reason.": "Pelimpahan memerlukan alasan.",
    "There is no institution {name} in the lists of the account {account}.": (
        "Tidak ada instansi {name} dalam daftar akun {account}."
    ),
    "`lapor-gateway accounts masters --kind institutions --find WORD` finds it; or give its id.": (
        "Cari dengan `lapor-gateway accounts masters --kind institutions --find KATA`, atau sebutkan nomornya."
    ),
    "The complaint {reference} is not at LAPOR!; nothing can be written to it there.": (
        "Pengaduan {reference} tidak ada di LAPOR!; tidak ada yang dapat ditulis padanya di sana."
    ),
    "Wait until it has been accepted.": "Tunggu sampai diterima.",
    "The application of {channel} could not be written to.": "Aplikasi {channel} tidak dapat ditulisi.",
    "Check the address, the network and the credential; what waits is told by itself later.": (
        "Periksa alamat, jaringan, dan kredensialnya; yang menunggu akan disampaikan sendiri nanti."
    ),
    "The query of the answers gives no column {missing}; it gives {found}.": (
        "Kueri jawaban tidak memberikan kolom {missing}; yang diberikan: {found}."
    ),
    "Mend `answers.key` or `answers.source_id` in the manifest, or the query.": (
        "Perbaiki `answers.key` atau `answers.source_id` di manifes, atau kuerinya."
    ),
    "The answers' key {key} is neither a number nor a text.": "Kunci jawaban {key} bukan bilangan dan bukan teks.",
    "Choose another `answers.key`.": "Pilih `answers.key` yang lain.",
}
