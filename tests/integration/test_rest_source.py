"""A REST application is read over real HTTP: every credential, every paging, every way it can answer wrongly."""

import gzip
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import respx

from lapor_gateway import outgoing
from lapor_gateway.errors import CredentialError, GatewayError, OutOfReachError, SourceFaultError
from lapor_gateway.outgoing import AddressRefusedError, Patience
from lapor_gateway.sources.port import Checkpoint, Page
from lapor_gateway.sources.rest import RestSource
from lapor_gateway.sources.settings import RestSettings
from tests.support.http_application import Answered, Application, Asked
from tests.support.waiting import eventually_async

WIB = ZoneInfo("Asia/Jakarta")
WATERMARK = datetime(2026, 8, 6, 2, 30, 15, 999_000, tzinfo=UTC)
SECRETS = {
    "tuban/username": "petugas@tuban.example",
    "tuban/password": "$2y$10$rahasia",
    "tuban/token": "tok-123",
}
AT_ONCE = Patience(first_pause=0.0, longest_pause=0.01)

Start = Callable[[Callable[[Asked], Answered]], Application]
Open = Callable[..., RestSource]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts an application that answers as the test says; closed after the test."""
    started: list[Application] = []

    def starting(answer: Callable[[Asked], Answered]) -> Application:
        started.append(Application(answer))
        return started[-1]

    yield starting
    for application in started:
        application.close()


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens sources as the registry does, without pauses between tries; closed after the test."""
    sources: list[RestSource] = []

    def opening(application: Application | str, path: str = "/api/complaints", **settings: Any) -> RestSource:
        base = application if isinstance(application, str) else application.url
        described = RestSettings.model_validate({"url": f"{base}{path}", "records": "data", **settings})
        sources.append(
            RestSource(
                described,
                zone=WIB,
                secrets=SECRETS.__getitem__,
                http=outgoing.client("tests"),
                owns_client=True,
                patience=AT_ONCE,
            )
        )
        return sources[-1]

    yield opening
    for source in sources:
        await source.close()


async def read(source: RestSource, checkpoint: Checkpoint | None = None, *, full: bool = False) -> list[Page]:
    return [page async for page in source.pages(checkpoint or Checkpoint(), full=full)]


async def read_into(pages: list[Page], source: RestSource) -> None:
    """Reads as far as it goes; what came before a fault is in `pages`."""
    async for page in source.pages(Checkpoint()):
        pages.append(page)  # noqa: PERF401 - a comprehension would lose them


def ids(pages: list[Page]) -> list[int]:
    return [record.value["id"] for page in pages for record in page.records]


def complaints(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": number, "title": f"Laporan {number}"} for number in numbers]


ROWS = complaints(*range(1, 8))


def laravel(asked: Asked, size: int = 3) -> Answered:
    """Seven complaints as Laravel's paginator shows them; its next links lose every other parameter."""
    number = int(asked.query.get("page", "1"))
    last = -(-len(ROWS) // size)
    links = {
        "next": f"http://{asked.headers['host']}{asked.path}?page={number + 1}" if number < last else None
    }
    page = ROWS[(number - 1) * size : number * size]
    return Answered({"data": page, "links": links, "meta": {"last_page": last, "total": len(ROWS)}})


def by_offset(asked: Asked) -> Answered:
    offset, limit = int(asked.query["offset"]), int(asked.query["limit"])
    return Answered({"data": ROWS[offset : offset + min(limit, 3)]})  # the server caps what it gives


def by_cursor(asked: Asked) -> Answered:
    after = int(asked.query.get("after", "0"))
    page = [row for row in ROWS if row["id"] > after][:3]
    return Answered({"data": page, "next": page[-1]["id"] if len(page) == 3 else None})


def by_link(asked: Asked) -> Answered:
    number = int(asked.query.get("p", "1"))
    links = {"link": f'<{asked.path}?p={number + 1}>; rel="next", </x>; rel="first"'} if number < 3 else {}
    return Answered({"data": ROWS[(number - 1) * 3 : number * 3]}, headers=links)


@pytest.mark.parametrize(
    ("answer", "paging"),
    [
        (lambda _: Answered({"data": ROWS}), {"kind": "none"}),
        (laravel, {"kind": "page"}),
        (laravel, {"kind": "page", "last_page": "meta.last_page"}),
        (laravel, {"kind": "next-url", "next": "links.next"}),
        (by_offset, {"kind": "offset", "limit": 100}),
        (by_cursor, {"kind": "cursor", "parameter": "after", "next": "next"}),
        (by_link, {"kind": "link"}),
    ],
    ids=["none", "page", "page-told", "next-url", "offset", "cursor", "link"],
)
async def test_every_kind_of_paging_shows_all_once(
    start: Start, opened: Open, answer: Callable[[Asked], Answered], paging: dict[str, Any]
) -> None:
    pages = await read(opened(start(answer), paging=paging))
    assert ids(pages) == [1, 2, 3, 4, 5, 6, 7]
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert all((page.cursor is None) == page.last for page in pages)
    assert pages[-1].complete_listing


async def test_a_record_is_kept_byte_for_byte(start: Start, opened: Open) -> None:
    body = '\ufeff{"meta": 1, "data": [ {"id": 1.50,  "text": "a\\u0000b 🙏"}, {"id":2} ]}'.encode()
    [page] = await read(opened(start(lambda _: Answered(body))))
    assert [record.raw for record in page.records] == [
        '{"id": 1.50,  "text": "a\\u0000b 🙏"}'.encode(),
        b'{"id":2}',
    ]
    assert page.records[0].value["text"] == "a\0b 🙏"


async def test_records_may_lie_deeper_or_be_chosen(start: Start, opened: Open) -> None:
    body = {"success": True, "data": {"items": ROWS, "_meta": {}}}
    application = start(lambda _: Answered(body))
    assert ids(await read(opened(application, records="data.items"))) == [1, 2, 3, 4, 5, 6, 7]
    assert ids(await read(opened(application, records="data.items[?id > `5`]"))) == [6, 7]
    listing = start(lambda _: Answered(ROWS))
    assert ids(await read(opened(listing, records="@"))) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("form", "expected"),
    [("iso", "2026-08-06T02:30:15Z"), ("local", "2026-08-06 09:30:15"), ("epoch", "1785983415")],
)
async def test_changes_are_asked_for_since_the_watermark_on_every_page(
    start: Start, opened: Open, form: str, expected: str
) -> None:
    application = start(laravel)
    changed = {"parameter": "updated_since", "field": "updated_at", "format": form}
    source = opened(
        application,
        changed=changed,
        params={"unit": 7, "all": True},
        paging={"kind": "next-url", "next": "links.next"},
    )
    pages = await read(source, Checkpoint(watermark=WATERMARK))
    assert {asked.query["updated_since"] for asked in application.asked} == {expected}
    assert {(asked.query["unit"], asked.query["all"]) for asked in application.asked} == {("7", "true")}
    assert not pages[-1].complete_listing


async def test_a_full_pass_and_a_first_one_ask_for_everything(start: Start, opened: Open) -> None:
    application = start(lambda _: Answered({"data": ROWS}))
    source = opened(application, changed={"parameter": "updated_since"})
    for pages in (await read(source), await read(source, Checkpoint(watermark=WATERMARK), full=True)):
        assert pages[-1].complete_listing
    assert all("updated_since" not in asked.query for asked in application.asked)


async def test_nothing_new_is_one_request(start: Start, opened: Open) -> None:
    application = start(lambda _: Answered({"data": [], "links": {"next": None}}))
    source = opened(
        application, changed={"parameter": "since"}, paging={"kind": "next-url", "next": "links.next"}
    )
    [page] = await read(source, Checkpoint(watermark=WATERMARK))
    assert page.last
    assert len(application.asked) == 1


async def test_a_pass_goes_on_from_any_of_its_cursors(start: Start, opened: Open) -> None:
    application = start(laravel)
    paging = {"kind": "next-url", "next": "links.next"}
    pages = await read(opened(application, paging=paging))
    for number, page in enumerate(pages[:-1]):
        cursor = json.loads(json.dumps(page.cursor))
        rest = await read(opened(application, paging=paging), Checkpoint(cursor=cursor))
        assert set(ids(pages[: number + 1]) + ids(rest)) == {1, 2, 3, 4, 5, 6, 7}
        assert rest[-1].last


async def test_a_cursor_that_the_application_forgot_begins_the_pass_anew(start: Start, opened: Open) -> None:
    paging = {"kind": "cursor", "parameter": "after", "next": "next"}
    cursor = (await read(opened(start(by_cursor), paging=paging)))[0].cursor
    forgetful = start(
        lambda asked: (
            Answered(status=410)
            if asked.query.get("after") == "3" and not seen(forgetful)
            else by_cursor(asked)
        )
    )
    source = opened(forgetful, paging=paging)
    stored = cursor | {"of": source._asking(None)}
    assert ids(await read(source, Checkpoint(cursor=stored))) == [1, 2, 3, 4, 5, 6, 7]


def seen(application: Application) -> bool:
    return any("after" not in asked.query for asked in application.asked)


async def test_a_cursor_of_another_manifest_is_not_followed(start: Start, opened: Open) -> None:
    application = start(laravel)
    cursor = (await read(opened(application, paging={"kind": "page"})))[0].cursor
    pages = await read(
        opened(application, paging={"kind": "page"}, params={"unit": 1}), Checkpoint(cursor=cursor)
    )
    assert ids(pages) == [1, 2, 3, 4, 5, 6, 7]


async def test_a_row_deleted_while_paging_costs_no_other(start: Start, opened: Open) -> None:
    rows = complaints(*range(1, 8))

    def answer(asked: Asked) -> Answered:
        if len(application.asked) == 2:
            del rows[0]
        number = int(asked.query["page"])
        return Answered({"data": rows[(number - 1) * 3 : number * 3]})

    application = start(answer)
    pages = await read(opened(application, paging={"kind": "page"}))
    assert set(ids(pages)) == {1, 2, 3, 4, 5, 6, 7}
    assert pages[-1].complete_listing


async def test_signatures_that_change_with_every_answer_are_no_movement(start: Start, opened: Open) -> None:
    def answer(asked: Asked) -> Answered:
        number = int(asked.query["page"])
        page = [
            row | {"photo_url": f"x?sig={len(application.asked)}"}
            for row in ROWS[(number - 1) * 3 : number * 3]
        ]
        return Answered({"data": page})

    application = start(answer)
    pages = await read(opened(application, paging={"kind": "page"}, ignore=["photo_url"]))
    assert pages[-1].complete_listing
    assert len(application.asked) <= 9  # two readings of four pages, and one page ahead at most


async def is_true(fact: bool) -> bool:
    return fact


async def test_the_next_page_is_fetched_while_the_current_one_is_handled(start: Start, opened: Open) -> None:
    application = start(laravel)
    pages = opened(application, paging={"kind": "page"}).pages(Checkpoint())
    await anext(pages)
    await eventually_async(lambda: is_true(len(application.asked) == 2))
    await pages.aclose()


async def test_a_repeating_page_is_found_out(start: Start, opened: Open) -> None:
    source = opened(start(lambda _: Answered({"data": ROWS})), paging={"kind": "page"})
    with pytest.raises(SourceFaultError, match="same page again"):
        await read(source)


async def test_a_listing_without_end_is_found_out(start: Start, opened: Open) -> None:
    source = opened(
        start(lambda asked: Answered({"data": complaints(int(asked.query["page"]))})),
        paging={"kind": "page"},
        max_pages=20,
    )
    with pytest.raises(SourceFaultError, match="did not end within 20 pages"):
        await read(source)


async def test_a_listing_shorter_than_its_own_total_is_found_out(start: Start, opened: Open) -> None:
    body = {"data": ROWS, "meta": {"total": 900}}
    with pytest.raises(SourceFaultError, match="counts 900"):
        await read(opened(start(lambda _: Answered(body))))
    assert len(await read(opened(start(lambda _: Answered(body)), total=""))) == 1


def the_third(wrong: Answered) -> Callable[[Asked], Answered]:
    """Two good pages, then what is wrong."""
    return lambda asked: wrong if asked.query.get("page") == "3" else laravel(asked)


GZIP = {"content-encoding": "gzip"}
HTML_TYPE = {"content-type": "text/html; charset=utf-8"}
HTML = b"<!doctype html><html><head><title>Sedang  perbaikan</title></head><body>NIK 3523010101010001</body></html>"


@pytest.mark.parametrize(
    ("wrong", "kind", "sentence"),
    [
        (Answered(HTML, headers=HTML_TYPE), SourceFaultError, "“Sedang perbaikan” (text/html)"),
        (Answered(b'{"data": [{"nik": "3523010101010001"'), SourceFaultError, "JSON that is cut short or broken"),
        (Answered(b""), SourceFaultError, "an empty body"),
        (Answered({"message": "Unauthenticated."}), SourceFaultError, "nothing at `data`"),
        (Answered({"data": {"id": 1}}), SourceFaultError, "an object instead of a list at `data`"),
        (Answered({"data": None}), SourceFaultError, "nothing at `data`"),
        (Answered(b'{"data": ' + b"[" * 100_000), SourceFaultError, "cut short or broken"),
        (Answered(status=404), SourceFaultError, "HTTP 404"),
        (Answered(status=302, headers={"location": "/x?t=abc"}), SourceFaultError, "redirects are not followed"),
        (Answered(b"no gzip at all", headers=GZIP), SourceFaultError, "compression is broken"),
        (Answered(gzip.compress(bytes(68_000_000), 1), headers=GZIP), SourceFaultError, "more than 67,108,864 bytes"),
        (Answered(status=500), OutOfReachError, "HTTP 500"),
        (Answered(status=429, headers={"retry-after": "3600"}), OutOfReachError, "HTTP 429"),
        (Answered({"data": ROWS}, cut=20), OutOfReachError, "could not be reached"),
        (Answered(status=401), CredentialError, "tuban/token"),
        (Answered(status=403), CredentialError, "tuban/token"),
    ],
)  # fmt: skip
async def test_a_wrong_answer_ends_the_pass_at_its_last_good_page_with_one_sentence(
    start: Start, opened: Open, wrong: Answered, kind: type[GatewayError], sentence: str
) -> None:
    source = opened(
        start(the_third(wrong)),
        paging={"kind": "page"},
        auth={"kind": "bearer", "token": "secret:tuban/token"},
    )
    good: list[Page] = []
    with pytest.raises(kind) as caught:
        await read_into(good, source)
    assert ids(good) == [1, 2, 3, 4, 5, 6]
    told = str(caught.value)
    assert sentence in told
    assert "3523010101010001" not in told
    assert "abc" not in told
    assert not any(secret in told for secret in SECRETS.values())


async def test_an_echoed_credential_is_not_quoted(start: Start, opened: Open) -> None:
    source = opened(
        start(lambda asked: Answered(b"<p>Anda: " + asked.headers["authorization"].encode() + b"</p>")),
        auth={"kind": "bearer", "token": "secret:tuban/token"},
    )
    with pytest.raises(SourceFaultError, match="Anda: …"):
        await read(source)


@pytest.mark.parametrize(
    "wrong",
    [Answered(status=500), Answered(status=429, headers={"retry-after": "0"}), Answered(b"{}", cut=1)],
)
async def test_a_passing_trouble_is_tried_again(start: Start, opened: Open, wrong: Answered) -> None:
    application = start(lambda _: wrong if len(application.asked) < 3 else Answered({"data": ROWS}))
    assert ids(await read(opened(application))) == [1, 2, 3, 4, 5, 6, 7]
    assert len(application.asked) == 3


async def test_a_wait_longer_than_we_have_patience_for_is_not_cut_short(start: Start, opened: Open) -> None:
    application = start(lambda _: Answered(status=429, headers={"retry-after": "3600"}))
    with pytest.raises(OutOfReachError):
        await read(opened(application))
    assert len(application.asked) == 1


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "none"}, "authorization", None),
        ({"kind": "bearer", "token": "secret:tuban/token"}, "authorization", "Bearer tok-123"),
        ({"kind": "header", "name": "X-Api-Key", "value": "secret:tuban/token"}, "x-api-key", "tok-123"),
        (
            {"kind": "basic", "username": "secret:tuban/username", "password": "secret:tuban/password"},
            "authorization",
            "Basic cGV0dWdhc0B0dWJhbi5leGFtcGxlOiQyeSQxMCRyYWhhc2lh",
        ),
    ],
)
async def test_a_fixed_credential_goes_with_every_request(
    start: Start, opened: Open, auth: dict[str, str], header: str, value: str | None
) -> None:
    application = start(laravel)
    await read(opened(application, auth=auth, paging={"kind": "page"}, headers={"X-Unit": "7"}))
    assert {asked.headers.get(header) for asked in application.asked} == {value}
    assert {asked.headers["x-unit"] for asked in application.asked} == {"7"}
    assert all(asked.headers["user-agent"].startswith("lapor-gateway/") for asked in application.asked)


LOGIN = {"username": "secret:tuban/username", "password": "secret:tuban/password", "token": "data.token"}


def with_login(asked: Asked, tokens: list[str]) -> Answered:
    """A login that gives the next token each time; only the newest one is good for pages."""
    if asked.path == "/login":
        form = json.loads(asked.body)
        if form != {"email": SECRETS["tuban/username"], "password": SECRETS["tuban/password"]}:
            return Answered({"message": "salah"}, status=422)
        tokens.append(f"sesi-{len(tokens) + 1}")
        return Answered({"data": {"token": tokens[-1]}})
    if not tokens or asked.headers.get("authorization") != f"Bearer {tokens[-1]}":
        return Answered({"message": "Unauthenticated."}, status=401)
    return laravel(asked)


async def test_a_login_comes_first_and_its_token_goes_with_every_page(start: Start, opened: Open) -> None:
    tokens: list[str] = []
    application = start(lambda asked: with_login(asked, tokens))
    auth = {"kind": "login", "url": f"{application.url}/login", **LOGIN}
    assert ids(await read(opened(application, auth=auth, paging={"kind": "page"}))) == [1, 2, 3, 4, 5, 6, 7]
    assert tokens == ["sesi-1"]


async def test_a_token_that_ends_in_the_middle_is_renewed_once(start: Start, opened: Open) -> None:
    tokens: list[str] = []

    def answer(asked: Asked) -> Answered:
        if asked.query.get("page") == "2" and len(tokens) == 1:
            return Answered(status=401)
        return with_login(asked, tokens)

    application = start(answer)
    auth = {"kind": "login", "url": f"{application.url}/login", **LOGIN}
    assert ids(await read(opened(application, auth=auth, paging={"kind": "page"}))) == [1, 2, 3, 4, 5, 6, 7]
    assert tokens == ["sesi-1", "sesi-2"]


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (Answered({"message": "salah"}, status=422), CredentialError, "tuban/username and tuban/password"),
        (Answered({"message": "salah"}, status=401), CredentialError, "secrets set tuban/password"),
        (Answered({"data": {}}), SourceFaultError, "no token at `data.token`"),
        (Answered(b"<html>"), SourceFaultError, "where JSON was due"),
        (Answered(status=404), SourceFaultError, "the login's address"),
        (Answered(status=503), OutOfReachError, "could not take the login"),
    ],
)
async def test_a_login_that_fails_is_told_in_one_sentence(
    start: Start, opened: Open, answer: Answered, kind: type[GatewayError], sentence: str
) -> None:
    application = start(lambda asked: answer if asked.path == "/login" else laravel(asked))
    auth = {"kind": "login", "url": f"{application.url}/login", **LOGIN}
    with pytest.raises(kind, match=sentence) as caught:
        await read(opened(application, auth=auth))
    assert not any(secret in str(caught.value) for secret in SECRETS.values())


async def test_a_page_refused_again_after_a_new_login_is_a_credential_error(
    start: Start, opened: Open
) -> None:
    tokens: list[str] = []
    application = start(
        lambda asked: with_login(asked, tokens) if asked.path == "/login" else Answered(status=403)
    )
    auth = {"kind": "login", "url": f"{application.url}/login", **LOGIN}
    with pytest.raises(CredentialError, match="tuban/password"):
        await read(opened(application, auth=auth))
    assert len(tokens) == 2


async def test_oauth2_client_credentials_are_fetched_and_renewed_before_they_end(
    start: Start, opened: Open
) -> None:
    granted: list[str] = []

    def answer(asked: Asked) -> Answered:
        if asked.path == "/token":
            assert b64decode(asked.headers["authorization"].split()[1]).decode() == "kota:tok-123"
            assert asked.body == b"grant_type=client_credentials&scope=baca"
            granted.append(f"oauth-{len(granted)}")
            return Answered({"access_token": granted[-1], "expires_in": 1, "token_type": "Bearer"})
        assert asked.headers["authorization"] == f"Bearer {granted[-1]}"
        return Answered({"data": ROWS})

    application = start(answer)
    auth = {
        "kind": "oauth2",
        "token_url": f"{application.url}/token",
        "client_id": "kota",
        "client_secret": "secret:tuban/token",
        "scope": "baca",
    }
    source = opened(application, auth=auth)
    await read(source)
    await read(source)
    assert granted == ["oauth-0", "oauth-1"]  # a lifetime shorter than our margin is never trusted twice


async def test_a_secret_that_no_header_can_carry_is_named_and_not_shown(start: Start, opened: Open) -> None:
    SECRETS["tuban/rusak"] = "tok\r\nX-Evil: 1"
    source = opened(start(laravel), auth={"kind": "bearer", "token": "secret:tuban/rusak"})
    with pytest.raises(CredentialError, match="tuban/rusak") as caught:
        await read(source)
    assert "Evil" not in str(caught.value)
    del SECRETS["tuban/rusak"]


async def test_check_says_what_was_seen(start: Start, opened: Open) -> None:
    application = start(laravel)
    told = await opened(application, paging={"kind": "page"}).check()
    assert "3 of 7 records" in told
    assert len(application.asked) == 1


async def test_an_application_that_is_down_is_out_of_reach(opened: Open) -> None:
    with pytest.raises(OutOfReachError, match=r"127\.0\.0\.1:1 could not be reached"):
        await read(opened("http://127.0.0.1:1"))


async def test_a_name_that_nobody_has_is_out_of_reach(opened: Open) -> None:
    with pytest.raises(OutOfReachError, match="could not be resolved"):
        await read(opened("http://aplikasi.tidak-ada.invalid"))


@pytest.mark.parametrize(
    "address",
    ["http://169.254.169.254", "http://[fe80::1]", "http://0.0.0.0", "http://[::ffff:169.254.169.254]"],
)
async def test_the_machines_own_metadata_is_never_asked(opened: Open, address: str) -> None:
    with pytest.raises(AddressRefusedError, match="never connects to"):
        await read(opened(address))


async def test_private_addresses_can_be_forbidden(start: Start) -> None:
    async with outgoing.client("tests", allow_private=False) as http:
        request = http.build_request("GET", start(laravel).url)
        with pytest.raises(AddressRefusedError):
            await outgoing.send(http, request, patience=AT_ONCE)


async def test_a_pass_left_in_the_middle_leaves_nothing_behind(start: Start, opened: Open) -> None:
    source = opened(start(laravel), paging={"kind": "page"})
    pages = source.pages(Checkpoint())
    await anext(pages)
    await source.close()
    assert source._ahead._work is None
    await pages.aclose()


@respx.mock(using="httpcore")
async def test_a_time_out_is_out_of_reach(opened: Open, respx_mock: respx.MockRouter) -> None:
    respx_mock.get("https://aplikasi.example/api/complaints").mock(side_effect=httpx.ReadTimeout)
    with pytest.raises(OutOfReachError, match="no answer in time"):
        await read(opened("https://aplikasi.example"))
