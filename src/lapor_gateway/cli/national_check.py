"""A harmless question to LAPOR!: one page of the list that the account was granted."""

import asyncio

from lapor_gateway.domain.complaint import AccountName
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.line import Line
from lapor_gateway.national.port import NoTrust
from lapor_gateway.settings_sections import NationalAccount


async def asked(
    gateway: Gateway, account: AccountName, settings: NationalAccount, seconds: float
) -> NoTrust | None:
    """None where the page came; else why it did not. Raises `MissingSecretError`."""
    try:
        async with (
            asyncio.timeout(seconds),
            Line(account, settings, gateway.resolve, gateway.clock) as line,
        ):
            page = line.dialect.decode_list(await line.ask(line.dialect.encode_list(1)))
    except TimeoutError:
        return NoTrust(f"> {seconds:g} s")
    return page if isinstance(page, NoTrust) else None
