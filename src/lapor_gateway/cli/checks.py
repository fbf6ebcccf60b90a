"""What `doctor` looks at: settings, key, database, disk, clock, manifests, secrets, accounts, connections."""

import shutil
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Final

from lapor_gateway import catalogue
from lapor_gateway.book.sending import load_account
from lapor_gateway.book.tables import ledger_entries
from lapor_gateway.catalogue import text
from lapor_gateway.cli.channels import tried
from lapor_gateway.cli.deadline_checks import deadline_checks
from lapor_gateway.cli.demo.world import awakened
from lapor_gateway.cli.grading import Check, Grade, failed, warned, well
from lapor_gateway.cli.national_check import asked
from lapor_gateway.cli.opening import Call, run_async
from lapor_gateway.cli.seal_checks import seal_checks
from lapor_gateway.cli.secret_names import needed_secrets
from lapor_gateway.clock import to_datetime
from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.errors import ExitCode, GatewayError
from lapor_gateway.jobs.gateway import Gateway, opened
from lapor_gateway.jobs.status import ChannelStatus, read_status
from lapor_gateway.settings import Settings
from lapor_gateway.settings_sections import NationalAccount
from lapor_gateway.sources.manifest import ChannelManifest

_CONNECTION_SECONDS: Final = 15.0
_LEAST_DISK: Final = 512 * 1024 * 1024
_EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


def examine(call: Call, *, offline: bool) -> Iterator[Check]:
    """Every check, as soon as it is made; where one thing fails, what stands on it is not looked at."""
    try:
        settings = call.settings
    except GatewayError as error:
        yield failed("check.settings", error)
        return
    yield well(
        "check.settings", "check.settings.ok", folder=settings.data_dir, environment=settings.environment
    )
    yield _disk(settings)
    key = _key(settings)
    yield key
    if key.grade is Grade.FAIL:
        return
    with ExitStack() as stack:
        try:
            if not offline:
                stack.enter_context(awakened(settings))
            gateway = stack.enter_context(opened(settings))
        except GatewayError as error:
            yield failed("check.book", error)
            return
        yield well("check.book", "check.book.ok")
        yield _clock(gateway)
        yield well(
            "check.manifests",
            "check.manifests.ok",
            regions=len(gateway.regions),
            channels=len(gateway.channels),
        )
        if gateway.manifest_error is not None:
            yield failed("check.manifests", gateway.manifest_error)
        yield from seal_checks(gateway)
        yield from deadline_checks(gateway)
        yield from _secrets(gateway)
        yield from _accounts(gateway, offline=offline)
        yield from _channels(gateway, offline=offline)


def _key(settings: Settings) -> Check:
    try:
        settings.master_keys()
    except GatewayError as error:
        return failed("check.key", error)
    if settings.secret_key is not None:
        return well("check.key", "check.key.environment")
    mode = settings.key_file.stat().st_mode
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warned("check.key", "check.key.open", file=settings.key_file, mode=f"{stat.S_IMODE(mode):04o}")
    return well("check.key", "check.key.ok", file=settings.key_file)


def _disk(settings: Settings) -> Check:
    try:
        free = shutil.disk_usage(settings.data_dir).free
    except OSError:
        return warned("check.disk", "check.disk.missing", folder=settings.data_dir)
    gigabytes = f"{free / 1e9:.1f} GB"
    if free < _LEAST_DISK:
        return warned("check.disk", "check.disk.low", free=gigabytes, folder=settings.data_dir)
    return well("check.disk", "check.disk.ok", free=gigabytes)


def _clock(gateway: Gateway) -> Check:
    """The machine's clock against sense, and against the newest entry of the ledger."""
    now = to_datetime(gateway.clock.now())
    with gateway.book.read() as connection:
        newest = connection.execute(
            ledger_entries.select()
            .with_only_columns(ledger_entries.c.at)
            .order_by(ledger_entries.c.id.desc())
            .limit(1)
        ).scalar()
    if not _EARLIEST < now < _LATEST:
        return warned("check.clock", "check.clock.wrong", now=f"{now:%Y-%m-%d %H:%M} UTC")
    if newest is not None and to_datetime(newest) > now:
        return warned("check.clock", "check.clock.behind", now=f"{now:%Y-%m-%d %H:%M} UTC")
    return well("check.clock", "check.clock.ok", now=f"{now:%Y-%m-%d %H:%M} UTC")


def _secrets(gateway: Gateway) -> Iterator[Check]:
    missing = 0
    needed = needed_secrets(gateway)
    for name, users in needed.items():
        try:
            gateway.secret(name)
        except GatewayError as error:
            missing += 1
            yield Check(
                text("check.secrets"),
                Grade.FAIL,
                text("check.secrets.missing", name=name, users=", ".join(users)),
                catalogue.sentence(error.cure),
                ExitCode.WRONG_USAGE,
            )
    if not missing:
        yield well("check.secrets", "check.secrets.ok", count=len(needed))


def _accounts(gateway: Gateway, *, offline: bool) -> Iterator[Check]:
    for account in sorted({channel.account for channel in gateway.channels.values()}):
        subject = f"{text('check.account')} {account}"
        settings = gateway.settings.national.get(account)
        with gateway.book.read() as connection:
            state = load_account(connection, account)
        if settings is None:
            said, cure = text("check.account.missing"), text("check.account.missing.cure", account=account)
            yield Check(subject, Grade.FAIL, said, cure, ExitCode.WRONG_USAGE)
        elif state.paused_at is not None:
            said = text("check.account.paused", why=catalogue.sentence(state.pause_reason or "-"))
            yield Check(
                subject, Grade.FAIL, said, _renewed(gateway, f"[national.{account}]", account=account)
            )
        elif not settings.is_open_to(gateway.environment):
            yield Check(
                subject, Grade.WARN, text("check.account.training"), text("check.account.training.cure")
            )
        elif settings.look_up is None:
            yield Check(
                subject, Grade.WARN, text("check.account.no_look_up"), text("check.account.no_look_up.cure")
            )
        else:
            yield Check(subject, Grade.OK, text("check.account.ok", url=settings.url))
            if not offline:
                yield _listing(gateway, account, settings)


def _renewed(gateway: Gateway, user: str, *, account: str) -> str:
    """How a refused credential of an account is put right: the secrets that it may be, by name."""
    names = [name for name, users in needed_secrets(gateway).items() if user in users]
    commands = ", ".join(f"`lapor-gateway secrets set {name}`" for name in names) or "-"
    return text("check.account.paused.cure", account=account, commands=commands)


def _listing(gateway: Gateway, account: AccountName, settings: NationalAccount) -> Check:
    """One page of the list that was granted: it changes nothing there, and shows whether the credential is taken."""
    subject = f"{text('check.listing')} {account}"
    try:
        trouble = run_async(lambda: asked(gateway, account, settings, _CONNECTION_SECONDS))
    except GatewayError as error:
        said = catalogue.sentence(error.message)
        return Check(subject, Grade.FAIL, said, catalogue.sentence(error.cure), error.exit_code)
    if trouble is None:
        return Check(subject, Grade.OK, text("check.listing.ok"))
    if trouble.pauses:
        cure = _renewed(gateway, f"[national.{account}]", account=account)
        return Check(subject, Grade.FAIL, text("check.listing.refused", why=trouble.reason), cure)
    cure, code = text("check.listing.out.cure"), ExitCode.OUT_OF_REACH
    return Check(subject, Grade.FAIL, text("check.listing.out", why=trouble.reason), cure, code)


def _channels(gateway: Gateway, *, offline: bool) -> Iterator[Check]:
    for one in read_status(gateway).channels:
        yield _mode(gateway, one)
        if not offline:
            yield _connection(gateway, gateway.channel(one.id))


def _mode(gateway: Gateway, one: ChannelStatus) -> Check:
    subject = f"{text('check.channel')} {one.id}"
    if one.paused:
        why = one.paused
        refused = [name for name, users in needed_secrets(gateway).items() if one.id in users and name in why]
        key = "check.channel.paused.cure.secret" if refused else "check.channel.paused.cure"
        cure = text(key, channel=one.id, name=refused[0] if refused else "")
        return Check(subject, Grade.FAIL, text("check.channel.paused", why=catalogue.sentence(why)), cure)
    if one.mode == "shadow":
        cure = text("check.channel.shadow.cure", channel=one.id)
        return Check(subject, Grade.WARN, text("check.channel.shadow"), cure)
    return Check(subject, Grade.OK, text("check.channel.live", by=one.approved_by or "-"))


def _connection(gateway: Gateway, channel: ChannelManifest) -> Check:
    subject = f"{text('check.connection')} {channel.id}"
    try:
        seen = run_async(lambda: tried(gateway, channel, _CONNECTION_SECONDS))
    except GatewayError as error:
        said = catalogue.sentence(error.message) + (f" ({error.detail})" if error.detail else "")
        return Check(subject, Grade.FAIL, said, catalogue.sentence(error.cure), error.exit_code)
    return Check(subject, Grade.OK, seen)
