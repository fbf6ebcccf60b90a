"""Other people's databases are read whole, in bounded pages, and never written to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from lapor_gateway.errors import ConfigurationError, CredentialError, OutOfReachError, SourceFaultError
from lapor_gateway.sources.port import Checkpoint, Page
from lapor_gateway.sources.settings import SqlSettings
from lapor_gateway.sources.sql import SqlSource
from lapor_gateway.sources.sql_session import open_engine

WIB = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 8, 6, 3, 0, tzinfo=UTC)  # 10:00 WIB
PASSWORD = "sangat-rahasia$2y"

TABLES = """
CREATE TABLE masyarakat (nik varchar(16) PRIMARY KEY, nama varchar(35));
CREATE TABLE pengaduan (
  id_pengaduan int PRIMARY KEY, tgl_pengaduan date, nik varchar(16), isi_laporan text,
  foto varchar(255), status varchar(10), diubah {timestamp} NULL
);
INSERT INTO masyarakat VALUES ('3527010101010001', 'Siti Contoh');
INSERT INTO pengaduan VALUES
  (1, '2026-08-01', '3527010101010001', 'Jalan berlubang 100%, jam 12:30', '', '0', '2026-08-06 09:00:00'),
  (2, '2026-08-02', '3527010101010001', 'Lampu mati', '', 'Proses', '2026-08-06 09:30:00'),
  (3, '2026-08-03', NULL, 'Air keruh', '', NULL, NULL),
  (4, '2026-08-04', NULL, 'Sampah', '', 'selesai', '2026-08-06 09:30:00'),
  (5, '2026-08-05', NULL, 'Banjir', '', '0', '2026-08-06 09:30:00'),
  (6, '2026-08-05', NULL, 'Pohon tumbang', '', '0', '2026-08-05 09:30:00');
"""
QUERY = """
SELECT p.id_pengaduan, p.tgl_pengaduan, m.nama, p.isi_laporan, p.status, p.diubah
FROM pengaduan p LEFT JOIN masyarakat m ON m.nik = p.nik
WHERE p.isi_laporan NOT LIKE '%tidak:ada%' -- keep all
"""


@pytest.fixture(params=["sqlite", "mariadb", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the vocational-school schema and six complaints."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'pengaduan.db'}"
    else:
        fixture = {"mariadb": "fresh_mariadb_url", "postgresql": "empty_postgres_url"}[request.param]
        address = request.getfixturevalue(fixture)
    timestamp = {"sqlite": "text", "mariadb": "datetime", "postgresql": "timestamptz"}[request.param]
    execute(address, TABLES.format(timestamp=timestamp))
    return address


def execute(address: str, script: str) -> None:
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TIME ZONE 'Asia/Jakarta'")
        for statement in script.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(
                    statement.replace("%", "%%") if "sqlite" not in address else statement
                )
    engine.dispose()


class Opened:
    """Opens sources as the registry does, and closes them after the test."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.engines: list[sa.Engine] = []

    def __call__(self, url: str, **settings: Any) -> SqlSource:
        table = {} if "table" in settings else {"query": QUERY}
        described = SqlSettings.model_validate(
            {"url": "secret:sampang/url", "key": "id_pengaduan", **table, **settings}
        )
        secrets = {"sampang/url": url, "sampang/password": PASSWORD}
        engine = open_engine(
            described, secrets=secrets.__getitem__, zone=WIB, data_dir=self.data_dir, now=NOW
        )
        self.engines.append(engine)
        return SqlSource(described, engine, zone=WIB)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    opening = Opened(tmp_path)
    yield opening
    for engine in opening.engines:
        engine.dispose()


async def read(source: SqlSource, checkpoint: Checkpoint | None = None, *, full: bool = False) -> list[Page]:
    return [page async for page in source.pages(checkpoint or Checkpoint(), full=full)]


def ids(pages: list[Page]) -> list[int]:
    return [record.value["id_pengaduan"] for page in pages for record in page.records]


@pytest.mark.parametrize("page_size", [1, 2, 3, 5, 6, 100])
async def test_every_row_is_read_once_whatever_the_page_size(
    url: str, opened: Opened, page_size: int
) -> None:
    pages = await read(opened(url, page_size=page_size))
    assert ids(pages) == [1, 2, 3, 4, 5, 6]
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].complete_listing
    assert pages[0].total == 6
    assert all(len(page.records) <= page_size for page in pages)


async def test_a_record_is_the_row_as_json_in_the_order_of_the_query(url: str, opened: Opened) -> None:
    record = (await read(opened(url)))[0].records[0]
    assert list(record.value) == ["id_pengaduan", "tgl_pengaduan", "nama", "isi_laporan", "status", "diubah"]
    assert json.loads(record.raw) == record.value
    assert record.value["tgl_pengaduan"] == "2026-08-01"
    assert record.value["nama"] == "Siti Contoh"
    assert record.value["isi_laporan"] == "Jalan berlubang 100%, jam 12:30"
    assert str(record.value["diubah"]).replace("T", " ").startswith("2026-08-06 09:00:00")


async def test_the_same_row_gives_the_same_bytes(url: str, opened: Opened) -> None:
    one, other = [await read(opened(url, page_size=size)) for size in (2, 100)]
    assert [r.raw for p in one for r in p.records] == [r.raw for p in other for r in p.records]


async def test_a_table_is_read_without_a_query(url: str, opened: Opened) -> None:
    assert ids(await read(opened(url, table="pengaduan"))) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("page_size", [1, 2, 100])
async def test_equal_times_are_neither_lost_nor_doubled_and_undated_rows_always_come(
    url: str, opened: Opened, page_size: int
) -> None:
    source = opened(url, page_size=page_size, changed={"column": "diubah"})
    watermark = datetime(2026, 8, 6, 9, 30, tzinfo=WIB)  # inclusive: rows 2, 4 and 5 have just this time
    pages = await read(source, Checkpoint(watermark=watermark))
    assert ids(pages) == [3, 2, 4, 5]
    assert not pages[-1].complete_listing


async def test_a_full_pass_ignores_the_watermark(url: str, opened: Opened) -> None:
    source = opened(url, changed={"column": "diubah"})
    pages = await read(source, Checkpoint(watermark=datetime(2026, 8, 6, 9, 30, tzinfo=WIB)), full=True)
    assert ids(pages) == [1, 2, 3, 4, 5, 6]
    assert pages[-1].complete_listing


@pytest.mark.parametrize("watermark", [None, datetime(2026, 8, 6, 9, 0, tzinfo=WIB)])
async def test_a_pass_goes_on_from_any_of_its_cursors(
    url: str, opened: Opened, watermark: datetime | None
) -> None:
    source = opened(url, page_size=1, changed={"column": "diubah"})
    pages = await read(source, Checkpoint(watermark=watermark))
    for number, page in enumerate(pages[:-1]):
        cursor = json.loads(json.dumps(page.cursor))
        rest = await read(source, Checkpoint(cursor=cursor, watermark=watermark))
        assert ids(pages[: number + 1]) + ids(rest) == ids(pages)


async def test_a_cursor_of_another_question_is_not_followed(url: str, opened: Opened) -> None:
    cursor = (await read(opened(url, page_size=1)))[2].cursor
    changed = opened(url, query="SELECT id_pengaduan, isi_laporan FROM pengaduan")
    assert ids(await read(changed, Checkpoint(cursor=cursor))) == [1, 2, 3, 4, 5, 6]


async def test_rows_that_come_and_go_between_pages_shift_no_other(url: str, opened: Opened) -> None:
    seen = []
    async for page in opened(url, page_size=1).pages(Checkpoint()):
        seen += ids([page])
        if seen == [1]:  # the page behind is fetched already; what follows it is not
            execute(url, "DELETE FROM pengaduan WHERE id_pengaduan IN (1, 4)")
    assert set(seen) >= {1, 2, 3, 5, 6}
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    "statement", ["DELETE FROM pengaduan", "UPDATE pengaduan SET status = '0'", "CREATE TABLE baru (a int)"]
)
async def test_the_session_cannot_write(url: str, opened: Opened, statement: str) -> None:
    engine = opened(url)._engine
    with pytest.raises(sa.exc.DBAPIError, match=r"(?i)read.?only"), engine.begin() as connection:
        connection.exec_driver_sql(statement)


async def test_check_tells_the_columns(url: str, opened: Opened) -> None:
    told = await opened(url, changed={"column": "diubah"}).check()
    assert "id_pengaduan, tgl_pengaduan, nama" in told


async def test_an_unknown_column_is_a_fault_of_the_source(url: str, opened: Opened) -> None:
    with pytest.raises(SourceFaultError, match="does not take the query"):
        await read(opened(url, query="SELECT id_pengaduan, tidak_ada FROM pengaduan"))


async def test_a_key_that_the_query_does_not_give_is_a_fault(url: str, opened: Opened) -> None:
    with pytest.raises(SourceFaultError, match="nomor"):
        await read(opened(url, key="nomor"))


async def test_rows_without_a_key_are_refused_not_lost(url: str, opened: Opened) -> None:
    with pytest.raises(SourceFaultError, match="4 of 6 rows have no nama"):
        await read(opened(url, key="nama"))


@pytest.mark.parametrize("page_size", [2, 3, 100])
async def test_a_key_that_is_not_unique_is_refused_even_at_a_page_edge(
    url: str, opened: Opened, page_size: int
) -> None:
    query = "SELECT tgl_pengaduan, isi_laporan FROM pengaduan"
    with pytest.raises(SourceFaultError, match="have the same tgl_pengaduan"):
        await read(opened(url, key="tgl_pengaduan", query=query, page_size=page_size))


async def test_text_keys_are_ordered_as_the_database_orders_them(url: str, opened: Opened) -> None:
    execute(url, "CREATE TABLE surat (nomor varchar(20) PRIMARY KEY)")
    numbers = ["a-1", "B-2", "b-10", "_c", "Z", "10", "9", "É"]
    execute(url, "INSERT INTO surat VALUES " + ", ".join(f"('{number}')" for number in numbers))
    pages = await read(opened(url, table="surat", key="nomor", page_size=2))
    assert sorted(record.value["nomor"] for page in pages for record in page.records) == sorted(numbers)


async def test_two_columns_of_one_name_never_hide_each_other(url: str, opened: Opened) -> None:
    query = "SELECT p.id_pengaduan, p.nik, m.nik FROM pengaduan p LEFT JOIN masyarakat m ON m.nik = p.nik"
    source = opened(url, query=query)
    if make_url(url).get_backend_name() == "sqlite":  # which gives the second one another name by itself
        assert len((await read(source))[0].records[0].value) == 3
        return
    with pytest.raises(SourceFaultError, match="nik"):
        await read(source)


@pytest.mark.parametrize("fixture", ["fresh_mariadb_url", "empty_postgres_url"])
async def test_a_refused_login_names_the_secret_and_never_its_value(
    request: pytest.FixtureRequest, opened: Opened, fixture: str
) -> None:
    right = make_url(request.getfixturevalue(fixture)).set(username="pembaca_salah")
    source = opened(
        right.set(password=None).render_as_string(), password="secret:sampang/password", table="x"
    )
    with pytest.raises(CredentialError, match="sampang/password") as caught:
        await read(source)
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "mysql://reader@127.0.0.1:1/pengaduan",
        "postgresql://reader@127.0.0.1:1/pengaduan",
        "sqlite:///none.db",
    ],
)
async def test_a_database_that_is_not_there_is_out_of_reach(opened: Opened, address: str) -> None:
    with pytest.raises(OutOfReachError, match="could not be reached"):
        await read(opened(address))


@pytest.mark.parametrize("address", ["pengaduan", "oracle://x", "sqlite://"])
def test_an_address_that_is_none_is_not_repeated_in_the_message(opened: Opened, address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"the secret sampang/url|`url`") as caught:
        opened(f"{address}")
    assert "oracle" not in str(caught.value)


async def test_mysql_oddities_stay_visible(fresh_mariadb_url: str, opened: Opened) -> None:
    execute(
        fresh_mariadb_url,
        "SET SESSION sql_mode = '';\n"
        "CREATE TABLE aneh (id int PRIMARY KEY, tgl date, waktu datetime, jam time, rahasia bit(1), "
        "isi blob, nilai decimal(8,2));\n"
        "INSERT INTO aneh VALUES (1, '0000-00-00', '0000-00-00 00:00:00', '12:30:00', b'1', X'FF00', 12.50)",
    )
    [page] = await read(opened(fresh_mariadb_url, table="aneh", key="id"))
    assert page.records[0].raw == (
        b'{"id":1,"tgl":"0000-00-00","waktu":"0000-00-00 00:00:00","jam":"12:30:00","rahasia":1,'
        b'"isi":{"base64":"/wA="},"nilai":"12.50"}'
    )


async def test_postgres_oddities_become_json(empty_postgres_url: str, opened: Opened) -> None:
    execute(
        empty_postgres_url,
        "CREATE TABLE aneh (id uuid PRIMARY KEY, isi jsonb, nilai numeric, tidak float8, tanda text[]);\n"
        "INSERT INTO aneh VALUES "
        "('6a0e4d2e-7f6b-4c8e-9d0a-1b2c3d4e5f60', '{\"a\": 1}', 12.50, 'NaN', '{x,y}'), "
        "('7a0e4d2e-7f6b-4c8e-9d0a-1b2c3d4e5f60', NULL, NULL, NULL, NULL)",
    )
    pages = await read(opened(empty_postgres_url, table="aneh", key="id", page_size=1))
    assert [record.value["id"][:2] for page in pages for record in page.records] == ["6a", "7a"]
    assert pages[0].records[0].value | {"id": ""} == {
        "id": "", "isi": {"a": 1}, "nilai": "12.50", "tidak": "nan", "tanda": ["x", "y"]
    }  # fmt: skip


async def test_text_that_is_no_utf8_stops_no_other_row(tmp_path: Path, opened: Opened) -> None:
    address = f"sqlite:///{tmp_path / 'lama.db'}"
    execute(
        address,
        "CREATE TABLE lama (id int, isi text);\n"
        "INSERT INTO lama VALUES (1, 'cafn'), (2, CAST(X'636166E9' AS text))",
    )
    [page] = await read(opened(address, table="lama", key="id"))
    assert [record.value["isi"] for record in page.records] == ["cafn", "café"]


@pytest.mark.parametrize(
    ("form", "values"),
    [
        ("text", ["'2026-08-06 09:29:59'", "'2026-08-06 09:30:00'"]),
        ("text", ["'2026-08-06T02:29:59Z'", "'2026-08-06T02:30:00Z'"]),
        ("text", ["'2026-08-05'", "'2026-08-06'"]),  # a day without a time: the whole day again
        ("int", ["1785983399", "1785983400"]),
    ],
)
async def test_a_watermark_takes_the_form_of_the_column(
    tmp_path: Path, opened: Opened, form: str, values: list[str]
) -> None:
    address = f"sqlite:///{tmp_path / 'bentuk.db'}"
    rows = ", ".join(f"({number}, {value})" for number, value in enumerate(values))
    execute(address, f"CREATE TABLE t (id int, diubah {form});\nINSERT INTO t VALUES {rows}")
    source = opened(address, table="t", key="id", changed={"column": "diubah"})
    watermark = datetime(2026, 8, 6, 9, 30, tzinfo=WIB) + timedelta(milliseconds=400)
    pages = await read(source, Checkpoint(watermark=watermark))
    assert [record.value["id"] for page in pages for record in page.records] == [1]


async def test_a_column_without_times_is_refused(tmp_path: Path, opened: Opened) -> None:
    address = f"sqlite:///{tmp_path / 'bentuk.db'}"
    execute(address, "CREATE TABLE t (id int, diubah text);\nINSERT INTO t VALUES (1, 'kemarin')")
    source = opened(address, table="t", key="id", changed={"column": "diubah"})
    with pytest.raises(SourceFaultError, match="holds no times that can be compared"):
        await read(source, Checkpoint(watermark=NOW))
