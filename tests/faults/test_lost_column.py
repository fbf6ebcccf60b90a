"""A column that a region's database no longer gives stops its channel; it is no edit of every complaint."""

from pathlib import Path

from lapor_gateway.errors import SourceFaultError
from tests.support.world import World


async def test_a_renamed_column_stops_the_channel_and_changes_no_complaint(tmp_path: Path) -> None:
    world = World(tmp_path / "data", "http://127.0.0.1:9", live=False)
    world.add(3)
    await world.sync(patience=0)
    before = world.query("SELECT source_id, last_version, body FROM complaints ORDER BY id")
    assert len(before) == 3
    with world.rows() as table:
        table.execute("ALTER TABLE aduan RENAME COLUMN isi TO uraian")
    (failure,) = [one for one in (await world.sync(patience=0)).failures if isinstance(one, SourceFaultError)]
    assert "isi" in failure.message
    assert world.query("SELECT source_id, last_version, body FROM complaints ORDER BY id") == before
