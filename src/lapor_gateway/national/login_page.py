"""Telling a login page from an answer: what an expired session shows in place of the API, often with status 200."""

import re
from typing import Final

from lapor_gateway.national.port import Response

_LOOKED_AT: Final = 65_536
_PASSWORD: Final = re.compile(rb"<input[^>]{0,200}type\s*=\s*[\"']?password", re.IGNORECASE)
_TO_LOGIN: Final = re.compile(r"/(login|masuk|signin|sign-in|sso|auth)\b", re.IGNORECASE)


def is_login_page(response: Response) -> bool:
    """Whether it asks a person to log in: a form with a password, or a redirect to where one is."""
    if 300 <= response.status < 400:
        return _TO_LOGIN.search(response.headers.get("location", "")) is not None
    start = response.body[:_LOOKED_AT].lstrip()
    return 200 <= response.status < 300 and start[:1] == b"<" and _PASSWORD.search(start) is not None
