"""Lines of a complaint's log in every shape that was seen: templates filled in, names found, HTML taken out."""

import re
from typing import Any, Final

from lapor_gateway.domain.complaint import Attachment
from lapor_gateway.domain.follow_up import Author, FollowUp
from lapor_gateway.domain.text import clean, plain_text
from lapor_gateway.national.lapor_v3.answers import at, decoded, id_of, moment_of, named

_PLACEHOLDER: Final = re.compile(r"\{\{\s*([A-Za-z0-9_.]{1,60}?)(?:_link)?\s*\}\}")
_STATUS_PLACEHOLDER: Final = re.compile(r"\{\{\s*status_(?:new|old)")
_NAMES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "institution_from": (
        ("institution_from_name",),
        ("institution_from", "name"),
        ("institution_from_id", "name"),
        ("institution_from",),
    ),
    "institution_to": (
        ("institution_to_name",),
        ("institution_to", "name"),
        ("institution_to_id", "name"),
        ("institution_to",),
    ),
}
_BLANK: Final = "…"
_REPORTER: Final = "pelapor"  # who stands in an institution's place where a citizen wrote
_BY_THE_REPORTER: Final = "oleh pelapor"


def follow_up_of(row: Any, *, written: bool) -> FollowUp | None:
    """One line; `written` where the list holds what somebody wrote, not what the system noted. None for no line."""
    if not isinstance(row, dict):
        return None
    data = _told(row.get("data"))
    names = {name: _first(row, paths) for name, paths in _NAMES.items()}
    words = {name: _word(data.get(name)) for name in ("status_old", "status_new")}
    template = id_of(row.get("template_code"))
    text = _text(row, names | words | _plain_values(row, data))
    return FollowUp(
        _author(row, names["institution_from"], words["status_new"], written=written),
        text,
        written_at=moment_of(row.get("created_at")) or moment_of(row.get("date")),
        institution_from=names["institution_from"],
        institution_to=names["institution_to"],
        status_old=words["status_old"],
        status_new=words["status_new"],
        template_code=template,
        attachments=_attachments(row.get("attachments")),
        own_id=id_of(row.get("id")),
    )


def filled(template: str, values: dict[str, str | None]) -> str:
    """A template as text: HTML out first, so that no value can bring any; what nothing fills becomes `…`."""
    plain, _ = clean(plain_text(template))
    return _PLACEHOLDER.sub(lambda found: values.get(found[1]) or _BLANK, plain)


def _text(row: dict[str, Any], values: dict[str, str | None]) -> str:
    """What stands in `content`, and the template's text unless that is the same."""
    texts = [
        filled(value, values) for name in ("content", "template_content") if (value := named(row.get(name)))
    ]
    folded = [" ".join(text.split()).casefold() for text in texts]
    if len(texts) == 2 and (folded[1] in folded[0]):
        texts.pop()
    return "\n\n".join(texts)


def _author(row: dict[str, Any], institution: str | None, status_new: str | None, *, written: bool) -> Author:
    """The reporter where line or status says so; the system for what it noted; else the institution that is named.

    A line that only tells of a change by a template's placeholder is the system's, whoever brought the change about.
    """
    if _BY_THE_REPORTER in (status_new or "").casefold() or (institution or "").casefold() == _REPORTER:
        return Author.REPORTER
    noted = status_new and (institution is None or _STATUS_PLACEHOLDER.search(f"{row.get('content')}"))
    if noted or not written:
        return Author.SYSTEM
    return Author.INSTITUTION if institution else Author.UNKNOWN


def _told(data: Any) -> dict[str, Any]:
    """`data` as an object: it comes as a JSON text within the JSON, once or twice over, or as it is."""
    for _ in range(2):
        if isinstance(data, str):
            data = decoded(data.encode("utf-8", "replace"))
    return data if isinstance(data, dict) else {}


def _word(value: Any) -> str | None:
    """A status word: the name of `{name, color}`, or the word alone."""
    return _plain(at(value, ("name",)) if isinstance(value, dict) else value)


def _first(row: dict[str, Any], paths: tuple[tuple[str, ...], ...]) -> str | None:
    return next((found for path in paths if (found := _plain(at(row, path)))), None)


def _plain_values(row: dict[str, Any], data: dict[str, Any]) -> dict[str, str | None]:
    """Whatever else the line calls by a placeholder's own name."""
    return {
        name: found
        for source in (row, data)
        for name, value in source.items()
        if name not in _NAMES and name not in ("status_old", "status_new") and (found := _plain(value))
    }


def _plain(value: Any) -> str | None:
    text = named(value)
    return clean(plain_text(text))[0] or None if text else None


def _attachments(value: Any) -> tuple[Attachment, ...]:
    if not isinstance(value, list):
        return ()
    found = (
        (named(at(one, ("path",))), named(at(one, ("file_name",))), named(at(one, ("extension",))))
        for one in value
    )
    return tuple(
        Attachment(path or name or "", _file_name(name, extension))
        for path, name, extension in found
        if path or name
    )


def _file_name(name: str | None, extension: str | None) -> str | None:
    if not name or not extension:
        return name
    ending = f".{extension.lstrip('.')}"
    return name if name.lower().endswith(ending.lower()) else f"{name}{ending}"
