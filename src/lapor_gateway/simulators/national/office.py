"""What officers and citizens do at LAPOR! itself: verify, forward, answer, close, archive, refuse, reply, file."""

import time
from dataclasses import dataclass
from typing import Any

import msgspec

from lapor_gateway.simulators.national.clock import Clock, wib
from lapor_gateway.simulators.national.logs import REPORTER, Log, status_data
from lapor_gateway.simulators.national.masters import Masters
from lapor_gateway.simulators.national.store import Complaint, Store

VERIFIED, FORWARDED, IN_PROCESS, DONE = "Terverifikasi", "Belum Ditindaklanjuti", "Dalam Proses", "Selesai"
CLOSED, ARCHIVED, POSTPONED, REFUSED = "Ditutup oleh Admin", "Diarsipkan oleh Admin", "Ditunda", "Ditolak"
REPLIED = "Ditanggapi oleh Pelapor"
NOT_YET_ANSWERED = ("Belum Terverifikasi", VERIFIED, FORWARDED)

# The words are the national side's; the numbers behind them are not public, so these are ours.
STATUS_CODES = {
    word: code
    for code, word in enumerate(
        (
            *("Belum Terverifikasi", VERIFIED, FORWARDED, IN_PROCESS, DONE, CLOSED, "Ditutup oleh Sistem"),
            *("Diarsipkan", REFUSED, ARCHIVED, "Diarsipkan oleh Sistem", REPLIED, POSTPONED),
        ),
        1,
    )
}
ADMIN = "Admin Nasional (simulasi)"
_CHANGED = "{{ institution_from }} mengubah status menjadi {{status_new}}"
_FORWARDED = "{{institution_from_link}} mendisposisikan laporan kepada {{ institution_to_link }}"


class Filing(msgspec.Struct, forbid_unknown_fields=True):
    """A complaint that a citizen files at LAPOR!; `via` is the channel that the export then names.

    `account` limits who sees it by the API; None: every account. `disposition_id` is the institution it goes to.
    """

    title: str
    content: str
    via: str = "Website"
    account: str | None = None
    name: str = ""
    phone: str = ""
    email: str = ""
    disposition_id: int | None = None
    category_id: int | None = None
    classification_id: int | None = 1
    location_id: int | None = None
    is_anonymous: bool = False
    is_secret: bool = False
    created_at: str | None = None

    def body(self) -> dict[str, Any]:
        """In the names of the create call."""
        return {
            "title": self.title,
            "content": self.content,
            "is_new_user_slider": True,
            "nameUser": self.name,
            "phoneUser": self.phone,
            "emailUser": self.email,
            "disposition_id": self.disposition_id,
            "category_id": self.category_id,
            "classification_id": self.classification_id,
            "location_id": self.location_id,
            "is_anonymous": self.is_anonymous,
            "is_secret": self.is_secret,
        }


@dataclass(frozen=True, slots=True)
class Office:
    """Acts on complaints at LAPOR!, each with its lines in the log."""

    store: Store
    masters: Masters
    clock: Clock

    def status(self, complaint: Complaint, word: str, by: str = ADMIN, reason: str = "") -> None:
        """Change the status; `reason` (of a refusal, a delay) stands in the line's text."""
        content = f"{_CHANGED}. {reason}" if reason else _CHANGED
        log = self._line(content, by, by, author="system")
        log.data = status_data(complaint.status_name, word)
        complaint.logs.append(log)
        complaint.status_name = word
        self.store.put(complaint)

    def forward(self, complaint: Complaint, institution_id: int, note: str = "") -> None:
        """Give it to an institution (disposisi)."""
        name = self.masters.institution(institution_id)
        log = self._line(f"{_FORWARDED}. {note}" if note else _FORWARDED, ADMIN, name, author="system")
        log.institution_to_id = institution_id
        log.data = status_data(complaint.status_name, FORWARDED)
        complaint.logs.append(log)
        complaint.disposition_id, complaint.status_name = institution_id, FORWARDED
        self.store.put(complaint)

    def follow_up(self, complaint: Complaint, by: str, text: str, template_code: str = "") -> None:
        """An institution answers; the first answer makes the complaint one in process."""
        log = self._line(text, by, REPORTER)
        if template_code:
            log.template_code, log.template_content = template_code, self.masters.template(template_code)
        self.answered(complaint, log)

    def answered(self, complaint: Complaint, log: Log) -> None:
        """Keep an institution's follow-up, wherever it came from."""
        complaint.follow_ups.append(log)
        if complaint.status_name in NOT_YET_ANSWERED:
            self.status(complaint, IN_PROCESS, log.institution_from_name or ADMIN)
        self.store.put(complaint)

    def reply(self, complaint: Complaint, text: str) -> None:
        """The reporter answers back."""
        log = self._line(
            text, REPORTER, self.masters.institution(complaint.disposition_id), author="reporter"
        )
        log.data = status_data(complaint.status_name, REPLIED)
        complaint.follow_ups.append(log)
        complaint.status_name = REPLIED
        self.store.put(complaint)

    def file(self, filing: Filing) -> Complaint:
        """A citizen files a complaint at LAPOR! itself. Raises ValueError for a time it cannot read."""
        if not filing.title.strip() or not filing.content.strip():
            raise ValueError("a complaint needs a title and a text")
        body = msgspec.json.encode(filing.body())
        complaint = self.store.commit(
            filing.account, filing.title, filing.content, body, time.time(), self.clock.offset
        )
        complaint.via, complaint.disposition_id = filing.via, filing.disposition_id
        return complaint

    def now(self) -> str:
        """The time of a log line, by the endpoint's own clock."""
        return wib(time.time() + self.clock.offset)

    def _line(self, content: str, sender: str, receiver: str, author: str = "institution") -> Log:
        return Log(content, sender, receiver, self.now(), author=author)
