"""Sentences of errors about regional applications, spreadsheets, tables and manifests, in both languages."""

from typing import Final

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

SOURCE_ERRORS: Final[dict[str, str]] = {**_SOURCES, **_FILES_AND_TABLES, **_MANIFESTS}
