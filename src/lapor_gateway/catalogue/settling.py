"""Texts about unknown outcomes: settling them by the national export, the candidates side by side, the tally."""

from typing import Final

SETTLING: Final[dict[str, tuple[str, str]]] = {}

SETTLING_ERRORS: Final[dict[str, str]] = {
    "There is no file {file}.": "Tidak ada berkas {file}.",
    "Name the spreadsheet downloaded from LAPOR!.": "Sebutkan lembar kerja yang diunduh dari LAPOR!.",
    "Download it from LAPOR! again and leave its columns as they are.": (
        "Unduh lagi dari LAPOR! dan biarkan kolomnya seperti adanya."
    ),
}
