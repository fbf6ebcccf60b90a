"""Reminders to officers over real SMTP and HTTP: what they say, what never, once a stage, retried, in the morning."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book.reminders import targets
from lapor_gateway.book.vault import set_secret
from lapor_gateway.cli.deadline_checks import deadline_checks
from lapor_gateway.jobs import reminders
from lapor_gateway.jobs.deadlines import Counter
from lapor_gateway.jobs.embedded_engine import EmbeddedEngine
from lapor_gateway.jobs.reminders import messages, remind, remind_in_time
from lapor_gateway.settings_sections import ReminderSettings
from tests.support.books import ManualClock
from tests.support.deadlines import Shelf, reach
from tests.support.mailbox import Mailbox
from tests.support.offices import Offices, message, open_offices
from tests.support.post_box import PostBox
from tests.support.waiting import eventually

MAIL, POST = "secret:reminders/satu/mail", "secret:reminders/satu/post"
WORDS = ("Budi Santoso", "3572010101900001", "081234567890", "Lampu jalan", "lampu jalan", "padam")


class Office:
    """The region `satu` on Thursday 5 March 2026, 09.00 WIB: one deadline is due that day, another is breached."""

    def __init__(self, world: Offices, clock: ManualClock) -> None:
        self.gateway, self.clock = world.gateway, clock
        world.deliver("satu.pesan", message("S1"), message("S2", private=True), message("S3"))
        world.deliver("dua.pesan", message("D1"))
        world.gateway.book.clock = clock
        for source_id, day in (
            ("S1", "2026-03-02"),
            ("S2", "2026-02-27"),
            ("S3", "2026-03-04"),
            ("D1", "2026-02-27"),
        ):
            reach(
                Shelf(world.gateway.book), source_id, reported_at=f"{day}T08:00", accepted_at=f"{day}T08:00"
            )
        self.tell(MAIL)
        Counter(self.gateway).refresh()

    def tell(self, *names: str, region: str = "satu") -> None:
        officers = self.gateway.settings.reminders.officers | {region: names}
        own = ReminderSettings(officers=officers)
        self.gateway.settings = self.gateway.settings.model_copy(update={"reminders": own})

    def address(self, name: str, value: str) -> None:
        set_secret(self.gateway.book, name.removeprefix("secret:"), value)

    def remind(self) -> list[tuple[str, int, str | None]]:
        return [(one.target, one.count, one.failure) for one in remind(self.gateway, Counter(self.gateway))]

    def in_time(self) -> list[tuple[str, int, str | None]]:
        done = remind_in_time(self.gateway, Counter(self.gateway))
        return [(one.target, one.count, one.failure) for one in done]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_offices(tmp_path) as world:
        yield Office(world, ManualClock(datetime(2026, 3, 5, 2, 0, tzinfo=UTC)))


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    yield box
    box.close()


@pytest.fixture
def post_box() -> Iterator[PostBox]:
    box = PostBox()
    yield box
    box.close()


def mail_address(mailbox: Mailbox) -> str:
    host = mailbox.url.removeprefix("smtp://")
    return f"mailto://{host}?from=gerbang@example.go.id&to=petugas@example.go.id&mode=insecure&format=text"


def test_the_message_is_formal_names_the_deadlines_and_quotes_nobody(office: Office) -> None:
    (one,) = messages(office.gateway, Counter(office.gateway))
    assert one.title == "[LATIHAN] Pengingat tenggat pengaduan Kabupaten Satu, Kamis, 5 Maret 2026"
    shelf = Shelf(office.gateway.book)
    s1, s2 = shelf.row("S1"), shelf.row("S2")
    assert (
        f"Sudah melewati tenggat (1):\n- {s2.reference}, nomor LAPOR! {s2.tracking_id}, kategori -: verifikasi dan "
        "penerusan paling lambat Rabu, 4 Maret 2026 (terlambat 1 hari kerja)"
    ) in one.body
    assert (
        f"Jatuh tempo hari ini (1):\n- {s1.reference}, nomor LAPOR! {s1.tracking_id}, kategori -: verifikasi dan "
        "penerusan paling lambat Kamis, 5 Maret 2026 (hari terakhir)"
    ) in one.body
    assert "paling lambat Senin, 9 Maret 2026 (tersisa 2 hari kerja)" in one.body
    assert [word for word in WORDS if word in one.title + one.body] == []


def test_an_officer_gets_one_mail_and_not_the_same_again(office: Office, mailbox: Mailbox) -> None:
    office.address(MAIL, mail_address(mailbox))
    assert office.remind() == [(MAIL, 3, None)]
    assert office.remind() == []
    (mail,) = mailbox.mails
    assert "petugas@example.go.id" in mail
    office.clock.advance(days=1)  # S1 is breached by now, S3 is what it was
    assert office.remind() == [(MAIL, 1, None)]
    assert len(mailbox.mails) == 2


@pytest.mark.parametrize("mood", ["refuses", "hangs up", "garbage"])
def test_an_address_that_fails_stops_no_other_and_is_tried_again(
    office: Office, mailbox: Mailbox, post_box: PostBox, mood: Any
) -> None:
    office.address(MAIL, mail_address(mailbox))
    office.address(POST, f"json://geheim:kata@{post_box.address}")
    office.tell(POST, MAIL)
    post_box.mood = mood
    assert office.in_time() == [(POST, 3, "json: not taken"), (MAIL, 3, None)]
    failing = [one for one in deadline_checks(office.gateway) if one.grade != "ok"]
    assert [("geheim" in one.said + one.cure, POST in one.said) for one in failing] == [(False, True)]
    assert office.in_time() == []  # not at once
    post_box.mood = "takes"
    office.clock.advance(minutes=15)
    assert office.in_time() == [(POST, 3, None)]
    assert len(mailbox.mails) == len(post_box.posts) == 1
    assert [one.grade for one in deadline_checks(office.gateway)] == ["ok", "ok", "ok"]
    with office.gateway.book.read() as connection:
        state = targets(connection)["satu", POST]
    assert (state.failing_since, state.failure) == (None, None)


def test_nobody_there_a_missing_secret_and_a_wrong_address_are_said_without_the_address(
    office: Office, post_box: PostBox
) -> None:
    post_box.close()
    office.address(POST, f"json://{post_box.address}")
    office.address("secret:reminders/salah", "bukan alamat geheim")
    office.tell(POST, "secret:reminders/salah", MAIL)
    refused, wrong, missing = office.remind()
    assert refused == (POST, 3, "json: not taken")
    assert wrong[2] == "the address is none that apprise knows"
    assert missing[2] is not None
    assert "reminders/satu/mail" in missing[2]
    post_box.__init__()  # type: ignore[misc]  # so that the fixture can close it


def test_a_gateway_that_dies_after_sending_tells_twice_and_never_not_at_all(
    office: Office, post_box: PostBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.address(POST, f"json://{post_box.address}")
    office.tell(POST)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(reminders, "note_sent", die)
        with pytest.raises(KeyboardInterrupt):
            office.remind()
    assert office.remind() == [(POST, 3, None)]
    assert len(post_box.posts) == 2


@pytest.mark.parametrize(
    ("moment", "is_sent"),
    [
        ("2026-03-05T00:29:00+00:00", False),  # 07.29 WIB
        ("2026-03-05T00:30:00+00:00", True),
        ("2026-03-07T02:00:00+00:00", False),  # Saturday
        ("2026-03-18T02:00:00+00:00", False),  # cuti bersama of Nyepi
        ("2026-03-19T02:00:00+00:00", False),  # Nyepi
        ("2026-03-25T02:00:00+00:00", True),
    ],
)
def test_reminders_go_out_on_the_morning_of_a_working_day(
    office: Office, post_box: PostBox, moment: str, is_sent: bool
) -> None:
    office.address(POST, f"json://{post_box.address}")
    office.tell(POST)
    office.gateway.book.clock = ManualClock(datetime.fromisoformat(moment))
    office.in_time()
    assert len(post_box.posts) == is_sent
    office.in_time()
    assert len(post_box.posts) == is_sent


def test_each_region_is_told_of_its_own(office: Office, post_box: PostBox) -> None:
    office.address(POST, f"json://{post_box.address}")
    office.tell(region="satu")
    office.tell(POST, region="dua")
    office.tell(POST, region="tak-ada")
    assert office.remind() == [(POST, 1, None)]
    assert "Kabupaten Dua" in post_box.posts[0]["title"]


def test_an_address_in_the_open_is_refused() -> None:
    with pytest.raises(ValueError, match="stands in the open"):
        ReminderSettings.model_validate({"officers": {"satu": ["mailto://user:kata@example.go.id"]}})


def test_a_running_gateway_reminds_by_itself(office: Office, post_box: PostBox) -> None:
    office.address(POST, f"json://{post_box.address}")
    office.tell(POST)
    engine = EmbeddedEngine(office.gateway, push_seconds=3600)
    engine.start()
    try:
        eventually(lambda: len(post_box.posts) == 1, within=30)
    finally:
        engine.stop()
