"""How a REST application is told who asks: fixed headers, or a token that is fetched and renewed."""

from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from time import monotonic
from typing import Any, NamedTuple, Protocol

import httpx
import jmespath
import msgspec

from lapor_gateway.errors import CredentialError, OutOfReachError, SourceFaultError
from lapor_gateway.outgoing import Answer, Patience, send
from lapor_gateway.sources.json_records import not_json
from lapor_gateway.sources.settings import (
    Auth,
    BasicAuth,
    BearerAuth,
    HeaderAuth,
    LoginAuth,
    NoAuth,
    OAuth2Auth,
    secret_name,
)

Secrets = Callable[[str], str]
"""The secret's value by its name ("wilayah/token"); raises a `GatewayError` where it is not stored."""

_EARLY = timedelta(seconds=30)  # a token is renewed so long before it ends


class Credential(Protocol):
    """What a request carries to say who asks."""

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The secrets it comes from, for messages."""
        ...

    async def headers(self) -> Mapping[str, str]: ...

    async def renew(self) -> bool:
        """Fetch a new token after a refusal; False where there is nothing to fetch."""
        ...


def open_credential(auth: Auth, secrets: Secrets, http: httpx.AsyncClient, patience: Patience) -> Credential:
    """The credential that `auth` describes; secrets are looked up when first needed."""
    match auth:
        case NoAuth():
            return _Fixed((), dict)
        case BearerAuth(token=token):
            return _Fixed((token,), lambda: {"Authorization": _bearer("Bearer", resolve(token, secrets))})
        case HeaderAuth(name=name, value=value):
            return _Fixed((value,), lambda: {name: resolve(value, secrets)})
        case BasicAuth(username=username, password=password):
            return _Fixed((username, password), lambda: _basic(username, password, secrets))
        case LoginAuth():
            return _Fetched((auth.username, auth.password), lambda: _log_in(auth, secrets, http, patience))
        case OAuth2Auth():
            references = (auth.client_id, auth.client_secret)
            return _Fetched(references, lambda: _client_credentials(auth, secrets, http, patience))


def resolve(value: str, secrets: Secrets) -> str:
    """The value itself, or that of the secret it names, fit for a header or a query.

    Raises `CredentialError` for one that no request can carry.
    """
    resolved = _value(value, secrets)
    if any(not " " <= character <= "~" for character in resolved) and secret_name(value):
        raise _unfit(value)
    return resolved


def _value(value: str, secrets: Secrets) -> str:
    name = secret_name(value)
    if name is None:
        return value
    resolved = secrets(name).strip()
    if not resolved:
        raise _unfit(value)
    return resolved


def _unfit(value: str) -> CredentialError:
    return CredentialError(
        f"The secret {secret_name(value)} is empty or holds characters that no request can carry.",
        cure=f"Store it anew: lapor-gateway secrets set {secret_name(value)}",
    )


def refused(origin: str, secret_names: tuple[str, ...], *, status: int) -> CredentialError:
    """The error for a credential that the application does not take; names secrets, never their values."""
    if not secret_names:
        return CredentialError(
            f"{origin} wants a credential (HTTP {status}), and the manifest names none.",
            cure="Add `auth` to the channel in the manifest.",
        )
    names = " and ".join(secret_names)
    return CredentialError(
        f"{origin} refused the credential in {names} (HTTP {status}).",
        cure=f"Ask the application's owner for a new one, then: lapor-gateway secrets set {secret_names[-1]}",
    )


class _Fixed:
    def __init__(self, references: tuple[str, ...], headers: Callable[[], Mapping[str, str]]) -> None:
        self.secret_names = _names(references)
        self._headers = headers

    async def headers(self) -> Mapping[str, str]:
        return self._headers()

    async def renew(self) -> bool:
        return False


class _Token(NamedTuple):
    header: str
    ends: float | None  # by the monotonic clock


class _Fetched:
    def __init__(self, references: tuple[str, ...], fetch: Callable[[], Awaitable[_Token]]) -> None:
        self.secret_names = _names(references)
        self._fetch = fetch
        self._token: _Token | None = None

    async def headers(self) -> Mapping[str, str]:
        if self._token is None or (self._token.ends is not None and monotonic() >= self._token.ends):
            self._token = await self._fetch()
        return {"Authorization": self._token.header}

    async def renew(self) -> bool:
        self._token = await self._fetch()
        return True


async def _log_in(auth: LoginAuth, secrets: Secrets, http: httpx.AsyncClient, patience: Patience) -> _Token:
    form = {
        auth.username_field: _value(auth.username, secrets),
        auth.password_field: _value(auth.password, secrets),
    }
    request = http.build_request("POST", auth.url, json=form)
    # Laravel answers 422 to a wrong password.
    answered = await _ask_for_token(
        request, http, patience, (auth.username, auth.password), refusals=(400, 422)
    )
    token = jmespath.search(auth.token, answered)
    if not isinstance(token, str) or not token:
        raise SourceFaultError(
            f"{request.url.host} took the login, but there is no token at `{auth.token}` in its answer.",
            cure="Compare `auth.token` in the manifest with what the application answers.",
        )
    return _Token(_bearer(auth.scheme, token), None)


async def _client_credentials(
    auth: OAuth2Auth, secrets: Secrets, http: httpx.AsyncClient, patience: Patience
) -> _Token:
    form = {"grant_type": "client_credentials"} | ({"scope": auth.scope} if auth.scope else {})
    header = _basic(auth.client_id, auth.client_secret, secrets)  # RFC 6749, 2.3.1
    request = http.build_request("POST", auth.token_url, data=form, headers=header)
    references = (auth.client_id, auth.client_secret)
    answered = await _ask_for_token(request, http, patience, references, refusals=(400,))
    token = answered.get("access_token") if isinstance(answered, dict) else None
    if not isinstance(token, str) or not token:
        raise SourceFaultError(f"{request.url.host} answered without an access_token.")
    lifetime = answered.get("expires_in")
    ends = monotonic() + lifetime - _EARLY.total_seconds() if isinstance(lifetime, int | float) else None
    return _Token(_bearer("Bearer", token), ends)


async def _ask_for_token(
    request: httpx.Request,
    http: httpx.AsyncClient,
    patience: Patience,
    references: tuple[str, ...],
    *,
    refusals: tuple[int, ...],
) -> Any:
    answer = await send(http, request, patience=patience)
    host = request.url.netloc.decode("ascii")
    if answer.status in (401, 403, *refusals):
        raise refused(host, _names(references), status=answer.status)
    if answer.status == 429 or answer.status >= 500:
        raise OutOfReachError(
            f"{host} could not take the login (HTTP {answer.status}).", cure="It is tried again."
        )
    if not 200 <= answer.status < 300:
        raise SourceFaultError(
            f"{host} answered the login with HTTP {answer.status}.",
            cure="Check the login's address in the manifest.",
        )
    return _decoded(answer, host)


def _decoded(answer: Answer, host: str) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        content_type = answer.headers.get("content-type", "")
        raise not_json(answer.body, origin=host, content_type=content_type) from None


def _bearer(scheme: str, token: str) -> str:
    """`<scheme> <token>`; stored values sometimes begin with their scheme already."""
    bare = token[len(scheme) :].lstrip() if token.lower().startswith(f"{scheme.lower()} ") else token
    return f"{scheme} {bare}".strip()


def _basic(username: str, password: str, secrets: Secrets) -> dict[str, str]:
    pair = f"{_value(username, secrets)}:{_value(password, secrets)}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode('ascii')}"}


def _names(references: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for reference in references if (name := secret_name(reference)))
