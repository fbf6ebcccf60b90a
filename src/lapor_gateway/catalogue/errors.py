"""Sentences of errors: the English template as it is raised, and the same in Bahasa Indonesia."""

from typing import Final

ERRORS: Final[dict[str, str]] = {}
