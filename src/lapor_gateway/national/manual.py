"""Dialect manual: no interface at all. A person types complaints into LAPOR! and brings their numbers back."""

from typing import NoReturn

from lapor_gateway.domain.complaint import Complaint
from lapor_gateway.domain.outcomes import NotTaken
from lapor_gateway.domain.reference import Reference
from lapor_gateway.national.lapor_v3.submission import sent_text
from lapor_gateway.national.port import Ability, Answer, NoTrust

_REASON = "this account is entered by hand"


class Manual:
    """What a person is to type, our line on top, so that the national spreadsheet export can be matched."""

    @property
    def can(self) -> frozenset[Ability]:
        return frozenset()

    @property
    def lists_secret(self) -> bool:
        return False

    def sent_text(self, complaint: Complaint, reference: Reference) -> str:
        return sent_text(complaint, reference)

    def encode(self, *_: object) -> NoReturn:
        raise AssertionError(_REASON)

    def decode(self, _: Answer) -> NotTaken:
        return NotTaken(_REASON)

    def encode_list(self, *_: object, **__: object) -> NoReturn:
        raise AssertionError(_REASON)

    def decode_list(self, _: Answer) -> NoTrust:
        return NoTrust(_REASON)
