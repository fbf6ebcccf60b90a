"""Details that the book keeps in English (counts, tests of a connection, faults of a value), in Bahasa Indonesia."""

from typing import Final

DETAILS: Final[dict[str, str]] = {
    "not counted yet: {sides}": "belum dihitung: {sides}",
    "{now} seen now, {counted} when last counted: count anew with `status --check`": (
        "kini {now} dilihat, {counted} ketika terakhir dihitung: hitung ulang dengan `status --check`"
    ),
    "source: {detail}": "sumber: {detail}",
    "ledger: {detail}": "buku besar: {detail}",
    "national: {detail}": "LAPOR!: {detail}",
    "seen {seen}, in all states together {sum}": "dilihat {seen}, jumlah semua keadaan {sum}",
    "the source shows {shown}, the book has seen {seen}": "sumber menunjukkan {shown}, buku melihat {seen}",
    "raw records tell of {seen} complaints, the ledger of {ledger}": (
        "rekaman mentah menyebut {seen} pengaduan, buku besar {ledger}"
    ),
    "{reference} is not there under {number}": "{reference} tidak ada di sana dengan nomor {number}",
    "{reference} is {state} here and there under {number}": (
        "{reference} di sini {state}, padahal di sana ada dengan nomor {number}"
    ),
    "{origin} answered with {shown} of {all} records.": "{origin} menjawab dengan {shown} dari {all} rekaman.",
    "{origin} answered with {shown} records.": "{origin} menjawab dengan {shown} rekaman.",
    "The database answered: {found}, columns {columns}.": "Basis data menjawab: {found}, kolom {columns}.",
    "The folder {folder} is there, but holds no {pattern} yet.": (
        "Folder {folder} ada, tetapi belum berisi {pattern}."
    ),
    "The folder {folder} holds {count} files; the newest, {name}, can be read.": (
        "Folder {folder} berisi {count} berkas; yang terbaru, {name}, dapat dibaca."
    ),
    "Input should be a valid string": "harus berupa teks",
    "Input should be a valid integer": "harus bilangan bulat",
    "Input should be a valid integer, unable to parse string as an integer": "harus bilangan bulat",
    "Input should be a valid number": "harus bilangan",
    "Input should be a valid boolean": "harus true atau false",
    "Input should be a valid list": "harus berupa daftar",
    "Input should be a valid dictionary": "harus berupa tabel",
    "Input should be greater than {least}": "harus lebih besar daripada {least}",
    "Input should be greater than or equal to {least}": "paling sedikit {least}",
    "Input should be less than or equal to {most}": "paling banyak {most}",
    "Input should be {choices}": "harus {choices}",
    "Field required": "harus diisi",
    "Extra inputs are not permitted": "tidak dikenal",
}
