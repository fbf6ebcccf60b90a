"""Dialect lapor-v3: the national REST interface as public client code shows it (openapi/lapor-v3.yaml). No I/O."""

from lapor_gateway.national.lapor_v3.dialect import LaporV3
from lapor_gateway.national.lapor_v3.names import FIELDS, Names, folded, is_name, unambiguous
from lapor_gateway.national.lapor_v3.options import FollowUpLimits, LaporV3Settings

__all__ = [
    "FIELDS",
    "FollowUpLimits",
    "LaporV3",
    "LaporV3Settings",
    "Names",
    "folded",
    "is_name",
    "unambiguous",
]
