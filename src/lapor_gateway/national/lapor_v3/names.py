"""Names that stand where LAPOR! wants a number: which master list each field of a call refers to."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from lapor_gateway.national.port import MasterKind, MasterRow

FIELDS: Final[Mapping[str, MasterKind]] = {
    "disposition_id": MasterKind.INSTITUTIONS,
    "category_id": MasterKind.CATEGORIES,
    "classification_id": MasterKind.CLASSIFICATIONS,
    "location_id": MasterKind.LOCATIONS,
    "institution_from_id": MasterKind.INSTITUTIONS,
    "institution_to_id": MasterKind.INSTITUTIONS,
}

Names = Mapping[str, Mapping[str, int | str]]
"""Per kind of list: folded names that one row alone has, and that row's id."""


def is_name(value: Any) -> bool:
    """Whether a field's value is a name to look up, and no number."""
    return isinstance(value, str) and bool(value.strip()) and not value.strip().isdecimal()


def folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def unambiguous(rows: Iterable[MasterRow]) -> dict[str, int | str]:
    """Ids by folded names; a name that two rows have finds neither."""
    found: dict[str, int | str | None] = {}
    for row in rows:
        identifier: int | str = int(row.id) if row.id.isdecimal() else row.id
        found[folded(row.name)] = None if folded(row.name) in found else identifier
    return {name: identifier for name, identifier in found.items() if identifier is not None}


def resolved(fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The fields whose values are names of a list, as its ids; a name that no list has stays, and LAPOR! refuses it."""
    return {
        field: names.get(kind, {}).get(folded(fields[field]), fields[field])
        for field, kind in FIELDS.items()
        if field in fields and is_name(fields[field])
    }
