"""Sentences of errors: the English template as it is raised, and the same in Bahasa Indonesia.

Errors are raised in English wherever they arise, and translated where a person reads them.
"""

from typing import Final

from lapor_gateway.catalogue.details import DETAILS
from lapor_gateway.catalogue.privacy import PRIVACY_ERRORS
from lapor_gateway.catalogue.sources import SOURCE_ERRORS

_USAGE: Final = {
    "Missing command.": "Perintahnya belum disebut.",
    "No such command {name}.": "Tidak ada perintah {name}.",
    "No such command {name}. Did you mean {near}?": "Tidak ada perintah {name}. Maksud Anda {near}?",
    "No such option: {name}": "Tidak ada pilihan {name}.",
    "No such option: {name} (Possible options: {near})": "Tidak ada pilihan {name} (mungkin {near}).",
    "Missing argument {name}.": "{name} belum disebut.",
    "Missing option {name}.": "Pilihan {name} belum disebut.",
    "Option {name} requires an argument.": "Pilihan {name} memerlukan isi.",
    "Got unexpected extra argument {words}": "Ada kata yang berlebih: {words}",
    "Got unexpected extra arguments {words}": "Ada kata-kata yang berlebih: {words}",
    "Invalid value for {name}: Input should be a valid integer, unable to parse string as an integer": (
        "Isi {name} harus bilangan bulat."
    ),
    "Invalid value for {name}: Input should be greater than or equal to {least}": "Isi {name} paling sedikit {least}.",
    "Invalid value for {name}: {why}": "Isi {name} tidak dapat dipakai: {why}",
}

_COMMANDS: Final = {
    "Name the channels to sync, or say --all.": "Sebutkan kanal yang disinkronkan, atau pakai --all.",
    "Name channels or say --all, not both.": "Sebutkan kanal atau pakai --all, jangan keduanya.",
    "`lapor-gateway channels list` shows the channels there are.": (
        "`lapor-gateway channels list` menampilkan semua kanal."
    ),
    "Name one complaint, or say --all with --state.": "Sebutkan satu pengaduan, atau pakai --all dengan --state.",
    "`--all` needs --state for `{verb}`.": "`--all` memerlukan --state untuk `{verb}`.",
    "It can be one of: {states}.": "Pilihannya: {states}.",
    "`lapor-gateway complaints list` shows them.": "`lapor-gateway complaints list` menampilkannya.",
    "`lapor-gateway keys list` shows them.": "`lapor-gateway keys list` menampilkannya.",
    "The application did not answer within {seconds} seconds.": "Aplikasi tidak menjawab dalam {seconds} detik.",
    "Check its address and the network.": "Periksa alamat dan jaringannya.",
    "There is no state {state}.": "Tidak ada keadaan {state}.",
    "There is no region {region}.": "Tidak ada daerah {region}.",
    "There is no channel {channel}.": "Tidak ada kanal {channel}.",
    "There is no complaint {which}.": "Tidak ada pengaduan {which}.",
    "There is no finding {finding}.": "Tidak ada temuan {finding}.",
    "There is no key {key}.": "Tidak ada kunci {key}.",
    "There is no run {run}.": "Tidak ada proses {run}.",
    "The list of runs shows the ones there are.": "Daftar proses menampilkan semuanya.",
    "The list of findings shows the ones there are.": "Daftar temuan menampilkan semuanya.",
    "Known are: {names}.": "Yang ada: {names}.",
    "The region {region} has no channel {channel}.": "Daerah {region} tidak punya kanal {channel}.",
    "Name it by its number or its reference, as `lapor-gateway complaints list` shows them.": (
        "Sebutkan nomor atau rujukannya seperti pada `lapor-gateway complaints list`."
    ),
    "The secret {name} is empty or longer than 64 KiB.": "Rahasia {name} kosong atau lebih panjang daripada 64 KiB.",
    "Give it in a file, by a pipe or at the prompt.": "Berikan lewat berkas, pipa, atau pertanyaan.",
    "The file {file} cannot be read.": "Berkas {file} tidak dapat dibaca.",
    "The server cannot listen on {host}:{port}.": "Server tidak dapat mendengar di {host}:{port}.",
    "Choose another --port, or end the program that holds this one.": (
        "Pilih --port lain, atau akhiri program yang memakainya."
    ),
    "The HTTP server has stopped by itself.": "Server HTTP berhenti sendiri.",
    "Look at the log lines above.": "Lihat catatan di atas.",
    "Run the command again.": "Jalankan perintah itu sekali lagi.",
}

_DEMO: Final = {
    "The demo speaks to loopback addresses only, never to the real LAPOR!.": (
        "Demo hanya berbicara dengan alamat loopback, tidak pernah dengan LAPOR! yang sebenarnya."
    ),
    "Give an address such as http://127.0.0.1:8090, or leave --national-url out.": (
        "Berikan alamat seperti http://127.0.0.1:8090, atau hilangkan --national-url."
    ),
    "The region folder has no key {key} to point at a simulator.": (
        "Folder daerah tidak punya kunci {key} untuk diarahkan ke simulator."
    ),
    "{name}_FILE cannot be read.": "{name}_FILE tidak dapat dibaca.",
    "The demo in {folder} has {complaints} complaints of seed {seed}.": (
        "Demo di {folder} berisi {complaints} pengaduan dengan benih {seed}."
    ),
    "Use --complaints {complaints} --seed {seed}, or another --data folder.": (
        "Pakai --complaints {complaints} --seed {seed}, atau folder --data lain."
    ),
    "The demo in {folder} has a simulated national endpoint of its own.": (
        "Demo di {folder} punya LAPOR! tiruan sendiri."
    ),
    "Leave --national-url out, or use another --data folder.": (
        "Hilangkan --national-url, atau pakai folder --data lain."
    ),
    "This installation carries no region folders to simulate.": (
        "Pemasangan ini tidak membawa folder daerah untuk ditiru."
    ),
    "Install the package again.": "Pasang paketnya sekali lagi.",
    "{complaints} complaints are too few for {regions} regions.": (
        "{complaints} pengaduan terlalu sedikit untuk {regions} daerah."
    ),
    "Ask for more with --complaints.": "Minta lebih banyak dengan --complaints.",
    "Use another data folder for the demo.": "Pakai folder data lain untuk demo.",
    "{folder} holds a gateway that is no demo ({file}).": "{folder} berisi gateway yang bukan demo ({file}).",
    "Use another folder: --data demo-data.": "Pakai folder lain: --data demo-data.",
    "A simulator does not answer.": "Sebuah simulator tidak menjawab.",
    "The simulator {name} did not start.": "Simulator {name} tidak mau mulai.",
    "Run the command again; if that does not help, use another data folder.": (
        "Jalankan sekali lagi; bila tidak membantu, pakai folder data lain."
    ),
    "The national endpoint did not take everything in the time that the demo has.": (
        "LAPOR! tiruan tidak menerima semuanya dalam waktu yang dimiliki demo."
    ),
}

_SETTINGS: Final = {
    "The setting {name} is wrong: {why}.": "Pengaturan {name} salah: {why}.",
    "For example: {example}.": "Contohnya: {example}.",
    "Compare it with the file that `lapor-gateway init` writes.": (
        "Bandingkan dengan berkas yang ditulis `lapor-gateway init`."
    ),
    "The settings file {file} is not there.": "Berkas pengaturan {file} tidak ada.",
    "Correct {prefix}CONFIG.": "Betulkan {prefix}CONFIG.",
    "{file} is not valid TOML.": "{file} bukan TOML yang sah.",
    "Correct the line that is named.": "Betulkan baris yang disebut.",
    "{file} cannot be read.": "{file} tidak dapat dibaca.",
    "The master key {file} is not there.": "Kunci induk {file} tidak ada.",
    "Run `lapor-gateway init` for a new installation, or put back the key that belongs to this data.": (
        "Jalankan `lapor-gateway init` untuk pemasangan baru, atau kembalikan kunci milik data ini."
    ),
    "The master key {file} cannot be read.": "Kunci induk {file} tidak dapat dibaca.",
    "The master key is not 32 bytes in url-safe base64.": "Kunci induk bukan 32 bita dalam base64 url-safe.",
    "Use the line that `lapor-gateway init` wrote into secret.key.": (
        "Pakai baris yang ditulis `lapor-gateway init` di secret.key."
    ),
    "There is no master key.": "Tidak ada kunci induk.",
    "Run `lapor-gateway init`, or set LAPOR_GATEWAY_SECRET_KEY or …_SECRET_KEY_FILE.": (
        "Jalankan `lapor-gateway init`, atau isi LAPOR_GATEWAY_SECRET_KEY atau …_SECRET_KEY_FILE."
    ),
    "The national account {account} is not configured.": "Akun nasional {account} belum diatur.",
    "Add a section [national.{account}] to lapor-gateway.toml.": (
        "Tambahkan bagian [national.{account}] di lapor-gateway.toml."
    ),
    "There is no region folder in {folder}.": "Tidak ada folder daerah di {folder}.",
    "Run `lapor-gateway init`, or set CONNECTORS_DIR to the folder that holds them.": (
        "Jalankan `lapor-gateway init`, atau arahkan CONNECTORS_DIR ke foldernya."
    ),
}

_BOOK: Final = {
    "This book was written under another master key.": "Buku ini ditulis dengan kunci induk lain.",
    "The folder {folder} holds a book without its master key; a new key could not read it.": (
        "Folder {folder} berisi buku tanpa kunci induknya; kunci baru tidak dapat membacanya."
    ),
    "Put back the secret.key that belongs to this data folder, or name another folder.": (
        "Kembalikan secret.key milik folder data ini, atau sebutkan folder lain."
    ),
    "There is no installation here: neither {file} nor a data folder {folder} was found.": (
        "Di sini tidak ada pemasangan: tidak ditemukan {file} maupun folder data {folder}."
    ),
    "The data folder {folder} is not there.": "Folder data {folder} tidak ada.",
    "Go to the folder of `lapor-gateway init`, or name its data folder: --data DIR.": (
        "Pindahlah ke folder `lapor-gateway init`, atau sebutkan folder datanya: --data DIR."
    ),
    "Put back the secret.key that belongs to this data folder.": "Kembalikan secret.key milik folder data ini.",
    "A sealed value of the book does not open: it was changed outside the gateway.": (
        "Isi buku yang tersegel tidak dapat dibuka: ia diubah di luar gateway."
    ),
    "Restore the book from a backup.": "Pulihkan buku dari cadangan.",
    "A sealed record does not open with its complaint's key.": (
        "Rekaman yang tersegel tidak dapat dibuka dengan kunci pengaduannya."
    ),
    "The book cannot live in {kind}.": "Buku tidak dapat disimpan di {kind}.",
    "Use sqlite:///… or postgresql://… as DATABASE_URL.": (
        "Pakai sqlite:///… atau postgresql://… sebagai DATABASE_URL."
    ),
    "The book's database does not answer.": "Basis data buku tidak menjawab.",
    "Check DATABASE_URL, the disk's free space and that no other program holds the file.": (
        "Periksa DATABASE_URL, ruang disk, dan apakah program lain memegang berkasnya."
    ),
    "Another process wrote to the same place of the book.": "Proses lain menulis di tempat yang sama di buku.",
    "Another process changed the same complaint.": "Proses lain mengubah pengaduan yang sama.",
    "The book has no tables yet.": "Buku belum punya tabel.",
    "The book stands at migration {current}, this program needs {needed}.": (
        "Buku berada pada migrasi {current}; program ini memerlukan {needed}."
    ),
    "Run `lapor-gateway db upgrade`.": "Jalankan `lapor-gateway db upgrade`.",
    "{name} is no name for a secret.": "{name} bukan nama rahasia.",
    "Write it like wilayah/password.": "Tulis seperti wilayah/password.",
    "The secret {name} is not set.": "Rahasia {name} belum disimpan.",
    "Run `lapor-gateway secrets set {name}`, or set {variable}.": (
        "Jalankan `lapor-gateway secrets set {name}`, atau isi {variable}."
    ),
    "Unknown scope {scope}.": "Hak {scope} tidak dikenal.",
    "A key needs a scope.": "Kunci memerlukan hak.",
    "Scopes are: {scopes}.": "Hak yang ada: {scopes}.",
    "{what} is being worked on by another process.": "{what} sedang dikerjakan proses lain.",
    "Wait until it has finished; a dead one is taken over after {seconds} seconds.": (
        "Tunggu sampai selesai; yang mati diambil alih sesudah {seconds} detik."
    ),
    "Another process has taken over {what}.": "Proses lain sudah mengambil alih {what}.",
    "The lease on {what} could not be renewed.": "Hak mengerjakan {what} tidak dapat diperpanjang.",
    "This cursor was not given by the gateway.": "Penanda halaman ini bukan pemberian gateway.",
    "Begin without a cursor, and pass on the one you get.": "Mulai tanpa penanda, lalu teruskan yang Anda terima.",
}

_DECISIONS: Final = {
    "The complaint {reference} is {state}: `{verb}` is not possible.": (
        "Pengaduan {reference} {state}: `{verb}` tidak mungkin."
    ),
    "Possible: {verbs}.": "Yang mungkin: {verbs}.",
    "Accepting a finding needs a reason.": "Menerima temuan memerlukan alasan.",
    "Say why it is no fault.": "Sebutkan mengapa itu bukan kesalahan.",
    "`{verb}` needs a reason.": "`{verb}` memerlukan alasan.",
    'Add --reason "…".': 'Tambahkan --reason "…".',
    "`link` needs the complaint to link to.": "`link` memerlukan pengaduan yang dituju.",
    "Give its reference.": "Sebutkan rujukannya.",
    "The number {number} already belongs to {reference}.": "Nomor {number} sudah milik {reference}.",
    "Check the number; if both are the same report, use `link`.": (
        "Periksa nomornya; bila keduanya laporan yang sama, pakai `link`."
    ),
    "{reference} cannot be the first of the two.": "{reference} tidak dapat menjadi yang pertama.",
    "Name a complaint that is not linked itself.": "Sebutkan pengaduan yang tidak tertaut.",
    "The complaint {reference} has no version that could be read; nothing can be sent.": (
        "Pengaduan {reference} belum pernah terbaca; tidak ada yang dapat dikirim."
    ),
    "Mend the record at its source or the mapping, then use `replay`.": (
        "Perbaiki datanya di sumber atau pemetaannya, lalu pakai `replay`."
    ),
    "The {work} stopped on a fault inside lapor-gateway; what was stored is safe.": (
        "Pekerjaan {work} berhenti karena kesalahan di dalam lapor-gateway; yang sudah tersimpan aman."
    ),
    "Run the command again; if it stops again, report it with `--debug`.": (
        "Ulangi perintahnya; bila berhenti lagi, laporkan dengan `--debug`."
    ),
    "{number} is no tracking number of LAPOR!.": "{number} bukan nomor LAPOR!.",
    "It is 1 to 15 digits, 7 today.": "Nomornya 1 sampai 15 angka, kini 7.",
    "Looking at an identity needs a reason.": "Melihat identitas memerlukan alasan.",
    "Say in a few words what it is for.": "Sebutkan dengan singkat untuk apa.",
    "The channel {channel} is paused: {why}": "Kanal {channel} berhenti: {why}",
    "Mend the cause, then run `lapor-gateway channels resume {channel}`.": (
        "Perbaiki sebabnya, lalu `lapor-gateway channels resume {channel}`."
    ),
    "The national listing of account {account} gives no answer that can be trusted.": (
        "Daftar LAPOR! untuk akun {account} tidak memberi jawaban yang dapat dipercaya."
    ),
    "Try again later; the account's credential and look-up path are in lapor-gateway.toml.": (
        "Coba lagi nanti; kredensial dan alamat daftarnya ada di lapor-gateway.toml."
    ),
    "Without any API key the server does not listen on {host}: everybody could read and decide.": (
        "Tanpa kunci API server tidak mendengar di {host}: semua orang dapat membaca dan memutuskan."
    ),
    "Run `lapor-gateway keys create LABEL --scope read`, or leave --host out to serve this machine only.": (
        "Jalankan `lapor-gateway keys create LABEL --scope read`, atau hilangkan --host untuk mesin ini saja."
    ),
    "Every call needs an API key.": "Setiap panggilan memerlukan kunci API.",
    "There is no API key: the server listens on this machine only, and whoever uses it may do everything.": (
        "Belum ada kunci API: server hanya mendengar di mesin ini, dan pemakainya boleh melakukan semuanya."
    ),
    "The channel {channel} takes no webhooks.": "Kanal {channel} tidak menerima webhook.",
    "Its manifest says how it is read.": "Manifesnya menyebut cara membacanya.",
}
ERRORS: Final[dict[str, str]] = {
    **DETAILS,
    **_USAGE,
    **_COMMANDS,
    **_DEMO,
    **_SETTINGS,
    **_BOOK,
    **_DECISIONS,
    **SOURCE_ERRORS,
    **PRIVACY_ERRORS,
}
