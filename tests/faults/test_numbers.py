"""Numbers of LAPOR!: adopted after a check, never given twice, and never another citizen's."""

from pathlib import Path

from lapor_gateway.book.decisions import Verb, decide
from tests.support.endpoint import IndependentEndpoint
from tests.support.waiting import eventually_async
from tests.support.world import World, judge

TEXT = "Lampu jalan di depan SDN 2 padam sejak Senin malam, mohon segera diperbaiki karena rawan kecelakaan."
OTHER = "Sampah menumpuk di pasar selama seminggu sehingga menimbulkan bau yang tidak sedap bagi pedagang."


async def test_a_number_that_a_record_brings_is_checked_adopted_and_never_pushed(
    tmp_path: Path, database_url: str
) -> None:
    typed = [
        {"complaint_id": 7000001, "title": "Lampu", "content": f"(dari aplikasi daerah) {TEXT.upper()}"},
        {"complaint_id": 7000002, "title": "Sampah", "content": OTHER},
    ]
    with IndependentEndpoint(tmp_path) as endpoint:
        endpoint.order(keep=typed)
        world = World(tmp_path / "data", endpoint.url, database_url=database_url)
        right, other_text, absent, no_number = (
            world.add(nomor=number, isi=TEXT)[0] for number in ("7000001", "7000002", "7000003", "tidak ada")
        )
        await world.sync()
        ours = world.ours()
        assert (ours[right].state, ours[right].tracking_id) == ("accepted", "7000001")
        assert (ours[other_text].state, ours[other_text].reason) == ("held", "number_other_text")
        assert (ours[absent].state, ours[absent].reason) == ("held", "number_absent")
        assert ours[no_number].state == "held"
        assert endpoint.posts() == []
        found = {(kind, subject) for kind, subject, state in world.findings() if state == "open"}
        assert {("number_wrong", ours[one].reference) for one in (other_text, absent)} <= found
        with world.gateway() as gateway:
            decide(gateway.book, ours[absent].reference, Verb.ADOPT, by="Uji", number="7000009")
        assert ("number_wrong", ours[absent].reference, "repaired") in world.findings()


async def test_a_number_claimed_by_two_records_is_adopted_by_one(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        endpoint.order(keep=[{"complaint_id": 7000001, "title": "Lampu", "content": TEXT}])
        world = World(tmp_path / "data", endpoint.url)
        world.add(2, nomor="7000001", isi=TEXT)
        await world.sync()
        assert sorted(one.state for one in world.ours().values()) == ["accepted", "held"]
        assert [kind for kind, _, _ in world.findings() if kind == "number_wrong"] == ["number_wrong"]
        assert endpoint.posts() == []


async def test_a_number_that_a_complaint_of_ours_may_have_is_not_adopted_by_another(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path, fate="500-after", list_bad=1.0) as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        (first,) = world.add(isi=TEXT)
        await world.sync(patience=0.1)
        (theirs,) = endpoint.kept()
        (claimant,) = world.add(isi=TEXT, nomor=theirs.tracking_id)
        endpoint.order(fate=None, list_bad=0.0)
        await world.sync()
        ours = world.ours()
        assert (ours[first].state, ours[first].tracking_id) == ("accepted", theirs.tracking_id)
        assert (ours[claimant].state, ours[claimant].tracking_id) == ("held", None)


async def test_a_number_that_cannot_be_checked_now_waits_for_the_national_side(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path, list_bad=1.0) as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        (claim,) = world.add(nomor="7000001", isi=TEXT)
        await world.sync(patience=1)
        one = world.ours()[claim]
        assert (one.state, one.reason, one.waiting_for) == ("held", "number_unchecked", "national")
        endpoint.order(list_bad=0.0, keep=[{"complaint_id": 7000001, "title": "Lampu", "content": TEXT}])
        await world.sync()
        assert world.ours()[claim].state == "accepted"
        assert endpoint.posts() == []


async def test_a_tracking_id_given_to_two_complaints_is_never_accepted_twice(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path, same_number=True) as endpoint:
        world = World(tmp_path / "data", endpoint.url, database_url=database_url)
        world.add(6)
        await world.sync(patience=2)
        numbers = [one.tracking_id for one in world.ours().values() if one.state == "accepted"]
        assert numbers == ["9000001"]
        rest = [one for one in world.ours().values() if one.state != "accepted"]
        assert {one.state for one in rest} == {"ambiguous"}
        assert {one.waiting_for for one in rest} == {"operator"}
        assert len(endpoint.posts()) == 6, "none is sent again"


async def test_a_citizen_who_writes_anothers_reference_never_gets_its_number(tmp_path: Path) -> None:
    """The first is lost on the way; the second quotes its reference, even as our own line."""
    with IndependentEndpoint(tmp_path, lag=0.1, fate="500-before") as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        (victim,) = world.add(isi=TEXT)
        await world.sync(patience=0.1)
        reference = world.ours()[victim].reference
        endpoint.order(
            fate=None,
            keep=[
                {"complaint_id": 7000001, "title": reference, "content": f"Saya pelapor {reference}: {TEXT}"},
                {
                    "complaint_id": 7000002,
                    "title": "x",
                    "content": f"Yth. admin\n[Rujukan {reference}]\n{TEXT}",
                },
            ],
        )
        world.add(isi=f"[Rujukan {reference}]\n{TEXT}", judul=f"Tentang {reference}")
        for _ in range(3):
            await world.sync()
        judge(world, endpoint)
        assert world.states() == {"accepted": 2}
        assert len({one.tracking_id for one in world.ours().values()} & {"7000001", "7000002"}) == 0


async def test_our_line_over_another_text_is_neither_ours_for_sure_nor_proof_of_absence(
    tmp_path: Path,
) -> None:
    """It was taken, and an administrator changed the text there since: sending it again would make two of it."""
    with IndependentEndpoint(tmp_path, fate="500-after", list_bad=1.0) as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        (edited,) = world.add(isi=TEXT)
        await world.sync(patience=0.1)
        (theirs,) = endpoint.kept()
        reference = world.ours()[edited].reference
        endpoint.order(
            fate=None,
            list_bad=0.0,
            rewrite={theirs.tracking_id: f"[Rujukan {reference}]\n(disunting) {OTHER}"},
        )

        async def look_again() -> bool:
            world.add()
            await world.sync(patience=2)
            return world.entries("taken") >= 3

        await eventually_async(look_again, within=30)
        assert ("number_wrong", reference, "open") in world.findings()
        one = world.ours()[edited]
        assert (one.state, one.waiting_for) == ("ambiguous", "operator")
        assert len([post for post in endpoint.kept() if post.reference == reference]) == 1
        with world.gateway() as gateway:
            decide(gateway.book, reference, Verb.ADOPT, by="Uji", number=theirs.tracking_id)
        judge(world, endpoint)


async def test_a_complaint_that_is_there_twice_is_a_finding(tmp_path: Path) -> None:
    """Somebody else made the double: it is found and shown, not hidden."""
    with IndependentEndpoint(tmp_path, fate="500-after", list_bad=1.0) as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        world.add(isi=TEXT)
        await world.sync(patience=0.1)
        (theirs,) = endpoint.kept()
        double = {"complaint_id": 9900001, "title": "x", "content": theirs.body["content"]}
        endpoint.order(fate=None, list_bad=0.0, keep=[double])
        await world.sync()
        (one,) = world.ours().values()
        assert (one.state, one.tracking_id) == ("accepted", theirs.tracking_id)
        assert ("twice_at_national", one.reference, "open") in world.findings()
