"""What differs between agencies: paths, fixed fields, odd forms, limits. Settings of the account, never code."""

from typing import Any, Final

import msgspec

from lapor_gateway.national.lapor_v3.names import Names
from lapor_gateway.national.port import MasterKind

MASTER_PATHS: Final[dict[str, str]] = {
    MasterKind.INSTITUTIONS: "/masters/institutions/external",
    MasterKind.TEMPLATES: "/masters/templates",
    MasterKind.CATEGORIES: "/masters/categories",
    MasterKind.CLASSIFICATIONS: "/masters/classifications",
    MasterKind.LOCATIONS: "/masters/locations",
}
"""The first two were seen in public clients; the others follow their form and are likely only."""


class FollowUpLimits(msgspec.Struct, frozen=True):
    """What one follow-up may carry: files, bytes of each, and their kinds by the usual ending."""

    files: int = 5
    file_bytes: int = 5_000_000
    kinds: frozenset[str] = frozenset({"doc", "docx", "pdf", "jpg", "jpeg", "png"})


class LaporV3Settings(msgspec.Struct, frozen=True):
    """`fields` of the create call and `follow_up_fields` of the follow-up stand beneath whatever a complaint or an
    answer says itself. `attachments_form` is how the ids of uploaded files are written, `{ids}` being their list;
    `no_attachments` what stands there without any. `lists` says that the agency was granted a list endpoint.
    `names` are the master lists by which a name is sent as its number.
    """

    create_path: str = "/complaints/complaint"
    list_path: str = "/complaints"
    search_parameter: str = "search"
    page_size: int = 100
    lists: bool = True
    fields: dict[str, Any] = {}
    attachments_form: str = "[{ids}]"
    no_attachments: Any = False
    incident_format: str = "%Y-%m-%d"
    unavailable_means_not_taken: bool = False
    follow_up_fields: dict[str, Any] = {}
    follow_up_limits: FollowUpLimits = FollowUpLimits()
    names: Names = {}
    master_paths: dict[str, str] = {}
    masters_page_size: int = 1000
