"""Dialect lapor-f01: topics, and the list by which a tracking id can be found. It takes no complaint. No I/O.

The address, the form field `KEYTOKEN` and `gettopics` are known; the list's call and the names in its rows are not, and
therefore settings. Secret reports and reporters are never in it: what it does not show is no proof about a secret one.
"""

from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from lapor_gateway.domain.outcomes import Listed, tracking_id_of
from lapor_gateway.national.lapor_v3.answers import at, id_of, moment_of, named, trusted
from lapor_gateway.national.port import Answer, ListPage, MasterRow, MastersPage, NoTrust, Request

_HEADERS: Final = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
_TOPICS: Final = "/api/services/f01/gettopics"


class LaporF01Settings(msgspec.Struct, frozen=True):
    """`rows` is the dotted way to the rows of an answer, empty where the answer is the list itself.

    `tracking_id`, `content`, `title`, `status` and `created_at` are names in a row. Without a `page_parameter` one
    answer is the whole list; without a `search_parameter` it is always listed whole.
    """

    token: str
    list_path: str
    tracking_id: str
    content: str
    rows: str = ""
    title: str = ""
    status: str = ""
    created_at: str = ""
    page_parameter: str = ""
    search_parameter: str = ""


class LaporF01:
    """The list and the topics of one account."""

    def __init__(self, settings: LaporF01Settings) -> None:
        self._settings = settings

    def encode_list(self, page: int, *, search: str | None = None) -> Request:
        form = {"KEYTOKEN": self._settings.token}
        if search is not None and self._settings.search_parameter:
            form[self._settings.search_parameter] = search
        if self._settings.page_parameter:
            form[self._settings.page_parameter] = str(page)
        return Request("POST", self._settings.list_path, _HEADERS, urlencode(form).encode())

    def decode_list(self, answer: Answer) -> ListPage | NoTrust:
        value = trusted(answer)
        if isinstance(value, NoTrust):
            return value
        rows = at(value, tuple(self._settings.rows.split("."))) if self._settings.rows else value
        if not isinstance(rows, list):
            return NoTrust("no list in the answer")
        listed = [self._listed(row) for row in rows]
        if None in listed:
            return NoTrust("a row of the list without id or text")
        more = bool(rows) and bool(self._settings.page_parameter)
        return ListPage(tuple(one for one in listed if one is not None), more)

    def encode_topics(self) -> Request:
        return Request("POST", _TOPICS, _HEADERS, urlencode({"KEYTOKEN": self._settings.token}).encode())

    def decode_topics(self, answer: Answer) -> MastersPage | NoTrust:
        rows = trusted(answer)
        if not isinstance(rows, list):
            return rows if isinstance(rows, NoTrust) else NoTrust("no topics in the answer")
        topics = [_topic(row) for row in rows]
        if None in topics:
            return NoTrust("a topic without id or name")
        return MastersPage(tuple(one for one in topics if one is not None), more=False)

    def _listed(self, row: Any) -> Listed | None:
        names = self._settings
        tracking_id, content = tracking_id_of(at(row, (names.tracking_id,))), at(row, (names.content,))
        if tracking_id is None or not isinstance(content, str):
            return None
        return Listed(
            tracking_id,
            named(at(row, (names.title,))) or "",
            content,
            named(at(row, (names.status,))),
            moment_of(at(row, (names.created_at,))),
        )


def _topic(row: Any) -> MasterRow | None:
    identifier, name = id_of(at(row, ("id",))), named(at(row, ("topic_name",)))
    return None if identifier is None or name is None else MasterRow(identifier, name)
