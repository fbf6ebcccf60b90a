"""Sentences of errors: the English template as it is raised, and the same in Bahasa Indonesia.

Errors are raised in English wherever they arise, and translated where a person reads them.
"""

from typing import Final

from lapor_gateway.catalogue.details import DETAILS
from lapor_gateway.catalogue.privacy import PRIVACY_ERRORS

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
    "Invalid value for {name}: Value error, {value} does not match the formats {formats}.": (
        "Isi {name}, {value}, tidak berbentuk {formats}."
    ),
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

_SOURCES: Final = {
    "{address} could not be reached.": "{address} tidak dapat dijangkau.",
    "LAPOR! could not be reached under the account {account}.": "LAPOR! tidak dapat dijangkau dengan akun {account}.",
    "Check its address and the network; what waits goes out by itself, nothing is lost.": (
        "Periksa alamatnya dan jaringan; yang menunggu terkirim dengan sendirinya, tidak ada yang hilang."
    ),
    "Check the address, the network and whether the application is running; nothing is lost.": (
        "Periksa alamat, jaringan, dan apakah aplikasinya berjalan; tidak ada yang hilang."
    ),
    "Check the address, the network and whether the server is running; nothing is lost.": (
        "Periksa alamat, jaringan, dan apakah servernya berjalan; tidak ada yang hilang."
    ),
    "{address} leads to an address that the gateway never connects to.": (
        "{address} menuju alamat yang tidak pernah dihubungi gateway."
    ),
    "Name the application's own address in the manifest.": "Tulis alamat aplikasi yang sebenarnya di manifes.",
    "{address} answered with more than {count} bytes.": "{address} menjawab dengan lebih dari {count} bita.",
    "Ask for smaller pages.": "Minta halaman yang lebih kecil.",
    "{address} answered with a body whose compression is broken.": "{address} menjawab dengan kompresi yang rusak.",
    "{address} answered with {what} ({kind}) where JSON was due.": (
        "{address} menjawab dengan {what} ({kind}), padahal seharusnya JSON."
    ),
    "Check the address in the manifest and whether the application is healthy.": (
        "Periksa alamat di manifes dan apakah aplikasinya sehat."
    ),
    "{address} answered, but there is {what} at `{path}`, where the records should be.": (
        "{address} menjawab, tetapi ada {what} di `{path}`, tempat rekaman seharusnya berada."
    ),
    "Compare `records` in the manifest with what the application answers.": (
        "Bandingkan `records` di manifes dengan jawaban aplikasi."
    ),
    "{address} does not take the request.": "{address} tidak menerima permintaan ini.",
    "{address} cannot answer now (HTTP {status}).": "{address} sedang tidak dapat menjawab (HTTP {status}).",
    "It is tried again at the next scheduled pass; nothing is lost.": (
        "Dicoba lagi pada jadwal berikutnya; tidak ada yang hilang."
    ),
    "{address} sends us elsewhere; redirects are not followed.": (
        "{address} mengalihkan ke tempat lain; pengalihan tidak diikuti."
    ),
    "Put the final address in the manifest.": "Tulis alamat akhirnya di manifes.",
    "The secret {name} is empty or holds characters that no request can carry.": (
        "Rahasia {name} kosong atau berisi karakter yang tidak dapat dikirim."
    ),
    "Store it anew: lapor-gateway secrets set {name}": "Simpan lagi: lapor-gateway secrets set {name}",
    "{address} refused the credential in {name} (HTTP {status}).": (
        "{address} menolak kredensial di {name} (HTTP {status})."
    ),
    "{address} refused the credential in {name}.": "{address} menolak kredensial di {name}.",
    "Ask the application's owner for a new one, then: lapor-gateway secrets set {name}": (
        "Minta yang baru kepada pemilik aplikasi, lalu: lapor-gateway secrets set {name}"
    ),
    "{address} wants a credential (HTTP {status}), and the manifest names none.": (
        "{address} meminta kredensial (HTTP {status}), tetapi manifes tidak menyebut satu pun."
    ),
    "Add `auth` to the channel in the manifest.": "Tambahkan `auth` pada kanal di manifes.",
    "{address} took the login, but there is no token at `{path}` in its answer.": (
        "{address} menerima login, tetapi tidak ada token di `{path}`."
    ),
    "Compare `auth.token` in the manifest with what the application answers.": (
        "Bandingkan `auth.token` di manifes dengan jawaban aplikasi."
    ),
    "{address} answered without an access_token.": "{address} menjawab tanpa access_token.",
    "{address} could not take the login (HTTP {status}).": "{address} tidak dapat menerima login (HTTP {status}).",
    "It is tried again.": "Dicoba lagi.",
    "{address} answered the login with HTTP {status}.": "{address} menjawab login dengan HTTP {status}.",
    "Check the login's address in the manifest.": "Periksa alamat login di manifes.",
    "The next page is said to be at {there}, not at {here}; the credential is not sent there.": (
        "Halaman berikutnya disebut ada di {there}, bukan di {here}; kredensial tidak dikirim ke sana."
    ),
    "Mend the application's own address (APP_URL), or use another kind of paging.": (
        "Perbaiki alamat aplikasi itu sendiri (APP_URL), atau pakai cara halaman lain."
    ),
    "The listing did not end within {pages} pages.": "Daftar tidak berakhir dalam {pages} halaman.",
    "Check `paging` in the manifest, or raise `max_pages`.": "Periksa `paging` di manifes, atau naikkan `max_pages`.",
    "The listing shows the same page again and again.": "Daftar menampilkan halaman yang sama terus-menerus.",
    "Check `paging` in the manifest: the application seems not to know its parameter.": (
        "Periksa `paging` di manifes: aplikasi tampaknya tidak mengenal parameternya."
    ),
    "The listing ended after {shown} records; the application counts {total}.": (
        "Daftar berakhir sesudah {shown} rekaman; aplikasi menghitung {total}."
    ),
    "Check `paging` in the manifest; if that number means something else, set `total`.": (
        "Periksa `paging` di manifes; bila angka itu berarti lain, isi `total`."
    ),
}

_FILES_AND_TABLES: Final = {
    "The folder {folder} cannot be read.": "Folder {folder} tidak dapat dibaca.",
    "Create it, or check that the shared folder is connected; nothing is lost.": (
        "Buatlah, atau periksa apakah folder bersama tersambung; tidak ada yang hilang."
    ),
    "The file {file} lacks the headings {missing}; found: none.": (
        "Berkas {file} tidak punya judul kolom {missing}; tidak ada judul yang ditemukan."
    ),
    "The file {file} lacks the headings {missing}; found: {found}.": (
        "Berkas {file} tidak punya judul kolom {missing}; yang ditemukan: {found}."
    ),
    "Export it with these headings, or mend `headings` in the manifest.": (
        "Ekspor lagi dengan judul kolom itu, atau betulkan `headings` di manifes."
    ),
    "The file {file} is larger than {size} MB.": "Berkas {file} lebih besar daripada {size} MB.",
    "Split it.": "Pecah berkasnya.",
    "The file {file} cannot be read to its end.": "Berkas {file} tidak dapat dibaca sampai akhir.",
    "Export it again.": "Ekspor lagi.",
    "The file {file} has no sheet “{sheet}”; it has {sheets}.": (
        "Berkas {file} tidak punya lembar “{sheet}”; yang ada {sheets}."
    ),
    "Mend `sheet` in the manifest, or the file.": "Betulkan `sheet` di manifes, atau berkasnya.",
    "The file {file} is no spreadsheet that can be opened.": (
        "Berkas {file} bukan lembar kerja yang dapat dibuka."
    ),
    "Export it again, without a password.": "Ekspor lagi, tanpa kata sandi.",
    "The file {file} would unpack to {size} MB.": "Berkas {file} akan mengembang menjadi {size} MB.",
    "Split it, or look who sent it.": "Pecah berkasnya, atau periksa siapa yang mengirimnya.",
    "{part} of {all} rows have no {key}; nothing tells them apart.": (
        "{part} dari {all} baris tidak punya {key}; tidak ada yang membedakannya."
    ),
    "Choose another `key` in the manifest, or leave these rows out in the query.": (
        "Pilih `key` lain di manifes, atau kecualikan baris-baris itu dalam query."
    ),
    "The query gives two columns the name {name}; one would hide the other.": (
        "Query memberi dua kolom nama {name}; yang satu akan menutupi yang lain."
    ),
    "Name one of them otherwise (… AS …) in the manifest's query.": (
        "Beri salah satunya nama lain (… AS …) dalam query."
    ),
    "The query gives no column {name}; it gives {columns}.": (
        "Query tidak memberi kolom {name}; yang ada {columns}."
    ),
    "Mend `key` or `changed.column` in the manifest, or the query.": (
        "Perbaiki `key` atau `changed.column` di manifes, atau query-nya."
    ),
    "Several rows have the same {key}, which the manifest gives as their key.": (
        "Beberapa baris punya {key} yang sama, padahal itu kuncinya menurut manifes."
    ),
    "Let the query give one row a complaint (a join multiplies rows), or mend `key`.": (
        "Biarlah query memberi satu baris per pengaduan (join menggandakan baris), atau perbaiki `key`."
    ),
    "The column {column} holds no times that can be compared ({what}).": (
        "Kolom {column} tidak berisi waktu yang dapat dibandingkan ({what})."
    ),
    "Leave `changed` out of the manifest: changes are then found by comparing content.": (
        "Hilangkan `changed` dari manifes: perubahan lalu dicari dengan membandingkan isi."
    ),
    "A key of the kind {kind} cannot be put in order.": "Kunci berjenis {kind} tidak dapat diurutkan.",
    "Choose a number or a text as `key` in the manifest.": "Pilih angka atau teks sebagai `key` di manifes.",
    "What stands in {where} is no address of a database that can be read.": (
        "Yang tertulis di {where} bukan alamat basis data yang dapat dibaca."
    ),
    "{address} does not take the query.": "{address} tidak menerima query.",
    "Compare `query`, `table`, `key` and `changed` in the manifest with the tables there.": (
        "Bandingkan `query`, `table`, `key`, dan `changed` di manifes dengan tabel di sana."
    ),
    "The secret {name} is no Standard Webhooks secret.": "Rahasia {name} bukan rahasia Standard Webhooks.",
    'It begins with "whsec_" and goes on in base64: lapor-gateway secrets set {name}': (
        'Ia dimulai dengan "whsec_" disusul base64: lapor-gateway secrets set {name}'
    ),
}

_MANIFESTS: Final = {
    "The connectors folder {folder} is not there.": "Folder connectors {folder} tidak ada.",
    "Create it, or let LAPOR_GATEWAY_CONNECTORS_DIR name the folder of the region folders.": (
        "Buatlah, atau arahkan LAPOR_GATEWAY_CONNECTORS_DIR ke folder yang berisi folder daerah."
    ),
    'The source family "{family}" cannot be used.': 'Keluarga sumber "{family}" tidak dapat dipakai.',
    "Ask the maker of the package that offers it for a version that fits.": (
        "Minta versi yang cocok kepada pembuat paketnya."
    ),
    "The manifest {file} cannot be read.": "Manifes {file} tidak dapat dibaca.",
    "A region is a folder that holds a {file}.": "Daerah adalah folder yang berisi {file}.",
    "The channel {channel} wants the source family “{family}”, which is not installed.": (
        "Kanal {channel} memerlukan keluarga sumber “{family}” yang tidak terpasang."
    ),
    "Install its package, or use rest, sql, files or webhook.": (
        "Pasang paketnya, atau pakai rest, sql, files, atau webhook."
    ),
    "The channel {channel} is a webhook: it waits for messages and cannot be pulled.": (
        "Kanal {channel} adalah webhook: ia menunggu pesan dan tidak dapat ditarik."
    ),
    "Let the application send to /hooks/{channel}.": "Biarlah aplikasinya mengirim ke /hooks/{channel}.",
    "The sample {file} belongs to no channel of {region}.": "Contoh {file} bukan milik kanal mana pun di {region}.",
    "Begin its name with a channel's: {channels}.": "Awali namanya dengan nama kanal: {channels}.",
    "{file} cannot be read as JSON.": "{file} tidak dapat dibaca sebagai JSON.",
    "Correct the file.": "Betulkan berkasnya.",
}

ERRORS: Final[dict[str, str]] = {
    **DETAILS,
    **_USAGE,
    **_COMMANDS,
    **_DEMO,
    **_SETTINGS,
    **_BOOK,
    **_DECISIONS,
    **_SOURCES,
    **_FILES_AND_TABLES,
    **_MANIFESTS,
    **PRIVACY_ERRORS,
}
