"""One thing that `doctor` has looked at: how it is, and what to do where it is not well."""

from enum import StrEnum

import msgspec

from lapor_gateway import catalogue
from lapor_gateway.catalogue import text
from lapor_gateway.errors import ExitCode, GatewayError


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Check(msgspec.Struct, frozen=True):
    """One thing looked at: how it is, and what to do where it is not well."""

    subject: str
    grade: Grade
    said: str
    cure: str = ""
    exit_code: ExitCode = ExitCode.NEEDS_A_PERSON


def well(subject: str, said: str, **values: object) -> Check:
    return Check(text(subject), Grade.OK, text(said, **values))


def warned(subject: str, said: str, **values: object) -> Check:
    return Check(text(subject), Grade.WARN, text(said, **values), text(f"{said}.cure", **values))


def failed(subject: str, error: GatewayError) -> Check:
    said = catalogue.sentence(error.message) + (f" ({error.detail})" if error.detail else "")
    return Check(text(subject), Grade.FAIL, said, catalogue.sentence(error.cure), error.exit_code)
