"""The master lists: examples in the shape that the real ones have; the numbers are invented."""

from typing import Any

NAMES = ("institutions/external", "templates", "categories", "classifications", "locations")

EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "institutions/external": [
        {"id": 41001, "name": "Pemerintah Kabupaten Contoh"},
        {"id": 41002, "name": "Dinas Pekerjaan Umum Kabupaten Contoh"},
        {"id": 41003, "name": "Dinas Kesehatan Kabupaten Contoh"},
        {"id": 41004, "name": "Dinas Pendidikan Kabupaten Contoh"},
        {"id": 41005, "name": "Pemerintah Kota Contoh"},
        {"id": 41006, "name": "Dinas Lingkungan Hidup Kota Contoh"},
        {"id": 41234, "name": "Pemerintah Daerah 35.23"},
        {"id": 41277, "name": "Pemerintah Daerah 35.27"},
        {"id": 41310, "name": "Pemerintah Daerah 35.79"},
        {"id": 41352, "name": "Pemerintah Daerah 35.72"},
    ],
    "templates": [
        {
            "id": 1,
            "template_code": "TL-01",
            "title": "Tindak lanjut diterima",
            "type": "followup",
            "content": "Laporan telah diterima oleh {{ institution_from }}.",
        },
        {
            "id": 2,
            "template_code": "TL-02",
            "title": "Permintaan keterangan",
            "type": "followup",
            "content": "{{institution_from}} memerlukan keterangan tambahan dari pelapor.",
        },
    ],
    "categories": [
        {"id": 11, "name": "Infrastruktur"},
        {"id": 12, "name": "Kesehatan"},
        {"id": 13, "name": "Pendidikan"},
        {"id": 14, "name": "Kependudukan"},
        {"id": 15, "name": "Lingkungan Hidup"},
        {"id": 16, "name": "Lainnya"},
        {"id": 120, "name": "Jalan dan Jembatan"},
        {"id": 121, "name": "Penerangan Jalan"},
        {"id": 134, "name": "Air Bersih"},
        {"id": 140, "name": "Perhubungan"},
        {"id": 160, "name": "Administrasi Kependudukan"},
        {"id": 171, "name": "Sekolah"},
        {"id": 182, "name": "Puskesmas dan Rumah Sakit"},
        {"id": 190, "name": "Persampahan"},
        {"id": 205, "name": "Bantuan Sosial"},
        {"id": 230, "name": "Pariwisata"},
        {"id": 999, "name": "Topik Lainnya"},
    ],
    "classifications": [
        {"id": 1, "name": "Pengaduan"},
        {"id": 2, "name": "Aspirasi"},
        {"id": 3, "name": "Permintaan Informasi"},
        {"id": 4, "name": "Aspirasi (daerah)"},
        {"id": 5, "name": "Permintaan Informasi (daerah)"},
        {"id": 6, "name": "Pengaduan (daerah)"},
    ],
    "locations": [
        {"id": 3501, "name": "Kabupaten Contoh"},
        {"id": 3502, "name": "Kota Contoh"},
        {"id": 3523, "name": "Wilayah 35.23"},
        {"id": 3527, "name": "Wilayah 35.27"},
        {"id": 3572, "name": "Wilayah 35.72"},
        {"id": 3579, "name": "Wilayah 35.79"},
    ],
}


class Masters:
    """The lists as they are now; a refresh by the gateway may find them changed."""

    def __init__(self) -> None:
        self.lists: dict[str, list[dict[str, Any]]] = {name: [*rows] for name, rows in EXAMPLES.items()}

    def replace(self, name: str, rows: list[dict[str, Any]]) -> None:
        """Raises ValueError for a list that there is not."""
        if name not in self.lists:
            raise ValueError(f"no master list {name!r}; there are {', '.join(NAMES)}")
        self.lists[name] = rows

    def name_of(self, kind: str, number: object) -> str:
        """The name behind a number, or the number itself where the list lacks it; "" for none."""
        if number in (None, ""):
            return ""
        found = (row for row in self.lists[kind] if str(row["id"]) == str(number))
        return next((str(row["name"]) for row in found), str(number))

    def institution(self, number: object) -> str:
        return self.name_of("institutions/external", number)

    def template(self, code: str) -> str | None:
        """The text behind a template's code."""
        found = (row["content"] for row in self.lists["templates"] if row["template_code"] == code)
        return next(found, None)
