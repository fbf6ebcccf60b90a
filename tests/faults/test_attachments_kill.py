"""kill -9 between any two steps of a file: the complaint is sent once, with its file, and nothing is left behind."""

from pathlib import Path

import pytest

from tests.support.files import photograph
from tests.support.gaps import some_now_and_all_in_soak
from tests.support.national import NationalSimulator
from tests.support.world import World

KILLED = -9
SETTLE = "lapor_gateway.jobs.attaching:settle_file"
GAPS = {
    "cleaned, not yet in the store": "lapor_gateway.blobs:BlobFolder.keep:before:1",
    "in the store, its row not written": "lapor_gateway.blobs:BlobFolder.keep:after:1",
    "uploaded, its id not written": f"{SETTLE}:before:2",
}
MORE_GAPS = {
    "fetched, nothing written": f"{SETTLE}:before:1",
    "kept, not yet uploaded": f"{SETTLE}:after:1",
    "uploaded and written, the complaint not yet sent": f"{SETTLE}:after:2",
}


@pytest.mark.parametrize("gap", some_now_and_all_in_soak(GAPS, MORE_GAPS))
async def test_a_process_killed_with_a_file_half_way_sends_the_complaint_once_and_with_it(
    tmp_path: Path, gap: str
) -> None:
    with NationalSimulator(tmp_path / "national", plain=True) as national:
        world = World(tmp_path / "data", national.url, manifest='attachments = { folder = "foto" }')
        path = world.root / "connectors" / "uji" / "connector.toml"
        path.write_text(
            path.read_text().replace('source_id = "id"', 'source_id = "id"\nattachments = "foto"')
        )
        with world.rows() as table:
            table.execute("ALTER TABLE aduan ADD COLUMN foto TEXT")
        (world.root / "foto").mkdir()
        (world.root / "foto" / "1.jpg").write_bytes(photograph())
        world.add(foto="1.jpg", anonim=0)
        code, _ = world.run_child("--kill", gap)
        assert code == KILLED, "the gap was never reached"
        world.query("UPDATE complaints SET next_attempt_at = 0")  # else it is looked at again after a minute
        await world.sync(patience=10)
        assert world.states() == {"accepted": 1}
        (sent,) = national.complaints()
        ((identifier,),) = world.query("SELECT national_id FROM attachments")
        assert sent["body"]["attachments"] == f"[{identifier}]"
        assert world.entries("attached") == 1
        assert [file.name for file in world.settings.attachments_dir.glob("*/*")] == ["1"]
