"""Says what a test needs and this machine lacks: a named skip, and a failure where CI=true."""

import os
from typing import NoReturn

import pytest


class AbsentError(Exception):
    """A server or program is not to be had here; the text says what each way to one answered."""


def missing(what: str, why: str) -> NoReturn:
    """Ends the test that asked: skipped by name, or failed with CI=true, where all must be there."""
    sentence = f"needs {what}: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{sentence} (with CI=true this is a failure, not a skip)", pytrace=False)
    pytest.skip(sentence)
