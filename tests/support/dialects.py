"""Every dialect as the shared conformance suite takes it: one entry here, and a folder of recorded answers.

A sample is `tests/conformance/samples/<dialect>/<call>/<name>.http`: an answer's bytes (status line, headers, empty
line, body) as they came, invented people only. Beside it `<name>.expected.json` is what `decode_<call>` makes of it.
"""

import json
from collections.abc import Callable
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import msgspec

from lapor_gateway.domain.outcomes import NotTaken, Refused, Unknown
from lapor_gateway.national.lapor_v3 import LaporV3, LaporV3Settings
from lapor_gateway.national.port import Ability, Dialect, NoTrust, Response

SAMPLES = Path(__file__).parents[1] / "conformance" / "samples"
UPLOADED = 2  # how many files the samples of `files` were sent with


class Case(msgspec.Struct, frozen=True):
    """One dialect with all that its account can be granted. `folder` names its samples."""

    folder: str
    dialect: Dialect


CASES = [
    Case(
        "lapor-v3",
        LaporV3(
            LaporV3Settings(
                fields={"user_id": 41, "channel": 13},
                follow_up_fields={"user_id": 77, "institution_from_id": 41001},
            )
        ),
    ),
]

WRITING = {"submission": "decode", "written": "decode_written", "files": "decode_files"}
"""Calls whose answers are outcomes: a good one, `Refused`, `NotTaken` or `Unknown`."""
READING = {
    "list": "decode_list",
    "standing": "decode_standing",
    "follow_ups": "decode_follow_ups",
    "masters": "decode_masters",
}
"""Calls whose answers are a page or a standing, or `NoTrust`."""
NEEDS = {
    "decode_list": Ability.LIST,
    "decode_standing": Ability.READ_STATUS,
    "decode_follow_ups": Ability.READ_STATUS,
    "decode_written": Ability.FOLLOW_UP,
    "encode_hand_over": Ability.HAND_OVER,
    "decode_files": Ability.ATTACH,
    "decode_masters": Ability.MASTERS,
}
"""The methods that a dialect must have for what it says it can do."""

BAD_ENDS = (Refused, NotTaken, Unknown)


def decoder(dialect: Dialect, call: str) -> Callable[[Any], Any] | None:
    """The dialect's way to read answers to a call; None where it has no such call."""
    method = getattr(dialect, (WRITING | READING)[call], None)
    if method is None:
        return None
    return (lambda answer: method(answer, UPLOADED)) if call == "files" else method


def answer_of(sample: Path) -> Response:
    """The recorded answer."""
    head, _, body = sample.read_bytes().partition(b"\r\n\r\n")
    line, _, fields = head.partition(b"\r\n")
    parsed = BytesParser().parsebytes(fields + b"\r\n\r\n")
    return Response(int(line.split()[1]), {name.lower(): str(value) for name, value in parsed.items()}, body)


def shown(value: Any) -> Any:
    """A decoded value in JSON, with the name of what it is."""
    return {"is": type(value).__name__, **json.loads(msgspec.json.encode(value))}


def trusted(value: Any) -> bool:
    """Whether the dialect believed the answer."""
    return not isinstance(value, (*BAD_ENDS, NoTrust))
