"""Which codec an account speaks: the only place that knows all of them. A new dialect is one file, and a line here."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, assert_never

from lapor_gateway.national.lapor_v3 import FollowUpLimits, LaporV3, LaporV3Settings, Names
from lapor_gateway.national.manual import Manual
from lapor_gateway.national.port import Dialect
from lapor_gateway.settings_sections import F01List, FollowUps, LookUp, NationalAccount

if TYPE_CHECKING:
    from lapor_gateway.national.lapor_f01 import LaporF01
    from lapor_gateway.national.lapor_stream import LaporStreamSettings


def _unresolved(_: str) -> str:
    return ""


def dialect_of(
    account: NationalAccount, secret: Callable[[str], str] = _unresolved, names: Names | None = None
) -> Dialect:
    """The codec that an account's settings name; `names` are its master lists, where it sends names as numbers.

    `secret` resolves `secret:…`; without it the codec can tell texts and read answers, and its requests carry no token.
    """
    match account.dialect:
        case "lapor-v3":
            return LaporV3(_v3_settings(account, names or {}))
        case "lapor-stream":
            from lapor_gateway.national.lapor_stream import LaporStream  # noqa: PLC0415 - XML, for the few who need it

            return LaporStream(_stream_settings(account, secret))
        case "manual":
            return Manual()
        case _:
            assert_never(account.dialect)


def _v3_settings(account: NationalAccount, names: Names) -> LaporV3Settings:
    listing = account.listing or LookUp()
    paths: dict[str, Any] = {} if account.create_path is None else {"create_path": account.create_path}
    return LaporV3Settings(
        list_path=listing.path,
        search_parameter=listing.parameter,
        page_size=listing.page_size,
        lists=account.look_up is not None,
        fields=account.fields,
        attachments_form=account.attachments_form,
        no_attachments=account.no_attachments,
        unavailable_means_not_taken=account.unavailable_means_not_taken,
        names=names,
        master_paths={str(kind): path for kind, path in account.masters.items()},
        **_follow_up_options(account.follow_ups),
        **paths,
    )


def _follow_up_options(follow_ups: FollowUps | None) -> dict[str, Any]:
    if follow_ups is None:
        return {}
    return {
        "follow_up_fields": {**follow_ups.fields, "user_id": follow_ups.user_id},
        "follow_up_limits": FollowUpLimits(follow_ups.max_files, follow_ups.max_file_bytes, follow_ups.kinds),
    }


def _stream_settings(account: NationalAccount, secret: Callable[[str], str]) -> "LaporStreamSettings":
    from lapor_gateway.national.lapor_stream import LaporStreamSettings  # noqa: PLC0415

    paths: dict[str, Any] = {} if account.create_path is None else {"create_path": account.create_path}
    return LaporStreamSettings(
        token=secret(account.token.get_secret_value()).strip(),
        unavailable_means_not_taken=account.unavailable_means_not_taken,
        lists=_f01(account.look_up, secret) if isinstance(account.look_up, F01List) else None,
        **paths,
    )


def _f01(listing: F01List, secret: Callable[[str], str]) -> "LaporF01":
    from lapor_gateway.national.lapor_f01 import LaporF01, LaporF01Settings  # noqa: PLC0415

    return LaporF01(
        LaporF01Settings(
            token=secret(listing.token.get_secret_value()).strip(),
            list_path=listing.path,
            tracking_id=listing.tracking_id,
            content=listing.content,
            rows=listing.rows,
            title=listing.title,
            status=listing.status,
            created_at=listing.created_at,
            page_parameter=listing.page_parameter,
            search_parameter=listing.search_parameter,
        )
    )
