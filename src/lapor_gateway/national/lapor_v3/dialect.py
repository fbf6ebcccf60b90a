"""The codec of one account: encodes what is asked, decodes what comes back; bytes in, values out."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from lapor_gateway.domain.complaint import Complaint
from lapor_gateway.domain.follow_up import Answer as RegionsAnswer
from lapor_gateway.domain.follow_up import Standing
from lapor_gateway.domain.outcomes import (
    Accepted,
    Listed,
    NotTaken,
    Outcome,
    Refused,
    Unknown,
    tracking_id_of,
)
from lapor_gateway.domain.reference import Reference
from lapor_gateway.national.lapor_v3.answers import (
    at,
    decoded,
    id_of,
    more_follows,
    named,
    rows_of,
    tracking_id_in,
    trusted,
    untaken,
    wib_moment,
)
from lapor_gateway.national.lapor_v3.follow_up_form import follow_up_form
from lapor_gateway.national.lapor_v3.logs import follow_up_of
from lapor_gateway.national.lapor_v3.options import MASTER_PATHS, LaporV3Settings
from lapor_gateway.national.lapor_v3.submission import sent_text, submission
from lapor_gateway.national.multipart import encode_form
from lapor_gateway.national.port import (
    Ability,
    Answer,
    File,
    FollowUpPage,
    ListPage,
    MasterKind,
    MasterRow,
    MastersPage,
    NoTrust,
    Request,
    Response,
    Uploaded,
    Written,
)

_ACCEPT: Final[Mapping[str, str]] = {"Accept": "application/json"}
_JSON: Final[Mapping[str, str]] = {"Accept": "application/json", "Content-Type": "application/json"}
_ALWAYS: Final = frozenset(
    {Ability.SUBMIT, Ability.ATTACH, Ability.READ_STATUS, Ability.HAND_OVER, Ability.MASTERS}
)
_OWN_ID_PATHS: Final = (("followup_id",), ("data", "followup_id"), ("data", "results", "followup", "id"))
_encoder: Final = msgspec.json.Encoder()


class LaporV3:
    """One account's dialect. It holds settings only, no state: any number of calls may share it."""

    def __init__(self, settings: LaporV3Settings | None = None) -> None:
        self._settings = settings or LaporV3Settings()

    @property
    def can(self) -> frozenset[Ability]:
        """A follow-up needs a `user_id` of its own, a look-up the grant of a list."""
        writes = {Ability.FOLLOW_UP} if "user_id" in self._settings.follow_up_fields else set()
        lists = {Ability.LOOK_UP, Ability.LIST} if self._settings.lists else set()
        return _ALWAYS | writes | lists

    @property
    def lists_secret(self) -> bool:
        return True

    # Submission

    def encode(self, complaint: Complaint, reference: Reference, files: Sequence[str] = ()) -> Request:
        body = submission(complaint, reference, tuple(files), self._settings)
        return Request("POST", self._settings.create_path, _JSON, _encoder.encode(body))

    def sent_text(self, complaint: Complaint, reference: Reference) -> str:
        return sent_text(complaint, reference)

    def decode(self, answer: Answer) -> Outcome:
        # Asked first, without a call in between: the push reads thousands of good answers a second.
        if isinstance(answer, Response) and 200 <= answer.status < 300:
            tracking_id = tracking_id_in(decoded(answer.body))
            if tracking_id:
                return Accepted(tracking_id)
        taken = self._untaken(answer)
        return (
            Unknown(f"HTTP {taken.status} without a complaint id") if isinstance(taken, Response) else taken
        )

    # The agency's own complaints

    def encode_list(self, page: int, *, search: str | None = None) -> Request:
        query = {} if search is None else {self._settings.search_parameter: search}
        query |= {"page": str(page), "page_size": str(self._settings.page_size)}
        return Request("GET", f"{self._settings.list_path}?{urlencode(query)}", _ACCEPT)

    def decode_list(self, answer: Answer) -> ListPage | NoTrust:
        found = _page(trusted(answer))
        if isinstance(found, NoTrust):
            return found
        rows, more = found
        listed = [_listed(row) for row in rows]
        if not all(listed):
            return NoTrust("a row of the list without id or text")
        return ListPage(tuple(row for row in listed if row), more)

    # One complaint's status and follow-ups

    def encode_standing(self, tracking_id: str) -> Request:
        return Request("GET", f"/complaints/{tracking_id}/complaint", _ACCEPT)

    def decode_standing(self, answer: Answer) -> Standing | NoTrust:
        value = trusted(answer, names_a_complaint=True)
        if isinstance(value, NoTrust):
            return value
        found, logs = at(value, ("results", "data")), at(value, ("results", "data_logs"))
        word = named(at(found, ("status_name",)))
        if word is None:
            return NoTrust("no status in the answer")
        lines = [follow_up_of(row, written=False) for row in logs] if isinstance(logs, list) else []
        return Standing(
            word,
            id_of(at(found, ("disposition_id",))),
            named(at(found, ("disposition_name",))),
            tuple(line for line in lines if line is not None),
        )

    def encode_follow_ups(self, tracking_id: str, page: int) -> Request:
        return Request("GET", f"/complaints/{tracking_id}/followups?{urlencode({'page': page})}", _ACCEPT)

    def decode_follow_ups(self, answer: Answer) -> FollowUpPage | NoTrust:
        found = _page(trusted(answer, names_a_complaint=True))
        if isinstance(found, NoTrust):
            return found
        rows, more = found
        lines = [follow_up_of(row, written=True) for row in rows]
        if None in lines:
            return NoTrust("a line of the follow-ups that is none")
        return FollowUpPage(tuple(line for line in lines if line is not None), more)

    # Writing to one complaint

    def encode_follow_up(
        self, tracking_id: str, answer: RegionsAnswer, files: Sequence[File] = ()
    ) -> Request | Refused:
        form = follow_up_form(tracking_id, answer, tuple(files), self._settings)
        if isinstance(form, Refused):
            return form
        headers = {**_ACCEPT, "Content-Type": form.media_type}
        return Request("POST", "/complaints/followup/add", headers, form.body)

    def encode_hand_over(self, tracking_id: str, institution: str, reason: str) -> Request:
        wish = {"is_request": 1, "reason": institution, "reason_description": reason, "not_authority": 1}
        path = f"/complaints/process/{tracking_id}/reject"
        return Request("POST", path, _JSON, _encoder.encode(wish))

    def decode_written(self, answer: Answer) -> Written | Refused | NotTaken | Unknown:
        taken = self._untaken(answer, names_a_complaint=True)
        if not isinstance(taken, Response):
            return taken
        value = decoded(taken.body)
        if not isinstance(value, dict):
            return Unknown(f"HTTP {taken.status} not of the API's form")
        if value.get("errors") or value.get("error") or False in (value.get("success"), value.get("status")):
            return Unknown(f"HTTP {taken.status} that tells of an error")
        own = (id_of(at(value, path)) for path in _OWN_ID_PATHS)
        return Written(next((found for found in own if found), None))

    # Files before the submission that names them

    def encode_files(self, files: Sequence[File]) -> Request:
        form = encode_form((), [("attachments[]", file) for file in files])
        headers = {**_ACCEPT, "Content-Type": form.media_type}
        return Request("POST", "/complaints/complaint/file", headers, form.body)

    def decode_files(self, answer: Answer, count: int) -> Uploaded | Refused | NotTaken | Unknown:
        taken = self._untaken(answer)
        if not isinstance(taken, Response):
            return taken
        kept = at(decoded(taken.body), ("results",))
        rows = [row for name in ("docs", "images") for row in _rows(at(kept, (name,)))]
        ids = dict.fromkeys(found for row in rows if (found := tracking_id_of(at(row, ("id",)))))
        if len(ids) != count or len(rows) != count:
            return Unknown(f"HTTP {taken.status} with {len(ids)} ids for {count} files")
        return Uploaded(tuple(ids))

    # Master lists

    @property
    def master_kinds(self) -> tuple[MasterKind, ...]:
        return tuple(MasterKind)

    def encode_masters(self, kind: MasterKind, page: int) -> Request:
        path = self._settings.master_paths.get(kind) or MASTER_PATHS[kind]
        query = urlencode({"page": page, "page_size": self._settings.masters_page_size})
        return Request("GET", f"{path}?{query}", _ACCEPT)

    def decode_masters(self, answer: Answer) -> MastersPage | NoTrust:
        found = _page(trusted(answer))
        if isinstance(found, NoTrust):
            return found
        rows, more = found
        masters = [_master(row) for row in rows]
        if None in masters:
            return NoTrust("a row of the list without an id")
        return MastersPage(tuple(row for row in masters if row is not None), more)

    def _untaken(
        self, answer: Answer, *, names_a_complaint: bool = False
    ) -> Response | Refused | NotTaken | Unknown:
        return untaken(
            answer,
            unavailable_means_not_taken=self._settings.unavailable_means_not_taken,
            names_a_complaint=names_a_complaint,
        )


def _page(value: Any) -> tuple[list[Any], bool] | NoTrust:
    """The rows of a page and whether more follow, or why it is no page."""
    if isinstance(value, NoTrust):
        return value
    results = at(value, ("results",))
    rows = rows_of(results)
    if rows is None:
        return NoTrust("no list in the answer")
    return rows, more_follows(results, rows)


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _listed(row: Any) -> Listed | None:
    if not isinstance(row, dict):
        return None
    tracking_id, content = tracking_id_of(row.get("complaint_id")), row.get("content")
    if tracking_id is None or not isinstance(content, str):
        return None
    title, status = row.get("title"), row.get("status_name")
    return Listed(
        tracking_id,
        title if isinstance(title, str) else "",
        content,
        status if isinstance(status, str) else None,
        wib_moment(row.get("created_at")),
    )


def _master(row: Any) -> MasterRow | None:
    """A row of any list; a template is known by its code, which follow-ups name, not by its id."""
    template = id_of(at(row, ("template_code",)))
    if template is not None:
        return MasterRow(template, named(row.get("title")) or template, named(row.get("content")) or "")
    identifier = id_of(at(row, ("id",)))
    return None if identifier is None else MasterRow(identifier, named(row.get("name")) or "")
