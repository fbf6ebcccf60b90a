"""The master lists: invented entries in the shape that the real ones have."""

MASTERS: dict[str, list[dict[str, object]]] = {
    "institutions/external": [
        {"id": 41001, "name": "Pemerintah Kabupaten Contoh"},
        {"id": 41002, "name": "Dinas Pekerjaan Umum Kabupaten Contoh"},
        {"id": 41003, "name": "Dinas Kesehatan Kabupaten Contoh"},
        {"id": 41004, "name": "Dinas Pendidikan Kabupaten Contoh"},
        {"id": 41005, "name": "Pemerintah Kota Contoh"},
        {"id": 41006, "name": "Dinas Lingkungan Hidup Kota Contoh"},
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
    ],
    "classifications": [
        {"id": 1, "name": "Pengaduan"},
        {"id": 2, "name": "Aspirasi"},
        {"id": 3, "name": "Permintaan Informasi"},
    ],
    "locations": [
        {"id": 3501, "name": "Kabupaten Contoh"},
        {"id": 3502, "name": "Kota Contoh"},
    ],
}
