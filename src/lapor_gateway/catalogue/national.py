"""Texts about LAPOR!'s own lists, about what an account can do, and about files that go along."""

from typing import Final

NATIONAL: Final[dict[str, tuple[str, str]]] = {
    "finding.file_left_out": (
        "file_left_out: berkas tidak ikut dikirim; kirim sendiri ke LAPOR! bila penting, lalu terima temuan ini.",
        "file_left_out: a file did not go along; send it to LAPOR! yourself if it matters, then accept this.",
    ),
    "file.listed": ("tercatat, tidak dikirim", "listed, not sent"),
    "file.waiting": ("menunggu diambil dari sumber", "waiting to be fetched from the source"),
    "file.kept": (
        "sudah diambil dan dibersihkan, menunggu diunggah",
        "fetched and cleaned, waiting to be uploaded",
    ),
    "file.uploaded": ("sudah diunggah ke LAPOR!", "uploaded to LAPOR!"),
    "file.failed": ("tidak ikut dikirim", "left out"),
    "file.erased": ("dihapus", "erased"),
}
