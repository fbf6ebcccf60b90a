"""From a raw record to a complaint, its flags and holds, or to every fault that keeps it from being one."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lapor_gateway.domain.complaint import (
    Attachment,
    Complaint,
    Fault,
    Flag,
    Kind,
    Mapped,
    Place,
    Reporter,
    StatusMeaning,
    Unmappable,
    Visibility,
)
from lapor_gateway.domain.mapping import CANONICAL_FIELDS, Mapping, MappingSpec
from lapor_gateway.domain.mapping_steps import Part, Step, Word

WIB = ZoneInfo("Asia/Jakarta")
RECORD = {"id": 7, "body": "Jalan di depan pasar rusak."}


def at(path: str, **how: Any) -> tuple[Step, ...]:
    return (Step(parts=(Part(path=path),), **how),)


def mapping(
    values: dict[str, dict[str, Word]] | None = None,
    national: dict[str, tuple[Step, ...]] | None = None,
    **fields: tuple[Step, ...],
) -> Mapping:
    spec = {"source_id": at("id"), "body": at("body"), **fields}
    return Mapping.compile(MappingSpec("Asia/Jakarta", spec, values or {}, national or {}))


def mapped(compiled: Mapping, **record: Any) -> Mapped:
    result = compiled.apply({**RECORD, **record})
    assert isinstance(result, Mapped), result
    return result


def complaint(compiled: Mapping, **record: Any) -> Complaint:
    return mapped(compiled, **record).complaint


def faults(compiled: Mapping, **record: Any) -> tuple[Fault, ...]:
    result = compiled.apply({**RECORD, **record})
    assert isinstance(result, Unmappable), result
    return result.faults


def test_a_whole_record_becomes_a_complaint() -> None:
    compiled = mapping(
        values={"kind": {"Aduan": "pengaduan", "Saran": "aspirasi", "*": "hold"}, "status": {"Baru": "open"}},
        national={"channel": (Step(const=13),), "category_id": at("category.id")},
        title=at("title"),
        kind=at("type", values="kind"),
        category=at("category.name"),
        incident_at=at("day", date=("%d/%m/%Y",)),
        created_at=at("created", date=("iso",)),
        reporter_name=at("user.name"),
        reporter_nik=at("user.nik"),
        reporter_phone=at("user.phone"),
        anonymous=at("anonymous"),
        secret=at("secret"),
        place=at("street"),
        latitude=at("lat"),
        longitude=at("lon"),
        attachments=at("photos[].url"),
        regional_status=at("status", values="status"),
        national_number=at("sp4n"),
    )
    result = mapped(
        compiled,
        title=" Jalan  rusak ",
        type="saran",
        category={"id": 120, "name": "Jalan"},
        day="03/02/2024",
        created="2024-02-03T01:00:00Z",
        user={"name": "Budi  Santoso", "nik": "3523990101900001", "phone": "0812-3456-7890"},
        anonymous=1,
        secret="tidak",
        street="Jalan Melati",
        lat="-6,9",
        lon=112.1,
        photos=[{"url": "a.jpg"}, {"url": "b.jpg"}],
        status="Baru",
        sp4n=9876543,
    )
    assert result == Mapped(
        Complaint(
            source_id="7",
            title="Jalan rusak",
            body="Jalan di depan pasar rusak.",
            kind=Kind.ASPIRASI,
            visibility=Visibility.ANONYMOUS,
            category="Jalan",
            reporter=Reporter(name="Budi Santoso", nik="3523990101900001", phone="+6281234567890"),
            place=Place(text="Jalan Melati", latitude=-6.9, longitude=112.1),
            incident_at=datetime(2024, 2, 3, tzinfo=WIB),
            created_at=datetime(2024, 2, 3, 8, tzinfo=WIB),
            attachments=(Attachment("a.jpg"), Attachment("b.jpg")),
            regional_word="Baru",
            regional_status=StatusMeaning.OPEN,
            national_number="9876543",
            national_fields={"channel": 13, "category_id": 120},
        )
    )


@pytest.mark.parametrize(
    ("raw", "source_id"),
    [(12, "12"), (12.0, "12"), (" A-12 ", "A-12"), ("012", "012"), (Decimal(12), "12"), (0, "0")],
)
def test_a_source_id_is_text(raw: Any, source_id: str) -> None:
    assert complaint(mapping(), id=raw).source_id == source_id
    assert mapping().source_id({"id": raw}) == source_id


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (None, "required"),
        ("", "required"),
        ("-", "required"),
        ([], "required"),
        (1.5, "unreadable"),
        (float("nan"), "unreadable"),
        (True, "unreadable"),
        (["7"], "unreadable"),
        ({"id": 7}, "unreadable"),
        ("7\x00", "unreadable"),
        ("7\n8", "unreadable"),
        ("x" * 201, "too_long"),
    ],
)
def test_a_record_without_a_readable_id_is_unmappable(raw: Any, rule: str) -> None:
    found = faults(mapping(), id=raw)
    assert [(fault.field, fault.rule) for fault in found] == [("source_id", rule)]
    assert mapping().source_id({"id": raw}) is None


@pytest.mark.parametrize("record", [None, [], "text", 7])
def test_what_is_no_record_is_unmappable(record: Any) -> None:
    assert mapping().apply(record) == Unmappable(None, (Fault("record", "type", type(record).__name__),))
    assert mapping().source_id(record) is None


@pytest.mark.parametrize("body", [None, "", " \n ", "-", "\x00", [], {}])
def test_an_empty_body_is_unmappable(body: Any) -> None:
    assert faults(mapping(), body=body) == (Fault("body", "required"),)


def test_every_fault_of_a_record_is_named_at_once() -> None:
    compiled = mapping(incident_at=at("day"), created_at=at("created"))
    found = faults(compiled, id=None, body="", day="31/02/2025", created="kemarin")
    assert found == (
        Fault("source_id", "required"),
        Fault("incident_at", "date", "31/02/2025"),
        Fault("created_at", "date", "kemarin"),
        Fault("body", "required"),
    )


def test_an_unmappable_record_keeps_its_id_and_flags() -> None:
    compiled = mapping(values={"c": {"Jalan": "infrastruktur"}}, category=at("category", values="c"))
    assert compiled.apply({"id": 7, "body": "", "category": "Lain"}) == Unmappable(
        "7", (Fault("body", "required"),), (Flag("category", "unknown_value", "Lain"),)
    )


@pytest.mark.parametrize("title", [None, "", "  ", "-"])
def test_a_missing_title_is_made_from_the_body(title: Any) -> None:
    made = complaint(mapping(title=at("title")), title=title)
    assert made.title == "Jalan di depan pasar rusak."
    assert made.flags == (Flag("title", "made_from_body"),)
    assert complaint(mapping()).title == made.title


def test_a_very_long_body_is_kept_whole() -> None:
    body = "jalan rusak " * 100_000
    assert complaint(mapping(), body=body).body == body.strip()


def test_control_characters_are_taken_out_and_flagged_and_emoji_stay() -> None:
    made = complaint(mapping(title=at("t")), body="Jalan\x00 rusak 🙏\r\nparah", t="Ja\x07lan")
    assert (made.body, made.title) == ("Jalan rusak 🙏\nparah", "Jalan")
    assert made.flags == (Flag("title", "control"), Flag("body", "nul"))


def test_html_becomes_plain_text_where_the_manifest_says_so() -> None:
    raw = "<p>Jalan &amp; jembatan</p><script>x()</script>"
    assert complaint(mapping(body=at("body", html=True)), body=raw).body == "Jalan & jembatan"
    assert complaint(mapping(), body=raw).body == raw
    assert faults(mapping(body=at("body", html=True)), body="<p> </p>") == (Fault("body", "required"),)


KINDS: dict[str, Word] = {"Aduan": "pengaduan", "Saran": "aspirasi"}


@pytest.mark.parametrize(
    ("table", "word", "kind", "held"),
    [
        (KINDS, "Saran", Kind.ASPIRASI, False),
        (KINDS, " sARAN ", Kind.ASPIRASI, False),
        (KINDS, "Curhat", Kind.PENGADUAN, True),
        (KINDS, None, Kind.PENGADUAN, True),
        ({**KINDS, "*": "hold"}, "Curhat", Kind.PENGADUAN, True),
        ({**KINDS, "*": "aspirasi"}, "Curhat", Kind.ASPIRASI, False),
        ({**KINDS, "*": "aspirasi"}, None, Kind.ASPIRASI, False),
        ({**KINDS, "": "aspirasi"}, None, Kind.ASPIRASI, False),
        ({**KINDS, "Spam": "hold"}, "Spam", Kind.PENGADUAN, True),
        ({"1": "aspirasi"}, 1, Kind.ASPIRASI, False),
    ],
)
def test_a_kind_is_what_its_table_says_or_waits_for_a_person(
    table: dict[str, Word], word: Any, kind: Kind, held: bool
) -> None:
    result = mapped(mapping(values={"k": table}, kind=at("kind", values="k")), kind=word)
    assert result.complaint.kind is kind
    expected = (Fault("kind", "unknown_value", word or ""),) if held else ()
    assert result.holds == expected


def test_a_word_that_quarantines_makes_the_record_unmappable() -> None:
    table: dict[str, Word] = {**KINDS, "*": "quarantine"}
    found = faults(mapping(values={"k": table}, kind=at("kind", values="k")), kind="Curhat")
    assert found == (Fault("kind", "unknown_value", "Curhat"),)


def test_a_default_is_canonical_and_needs_no_table() -> None:
    compiled = mapping(values={"k": KINDS}, kind=at("kind", values="k", default="aspirasi"))
    result = mapped(compiled, kind="")
    assert (result.complaint.kind, result.holds) == (Kind.ASPIRASI, ())


def test_a_kind_without_a_table_is_canonical_or_held() -> None:
    assert complaint(mapping(kind=at("kind")), kind="Aspirasi").kind is Kind.ASPIRASI
    assert mapped(mapping(kind=at("kind")), kind="keluhan").holds == (
        Fault("kind", "unknown_value", "keluhan"),
    )
    assert complaint(mapping(kind=(Step(const="permintaan_informasi"),))).kind is Kind.PERMINTAAN_INFORMASI


@pytest.mark.parametrize(
    ("table", "word", "category", "held"),
    [
        (None, " Jalan ", "Jalan", False),
        ({"Jalan": "infrastruktur"}, "jalan", "infrastruktur", False),
        ({"Jalan": "infrastruktur"}, "Lain", "Lain", False),
        ({"Jalan": "infrastruktur", "*": "lainnya"}, "Lain", "lainnya", False),
        ({"Jalan": "infrastruktur", "*": "hold"}, "Lain", "Lain", True),
        ({"Jalan": "infrastruktur", "*": "hold"}, None, None, False),
    ],
)
def test_a_category_is_translated_or_stays_visible(
    table: dict[str, Word] | None, word: Any, category: str | None, held: bool
) -> None:
    values = {"c": table} if table else {}
    result = mapped(mapping(values=values, category=at("c", values="c" if table else None)), c=word)
    assert result.complaint.category == category
    assert bool(result.holds) is held


STATUS: dict[str, Word] = {"0": "open", "proses": "in_progress", "selesai": "done"}


@pytest.mark.parametrize(
    ("raw", "word", "meaning"),
    [
        ("proses", "proses", StatusMeaning.IN_PROGRESS),
        ("Proses", "Proses", StatusMeaning.IN_PROGRESS),
        ("0", "0", StatusMeaning.OPEN),
        (0, "0", StatusMeaning.OPEN),
        ("ditolak admin", "ditolak admin", StatusMeaning.UNKNOWN),
        (None, None, None),
        ("", None, None),
    ],
)
def test_a_regional_status_keeps_its_word_and_an_unknown_one_is_visible(
    raw: Any, word: str | None, meaning: StatusMeaning | None
) -> None:
    result = mapped(mapping(values={"s": STATUS}, regional_status=at("s", values="s")), s=raw)
    assert (result.complaint.regional_word, result.complaint.regional_status) == (word, meaning)
    assert result.holds == ()
    unknown = meaning is StatusMeaning.UNKNOWN
    assert result.complaint.flags[:-1] == (
        (Flag("regional_status", "unknown_value", str(raw)),) if unknown else ()
    )


def test_an_empty_status_may_have_a_default_or_a_meaning_of_its_own() -> None:
    by_default = mapping(values={"s": STATUS}, regional_status=at("s", values="s", default="open"))
    assert complaint(by_default, s=None).regional_status is StatusMeaning.OPEN
    by_table = mapping(
        values={"s": {**STATUS, "": "archived", "-": "refused"}}, regional_status=at("s", values="s")
    )
    assert complaint(by_table, s=None).regional_status is StatusMeaning.ARCHIVED
    assert complaint(by_table, s=" - ").regional_status is StatusMeaning.REFUSED


@pytest.mark.parametrize(
    ("anonymous", "secret", "visibility", "in_doubt"),
    [
        (False, False, Visibility.PUBLIC, ()),
        (True, False, Visibility.ANONYMOUS, ()),
        (0, 1, Visibility.SECRET, ()),
        ("1", "ya", Visibility.ANONYMOUS_SECRET, ()),
        ("Yes", "TIDAK", Visibility.ANONYMOUS, ()),
        (None, "", Visibility.PUBLIC, ()),
        ("Anonim", "Rahasia", Visibility.ANONYMOUS_SECRET, ()),
        ("Anonim, Rahasia", "Anonim, Rahasia", Visibility.ANONYMOUS_SECRET, ()),
        ("Rahasia", "Rahasia", Visibility.SECRET, ()),
        ("Anonim dan Rahasia", "tidak", Visibility.ANONYMOUS, ()),
        (1.0, 0.0, Visibility.ANONYMOUS, ()),
        ("mungkin", "tidak", Visibility.ANONYMOUS_SECRET, (("anonymous", "mungkin"),)),
        (2, False, Visibility.ANONYMOUS_SECRET, (("anonymous", "2"),)),
        (False, {"x": 1}, Visibility.ANONYMOUS_SECRET, (("secret", "dict"),)),
        ("ya tidak", False, Visibility.ANONYMOUS_SECRET, (("anonymous", "ya tidak"),)),
    ],
)
def test_a_doubt_about_secrecy_hides_everything_and_waits_for_a_person(
    anonymous: Any, secret: Any, visibility: Visibility, in_doubt: tuple[tuple[str, str], ...]
) -> None:
    result = mapped(mapping(anonymous=at("a"), secret=at("s")), a=anonymous, s=secret)
    assert result.complaint.visibility is visibility
    assert result.holds == tuple(Fault(field, "secrecy_doubt", word) for field, word in in_doubt)


def test_the_other_flags_word_is_a_doubt_where_only_one_flag_is_read() -> None:
    result = mapped(mapping(anonymous=at("a")), a="Rahasia")
    assert result.complaint.visibility is Visibility.ANONYMOUS_SECRET
    assert result.holds == (Fault("anonymous", "secrecy_doubt", "Rahasia"),)


def test_secrecy_may_have_a_table_whose_hold_is_a_doubt() -> None:
    table: dict[str, Word] = {"Terbuka": False, "Tertutup": True, "*": "hold"}
    compiled = mapping(values={"a": table}, anonymous=at("a", values="a", default=False))
    assert complaint(compiled, a="terbuka").visibility is Visibility.PUBLIC
    assert complaint(compiled, a="Tertutup").visibility is Visibility.ANONYMOUS
    assert complaint(compiled, a=None).visibility is Visibility.PUBLIC
    assert mapped(compiled, a="Ya?").holds == (Fault("anonymous", "secrecy_doubt", "Ya?"),)


@pytest.mark.parametrize(
    ("raw", "number", "held"),
    [
        ("9876543", "9876543", None),
        (9876543, "9876543", None),
        (9876543.0, "9876543", None),
        (" #9876543 ", "9876543", None),
        ("123456789012345", "123456789012345", None),
        ("1234567890123456", None, "1234567890123456"),
        ("belum", None, "belum"),
        ("-", None, None),
        ("", None, None),
        (None, None, None),
        (0, None, None),
        (["1"], None, "list"),
    ],
)
def test_a_number_of_lapor_is_digits_or_waits_for_a_person(
    raw: Any, number: str | None, held: str | None
) -> None:
    result = mapped(mapping(national_number=at("n")), n=raw)
    assert result.complaint.national_number == number
    assert result.holds == (() if held is None else (Fault("national_number", "national_number", held),))


def test_malformed_identities_are_kept_and_flagged_without_their_value() -> None:
    compiled = mapping(
        reporter_nik=at("nik"), reporter_phone=at("phone"), reporter_email=at("email"), title=at("body")
    )
    made = complaint(compiled, nik=2147483647, phone="0812", email="budi")
    assert made.reporter == Reporter(nik="2147483647", phone="0812", email="budi")
    assert made.flags == (
        Flag("reporter_nik", "overflow"),
        Flag("reporter_phone", "malformed"),
        Flag("reporter_email", "malformed"),
    )


@pytest.mark.parametrize(
    ("raw", "attachments"),
    [
        ("a.jpg", ("a.jpg",)),
        (["a.jpg", "", "b.jpg"], ("a.jpg", "b.jpg")),
        (
            [{"url": "a.jpg"}, {"image_path": "b.jpg"}, {"file": "c.jpg"}, {"path": "d.jpg"}],
            ("a.jpg", "b.jpg", "c.jpg", "d.jpg"),
        ),
        (None, ()),
        ("", ()),
        ("-", ()),
    ],
)
def test_attachments_come_as_a_string_a_list_or_objects(raw: Any, attachments: tuple[str, ...]) -> None:
    made = complaint(mapping(attachments=at("f")), f=raw)
    assert tuple(attachment.address for attachment in made.attachments) == attachments


def test_an_attachment_may_have_a_name_and_nonsense_is_flagged() -> None:
    made = complaint(
        mapping(attachments=at("f"), title=at("body")), f=[{"url": "a", "name": "Foto"}, {"x": 1}, 7]
    )
    assert made.attachments == (Attachment("a", "Foto"),)
    assert made.flags == (Flag("attachments", "type", "dict"), Flag("attachments", "type", "int"))


@pytest.mark.parametrize(
    ("raw", "latitude", "rule"),
    [
        ("-6.9", -6.9, None),
        (-6.9, -6.9, None),
        ("-6,9", -6.9, None),
        (7, 7.0, None),
        ("112.5", None, "out_of_range"),
        ("utara", None, "unreadable"),
        (None, None, None),
    ],
)
def test_degrees_are_read_or_left_out_and_flagged(raw: Any, latitude: float | None, rule: str | None) -> None:
    made = complaint(mapping(latitude=at("l"), title=at("body")), l=raw)
    assert made.place.latitude == latitude
    assert made.flags == (() if rule is None else (Flag("latitude", rule, str(raw)),))


def test_steps_are_tried_until_one_gives_a_value() -> None:
    compiled = mapping(place=(*at("street"), *at("address.text"), Step(const="tidak disebut")))
    assert complaint(compiled, street="A", address={"text": "B"}).place.text == "A"
    assert complaint(compiled, street="-", address={"text": "B"}).place.text == "B"
    assert complaint(compiled, street=None, address="B").place.text == "tidak disebut"


def test_dates_are_tried_step_by_step_and_one_that_none_reads_is_a_fault() -> None:
    compiled = mapping(incident_at=(*at("day", date=("%d/%m/%Y",)), *at("day", date=("iso",))))
    assert complaint(compiled, day="03/02/2024").incident_at == datetime(2024, 2, 3, tzinfo=WIB)
    assert complaint(compiled, day="2024-02-03").incident_at == datetime(2024, 2, 3, tzinfo=WIB)
    assert faults(compiled, day="2024-02-30") == (Fault("incident_at", "date", "2024-02-30"),)
    assert complaint(compiled, day=None).incident_at is None


def test_a_zero_date_is_none_and_flagged() -> None:
    made = complaint(mapping(incident_at=at("day"), title=at("body")), day="0000-00-00")
    assert made.incident_at is None
    assert made.flags == (Flag("incident_at", "no_date", "0000-00-00"),)


def test_columns_are_taken_by_their_exact_heading() -> None:
    compiled = mapping(body=(Step(parts=(Part(column="Isi Laporan [lengkap]"),)),))
    assert complaint(compiled, **{"Isi Laporan [lengkap]": "Sampah"}).body == "Sampah"


def test_joined_parts_leave_out_what_is_empty() -> None:
    parts = (Part(path="jalan"), Part(column="No. Rumah"), Part(path="kota.nama"))
    compiled = mapping(place=(Step(parts=parts, joined=True, separator=", "),))
    assert (
        complaint(compiled, jalan="Melati", **{"No. Rumah": 5.0}, kota={"nama": " Tuban "}).place.text
        == "Melati, 5, Tuban"
    )
    assert complaint(compiled, jalan="Melati", kota=None).place.text == "Melati"
    assert complaint(compiled, jalan="").place == Place()


def test_an_expression_that_cannot_be_evaluated_is_a_fault_not_an_absence() -> None:
    assert faults(mapping(anonymous=at("starts_with(x, 'a')")), x=None) == (
        Fault("anonymous", "expression", "starts_with(x, 'a')"),
    )


def test_national_fields_are_constants_values_or_translated() -> None:
    national = {
        "channel": (Step(const=13),),
        "is_approval": (Step(const=False),),
        "location_id": at("lokasi"),
        "category_id": at("kategori", values="c", default=999),
    }
    compiled = mapping(values={"c": {"Jalan": 120}}, national=national)
    whole = {"channel": 13, "is_approval": False, "location_id": 5, "category_id": 120}
    assert complaint(compiled, lokasi=5, kategori="jalan").national_fields == whole
    assert complaint(compiled, kategori=None).national_fields == {
        "channel": 13,
        "is_approval": False,
        "category_id": 999,
    }


def test_a_national_word_without_a_meaning_waits_for_a_person() -> None:
    compiled = mapping(values={"c": {"Jalan": 120}}, national={"category_id": at("kategori", values="c")})
    assert mapped(compiled, kategori="Lain").holds == (
        Fault("national.category_id", "unknown_value", "Lain"),
    )
    assert mapped(compiled, kategori=None).holds == (Fault("national.category_id", "unknown_value", ""),)


def test_what_has_no_text_form_is_left_out_and_flagged() -> None:
    made = complaint(mapping(place=at("p"), title=at("body")), p={"x": 1})
    assert made.place == Place()
    assert made.flags == (Flag("place", "type", "dict"),)


def test_the_digest_follows_what_decides_the_mapping() -> None:
    one = MappingSpec("Asia/Jakarta", {"source_id": at("id"), "body": at("b", values="t")}, {"t": {"a": "b"}})
    reordered = MappingSpec(
        "Asia/Jakarta", dict(reversed(one.fields.items())), {**one.values, "unused": {"x": "y"}}
    )
    assert reordered.digest() == one.digest()
    others = (
        MappingSpec("Asia/Makassar", one.fields, one.values),
        MappingSpec("Asia/Jakarta", {**one.fields, "title": at("t")}, one.values),
        MappingSpec("Asia/Jakarta", one.fields, {"t": {"a": "c"}}),
        MappingSpec("Asia/Jakarta", one.fields, one.values, {"channel": (Step(const=1),)}),
    )
    assert len({one.digest(), *(other.digest() for other in others)}) == 5


def test_every_canonical_field_can_be_mapped() -> None:
    spec = MappingSpec("Asia/Jakarta", {name: at(name) for name in CANONICAL_FIELDS})
    record = {"source_id": 7, "body": "Jalan rusak", "kind": "pengaduan"}
    assert isinstance(Mapping.compile(spec).apply(record), Mapped)
