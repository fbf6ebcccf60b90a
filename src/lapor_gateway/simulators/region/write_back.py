"""What a Laravel-like application takes back over REST: status, number of LAPOR!, answers, whole complaints."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from lapor_gateway.simulators.region.acts import LAPOR, Answered, Changed, Filed, UnknownComplaintError
from lapor_gateway.simulators.region.control import Application
from lapor_gateway.simulators.region.report import Report, answers_told
from lapor_gateway.simulators.region.wire import Answer, Request, json_answer, message

_ONE = re.compile(r"/api/complaints/([^/]+)")
_ANSWERS = re.compile(r"/api/complaints/([^/]+)/answers")


class Patch(msgspec.Struct):
    """Body of `PATCH /api/complaints/{id}`: what is missing stays as it is."""

    status: str | None = None
    sp4n_id: str | int | None = None
    sp4n_status: str | None = None


class NewAnswer(msgspec.Struct):
    """Body of `POST /api/complaints/{id}/answers`."""

    answer: str
    officer: str = ""
    external_id: str = ""


class NewComplaint(msgspec.Struct):
    """Body of `POST /api/complaints`, in the application's own names."""

    description: str
    title: str | None = None
    type: str = ""
    category: str = ""
    sp4n_id: str | int | None = None
    sp4n_status: str | None = None
    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    location: str = ""
    district: str = ""
    village: str = ""
    is_anonymous: bool = False
    is_secret: bool = False


class WriteBack:
    """The writing calls of one application; `takes_keys` says whether `Idempotency-Key` is honoured."""

    def __init__(self, application: Application, *, takes_keys: bool) -> None:
        self._application = application
        self._takes_keys = takes_keys

    def answer(self, request: Request, record: Callable[[Report], dict[str, Any]]) -> Answer | None:
        """The answer to a call about one complaint or a new one; None where the path is none of them."""
        one, answers = _ONE.fullmatch(request.path), _ANSWERS.fullmatch(request.path)
        try:
            match request.method:
                case "GET" if one:
                    return json_answer({"data": record(self._report(one[1]))})
                case "GET" if answers:
                    return json_answer({"data": answers_told(self._report(answers[1]))})
                case "PATCH" | "PUT" if one:
                    return self._change(one[1], request, record)
                case "POST" if answers:
                    return self._add(answers[1], request)
                case "POST" if request.path == "/api/complaints":
                    return self._file(request, record)
        except UnknownComplaintError:
            return message("No query results for model [App\\Models\\Complaint].", 404)
        except msgspec.DecodeError as wrong:
            return json_answer(
                {"message": "The given data was invalid.", "errors": {"body": [str(wrong)]}}, 422
            )
        return None

    def _report(self, id_: str) -> Report:
        return self._application.acts.report(id_)

    def _change(self, id_: str, request: Request, record: Callable[[Report], dict[str, Any]]) -> Answer:
        patch = msgspec.json.decode(request.body, type=Patch)
        known = self._application.world.script.words.statuses.values()
        self._report(id_)
        if patch.status is not None and patch.status not in known:
            errors = {"status": ["The selected status is invalid."]}
            return json_answer({"message": "The given data was invalid.", "errors": errors}, 422)
        act = Changed(
            at=self._application.now(),
            id=id_,
            by=LAPOR,
            status=patch.status,
            national_number=None if patch.sp4n_id is None else str(patch.sp4n_id),
            national_status=patch.sp4n_status,
        )
        report = self._application.do(act)
        self._application.writes["changed"] += 1
        return json_answer({"data": record(report)})

    def _add(self, id_: str, request: Request) -> Answer:
        new = msgspec.json.decode(request.body, type=NewAnswer)
        report = self._report(id_)
        if not new.answer.strip():
            errors = {"answer": ["The answer field is required."]}
            return json_answer({"message": "The given data was invalid.", "errors": errors}, 422)
        key = self._key(request)
        before = self._application.acts.done_under(key)
        if before is not None:
            kept = next(told for told in answers_told(report) if told["id"] == before)
            return json_answer({"data": kept}, 200)
        self._application.do(
            Answered(
                at=self._application.now(),
                id=id_,
                text=new.answer,
                by=LAPOR,
                author=new.officer,
                key=key,
                external_id=new.external_id,
            )
        )
        self._application.writes["answered"] += 1
        return json_answer({"data": answers_told(report)[-1]}, 201)

    def _file(self, request: Request, record: Callable[[Report], dict[str, Any]]) -> Answer:
        new = msgspec.json.decode(request.body, type=NewComplaint)
        if not new.description.strip():
            errors = {"description": ["The description field is required."]}
            return json_answer({"message": "The given data was invalid.", "errors": errors}, 422)
        key = self._key(request)
        before = self._application.acts.done_under(key)
        if isinstance(before, str):
            return json_answer({"data": record(self._report(before))}, 200)
        report = self._application.do(
            Filed(
                at=self._application.now(),
                by=LAPOR,
                key=key,
                title=new.title,
                body=new.description,
                kind=new.type,
                category=new.category,
                name=new.name,
                phone=new.phone,
                email=new.email,
                address=new.address,
                street=new.location,
                district=new.district,
                village=new.village,
                anonymous=new.is_anonymous,
                secret=new.is_secret,
                national_number=None if new.sp4n_id is None else str(new.sp4n_id),
                national_status=new.sp4n_status,
            )
        )
        self._application.writes["filed"] += 1
        return json_answer({"data": record(report)}, 201)

    def _key(self, request: Request) -> str:
        return request.headers.get("idempotency-key", "") if self._takes_keys else ""
