"""The files that a source's records name: fetched by the guarded client, or read from a folder; nothing else is."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import httpx

from lapor_gateway import outgoing
from lapor_gateway.errors import CredentialError, GatewayError, OutOfReachError, SourceFaultError
from lapor_gateway.outgoing import AddressRefusedError, Patience
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.manifest_models import AttachmentsTable
from lapor_gateway.sources.rest_auth import open_credential
from lapor_gateway.sources.settings import RestSettings

_ONCE: Final = Patience(tries=1, overall=60.0)
_GONE: Final = frozenset({404, 410})


class Unobtainable(Exception):  # noqa: N818 - an outcome that the caller writes down, not a fault
    """Why a file cannot be had, in a word of ours; `passing` where a later try may succeed."""

    def __init__(self, rule: str, detail: str = "", *, passing: bool = False) -> None:
        super().__init__(rule)
        self.rule = rule
        self.detail = detail
        self.passing = passing


class AttachedFiles:
    """The files of one channel. Use as an async context manager.

    An address is fetched only from the channel's own host, that of `base`, or one of `hosts`: what a citizen typed
    into a field must not make the gateway visit whatever it names. The channel's credential goes to its own origin
    alone.
    """

    def __init__(
        self,
        channel: ChannelManifest,
        rules: AttachmentsTable,
        *,
        secrets: Callable[[str], str],
        data_dir: Path,
    ) -> None:
        self._rules = rules
        self._folder = None if rules.folder is None else (data_dir / rules.folder).resolve()
        self._http = outgoing.client("attachments")
        settings = channel.settings
        self._own = settings.url if isinstance(settings, RestSettings) else ""
        named = {_host(address) for address in (self._own, rules.base or "")}
        self._hosts = {host.lower() for host in (*named, *rules.hosts) if host}
        self._credential = (
            open_credential(settings.auth, secrets, self._http, _ONCE)
            if isinstance(settings, RestSettings)
            else None
        )

    async def read(self, address: str) -> bytes:
        """The bytes of one file. Raises `Unobtainable`."""
        if self._folder is not None:
            return await asyncio.to_thread(self._read_file, self._folder, address)
        return await self._fetch(urljoin(self._rules.base or self._own, address))

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    def _read_file(self, folder: Path, address: str) -> bytes:
        try:
            path = (folder / address.replace("\\", "/").lstrip("/")).resolve()
            if not path.is_relative_to(folder):
                raise Unobtainable("outside_the_folder")
            if not path.is_file():
                raise Unobtainable("missing")
            if path.stat().st_size > self._rules.max_bytes:
                raise Unobtainable("too_large")
            return path.read_bytes()
        except (OSError, ValueError, RuntimeError) as error:
            raise Unobtainable(
                "unreadable", type(error).__name__, passing=isinstance(error, OSError)
            ) from None

    async def _fetch(self, address: str) -> bytes:
        if urlsplit(address).scheme not in ("http", "https"):
            raise Unobtainable("address")
        if _host(address) not in self._hosts:
            raise Unobtainable(
                "host"
            )  # which one may name the citizen; the journey shows it to those who may see
        try:
            request = self._http.build_request(
                "GET", address, headers={"Accept": "*/*", **await self._headers(address)}
            )
            answer = await outgoing.send(self._http, request, limit=self._rules.max_bytes, patience=_ONCE)
        except AddressRefusedError:
            raise Unobtainable("address") from None
        except SourceFaultError:
            raise Unobtainable("too_large") from None
        except (OutOfReachError, CredentialError) as error:
            raise Unobtainable("out_of_reach", type(error).__name__, passing=True) from None
        except (GatewayError, httpx.InvalidURL, ValueError) as error:
            raise Unobtainable("address", type(error).__name__) from None
        if answer.status == 200:
            return answer.body
        passing = answer.status in (401, 403, 408, 429) or answer.status >= 500
        rule = "missing" if answer.status in _GONE else "out_of_reach" if passing else "answer"
        raise Unobtainable(rule, f"HTTP {answer.status}", passing=passing)

    async def _headers(self, address: str) -> Mapping[str, str]:
        if self._credential is None or _origin(address) != _origin(self._own):
            return {}
        return await self._credential.headers()


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
