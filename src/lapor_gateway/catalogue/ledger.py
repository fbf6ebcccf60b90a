"""Texts of the ledger's seal: help, what a verification found, whom a witness guards against, errors."""

from typing import Final

_HELP: Final = {
    "help.ledger": (
        "Buku besar: memeriksa, membuktikan, mengekspor.",
        "The ledger: verify it, prove from it, export it.",
    ),
    "help.ledger verify": (
        "Menghitung ulang seluruh buku besar dan membandingkannya dengan keadaan, segel, dan saksi.",
        "Compute the whole ledger anew and compare it with the state tables, its seal and the witnesses.",
    ),
    "help.ledger verify.witness": (
        "Titik periksa dari luar: berkas saksi, surel tersimpan, atau alamat https (tanpa ini: saksi di pengaturan).",
        "Checkpoints from outside: a witness file, a saved mail, an https address (otherwise: as the settings say).",
    ),
    "help.ledger proof": (
        "Menulis bukti satu pengaduan, yang dapat diperiksa tanpa lapor-gateway.",
        "Write a complaint's proof, which can be checked without lapor-gateway.",
    ),
    "help.ledger proof.complaint": (
        "Nomor atau rujukan pengaduan.",
        "The complaint's number or its reference.",
    ),
    "help.ledger.out": (
        "Berkas hasil (tanpa ini: keluaran standar). Tidak menimpa berkas yang sudah ada.",
        "File to write (otherwise standard output). Never overwrites one.",
    ),
    "help.ledger export": (
        "Menulis buku besar yang sudah disegel sebagai JSON Lines, menurut urutannya.",
        "Write the sealed ledger as JSON Lines, in its order.",
    ),
    "help.ledger export.from": (
        "Lanjutkan mulai daun ke-N (dari nol).",
        "Go on from leaf N (counted from zero).",
    ),
    "help.ledger sample": (
        "Memilih N pengaduan secara acak dan menulis buktinya tanpa identitas, untuk auditor.",
        "Choose N complaints at random and write their proofs, without identities, for an auditor.",
    ),
    "help.ledger sample.count": ("Banyaknya pengaduan.", "How many complaints."),
    "help.ledger sample.seed": (
        "Bilangan acuan pilihan acak: dengan bilangan dan buku yang sama, pilihannya sama.",
        "What the choice follows from: the same seed and ledger give the same choice.",
    ),
    "example.ledger verify": (
        "lapor-gateway ledger verify --witness /mnt/inspektorat/witness.log",
        "lapor-gateway ledger verify --witness /mnt/inspectorate/witness.log",
    ),
    "example.ledger proof": (
        "lapor-gateway ledger proof LG-0ABC-DEFG-HJKM --out bukti.json",
        "lapor-gateway ledger proof LG-0ABC-DEFG-HJKM --out proof.json",
    ),
    "example.ledger export": (
        "lapor-gateway ledger export --from 120000 >> buku-besar.jsonl",
        "lapor-gateway ledger export --from 120000 >> ledger.jsonl",
    ),
    "example.ledger sample": (
        "lapor-gateway ledger sample 50 --seed 2026 --out sampel.jsonl",
        "lapor-gateway ledger sample 50 --seed 2026 --out sample.jsonl",
    ),
}

_ANSWERS: Final = {
    "ledger.verdict.proven": (
        "TERBUKTI: {entries} entri dihitung ulang, {sealed} di antaranya tersegel; saksi terakhir melihat {proven}.",
        "PROVEN: {entries} entries computed anew, {sealed} of them sealed; the witness has seen {proven}.",
    ),
    "ledger.verdict.unproven": (
        "BELUM TERBUKTI: {entries} entri dihitung ulang tanpa cela, {sealed} tersegel, tetapi belum ada saksi.",
        "UNPROVEN: {entries} entries computed anew without a fault, {sealed} of them sealed, but without a witness.",
    ),
    "ledger.verdict.broken": (
        "RUSAK: {count} hal tidak lagi seperti saat ditulis. Yang pertama:",
        "BROKEN: {count} things are not as they were written. The first ones:",
    ),
    "ledger.unproven_since": (
        "Belum terbukti sejak {time}: {count} entri sesudahnya belum dilihat saksi.",
        "Unproven since {time}: the {count} entries after it have not been witnessed yet.",
    ),
    "ledger.unproven_always": (
        "Belum terbukti sejak awal buku: tidak ada titik periksa dari luar.",
        "Unproven since the book began: there is no checkpoint from outside.",
    ),
    "ledger.key": ("Kunci pemeriksa segel: {key}", "Key that checks the seal: {key}"),
    "ledger.witness": (
        "Saksi {name}: melihat titik periksa {number} ({size} entri) pada {time}.",
        "Witness {name}: has seen checkpoint {number} ({size} entries) of {time}.",
    ),
    "ledger.witness.nothing": (
        "Saksi {name}: belum melihat apa pun dari buku ini.",
        "Witness {name}: has seen nothing of this book yet.",
    ),
    "ledger.witness.mailbox": (
        "Saksi {name}: simpan surelnya, lalu jalankan `ledger verify --witness BERKAS`.",
        "Witness {name}: save a mail, then run `ledger verify --witness FILE`.",
    ),
    "ledger.witness.trouble": ("Saksi {name}: {why}", "Witness {name}: {why}"),
    "ledger.proof.tail": (
        "{count} entri terbaru belum disegel; paling lama 60 detik lagi saat `serve` berjalan, atau sesudah `sync`.",
        "The {count} newest entries are not sealed yet: within 60 seconds while `serve` runs, or after a `sync`.",
    ),
    "ledger.written": ("Ditulis: {file}", "Written: {file}"),
    "ledger.exported": (
        "{count} entri ditulis. Lanjutkan kemudian dengan --from {next}.",
        "{count} entries written. Go on later with --from {next}.",
    ),
    "ledger.sampled": (
        "{count} dari {all} pengaduan dipilih dengan --seed {seed}.",
        "{count} of {all} complaints chosen with --seed {seed}.",
    ),
    "witness.guards.data_folder": (
        (
            "menjaga terhadap basis data yang dipulihkan, terpotong, atau diubah tanpa menyentuh folder data; "
            "TIDAK terhadap orang yang dapat menulis di folder data ini."
        ),
        (
            "guards against a database that was restored, cut off or changed without touching the data folder; "
            "NOT against whoever can write in this data folder."
        ),
    ),
    "witness.guards.file": (
        (
            "menjaga juga terhadap salinan dan terhadap orang yang menguasai basis data, "
            "selama ia tidak dapat menulis di berkas saksi ini."
        ),
        (
            "guards also against copies and against whoever controls the database, "
            "as long as they cannot write to this witness file."
        ),
    ),
    "witness.guards.address": (
        "menjaga terhadap semua orang di mesin ini, selama alamat itu dikelola kantor lain.",
        "guards against everybody on this machine, as long as another office runs that address.",
    ),
    "witness.guards.mailbox": (
        "menjaga terhadap semua orang di mesin ini, paling lama satu jarak kiriman; tidak dapat ditanya dari sini.",
        "guards against everybody on this machine, but for one interval of sending; it cannot be asked from here.",
    ),
    "witness.mail.subject": (
        "Segel buku besar {book}: titik periksa {number}, {size} entri",
        "Seal of the ledger {book}: checkpoint {number}, {size} entries",
    ),
    "witness.mail.body": (
        (
            "Simpan surel ini. Ia membuktikan isi buku besar sampai {time}: siapa pun yang mengubah atau memotong\n"
            "buku itu sesudahnya ketahuan oleh `lapor-gateway ledger verify --witness BERKAS`."
        ),
        (
            "Keep this mail. It proves what the ledger held up to {time}: whoever changes it or cuts it off\n"
            "afterwards is found by `lapor-gateway ledger verify --witness FILE`."
        ),
    ),
    "check.seal": ("segel buku besar", "ledger's seal"),
    "check.seal.ok": (
        "{size} entri tersegel, titik periksa terakhir {time}.",
        "{size} entries sealed, newest checkpoint of {time}.",
    ),
    "check.seal.none": ("belum ada yang disegel.", "nothing is sealed yet."),
    "check.seal.none.cure": (
        "Jalankan `lapor-gateway sync --all` atau `lapor-gateway serve`.",
        "Run `lapor-gateway sync --all` or `lapor-gateway serve`.",
    ),
    "check.seal.new": ("buku besar masih kosong.", "the ledger is still empty."),
    "check.seal.late": (
        "ada entri yang menunggu segel lebih dari satu jam.",
        "entries have waited for the seal longer than an hour.",
    ),
    "check.seal.late.cure": (
        "Jalankan `lapor-gateway sync --all` atau `lapor-gateway serve`; bila tetap begitu, `ledger verify`.",
        "Run `lapor-gateway sync --all` or `lapor-gateway serve`; if it stays so, `ledger verify`.",
    ),
    "check.witness": ("saksi", "witness"),
    "check.witness.ok": ("{name}: titik periksa {number}; {guards}", "{name}: checkpoint {number}; {guards}"),
    "check.witness.new": (
        "{name}: belum menerima titik periksa; {guards}",
        "{name}: has taken no checkpoint yet; {guards}",
    ),
    "check.witness.trouble": ("{name}: {why}", "{name}: {why}"),
    "check.witness.trouble.cure": (
        "Perbaiki sebabnya; titik periksa yang tertunda dikirim kemudian dengan sendirinya.",
        "Mend the cause; checkpoints that wait are handed over later by themselves.",
    ),
    "check.witness.none": (
        "tidak ada saksi: buku besar yang ditulis ulang tidak akan ketahuan.",
        "there is no witness: a rewritten ledger would not be noticed.",
    ),
    "check.witness.none.cure": (
        "Atur `witness` di lapor-gateway.toml, sebaiknya di tempat yang dikelola kantor lain.",
        "Set `witness` in lapor-gateway.toml, best at a place that another office runs.",
    ),
}

_FAULTS: Final = {
    "fault.entry_missing": (
        "entri {entry_id} (daun {leaf}) hilang",
        "the entry {entry_id} (leaf {leaf}) is missing",
    ),
    "fault.entry_changed": (
        "entri {entry_id} (daun {leaf}) bukan entri yang disegel: isinya diubah atau tertukar",
        "the entry {entry_id} (leaf {leaf}) is not the one that was sealed: it was changed or swapped",
    ),
    "fault.entry_unreadable": (
        "entri nomor {seq} dari {subject} tidak dapat dibaca ({why})",
        "the entry number {seq} of {subject} cannot be read ({why})",
    ),
    "fault.chain_broken": (
        "rantai {subject}: entri nomor {seq} tidak menyambung pada entri nomor {before}",
        "the chain of {subject}: the entry number {seq} does not follow the entry number {before}",
    ),
    "fault.head_differs": (
        "rantai {subject}: ujungnya, entri nomor {seq}, bukan yang dicatat; entri terakhir diubah atau hilang",
        "the chain of {subject}: its end, entry number {seq}, is not the one on record: the last was changed or lost",
    ),
    "fault.entries_missing": (
        "{subject} tidak punya satu pun entri di buku besar",
        "{subject} has no entry in the ledger at all",
    ),
    "fault.complaint_missing": (
        "pengaduan {subject} (nomor {complaint}) ada di buku besar, tetapi barisnya hilang",
        "the complaint {subject} (number {complaint}) is in the ledger, but its row is missing",
    ),
    "fault.state_differs": (
        "pengaduan {subject}: {columns} tidak sesuai dengan buku besar",
        "the complaint {subject}: {columns} not what the ledger says",
    ),
    "fault.tree_unreadable": ("{said}", "{said}"),
    "fault.node_differs": (
        "pohon segel: simpul tingkat {level}, petak {tile}, diubah",
        "the seal's tree: the hashes of level {level}, tile {tile}, were changed",
    ),
    "fault.node_missing": (
        "pohon segel: {count} simpul hilang",
        "the seal's tree: {count} hashes are missing",
    ),
    "fault.root_differs": (
        "titik periksa {number} ({time}): akarnya tidak cocok; perubahan ada di antara daun {first} dan {last}",
        "checkpoint {number} ({time}): its root does not match; the change lies between leaf {first} and leaf {last}",
    ),
    "fault.root_differs_witness": (
        "saksi {witness}, titik periksa {number} ({time}): buku ditulis ulang di antara daun {first} dan {last}",
        "witness {witness}, checkpoint {number} ({time}): the ledger was rewritten between leaves {first} and {last}",
    ),
    "fault.cut_off": (
        "titik periksa {number} ({time}) mencakup {seen} entri, tetapi segel hanya sampai {size}: ekornya terpotong",
        "checkpoint {number} ({time}) covers {seen} entries, the seal only {size}: its tail was cut off",
    ),
    "fault.cut_off_witness": (
        "saksi {witness} melihat {seen} entri (titik periksa {number}, {time}), buku hanya {size}: terpotong",
        "witness {witness} saw {seen} entries (checkpoint {number}, {time}), the book has {size}: cut off",
    ),
    "fault.checkpoint_cut_off": (
        "titik periksa terakhir mencakup {size} entri, segel sampai {leaves}: titik periksa sesudahnya hilang",
        "the newest checkpoint covers {size} entries, the seal {leaves}: a checkpoint after it is missing",
    ),
    "fault.checkpoint_missing": ("titik periksa {number} hilang", "checkpoint {number} is missing"),
    "fault.checkpoint_unsigned": (
        "titik periksa {number} tidak ditandatangani kunci buku ini, atau isinya diubah",
        "checkpoint {number} is not signed by this book's key, or was changed",
    ),
    "fault.checkpoint_changed": (
        "titik periksa {number}: ukuran, waktu, atau urutannya diubah",
        "checkpoint {number}: its size, time or order was changed",
    ),
    "fault.checkpoint_other": (
        "titik periksa {number} lain daripada yang dilihat saksi {witness}",
        "checkpoint {number} is another than the one that witness {witness} saw",
    ),
    "fault.witness_unsigned": (
        "saksi {witness}: titik periksa {number} tidak ditandatangani kunci buku ini",
        "witness {witness}: checkpoint {number} is not signed by this book's key",
    ),
    "fault.entry_unsealed": (
        "{extra} entri berdiri di tengah bagian yang tersegel tanpa daun: disisipkan kemudian",
        "{extra} entries stand within the sealed part without a leaf: slipped in later",
    ),
}

LEDGER: Final = {**_HELP, **_ANSWERS, **_FAULTS}

_LOOK: Final = "Buku dipulihkan, disalin, atau diubah: jalankan `lapor-gateway ledger verify` lebih dahulu."

LEDGER_ERRORS: Final = {
    "Run `lapor-gateway ledger verify`: it names the place. Keep the book as it is until a person has looked.": (
        "Jalankan `lapor-gateway ledger verify`: tempatnya disebut. Biarkan buku apa adanya sampai diperiksa."
    ),
    "The tile {tile} of the ledger's leaves cannot be read.": "Petak daun {tile} dari buku besar tidak dapat dibaca.",
    "The tile {tile} of the ledger's leaves is missing.": "Petak daun {tile} dari buku besar hilang.",
    "The tile {tile} of the ledger's tree, level {level}, is too short.": (
        "Petak {tile} pohon buku besar, tingkat {level}, terlalu pendek."
    ),
    "A tile of the ledger's leaves names an entry that cannot be.": (
        "Satu petak daun buku besar menyebut entri yang tidak mungkin ada."
    ),
    "The last tile of the ledger's leaves does not end where it says.": (
        "Petak daun terakhir buku besar tidak berakhir di tempat yang dicatatnya."
    ),
    "The entry {entry} has no place in the ledger's tree.": "Entri {entry} tidak punya tempat di pohon buku besar.",
    "The ledger's entry {entry} is not the one that was sealed.": "Entri buku besar {entry} bukan entri yang disegel.",
    "The ledger's tree does not lead to its newest checkpoint: nothing is sealed any more.": (
        "Pohon buku besar tidak menuju titik periksa terakhirnya: penyegelan dihentikan."
    ),
    "The ledger's entries about {reference} do not follow one another.": (
        "Entri buku besar tentang {reference} tidak saling menyambung."
    ),
    "The checkpoint {number} cannot be read.": "Titik periksa {number} tidak dapat dibaca.",
    "The book has no {name} key.": "Buku ini belum punya kunci {name}.",
    "The witness {name} cannot be reached.": "Saksi {name} tidak dapat dicapai.",
    "Check the path, its rights and whether the share is mounted; what waits is handed over later.": (
        "Periksa alamat berkas, hak aksesnya, dan apakah folder bersama terpasang; yang tertunda diserahkan kemudian."
    ),
    "The witness file {name} is larger than 256 MB.": "Berkas saksi {name} lebih besar daripada 256 MB.",
    "Keep its newer half in a new file.": "Pindahkan bagian barunya ke berkas baru.",
    "The witness {name} did not take the checkpoint.": "Saksi {name} tidak menerima titik periksa.",
    "Ask who keeps it; what waits is handed over later.": (
        "Tanyakan kepada pengelolanya; yang tertunda diserahkan kemudian."
    ),
    "The witness {name} has seen another ledger of this book.": (
        "Saksi {name} melihat buku besar yang lain dari buku ini."
    ),
    "The book was restored, copied or changed: run `lapor-gateway ledger verify` before anything else.": _LOOK,
    "The mail to the witness {name} could not be sent.": "Surel kepada saksi {name} tidak terkirim.",
    "Check `through`, `sender` and `password` of this witness; what waits is handed over later.": (
        "Periksa `through`, `sender`, dan `password` saksi ini; yang tertunda diserahkan kemudian."
    ),
    "{name} holds no checkpoint of this book.": "{name} tidak memuat titik periksa buku ini.",
    "Give a witness file, a saved mail or an address that holds checkpoints of this very book.": (
        "Berikan berkas saksi, surel yang disimpan, atau alamat yang memuat titik periksa buku ini."
    ),
    "The witness file {name} cannot be read.": "Berkas saksi {name} tidak dapat dibaca.",
    "Correct the path after --witness.": "Perbaiki alamat berkas sesudah --witness.",
    "The file {file} is there already.": "Berkas {file} sudah ada.",
    "Choose another name after --out.": "Pilih nama lain sesudah --out.",
    "The file {file} cannot be written.": "Berkas {file} tidak dapat ditulis.",
    "Nothing about {reference} is sealed yet.": "Belum ada yang disegel tentang {reference}.",
    "Wait for the seal: within 60 seconds while `serve` runs, or after a `sync`.": (
        "Tunggu segelnya: paling lama 60 detik saat `serve` berjalan, atau sesudah `sync`."
    ),
    "The ledger has only {size} sealed entries.": "Buku besar baru memuat {size} entri tersegel.",
    "There is no proof from {old} to {new} entries: {size} are sealed.": (
        "Tidak ada bukti dari {old} ke {new} entri: {size} yang tersegel."
    ),
    "Give the sizes of two checkpoints, the smaller one first.": (
        "Sebutkan ukuran dua titik periksa, yang kecil dahulu."
    ),
    "Choose a smaller --from.": "Pilih --from yang lebih kecil.",
    "Nothing is sealed yet: there is nothing to choose from.": "Belum ada yang disegel: belum ada yang dapat dipilih.",
    "There are only {count} complaints with a seal.": "Hanya ada {count} pengaduan yang bersegel.",
    "Ask for fewer.": "Minta lebih sedikit.",
}
