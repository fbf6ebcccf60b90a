"""What a reconciliation mends never lets a complaint leave that LAPOR! has, and never breaks on one that is settled."""

from pathlib import Path

from tests.faults.test_reconciliation import forget, reconciled, settled_world
from tests.support.endpoint import IndependentEndpoint
from tests.support.world import judge


async def test_one_that_is_there_twice_and_differs_at_the_source_keeps_its_number(
    tmp_path: Path, database_url: str
) -> None:
    """Its second number is the lower one, and free: to take it, the mend would have to accept it once more."""
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 4, database_url=database_url)
        before = world.ours()["3"]
        (there,) = endpoint.by_reference()[before.reference]
        second = {"complaint_id": 1_000, "title": there.body["title"], "content": there.body["content"]}
        endpoint.order(keep=[second])
        world.change("3", status="selesai")
        posted = len(endpoint.posts())
        done, found, mended = await reconciled(world)
        assert done.failures == []
        assert {kind for kind, subject in found if subject == before.reference} == {
            "status_differs",
            "twice_at_national",
        }
        assert mended == {("status_differs", before.reference)}
        after = world.ours()["3"]
        assert (after.state, after.tracking_id) == ("accepted", before.tracking_id)
        assert world.query("SELECT regional_status FROM complaints WHERE source_id = '3'") == [("done",)]
        _, found, _ = await reconciled(world)
        assert found == {("twice_at_national", before.reference)}
        await world.sync()
        assert len(endpoint.posts()) == posted


async def test_one_that_comes_back_unreadable_and_is_there_already_does_not_leave_when_it_can_be_read(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 3, database_url=database_url)
        lost = world.ours()["2"]
        with world.rows() as table:
            ((text,),) = table.execute("SELECT isi FROM aduan WHERE id = 2")
        for name in ("ledger_entries", "complaints", "complaint_versions", "raw_records", "outbound"):
            forget(world, name)
        world.change("2", isi="")
        posted = len(endpoint.posts())
        await reconciled(world)
        assert world.ours()["2"].state == "quarantined"
        world.change("2", isi=text)
        for _ in range(2):
            await world.sync()
            assert len(endpoint.posts()) == posted, "it was sent a second time"
        mended = world.ours()["2"]
        assert (mended.state, mended.tracking_id) == ("accepted", lost.tracking_id)
        judge(world, endpoint)
